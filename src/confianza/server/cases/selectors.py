"""Reads on cases."""

from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases import process
from confianza.cooperation.cases.case import Case, StepRecord
from confianza.cooperation.cases.fields import from_json
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.errors import RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.cases import models
from confianza.server.ledger.services import account_balances

STEP = "case.step"


def case_row(identifier: str, *, for_update: bool = False) -> models.Case:
    """The row of a case; RuleRefusal `case-unknown` when there is none."""
    rows = models.Case.objects.select_for_update() if for_update else models.Case.objects
    row = rows.prefetch_related("appropriation__availability", "project").filter(pk=identifier).first()
    if row is None:
        raise RuleRefusal("case-unknown", case=identifier)
    return row


def case_events(row: models.Case):
    """Every audit event of a case, oldest first."""
    return AuditEvent.objects.filter(subject=row.subject)


def case_state(row: models.Case) -> Case:
    """The case its recorded steps add up to."""
    opened = process.open_case(
        identifier=row.identifier,
        edition_id=row.edition,
        title=row.title,
        partner_code=row.partner_id,
        funds=row.appropriation.funds,
        is_approved_above=row.project is None or row.project.approved_on is not None,
    )
    return process.replay(
        opened,
        (
            StepRecord(
                event.payload["step"],
                date.fromisoformat(event.payload["on"]),
                Actor(event.account, event.role),
                from_json(event.payload["details"]),
            )
            for event in case_events(row).filter(action=STEP)
        ),
    )


def funds_available(row: models.Case) -> Money:
    """What the funds of a case have left."""
    return account_balances(row.appropriation)[Account.AVAILABLE]


def visible_cases(user):
    """The cases an account may see: all, or those shared with its party."""
    rows = models.Case.objects.select_related("partner", "appropriation")
    if user.may("view_every_case"):
        return rows
    if user.may("view_shared_case"):
        return rows.filter(is_shared=True, partner_id=user.party_code)
    return rows.none()
