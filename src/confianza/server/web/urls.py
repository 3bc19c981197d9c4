"""Every address of the product."""

from django.urls import include, path

from confianza.server.api.api import api
from confianza.server.web import charts, views

AREAS = (
    "partnership",
    "trust",
    "training_reports",
    "training_plans",
    "planning",
    "evidence",
    "institutions",
    "rules",
    "people",
    "cases",
    "funds",
    "alumni",
)
urlpatterns = [
    *(path("", include(f"confianza.server.web.{area}.urls")) for area in AREAS),
    path("charts/<slug:name>-<slug:width>.svg", charts.chart, name="chart"),
    path("api/", api.urls),
    path("language/", views.set_language, name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
