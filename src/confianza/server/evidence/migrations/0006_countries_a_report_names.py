"""An imported training report keeps which countries it names, to be held against those whose rows were read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_pme_by_each_dimension")]

    operations = [migrations.AddField("importrun", "named_countries", models.JSONField(default=list))]
