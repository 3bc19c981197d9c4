"""PME shares of all rows by country, program or institution are read from an index alone."""

from django.db import migrations, models

MODEL = "traininglinerow"


class Migration(migrations.Migration):
    dependencies = [("evidence", "0004_sums_by_each_dimension")]

    operations = [
        operation
        for name in ("partner_code", "program_family", "institution_code")
        for operation in (
            migrations.RemoveIndex(MODEL, f"training_by_{name}"),
            migrations.AddIndex(
                MODEL,
                models.Index(
                    fields=["is_planned", "currency", name, "category", "student_count", "cost_minor"],
                    name=f"training_by_{name}",
                ),
            ),
        )
    ]
