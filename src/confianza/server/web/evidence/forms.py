"""What the history is narrowed by."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from confianza.cooperation.bilingual import BilingualText
from confianza.server.language import localized
from confianza.server.web.choices import set_choices


class HistoryForm(forms.Form):
    """The year of the events, who acted, and whether they enter the index."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1, max_value=9999, required=False)
    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    entering = forms.BooleanField(label=gettext_lazy("Only events that enter the index"), required=False)

    def __init__(self, data: Any, *, actors: Mapping[str, BilingualText]) -> None:
        super().__init__(data)
        named = ((code, localized(name)) for code, name in actors.items())
        set_choices(self, "actor", [("", gettext_lazy("both")), *named])
