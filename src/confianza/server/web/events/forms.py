"""The form that chooses a pair, a publisher and a year of event data."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confianza.evidence.sources import events
from confianza.server.language import language
from confianza.server.web.choices import set_choices


class PairForm(forms.Form):
    """Two countries; whose events; and one year, or all of them."""

    a = forms.CharField(label=_("Country (code or name)"), max_length=60)
    b = forms.CharField(label=_("And the other country"), max_length=60)
    publisher = forms.ChoiceField(label=_("Publisher"), required=False)
    year = forms.IntegerField(label=_("Year (empty: all)"), required=False, min_value=1, max_value=9999)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        names = [(code, item.name.in_language(language())) for code, item in events.publishers().items()]
        set_choices(self, "publisher", [("", _("the one with most events")), *names])
