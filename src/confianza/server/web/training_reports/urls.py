"""Addresses of training reports."""

from django.urls import path

from confianza.server.web.training_reports import row_views, views

urlpatterns = [
    path("training/", views.explorer, name="training"),
    path("training/pme/", views.policy, name="training-pme"),
    path("training/schools/", views.school_list, name="training-schools"),
    path("training/schools/<slug:code>/", views.school, name="training-school"),
    path("training/rows/", row_views.training_rows, name="training-rows"),
    path("training/rows/<int:number>/", row_views.training_row, name="training-row"),
    path("training/rows.csv", row_views.training_export, {"form": "csv"}, name="training-rows-csv"),
    path("training/rows.xlsx", row_views.training_export, {"form": "xlsx"}, name="training-rows-xlsx"),
    path(
        "training/rows.parquet",
        row_views.training_export,
        {"form": "parquet"},
        name="training-rows-parquet",
    ),
    path("training/settle/", row_views.settle, name="training-settle"),
    path("evidence/reconciliation/", row_views.reconciliation, name="reconciliation"),
    path("evidence/files/<slug:digest>/", row_views.evidence_file, name="evidence-file"),
]
