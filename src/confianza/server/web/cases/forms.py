"""Forms of the board: what a case begins with, and what the board is narrowed by."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.partnership import Partnership
from confianza.server.cases import selectors
from confianza.server.funds.selectors import open_appropriations, projects
from confianza.server.institutions.selectors import party_names
from confianza.server.language import localized
from confianza.server.web.choices import set_choices

CURRENT = "samm-2026"


def phase_names() -> dict[str, str]:
    """The phases a board has columns for: those of the current edition, then what other editions have besides."""
    found: dict[str, str] = {}
    for edition in (edition_of(CURRENT), *editions().values()):
        for phase in edition.path:
            found.setdefault(phase.id, f"{phase.number}. {localized(phase.name)}")
    return {**found, selectors.CLOSED: _("Closed")}


class OpenForm(forms.Form):
    """What a case begins with."""

    identifier = forms.CharField(label=gettext_lazy("Case"), max_length=20)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"))
    funds = forms.ChoiceField(label=gettext_lazy("Funds"))
    edition = forms.ChoiceField(label=gettext_lazy("Edition of the process"))
    project = forms.ChoiceField(label=gettext_lazy("Project"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, own_party: str) -> None:
        super().__init__(data)
        partners = [(code, localized(name)) for code, name in party_names().items() if code != own_party]
        set_choices(self, "partner", partners)
        set_choices(self, "funds", [(row.code, localized(row.name)) for row in open_appropriations()])
        set_choices(
            self, "edition", [(edition.id, localized(edition.title)) for edition in editions().values()]
        )
        set_choices(
            self,
            "project",
            [
                ("", "—"),
                *((row.code, row.title) for row in projects()),
            ],
        )
        self.fields["identifier"].widget.attrs["placeholder"] = "E7-B-UAE"


class SearchForm(forms.Form):
    """What the board is narrowed by."""

    q = forms.CharField(label=gettext_lazy("Case or title"), required=False, max_length=80)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"), required=False)
    edition = forms.ChoiceField(label=gettext_lazy("Edition"), required=False)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"), required=False)
    due = forms.ChoiceField(label=gettext_lazy("Day"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, partnerships: Iterable[Partnership] = ()
    ) -> None:
        super().__init__(data, auto_id="search-%s")
        every = ("", gettext_lazy("all"))
        set_choices(self, "phase", [every, *phase_names().items()])
        set_choices(
            self,
            "edition",
            [
                every,
                *((item.id, localized(item.title)) for item in editions().values()),
            ],
        )
        set_choices(
            self,
            "partner",
            [
                every,
                *{one.partner.manual_code: localized(one.partner.name) for one in partnerships}.items(),
            ],
        )
        set_choices(self, "due", [every, ("overdue", gettext_lazy("overdue"))])
