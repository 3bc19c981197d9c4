"""Rows of data as what the estimators need of each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.data.patterns import Patterns
from confianza.sem.numerics.matrices import Array
from confianza.sem.warnings import warn


@dataclass(frozen=True)
class GroupSample:
    """One group: its rows (None when only moments were given) and its moments.

    `covariance` is divided by n or by n - 1 as the estimator asks; `rows` says which rows of the data these are.
    """

    label: str
    n: int
    data: Array | None
    mean: Array
    covariance: Array
    rows: NDArray[np.intp] | None = None
    patterns: Patterns | None = None
    n_total: int = 0  # rows before incomplete ones were left out; 0: moments were given


def group_sample(
    label: str,
    data: Array,
    *,
    names: Sequence[str],
    rows: NDArray[np.intp],
    exogenous: Sequence[int],
    missing: str,
    divisor: int,
    standardized: Sequence[int] = (),
    must_invert: bool = False,
) -> GroupSample:
    """The moments of one group; `divisor` is 0 to divide by n, 1 by n - 1; some variables first `standardized`.

    `missing`: `listwise` leaves incomplete rows out; `fiml` keeps them unless an exogenous variable is missing,
    `fiml.x` in any case. Rows with nothing but exogenous variables stay, as in lavaan: they count among the rows and in
    the moments of these variables, and add nothing to the likelihood of the others.
    """
    seen = ~np.isnan(data)
    for index in np.flatnonzero(~seen.any(axis=0)).tolist() if seen.any() else ():
        raise ModelError("sem-all-missing", name=names[index], group=label or "1")
    keep = np.asarray(seen.all(axis=1) if missing == "listwise" else seen.any(axis=1), dtype=bool)
    if missing != "listwise" and exogenous:
        has_outcome = np.asarray(np.delete(seen, list(exogenous), axis=1).any(axis=1), dtype=bool)
        lacks_covariate = np.zeros(len(data), dtype=bool)
        if missing == "fiml":
            lacks_covariate = keep & ~np.asarray(seen[:, list(exogenous)].all(axis=1), dtype=bool)
            keep &= ~lacks_covariate
        _warn_of_rows("sem-rows-lack-covariates", lacks_covariate, label, names, exogenous)
        _warn_of_rows("sem-rows-covariates-only", keep & ~has_outcome, label, names, exogenous)
    n_total = len(data)
    if not keep.all():
        data, rows, seen = data[keep], rows[keep], seen[keep]
    n = len(data)
    if n < 2:
        raise ModelError("sem-too-few-rows", group=label or "1", count=n)
    is_whole = bool(seen.all())
    data = in_units(data, standardized)
    mean = data.mean(axis=0) if is_whole else np.nanmean(data, axis=0)
    centered = data - mean
    products = centered.T @ centered if is_whole else np.diag(np.nansum(centered**2, axis=0))
    spread = np.diag(products)
    for index in np.flatnonzero(
        ~(spread > 1e-12 * np.maximum(1e-300, spread + seen.sum(axis=0) * mean**2))
    ).tolist():
        raise ModelError("sem-no-variance", name=names[index], group=label or "1")
    if not is_whole:
        by_pattern = Patterns.of(data)
        _warn_of_pairs(by_pattern, label, names)
        return GroupSample(label, n, data, mean, products / n, rows, by_pattern, n_total)
    covariance = products / (n - divisor)
    patterns = Patterns.of(data) if missing != "listwise" else None
    check_covariance(covariance, names=names, group=label, n=n, must_invert=must_invert)
    return GroupSample(label, n, data, mean, covariance, rows, patterns, n_total)


def _warn_of_rows(
    code: str, rows: NDArray[np.bool_], group: str, names: Sequence[str], exogenous: Sequence[int]
) -> None:
    if count := int(rows.sum()):
        listed = ", ".join(names[index] for index in exogenous)
        warn(code, count=count, rows=len(rows), group=group or "1", names=listed)


def _warn_of_pairs(patterns: Patterns, group: str, names: Sequence[str]) -> None:
    first, second = np.nonzero(np.triu(patterns.unseen, 1))
    if len(first):
        listed = [f"{names[i]}–{names[j]}" for i, j in zip(first.tolist(), second.tolist(), strict=True)]
        warn("sem-never-together", pairs=", ".join(listed), group=group or "1")


def in_units(data: Array, places: Sequence[int]) -> Array:
    """The rows with the variables at `places` in their own standard deviations from their own means (by n - 1)."""
    if not places:
        return data
    data, places = data.copy(), list(places)
    part = data[:, places]
    spread = np.nanstd(part, axis=0, ddof=1)
    data[:, places] = (part - np.nanmean(part, axis=0)) / np.where(spread > 0, spread, 1.0)
    return data


def check_given_covariance(covariance: Array, *, names: Sequence[str], group: str) -> None:
    """Refuse a matrix that is no covariance matrix: not finite, not symmetric, or with negative variances."""
    code = ""
    if not np.isfinite(covariance).all():
        code = "sem-covariance-not-finite"
    elif not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-12):
        code = "sem-covariance-not-symmetric"
    elif (np.diag(covariance) <= 0).any() or np.linalg.eigvalsh(covariance)[0] < -1e-8 * np.trace(covariance):
        code = "sem-covariance-not-positive"
    if code:
        raise ModelError(code, group=group or "1", names=", ".join(names))


def check_covariance(
    covariance: Array, *, names: Sequence[str], group: str, n: int, must_invert: bool = False
) -> None:
    """Warn of collinear variables, and name them; refuse them where the estimator inverts their covariance."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] > 1e-10:
        return
    involved = [names[index] for index in np.flatnonzero(np.abs(vectors[:, 0]) > 0.1).tolist()]
    if must_invert and n <= len(names):
        raise ModelError("sem-rows-for-variables", group=group or "1", count=n, variables=len(names))
    if must_invert:
        raise ModelError("sem-collinear", names=", ".join(involved), group=group or "1", count=n)
    warn("sem-collinear", names=", ".join(involved), group=group or "1", count=n)
