"""Writes on cases: each is one transaction of state, postings and audit event."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.case import ATTACH, Availability, Case, FundState
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.ledger import Account
from confianza.cooperation.ledger.lapse import lapse_entries
from confianza.cooperation.money import Money
from confianza.cooperation.periods import refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import to_json
from confianza.errors import RuleRefusal
from confianza.server.audit.services import record
from confianza.server.cases import models
from confianza.server.cases.selectors import STEP, case_row, case_state, funds_available
from confianza.server.cases.uploads import check_upload, keep_upload, kept_upload
from confianza.server.funds.models import Appropriation, Project
from confianza.server.funds.selectors import (
    balances_outside_cases,
    funds_row,
    held_by_cases,
    open_appropriations,
)
from confianza.server.funds.services import add_dates, post
from confianza.server.institutions.models import Party
from confianza.server.institutions.selectors import party_names
from confianza.server.people.selectors import account_row


@transaction.atomic
def open_case(
    *,
    identifier: str,
    edition: str,
    title: str,
    partner_code: str,
    appropriation_code: str,
    actor: Actor,
    project_code: str = "",
    category: str = "",
) -> models.Case:
    """A new case under an edition of the process and one appropriation."""
    permission_table().require(actor, "open_case")
    appropriation = funds_row(appropriation_code)
    partner = Party.objects.filter(pk=partner_code).first()
    if partner is None:
        raise RuleRefusal("party-unknown", party=partner_code, known=", ".join(sorted(party_names())))
    if appropriation.is_simulated != partner.is_fictional:
        raise RuleRefusal("partner-does-not-fit", partner=partner_code, funds=appropriation_code)
    project = Project.objects.filter(pk=project_code).first() if project_code else None
    authorities = {project.authority, appropriation.authority} - {""} if project else set()
    if project_code and (project is None or project.partner_id != partner_code or len(authorities) > 1):
        raise RuleRefusal("project-does-not-fit", project=project_code, partner=partner_code)
    state = process.open_case(
        identifier=identifier,
        edition_id=edition,
        title=title,
        partner_code=partner_code,
        funds=appropriation.funds,
        category=category,
    )
    row = models.Case(
        identifier=identifier,
        edition=edition,
        title=title,
        partner=partner,
        appropriation=appropriation,
        project=project,
        is_simulated=appropriation.is_simulated,
        search_text=models.folded(f"{identifier} {title}"),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # asked of the database itself: another may open it at this moment
        raise RuleRefusal("case-exists", case=identifier) from error
    payload = {"edition": edition, "title": title, "partner": partner_code, "funds": appropriation_code}
    if project:
        payload["project"] = project.code
    record(actor=actor, action="case.open", subject=row.subject, payload=payload)
    refresh_derived_rows(row, state, on=timezone.localdate())
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
    today: date | None = None,
) -> models.Case:
    """Record a step of a case. `version` is the number of steps the actor saw; another one meanwhile refuses.

    `today` is the day on which it is recorded, where that is not this one.
    """
    row = _take_step(
        identifier=identifier, step=step, on=on, given=given, actor=actor, version=version, today=today
    )
    if step == ATTACH and kept_upload(given["digest"].strip(), given["file_name"].strip()) is None:
        raise RuleRefusal("document-not-kept", file=given["file_name"])
    return row


@transaction.atomic
def _take_step(
    *,
    identifier: str,
    step: str,
    on: date,
    given: Mapping[str, str],
    actor: Actor,
    version: int | None,
    today: date | None,
) -> models.Case:
    permission_table().require(actor, "record_step")
    row = case_row(identifier, for_update=True)
    if version is not None and version != row.version:
        raise RuleRefusal("case-changed", case=identifier)
    Appropriation.objects.select_for_update(no_key=True).get(pk=row.appropriation_id)
    before = case_state(row)
    after, taken = process.take_step(
        before,
        step,
        on=on,
        today=today or timezone.localdate(),
        actor=actor,
        submitted=given,
        available=funds_available(row),
    )
    event = record(
        actor=actor,
        action=STEP,
        subject=row.subject,
        payload={"step": step, "on": on.isoformat(), "details": to_json(taken.details)},
    )
    for entry in after.entries[len(before.entries) :]:
        post(entry, appropriation=row.appropriation, event=event, case_identifier=row.pk)
    refresh_derived_rows(row, after, on=on)
    return row


def attach_document(
    *,
    identifier: str,
    kind: str,
    file_name: str,
    content: bytes,
    on: date,
    actor: Actor,
    version: int | None = None,
    today: date | None = None,
) -> models.Case:
    """Keep a file by the sum of its bytes and record it on the case; refused files are not kept."""
    permission_table().require(actor, "record_step")
    check_upload(file_name, content)
    given = {"kind": kind, "file_name": file_name, "digest": hashlib.sha256(content).hexdigest()}
    with transaction.atomic():
        row = _take_step(
            identifier=identifier,
            step=ATTACH,
            on=on,
            given=given,
            actor=actor,
            version=version,
            today=today,
        )
        keep_upload(file_name, content)
    return row


def refresh_derived_rows(row: models.Case, state: Case, *, on: date) -> None:
    """Write what the lists find a case by: phase, cost, open actions, clocks and deliveries, as of a day."""
    phase = process.current_phase(state)
    dues = timing.open_deadlines(state, on=on)
    row.phase = phase.id if phase else ""
    row.status, row.document_version = state.status, state.version
    row.version = len(state.records)
    row.cost_minor = state.cost.minor
    row.last_step_on = state.records[-1].on if state.records else None
    clocks = timing.clock_states(state, on=on)
    running = [clock.due_on for clock in clocks if clock.stopped_on is None]
    row.next_due_on = min([*(due.due_on for due in dues), *running], default=None)
    row.save()
    row.open_actions.all().delete()
    models.OpenAction.objects.bulk_create(_open_actions(row, state, dues, on))
    row.clocks.all().delete()
    models.ClockRow.objects.bulk_create(
        models.ClockRow(
            case=row,
            clock=clock.clock.id,
            started_on=clock.started_on,
            stopped_on=clock.stopped_on,
            elapsed_days=clock.elapsed_days,
            excluded_days=clock.excluded_days,
            due_on=clock.due_on,
            is_held=bool(state.record_of(clock.clock.hold) and not state.record_of(clock.clock.release)),
        )
        for clock in clocks
    )
    if state.register("deliveries"):
        row.deliveries.all().delete()
        models.Delivery.objects.bulk_create(_deliveries(row, state))


def _open_actions(
    row: models.Case, state: Case, dues: list[timing.DeadlineState], on: date
) -> list[models.OpenAction]:
    steps = edition_of(state.edition).steps
    available = funds_available(row)
    offered = {
        action.step.id
        for action in process.next_actions(state, on=on, available=available)
        if process.is_ready(state, action.step, on=on, available=available)
    }
    asked: list[tuple[str, str, str, date | None]] = [
        (step, "", "", None) for step in sorted(offered) if not steps[step].is_optional
    ]
    due_steps = {due.deadline.satisfied_by for due in dues}
    asked = [entry for entry in asked if entry[0] not in due_steps]
    asked += [(due.deadline.satisfied_by, due.deadline.id, due.about, due.due_on) for due in dues]
    return [
        models.OpenAction(
            case=row,
            step=step,
            office=office,
            deadline=deadline,
            about=about,
            due_on=due_on,
            is_offered=step in offered,
        )
        for step, deadline, about, due_on in asked
        for office in steps[step].actors
    ]


def _deliveries(row: models.Case, state: Case) -> list[models.Delivery]:
    effects = {"deliver": "arrived_on", "inventory": "received_on", "transfer": "transferred_on"}
    steps = edition_of(state.edition).steps
    days: dict[str, dict[str, date]] = {}
    for item in state.records:
        name = effects.get(steps[item.step].effect)
        if name and "delivery" in item.details:
            days.setdefault(str(item.details["delivery"]), {})[name] = item.on
    return [
        models.Delivery(
            case=row,
            name=name,
            line=str(plan["line"]),
            quantity=int(str(plan["quantity"])),
            planned_on=date.fromisoformat(str(plan["planned_on"])),
            cause=str(plan.get("cause", "")),
            **days.get(name, {}),
        )
        for name, plan in state.register("deliveries").items()
    ]


@transaction.atomic
def revise_dates(*, appropriation_code: str, availability: Availability, actor: Actor) -> None:
    """Other dates of funds, and on their open cases what is due by them."""
    add_dates(appropriation_code=appropriation_code, availability=availability, actor=actor)
    for row in models.Case.objects.filter(appropriation=appropriation_code, phase__gt=""):
        known = availability.known_from
        refresh_derived_rows(row, case_state(row), on=max(row.last_step_on or known, known))


def lapse_funds(*, on: date, actor: Actor, today: date | None = None) -> list[str]:
    """Record what expired or was canceled by a day, on funds and on their cases; what was posted, in words.

    Each case and each of the funds is a change of its own: one that was interrupted is completed by the next.
    """
    permission_table().require(actor, "lapse_funds")
    today = today or timezone.localdate()
    refuse_day_to_come(on, today=today)
    told = []
    for row in open_appropriations().order_by("code"):
        told += [f"{row.code}: {amount} {account}" for amount, account in _lapse(row, on, actor)]
        for case, step in _lapsing_cases(row, on):
            take_step(identifier=case.identifier, step=step, on=on, given={}, actor=actor, today=today)
            told.append(f"{case.identifier}: {step}")
    return told


@transaction.atomic
def _lapse(row: Appropriation, on: date, actor: Actor) -> list[tuple[Money, Account]]:
    Appropriation.objects.select_for_update(no_key=True).get(pk=row.pk)
    dates = row.funds.availability_on(on)
    entries = lapse_entries(
        balances_outside_cases(row), available_until=dates.available_until, cancels_on=dates.cancels_on, on=on
    )
    lapsed = [(entry.postings[1][1], entry.postings[1][0]) for entry in entries]
    if entries:
        payload = {"on": on.isoformat(), "amounts_minor": [amount.minor for amount, _ in lapsed]}
        event = record(
            actor=actor, action="funds.lapse", subject=f"appropriation:{row.code}", payload=payload
        )
        for entry in entries:
            post(entry, appropriation=row, event=event)
    return lapsed


LAPSE_STEPS = {
    FundState.REOBLIGATION: ("record-expiry", [Account.COMMITTED]),
    FundState.EXPIRED: ("record-expiry", [Account.COMMITTED]),
    FundState.CANCELED: ("record-cancellation", [Account.COMMITTED, Account.OBLIGATED, Account.EXPIRED]),
}


def _lapsing_cases(row: Appropriation, on: date) -> Iterator[tuple[models.Case, str]]:
    """The cases of the funds that hold money which lapsed, and the step that records it."""
    state = row.funds.state_on(on)
    if state not in LAPSE_STEPS:
        return
    step, accounts = LAPSE_STEPS[state]
    for case in models.Case.objects.filter(pk__in=held_by_cases(row, accounts), phase__gt=""):
        if step in edition_of(case.edition).steps:
            offered = process.next_actions(case_state(case), on=on, available=funds_available(case))
            if any(action.step.id == step and not action.refusals for action in offered):
                yield case, step


@transaction.atomic
def share_case(*, identifier: str, is_shared: bool, actor: Actor) -> models.Case:
    """Let the partner's liaison see a case, or no longer."""
    permission_table().require(actor, "share_case")
    row = case_row(identifier, for_update=True)
    row.is_shared = is_shared
    row.save()
    record(actor=actor, action="case.share", subject=row.subject, payload={"is_shared": is_shared})
    return row


def save_search(*, name: str, query: str, actor: Actor) -> None:
    """Keep a search of the board under a name of an account."""
    user = account_row(actor.account)
    models.SavedSearch.objects.update_or_create(user=user, name=name, defaults={"query": query})


def forget_search(*, name: str, actor: Actor) -> None:
    """Remove a search that an account keeps."""
    models.SavedSearch.objects.filter(user__username=actor.account, name=name).delete()
