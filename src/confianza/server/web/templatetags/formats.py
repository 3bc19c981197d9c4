"""The one place where amounts, dates, shares and two-language texts become words on a page."""

from datetime import date

from django import template
from django.utils.formats import date_format

from confianza.cooperation.bilingual import Text
from confianza.cooperation.money import MINOR_PLACES, Money
from confianza.cooperation.sources import place_in
from confianza.server.language import language

register = template.Library()
NOTHING = (None, "")  # a template gives an empty string for what is not there


@register.filter
def said(value) -> str:
    """A `Text`, or its stored JSON, in the language of the page."""
    if value in NOTHING:
        return ""
    return Text.of(value).in_language(language())


@register.filter
def cited(value) -> str:
    """A reference, or the place in one, in the language of the page."""
    return place_in(str(value), language())


@register.filter
def money(value: Money | None) -> str:
    """`$1,234.50` in English, `1,234.50 USD` in Spanish (where $ would be read as pesos); no empty cents."""
    if value in NOTHING:
        return "—"
    places = MINOR_PLACES[value.currency]
    whole, fraction = divmod(abs(value.minor), 10**places)
    digits = f"{whole:,}" + (f".{fraction:0{places}d}" if fraction else "")
    sign = "−" if value.minor < 0 else ""
    return f"{sign}${digits}" if language() == "en" else f"{sign}{digits} {value.currency}"


@register.filter
def day(value: date | None) -> str:
    return "—" if value in NOTHING else date_format(value, "DATE_FORMAT")


@register.filter
def percent(value: float | None) -> str:
    """A share of 0–1 as a percentage with one decimal."""
    return "—" if value in NOTHING else f"{100 * value:.1f} %"


@register.filter
def number(value, places: int = 0) -> str:
    """A number with thousands separators and a true minus sign."""
    if value in NOTHING:
        return "—"
    return f"{value:,.{places}f}".replace("-", "−")


@register.filter
def signed(value, places: int = 2) -> str:
    """A difference with its sign; nothing but a dash when there is none to show."""
    if value in NOTHING:
        return "—"
    if isinstance(value, Money):
        return ("+" if value.minor > 0 else "") + money(value)
    return f"{value:+,.{places}f}".replace("-", "−") if value else "0"


@register.filter
def item(mapping, key):
    return mapping.get(key)
