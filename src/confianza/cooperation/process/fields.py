"""Fields of a step: what they are in the rulebook, how they are read from text and stored as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.names import spelled
from confianza.cooperation.numbers import NumberTextError, read_count, read_number
from confianza.cooperation.partial_dates import PartialDate
from confianza.errors import LedgerError, RuleRefusal

Value = str | int | Money
MOST_LETTERS = 300  # of a title
MOST = 999_999_999  # of anything counted
SEEN = "records_seen"  # how many records whoever fills in a form saw
SUBJECT = "subject"  # the number of a line that a form begins
# What a form sends, and a register keeps, beside the fields of a step: no field of a rulebook has such a name.
RESERVED = frozenset({"csrfmiddlewaretoken", "next", "step", "on", "file", SEEN, SUBJECT})


@dataclass(frozen=True)
class Field:
    """A named value of a step; `type` is a key of `FIELD_TYPES`.

    A `choice` is one of `options`; an `entry` is a key of a `register` of the subject. What is personal may tell who
    somebody is: it is kept where it can be erased, never in the audit log.
    """

    name: str
    type: str
    label: BilingualText
    is_required: bool = True
    options: Mapping[str, BilingualText] = field(default_factory=dict)
    register: str = ""
    is_personal: bool = False


def _text(text: str) -> str | None:
    return text.strip() or None


def _title(text: str) -> str | None:
    return text.strip() if 0 < len(text.strip()) <= MOST_LETTERS else None


def _count(text: str) -> int | None:
    number = read_count(text)
    return number if number is not None and 0 < number <= MOST else None


def _money(text: str) -> Money | None:
    try:
        amount = Money.parse(text)
    except LedgerError:
        return None
    return amount if amount.minor > 0 else None


def _matching(pattern: str) -> Callable[[str], str | None]:
    return lambda text: text.strip() if re.fullmatch(pattern, text.strip()) else None


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None


def _instant(text: str) -> str | None:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return instant.isoformat(timespec="minutes") if len(text.strip()) > 10 else None


def _numbers(text: str) -> str | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return ", ".join(parts) if parts and all(re.fullmatch(r"\d{1,18}", part) for part in parts) else None


def _key(text: str) -> str | None:
    name = spelled(text)
    return name if re.fullmatch(r"[\w .,'/()&-]{1,80}", name) else None


def _partial_date(text: str) -> str | None:
    when = PartialDate.parse(text)
    return when.text if when else None


def _share(text: str) -> str | None:
    try:
        number = read_number(text)
    except NumberTextError:
        return None
    return f"{number.normalize():f}" if 0 <= number <= 1 else None


FIELD_TYPES: Mapping[str, Callable[[str], Value | None]] = {
    "text": _text,
    "words": _text,
    "title": _title,
    "count": _count,
    "money": _money,
    "line": _matching(r"\d{3}"),
    "line-number": _matching(r"\d{3}"),
    "date": _date,
    "instant": _instant,
    "month": _matching(r"\d{4}-(0[1-9]|1[0-2])"),
    "country": _matching(r"[A-Z]{2}"),
    "digest": _matching(r"[0-9a-f]{64}"),
    "numbers": _numbers,
    "key": _key,
    "choice": _text,
    "entry": _key,
    "document-kind": _key,
    "partial-date": _partial_date,
    "record-id": _matching(r"[a-z0-9][a-z0-9-]{0,109}"),
    "side": _matching(r"[A-Z]{2}|both"),
    "share": _share,
}

EXPECTED = {
    "text": BilingualText("some words", "unas palabras"),
    "words": BilingualText(
        "some words, in several lines if need be", "unas palabras, en varias líneas si hace falta"
    ),
    "title": BilingualText(f"at most {MOST_LETTERS} characters", f"{MOST_LETTERS} caracteres como máximo"),
    "count": BilingualText(
        "a whole number above zero such as 1500 (1.500 has two readings)",
        "un número entero mayor que cero, por ejemplo 1500 (1.500 se puede leer de dos maneras)",
    ),
    "money": BilingualText(
        "an amount above zero such as 1234.50 (1.500 has two readings: write 1500.00 or 1.50)",
        "un importe mayor que cero, por ejemplo 1234.50 (1.500 se puede leer de dos maneras: escriba 1500.00 o 1.50)",
    ),
    "line": BilingualText(
        "the three digits of a line, such as 001", "los tres dígitos de una línea, por ejemplo 001"
    ),
    "line-number": BilingualText("three digits, such as 001", "tres dígitos, por ejemplo 001"),
    "date": BilingualText("a date such as 2013-05-20", "una fecha, por ejemplo 2013-05-20"),
    "instant": BilingualText(
        "a date and time such as 2013-05-20T14:30", "una fecha y hora, por ejemplo 2013-05-20T14:30"
    ),
    "month": BilingualText("a month such as 2013-05", "un mes, por ejemplo 2013-05"),
    "country": BilingualText(
        "the two letters of a country, such as CO", "las dos letras de un país, por ejemplo CO"
    ),
    "digest": BilingualText(
        "a SHA-256 sum of 64 hexadecimal digits", "una suma SHA-256 de 64 dígitos hexadecimales"
    ),
    "numbers": BilingualText("numbers of records, such as 3, 12", "números de registros, por ejemplo 3, 12"),
    "key": BilingualText(
        "a short name of at most 80 characters", "un nombre breve de 80 caracteres como máximo"
    ),
    "choice": BilingualText("one of the choices", "una de las opciones"),
    "document-kind": BilingualText("a kind of document", "una clase de documento"),
    "entry": BilingualText("a name recorded before", "un nombre registrado antes"),
    "partial-date": BilingualText(
        "a day, month or year such as 2012-04-21, 2012-04 or 2012",
        "un día, mes o año, por ejemplo 2012-04-21, 2012-04 o 2012",
    ),
    "record-id": BilingualText(
        "the identifier of a record, in small letters, digits and hyphens, such as 2012-first-exercise",
        "el identificador de un registro, en minúsculas, cifras y guiones, por ejemplo 2012-primer-ejercicio",
    ),
    "side": BilingualText(
        "the two letters of a country of the partnership, or both",
        "las dos letras de un país de la relación, o both (ambos)",
    ),
    "share": BilingualText("a number from 0 to 1, such as 0.4", "un número de 0 a 1, por ejemplo 0.4"),
}


def read_details(fields: Iterable[Field], submitted: Mapping[str, str]) -> dict[str, Value]:
    """The typed values of a step's fields.

    Raises
    ------
    RuleRefusal
        `field-unknown` for a name the step does not have; `field-not-understood` for a missing or malformed
        value, naming the field, the value and what is expected.
    """
    by_name = {item.name: item for item in fields}
    for name in submitted:
        if name not in by_name:
            raise RuleRefusal("field-unknown", field=name, known=", ".join(by_name) or "-")
    details: dict[str, Value] = {}
    for name, item in by_name.items():
        text = submitted.get(name, "")
        if not text.strip() and not item.is_required:
            continue
        value = FIELD_TYPES[item.type](text)
        if value is None or (item.options and value not in item.options):
            known = ", ".join(item.options)
            raise RuleRefusal(
                "field-not-understood",
                field=name,
                label=item.label,
                value=text,
                expected=BilingualText(known, known) if known else EXPECTED[item.type],
            )
        details[name] = value
    return details


def to_json(details: Mapping[str, Value]) -> dict[str, object]:
    """The details as JSON values; money as `{"minor": …, "currency": …}`."""
    return {
        name: {"minor": value.minor, "currency": value.currency} if isinstance(value, Money) else value
        for name, value in details.items()
    }


def from_json(raw: Mapping[str, object]) -> dict[str, Value]:
    """The inverse of `to_json`."""
    return {
        name: Money(**value) if isinstance(value, dict) else value  # type: ignore[misc]
        for name, value in raw.items()
    }
