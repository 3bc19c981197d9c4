"""Every address of the product."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from confianza.server.api.api import api
from confianza.server.web import (
    board_views,
    case_views,
    evidence_views,
    people_views,
    profile_views,
    program_views,
    rule_views,
    views,
)

urlpatterns = [
    path("", views.partnership, name="partnership"),
    path("trust/", views.trust, name="trust"),
    path("training/", views.training, name="training"),
    path("training/rows/", evidence_views.training_rows, name="training-rows"),
    path("training/rows/<int:number>/", evidence_views.training_row, name="training-row"),
    path("training/rows.csv", evidence_views.training_export, {"form": "csv"}, name="training-rows-csv"),
    path("training/rows.xlsx", evidence_views.training_export, {"form": "xlsx"}, name="training-rows-xlsx"),
    path(
        "training/rows.parquet",
        evidence_views.training_export,
        {"form": "parquet"},
        name="training-rows-parquet",
    ),
    path("training/settle/", evidence_views.settle, name="training-settle"),
    path("evidence/reconciliation/", evidence_views.reconciliation, name="reconciliation"),
    path("evidence/files/<slug:digest>/", evidence_views.evidence_file, name="evidence-file"),
    path("plan/", views.plan, name="plan"),
    path("history/", views.history, name="history"),
    path("institutions/", profile_views.institutions, name="institutions"),
    path("institutions/<slug:code>/", profile_views.institution, name="institution"),
    path("profile/", profile_views.profile, name="profile"),
    path("profile/indicators.<slug:form>", profile_views.export, name="profile-export"),
    path("profile/files/<slug:digest>/", profile_views.edition_file, name="profile-file"),
    path("sources/", views.sources, name="sources"),
    path("charts/<slug:name>-<slug:width>.svg", views.chart, name="chart"),
    path("rules/", rule_views.rules, name="rules"),
    path("rules/<slug:name>/", rule_views.edition, name="edition"),
    path("rules/<slug:name>/process.bpmn", rule_views.edition_bpmn, name="edition-bpmn"),
    path("rules/<slug:name>/to/<slug:other>/", rule_views.edition_diff, name="edition-diff"),
    path("people/", people_views.people, name="people"),
    path("audit/", rule_views.audit, name="audit"),
    path("actions/", board_views.actions, name="actions"),
    path("portfolio/", board_views.portfolio, name="portfolio"),
    path("programs/", program_views.programs, name="programs"),
    path("programs/add/", program_views.project_add, name="project-add"),
    path("programs/<slug:code>/approve/", program_views.project_approve, name="project-approve"),
    path("cases/", board_views.board, name="cases"),
    path("cases/open/", board_views.case_open, name="case-open"),
    path("cases/search/", board_views.search_save, name="search-save"),
    path("cases/import/", board_views.import_page, name="cases-import"),
    path("cases/export.csv", board_views.export, {"form": "csv"}, name="cases-csv"),
    path("cases/export.xlsx", board_views.export, {"form": "xlsx"}, name="cases-xlsx"),
    path("cases/export.xes", board_views.export, {"form": "xes"}, name="cases-xes"),
    path("cases/<str:identifier>/", case_views.case, name="case"),
    path("cases/<str:identifier>/documents/", case_views.case_document, name="case-document"),
    path("cases/<str:identifier>/documents/<slug:digest>/", case_views.case_file, name="case-file"),
    path("cases/<str:identifier>/share/", case_views.case_share, name="case-share"),
    path("cases/<str:identifier>/<slug:step>/", case_views.case_step, name="case-step"),
    path("api/", api.urls),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
