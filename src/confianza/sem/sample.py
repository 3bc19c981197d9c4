"""Data of any dataframe library, as what the estimators need of each group."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.full_information import Patterns
from confianza.sem.problems import SemWarning
from confianza.sem.structure import Array


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
    given: int = 0  # rows before incomplete ones were left out; 0: moments were given


class Columns:
    """The columns of a table by name, numbers as floats; a category is the place of its value in order."""

    def __init__(self, data: Any) -> None:
        self._read, self.names = _reader(data)

    def raw(self, name: str) -> NDArray[Any]:
        """A column as it stands."""
        if name not in self.names:
            raise ModelError("sem-unknown-variable", name=name, known=", ".join(self.names))
        return self._read(name)

    def numbers(self, name: str) -> Array:
        """A column as floats, NaN where missing."""
        column = self.raw(name)
        if column.dtype.kind in "fiub":
            return _finite(column.astype(float), name)
        if column.dtype.kind == "c":
            raise ModelError("sem-not-numeric", name=name, value=_first_text(column))
        try:
            numbers = np.array([np.nan if _is_missing(value) else float(value) for value in column])
        except (TypeError, ValueError):
            raise ModelError("sem-not-numeric", name=name, value=_first_text(column)) from None
        return _finite(numbers, name)

    def categories(self, name: str) -> tuple[Array, tuple[Any, ...]]:
        """A column as 1, 2, ... in the order of its values, NaN where missing, and those values."""
        column = self.raw(name)
        if column.dtype.kind in "fiub":
            numbers = _finite(column.astype(float), name)
            missing = np.isnan(numbers)
            values, codes = np.unique(numbers[~missing], return_inverse=True)
        else:
            missing = np.array([_is_missing(value) for value in column])
            values, codes = np.unique(column[~missing], return_inverse=True)
        out = np.full(len(column), np.nan)
        out[~missing] = codes.ravel() + 1.0
        return out, tuple(values.tolist())


def _finite(numbers: Array, name: str) -> Array:
    """The numbers, none of which is infinite."""
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        raise ModelError("sem-infinite", name=name, row=int(infinite[0]) + 1, count=len(infinite))
    return numbers


def _is_missing(value: object) -> bool:
    return value is None or value != value


def _first_text(column: NDArray[Any]) -> str:
    found = next((str(value) for value in column if isinstance(value, str)), None)
    return repr(column.tolist()[0]) if found is None else repr(found)


def _reader(data: Any) -> tuple[Callable[[str], NDArray[Any]], tuple[str, ...]]:
    """How to read a column, and the names of all."""
    if isinstance(data, Columns):
        return data._read, data.names
    if isinstance(data, Mapping):
        columns = {str(name): np.asarray(values) for name, values in data.items()}
    elif isinstance(data, np.ndarray) and data.dtype.names:
        columns = {name: data[name] for name in data.dtype.names}
    elif isinstance(data, Sequence) and data and isinstance(data[0], Mapping):
        columns = {str(name): np.array([row.get(name) for row in data]) for name in data[0]}
    elif hasattr(data, "iloc") or hasattr(data, "get_column"):  # pandas and polars, without a detour
        names = tuple(map(str, data.columns))
        for name, count in Counter(names).items():
            if count > 1:
                raise ModelError("sem-column-twice", name=name, count=count)
        return lambda name: _as_numpy(data[name]), names
    elif hasattr(data, "__dataframe__") or (hasattr(data, "columns") and not hasattr(data, "collect")):
        import narwhals.stable.v1 as nw

        frame = nw.from_native(data, eager_or_interchange_only=True)
        return lambda name: np.asarray(frame[name].to_numpy()), tuple(map(str, frame.columns))
    else:
        raise ModelError("sem-data-kind", kind=type(data).__name__)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ModelError("sem-data-lengths", lengths=", ".join(map(str, sorted(lengths))))
    return columns.__getitem__, tuple(columns)


def _as_numpy(column: Any) -> NDArray[Any]:
    categories = getattr(getattr(column, "cat", None), "categories", None)
    if categories is not None:  # a pandas category keeps its order
        codes = np.asarray(column.cat.codes, dtype=float)
        if column.cat.ordered or not all(isinstance(value, str) for value in categories):
            return np.where(codes < 0, np.nan, codes + 1)
    return np.asarray(column.to_numpy())


def groups_of(column: NDArray[Any], wanted: Sequence[str] = ()) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Labels of the groups in order of first appearance (or as wanted), and the group of each row (-1: none)."""
    if column.dtype.kind in "fiubUS":
        unique, places, of_row = np.unique(column, return_index=True, return_inverse=True)
        values, first, of_row = unique.tolist(), places.tolist(), of_row.ravel()
    else:
        codes: dict[Any, int] = {}
        of_row = np.array([codes.setdefault(value, len(codes)) for value in column], dtype=np.intp)
        values, first = list(codes), list(range(len(codes)))
    texts = ["" if _is_missing(value) else _label(value) for value in values]
    in_order = [texts[place] for place in sorted(range(len(texts)), key=first.__getitem__)]
    labels = tuple(wanted) or tuple(dict.fromkeys(text for text in in_order if text))
    if not labels:
        raise ModelError("sem-no-groups")
    place = {label: index for index, label in enumerate(labels)}
    group_of = np.array([place.get(text, -1) for text in texts], dtype=np.intp)
    return labels, group_of[of_row]


def _label(value: Any) -> str:
    return (
        str(int(value))
        if isinstance(value, float | np.floating) and float(value).is_integer()
        else str(value)
    )


def group_sample(
    label: str,
    data: Array,
    *,
    names: Sequence[str],
    rows: NDArray[np.intp],
    exogenous: Sequence[int],
    missing: str,
    divisor: int,
    standardised: Sequence[int] = (),
    must_invert: bool = False,
) -> GroupSample:
    """The moments of one group; `divisor` is 0 to divide by n, 1 by n - 1; some variables first `standardised`.

    `missing`: `listwise` leaves incomplete rows out; `fiml` keeps them unless an exogenous variable is missing,
    `fiml.x` in any case.
    """
    seen = ~np.isnan(data)
    for place in np.flatnonzero(~seen.any(axis=0)).tolist() if seen.any() else ():
        raise ModelError("sem-all-missing", name=names[place], group=label or "1")
    keep = seen.all(axis=1) if missing == "listwise" else seen.any(axis=1)
    if missing == "fiml" and exogenous:
        keep &= seen[:, list(exogenous)].all(axis=1)
        endogenous = [place for place in range(data.shape[1]) if place not in set(exogenous)]
        keep &= seen[:, endogenous].any(axis=1)
    given = len(data)
    if not keep.all():
        data, rows, seen = data[keep], rows[keep], seen[keep]
    n = len(data)
    if n < 2:
        raise ModelError("sem-too-few-rows", group=label or "1", count=n)
    is_whole = bool(seen.all())
    data = in_units(data, standardised)
    mean = data.mean(axis=0) if is_whole else np.nanmean(data, axis=0)
    centred = data - mean
    products = centred.T @ centred if is_whole else np.diag(np.nansum(centred**2, axis=0))
    spread = np.diag(products)
    for place in np.flatnonzero(
        ~(spread > 1e-12 * np.maximum(1e-300, spread + seen.sum(axis=0) * mean**2))
    ).tolist():
        raise ModelError("sem-no-variance", name=names[place], group=label or "1")
    if not is_whole:
        return GroupSample(label, n, data, mean, products / n, rows, Patterns.of(data), given)
    covariance = products / (n - divisor)
    patterns = Patterns.of(data) if missing != "listwise" else None
    check_covariance(covariance, names=names, group=label, n=n, must_invert=must_invert)
    return GroupSample(label, n, data, mean, covariance, rows, patterns, given)


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
    involved = [names[place] for place in np.flatnonzero(np.abs(vectors[:, 0]) > 0.1).tolist()]
    if must_invert and n <= len(names):
        raise ModelError("sem-rows-for-variables", group=group or "1", count=n, variables=len(names))
    if must_invert:
        raise ModelError("sem-collinear", names=", ".join(involved), group=group or "1", count=n)
    warnings.warn(
        SemWarning("sem-collinear", names=", ".join(involved), group=group or "1", count=n), stacklevel=4
    )


def named_matrix(given: Any, names: Sequence[str]) -> Array:
    """A covariance matrix in the order of `names`: an array in that order, a dataframe, or rows by name."""
    if isinstance(given, Mapping):
        first = next(iter(given.values()))
        if isinstance(first, Mapping):
            return np.array([[_entry(given, row, column) for column in names] for row in names])
    if isinstance(given, Mapping) or hasattr(given, "columns"):
        columns = Columns(given)
        order = [columns.names.index(name) if name in columns.names else -1 for name in names]
        if -1 in order:
            missing = names[order.index(-1)]
            raise ModelError("sem-unknown-variable", name=missing, known=", ".join(columns.names))
        return np.column_stack([columns.numbers(name)[order] for name in names])
    matrix = np.asarray(given, dtype=float)
    if matrix.shape != (len(names), len(names)):
        raise ModelError("sem-covariance-shape", shape=str(matrix.shape), names=", ".join(names))
    return matrix


def _entry(given: Mapping[str, Mapping[str, float]], row: str, column: str) -> float:
    for first, second in ((row, column), (column, row)):
        if first in given and second in given[first]:
            return float(given[first][second])
    raise ModelError("sem-unknown-variable", name=row, known=", ".join(given))


def named_vector(given: Any, names: Sequence[str]) -> Array:
    """Means in the order of `names`: an array in that order, or values by name."""
    if isinstance(given, Mapping):
        if absent := [name for name in names if name not in given]:
            raise ModelError("sem-unknown-variable", name=absent[0], known=", ".join(map(str, given)))
        return np.array([float(given[name]) for name in names])
    means = np.asarray(given, dtype=float).ravel()
    if len(means) != len(names):
        raise ModelError("sem-means-length", count=len(means), names=", ".join(names))
    return means
