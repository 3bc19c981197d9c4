"""The page of partnerships: who the partners are, and the forms that add to it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.actors import Actor
from confianza.server.institutions import selectors
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.partnerships.forms import (
    AddForm,
    CounterpartForm,
    FundsForm,
    InstitutionForm,
    PartnershipForm,
    PartyForm,
)
from confianza.server.web.submit import submit


@dataclass(frozen=True)
class Kind:
    """What can be added: the heading of its form, the form and the action it needs."""

    heading: Promise
    form: type[AddForm]
    action: str = "manage_partnerships"


KINDS = {
    "partnership": Kind(gettext_lazy("Add a partnership"), PartnershipForm),
    "party": Kind(gettext_lazy("Add a party"), PartyForm),
    "institution": Kind(gettext_lazy("Add an institution"), InstitutionForm),
    "counterpart": Kind(gettext_lazy("Add a counterpart"), CounterpartForm),
    "funds": Kind(gettext_lazy("Add funds"), FundsForm, "manage_programs"),
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
    visible = selectors.visible_partnerships(request.user)
    forms_shown: list[dict[str, Any]] = [
        {
            "kind": name,
            "heading": item.heading,
            "form": form if name == kind and form else item.form(),
            "refusal": refusal if name == kind else None,
            "is_open": name == kind,
        }
        for name, item in KINDS.items()
        if request.user.may(item.action)
    ]
    context = {
        "rows": [(one, f"/p/{one.code}/") for one in visible],
        "parties": selectors.parties() if request.user.may("view_every_partnership") else [],
        "forms": forms_shown,
        "today": timezone.localdate(),
    }
    return render(request, "partnership/partnerships.html", context, status=status)


@form_of("partnerships")
@permitted("view_partnership")
def add(request: AccountRequest, kind: str) -> HttpResponse:
    """Add what a form tells; the action that it needs is asked of the service."""
    if kind not in KINDS:
        raise Http404(kind)
    form = KINDS[kind].form(request.POST)
    if not request.user.may(KINDS[kind].action):
        raise PermissionDenied(KINDS[kind].action)

    def record(actor: Actor, **_fields: Any) -> None:
        form.record(actor)

    def done(_result: None) -> HttpResponse:
        messages.success(request, _("Recorded: %(what)s.") % {"what": KINDS[kind].heading}, extra_tags="good")
        return redirect("partnerships")

    return submit(request, form, record, partial(_page, request, kind=kind, form=form), done)
