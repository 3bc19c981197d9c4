"""Forms of the force profile and of the drawn structures."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.institutions import CommandStructure
from confianza.reports.structure import levels
from confianza.server.indicators.selectors import countries_with_figures
from confianza.server.language import language
from confianza.server.requests import AccountRequest

SIZES = (60, 100, 150)


class PairForm(forms.Form):
    """Which two countries are set side by side."""

    def __init__(self, data: Mapping[str, Any], names: dict[str, BilingualText]) -> None:
        super().__init__(data)
        codes = dict(countries_with_figures()) | names
        choices = sorted(
            ((code, name.in_language(language())) for code, name in codes.items()), key=lambda item: item[1]
        )
        self.fields["a"] = forms.ChoiceField(label=_("Country"), choices=choices)
        self.fields["b"] = forms.ChoiceField(label=_("Beside it"), choices=choices)


def party_names(request: AccountRequest) -> dict[str, BilingualText]:
    """The names of the partner and the host of the partnership, by ISO code."""
    return request.partnership.names if request.partnership else {}


def pair_form(request: AccountRequest) -> PairForm:
    """The countries asked for; of a partnership the partner, and the host beside it."""
    names = party_names(request)
    first = dict(zip("ba", names, strict=False))
    return PairForm({**first, **request.GET.dict()}, names)


class ChartForm(forms.Form):
    """How much of the structure is drawn, and how large."""

    def __init__(self, data: Mapping[str, Any], structure: CommandStructure) -> None:
        super().__init__(data)
        names = {item.code: item for item in structure.institutions}
        above = {item.parent for item in structure.institutions if item.parent}
        self.fields["branch"] = forms.ChoiceField(
            label=_("Branch"),
            required=False,
            choices=[("", _("both sides, whole"))]
            + [(code, names[code].name.in_language(language())) for code in names if code in above],
        )
        depth = levels(structure)
        self.fields["levels"] = forms.TypedChoiceField(
            label=_("Levels"), coerce=int, choices=[(number, number) for number in range(1, depth + 1)]
        )
        self.fields["size"] = forms.TypedChoiceField(
            label=_("Size"), coerce=int, choices=[(size, f"{size} %") for size in SIZES]
        )
