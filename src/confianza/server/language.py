"""The language of a request: two-language texts, amounts, dates and shares become words here and nowhere else."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.utils.formats import date_format
from django.utils.translation import get_language

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import MINOR_PLACES, Money
from confianza.cooperation.sources import place_in
from confianza.errors import CodedMessage, Problem

Nothing = Literal[""] | None  # a template gives an empty string for what is not there


def language() -> str:
    """`es` or `en`."""
    return "es" if (get_language() or "en").startswith("es") else "en"


def localized(value: BilingualText | Mapping[str, str] | str | None) -> str:
    """A `BilingualText`, or its stored JSON, in the language of the request."""
    if value is None or value == "":
        return ""
    return BilingualText.of(value).in_language(language())


def localized_reference(value: object) -> str:
    """A reference, or the place in one, in the language of the request."""
    return place_in(str(value), language())


def format_money(value: Money | Nothing) -> str:
    """`$1,234.50` in English, `1,234.50 USD` in Spanish (where $ would be read as pesos); no empty cents."""
    if value is None or value == "":
        return "—"
    places = MINOR_PLACES[value.currency]
    whole, fraction = divmod(abs(value.minor), 10**places)
    digits = f"{whole:,}" + (f".{fraction:0{places}d}" if fraction else "")
    sign = "−" if value.minor < 0 else ""
    return f"{sign}${digits}" if language() == "en" else f"{sign}{digits} {value.currency}"


def format_day(value: date | Nothing) -> str:
    """A date as the language writes it."""
    return "—" if value is None or value == "" else date_format(value, "DATE_FORMAT")


def written(value: object) -> object:
    """A parameter of a sentence as a page writes it: a day as the language does, the rest as it stands."""
    return format_day(value) if isinstance(value, date) and not isinstance(value, datetime) else value


def told(message: CodedMessage | Problem) -> str:
    """What an error or a problem of a file says, on a page."""
    return message.rewritten(written).in_language(language())


def format_percent(value: float | Nothing) -> str:
    """A share of 0–1 as a percentage with one decimal."""
    return "—" if value is None or value == "" else f"{100 * value:.1f} %"


def format_number(value: float | Decimal | Nothing, places: int = 0) -> str:
    """A number with thousands separators and a true minus sign."""
    if value is None or value == "":
        return "—"
    return f"{value:,.{places}f}".replace("-", "−")


def format_signed(value: Money | float | Decimal | Nothing, places: int = 2) -> str:
    """A difference with its sign; nothing but a dash when there is none to show."""
    if value is None or value == "":
        return "—"
    if isinstance(value, Money):
        return ("+" if value.minor > 0 else "") + format_money(value)
    return f"{value:+,.{places}f}".replace("-", "−") if value else "0"
