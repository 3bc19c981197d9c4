"""Indicators over the interface: definitions with what is here, and the series of a country."""

from ninja import Router, Schema

from confianza.cooperation.permissions import permission_table
from confianza.evidence.countries import known_country
from confianza.evidence.indicators import indicators
from confianza.server.api.cases import ERRORS
from confianza.server.indicators.selectors import (
    coverage,
    every_release,
    known_indicator,
    published_indicators,
    with_derived,
)
from confianza.server.web.templatetags.formats import said

router = Router(tags=["indicators"])


class CoverageOut(Schema):
    """What an edition of a source has of an indicator."""

    source: str
    edition: str
    country_count: int
    first_year: int | None
    last_year: int | None
    figure_count: int
    missing_count: int


class IndicatorOut(Schema):
    code: str
    name: str
    unit: str
    definition: str
    formula: str | None
    editions: list[CoverageOut]


class PointOut(Schema):
    """One figure, or the publisher's word that there is none, with its place in the source."""

    year: int | None
    period: str
    value: float | None
    qualifier: str
    status: str
    place: str
    note: str


class SeriesOut(Schema):
    indicator: str
    country: str
    part: str
    source: str
    edition: str
    points: list[PointOut]


def _series(series) -> dict:
    return {
        "indicator": series.indicator_code,
        "country": series.country_code,
        "part": series.part,
        "source": series.source,
        "edition": series.release,
        "points": [
            {
                "year": point.year,
                "period": said(point.period),
                "value": point.value,
                "qualifier": point.qualifier,
                "status": point.status.value,
                "place": point.reference.place,
                "note": said(point.note),
            }
            for point in series.points
        ],
    }


@router.get("/indicators", response={200: list[IndicatorOut], **ERRORS})
def list_indicators(request):
    """Every indicator that is defined or imported, and what each edition has of it."""
    permission_table().require(request.user.actor, "view_indicators")
    found: dict[str, list] = {code: [] for code in indicators()}
    for item in coverage():
        found.setdefault(item.indicator_code, []).append(item)
    known, answer = {**published_indicators(), **indicators()}, []
    for code, items in found.items():
        indicator = known[code]
        formula = indicator.formula
        answer.append(
            {
                "code": code,
                "name": said(indicator.name),
                "unit": indicator.unit,
                "definition": said(indicator.definition),
                "formula": f"{formula.factor} * {formula.numerator} / {formula.denominator}"
                if formula
                else None,
                "editions": [vars(item) | {"edition": item.release} for item in items],
            }
        )
    return answer


@router.get("/indicators/{code}", response={200: list[SeriesOut], **ERRORS})
def show_indicator(request, code: str, country: str, every: bool = False):
    """The series of one indicator and country, derived ones too; `every` adds the older editions."""
    permission_table().require(request.user.actor, "view_indicators")
    known_indicator(code)
    place = known_country(country)
    found = every_release(place, code) if every else with_derived(place, code)
    return [_series(series) for series in found]
