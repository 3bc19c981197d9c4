"""Choices of a form that depend on the workspace."""

from collections.abc import Iterable
from typing import Any

from django import forms


class OfferedField(forms.ChoiceField):
    """A choice that a page offers; of what is sent beside it the rules say what is wrong."""

    def valid_value(self, value: Any) -> bool:
        return True


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give the field of a form its choices: pairs of value and label."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(name)
    field.choices = list(choices)
