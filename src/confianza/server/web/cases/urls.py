"""Addresses of cases, the board of all of them and the portfolio."""

from django.urls import path

from confianza.server.web.cases import board_views, views

urlpatterns = [
    path("actions/", board_views.actions, name="actions"),
    path("portfolio/", board_views.portfolio, name="portfolio"),
    path("cases/", board_views.board, name="cases"),
    path("cases/open/", board_views.case_open, name="case-open"),
    path("cases/search/", board_views.search_save, name="search-save"),
    path("cases/import/", board_views.import_page, name="cases-import"),
    path("cases/export.csv", board_views.export, {"form": "csv"}, name="cases-csv"),
    path("cases/export.xlsx", board_views.export, {"form": "xlsx"}, name="cases-xlsx"),
    path("cases/export.xes", board_views.export, {"form": "xes"}, name="cases-xes"),
    path("cases/<str:identifier>/", views.case, name="case"),
    path("cases/<str:identifier>/documents/", views.case_document, name="case-document"),
    path("cases/<str:identifier>/documents/<slug:digest>/", views.case_file, name="case-file"),
    path("cases/<str:identifier>/share/", views.case_share, name="case-share"),
    path("cases/<str:identifier>/<slug:step>/", views.case_step, name="case-step"),
]
