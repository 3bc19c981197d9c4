"""What the history is narrowed by."""

from django import forms
from django.utils.translation import gettext_lazy


class YearForm(forms.Form):
    """The year of the acts."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1, max_value=9999, required=False)
