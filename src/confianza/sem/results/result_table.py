"""A small table of results, for any dataframe library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any


class Table(Mapping[str, list[Any]]):
    """Columns by name, all of one length; a number that does not exist is NaN.

    `table["est"]` is a column, `table.rows()` its rows as dictionaries, `to_pandas()` and `to_polars()` a
    dataframe; anything that takes the dataframe interchange protocol takes it as it is.
    """

    def __init__(self, columns: Mapping[str, Iterable[Any]]) -> None:
        self._columns = {name: list(values) for name, values in columns.items()}

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
        """A table of some columns of rows."""
        return cls({name: [row[name] for row in rows] for name in columns})

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns)

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(next(iter(self._columns.values()), []))

    def __getitem__(self, column: str) -> list[Any]:
        return self._columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def rows(self) -> list[dict[str, Any]]:
        """The rows, each a dictionary."""
        return [
            dict(zip(self._columns, values, strict=True))
            for values in zip(*self._columns.values(), strict=True)
        ]

    to_dicts = rows

    def where(self, **equal: Any) -> Table:
        """The rows in which the named columns have the given values."""
        rows = [row for row in self.rows() if all(row[name] == value for name, value in equal.items())]
        return Table.of_rows(rows, self.columns)

    def to_pandas(self) -> Any:
        """A pandas dataframe (pandas must be installed)."""
        import pandas

        return pandas.DataFrame(self._columns)

    def to_polars(self) -> Any:
        """A polars dataframe (polars must be installed)."""
        import polars

        return polars.DataFrame(self._columns)

    def __dataframe__(self, **options: Any) -> Any:
        try:
            frame = self.to_polars()
        except ImportError:
            frame = self.to_pandas()
        return frame.__dataframe__(**options)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        """The table as a notebook shows it."""

        def line(tag: str, texts: Iterable[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"

        body = "".join(line("td", (_format(value, 3) for value in row.values())) for row in self.rows())
        return f"<table><thead>{line('th', self)}</thead><tbody>{body}</tbody></table>"

    def text(self, decimals: int = 3) -> str:
        """The table in columns, numbers with so many decimals."""
        cells = {
            name: [_format(value, decimals) for value in values] for name, values in self._columns.items()
        }
        widths = {name: max(map(len, [name, *values])) for name, values in cells.items()}
        is_number = {name: all(not isinstance(one, str) for one in self._columns[name]) for name in cells}

        def line(texts: Mapping[str, str]) -> str:
            return "  ".join(
                text.rjust(widths[name]) if is_number[name] else text.ljust(widths[name])
                for name, text in texts.items()
            ).rstrip()

        head = line({name: name for name in cells})
        return "\n".join([head, *(line({n: cells[n][i] for n in cells}) for i in range(self.height))])


def _format(value: object, decimals: int) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.{decimals}f}"
    return str(value)
