"""The page of the sources behind the figures."""

from django.http import HttpResponse
from django.shortcuts import render

from confianza.cooperation.sources import sources as packaged_sources
from confianza.server.audit.selectors import chain_head
from confianza.server.evidence.selectors import import_runs
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted


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
