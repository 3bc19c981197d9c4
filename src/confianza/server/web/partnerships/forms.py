"""Forms that add a party, a partnership, an institution or a counterpart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.permissions import permission_table
from confianza.server.institutions import selectors, services
from confianza.server.language import localized
from confianza.server.web.choices import set_choices
from confianza.server.web.day_fields import DayField

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def _text(label: "StrPromise", length: int, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required)


NAME_EN, NAME_ES = gettext_lazy("Name in English"), gettext_lazy("Name in Spanish")
ISO = gettext_lazy("ISO 3166 code")


def _named(names: Mapping[str, BilingualText]) -> list[tuple[str, str]]:
    return [(code, localized(name)) for code, name in names.items()]


class AddForm(forms.Form):
    """A form that adds one thing; what it offers depends on the workspace."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id=f"{type(self).__name__.lower()}-%s")
        self.offer()

    def offer(self) -> None:
        """Fill the choices."""

    def record(self, actor: Actor) -> None:
        """Add it."""
        raise NotImplementedError


class PartyForm(AddForm):
    """A country that partnerships can be of."""

    iso_code = _text(ISO, 2)
    manual_code = _text(gettext_lazy("The manual's code, if another"), 2, required=False)
    name_en = _text(gettext_lazy("Name in English, if not the usual one"), 120, required=False)
    name_es = _text(gettext_lazy("Name in Spanish, if not the usual one"), 120, required=False)
    is_fictional = forms.BooleanField(label=gettext_lazy("Fictional"), required=False)

    def record(self, actor: Actor) -> None:
        given = self.cleaned_data
        english, spanish = given["name_en"], given["name_es"]
        services.add_party(
            iso_code=given["iso_code"],
            manual_code=given["manual_code"],
            name=BilingualText(english, spanish) if english or spanish else None,
            is_fictional=given["is_fictional"],
            actor=actor,
        )


class PartnershipForm(AddForm):
    """Two parties, the one that assists first."""

    host_code = _text(gettext_lazy("Host (ISO 3166 code)"), 2)
    partner_code = _text(gettext_lazy("Partner (ISO 3166 code)"), 2)
    first_year = forms.IntegerField(
        label=gettext_lazy("First year of events"), min_value=1000, max_value=9999, required=False
    )
    last_year = forms.IntegerField(
        label=gettext_lazy("Last year of events"), min_value=1000, max_value=9999, required=False
    )
    assessment_date = DayField(label=gettext_lazy("Assessed on"), required=False)
    program = _text(gettext_lazy("Program shown first"), 60, required=False)

    def record(self, actor: Actor) -> None:
        services.add_partnership(adds_parties=True, actor=actor, **self.cleaned_data)


class InstitutionForm(AddForm):
    """An institution of a party."""

    code = _text(gettext_lazy("Code: small letters, digits, hyphens"), 40)
    party_code = forms.ChoiceField(label=gettext_lazy("Party"))
    name_en = _text(NAME_EN, 200)
    name_es = _text(NAME_ES, 200)
    duty_en = _text(gettext_lazy("Duty in English"), 400, required=False)
    duty_es = _text(gettext_lazy("Duty in Spanish"), 400, required=False)
    parent_code = _text(gettext_lazy("Code of the institution above"), 40, required=False)
    is_advisory = forms.BooleanField(label=gettext_lazy("Advises the institution above it"), required=False)
    abbreviation = _text(gettext_lazy("Abbreviation"), 20, required=False)
    office = forms.ChoiceField(label=gettext_lazy("Office of the case process"), required=False)
    source = _text(gettext_lazy("Source"), 40)
    place = _text(gettext_lazy("Place in the source"), 80, required=False)

    def offer(self) -> None:
        set_choices(self, "party_code", _named(selectors.party_names()))
        set_choices(self, "office", [("", "—"), *_named(permission_table().offices)])

    def record(self, actor: Actor) -> None:
        given = dict(self.cleaned_data)
        name = BilingualText(given.pop("name_en"), given.pop("name_es"))
        duty = BilingualText(given.pop("duty_en"), given.pop("duty_es"))
        services.add_institution(name=name, duty=duty, actor=actor, **given)


class CounterpartForm(AddForm):
    """Two offices that deal with each other."""

    institution_code = _text(gettext_lazy("Code of the institution"), 40)
    counterpart_code = _text(gettext_lazy("Code of its counterpart"), 40)
    source = _text(gettext_lazy("Source"), 40)
    place = _text(gettext_lazy("Place in the source"), 80, required=False)

    def record(self, actor: Actor) -> None:
        services.add_counterpart(actor=actor, **self.cleaned_data)
