"""Writes on appropriations."""

from datetime import date

from django.db import transaction

from confianza.cooperation import ledger
from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.programs import Appropriation as AppropriationRecord
from confianza.cooperation.programs import account_names
from confianza.server.audit.services import record
from confianza.server.ledger.services import post
from confianza.server.programs.models import Appropriation, AvailabilityDates


@transaction.atomic
def load_appropriations(records: list[AppropriationRecord], *, actor: Actor) -> bool:
    """Store appropriations as published, without dates of funds; False when they were there."""
    names = account_names()
    codes = {f"{record.measure}-{record.account}": record for record in records}
    if Appropriation.objects.filter(code__in=codes).exists():
        return False
    Appropriation.objects.bulk_create(
        Appropriation(
            code=code,
            name={"en": names[item.account].en, "es": names[item.account].es},
            program=item.program,
            account=item.account,
            measure=item.measure,
            fiscal_year=item.fiscal_year,
            kind=item.kind.value,
            public_law=item.public_law,
            amount_minor=item.amount.minor,
            currency=item.amount.currency,
            partner_id=item.partner_code,
            source=item.reference.source,
            place=item.reference.place,
            note={"en": item.note.en, "es": item.note.es} if item.note else None,
        )
        for code, item in codes.items()
    )
    record(actor=actor, action="appropriations.load", subject="programs", payload={"codes": sorted(codes)})
    return True


@transaction.atomic
def open_funds(*, appropriation: Appropriation, availability: Availability, on: date, actor: Actor) -> None:
    """Store an appropriation with the dates of its funds and make its money available."""
    appropriation.save(force_insert=True)
    AvailabilityDates.objects.create(
        appropriation=appropriation,
        known_from=availability.known_from,
        available_from=availability.available_from,
        available_until=availability.available_until,
        cancels_on=availability.cancels_on,
    )
    event = record(
        actor=actor,
        action="funds.open",
        subject=f"appropriation:{appropriation.code}",
        payload={"amount_minor": appropriation.amount_minor, "on": on.isoformat()},
    )
    entry = ledger.move(on, appropriation.amount, ledger.Account.APPROPRIATED, ledger.Account.AVAILABLE)
    post(entry, appropriation=appropriation, event=event)
