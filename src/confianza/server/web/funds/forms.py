"""The forms of a project and of funds."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money
from confianza.cooperation.programs.authorities import authorities
from confianza.server.funds.services import REGIMES
from confianza.server.institutions.selectors import partner_names, party_names
from confianza.server.language import localized
from confianza.server.web.choices import set_choices
from confianza.server.web.day_fields import DayField
from confianza.server.web.number_fields import DollarsField


def _authorities(countries: Collection[str], *, is_appropriated: bool = False) -> list[tuple[str, str]]:
    """The authorities to choose from for countries; with `is_appropriated` those that money is appropriated for."""
    return [
        (item.code, f"{item.code} · {localized(item.name)}")
        for item in authorities().values()
        if item.is_for_any(countries) and (item.is_appropriated or not is_appropriated)
    ]


class ProjectForm(forms.Form):
    """A project that cases can belong to."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    authority = forms.ChoiceField(label=gettext_lazy("Authority"))
    partner = forms.ChoiceField(label=gettext_lazy("Partner"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, own_party: str, countries: Collection[str]
    ) -> None:
        super().__init__(data)
        set_choices(self, "authority", _authorities(countries))
        set_choices(
            self,
            "partner",
            [(code, localized(name)) for code, name in party_names().items() if code != own_party],
        )


class FundsForm(forms.Form):
    """Funds of one appropriation and year, with their dates."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    name_es = forms.CharField(label=gettext_lazy("Name in Spanish"), max_length=120)
    partner_code = forms.ChoiceField(label=gettext_lazy("Partner"))
    amount = DollarsField(
        label=gettext_lazy("Amount, US dollars"), min_value=0, max_digits=14, decimal_places=2
    )
    fiscal_year = forms.IntegerField(label=gettext_lazy("Fiscal year"), min_value=1900, max_value=2999)
    program_code = forms.CharField(label=gettext_lazy("Program code"), max_length=2)
    authority = forms.ChoiceField(label=gettext_lazy("Authority"))
    regime = forms.ChoiceField(label=gettext_lazy("Regime"), choices=[(regime, regime) for regime in REGIMES])
    known_from = DayField(label=gettext_lazy("Known from"))
    available_from = DayField(label=gettext_lazy("Available from"))
    available_until = DayField(label=gettext_lazy("Available until"), required=False)
    reobligate_until = DayField(label=gettext_lazy("Can be obligated again until"), required=False)
    cancels_on = DayField(label=gettext_lazy("Canceled on"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, countries: Collection[str]) -> None:
        super().__init__(data, auto_id="funds-%s")
        set_choices(self, "authority", _authorities(countries, is_appropriated=True))
        set_choices(self, "partner_code", [(code, localized(name)) for code, name in partner_names().items()])

    def clean(self) -> dict[str, Any]:
        """The amount, the name and the dates as the service takes them."""
        fields: dict[str, Any] = super().clean() or {}
        if self.errors:
            return fields
        dates = {name: fields.pop(name) for name in Availability.__dataclass_fields__}
        return fields | {
            "name": BilingualText(fields.pop("name_en"), fields.pop("name_es")),
            "amount": Money(int(fields.pop("amount") * 100)),
            "availability": Availability(**dates),
        }
