"""Sums of all rows are read from an index that has them in order, whatever they are added up by."""

from django.db import migrations, models

MODEL = "traininglinerow"


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_whole_volumes_settlements")]

    operations = [
        migrations.RemoveIndex(MODEL, "training_line_sums"),
        migrations.AddIndex(
            MODEL,
            models.Index(
                fields=[
                    "is_planned",
                    "partner_code",
                    "fiscal_year",
                    "program_family",
                    "school_code",
                    "institution_code",
                    "category",
                    "level",
                    "currency",
                    "student_count",
                    "cost_minor",
                ],
                name="training_line_sums",
            ),
        ),
        *(
            migrations.AddIndex(
                MODEL,
                models.Index(
                    fields=["is_planned", "currency", *by, "student_count", "cost_minor"],
                    name=f"training_by_{by[0]}",
                ),
            )
            for by in (
                ["fiscal_year", "category"],
                ["partner_code"],
                ["program_family"],
                ["school_code", "fiscal_year"],
                ["institution_code"],
                ["category"],
                ["level"],
            )
        ),
    ]
