"""Addresses of cases, the board of all of them and the portfolio."""

from django.urls import path

from confianza.server.web.cases import board, views

urlpatterns = [
    path("actions/", board.actions, name="actions"),
    path("portfolio/", board.portfolio, name="portfolio"),
    path("cases/", board.board, name="cases"),
    path("cases/open/", board.case_open, name="case-open"),
    path("cases/search/", board.search_save, name="search-save"),
    path("cases/import/", board.import_page, name="cases-import"),
    path("cases/export.csv", board.export, {"form": "csv"}, name="cases-csv"),
    path("cases/export.xlsx", board.export, {"form": "xlsx"}, name="cases-xlsx"),
    path("cases/export.xes", board.export, {"form": "xes"}, name="cases-xes"),
    path("cases/<str:identifier>/", views.case, name="case"),
    path("cases/<str:identifier>/documents/", views.case_document, name="case-document"),
    path("cases/<str:identifier>/documents/<slug:digest>/", views.case_file, name="case-file"),
    path("cases/<str:identifier>/share/", views.case_share, name="case-share"),
    path("cases/<str:identifier>/<slug:step>/", views.case_step, name="case-step"),
]
