"""Tables of any dataframe library as columns of values by name; a category is its value, never the place of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.numerics.matrices import Array

# What surveys write for "no answer". Such a number is doubted where it lies at least as far from the other values as
# they lie from one another.
USUAL_CODES = frozenset(
    float(sign * int(digit * count))
    for sign in (1, -1)
    for digit in "789"
    for count in range(1, 7)
    if sign < 0 or count > 1 or digit == "9"
) | {97.0, 98.0, 997.0, 998.0, -97.0, -98.0, -997.0, -998.0}


class Columns:
    """The columns of a table by name, without the values that stand for missing ones."""

    def __init__(self, data: Any, missing_codes: Iterable[object] = ()) -> None:
        self._data: Any = data._data if isinstance(data, Columns) else data
        self._column, self.names = _reader(data)
        self.missing_codes = tuple(missing_codes)

    def _of(self, name: str) -> Any:
        if name not in self.names:
            raise ModelError("sem-unknown-variable", name=name, known=", ".join(self.names))
        return self._column(name)

    def raw(self, name: str) -> NDArray[Any]:
        """The values of a column, those of a category if it is one; None or NaN where missing."""
        values = _values(self._of(name))
        if values.dtype.kind == "O":
            _check_hashable(values, name)
        return _without_codes(values, self.missing_codes) if self.missing_codes else values

    def numbers(self, name: str) -> Array:
        """A column as floats, NaN where missing."""
        column = self.raw(name)
        if column.dtype.kind in "fiub":
            return _finite(column.astype(float), name)
        numbers = np.empty(len(column))
        for row, value in enumerate(column):
            number = np.nan if is_missing(value) else number_of(value)
            if number is None:
                raise ModelError("sem-not-numeric", name=name, value=repr(_plain(value)), row=row + 1)
            numbers[row] = number
        return _finite(numbers, name)

    def categories(self, name: str) -> tuple[Array, tuple[Any, ...]]:
        """A column as 1, 2, ... in the order of its values, NaN where missing, and those values.

        The order is the declared one of a category, else that of numbers (texts that are all numbers, too), else the
        alphabet's.
        """
        column = self.raw(name)
        if column.dtype.kind in "fiub":
            column = _finite(column.astype(float), name)
            missing = np.isnan(column)
            values, codes = np.unique(column[~missing], return_inverse=True)
            categories = values.tolist()
            if declared := self.declared(name):
                categories, codes = _in_order(categories, codes, declared)
        else:
            missing = np.array([is_missing(value) for value in column], dtype=bool)
            present = column[~missing]
            # numpy would give a moment of time as an integer
            answers = list(present) if present.dtype.kind in "mM" else present.tolist()
            code_of: dict[Any, int] = {}
            codes = np.array([code_of.setdefault(value, len(code_of)) for value in answers], int)
            categories, codes = _in_order(list(code_of), codes, self.declared(name))
        out = np.full(len(column), np.nan)
        out[~missing] = codes.ravel() + 1.0
        return out, tuple(categories)

    def declared(self, name: str) -> tuple[Any, ...]:
        """The values of a category in the order that its type gives them; empty for any other column."""
        return _declared(self._of(name))

    @cached_property
    def ordered(self) -> frozenset[str]:
        """The columns whose type says that they are ordered categories."""
        types = getattr(self._data, "dtypes", None)  # of pandas and polars, without a look at every column
        if types is not None and len(types) == len(self.names):
            names = [name for name, kind in zip(self.names, types, strict=True) if _is_category(kind)]
        else:
            names = list(self.names)
        return frozenset(name for name in names if _is_ordered(self._column(name)))


def _in_order(
    values: list[Any], codes: NDArray[np.intp], declared: Sequence[Any]
) -> tuple[list[Any], NDArray[np.intp]]:
    """Values and their codes in the declared order, else in that of numbers if all are, else in the alphabet's."""
    numbers = [number_of(value) for value in values]
    is_text = any(number is None or number != number for number in numbers)
    keys: list[Any] = [str(value) for value in values] if is_text else numbers
    if declared:
        index_of = {value: index for index, value in enumerate(declared)}
        keys = [index_of[value] for value in values]
    order = sorted(range(len(values)), key=keys.__getitem__)
    return [values[index] for index in order], np.argsort(np.array(order, dtype=np.intp))[codes]


def is_missing(value: object) -> bool:
    """Whether a value is None or NaN (of any library)."""
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA compares to nothing
        return True
    except ValueError:  # an array compares to many things
        return False


def number_of(value: Any) -> float | None:
    """The number that a value or its text is, infinite where it is too large for one; None where it is none."""
    if isinstance(value, complex | np.complexfloating | np.datetime64 | np.timedelta64):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def is_alphabetical(values: Sequence[Any]) -> bool:
    """Whether several values are texts that are no numbers, in the order of the alphabet."""
    return len(values) > 1 and list(values) == sorted(map(str, values)) and number_of(values[0]) is None


def likely_codes(name: str, values: Array) -> list[tuple[str, float, int]]:
    """The values of a variable that are probably codes of missing answers: name, value, how often."""
    values = values[~np.isnan(values)]
    if not len(values) or USUAL_CODES.isdisjoint((float(values.min()), float(values.max()))):
        return []
    unique, counts = np.unique(values, return_counts=True)
    is_usual = np.array([value in USUAL_CODES for value in unique.tolist()])
    rest = unique[~is_usual]
    if len(rest) < 2:
        return []
    low, high = rest[0], rest[-1]
    off = np.maximum(low - unique, unique - high)
    is_far = is_usual & (off >= high - low)
    return [
        (name, float(value), int(count)) for value, count in zip(unique[is_far], counts[is_far], strict=True)
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _check_hashable(values: NDArray[Any], name: str) -> None:
    """Refuse lists, mappings and the like as values: they are neither numbers nor categories."""
    for row, value in enumerate(values):
        try:
            hash(value)
        except TypeError:
            raise ModelError("sem-not-numeric", name=name, value=repr(value), row=row + 1) from None


def _finite(numbers: Array, name: str) -> Array:
    """The numbers, none of which is infinite."""
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        raise ModelError("sem-infinite", name=name, row=int(infinite[0]) + 1, count=len(infinite))
    return numbers


def _without_codes(values: NDArray[Any], codes: Iterable[object]) -> NDArray[Any]:
    """The values with codes taken for missing; a number is a code however it is written."""
    texts = {str(code).strip() for code in codes}
    numbers = {number for number in map(number_of, texts) if number is not None}
    if values.dtype.kind in "fiub":
        return np.where(np.isin(values, list(numbers)), np.nan, values)
    return np.array(
        [
            None if is_missing(value) or str(value).strip() in texts or number_of(value) in numbers else value
            for value in values
        ],
        dtype=object,
    )


# --- libraries -----------------------------------------------------------------------------------------


def _reader(data: Any) -> tuple[Callable[[str], Any], tuple[str, ...]]:
    """How to get a column as its library has it, and the names of all."""
    if isinstance(data, Columns):
        return data._column, data.names
    if isinstance(data, Mapping):
        columns = {
            str(name): values if hasattr(values, "dtype") else _array(values) for name, values in data.items()
        }
    elif isinstance(data, np.ndarray) and data.dtype.names:
        columns = {name: data[name] for name in data.dtype.names}
    elif isinstance(data, Sequence) and data and all(isinstance(row, Mapping) for row in data):
        columns = {str(name): _array([row.get(name) for row in data]) for name in data[0]}
    elif hasattr(data, "iloc") or hasattr(data, "get_column"):  # pandas and polars, without a detour
        labels = {str(label): label for label in data.columns}
        for name, count in Counter(map(str, data.columns)).items():
            if count > 1:
                raise ModelError("sem-column-twice", name=name, count=count)
        return lambda name: data[labels[name]], tuple(labels)
    elif hasattr(data, "__dataframe__") or (hasattr(data, "columns") and not hasattr(data, "collect")):
        import narwhals.stable.v1 as nw

        frame = nw.from_native(data, eager_or_interchange_only=True)
        return lambda name: frame[name], tuple(map(str, frame.columns))
    else:
        raise ModelError("sem-data-kind", kind=type(data).__name__)
    for name, column in columns.items():
        if getattr(column, "ndim", 1) != 1:
            raise ModelError("sem-data-kind", kind=f"{type(data).__name__} ({name}: {column.ndim}-D)")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ModelError("sem-data-lengths", lengths=", ".join(map(str, sorted(lengths))))
    return columns.__getitem__, tuple(columns)


def _array(values: Any) -> NDArray[Any]:
    """The values of a column that has no type of its own, each as it is: numpy would make a text of NaN among texts."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of several lengths
        array = None
    if array is None or array.ndim > 1 or (array.ndim and array.dtype.kind in "US"):
        return np.fromiter(values, dtype=object)
    return array


def _is_category(kind: Any) -> bool:
    """Whether a data type is that of categories."""
    if kind is None or isinstance(kind, np.dtype):
        return False
    return str(kind).lower().startswith(("categor", "enum", "dictionary"))


def _of_narwhals(column: Any) -> Any:
    """The column as a series of narwhals where its type is a category; else None."""
    if not _is_category(getattr(column, "dtype", None)):
        return None
    import narwhals.stable.v1 as nw

    if hasattr(column, "categories") and not hasattr(column, "to_frame"):  # a bare pandas.Categorical
        import pandas as pd

        column = pd.Series(column)
    series = nw.from_native(column, series_only=True, pass_through=True)
    return series if isinstance(series, nw.Series) else None


def _values(column: Any) -> NDArray[Any]:
    if isinstance(column, np.ndarray):
        return column
    if (series := _of_narwhals(column)) is not None:
        values = np.array([None if is_missing(value) else value for value in series.to_list()], dtype=object)
        present = [value for value in values if value is not None]
        if present and all(isinstance(value, int | float | np.number | np.bool_) for value in present):
            return np.array([np.nan if value is None else float(value) for value in values])
        return values
    kind = getattr(getattr(column, "dtype", None), "kind", "")
    if hasattr(column, "isna") and kind in "fiub" and not isinstance(column.dtype, np.dtype):
        return np.asarray(
            column.to_numpy(dtype=float, na_value=np.nan)
        )  # numbers of pandas that may be missing
    return np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column)


def _declared(column: Any) -> tuple[Any, ...]:
    series = _of_narwhals(column)
    if series is None or (str(series.dtype) == "Categorical" and _is_of_polars(series)):
        return ()  # the categories of polars stand as they came
    return tuple(series.cat.get_categories().to_list())


def _is_ordered(column: Any) -> bool:
    series = _of_narwhals(column)
    if series is None:
        return False
    import narwhals.stable.v1 as nw

    return bool(nw.is_ordered_categorical(series)) and bool(_declared(column))


def _is_of_polars(series: Any) -> bool:
    return bool(series.implementation.is_polars())


# --- groups --------------------------------------------------------------------------------------------


def groups_of(column: NDArray[Any], order: Sequence[Any] = ()) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Labels of the groups in order of first appearance (or as wanted), and the group of each row (-1: none)."""
    if column.dtype.kind in "fiubUS":
        unique, first_rows, value_of_row = np.unique(column, return_index=True, return_inverse=True)
        values, first, value_of_row = unique.tolist(), first_rows.tolist(), value_of_row.ravel()
    else:
        codes: dict[Any, int] = {}
        value_of_row = np.array([codes.setdefault(value, len(codes)) for value in column], dtype=np.intp)
        values, first = list(codes), list(range(len(codes)))
    texts = ["" if is_missing(value) else group_text(value) for value in values]
    in_order = [texts[index] for index in sorted(range(len(texts)), key=first.__getitem__)]
    labels = tuple(map(group_text, order)) or tuple(dict.fromkeys(text for text in in_order if text))
    if not labels:
        raise ModelError("sem-no-groups")
    index_of = {label: index for index, label in enumerate(labels)}
    group_of = np.array([index_of.get(text, -1) for text in texts], dtype=np.intp)
    return labels, group_of[value_of_row]


def group_text(value: Any) -> str:
    """The label of a group as text, whole numbers without a decimal point."""
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)
