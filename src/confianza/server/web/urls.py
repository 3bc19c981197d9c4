"""Every address of the product."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from confianza.server.api.api import api
from confianza.server.web import (
    alumni_views,
    board_views,
    case_views,
    people_views,
    program_views,
    rule_views,
    views,
)

urlpatterns = [
    path("", views.partnership, name="partnership"),
    path("trust/", views.trust, name="trust"),
    path("training/", views.training, name="training"),
    path("plan/", views.plan, name="plan"),
    path("history/", views.history, name="history"),
    path("institutions/", views.institutions, name="institutions"),
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
    path("alumni/", alumni_views.alumni, name="alumni"),
    path("alumni/enrol/", alumni_views.enrol, name="enrol"),
    path("alumni/import/", alumni_views.alumni_import, name="alumni-import"),
    path("alumni/graph/", alumni_views.graph, name="alumni-graph"),
    path("alumni/posts/", alumni_views.posts, name="alumni-posts"),
    path("alumni/posts/add/", alumni_views.post_add, name="post-add"),
    path("alumni/posts/other/", alumni_views.post_other, name="post-other"),
    path("alumni/posts/leave/", alumni_views.post_leave, name="post-leave"),
    path("alumni/report/", alumni_views.report, name="alumni-report"),
    path("alumni/report/update/", alumni_views.report_update, name="report-update"),
    path("alumni/report.csv", alumni_views.report_file, {"form": "csv"}, name="report-csv"),
    path("alumni/report.xlsx", alumni_views.report_file, {"form": "xlsx"}, name="report-xlsx"),
    path("alumni/<str:pseudonym>/", alumni_views.alumnus, name="alumnus"),
    path("alumni/<str:pseudonym>/course/", alumni_views.alumnus_course, name="alumnus-course"),
    path("alumni/<str:pseudonym>/post/", alumni_views.alumnus_post, name="alumnus-post"),
    path("alumni/<str:pseudonym>/withdraw/", alumni_views.alumnus_withdraw, name="alumnus-withdraw"),
    path("alumni/<str:pseudonym>/share/", alumni_views.alumnus_share, name="alumnus-share"),
    path("alumni/<str:pseudonym>/identity/", alumni_views.alumnus_identity, name="alumnus-identity"),
    path("alumni/<str:pseudonym>/export/", alumni_views.alumnus_export, name="alumnus-export"),
    path("alumni/<str:pseudonym>/erase/", alumni_views.alumnus_erase, name="alumnus-erase"),
    path("api/", api.urls),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
]
handler403 = "confianza.server.web.views.not_permitted"
handler404 = "confianza.server.web.views.not_found"
