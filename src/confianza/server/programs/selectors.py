"""Reads on appropriations."""

from django.db.models import QuerySet

from confianza.cooperation.bilingual import Text
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.programs import Appropriation as AppropriationRecord
from confianza.cooperation.programs import Kind
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.server.programs.models import Appropriation, AvailabilityDates


def funds_row(code: str, *, for_update: bool = False) -> Appropriation:
    """An appropriation whose funds have dates; RuleRefusal `funds-unknown` names those there are."""
    rows = Appropriation.objects.select_for_update(no_key=True) if for_update else Appropriation.objects
    row = rows.filter(pk=code).first()
    if row is None or not row.availability.exists():
        known = ", ".join(open_appropriations().values_list("code", flat=True)) or "-"
        raise RuleRefusal("funds-unknown", funds=code, known=known)
    return row


def open_appropriations() -> QuerySet[Appropriation]:
    """The appropriations whose funds have dates, so that a case can be paid from them."""
    dated = AvailabilityDates.objects.values("appropriation")
    return Appropriation.objects.filter(pk__in=dated).prefetch_related("availability")


def appropriations_of(partnership: Partnership) -> list[AppropriationRecord]:
    """The appropriations of a partner: those of the program that its partnership shows first, or all."""
    rows = Appropriation.objects.filter(partner=partnership.partner.manual_code)
    if partnership.program:
        rows = rows.filter(program=partnership.program)
    return [
        AppropriationRecord(
            measure=row.measure,
            account=row.account,
            fiscal_year=row.fiscal_year,
            kind=Kind(row.kind),
            public_law=row.public_law,
            amount=row.amount,
            partner_code=row.partner.iso_code,
            program=row.program,
            reference=Reference(row.source, row.place),
            note=Text.of(row.note) if row.note else None,
        )
        for row in rows.select_related("partner")
    ]
