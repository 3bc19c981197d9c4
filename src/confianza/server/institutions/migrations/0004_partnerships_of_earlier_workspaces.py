"""The partnerships that earlier versions had in their code: United States-Mexico, and Bandaria beside it."""

from datetime import date

from django.db import migrations

BANDARIA = "BN"  # the manual's code; BN is Brunei in ISO 3166
BANDARIA_ISO = "XB"


def record_partnerships(apps, schema_editor):
    Party = apps.get_model("institutions", "Party")
    Partnership = apps.get_model("institutions", "Partnership")
    parties = {party.pk: party for party in Party.objects.all()}
    for party in parties.values():
        is_bandaria = party.pk == BANDARIA and party.is_fictional
        party.iso_code = BANDARIA_ISO if is_bandaria else party.pk
        party.save()
    thesis = {
        "first_year": 1914,
        "last_year": 2013,
        "first_training_fy": 2008,
        "last_training_fy": 2012,
        "assessment_date": date(2013, 12, 31),
        "program": "Mérida Initiative",
        "program_name": {"en": "Mérida Initiative", "es": "Iniciativa Mérida"},
        "data_set": "us-mexico",
    }
    pairs = [("us-mx", "US", "MX", thesis), ("us-xb", "US", BANDARIA, {})]
    for position, (code, host, partner, more) in enumerate(pairs):
        if host in parties and partner in parties:
            name = {
                language: f"{parties[host].name[language]}–{parties[partner].name[language]}"
                for language in ("en", "es")
            }
            values = {"host_id": host, "partner_id": partner, "name": name, "position": position, **more}
            Partnership.objects.update_or_create(code=code, defaults=values)


class Migration(migrations.Migration):

    dependencies = [
        ("institutions", "0003_partnerships"),
    ]

    operations = [migrations.RunPython(record_partnerships, migrations.RunPython.noop)]
