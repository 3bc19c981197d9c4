"""One task on many shares of work, in as many processes as the machine has for it."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Share = TypeVar("Share")
Result = TypeVar("Result")

_task: Callable[[Any], Any]  # of a child, set when it starts


def spread(task: Callable[[Share], Result], shares: Sequence[Share], processes: int | None) -> list[Result]:
    """What the task makes of each share, in their order.

    The arrays of a share are small and numpy's calls on them short, so that threads wait for each other: copies of the
    process (forks, which inherit the task) do not. They are made on Linux, and only where no other thread could be
    in the middle of something; elsewhere the shares are done one after the other.

    Parameters
    ----------
    task : callable
        Returns what can be pickled.
    processes : int, optional
        How many share the work; as many as this process may use if not given.
    """
    count = min(processes or available(), len(shares))
    if count < 2 or sys.platform != "linux" or threading.active_count() > 1:
        return [task(share) for share in shares]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with warnings.catch_warnings():
        # Python counts the threads of OpenBLAS too, which ends them itself before a fork.
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        with ProcessPoolExecutor(count, get_context("fork"), _keep, (task,)) as pool:
            return list(pool.map(_do, shares, chunksize=-(-len(shares) // (4 * count))))


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _keep(task: Callable[[Any], Any]) -> None:
    global _task
    _task = task


def _do(share: Any) -> Any:
    return _task(share)
