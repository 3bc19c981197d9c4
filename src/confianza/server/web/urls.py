"""Every address of the product."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from confianza.server.web import case_views, views

urlpatterns = [
    path("", views.partnership, name="partnership"),
    path("trust/", views.trust, name="trust"),
    path("training/", views.training, name="training"),
    path("plan/", views.plan, name="plan"),
    path("history/", views.history, name="history"),
    path("institutions/", views.institutions, name="institutions"),
    path("sources/", views.sources, name="sources"),
    path("charts/<slug:name>-<slug:width>.svg", views.chart, name="chart"),
    path("cases/", case_views.case_list, name="cases"),
    path("cases/open/", case_views.case_open, name="case-open"),
    path("cases/<str:identifier>/", case_views.case, name="case"),
    path("cases/<str:identifier>/share/", case_views.case_share, name="case-share"),
    path("cases/<str:identifier>/<slug:step>/", case_views.case_step, name="case-step"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
