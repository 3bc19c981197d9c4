"""Indicators and their figures as the interface returns them and commands print them."""

from dataclasses import dataclass, replace

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence import indicators as library
from confianza.server.documents import made_of
from confianza.server.indicators import selectors


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What an edition has of an indicator: countries, years, figures, and places that are empty."""

    indicator_code: str
    source: str
    edition: str
    country_count: int
    first_year: int | None
    last_year: int | None
    figure_count: int
    missing_count: int


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """An indicator, and what each edition of a source has of it."""

    code: str
    name: str
    unit: str
    definition: str
    formula: str | None
    editions: list[Coverage]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, or the publisher's word that there is none, with its place in the source."""

    year: int | None
    period: str
    value: float | None
    qualifier: str
    status: str
    place: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """The figures of an indicator and country in one edition of one source."""

    indicator: str
    country: str
    part: str
    source: str
    edition: str
    points: list[Figure]


def coverage(item: selectors.ReleaseCoverage) -> Coverage:
    """What an edition has of an indicator."""
    return made_of(Coverage, item, edition=item.release)


def indicator_list(language: str) -> list[Indicator]:
    """Every indicator that is defined or imported, and what each edition has of it."""
    known = {**selectors.published_indicators(), **library.indicators()}
    editions: dict[str, list[Coverage]] = {code: [] for code in library.indicators()}
    for item in selectors.coverage():
        editions.setdefault(item.indicator_code, []).append(coverage(item))
    return [
        made_of(Indicator, known[code], language, formula=_formula(known[code].formula), editions=items)
        for code, items in editions.items()
    ]


def _formula(formula: library.IndicatorFormula | None) -> str | None:
    return f"{formula.factor} * {formula.numerator} / {formula.denominator}" if formula else None


def series(item: library.Series, language: str) -> Series:
    """The figures of an indicator and country."""
    blank = BilingualText("", "")
    points = [
        made_of(
            Figure,
            replace(point, period=point.period or blank, note=point.note or blank),
            language,
            place=point.reference.place,
        )
        for point in item.points
    ]
    return made_of(
        Series,
        item,
        indicator=item.indicator_code,
        country=item.country_code,
        edition=item.release,
        points=points,
    )
