"""The acts of history become records: confirmed and published, since everybody could read them.

Each is named for its source and keeps the identifier, kind and note on its date that the trust index knows it by.
"""

import re

from django.db import migrations

THESIS = "martinez-2014"


def move(apps, schema_editor):
    Act = apps.get_model("evidence", "HistoryRecord")
    Partnership = apps.get_model("institutions", "Partnership")
    AuditEvent = apps.get_model("audit", "AuditEvent")
    Record = apps.get_model("relationship", "Record")
    Event = apps.get_model("relationship", "Event")
    partnerships = {}
    for one in Partnership.objects.order_by("-position"):
        partnerships[one.host_id, one.partner_id] = partnerships[one.partner_id, one.host_id] = one
    told = {
        event.payload.get("digest"): event for event in AuditEvent.objects.filter(action="import").iterator()
    }
    for act in Act.objects.select_related("run", "actor", "target").order_by("event_id"):
        one = partnerships.get((act.actor_id, act.target_id))
        if one is None:
            raise RuntimeError(f"no partnership of {act.actor_id} and {act.target_id} for the act {act.event_id}")
        first, _, last = act.date.partition("/")
        row, is_new = Record.objects.get_or_create(
            partnership=one,
            record_id=re.sub("[^a-z0-9]+", "-", f"{act.source} {act.event_id}".lower()).strip("-"),
            defaults={
                "kind": "act",
                "date_from": first,
                "date_to": last,
                "actor_id": act.actor_id,
                "target_id": act.target_id,
                "summary": act.summary,
                "sign": act.sign,
                "domain": "unstated",
                "references": [[act.source, act.place]],
                "happening": re.sub("[^a-z0-9]+", "-", act.event_id.lower()).strip("-"),
                "verification": "thesis" if act.source == THESIS else "entered",
                "run": act.run,
                "index_id": act.event_id,
                "index_kind": act.kind,
                "index_note": act.date_note,
            },
        )
        if is_new:
            parties = (one.host.iso_code, one.partner.iso_code)
            steps = [("proposed", ""), ("confirmed", ""), *(("published", code) for code in parties)]
            Event.objects.bulk_create(
                Event(
                    record=row,
                    number=number,
                    step=step,
                    at=act.run.at,
                    account=act.run.account,
                    side=side,
                    audit=told.get(act.run.digest),
                )
                for number, (step, side) in enumerate(steps, start=1)
            )


class Migration(migrations.Migration):

    dependencies = [("relationship", "0001_records")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
