"""The form of the trust page."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from confianza.cooperation.bilingual import BilingualText
from confianza.server.language import language
from confianza.trust.index import TrustIndex


class MovementForm(forms.Form):
    """Which year of which direction is explained."""

    def __init__(
        self, data: Mapping[str, Any], index: TrustIndex, names: Mapping[str, BilingualText]
    ) -> None:
        super().__init__(data)
        choices = [(code, names[code].in_language(language())) for code in index.pair]
        first, last = index.years
        self.fields["direction"] = forms.ChoiceField(label=_("Trust of"), choices=choices)
        self.fields["year"] = forms.IntegerField(label=_("Year"), min_value=first, max_value=last)
