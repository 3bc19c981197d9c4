"""Cases of ordered and continuous variables, ready to be counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.numerics.matrices import Array

Integers = NDArray[np.int64]

BLOCK = 4096  # rows whose casewise scores stand in memory at once


@dataclass(frozen=True)
class OrdinalSample:
    """Cases ready to be counted: one row a case, or a pattern of answers with its number of cases."""

    numbers: Array  # (n, p) continuous values; 0 where missing and for ordered variables
    codes: NDArray[np.int16]  # (n, p) categories; 0 where missing and for continuous variables
    present: NDArray[np.bool_]  # (n, p)
    exogenous: Array  # (n, k)
    weights: Array  # (n,) cases
    cases: int
    categories: Integers
    names: tuple[str, ...]
    exogenous_names: tuple[str, ...]
    group: str

    @property
    def ordered(self) -> NDArray[np.bool_]:
        """Which variables are ordered (p,)."""
        return self.categories > 0

    def blocks(self) -> Iterator[slice]:
        """The rows, a block at a time."""
        return (slice(begin, begin + BLOCK) for begin in range(0, len(self.codes), BLOCK))


def ordinal_sample(
    data: Array,
    categories: Sequence[int],
    exogenous: Array | None,
    missing: str,
    names: Sequence[str],
    exogenous_names: Sequence[str],
    group: str,
) -> OrdinalSample:
    """The cases that are used, as codes and numbers; ModelError `not-a-category` for a value that is none."""
    data = np.asarray(data, dtype=float)
    x = np.empty((len(data), 0)) if exogenous is None else np.asarray(exogenous, dtype=float)
    counts = np.asarray(categories, dtype=np.int64)
    names = tuple(names) or tuple(str(j + 1) for j in range(data.shape[1]))
    exogenous_names = tuple(exogenous_names) or tuple(f"x{j + 1}" for j in range(x.shape[1]))
    present = ~np.isnan(data)
    is_used = (present.all(axis=1) if missing == "listwise" else present.any(axis=1)) & ~np.isnan(x).any(
        axis=1
    )
    if not is_used.all():
        data, present, x = data[is_used], present[is_used], x[is_used]
    ordered = counts > 0
    codes = np.zeros(data.shape, dtype=np.int16)
    for j in np.flatnonzero(ordered):
        column = data[present[:, j], j]
        whole = (column == np.floor(column)) & (column >= 1) & (column <= counts[j])
        if not whole.all():
            wrong = float(column[~whole][0])
            raise ModelError("not-a-category", variable=names[j], value=f"{wrong:g}", count=int(counts[j]))
        answers = column.astype(np.int16)
        codes[present[:, j], j] = answers
        filled = np.bincount(answers, minlength=counts[j] + 1)[1:]
        if (filled > 0).sum() < 2:
            raise ModelError("one-category", variable=names[j], group=group or "1")
        if not filled.all():
            empty = ", ".join(str(k + 1) for k in np.flatnonzero(filled == 0))
            raise ModelError("empty-category", variable=names[j], group=group or "1", categories=empty)
    weights = np.ones(len(codes))
    cases = len(codes)
    if ordered.all() and not x.shape[1] and np.prod(counts + 1.0) < cases:
        # Fewer possible patterns than cases: count each once.
        key = codes.astype(np.int64) @ np.cumprod(np.append(1, counts[:-1] + 1))
        _, first, times = np.unique(key, return_index=True, return_counts=True)
        codes, present, x, data, weights = (
            codes[first],
            present[first],
            x[first],
            data[first],
            times.astype(float),
        )
    numbers = np.broadcast_to(0.0, codes.shape) if ordered.all() else np.where(present & ~ordered, data, 0.0)
    return OrdinalSample(numbers, codes, present, x, weights, cases, counts, names, exogenous_names, group)
