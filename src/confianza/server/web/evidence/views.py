"""Pages of the record behind the figures: what each side did to the other, and the sources."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from confianza.cooperation.sources import sources as packaged_sources
from confianza.evidence.history import event_kinds
from confianza.server.assessment import entering_ids
from confianza.server.audit.selectors import chain_head
from confianza.server.evidence.selectors import history_events, import_runs
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.partnership_address import partnership_or_404


@permitted("view_history")
@filled("history")
def history(request: AccountRequest) -> HttpResponse:
    one = partnership_or_404(request)
    events = history_events(one.pair)
    years = [int(event.date[:4]) for event in events]
    context = {
        "events": events,
        "span": (min(years), max(years)),
        "entering": entering_ids(one, timezone.localdate()),
        "kinds": event_kinds(),
        "names": one.names,
    }
    return render(request, "evidence/history.html", context)


@permitted("view_sources")
def sources(request: AccountRequest) -> HttpResponse:
    data_sets = {"", *(one.data_set for one in request.partnerships)}
    context = {
        "sources": [one for one in packaged_sources().values() if one.data_set in data_sets],
        "imports": import_runs(),
        "head": chain_head(),
        "may_import": request.user.may("import_training") or request.user.may("import_indicators"),
    }
    return render(request, "evidence/sources.html", context)
