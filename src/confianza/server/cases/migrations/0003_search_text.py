from django.db import migrations, models


def fill(apps, schema_editor):
    from confianza.server.cases.models import folded

    rows = apps.get_model("cases", "Case").objects
    for row in rows.only("identifier", "title").iterator():
        rows.filter(pk=row.pk).update(search_text=folded(f"{row.identifier} {row.title}"))


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_open_actions_clocks_deliveries")]

    operations = [
        migrations.AddField("case", "search_text", models.TextField(default=""), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "case",
            models.Index(fields=["phase", "next_due_on", "identifier"], name="case_by_phase_and_due_day"),
        ),
    ]
