"""Training rows name any country of the world, and say what the rule tables make of them."""

from django.db import migrations, models
from django.db.models import F


def copy_partners(apps, schema_editor):
    apps.get_model("evidence", "TrainingLineRow").objects.update(partner_code=F("partner_id"))


def put_partners_back(apps, schema_editor):
    """Only rows of a party of the workspace fit the older table; others make this fail, and nothing is changed."""
    apps.get_model("evidence", "TrainingLineRow").objects.update(partner_id=F("partner_code"))


def term() -> models.CharField:
    return models.CharField(default="unmatched", max_length=40)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_imports_training_history")]

    operations = [
        migrations.AddField("traininglinerow", "partner_code", models.CharField(default="", max_length=12)),
        migrations.AlterField(
            "traininglinerow",
            "partner",
            models.ForeignKey("institutions.Party", on_delete=models.PROTECT, null=True),
        ),
        migrations.RunPython(copy_partners, put_partners_back),
        migrations.RemoveField("traininglinerow", "partner"),
        migrations.AlterField("traininglinerow", "partner_code", models.CharField(max_length=12)),
        *(
            migrations.AddField("traininglinerow", name, term())
            for name in ("program_family", "school_code", "institution_code", "category", "level")
        ),
        migrations.AddField("traininglinerow", "rules", models.JSONField(default=dict)),
        migrations.AddField(
            "traininglinerow", "rules_version", models.CharField(blank=True, default="", max_length=80)
        ),
        migrations.AlterModelOptions(
            "traininglinerow", {"ordering": ["fiscal_year", "partner_code", "pk"]}
        ),
        migrations.AddIndex(
            "traininglinerow",
            models.Index(fields=["fiscal_year", "partner_code", "id"], name="training_line_order"),
        ),
        migrations.AddIndex(
            "traininglinerow",
            models.Index(
                fields=[
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
    ]
