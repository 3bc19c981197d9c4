"""Writes on parties and institutions."""

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import Text, bilingual_json
from confianza.cooperation.institutions import CommandStructure
from confianza.server.audit.services import record
from confianza.server.institutions.models import Counterpart, Institution, Party


@transaction.atomic
def add_party(*, code: str, name: Text, is_fictional: bool, actor: Actor) -> bool:
    """A party; False when it was there."""
    _, created = Party.objects.get_or_create(
        code=code, defaults={"name": bilingual_json(name), "is_fictional": is_fictional}
    )
    if created:
        payload = {"name": bilingual_json(name), "is_fictional": is_fictional}
        record(actor=actor, action="party.add", subject=f"party:{code}", payload=payload)
    return created


@transaction.atomic
def load_institutions(structure: CommandStructure, *, actor: Actor) -> bool:
    """Store the parties, institutions and counterparts of a partnership as they are told; False when they were there.

    An institution that is told anew, with another parent or another source, is brought up to date.
    """
    for code, name in structure.parties.items():
        add_party(code=code, name=name, is_fictional=False, actor=actor)
    stored = {row.code: row for row in Institution.objects.all()}
    changed = []
    for position, item in enumerate(structure.institutions):
        told = {
            "party_id": item.party,
            "parent_id": item.parent,
            "is_advisory": item.is_advisory,
            "name": bilingual_json(item.name),
            "abbreviation": item.abbreviation,
            "duty": bilingual_json(item.duty),
            "office": item.office or "",
            "source": item.reference.source,
            "place": item.reference.place,
            "position": position,
        }
        row = stored.get(item.code)
        if row is None or any(getattr(row, field) != value for field, value in told.items()):
            Institution.objects.update_or_create(code=item.code, defaults=told)
            changed.append(item.code)
    for item in structure.institutions:
        for other in item.counterparts:
            _, is_new = Counterpart.objects.get_or_create(
                institution_id=item.code,
                counterpart_id=other,
                defaults={
                    "source": item.counterparts_reference.source,
                    "place": item.counterparts_reference.place,
                },
            )
            if is_new and item.code not in changed:
                changed.append(item.code)
    if changed:
        payload = {"codes": changed}
        record(actor=actor, action="institutions.load", subject="institutions", payload=payload)
    return bool(changed)
