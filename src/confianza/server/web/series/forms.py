"""The form of the two countries whose series are shown."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.countries import country_name
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.series.selectors import countries_with_series


class SeriesPairForm(forms.Form):
    """Which two countries the series are of."""

    def __init__(self, data: Mapping[str, Any], names: dict[str, BilingualText]) -> None:
        super().__init__(data)
        codes = {code: country_name(code) for code in countries_with_series()} | names
        choices = sorted(
            ((code, name.in_language(language())) for code, name in codes.items()), key=lambda item: item[1]
        )
        self.fields["a"] = forms.ChoiceField(label=_("Country"), choices=choices)
        self.fields["b"] = forms.ChoiceField(label=_("Other country"), choices=choices)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("a") and asked.get("a") == asked.get("b"):
            self.add_error("b", ValidationError(_("Choose two different countries.")))
        return asked


def pair_names(request: AccountRequest) -> dict[str, BilingualText]:
    """The names of the partner and the host of the partnership, by ISO code."""
    return request.partnership.names if request.partnership else {}


def series_pair_form(request: AccountRequest) -> SeriesPairForm:
    """The countries asked for; of a partnership the host, and the partner beside it."""
    names = pair_names(request)
    usual = dict(zip("ab", names, strict=False))
    return SeriesPairForm({**usual, **request.GET.dict()}, names)
