"""Series of a pair of countries, or of one, by year: what others have counted, each with its source and window.

What a source says nothing of is missing outside its window of years; inside, the measure tells whether it is missing
or a true zero (`absence`). Readers of the publishers' files are in `sources/series`; measures and windows stand in
`data/series.toml`, the terms of each source in `data/data_licenses.toml`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from io import StringIO
from typing import Any, NamedTuple

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import RuleRefusal
from confianza.packaged import packaged_table

DERIVED = "derived"
SHIPPED = "data/shipped_series.csv"
COLUMNS = (
    "source", "release", "measure", "part", "unit", "from", "to", "year", "period", "value", "qualifier", "n",
    "standard_error", "low", "high", "state", "reference",
)  # fmt: skip
Years = tuple[int, int]


class Shape(StrEnum):
    """Whom a measure is of."""

    DIRECTED = "directed"  # of one country toward the other
    MUTUAL = "mutual"  # of both alike; stored in the order of their codes
    COUNTRY = "country"  # of one country


class State(StrEnum):
    """What is known of a year inside a window."""

    GIVEN = "given"
    ZERO = "zero"  # the source has no entry, and lists every one there is
    MISSING = "missing"


STATE_NAMES = {
    State.GIVEN: BilingualText("as published", "como se publicó"),
    State.ZERO: BilingualText("none recorded", "ninguno registrado"),
    State.MISSING: BilingualText("missing", "sin dato"),
}


@dataclass(frozen=True)
class SeriesSource:
    """A source of series: its key in `sources.toml`, its window, and how a whole file is told from an extract.

    `window` is of the edition named; a file whose rows go beyond it widens it. A file with fewer than
    `least_countries` is an extract: what it does not name is missing, never zero.
    """

    key: str
    window: Years
    least_countries: int
    is_secondary: bool = False


@dataclass(frozen=True)
class Measure:
    """What is measured, of whom, in which unit, and what it means that a source has no entry.

    `giver` is the only country that a directed measure can come from; `distance_of` names the measure of a country
    whose absolute difference between two this one is.
    """

    code: str
    source: str
    name: BilingualText
    definition: BilingualText
    unit: str
    shape: Shape
    is_complete: bool = False
    giver: str = ""
    window: Years | None = None
    distance_of: str = ""

    @property
    def years(self) -> Years:
        """The window of the measure, or of its source."""
        return self.window or series_sources()[self.source].window


class SeriesPoint(NamedTuple):
    """A value of a year and where it stands; `period` where the year is told otherwise (`1976tq`).

    `n` is what the value was made of (votes, answers, orders), `low` and `high` bound it at 90 %, `qualifier` is `>`
    where it is a lower bound. A value of None is the publisher's word that there is none.
    """

    year: int
    value: float | None
    place: str = ""
    period: str = ""
    qualifier: str = ""
    n: int | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    state: State = State.GIVEN


@dataclass(frozen=True, order=True)
class SeriesKey:
    """Measure, countries and part of a series; `to_code` is empty for a measure of one country."""

    measure: str
    from_code: str
    to_code: str = ""
    part: str = ""


@dataclass(frozen=True)
class SeriesFile:
    """A release of a source as a file gave it, read whole.

    `windows` are the years that the file covers, by measure; `skipped` names what is no country of today, or a row
    that is nobody's; `is_whole` is False for an extract.
    """

    source: str
    release: str
    series: Mapping[SeriesKey, tuple[SeriesPoint, ...]]
    windows: Mapping[str, Years]
    is_whole: bool = True
    skipped: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many points it has."""
        return sum(map(len, self.series.values()))


@dataclass(frozen=True)
class PairSeries:
    """A measure of a pair or a country, year by year through the window of its source."""

    key: SeriesKey
    source: str
    release: str
    window: Years
    points: tuple[SeriesPoint, ...]

    @property
    def values(self) -> tuple[SeriesPoint, ...]:
        """The points with a value."""
        return tuple(point for point in self.points if point.value is not None)

    @property
    def latest(self) -> SeriesPoint | None:
        """The last point with a value."""
        return self.values[-1] if self.values else None

    @property
    def missing_count(self) -> int:
        """The years of the window without a value."""
        return sum(point.state is State.MISSING for point in self.points)


# --- definitions -----------------------------------------------------------------------------------


def _table() -> Mapping[str, Any]:
    return packaged_table(__package__, "data/series.toml")


@cache
def series_sources() -> Mapping[str, SeriesSource]:
    """Every source of series, by key."""
    return {
        key: SeriesSource(
            key,
            (entry["window"][0], entry["window"][1]),
            entry["least_countries"],
            entry.get("secondary", False),
        )
        for key, entry in _table()["sources"].items()
    }


@cache
def measures() -> Mapping[str, Measure]:
    """Every measure, by code."""
    return {
        code: Measure(
            code=code,
            source=entry["source"],
            name=BilingualText.of(entry["name"]),
            definition=BilingualText.of(entry["definition"]),
            unit=entry["unit"],
            shape=Shape(entry["shape"]),
            is_complete=entry.get("absence", "missing") == "zero",
            giver=entry.get("giver", ""),
            window=tuple(entry["window"]) if "window" in entry else None,
            distance_of=entry.get("distance_of", ""),
        )
        for code, entry in _table()["measures"].items()
    }


def known_measure(code: str) -> Measure:
    """The measure of a code (RuleRefusal `series-measure-unknown`)."""
    if code not in measures():
        raise RuleRefusal("series-measure-unknown", code=code, known=", ".join(measures()))
    return measures()[code]


def measure_units() -> Mapping[str, BilingualText]:
    """The units, by code."""
    return {code: BilingualText.of(name) for code, name in _table()["units"].items()}


def measure_parts() -> Mapping[str, BilingualText]:
    """What a series can be a part of, by code; accounts of U.S. aid stand under their own names."""
    return {code: BilingualText.of(name) for code, name in _table()["parts"].items()}


# --- states ------------------------------------------------------------------------------------------


@cache
def _state_rows() -> tuple[Mapping[str, str], ...]:
    text = resources.files(__package__).joinpath("data/cow_states.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def _states() -> tuple[tuple[int, str, int, int | None], ...]:
    return tuple(
        (int(row["number"]), row["country"], int(row["first"]), int(row["last"]) if row["last"] else None)
        for row in _state_rows()
    )


@cache
def _state_names() -> Mapping[int, str]:
    return {int(row["number"]): row["name"] for row in _state_rows()}


@cache
def _by_number() -> Mapping[int, tuple[tuple[str, int, int | None], ...]]:
    found: dict[int, list[tuple[str, int, int | None]]] = {}
    for number, country, first, last in _states():
        found.setdefault(number, []).append((country, first, last))
    return {number: tuple(spans) for number, spans in found.items()}


@cache
def state_of_number(number: int, year: int) -> str | None:
    """The ISO 3166 code of a state by its Correlates of War number in a year; `""` when the state is no more.

    None for a number that is none. A year outside the spans of the state takes the nearest.
    """
    spans = _by_number().get(number)
    if spans is None:
        return None

    def distance(span: tuple[str, int, int | None]) -> int:
        _, first, last = span
        return max(first - year, 0, year - last if last is not None else 0)

    return min(spans, key=distance)[0]


@cache
def state_name(number: int) -> str:
    """The name of a state by its Correlates of War number; KeyError when it is none."""
    return _state_names()[number]


@cache
def was_a_state(country: str, year: int) -> bool:
    """Whether the Correlates of War project counts a country of today as a state in a year."""
    return any(
        code == country and first <= year and (last is None or year <= last)
        for _, code, first, last in _states()
    )


# --- a pair, year by year ------------------------------------------------------------------------------


def mutual(one: str, other: str) -> tuple[str, str]:
    """Two countries in the order in which a mutual measure stores them."""
    return (one, other) if one < other else (other, one)


def keys_of_pair(measure: Measure, one: str, other: str) -> list[SeriesKey]:
    """The series a measure can have of two countries, without their parts."""
    if measure.shape is Shape.COUNTRY:
        return [SeriesKey(measure.code, one), SeriesKey(measure.code, other)]
    if measure.shape is Shape.MUTUAL:
        return [SeriesKey(measure.code, *mutual(one, other))]
    both = [SeriesKey(measure.code, one, other), SeriesKey(measure.code, other, one)]
    return [key for key in both if measure.giver in ("", key.from_code)]


def through_window(
    measure: Measure, key: SeriesKey, points: Sequence[SeriesPoint], window: Years, *, is_whole: bool
) -> tuple[SeriesPoint, ...]:
    """The points of a series with every year of its window: what has no entry is zero or missing.

    Zero where the source lists every entry there is (`absence = "zero"`), the file is whole and both countries were
    states in that year; missing otherwise. Outside the window nothing is said.
    """
    by_year: dict[int, list[SeriesPoint]] = {}
    for point in sorted(points, key=lambda point: (point.year, point.period)):
        by_year.setdefault(point.year, []).append(point)
    countries = [code for code in (key.from_code, key.to_code) if code]
    result: list[SeriesPoint] = []
    for year in range(window[0], window[1] + 1):
        if year in by_year:
            result += [
                point if point.value is not None else _empty(year, State.MISSING, point)
                for point in by_year[year]
            ]
            continue
        is_zero = measure.is_complete and is_whole and all(was_a_state(code, year) for code in countries)
        result.append(_empty(year, State.ZERO if is_zero else State.MISSING))
    return tuple(result)


def _empty(year: int, state: State, point: SeriesPoint | None = None) -> SeriesPoint:
    value = 0.0 if state is State.ZERO else None
    return SeriesPoint(year, value, point.place if point else "", point.period if point else "", state=state)


def series_of_pair(file: SeriesFile, one: str, other: str) -> list[PairSeries]:
    """What a release says of two countries: each measure and part through its window, distances last.

    A measure whose source lists every entry there is has zeros where a whole file has none of the pair; of any other
    measure without an entry there is no series.
    """
    parts: dict[SeriesKey, list[SeriesKey]] = {}
    for key in file.series:
        parts.setdefault(replace(key, part=""), []).append(key)
    found: list[PairSeries] = []
    for measure in measures().values():
        window = file.windows.get(measure.code)
        if measure.source != file.source or window is None:
            continue
        for bare in keys_of_pair(measure, one, other):
            keys = sorted(parts.get(bare, ()))
            if not keys and file.is_whole and measure.is_complete:
                keys = [bare]
            for key in keys:
                points = through_window(
                    measure, key, file.series.get(key, ()), window, is_whole=file.is_whole and not key.part
                )
                found.append(PairSeries(key, file.source, file.release, window, points))
    for measure in measures().values():
        sides = [item for item in found if item.key.measure == measure.distance_of and not item.key.part]
        if measure.distance_of and len(sides) == 2:
            found.append(distance(measure, *sides))
    return found


def distance(measure: Measure, one: PairSeries, other: PairSeries) -> PairSeries:
    """|a − b| of the same year of two countries; a year without both is missing.

    The two are estimated together and the publisher gives no joint interval, so none is shown.
    """
    key = SeriesKey(measure.code, *mutual(one.key.from_code, other.key.from_code))
    mine, theirs = ({point.year: point for point in series.points} for series in (one, other))
    window = max(one.window[0], other.window[0]), min(one.window[1], other.window[1])
    points = []
    for year in range(window[0], window[1] + 1):
        values = [side[year].value for side in (mine, theirs) if year in side]
        a, b = values if len(values) == 2 else (None, None)
        if a is None or b is None:
            points.append(_empty(year, State.MISSING))
        else:
            place = "; ".join(side[year].place for side in (mine, theirs))
            points.append(SeriesPoint(year, abs(a - b), place))
    return PairSeries(key, one.source, one.release, window, tuple(points))


# --- the one table -------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if value is None:
        return ""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def table_row(series: PairSeries, point: SeriesPoint) -> dict[str, Any]:
    """A point as a row of the one table, under `COLUMNS`."""
    return {
        "source": series.source,
        "release": series.release,
        "measure": series.key.measure,
        "part": series.key.part,
        "unit": measures()[series.key.measure].unit,
        "from": series.key.from_code,
        "to": series.key.to_code,
        "year": point.year,
        "period": point.period,
        "value": point.value,
        "qualifier": point.qualifier,
        "n": point.n,
        "standard_error": point.standard_error,
        "low": point.low,
        "high": point.high,
        "state": point.state.value,
        "reference": point.place,
    }


def written_table(every: Iterable[PairSeries], head: Sequence[str] = ()) -> str:
    """Series as the CSV of the one table, after lines of comment."""
    text = StringIO()
    text.writelines(f"# {line}".rstrip() + "\n" for line in head)
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for series in every:
        for point in series.points:
            row = table_row(series, point)
            writer.writerow({name: _text(value) for name, value in row.items()})
    return text.getvalue()


# --- terms of sources ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DataLicense:
    """Under which terms a source of data stands, and what of it ships with the package.

    `ships` is `nothing`, `derived` (small series made of it), or `rows` (its own rows).
    """

    source: str
    publisher: str
    address: str
    terms: BilingualText
    ships: str
    what: BilingualText
    citation: str
    reader: str
    file: str = ""


@cache
def data_licenses() -> Mapping[str, DataLicense]:
    """The terms of every source of data that is read, by its key in `sources.toml`."""
    return {
        key: DataLicense(
            source=key,
            publisher=entry["publisher"],
            address=entry["address"],
            terms=BilingualText.of(entry["terms"]),
            ships=entry["ships"],
            what=BilingualText.of(entry["what"]),
            citation=entry["citation"],
            reader=entry["reader"],
            file=entry.get("file", ""),
        )
        for key, entry in packaged_table(__package__, "data/data_licenses.toml").items()
    }


def shipped_bytes() -> bytes:
    """The file of series that ships with the package."""
    return resources.files(__package__).joinpath(SHIPPED).read_bytes()


def citations(sources: Iterable[str]) -> Iterator[str]:
    """How each source is cited, with its terms."""
    for key in sources:
        license_ = data_licenses()[key]
        yield f"{key}: {license_.citation} {license_.address}"
        yield f"    Terms: {license_.terms.en}"
