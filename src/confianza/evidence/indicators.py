"""Indicators of the force profile: what they are, figures with their sources, and ratios derived from them.

Publishers' files are read in `sources/world_bank.py` and `sources/sipri.py`; figures that stand in texts are records
in TOML or CSV (`read_records`), those of the thesis come with the package.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.numbers import (
    AmbiguousNumberError,
    Notation,
    NumberTextError,
    notation_of,
    read_number,
)
from confianza.cooperation.sources import Reference, sources
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_code
from confianza.evidence.table_files import csv_rows

RECORDS = "data/indicator_records.toml"
DERIVED = "derived"
QUALIFIERS = {
    "": BilingualText("", ""),
    ">": BilingualText("more than", "más de"),
    "<": BilingualText("less than", "menos de"),
    "~": BilingualText("about", "unos"),
}
SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
A_NUMBER = BilingualText("a number", "un número")
TWO_READINGS = BilingualText(
    "a number with one reading: it may be {less} or {more}, so write one zero more after decimals",
    "un número que se lea de una sola manera: puede ser {less} o {more}; escriba un cero más tras los decimales",
)
RECORD_FIELDS = (
    "indicator",
    "country",
    "year",
    "period",
    "part",
    "value",
    "qualifier",
    "source",
    "place",
    "note",
)


class Status(StrEnum):
    """What a publisher says of a figure, or of its absence."""

    GIVEN = "given"
    ESTIMATE = "estimate"
    UNCERTAIN = "uncertain"
    MISSING = "missing"
    NOT_EXISTING = (
        "not-existing"  # the country did not exist, or was not independent, in all or part of the year
    )


STATUS_NAMES = {
    Status.GIVEN: BilingualText("as published", "como se publicó"),
    Status.ESTIMATE: BilingualText("the publisher's estimate", "estimación del editor"),
    Status.UNCERTAIN: BilingualText("highly uncertain", "muy incierto"),
    Status.MISSING: BilingualText("not available", "no disponible"),
    Status.NOT_EXISTING: BilingualText("no such country then", "el país no existía"),
}


@dataclass(frozen=True)
class IndicatorFormula:
    """factor × numerator / denominator, of the same country, year and part."""

    numerator: str
    denominator: str
    factor: float


@dataclass(frozen=True)
class Substitute:
    """The source that stands in for the preferred one, and when."""

    source: str
    when: BilingualText


@dataclass(frozen=True)
class Indicator:
    """What is measured, in which unit, and whose figures are taken first."""

    code: str
    name: BilingualText
    unit: str
    definition: BilingualText
    world_bank: str | None = None
    sipri: str | None = None
    preferred: tuple[str, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    formula: IndicatorFormula | None = None

    def rank(self, source: str) -> int:
        """The place of a source among those preferred; after them all for any other."""
        return self.preferred.index(source) if source in self.preferred else len(self.preferred)


@dataclass(frozen=True)
class Observation:
    """One figure, or the word that there is none, and where it stands.

    `value` is in the indicator's unit (percent, not a share); None unless the status is given, estimate or
    uncertain. `year` is None where the source gives none; `period` is how it dates the figure then.
    """

    indicator_code: str
    country_code: str
    year: int | None
    value: float | None
    reference: Reference
    status: Status = Status.GIVEN
    part: str = ""
    qualifier: str = ""
    period: BilingualText | None = None
    note: BilingualText | None = None


@dataclass(frozen=True)
class Gap:
    """A figure of the thesis whose values stand only in its image."""

    indicator_code: str
    figure: str
    note: BilingualText
    reference: Reference


@dataclass(frozen=True)
class IndicatorFile:
    """One release of a source, read whole. `skipped` names rows that are no country's; `names` those of new codes."""

    source: str
    release: str
    observations: tuple[Observation, ...]
    skipped: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Series:
    """The figures of an indicator, country and part in one release of one source, by year."""

    indicator_code: str
    country_code: str
    part: str
    source: str
    release: str
    points: tuple[Observation, ...]

    @property
    def by_year(self) -> dict[int, Observation]:
        """The figures that have a year and a value."""
        return {
            point.year: point for point in self.points if point.year is not None and point.value is not None
        }

    @property
    def latest(self) -> Observation | None:
        """The figure of the last year; of the undated ones the last, where none has a year."""
        dated = self.by_year
        if dated:
            return dated[max(dated)]
        return next((point for point in reversed(self.points) if point.value is not None), None)

    @property
    def missing_years(self) -> tuple[int, ...]:
        """The years between the first and the last figure that have none, and those the publisher calls missing."""
        dated = self.by_year
        between = set(range(min(dated), max(dated) + 1)) if dated else set()
        missing = {point.year for point in self.points if point.year and point.status is Status.MISSING}
        return tuple(sorted((between | missing) - set(dated)))


# --- definitions -----------------------------------------------------------------------------------


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("data/indicators.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator of the package, by code."""
    return {
        code: Indicator(
            code=code,
            name=BilingualText.of(entry["name"]),
            unit=entry["unit"],
            definition=BilingualText.of(entry["definition"]),
            world_bank=entry.get("worldbank"),
            sipri=entry.get("sipri"),
            preferred=tuple(entry.get("preferred", ())),
            substitutes=tuple(
                Substitute(item["source"], BilingualText.of(item["when"]))
                for item in entry.get("substitutes", ())
            ),
            formula=IndicatorFormula(**entry["derived"]) if "derived" in entry else None,
        )
        for code, entry in _table()["indicators"].items()
    }


def unit_names() -> Mapping[str, BilingualText]:
    """The units, by code."""
    return {code: BilingualText.of(name) for code, name in _table()["units"].items()}


def part_names() -> Mapping[str, BilingualText]:
    """Services, types and kinds a figure can be of, by code."""
    return {code: BilingualText.of(name) for code, name in _table()["parts"].items()}


# --- series and what is derived from them ------------------------------------------------------------


def series_of(observations: Iterable[Observation], *, source: str, release: str) -> list[Series]:
    """The observations of one release as series, each by year, those without a year first and in their order."""
    groups: dict[tuple[str, str, str], list[Observation]] = {}
    for point in observations:
        groups.setdefault((point.indicator_code, point.country_code, point.part), []).append(point)
    return [
        Series(*key, source, release, tuple(sorted(points, key=lambda point: point.year or 0)))
        for key, points in groups.items()
    ]


def best_series(every: Iterable[Series], indicator_code: str, part: str) -> Series | None:
    """The series of the source that the indicator prefers, among those with a figure."""
    indicator = indicators()[indicator_code]
    fitting = (
        series
        for series in every
        if (series.indicator_code, series.part) == (indicator_code, part) and series.by_year
    )
    return min(fitting, key=lambda series: (indicator.rank(series.source), series.source), default=None)


def derive(indicator: Indicator, every: Sequence[Series]) -> list[Series]:
    """The indicator computed from the series of one country: one derived series a part.

    factor × numerator[t] / denominator[t], each from the source that is preferred for it. A year without both, or
    with a denominator of 0, has no figure. Each figure's place names both that it was made from.
    """
    if indicator.formula is None:
        return []
    formula = indicator.formula
    derived = []
    for part in sorted({series.part for series in every}):
        above = best_series(every, formula.numerator, part)
        below = best_series(every, formula.denominator, part)
        if above is None or below is None:
            continue
        points = []
        for year in sorted(set(above.by_year) & set(below.by_year)):
            top, bottom = above.by_year[year], below.by_year[year]
            if not bottom.value or top.value is None:
                continue
            statuses = {top.status, bottom.status}
            place = f"{formula.numerator}: {top.reference}; {formula.denominator}: {bottom.reference}"
            points.append(
                Observation(
                    indicator.code,
                    above.country_code,
                    year,
                    formula.factor * top.value / bottom.value,
                    Reference(DERIVED, place),
                    next(
                        (worse for worse in (Status.UNCERTAIN, Status.ESTIMATE) if worse in statuses),
                        Status.GIVEN,
                    ),
                    part,
                    "~" if top.qualifier or bottom.qualifier else "",
                )
            )
        if points:
            releases = f"{above.source} {above.release} / {below.source} {below.release}"
            derived.append(Series(indicator.code, above.country_code, part, DERIVED, releases, tuple(points)))
    return derived


def unreadable_file(path: Path, error: Exception) -> ImportRefusal:
    """The refusal of a publisher's file that its reader could not open, with the first line of what it said."""
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ImportRefusal([Problem("indicator-unreadable", path.name, params={"detail": detail})])


# --- figures that stand in texts -----------------------------------------------------------------------


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def decimal(value: object) -> float | None:
    """A finite number as a publisher's program writes it: a decimal point, no marks of thousands; None otherwise."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value) if isinstance(value, int | float) else float(str(value).strip())
    except ValueError:
        return None
    return number if number - number == 0 and "_" not in str(value) else None


def _figure(value: object, notation: Notation) -> tuple[float | None, str | BilingualText]:
    """A figure that a person or a program wrote, or None and what is expected instead."""
    if not isinstance(value, str):
        return decimal(value), A_NUMBER
    if SCIENTIFIC.fullmatch(value.strip()):
        return decimal(value), A_NUMBER
    try:
        return float(read_number(value, notation)), A_NUMBER
    except AmbiguousNumberError as error:
        less, more = error.readings
        return None, TWO_READINGS.format(less=less, more=more)
    except NumberTextError:
        return None, A_NUMBER


def _record(
    entry: Mapping[str, Any], number: int, file: str, notation: Notation, problems: list[Problem]
) -> Observation | None:
    country = country_code(str(entry.get("country", "")))
    year = _whole(entry.get("year", ""))
    value, expected = _figure(entry.get("value"), notation)
    checks: dict[str, tuple[bool, str | BilingualText]] = {
        "indicator": (entry.get("indicator") in indicators(), ", ".join(indicators())),
        "country": (
            country is not None,
            BilingualText("an ISO 3166 code or a name", "un código ISO 3166 o un nombre"),
        ),
        "value": (value is not None, expected),
        "year": (
            year is not None or (not entry.get("year") and bool(entry.get("period"))),
            BilingualText("a year, or a period in words", "un año, o un periodo en palabras"),
        ),
        "part": (not entry.get("part") or entry["part"] in part_names(), ", ".join(part_names())),
        "qualifier": (entry.get("qualifier", "") in QUALIFIERS, "> < ~"),
        "source": (entry.get("source") in sources(), ", ".join(sources())),
    }
    checks |= {name: (False, ", ".join(RECORD_FIELDS)) for name in entry if name not in RECORD_FIELDS}
    wrong = [
        Problem(
            "indicator-record", file, None, number, name, {"value": entry.get(name, ""), "known": allowed}
        )
        for name, (good, allowed) in checks.items()
        if not good
    ]
    problems += wrong
    if wrong or country is None:
        return None
    return Observation(
        indicator_code=entry["indicator"],
        country_code=country,
        year=year,
        value=value,
        reference=Reference(entry["source"], entry.get("place", "")),
        part=entry.get("part", ""),
        qualifier=entry.get("qualifier", ""),
        period=BilingualText.of(entry["period"]) if entry.get("period") else None,
        note=BilingualText.of(entry["note"]) if entry.get("note") else None,
    )


def _csv_entries(path: Path) -> list[tuple[int, dict[str, Any]]]:
    rows = csv_rows(path)
    _, names = next(rows, (0, []))
    return [
        (
            number - 1,
            {name: value for name, value in zip_longest(names, values, fillvalue="") if value.strip()},
        )
        for number, values in rows
        if any(map(str.strip, values))
    ]


def read_records(path: Path) -> list[IndicatorFile]:
    """The records of a TOML file (`[[records]]`) or a CSV file with the columns `RECORD_FIELDS`, one part a source.

    The release is the file's `edition` (TOML); a CSV is its own release, by its name.

    Raises
    ------
    ImportRefusal
        Every record with an unknown indicator, country, part, qualifier or source, without a number or a date, or
        that another record contradicts; named by number and field.
    """
    try:
        is_csv = path.suffix.lower() == ".csv"
        raw = {} if is_csv else tomllib.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw.get("records", []), list):
            raise ValueError("records is no list of tables")
        records = _csv_entries(path) if is_csv else list(enumerate(raw.get("records", []), start=1))
    except (OSError, ValueError, csv.Error) as error:
        raise ImportRefusal([Problem("indicator-unreadable", path.name, params={"detail": error})]) from error
    if not all(isinstance(entry, dict) for _, entry in records):
        detail = "records is no list of tables"
        raise ImportRefusal([Problem("indicator-unreadable", path.name, params={"detail": detail})])
    release = str(raw.get("edition", path.stem))
    problems: list[Problem] = []
    points_of: dict[str, list[Observation]] = {}
    earlier: dict[tuple[object, ...], int] = {}
    notation = notation_of(entry["value"] for _, entry in records if isinstance(entry.get("value"), str))
    for number, entry in records:
        if (point := _record(entry, number, path.name, notation, problems)) is None:
            continue
        key = (
            point.reference.source, point.indicator_code, point.country_code, point.part, point.year, point.period,
        )  # fmt: skip
        if key in earlier:
            params = {"earlier": earlier[key]}
            problems.append(Problem("indicator-twice", path.name, row=number, params=params))
        earlier.setdefault(key, number)
        points_of.setdefault(point.reference.source, []).append(point)
    if not problems and not points_of:
        problems.append(Problem("indicator-empty", path.name))
    if problems:
        raise ImportRefusal(problems)
    return [IndicatorFile(source, release, tuple(points)) for source, points in points_of.items()]


@cache
def packaged_records() -> tuple[IndicatorFile, ...]:
    """The thesis's figures and those of the public record that come with the package."""
    with resources.as_file(resources.files(__package__).joinpath(RECORDS)) as path:
        return tuple(read_records(path))


@cache
def gaps() -> tuple[Gap, ...]:
    """The figures of the thesis whose values are not in its text."""
    text = resources.files(__package__).joinpath(RECORDS).read_text(encoding="utf-8")
    return tuple(
        Gap(
            entry["indicator"],
            entry["figure"],
            BilingualText.of(entry["note"]),
            Reference("martinez-2014", f"{entry['place']}, {entry['figure']}"),
        )
        for entry in tomllib.loads(text)["gaps"]
    )
