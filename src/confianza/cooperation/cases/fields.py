"""What a step must be given: fields of the rulebook, read from text and kept as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from confianza.cooperation.money import Money
from confianza.cooperation.texts import Text
from confianza.errors import LedgerError, RuleRefusal

Value = str | int | Money


@dataclass(frozen=True)
class Field:
    """A named value of a step; `type` is a key of `FIELD_TYPES`."""

    name: str
    type: str
    label: Text


def _text(text: str) -> str | None:
    return text.strip() or None


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text.strip()) and int(text) > 0 else None


def _money(text: str) -> Money | None:
    try:
        amount = Money.parse(text)
    except LedgerError:
        return None
    return amount if amount.minor > 0 else None


def _line(text: str) -> str | None:
    return text.strip() if re.fullmatch(r"\d{3}", text.strip()) else None


FIELD_TYPES: Mapping[str, Callable[[str], Value | None]] = {
    "text": _text,
    "count": _count,
    "money": _money,
    "line": _line,
    "line-number": _line,
}

EXPECTED = {
    "text": Text("some words", "unas palabras"),
    "count": Text("a whole number above zero", "un número entero mayor que cero"),
    "money": Text("an amount above zero such as 1234.50", "un importe mayor que cero, por ejemplo 1234.50"),
    "line": Text("the three digits of a line, such as 001", "los tres dígitos de una línea, por ejemplo 001"),
    "line-number": Text("three digits, such as 001", "tres dígitos, por ejemplo 001"),
}


def read_details(fields: Iterable[Field], given: Mapping[str, str]) -> dict[str, Value]:
    """The typed values of a step's fields.

    Raises
    ------
    RuleRefusal
        `field-unknown` for a name the step does not have; `field-not-understood` for a missing or malformed
        value, naming the field, the value and what is expected.
    """
    by_name = {field.name: field for field in fields}
    for name in given:
        if name not in by_name:
            raise RuleRefusal("field-unknown", field=name, known=", ".join(by_name) or "-")
    details: dict[str, Value] = {}
    for field in by_name.values():
        value = FIELD_TYPES[field.type](given.get(field.name, ""))
        if value is None:
            raise RuleRefusal(
                "field-not-understood",
                field=field.name,
                label=field.label,
                value=given.get(field.name, ""),
                expected=EXPECTED[field.type],
            )
        details[field.name] = value
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
