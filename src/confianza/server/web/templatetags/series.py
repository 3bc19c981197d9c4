"""How the series of a pair are written on a page: values with their unit, countries, what a year without a value is."""

from urllib.parse import urlencode

from django import template
from django.utils.text import slugify

from confianza.cooperation.money import Money
from confianza.evidence.countries import country_name
from confianza.evidence.series import (
    STATE_NAMES,
    PairSeries,
    SeriesPoint,
    State,
    measure_parts,
    measure_units,
    measures,
)
from confianza.server.language import format_money, format_number, localized
from confianza.server.series.selectors import MeasureOfPair

register = template.Library()


@register.simple_tag
def series_value(point: SeriesPoint | None, item: PairSeries) -> str:
    """The value in its unit, with its interval where the source has one; what the year is where there is none."""
    if point is None:
        return "—"
    if point.value is None:
        return localized(STATE_NAMES[State.MISSING])
    unit = measures()[item.key.measure].unit
    words = f"{point.qualifier} {_written(point.value, unit)}".strip()
    if point.low is not None and point.high is not None:
        words += f" ({_written(point.low, unit)} … {_written(point.high, unit)})"
    return words


def _written(value: float, unit: str) -> str:
    if unit == "usd":
        return format_money(Money(round(value * 100), "USD"))
    if unit == "percent":
        return f"{format_number(value, 0 if value.is_integer() else 1)} %"
    if value.is_integer():
        return format_number(value)
    return format_number(value, 1 if abs(value) >= 100 else 4 if abs(value) < 0.1 else 2)


@register.filter
def line_name(item: PairSeries) -> str:
    """Whose a series is: one country, the first toward the other (→), or both (–)."""
    one = localized(country_name(item.key.from_code))
    if not item.key.to_code:
        return one
    other = localized(country_name(item.key.to_code))
    sign = "–" if measures()[item.key.measure].shape == "mutual" else "→"
    return f"{one} {sign} {other}"


@register.filter
def part_name(part: str) -> str:
    """What a series is a part of; accounts stand under their own names."""
    return localized(measure_parts().get(part)) or part


@register.filter
def measure_unit(code: str) -> str:
    return localized(measure_units()[code])


@register.filter
def measure_anchor(row: MeasureOfPair) -> str:
    """Where a measure begins on the page."""
    return slugify(f"{row.measure.code} {row.part}")


@register.filter
def measure_chart(row: MeasureOfPair, pair: str) -> str:
    """What the chart of a measure is asked for by, after the parameters of the pair."""
    return f"{pair}&{urlencode({'measure': row.measure.code, 'part': row.part})}"


@register.filter
def point_state(point: SeriesPoint) -> str:
    """What a year without an entry is; empty for a value that was given."""
    return "" if point.state is State.GIVEN else localized(STATE_NAMES[point.state])
