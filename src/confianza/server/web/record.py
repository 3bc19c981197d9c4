"""The record of a thing: its events newest first, a page at a time, narrowed by kind and by who entered them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext_lazy

from confianza.cooperation.permissions import permission_table
from confianza.server.language import localized
from confianza.server.requests import AccountRequest
from confianza.server.web.choices import set_choices

ON_A_PAGE = 20


class RecordForm(forms.Form):
    """What a record is narrowed by."""

    part = forms.CharField(widget=forms.HiddenInput)  # of the page, where the record stands
    kind = forms.ChoiceField(label=gettext_lazy("Step"), required=False)
    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)

    def __init__(self, data: Any, *, kinds: dict[str, str], actors: Iterable[str]) -> None:
        super().__init__(data, auto_id="record-%s")
        every = ("", gettext_lazy("all"))
        set_choices(self, "kind", [every, *sorted(kinds.items(), key=lambda kind: kind[1])])
        set_choices(self, "actor", [every, *((name, name) for name in sorted(set(actors)))])


@dataclass(frozen=True)
class Recorded:
    """An event of a record: its kind by id and in words, the day of the fact; `details` says the rest."""

    event: Any
    kind: str
    name: str
    on: date
    details: Callable[[], str]

    def entry(self) -> dict[str, Any]:
        """The event as the page shows it, with the day it was entered."""
        role = permission_table().roles[self.event.role]
        return {
            "on": self.on,
            "entered_on": timezone.localtime(self.event.at).date(),
            "name": self.name,
            "details": self.details(),
            "by": f"{self.event.account} · {localized(role.name)}",
            "sequence": self.event.sequence,
            "digest": self.event.digest,
        }


def record_context(
    request: AccountRequest, recorded: Iterable[Recorded], part: str = "record"
) -> dict[str, Any]:
    """A page of a record for `components/record.html`; `recorded` has the newest first."""
    rows = list(recorded)
    form = RecordForm(
        {**request.GET.dict(), "part": part},
        kinds={row.kind: row.name for row in rows},
        actors=[row.event.account for row in rows],
    )
    narrowed = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    shown = [
        row
        for row in rows
        if narrowed.get("kind", row.kind) == row.kind
        and narrowed.get("actor", row.event.account) == row.event.account
    ]
    page = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "record": [row.entry() for row in page],
        "record_form": form,
        "record_page": page,
        "record_every": f"?{urlencode({'part': part})}",
        "record_query": urlencode({"part": part} | narrowed),
    }
