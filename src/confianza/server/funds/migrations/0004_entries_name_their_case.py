"""An entry keeps the identifier of its case: the ledger knows nothing else of cases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funds", "0003_ledger")]

    operations = [
        migrations.AlterField("ledgerentry", "case", models.CharField(max_length=8, null=True)),
        migrations.RenameField("ledgerentry", "case", "case_identifier"),
        migrations.AddIndex("ledgerentry", models.Index(fields=["case_identifier"], name="entry_by_case")),
    ]
