"""SIPRI's editions are named by the last year with figures; by the year of copyright, two of them had one name."""

from django.db import migrations
from django.db.models import Max, Q


def rename(apps, schema_editor):
    Edition = apps.get_model("indicators", "Edition")
    names = set()
    last = Max("figure__year", filter=Q(figure__value__isnull=False))  # as the importer names a new one
    for edition in Edition.objects.filter(source="sipri-milex").annotate(last=last):
        if edition.last is None:
            continue
        name = str(edition.last)
        if name in names:  # kept apart by what it was called
            name = f"{name}, © SIPRI {edition.edition}"
        names.add(name)
        edition.edition = name
        edition.save(update_fields=["edition"])


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_editions_and_figures")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
