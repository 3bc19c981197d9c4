"""Pages of the record behind the figures: what each side did to the other, and the sources."""

from collections.abc import Container, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from confianza.cooperation.sources import sources as packaged_sources
from confianza.evidence.history import HistoryEvent, event_kinds
from confianza.server.assessment import index_acts
from confianza.server.audit.selectors import chain_head
from confianza.server.evidence.selectors import import_runs
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.evidence.forms import HistoryForm
from confianza.server.web.partnership_address import partnership_or_404
from confianza.trust.index import entering_acts


def _year_of(event: HistoryEvent) -> int:
    return int(event.date[:4])


def _matches(event: HistoryEvent, filters: Mapping[str, Any], entering: Container[str]) -> bool:
    return (
        filters["year"] in (None, _year_of(event))
        and filters["actor"] in ("", event.actor_code)
        and (not filters["entering"] or event.event_id in entering)
    )


@permitted("view_history")
@filled("history")
def history(request: AccountRequest) -> HttpResponse:
    """What the two sides did to each other; narrowed to a year and to who acted."""
    one, today = partnership_or_404(request), timezone.localdate()
    events, years = index_acts(one, today)
    span = min(map(_year_of, events)), max(map(_year_of, events))
    form = HistoryForm(request.GET, actors=one.names)
    year = form.cleaned_data["year"] if form.is_valid() else None
    entering = {event.event_id for event in entering_acts(events, years=years, pair=one.pair)}
    context = {
        "form": form,
        "events": [event for event in events if _matches(event, form.cleaned_data, entering)]
        if form.is_valid()
        else [],
        "span": span,
        "year": year,
        "is_measured": year is not None and years[0] <= year <= years[1],
        "entering": entering,
        "kinds": event_kinds(),
        "names": one.names,
    }
    return render(request, "evidence/history.html", context, status=200 if form.is_valid() else 400)


@permitted("view_sources")
def sources(request: AccountRequest) -> HttpResponse:
    data_sets = {"", *(one.data_set for one in request.partnerships)}
    context = {
        "sources": [one for one in packaged_sources().values() if one.data_set in data_sets],
        "imports": import_runs(),
        "head": chain_head(),
        "may_import": any(
            request.user.may(f"import_{what}") for what in ("training", "indicators", "events")
        ),
    }
    return render(request, "evidence/sources.html", context)
