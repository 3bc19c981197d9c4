"""Pages of the rules: each edition, what differs between two, its diagram; and the audit log."""

import json
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from confianza.cooperation.cases.editions import editions
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import Edition
from confianza.reports.bpmn import write_bpmn
from confianza.reports.rules import TABLES, rule_changes, rule_lines, rulebooks
from confianza.server.audit.selectors import audit_events
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.rules.forms import AuditForm

ON_A_PAGE = 100


def edition_or_404(name: str) -> Edition:
    if name not in rulebooks():
        raise Http404(name)
    return rulebooks()[name]


def _parents() -> list[tuple[str, str]]:
    """The list above the pages of an edition."""
    return [(reverse("rules"), _("Rules"))]


@permitted("view_sources")
def rules(request: AccountRequest) -> HttpResponse:
    return render(request, "rules/editions.html", {"editions": rulebooks().values()})


@permitted("view_sources")
def edition(request: AccountRequest, name: str) -> HttpResponse:
    shown = edition_or_404(name)
    tables = [
        (localized(TABLES[table]), list(entries))
        for table, entries in groupby(rule_lines(shown, language()), key=lambda line: line.table)
    ]
    others = [item for item in editions().values() if name in editions() and item.id != name]
    context = {"edition": shown, "tables": tables, "others": others, "parents": _parents()}
    return render(request, "rules/edition.html", context)


@permitted("view_sources")
def edition_diff(request: AccountRequest, name: str, other: str) -> HttpResponse:
    old, new = edition_or_404(name), edition_or_404(other)
    found = [(localized(TABLES[item.table]), item) for item in rule_changes(old, new, language())]
    context = {"old": old, "new": new, "found": found, "parents": _parents()}
    return render(request, "rules/differences.html", context)


@permitted("view_sources")
def edition_bpmn(request: AccountRequest, name: str) -> HttpResponse:
    answer = HttpResponse(write_bpmn(edition_or_404(name), language()), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{name}.bpmn"'
    return answer


@permitted("view_audit")
def audit(request: AccountRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    form.is_valid()  # any text will do
    asked = form.cleaned_data
    page = Paginator(audit_events(**asked), ON_A_PAGE).get_page(request.GET.get("page"))
    roles = permission_table().roles
    rows = [
        {
            "event": event,
            "role": localized(roles[event.role].name) if event.role in roles else event.role,
            "content": json.dumps(event.payload, ensure_ascii=False, sort_keys=True),
        }
        for event in page
    ]
    context = {"rows": rows, "page": page, "form": form, "query": urlencode(asked)}
    return render(request, "rules/audit.html", context)
