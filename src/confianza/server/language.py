"""The language of a request: two-language texts, amounts, dates and shares become words here and nowhere else."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import MINOR_PLACES, Money
from confianza.cooperation.sources import place_in

NOTHING = (None, "")  # a template gives an empty string for what is not there


def language() -> str:
    """`es` or `en`."""
    return "es" if (get_language() or "en").startswith("es") else "en"


def localized(value) -> str:
    """A `BilingualText`, or its stored JSON, in the language of the request."""
    if value in NOTHING:
        return ""
    return BilingualText.of(value).in_language(language())


def localized_reference(value) -> str:
    """A reference, or the place in one, in the language of the request."""
    return place_in(str(value), language())


def format_money(value: Money | None) -> str:
    """`$1,234.50` in English, `1,234.50 USD` in Spanish (where $ would be read as pesos); no empty cents."""
    if value in NOTHING:
        return "—"
    places = MINOR_PLACES[value.currency]
    whole, fraction = divmod(abs(value.minor), 10**places)
    digits = f"{whole:,}" + (f".{fraction:0{places}d}" if fraction else "")
    sign = "−" if value.minor < 0 else ""
    return f"{sign}${digits}" if language() == "en" else f"{sign}{digits} {value.currency}"


def format_day(value: date | None) -> str:
    """A date as the language writes it."""
    return "—" if value in NOTHING else date_format(value, "DATE_FORMAT")


def format_percent(value: float | None) -> str:
    """A share of 0–1 as a percentage with one decimal."""
    return "—" if value in NOTHING else f"{100 * value:.1f} %"


def format_number(value, places: int = 0) -> str:
    """A number with thousands separators and a true minus sign."""
    if value in NOTHING:
        return "—"
    return f"{value:,.{places}f}".replace("-", "−")


def format_signed(value, places: int = 2) -> str:
    """A difference with its sign; nothing but a dash when there is none to show."""
    if value in NOTHING:
        return "—"
    if isinstance(value, Money):
        return ("+" if value.minor > 0 else "") + format_money(value)
    return f"{value:+,.{places}f}".replace("-", "−") if value else "0"
