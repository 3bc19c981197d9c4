"""Tables in files that other programs wrote: CSV with any of its separators, and XLSX workbooks, every row of them.

A workbook says of itself how large its sheets are, which is not believed: every row that a sheet holds is read, hidden
ones too. What cannot be read as it looks is refused with its cell: merged cells, a formula whose result was not stored,
an error in place of a value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from defusedxml import ElementTree as Xml
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from confianza.errors import ImportRefusal, Problem

SEPARATORS = ",;\t"
SIGNIFICANT = 15  # digits of a number that spreadsheet programs keep
MOST_SHOWN = 10
RECALCULATED = re.compile(rb'calcPr\s[^>]*?fullCalcOnLoad="(?:1|true)"')
Row = tuple[int, list[Any]]


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV in UTF-8 with their numbers from 1, blank ones too; the first row tells the separator.

    Raises
    ------
    OSError, UnicodeDecodeError, csv.Error
        It cannot be read, or is none.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        separator = max(SEPARATORS, key=first.count)
        yield from enumerate(csv.reader(file, delimiter=separator, strict=True), start=1)


def workbook_rows(
    content: IO[bytes],
    name: str,
    headers: Iterable[Iterable[str]] = (),
    *,
    missing: Container[str] = (),
    most: int | None = None,
) -> list[Row]:
    """The rows of a workbook's one table with their numbers, none shorter than the first; blank ones are left out.

    Parameters
    ----------
    headers : iterable of iterables of str
        The first row of the table's sheet names all of one of these. Without any, it is the only visible sheet with
        values.
    missing : container of str
        Errors that stand for a missing value, such as `#N/A`.
    most : int
        No more rows than this are read.

    Raises
    ------
    ImportRefusal
        Several sheets could be meant; or a cell that cannot be read as it looks, all of them together.
    """
    book = load_workbook(content, read_only=True, data_only=True)
    sheet = _sheet(book.worksheets, name, list(map(set, headers)))
    problems = list(islice(_unreadable(content, sheet._worksheet_path, name), MOST_SHOWN))
    rows: list[Row] = []
    for number, cells in every_row(sheet):
        values = [cell.value for cell in cells]
        problems += [
            Problem("workbook-error", name, row=number, field=cell.coordinate, params={"value": cell.value})
            for cell in cells
            if cell.data_type == "e" and cell.value not in missing
        ]
        if any(value not in (None, "") for value in values):
            width = len(rows[0][1]) if rows else 0
            rows.append((number, values + [None] * (width - len(values))))
        if len(rows) == most:
            break
    if problems:
        raise ImportRefusal(problems[:MOST_SHOWN])
    return rows


def every_row(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """The cells of each row of a sheet opened to be read only, whatever size the file says the sheet has."""
    sheet.reset_dimensions()
    return enumerate(sheet.iter_rows(), start=1)


def cell_text(value: object) -> str:
    """The value of a cell as a person would write it: a whole number without a point, a day without an hour."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.{SIGNIFICANT}g}"
    return str(value).strip()


def _first_row(sheet: Any) -> list[str]:
    """The first row with values as texts; empty for a sheet without any."""
    texts = ([cell_text(cell.value) for cell in cells] for _, cells in every_row(sheet))
    return next(filter(any, texts), [])


def _sheet(sheets: Iterable[Any], name: str, headers: Sequence[set[str]]) -> Any:
    sheets = list(sheets)
    if not sheets:
        raise ValueError("no sheets")
    first_rows = [(sheet, first) for sheet in sheets if (first := _first_row(sheet))]
    fitting = [sheet for sheet, first in first_rows if any(header <= set(first) for header in headers)]
    visible = [sheet for sheet, _ in first_rows if sheet.sheet_state == "visible"]
    chosen = fitting or visible or [sheet for sheet, _ in first_rows]
    if not chosen:
        raise ImportRefusal([Problem("workbook-empty", name)])
    if len(chosen) > 1 and (fitting or not headers):
        titles = ", ".join(sheet.title for sheet in chosen)
        raise ImportRefusal([Problem("workbook-sheets", name, params={"sheets": titles})])
    return chosen[0]


def _unreadable(content: IO[bytes], part: str, name: str) -> Iterator[Problem]:
    """What would be read otherwise than it looks, or not at all."""
    with ZipFile(content) as archive, archive.open(part) as file:
        is_recalculated = RECALCULATED.search(archive.read("xl/workbook.xml")) is not None
        last_row = 0
        for _, element in Xml.iterparse(file, events=("end",), forbid_dtd=True):
            kind = _kind(element)
            if kind == "row":
                last_column, row = 0, int(float(element.get("r") or last_row + 1))
                for cell in element:
                    address = cell.get("r") or f"{get_column_letter(last_column + 1)}{row}"
                    column = coordinate_to_tuple(address)[1]
                    if column <= last_column:
                        yield Problem("workbook-order", name, row=row, field=address)
                    if _is_without_result(cell, is_recalculated=is_recalculated):
                        yield Problem("workbook-formula", name, row=row, field=address)
                    last_column = column
                if row <= last_row:
                    yield Problem("workbook-order", name, row=row)
                last_row = row
                element.clear()
            elif kind == "mergeCell" and coordinate_to_tuple(element.get("ref").rpartition(":")[2])[0] > 1:
                yield Problem("workbook-merged", name, field=element.get("ref"))


def _kind(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_without_result(cell: Any, *, is_recalculated: bool) -> bool:
    """Whether a cell has a formula, and no result of it that a spreadsheet program stored; an empty text is one."""
    parts = {_kind(part): part.text for part in cell}
    return "f" in parts and (is_recalculated or not (parts.get("v") or cell.get("t") == "str"))
