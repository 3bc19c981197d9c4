"""Addresses of training reports."""

from django.urls import path

from confianza.server.web.training_reports import imet, rows, views

urlpatterns = [
    path("training-reports/", views.explorer, name="training-reports"),
    path("training-reports/imet/", imet.imet, name="training-reports-imet"),
    path("training-reports/pme/", views.policy, name="training-reports-pme"),
    path("training-reports/schools/", views.school_list, name="training-schools"),
    path("training-reports/schools/<slug:code>/", views.school, name="training-school"),
    path("training-reports/rows/", rows.training_rows, name="report-rows"),
    path("training-reports/rows/<int:number>/", rows.training_row, name="report-row"),
    path("training-reports/rows.csv", rows.training_export, {"form": "csv"}, name="report-rows-csv"),
    path("training-reports/rows.xlsx", rows.training_export, {"form": "xlsx"}, name="report-rows-xlsx"),
    path(
        "training-reports/rows.parquet",
        rows.training_export,
        {"form": "parquet"},
        name="report-rows-parquet",
    ),
    path("training-reports/unmatched/", rows.classify, name="unmatched-texts"),
    path("training-reports/reconciliation/", rows.reconciliation, name="reconciliation"),
    path("training-reports/files/<slug:digest>/", rows.evidence_file, name="report-volume"),
]
