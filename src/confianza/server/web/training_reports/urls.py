"""Addresses of training reports."""

from django.urls import path

from confianza.server.web.training_reports import imet, rows, views

urlpatterns = [
    path("training/", views.explorer, name="training"),
    path("training/imet/", imet.imet, name="training-imet"),
    path("training/pme/", views.policy, name="training-pme"),
    path("training/schools/", views.school_list, name="training-schools"),
    path("training/schools/<slug:code>/", views.school, name="training-school"),
    path("training/rows/", rows.training_rows, name="training-rows"),
    path("training/rows/<int:number>/", rows.training_row, name="training-row"),
    path("training/rows.csv", rows.training_export, {"form": "csv"}, name="training-rows-csv"),
    path("training/rows.xlsx", rows.training_export, {"form": "xlsx"}, name="training-rows-xlsx"),
    path(
        "training/rows.parquet",
        rows.training_export,
        {"form": "parquet"},
        name="training-rows-parquet",
    ),
    path("training/settle/", rows.settle, name="training-settle"),
    path("evidence/reconciliation/", rows.reconciliation, name="reconciliation"),
    path("evidence/files/<slug:digest>/", rows.evidence_file, name="evidence-file"),
]
