import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("evidence", "0007_training_reports_apart"),
    ]

    operations = [
        migrations.CreateModel(
            name="SeriesRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("source", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("windows", models.JSONField()),
                ("is_whole", models.BooleanField()),
                ("skipped", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.importrun"),
                ),
            ],
            options={
                "ordering": ["source", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "source", "name"), name="series_release_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("measure", models.CharField(max_length=40)),
                ("from_code", models.CharField(max_length=2)),
                ("to_code", models.CharField(blank=True, default="", max_length=2)),
                ("part", models.CharField(blank=True, default="", max_length=200)),
                ("points", models.JSONField()),
                (
                    "release",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="series.seriesrelease"),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["from_code", "to_code"], name="series_of_pair")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("release", "measure", "from_code", "to_code", "part"), name="series_once"
                    )
                ],
            },
        ),
    ]
