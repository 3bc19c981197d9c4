"""Pages of the record behind the figures: what each side did to the other, and the sources."""

from django.shortcuts import render

from confianza.cooperation.sources import sources as packaged_sources
from confianza.evidence.history import event_kinds
from confianza.server.audit.selectors import chain_head
from confianza.server.evidence.selectors import history_events, import_runs
from confianza.server.institutions.selectors import party_names
from confianza.server.web.access import permitted
from confianza.trust.index import entering_acts


@permitted("view_history")
def history(request):
    events = history_events()
    context = {
        "events": events,
        "entering": {event.event_id for event in entering_acts(events)},
        "kinds": event_kinds(),
        "names": party_names(),
    }
    return render(request, "evidence/history.html", context)


@permitted("view_sources")
def sources(request):
    context = {
        "sources": packaged_sources().values(),
        "imports": import_runs(),
        "head": chain_head(),
        "may_import": request.user.may("import_training") or request.user.may("import_indicators"),
    }
    return render(request, "evidence/sources.html", context)
