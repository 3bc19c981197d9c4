"""Indicators and their figures as the interface returns them and commands print them."""

from dataclasses import dataclass

from confianza.cooperation.bilingual import Text
from confianza.evidence import indicators as library
from confianza.server.documents import made_of
from confianza.server.indicators import selectors


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """An indicator, and what each edition of a source has of it."""

    code: str
    name: str
    unit: str
    definition: str
    formula: str | None
    editions: list[selectors.Coverage]


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


def _text(text: Text | None, language: str) -> str:
    return text.in_language(language) if text else ""


def indicator_list(language: str) -> list[Indicator]:
    """Every indicator that is defined or imported, and what each edition has of it."""
    known = {**selectors.published_indicators(), **library.indicators()}
    editions: dict[str, list[selectors.Coverage]] = {code: [] for code in library.indicators()}
    for item in selectors.coverage():
        editions.setdefault(item.indicator_code, []).append(item)
    return [_indicator(known[code], items, language) for code, items in editions.items()]


def _indicator(item: library.Indicator, editions: list[selectors.Coverage], language: str) -> Indicator:
    formula = item.formula
    return made_of(
        Indicator,
        item,
        name=item.name.in_language(language),
        definition=item.definition.in_language(language),
        formula=f"{formula.factor} * {formula.numerator} / {formula.denominator}" if formula else None,
        editions=editions,
    )


def series(item: library.Series, language: str) -> Series:
    """The figures of an indicator and country."""
    points = [
        made_of(
            Figure,
            point,
            period=_text(point.period, language),
            status=point.status.value,
            place=point.reference.place,
            note=_text(point.note, language),
        )
        for point in item.points
    ]
    return made_of(Series, item, indicator=item.indicator_code, country=item.country_code, points=points)
