"""Writes on parties and institutions."""

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.institutions import CommandStructure
from confianza.cooperation.texts import Text
from confianza.server.audit.services import record
from confianza.server.institutions.models import Counterpart, Institution, Party


def both(text: Text) -> dict[str, str]:
    """A text as it is stored."""
    return {"en": text.en, "es": text.es}


@transaction.atomic
def add_party(*, code: str, name: Text, is_fictional: bool, actor: Actor) -> bool:
    """A party; False when it was there."""
    _, created = Party.objects.get_or_create(
        code=code, defaults={"name": both(name), "is_fictional": is_fictional}
    )
    if created:
        payload = {"name": both(name), "is_fictional": is_fictional}
        record(actor=actor, action="party.add", subject=f"party:{code}", payload=payload)
    return created


@transaction.atomic
def load_institutions(structure: CommandStructure, *, actor: Actor) -> bool:
    """Store the parties, institutions and counterparts of a partnership; False when they were there."""
    if Institution.objects.filter(code__in=[item.code for item in structure.institutions]).exists():
        return False
    for code, name in structure.parties.items():
        add_party(code=code, name=name, is_fictional=False, actor=actor)
    for position, item in enumerate(structure.institutions):
        Institution.objects.create(
            code=item.code,
            party_id=item.party,
            parent_id=item.parent,
            name=both(item.name),
            abbreviation=item.abbreviation,
            duty=both(item.duty),
            office=item.office or "",
            source=item.reference.source,
            place=item.reference.place,
            position=position,
        )
    for item in structure.institutions:
        for other in item.counterparts:
            Counterpart.objects.create(
                institution_id=item.code,
                counterpart_id=other,
                source=item.counterparts_reference.source,
                place=item.counterparts_reference.place,
            )
    codes = [item.code for item in structure.institutions]
    record(actor=actor, action="institutions.load", subject="institutions", payload={"codes": codes})
    return True
