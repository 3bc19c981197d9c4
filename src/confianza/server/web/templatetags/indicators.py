"""How figures of indicators are written on a page: value, unit and what their source says of them."""

from urllib.parse import urlencode

from django import template
from django.utils.text import slugify

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.evidence.countries import country_name
from confianza.evidence.indicators import (
    DERIVED,
    QUALIFIERS,
    STATUS_NAMES,
    Indicator,
    Observation,
    Series,
    Status,
    indicators,
    part_names,
    unit_names,
)
from confianza.server.indicators.selectors import ProfileRow
from confianza.server.language import format_money, format_number, localized

register = template.Library()


@register.simple_tag
def figure(point: Observation | None, indicator: Indicator) -> str:
    """The value in its unit, with `more than` or `about` before it; what the publisher says where there is none."""
    if point is None:
        return "—"
    if point.value is None:
        return localized(STATUS_NAMES[point.status])
    unit = indicator.unit
    if unit in {"usd", "usd-constant"}:
        words = format_money(
            Money(round(point.value) * 100 if abs(point.value) >= 1000 else round(point.value * 100), "USD")
        )
    elif unit == "percent":
        words = f"{format_number(point.value, 0 if float(point.value).is_integer() else 2)} %"
    elif float(point.value).is_integer():
        words = format_number(int(point.value))
    else:
        words = format_number(point.value, 1 if abs(point.value) >= 100 else 3)
    return f"{localized(QUALIFIERS[point.qualifier])} {words}".strip()


@register.filter
def dated(point: Observation | None) -> str:
    """The year of a figure, or how its source dates it."""
    if point is None:
        return ""
    return localized(point.period) if point.period else str(point.year or "")


@register.filter
def doubt(point: Observation) -> str:
    """What a publisher says of a figure that is not plainly given."""
    return "" if point.status is Status.GIVEN else localized(STATUS_NAMES[point.status])


@register.filter
def country(code: str) -> BilingualText:
    return country_name(code)


@register.filter
def indicator_name(code: str) -> BilingualText:
    return indicators()[code].name


@register.filter
def unit(code: str) -> str:
    return localized(unit_names().get(code))


@register.filter
def part(code: str) -> str:
    return localized(part_names().get(code)) or code


@register.filter
def is_derived(series: Series) -> bool:
    return series.source == DERIVED


@register.filter
def series_anchor(series: Series) -> str:
    """Where the table of a series begins on the page."""
    return slugify(
        f"{series.indicator_code} {series.part} {series.country_code} {series.source} {series.release}"
    )


@register.filter
def chart_query(row: ProfileRow, pair: str) -> str:
    """What the chart of a row is asked for by, after the parameters of the pair."""
    return f"{pair}&{urlencode({'indicator': row.indicator.code, 'part': row.part})}"


@register.filter
def missing_count(series: Series) -> int:
    return len(series.missing_years)


@register.filter
def years_of(series: Series) -> str:
    """First and last year with a figure."""
    years = sorted(series.by_year)
    return "" if not years else str(years[0]) if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
