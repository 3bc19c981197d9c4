"""The charts of the pages: which action lets one see each, and what draws it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse

from confianza.reports import charts
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.alumni.views import growth_chart
from confianza.server.web.institutions.views import profile_chart
from confianza.server.web.partnership.views import money_chart
from confianza.server.web.planning.views import seats_chart
from confianza.server.web.training_reports.imet import share_chart, students_chart
from confianza.server.web.training_reports.views import explorer_chart, places_chart, policy_chart
from confianza.server.web.trust.views import trust_chart

CHARTS: dict[str, tuple[str, Callable[[AccountRequest, int], Any]]] = {
    "trust": ("view_trust", trust_chart),
    "share": ("view_training", share_chart),
    "students": ("view_training", students_chart),
    "money": ("view_partnership", money_chart),
    "seats": ("view_plan", seats_chart),
    "training": ("view_training", explorer_chart),
    "places": ("view_training", places_chart),
    "pme": ("view_training", policy_chart),
    "alumni": ("view_alumni", growth_chart),
    "profile": ("view_indicators", profile_chart),
}
WIDTHS = {"wide": charts.WIDE, "narrow": charts.NARROW}


def _drawn(request: AccountRequest, name: str, width: str) -> Any:
    if name not in CHARTS or width not in WIDTHS:
        raise Http404(name)
    action, draw = CHARTS[name]
    return permitted(action)(draw)(request, WIDTHS[width])


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
