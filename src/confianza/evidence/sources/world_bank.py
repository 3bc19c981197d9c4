"""World Bank downloads of an indicator: the CSV (alone or in its archive), the XLS or XLSX workbook, and DataBank's CSV.

Each begins with its data source and the date of its last update, which is the release; a header row names country,
code, indicator and years. Rows of country groups are named as left out; an empty cell, or `..`, is a figure
that the Bank has not.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import python_calamine

from confianza.cooperation.sources import Reference
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_code, country_of_name
from confianza.evidence.indicators import (
    IndicatorFile,
    Observation,
    Status,
    decimal,
    indicators,
    unreadable_file,
)

SOURCE = "worldbank-wdi"
NAME, CODE = "Country Name", "Country Code"
SERIES = {"Indicator Code": "Indicator Name", "Series Code": "Series Name"}  # of the Bank's two downloads
YEAR = re.compile(r"(\d{4})(?: \[YR\d{4}\])?")
UPDATED = re.compile(r"Last Updated(?: Date)?:?\s*(.*)")
MISSING = {"", ".."}
OWN_CODES = {
    "CHI": "QS",  # the Channel Islands, which ISO 3166 has as Guernsey and Jersey
    "XKX": "XK",
    "KSV": "XK",
    "ROM": "RO",
    "ZAR": "CD",
    "TMP": "TL",
    "WBG": "PS",
    "ADO": "AD",
    "IMY": "IM",
}
NOT_COUNTRIES = {"EU", "UN"}
MOST_BYTES = 200_000_000
Row = tuple[int, list[Any]]


def read_world_bank(path: Path) -> IndicatorFile:
    """One download, whole or not at all.

    Raises
    ------
    ImportRefusal
        The file is no such download, or does not say when it was updated; a row or cell that cannot be read. All
        problems together, with row and column.
    """
    try:
        file, rows = _rows(path)
    except ImportRefusal:
        raise
    except Exception as error:  # what a broken workbook or archive raises depends on the part that is broken
        raise unreadable_file(path, error) from error
    return _read(file, rows)


def _rows(path: Path) -> tuple[str, list[Row]]:
    suffix = path.suffix.lower()
    if suffix in {".xls", ".xlsx"}:
        book = python_calamine.CalamineWorkbook.from_path(path)
        if "Data" not in book.sheet_names:
            params = {"detail": f"sheets: {', '.join(book.sheet_names)}"}
            raise ImportRefusal([Problem("world-bank-layout", path.name, params=params)])
        sheet = book.get_sheet_by_name("Data").to_python(skip_empty_area=False)
        return path.name, list(enumerate(sheet, start=1))
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            tables = [
                item
                for item in archive.infolist()
                if item.filename.lower().endswith(".csv") and not item.filename.startswith("Metadata_")
            ]
            if len(tables) != 1 or tables[0].file_size > MOST_BYTES:
                params = {"detail": f"CSV: {', '.join(item.filename for item in tables) or 0}"}
                raise ImportRefusal([Problem("world-bank-layout", path.name, params=params)])
            return tables[0].filename, _csv_rows(archive.read(tables[0]))
    return path.name, _csv_rows(path.read_bytes())


def _csv_rows(content: bytes) -> list[Row]:
    reader = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    return [(reader.line_num, list(row)) for row in reader]


def _release(rows: Sequence[Row]) -> str | None:
    """The day of the last update in ISO form: beside its label, or in the same cell after it."""
    for _, row in rows:
        match = UPDATED.fullmatch(str(row[0]).strip()) if row else None
        if match is None:
            continue
        day = match[1] or (row[1] if len(row) > 1 else "")
        if isinstance(day, datetime | date):
            return day.isoformat()[:10]
        for notation in ("%Y-%m-%d", "%m/%d/%Y"):
            try:
                return datetime.strptime(str(day).strip(), notation).date().isoformat()  # noqa: DTZ007
            except ValueError:
                continue
    return None


def _read(file: str, rows: list[Row]) -> IndicatorFile:
    header = next(
        (place for place, (_, row) in enumerate(rows) if {NAME, CODE} <= {str(cell).strip() for cell in row}),
        None,
    )
    names = [] if header is None else [str(cell).strip() for cell in rows[header][1]]
    code_name = next((name for name in SERIES if name in names), None)
    years = {place: int(match[1]) for place, name in enumerate(names) if (match := YEAR.fullmatch(name))}
    if header is None or code_name is None or not years or len(set(years.values())) < len(years):
        params = {"detail": ", ".join(names[:6]) or "-"}
        raise ImportRefusal([Problem("world-bank-layout", file, params=params)])
    release = _release(rows[:header]) or _release(rows[header:])
    if release is None:
        raise ImportRefusal([Problem("world-bank-update", file)])
    known = {item.world_bank: item.code for item in indicators().values() if item.world_bank}
    columns = {
        name: names.index(name) for name in (NAME, CODE, code_name, SERIES[code_name]) if name in names
    }
    problems: list[Problem] = []
    skipped, described, points = [], {}, []
    seen: dict[tuple[str, str], int] = {}
    for number, row in rows[header + 1 :]:
        if not any(str(cell).strip() for cell in row[1:]):
            continue  # blank lines, and the lines below DataBank's table
        if len(row) != len(names) or not row[columns[CODE]] or not row[columns[code_name]]:
            sizes = {"cells": len(row), "columns": len(names)}
            problems.append(Problem("world-bank-row", file, row=number, params=sizes))
            continue
        country, code, series = (str(row[columns[name]]).strip() for name in (NAME, CODE, code_name))
        place = country_code(OWN_CODES.get(code, code)) or country_of_name(country)
        if place is None or place in NOT_COUNTRIES:
            skipped.append(f"{country} ({code})")
            continue
        if (series, place) in seen:
            problems.append(
                Problem("indicator-twice", file, row=number, params={"earlier": seen[series, place]})
            )
        seen.setdefault((series, place), number)
        if series not in known and SERIES[code_name] in columns:
            described[series] = str(row[columns[SERIES[code_name]]]).strip()
        for column, year in years.items():
            text = str(row[column]).strip()
            value = None if text in MISSING else decimal(row[column])
            if value is None and text not in MISSING:
                params = {"value": text}
                problems.append(
                    Problem("indicator-not-number", file, row=number, field=str(year), params=params)
                )
                continue
            points.append(
                Observation(
                    known.get(series, series),
                    place,
                    year,
                    value,
                    Reference(SOURCE, f"{file}, row {number}, {year}"),
                    Status.MISSING if value is None else Status.GIVEN,
                )
            )
    if not points and not problems:
        groups = ", ".join(dict.fromkeys(skipped))
        code = "world-bank-no-country" if groups else "indicator-empty"
        problems.append(Problem(code, file, params={"names": groups}))
    if problems:
        raise ImportRefusal(problems)
    return IndicatorFile(SOURCE, release, tuple(points), tuple(dict.fromkeys(skipped)), described)
