"""Imported files of events, and the tables by pair that are made of all of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("evidence", "0007_training_reports_apart")]
    operations = [
        migrations.CreateModel(
            name="EventFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("forms", models.JSONField()),
                ("publishers", models.JSONField()),
                ("is_simulated", models.BooleanField(default=False)),
                ("lines", models.JSONField()),
                ("days", models.JSONField()),
                ("coverage", models.JSONField(default=list)),
                ("problems", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("rows_digest", models.CharField(blank=True, default="", max_length=64)),
                ("counts_digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="evidence.importrun"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="PairTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("period", models.CharField(max_length=5)),
                ("number", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("row_count", models.IntegerField()),
                ("file_count", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["period", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("period", "number"), name="event_pair_table_once")
                ],
            },
        ),
    ]
