"""Series of a pair as the interface returns them and commands print them."""

from dataclasses import dataclass

from confianza.evidence import series as library
from confianza.server.documents import made_of
from confianza.server.series import selectors


@dataclass(frozen=True, kw_only=True)
class SeriesMeasure:
    """What is measured, by which source, under which terms; `releases` are those that are here."""

    code: str
    name: str
    unit: str
    definition: str
    shape: str
    source: str
    window: list[int]
    is_zero_without_entry: bool
    is_secondary: bool
    terms: str
    ships: str
    citation: str
    address: str
    releases: list[str]


@dataclass(frozen=True, kw_only=True)
class SeriesValue:
    """A value of a year, a true zero, or the word that there is none, with its place in the source."""

    year: int
    period: str
    value: float | None
    qualifier: str
    n: int | None
    standard_error: float | None
    low: float | None
    high: float | None
    state: str
    place: str


@dataclass(frozen=True, kw_only=True)
class SeriesOfPair:
    """A measure of two countries, or of one of them, through the window of its source."""

    measure: str
    part: str
    unit: str
    from_country: str
    to_country: str
    source: str
    release: str
    window: list[int]
    points: list[SeriesValue]


def measure_list(language: str) -> list[SeriesMeasure]:
    """Every measure, with the terms of its source and the releases that are here."""
    releases: dict[str, list[str]] = {}
    for release in selectors.series_releases():
        releases.setdefault(release.source, []).append(release.name)
    return [_measure(item, releases.get(item.source, []), language) for item in library.measures().values()]


def _measure(item: library.Measure, releases: list[str], language: str) -> SeriesMeasure:
    terms = library.data_licenses()[item.source]
    return made_of(
        SeriesMeasure,
        item,
        language,
        window=list(item.years),
        is_zero_without_entry=item.is_complete,
        is_secondary=library.series_sources()[item.source].is_secondary,
        terms=terms.terms.in_language(language),
        ships=terms.ships,
        citation=terms.citation,
        address=terms.address,
        releases=releases,
    )


def series_of_pair(item: library.PairSeries) -> SeriesOfPair:
    """A series, year by year."""
    return made_of(
        SeriesOfPair,
        item,
        measure=item.key.measure,
        part=item.key.part,
        unit=library.measures()[item.key.measure].unit,
        from_country=item.key.from_code,
        to_country=item.key.to_code,
        points=[made_of(SeriesValue, point) for point in item.points],
    )
