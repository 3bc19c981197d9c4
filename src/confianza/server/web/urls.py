"""Every address of the product."""

from django.urls import include, path

from confianza.server.api.api import api
from confianza.server.web import views

urlpatterns = [
    path("", views.partnership, name="partnership"),
    path("trust/", views.trust, name="trust"),
    path("", include("confianza.server.web.training_reports.urls")),
    path("training/imet/", views.training, name="training-imet"),
    path("", include("confianza.server.web.training_plans.urls")),
    path("plan/", views.plan, name="plan"),
    path("history/", views.history, name="history"),
    path("", include("confianza.server.web.institutions.urls")),
    path("sources/", views.sources, name="sources"),
    path("charts/<slug:name>-<slug:width>.svg", views.chart, name="chart"),
    path("", include("confianza.server.web.rules.urls")),
    path("", include("confianza.server.web.people.urls")),
    path("", include("confianza.server.web.cases.urls")),
    path("", include("confianza.server.web.funds.urls")),
    path("", include("confianza.server.web.alumni.urls")),
    path("api/", api.urls),
    path("", include("confianza.server.web.partnerships.urls")),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("language/", views.set_language, name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
