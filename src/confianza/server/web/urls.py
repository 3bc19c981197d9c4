"""Every address of the product."""

from django.urls import include, path

from confianza.server.api import renamed
from confianza.server.api.api import api
from confianza.server.web import charts, views
from confianza.server.web.alumni import urls as alumni
from confianza.server.web.cases import urls as cases
from confianza.server.web.events import urls as events
from confianza.server.web.evidence import urls as evidence
from confianza.server.web.funds import urls as funds
from confianza.server.web.institutions import urls as institutions
from confianza.server.web.jobs import urls as jobs
from confianza.server.web.partnership import urls as partnership
from confianza.server.web.partnerships import urls as partnerships
from confianza.server.web.people import urls as people
from confianza.server.web.planning import urls as planning
from confianza.server.web.relationship import urls as relationship
from confianza.server.web.rules import urls as rules
from confianza.server.web.series import urls as series
from confianza.server.web.training_plans import urls as training_plans
from confianza.server.web.training_reports import urls as training_reports
from confianza.server.web.trust import urls as trust

urlpatterns = [
    *partnership.urlpatterns,
    *partnerships.urlpatterns,
    *trust.urlpatterns,
    *cases.urlpatterns,
    *funds.urlpatterns,
    *training_reports.urlpatterns,
    *training_plans.urlpatterns,
    *alumni.urlpatterns,
    *planning.urlpatterns,
    *evidence.urlpatterns,
    *relationship.urlpatterns,
    *events.urlpatterns,
    *jobs.urlpatterns,
    *institutions.urlpatterns,
    *series.urlpatterns,
    *rules.urlpatterns,
    *people.urlpatterns,
    path("charts/<slug:name>-<slug:width>.svg", charts.chart, name="chart"),
    path("charts/<slug:name>-<slug:width>.json", charts.chart_spec, name="chart-spec"),
    path("api/", include(renamed)),
    path("api/", api.urls),
    path("language/", views.set_language, name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
