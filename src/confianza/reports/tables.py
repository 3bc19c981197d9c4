"""Tables as files: CSV, XLSX, Parquet; many rows pass through without being held."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import xlsxwriter

from confianza.errors import RuleRefusal

AT_ONCE = 10_000  # rows held at a time
MEASURED = 200  # rows that say how wide the columns of a sheet are
WIDEST = 60
MOST_IN_SHEET = 2**20 - 1  # rows of a sheet, less that of the headings
PART = 2**16  # bytes
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
Row = Sequence[Any]


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula begins with an apostrophe; nothing is an empty text."""
    if value is None:
        return ""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value


def table_parts(
    file_format: str,
    columns: Mapping[str, type],
    rows: Iterable[Row],
    *,
    count: Callable[[], int],
    sheet: str,
) -> Iterator[bytes]:
    """The parts of a file in one of `FORMATS`; `count` tells how many rows there are, where that matters.

    Raises
    ------
    RuleRefusal
        `export-sheet-full`: more rows than a sheet of a workbook holds.
    """
    if file_format == "xlsx" and (row_count := count()) > MOST_IN_SHEET:
        raise RuleRefusal("export-sheet-full", count=row_count, most=MOST_IN_SHEET)
    if file_format == "csv":
        return csv_parts(columns, rows)
    if file_format == "json":
        return json_parts(columns, rows)
    return _whole(file_format, columns, rows, sheet)


def _whole(file_format: str, columns: Mapping[str, type], rows: Iterable[Row], sheet: str) -> Iterator[bytes]:
    """Files that are written whole before their first byte is known."""
    with TemporaryFile() as file:
        if file_format == "xlsx":
            write_xlsx(file, columns, rows, sheet=sheet)
        else:
            write_parquet(file, columns, rows)
        file.seek(0)
        yield from iter(lambda: file.read(PART), b"")


def csv_parts(columns: Iterable[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The parts of a CSV file, UTF-8 with its mark so that spreadsheets read the letters right."""
    lines = chain([tuple(columns)], ([_harmless(value) for value in row] for row in rows))
    mark = "\ufeff"
    while part := list(islice(lines, AT_ONCE)):
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(part)
        yield (mark + text.getvalue()).encode()
        mark = ""


def json_parts(columns: Iterable[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The parts of a JSON list with an object a row; amounts as text, so that no cent is lost."""
    names = tuple(columns)
    before = "[\n"
    for row in rows:
        yield (
            before + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str)
        ).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def write_xlsx(file: BinaryIO, columns: Iterable[str], rows: Iterable[Row], *, sheet: str) -> None:
    """Write a workbook of one sheet; text stays text, whatever it looks like."""
    names, remaining = tuple(columns), iter(rows)
    first = list(islice(remaining, MEASURED))
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet)
        day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        page.freeze_panes(1, 1)
        for column, name in enumerate(names):
            values = ("" if row[column] is None else str(row[column]) for row in first)
            page.set_column(column, column, 2 + min(WIDEST, max(map(len, (name, *values)))))
        page.write_row(0, 0, names, bold)
        for number, row in enumerate(chain(first, remaining), start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, column, value, day)
                elif isinstance(value, str):  # never a formula or a link
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write(number, column, value)


def write_parquet(file: BinaryIO, columns: Mapping[str, type], rows: Iterable[Row]) -> None:
    """Write a Parquet file whose columns have the types given, also where every value is missing."""
    import polars  # takes as long to load as a page to answer

    types: dict[type, Any] = {
        str: polars.String,
        int: polars.Int64,
        float: polars.Float64,
        bool: polars.Boolean,
        date: polars.Date,
        Decimal: polars.Decimal(18, 2),
    }
    schema = {name: types[kind] for name, kind in columns.items()}
    remaining = iter(rows)
    parts = [polars.DataFrame(schema=schema)]
    while part := list(islice(remaining, AT_ONCE)):
        parts.append(polars.DataFrame(part, schema=schema, orient="row"))
    polars.concat(parts).write_parquet(file)
