"""Editions of sources are called releases; tables and columns stay as they are."""

import django.db.models.deletion
from django.db import migrations, models

NAME = models.CharField(max_length=80, db_column="edition")
RELEASE = models.ForeignKey(
    "indicators.release", on_delete=django.db.models.deletion.PROTECT, db_column="edition_id"
)
ONCE = models.UniqueConstraint(
    fields=("release", "indicator_code", "country_code", "part", "year"), name="indicator_figure_once"
)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_sipri_editions_by_last_year")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("figure", "indicator_figure_once"),
                migrations.RenameModel("Edition", "Release"),
                migrations.AlterModelTable("release", "indicators_edition"),
                migrations.RenameField("release", "edition", "name"),
                migrations.AlterField("release", "name", NAME),
                migrations.AlterModelOptions("release", {"ordering": ["source", "name", "pk"]}),
                migrations.RenameField("figure", "edition", "release"),
                migrations.AlterField("figure", "release", RELEASE),
                migrations.AddConstraint("figure", ONCE),
            ]
        )
    ]
