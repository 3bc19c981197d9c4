"""Authorities that were free text become codes of the table of authorities; others are kept as they were entered."""

from django.db import migrations, models

from confianza.cooperation.programs.authorities import authority_named


def name_authorities(apps, schema_editor):
    for name in ("Appropriation", "Project"):
        rows = apps.get_model("funds", name).objects.exclude(authority="")
        for row in rows.iterator():
            known = authority_named(row.authority)
            if known is not None and known.code == row.authority:
                continue
            if known is None:
                row.authority_as_entered = row.authority
            row.authority = "" if known is None else known.code
            row.save(update_fields=["authority", "authority_as_entered"])


class Migration(migrations.Migration):

    dependencies = [
        ("funds", "0004_entries_name_their_case"),
    ]

    operations = [
        migrations.AlterField("project", "authority", models.CharField(blank=True, max_length=40)),
        migrations.AddField(
            "project", "authority_as_entered", models.CharField(blank=True, default="", max_length=40), False
        ),
        migrations.AddField(
            "appropriation", "authority_as_entered", models.CharField(blank=True, default="", max_length=40), False
        ),
        migrations.RunPython(name_authorities, migrations.RunPython.noop),
    ]
