"""The charts of the pages: which action lets one see each, what draws it and what its marks open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse

from confianza.reports import charts
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.alumni.views import growth_chart
from confianza.server.web.events.views import events_chart
from confianza.server.web.institutions.views import profile_chart
from confianza.server.web.partnership.views import money_chart
from confianza.server.web.planning.views import seats_chart
from confianza.server.web.relationship.overviews import relationship_chart
from confianza.server.web.series.views import series_chart
from confianza.server.web.training_reports.imet import share_chart, students_chart
from confianza.server.web.training_reports.summaries import Group
from confianza.server.web.training_reports.views import explorer_chart, places_chart, policy_chart
from confianza.server.web.trust.views import trust_chart


def _acts(year: int) -> str:
    return f"{reverse('relationship')}?{urlencode({'year': year})}"


def _record(record_id: str) -> str:
    return reverse("record", args=[record_id])


def _rows(narrowed: str) -> str:
    return f"{reverse('report-rows')}?{narrowed}"


def _school(code: str) -> str:
    return reverse("training-school", args=[code])


def _group(group: Group) -> str:
    """A school has a page of its own; of all else the rows."""
    return _school(group.school.code) if group.school else _rows(group.narrowed)


def _place(codes: list[str], anchor: str, query: str) -> str:
    """The page of the only school there, or the schools in the table of the map."""
    page = reverse("training-reports")
    return _school(codes[0]) if len(codes) == 1 else f"{page}{query and '?'}{query}#{anchor}"


def _money(year: int) -> str:
    return f"{reverse('partnership')}#money-{year}"


def _ties(parameters: dict[str, str]) -> str:
    return f"{reverse('alumni-graph')}?{urlencode(parameters)}"


def _figures(pair: dict[str, str], anchor: str) -> str:
    return f"{reverse('profile')}?{urlencode(pair)}#{anchor}"


def _series(pair: dict[str, str], anchor: str) -> str:
    return f"{reverse('series')}?{urlencode(pair)}#{anchor}"


def _event_months(asked: dict[str, str], year: int) -> str:
    return f"{reverse('events')}?{urlencode({**asked, 'year': year})}#months"


@dataclass(frozen=True)
class Chart:
    """A chart: the action that lets one see it, its view, and the address that a mark opens.

    Whoever may see a chart may see the records behind its marks.
    """

    action: str
    draw: Callable[[AccountRequest, int, charts.Opens], Any]
    opens: charts.Opens


CHARTS = {
    "trust": Chart("view_trust", trust_chart, _acts),
    "share": Chart("view_training", share_chart, _rows),
    "students": Chart("view_training", students_chart, _rows),
    "money": Chart("view_partnership", money_chart, _money),
    "seats": Chart("view_plan", seats_chart, _school),
    "training": Chart("view_training", explorer_chart, _group),
    "places": Chart("view_training", places_chart, _place),
    "pme": Chart("view_training", policy_chart, _rows),
    "alumni": Chart("view_alumni", growth_chart, _ties),
    "series": Chart("view_indicators", series_chart, _series),
    "events": Chart("view_events", events_chart, _event_months),
    "profile": Chart("view_indicators", profile_chart, _figures),
    "relationship": Chart("view_relationship", relationship_chart, _record),
}
WIDTHS = {"wide": charts.WIDE, "narrow": charts.NARROW}


def _drawn(request: AccountRequest, name: str, width: str) -> Any:
    if name not in CHARTS or width not in WIDTHS:
        raise Http404(name)
    found = CHARTS[name]
    return permitted(found.action)(found.draw)(request, WIDTHS[width], found.opens)


def chart(request: AccountRequest, name: str, width: str) -> HttpResponse:
    svg = charts.to_svg(_drawn(request, name, width), language())
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def chart_spec(request: AccountRequest, name: str, width: str) -> HttpResponse:
    """What the chart script draws a chart from."""
    body = {
        "spec": charts.to_vega(_drawn(request, name, width), language()),
        "locale": charts.locale(language()),
    }
    return JsonResponse(body, headers={"Cache-Control": "private, no-cache"})
