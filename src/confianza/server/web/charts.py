"""The charts of the pages: which action lets one see each, and what draws it."""

from django.http import Http404, HttpResponse

from confianza.reports import charts
from confianza.server.language import language
from confianza.server.web.access import permitted
from confianza.server.web.alumni.views import growth_chart
from confianza.server.web.institutions.views import profile_chart
from confianza.server.web.partnership.views import money_chart
from confianza.server.web.planning.views import seats_chart
from confianza.server.web.training_reports.imet import share_chart, students_chart
from confianza.server.web.training_reports.views import explorer_chart, places_chart, policy_chart
from confianza.server.web.trust.views import trust_chart

CHARTS = {
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


def chart(request, name, width):
    if name not in CHARTS or width not in WIDTHS:
        raise Http404(name)
    action, draw = CHARTS[name]
    made = permitted(action)(draw)(request, WIDTHS[width])
    response = HttpResponse(charts.to_svg(made, language()), content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response
