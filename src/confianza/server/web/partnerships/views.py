"""The page of partnerships: who the partners are, and the forms that add to it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.actors import Actor
from confianza.server.institutions import documents, selectors
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.partnerships.forms import (
    AddForm,
    CounterpartForm,
    InstitutionForm,
    PartnershipForm,
    PartyForm,
)
from confianza.server.web.submit import submit


@dataclass(frozen=True)
class Kind:
    """What can be added: the heading of its form, and the form."""

    heading: Promise
    form: type[AddForm]


KINDS = {
    "partnership": Kind(gettext_lazy("Add a partnership"), PartnershipForm),
    "party": Kind(gettext_lazy("Add a party"), PartyForm),
    "institution": Kind(gettext_lazy("Add an institution"), InstitutionForm),
    "counterpart": Kind(gettext_lazy("Add a counterpart"), CounterpartForm),
}


@permitted("view_partnership")
def partnerships(request: AccountRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: AccountRequest,
    *,
    kind: str = "",
    form: AddForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms_shown: list[dict[str, Any]] = [
        {
            "kind": name,
            "heading": item.heading,
            "form": form if name == kind and form else item.form(),
            "refusal": refusal if name == kind else None,
            "is_open": name == kind,
        }
        for name, item in KINDS.items()
        if request.user.may("manage_partnerships")
    ]
    context = {
        "rows": [(documents.partnership(one), f"/p/{one.code}/") for one in request.partnerships],
        "parties": [documents.party(one) for one in selectors.parties()]
        if request.user.may("view_every_partnership")
        else [],
        "forms": forms_shown,
        "today": timezone.localdate(),
    }
    return render(request, "partnership/partnerships.html", context, status=status)


@form_of("partnerships")
@permitted("manage_partnerships")
def add(request: AccountRequest, kind: str) -> HttpResponse:
    """Add what a form tells."""
    if kind not in KINDS:
        raise Http404(kind)
    form = KINDS[kind].form(request.POST)

    def record(actor: Actor, **_fields: Any) -> None:
        form.record(actor)

    def done(_result: None) -> HttpResponse:
        messages.success(request, _("Recorded: %(what)s.") % {"what": KINDS[kind].heading}, extra_tags="good")
        return redirect("partnerships")

    return submit(request, form, record, partial(_page, request, kind=kind, form=form), done)
