"""Writes on cases: each is one transaction of state, postings and audit event."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases import process
from confianza.cooperation.cases.fields import to_json
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.server.audit.services import record
from confianza.server.cases import models
from confianza.server.cases.selectors import STEP, case_row, case_state, funds_available
from confianza.server.institutions.models import Party
from confianza.server.ledger.services import post
from confianza.server.programs.models import Appropriation
from confianza.server.programs.selectors import open_appropriations


@transaction.atomic
def open_case(
    *,
    identifier: str,
    edition: str,
    title: str,
    partner_code: str,
    appropriation_code: str,
    actor: Actor,
) -> models.Case:
    """A new case under an edition of the process and one appropriation."""
    permission_table().require(actor, "open_case")
    if models.Case.objects.filter(pk=identifier).exists():
        raise RuleRefusal("case-exists", case=identifier)
    appropriation = Appropriation.objects.filter(pk=appropriation_code).first()
    if appropriation is None or not appropriation.availability.exists():
        known = ", ".join(row.code for row in open_appropriations()) or "-"
        raise RuleRefusal("funds-unknown", funds=appropriation_code, known=known)
    partner = Party.objects.filter(pk=partner_code).first()
    if partner is None or appropriation.is_simulated != partner.is_fictional:
        raise RuleRefusal("partner-does-not-fit", partner=partner_code, funds=appropriation_code)
    state = process.open_case(
        identifier=identifier,
        edition_id=edition,
        title=title,
        partner_code=partner_code,
        funds=appropriation.funds,
    )
    first = process.current_phase(state)
    row = models.Case.objects.create(
        identifier=identifier,
        edition=edition,
        title=title,
        partner=partner,
        appropriation=appropriation,
        phase=first.id if first else "",
        is_simulated=appropriation.is_simulated,
    )
    payload = {"edition": edition, "title": title, "partner": partner_code, "funds": appropriation_code}
    record(actor=actor, action="case.open", subject=row.subject, payload=payload)
    return row


@transaction.atomic
def take_step(
    *,
    identifier: str,
    step: str,
    on: date,
    given: Mapping[str, str],
    actor: Actor,
    version: int | None = None,
) -> models.Case:
    """Record a step of a case. `version` is the number of steps the actor saw; another one meanwhile refuses."""
    permission_table().require(actor, "record_step")
    row = case_row(identifier, for_update=True)
    if version is not None and version != row.version:
        raise RuleRefusal("case-changed", case=identifier)
    Appropriation.objects.select_for_update().get(pk=row.appropriation_id)
    before = case_state(row)
    after, taken = process.take_step(
        before, step, on=on, actor=actor, given=given, available=funds_available(row)
    )
    event = record(
        actor=actor,
        action=STEP,
        subject=row.subject,
        payload={"step": step, "on": on.isoformat(), "details": to_json(taken.details)},
    )
    for entry in after.entries[len(before.entries) :]:
        post(entry, appropriation=row.appropriation, event=event, case=row)
    phase = process.current_phase(after)
    row.phase = phase.id if phase else ""
    row.version += 1
    row.save()
    return row


@transaction.atomic
def share_case(*, identifier: str, is_shared: bool, actor: Actor) -> models.Case:
    """Let the partner's liaison see a case, or no longer."""
    permission_table().require(actor, "share_case")
    row = case_row(identifier, for_update=True)
    row.is_shared = is_shared
    row.save()
    record(actor=actor, action="case.share", subject=row.subject, payload={"is_shared": is_shared})
    return row
