"""What a page of alumni is asked to show, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from confianza.errors import RuleRefusal
from confianza.server.alumni import selectors
from confianza.server.institutions.selectors import party_names, party_row
from confianza.server.requests import AccountRequest
from confianza.server.web.alumni.forms import SearchForm

ON_A_PAGE = 50


@dataclass(frozen=True)
class Search:
    """What a page is to show, and to whom."""

    form: SearchForm
    partner: Any  # the party's row
    school: str
    on: date
    students: QuerySet[Any]
    query: str


def search_of(request: AccountRequest, *, has_school: bool = False) -> Search:
    """The search of a request; in place of a wrong value what is shown first, and the form says so."""
    user, today = request.user, timezone.localdate()
    first = {
        "partner": _first_partner(request) if user.may("view_every_student") else user.party_code,
        "on": today.isoformat(),
    }
    given = {name: request.GET[name] for name in ("partner", "school", "on") if request.GET.get(name)}
    form = SearchForm(first | given, user=user, has_school=has_school)
    form.is_valid()
    found = form.cleaned_data
    try:
        party = party_row(found.get("partner", first["partner"]))
    except RuleRefusal as error:
        raise Http404("partner") from error
    query = urlencode({name: value for name, value in given.items() if name in found})
    students = selectors.visible_students(user.actor)
    return Search(form, party, found.get("school", ""), found.get("on", today), students, query)


def _first_partner(request: AccountRequest) -> str:
    """The partner whose people are shown first: that of the partnership, or without one the first party."""
    if request.partnership:
        return request.partnership.partner.manual_code
    return next(iter(party_names()), "")


def render_search(
    request: AccountRequest, template: str, search: Search, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    if search.form.errors:
        status = 400
    return render(
        request,
        template,
        {"search_form": search.form, "search_query": search.query, "search": search, **context},
        status=status,
    )


def visible_or_404(request: AccountRequest, pseudonym: str) -> Any:
    student = (
        selectors.visible_students(request.user.actor).filter(pk=pseudonym).select_related("partner").first()
    )
    if student is None:
        raise Http404(pseudonym)
    return student


def back_to(view: str, request: AccountRequest) -> Callable[[Any], HttpResponse]:
    """What follows a form of a page of one partner: that page, of the same partner."""
    query = f"?{urlencode({'partner': request.GET['partner']})}" if "partner" in request.GET else ""
    return lambda _result: redirect(reverse(view) + query)
