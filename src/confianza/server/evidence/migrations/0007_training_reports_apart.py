"""Rows of training reports, and what is said of them, go to the app `training_reports`: the same tables, renamed."""

from django.db import migrations

TABLES = {
    "TrainingLineRow": "training_reports_reportrow",
    "PrintedTotal": "training_reports_printedtotal",
    "RuleReason": "training_reports_rulereason",
    "Settlement": "training_reports_classification",
}


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_countries_a_report_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(model, table) for model, table in TABLES.items()],
            state_operations=[migrations.DeleteModel(model) for model in TABLES],
        )
    ]
