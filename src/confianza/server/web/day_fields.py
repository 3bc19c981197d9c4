"""The field of a form for a day."""

from django import forms


class DayField(forms.DateField):
    """A day, written and read as browsers do."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ("%Y-%m-%d",)
