"""Fields of forms for numbers, read as everywhere else: with a decimal point or comma, never guessed."""

from decimal import Decimal
from typing import Any

from django import forms

from confianza.cooperation.money import WRITTEN
from confianza.cooperation.numbers import (
    MANUAL,
    UNKNOWN,
    AmbiguousNumberError,
    Notation,
    NumberTextError,
    read_number,
)
from confianza.errors import sentence
from confianza.server.language import language


class NumberField(forms.DecimalField):
    """A number with decimals."""

    notation: Notation = UNKNOWN
    marks: tuple[str, ...] = ()

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as DecimalField does
        if value in self.empty_values or isinstance(value, int | float | Decimal):
            return super().to_python(value)
        try:
            return super().to_python(read_number(value, self.notation, marks=self.marks))
        except AmbiguousNumberError as error:
            less, more = error.readings
            params = {"text": value, "less": less, "more": more}
            raise forms.ValidationError(sentence("number-ambiguous", params, language())) from error
        except NumberTextError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class DollarsField(NumberField):
    """An amount in US dollars."""

    notation, marks = MANUAL, WRITTEN["USD"]


class CountField(NumberField):
    """A whole number of things."""

    notation = MANUAL

    def __init__(self, **more: Any) -> None:
        super().__init__(max_digits=9, decimal_places=0, **more)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as DecimalField does
        number = super().to_python(value)
        return number if number is None or number % 1 else Decimal(int(number))

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        return None if number is None else int(number)
