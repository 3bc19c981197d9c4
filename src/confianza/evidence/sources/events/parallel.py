"""Counts by pair on several processes or machines, with Dask (the extra `parallel`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from confianza.errors import RuleRefusal
from confianza.evidence.sources.events.pair_table import Over, Part, Partial


def on_dask(scheduler: Any = "processes", **options: Any) -> Over:
    """What `pairs(…, over=…)` calls its function with for each slice of the files; the result is the same.

    Parameters
    ----------
    scheduler : str or distributed.Client
        `processes` or `threads` of this machine, or a client of a cluster whose machines read the same paths.
    **options
        More that `dask.compute` takes, such as `num_workers`.

    Raises
    ------
    RuleRefusal
        `events-dask-missing`: the extra is not installed.
    """
    try:
        import dask
    except ImportError as error:
        raise RuleRefusal("events-dask-missing") from error

    def over(function: Callable[[Part], Partial], parts: Sequence[Part]) -> Sequence[Partial]:
        tasks = [dask.delayed(function, pure=False)(part) for part in parts]
        found: Sequence[Partial] = dask.compute(*tasks, scheduler=scheduler, **options)
        return found

    return over
