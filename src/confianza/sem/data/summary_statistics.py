"""Covariances, means and counts in place of rows, matched to the variables of a model by name.

A covariance matrix has its names from a dataframe (columns, and the index or a column of texts for its rows), from a
mapping of columns, or from a mapping of rows, of which one triangle is enough. Means have theirs from a pandas series,
a mapping, or a dataframe of one row. Arrays have no names: theirs are the option `sample_names`. Nothing is matched by
place alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from confianza.errors import ModelError
from confianza.sem.data.columns import Columns, group_text
from confianza.sem.numerics.matrices import Array
from confianza.sem.options import Options

Names = tuple[str, ...]


def labels_of_moments(options: Options) -> tuple[str, ...]:
    """The labels of the groups whose moments the options hold; one empty label for a single group."""
    matrices, counts = options.sample_cov, options.sample_nobs
    if isinstance(matrices, Mapping) and (isinstance(counts, Mapping) or _has_matrices(matrices)):
        return tuple(options.group_label) or tuple(map(group_text, matrices))
    if isinstance(matrices, list | tuple) and matrices and not _is_line(matrices[0]):
        named = tuple(map(group_text, counts)) if isinstance(counts, Mapping) else ()
        return tuple(options.group_label) or named or tuple(str(index + 1) for index in range(len(matrices)))
    return ("",)


def _has_matrices(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping holds matrices, not the columns or rows of one."""
    first: Any = next(iter(value.values()), None)
    if isinstance(first, Mapping):
        return any(isinstance(one, Mapping) or np.ndim(one) == 1 for one in first.values())
    return hasattr(first, "columns") or np.ndim(first) == 2


def _is_line(value: Any) -> bool:
    return not isinstance(value, Mapping) and not hasattr(value, "columns") and np.ndim(value) == 1


def by_group(option: str, value: Any, labels: Sequence[str]) -> list[Any]:
    """One part of an option for each group: of a mapping by label, of a list in the order of the groups."""
    if tuple(labels) == ("",):
        return [value]
    if value is None:
        return [None] * len(labels)
    if _has_index(value):  # of pandas: a row or a number for each group
        value = {label: value.loc[label] for label in value.index}
    if isinstance(value, Mapping):
        parts = {group_text(label): part for label, part in value.items()}
        if set(parts) == set(labels):
            return [parts[label] for label in labels]
        count = len(parts)
    elif isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        if len(value) == len(labels):
            return list(value)
        count = len(value)
    else:
        count = 1
    raise ModelError("sem-moments-groups", option=option, count=count, groups=", ".join(labels))


def covariance_and_means(
    covariance: Any, means: Any, *, observed: Sequence[str], names: Sequence[str], group: str
) -> tuple[Array, Array]:
    """The covariance matrix (p, p) and the means (p,) of the observed variables, in the order of these.

    Parameters
    ----------
    covariance, means : whatever holds them with names; or arrays, whose names are `names`
        Without `means` they are zero.

    Raises
    ------
    ModelError
        There are no names, or a name twice; the two have not the same names, or not all observed variables.
    """
    known, matrix = _named_matrix(covariance, names, group)
    places = _places(known, observed)
    if means is None:
        return matrix[np.ix_(places, places)], np.zeros(len(places))
    named = _named_means(means, names, group)
    named = {name: value for name, value in named.items() if name in known or np.isfinite(value)}
    if set(named) != set(known):
        raise _other_names("sample_cov", known, "sample_mean", tuple(named), group)
    center = np.array([named[name] for name in observed])
    if not np.isfinite(center).all():
        raise ModelError("sem-means-not-finite", group=group or "1", names=", ".join(observed))
    return matrix[np.ix_(places, places)], center


def row_count(value: Any, group: str) -> int:
    """The number of rows of a group, which is one whole number."""
    numbers = _numbers(value).ravel()
    if len(numbers) != 1:
        raise ModelError("sem-moments-groups", option="sample_nobs", count=len(numbers), groups=group or "1")
    if not float(numbers[0]).is_integer():
        raise ModelError("sem-moments-not-numbers", detail=f"sample_nobs = {value!r}")
    return int(numbers[0])


def _places(known: Sequence[str], observed: Sequence[str]) -> list[int]:
    if absent := [name for name in observed if name not in known]:
        raise ModelError("sem-unknown-variable", name=", ".join(absent), known=", ".join(known))
    return [known.index(name) for name in observed]


def _other_names(first: str, names: Names, second: str, others: Names, group: str) -> ModelError:
    return ModelError(
        "sem-moments-names",
        first=first,
        second=second,
        only_first=", ".join(name for name in names if name not in others) or "–",
        only_second=", ".join(name for name in others if name not in names) or "–",
        group=group or "1",
    )


def _once(names: Sequence[Any], option: str, group: str) -> Names:
    texts = tuple(map(str, names))
    for name, count in Counter(texts).items():
        if count > 1:
            raise ModelError("sem-moments-twice", option=option, name=name, count=count, group=group or "1")
    return texts


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value  # a narwhals frame or series


def _labels(index: Any) -> list[Any] | None:
    """The labels of a pandas index or of columns; None for the numbers that stand there when nobody gave names."""
    labels = list(index)
    return None if labels == list(range(len(labels))) else labels


def _named_matrix(value: Any, names: Sequence[str], group: str) -> tuple[Names, Array]:
    """A covariance matrix with the names of its rows and columns."""
    value = _native(value)
    if isinstance(value, Mapping) and any(isinstance(part, Mapping) for part in value.values()):
        for name, part in value.items():
            if not isinstance(part, Mapping):
                raise ModelError("sem-moments-not-numbers", detail=f"{name}: {part!r}")
        known = tuple(dict.fromkeys(map(str, [*value, *(name for part in value.values() for name in part)])))
        return known, _from_triangle(value, known)
    columns, rows, matrix = _read(value) if _has_columns(value) else (None, None, _numbers(value))
    if columns is None and not names:
        raise ModelError("sem-covariance-unnamed", group=group or "1")
    known = _once(names if columns is None else columns, "sample_cov", group)
    if matrix.shape != (len(known), len(known)):
        raise ModelError("sem-covariance-shape", shape=str(matrix.shape), names=", ".join(known))
    if rows is not None:
        of_rows = _once(rows, "sample_cov", group)
        if set(of_rows) != set(known):
            raise _other_names("columns", known, "rows", of_rows, group)
        matrix = matrix[[of_rows.index(name) for name in known]]
    return known, matrix


def _has_columns(value: Any) -> bool:
    return isinstance(value, Mapping) or hasattr(value, "columns")


def _has_index(value: Any) -> bool:
    return hasattr(value, "index") and not isinstance(value, list | tuple)  # whose `index` is a method


def _numbers(value: Any) -> Array:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ModelError("sem-moments-not-numbers", detail=str(error)) from None


def _read(table: Any) -> tuple[list[Any] | None, list[Any] | None, Array]:
    """Names of columns and of rows, where there are any, and the numbers of a table.

    Rows have theirs in an index, or in the one column of texts.
    """
    columns = Columns(table)
    names = list(columns.names)
    first: Any = next(iter(table.values()), None) if isinstance(table, Mapping) else table
    rows = _labels(first.index) if _has_index(first) else None
    texts = [name for name in names if columns.raw(name).dtype.kind not in "fiub"]
    if rows is None and len(texts) == 1 and len(columns.raw(texts[0])) == len(names) - 1:
        rows = columns.raw(texts[0]).tolist()
        names.remove(texts[0])
    matrix = np.column_stack([columns.numbers(name) for name in names]) if names else np.empty((0, 0))
    return (names if isinstance(table, Mapping) or _labels(table.columns) else None), rows, matrix


def _from_triangle(value: Mapping[Any, Mapping[Any, float]], names: Names) -> Array:
    entries = {
        (str(row), str(column)): number for row, part in value.items() for column, number in part.items()
    }
    return _numbers(
        [
            [entries.get((row, column), entries.get((column, row), np.nan)) for column in names]
            for row in names
        ]
    )


def _named_means(value: Any, names: Sequence[str], group: str) -> dict[str, float]:
    """Means by name."""
    value = _native(value)
    known: Sequence[Any] | None = None
    numbers: Any = value
    if isinstance(value, Mapping):
        known, numbers = list(value), [value[name] for name in value]
    elif hasattr(value, "columns"):
        columns, rows, numbers = _read(value)
        known = rows if rows is not None and numbers.shape[1] == 1 else columns
    elif _has_index(value):
        known = _labels(value.index)
    if known is None and not names:
        raise ModelError("sem-means-unnamed", group=group or "1")
    of_numbers = _once(names if known is None else known, "sample_mean", group)
    flat = _numbers(numbers).ravel()
    if len(flat) != len(of_numbers):
        raise ModelError("sem-means-length", count=len(flat), names=", ".join(of_numbers))
    return dict(zip(of_numbers, flat.tolist(), strict=True))
