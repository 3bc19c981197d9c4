"""Reads on appropriations."""

from confianza.cooperation.programs import Appropriation as AppropriationRecord
from confianza.cooperation.programs import Kind
from confianza.cooperation.sources import Reference
from confianza.cooperation.texts import Text
from confianza.server.programs.models import Appropriation


def open_appropriations():
    """The appropriations whose funds have dates, so that a case can be paid from them."""
    return Appropriation.objects.filter(availability__isnull=False).distinct()


def appropriations_of(program: str) -> list[AppropriationRecord]:
    """The published appropriations of a program."""
    return [
        AppropriationRecord(
            measure=row.measure,
            account=row.account,
            fiscal_year=row.fiscal_year,
            kind=Kind(row.kind),
            public_law=row.public_law,
            amount=row.amount,
            partner_code=row.partner_id,
            program=row.program,
            reference=Reference(row.source, row.place),
            note=Text.of(row.note) if row.note else None,
        )
        for row in Appropriation.objects.filter(program=program, is_simulated=False)
    ]
