"""SIPRI's military-expenditure workbook, any release: sheets by their names, header rows and year columns as found.

A sheet's title says its unit (`US$ m.`, share, per capita); a cell holds a number, `. .` or `...` (not available) or
`xxx` (no such country then). Blue figures are SIPRI's estimates, red ones highly uncertain. Rows without any cell are
headings of regions. The last year with figures is the release: of two in a row the year of copyright can be one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any

import openpyxl

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.sources import Reference
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_of_name
from confianza.evidence.indicators import (
    IndicatorFile,
    Observation,
    Status,
    decimal,
    indicators,
    unreadable_file,
)
from confianza.evidence.table_files import every_row

SOURCE = "sipri-milex"
SHEETS = {
    "constant": re.compile(r"Constant \((\d{4})\) US(?:\$|D)"),
    "current": re.compile(r"Current US(?:\$|D)"),
    "local": re.compile(r"Local currency(?: calendar years)?"),
    "gdp": re.compile(r"Share of GDP"),
    "capita": re.compile(r"Per capita"),
    "government": re.compile(r"Share of Govt\.? spending"),
}
MILLIONS = re.compile(r"\bm\.|million|\(m\)", re.IGNORECASE)
BILLIONS = re.compile(r"\bb\.|billion", re.IGNORECASE)
UNAVAILABLE, NOT_THEN = {"...", ". .", "..", "…"}, {"xxx", "xx", "x"}
BLUE, RED = {12, 4, 39}, {10, 2}  # of the workbook's indexed palette
SHARE_LIMIT = 0.25  # the world's median share lies at 0.01–0.03 as a fraction, at 1–3 as a percentage
PRICES = BilingualText("prices of {year}", "precios de {year}")
ORDER = ("gdp", "current", "constant", "capita", "government", "local")


@dataclass(frozen=True)
class _Cell:
    address: str
    value: Any
    status: Status
    is_percent: bool


def _status(cell: Any) -> Status:
    color = cell.font.color if getattr(cell, "font", None) is not None else None
    if color is None:
        return Status.GIVEN
    indexed = color.indexed if color.type == "indexed" else None
    rgb = str(color.rgb)[-6:].upper() if color.type == "rgb" else ""
    red, green, blue = (int(rgb[place : place + 2], 16) for place in (0, 2, 4)) if rgb else (0, 0, 0)
    if indexed in BLUE or (blue >= 128 and blue - max(red, green) > 64):
        return Status.ESTIMATE
    if indexed in RED or (red >= 128 and red - max(green, blue) > 64):
        return Status.UNCERTAIN
    return Status.GIVEN


@cache
def _own() -> Mapping[str, Any]:
    text = (
        resources.files("confianza.evidence")
        .joinpath("data/sipri_countries.toml")
        .read_text(encoding="utf-8")
    )
    return tomllib.loads(text)


@cache
def _spellings() -> Mapping[str, str]:
    return {spelling: code for code, spellings in _own()["spellings"].items() for spelling in spellings}


def country_of_row(name: str) -> str | None:
    """The country of a row of the workbook; None for a region, a union or a state that is no more."""
    if name in _own()["not_countries"]:
        return None
    return _spellings().get(name) or country_of_name(name)


def read_sipri(path: Path) -> IndicatorFile:
    """The workbook, whole or not at all.

    Raises
    ------
    ImportRefusal
        No sheet of the workbook is one of `SHEETS`, or one has no header or no unit; a cell that is
        neither a number nor one of the marks. All problems together, with sheet and cell.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {
            kind: (sheet.title, [cells for _, cells in every_row(sheet)])
            for kind, pattern in SHEETS.items()
            for sheet in book.worksheets
            if pattern.fullmatch(sheet.title.strip())
        }
        book.close()
    except Exception as error:  # what a broken workbook raises depends on the part that is broken
        raise unreadable_file(path, error) from error
    if not sheets:
        params = {
            "known": "Constant (2023) US$, Current US$, Share of GDP, Per capita, Share of Govt. spending"
        }
        raise ImportRefusal([Problem("sipri-sheets", path.name, params=params)])
    codes = {item.sipri: item.code for item in indicators().values() if item.sipri}
    problems: list[Problem] = []
    points: list[Observation] = []
    skipped: dict[str, None] = {}
    for kind in (kind for kind in ORDER if kind in sheets):
        title, rows = sheets[kind]
        sheet = _Sheet.read(path.name, kind, title, rows, problems)
        if sheet is None:
            continue
        if sheet.factor is None:
            if kind == "local":  # some releases leave its unit to the rows: the one sheet not needed
                skipped[f"{title} (no unit)"] = None
            else:
                problems.append(Problem("sipri-unit", path.name, field=title))
            continue
        points += sheet.observations(codes[kind], path.name, problems)
        skipped |= dict.fromkeys(sheet.skipped)
    years = [point.year for point in points if point.value is not None and point.year is not None]
    if not years and not problems:
        problems.append(Problem("indicator-empty", path.name))
    if problems:
        raise ImportRefusal(problems)
    last = max(years)
    return IndicatorFile(SOURCE, str(last), tuple(points), tuple(skipped))


@dataclass(frozen=True)
class _Sheet:
    """A sheet that was understood: rows of countries by year, and by what its numbers are multiplied."""

    title: str
    factor: float | None  # None when the sheet does not tell its unit
    rows: Sequence[tuple[str, str, Mapping[int, _Cell]]]  # name, country, cells
    skipped: Sequence[str]

    @classmethod
    def read(
        cls, file: str, kind: str, title: str, rows: Sequence[Sequence[Any]], problems: list[Problem]
    ) -> _Sheet | None:
        place = next(
            (number for number, row in enumerate(rows) if row and str(row[0].value).strip() == "Country"),
            None,
        )
        head = " ".join(str(cell.value) for row in rows[:place] for cell in row if cell.value is not None)
        years = {} if place is None else _years(rows[place])
        if (
            place is None
            or not years
            or sorted(years.values()) != list(range(min(years.values()), max(years.values()) + 1))
        ):
            problems.append(Problem("sipri-header", file, field=title))
            return None
        countries, skipped = [], []
        for number, row in enumerate(rows[place + 1 :], start=place + 2):
            name = str(row[0].value).strip() if row and row[0].value is not None else ""
            cells = {
                years[column]: _Cell(
                    f"{cell.column_letter}{number}",
                    cell.value,
                    _status(cell),
                    "%" in (cell.number_format or ""),
                )
                for column, cell in enumerate(row)
                if column in years and cell.value is not None and str(cell.value).strip() != ""
            }
            if not name or not cells:
                continue  # an empty row, or the heading of a region
            country = country_of_row(name)
            if country is None:
                skipped.append(name)
            else:
                countries.append((name, country, cells))
        factor = _factor(kind, head, [cell for _, _, cells in countries for cell in cells.values()])
        twice = _twice(country for _, country, _ in countries)
        problems += [
            Problem("sipri-country-twice", file, field=title, params={"names": ", ".join(names)})
            for names in ([name for name, country, _ in countries if country == code] for code in twice)
        ]
        return cls(title, factor, countries, skipped)

    def observations(self, code: str, file: str, problems: list[Problem]) -> list[Observation]:
        points = []
        year_of_prices = SHEETS["constant"].fullmatch(self.title.strip())
        note = PRICES.format(year=year_of_prices[1]) if year_of_prices else None
        for name, country, cells in self.rows:
            for year, cell in cells.items():
                text = str(cell.value).strip()
                value, status = decimal(cell.value), cell.status
                if text in UNAVAILABLE:
                    status = Status.MISSING
                elif text.lower() in NOT_THEN:
                    status = Status.NOT_EXISTING
                elif value is None or value < 0:
                    where, params = f"{self.title}!{cell.address}", {"value": text, "country": name}
                    problems.append(Problem("sipri-cell", file, field=where, params=params))
                    continue
                points.append(
                    Observation(
                        code,
                        country,
                        year,
                        None if value is None or self.factor is None else value * self.factor,
                        Reference(SOURCE, f"{file}, sheet {self.title}, cell {cell.address}"),
                        status,
                        note=note,
                    )
                )
        return points


def _years(header: Sequence[Any]) -> dict[int, int]:
    """Years by column: whole numbers of four digits, written as number or text."""
    years = {}
    for column, cell in enumerate(header):
        number = decimal(cell.value)
        if number is not None and number.is_integer() and 1900 <= number <= 2100:
            years[column] = int(number)
    return years


def _factor(kind: str, head: str, cells: Iterable[_Cell]) -> float | None:
    """What a cell is multiplied by to stand in the indicator's unit; None when the sheet does not tell."""
    if kind == "capita":
        return 1
    if kind in {"gdp", "government"}:
        cells = list(cells)
        numbers = [number for cell in cells if (number := decimal(cell.value)) is not None]
        if any(cell.is_percent for cell in cells):
            return 100
        return None if not numbers else 100 if median(numbers) < SHARE_LIMIT else 1
    return 1e6 if MILLIONS.search(head) else 1e9 if BILLIONS.search(head) else None


def _twice(codes: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({code for code in codes if code in seen or seen.add(code)})  # type: ignore[func-returns-value]
