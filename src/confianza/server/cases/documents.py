"""Cases as the interface returns them, commands print them and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.agenda import Agenda, agenda, holds, lapse, may_be_held
from confianza.cooperation.cases.case import Case as CaseState
from confianza.cooperation.money import Money, total
from confianza.cooperation.process.rulebook import Clock, Deadline, Phase
from confianza.cooperation.process.steps import NextAction
from confianza.server import documents
from confianza.server.audit.models import AuditEvent
from confianza.server.cases import models, selectors
from confianza.server.documents import Action, Digest, Version, made_of


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case as lists show it."""

    identifier: str
    document: str
    title: str
    partner: str
    edition: str
    phase: Annotated[str, Field(description="Id of the current phase; empty when closed.")]
    status: str
    version: Version
    next_due_on: date | None
    is_simulated: bool


@dataclass(frozen=True, kw_only=True)
class CasePhase:
    phase: str
    number: int
    name: str
    started_on: date | None
    completed_on: date | None


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    number: str
    description: str
    quantity: int
    cost: Money
    obligated: Money
    paid: Money
    delivered: int
    inventoried: int
    transferred: int


@dataclass(frozen=True, kw_only=True)
class CaseClock:
    clock: str
    name: str
    days: Annotated[int, Field(description="Days it may run.")]
    started_on: date
    stopped_on: date | None
    elapsed_days: int
    excluded_days: int
    due_on: date
    is_met: bool | None


@dataclass(frozen=True, kw_only=True)
class CaseDeadline:
    deadline: str
    name: str
    about: str
    due_on: date
    met_on: date | None
    is_overdue: bool
    is_verified: bool


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A document of a case, kept with its file."""

    kind: str
    file_name: str
    digest: Digest
    on: date


@dataclass(frozen=True, kw_only=True)
class Delivery:
    name: str
    line: str
    quantity: int
    planned_on: date
    arrived_on: date | None
    received_on: date | None
    transferred_on: date | None
    cause: Annotated[str, Field(description="Why it was late; empty when it was not.")]


@dataclass(frozen=True, kw_only=True)
class Case(CaseRow):
    """A case whole: where it stands, what is next, lines, deliveries, documents, money, clocks."""

    phases: list[CasePhase]
    lines: list[CaseLine]
    deliveries: list[Delivery]
    documents: list[CaseFile]
    balances: dict[str, Money]
    actions: list[Action]
    clocks: list[CaseClock]
    deadlines: list[CaseDeadline]


@dataclass(frozen=True, kw_only=True)
class OpenAction:
    """Something one of your offices is to do."""

    case: str
    step: str
    office: str
    deadline: Annotated[
        str, Field(description="Id of the deadline that sets the day; empty when there is none.")
    ]
    about: str
    due_on: date | None
    is_offered: bool


@dataclass(frozen=True, kw_only=True)
class Event:
    """A recorded change."""

    sequence: int
    at: datetime
    account: str
    role: str
    action: str
    payload: dict[str, Any]
    digest: str


@dataclass(frozen=True, kw_only=True)
class CaseMoney:
    """The money of a case at a glance: of its cost what is obligated, of that what is paid, and when it lapses."""

    cost: Money
    obligated: Money
    paid: Money
    lapses_on: date | None
    becomes: Annotated[str, Field(description="What the funds are after that day: expired or canceled.")]
    canceled_on: date | None


@dataclass(frozen=True, kw_only=True)
class CaseSummary:
    """What matters of a case first: where it stands and since when, what is next and what blocks it, its money."""

    phase: Phase | None
    since: date | None
    clocks: list[timing.ClockState]
    agenda: Agenda
    may_be_held: bool
    holds: list[str]
    money: CaseMoney


def case_summary(
    state: CaseState, offered: Sequence[NextAction], *, on: date, available: Money, language: str
) -> CaseSummary:
    """What matters of a case on a day, with the steps on offer and the funds available then."""
    phases = process.phases(state)
    phase = next((item for item in phases if item.completed_on is None), None)
    ended = [item.completed_on for item in phases if item.completed_on is not None]
    dates = state.funds.availability_on(on)
    lapses = lapse(dates, on)
    lines, currency = state.lines.values(), state.funds.currency
    return CaseSummary(
        phase=phase.phase if phase else None,
        since=(phase.started_on if phase else None) or max(ended, default=None),
        clocks=[clock for clock in timing.clock_states(state, on=on) if clock.stopped_on is None],
        agenda=agenda(state, offered, on=on, available=available),
        may_be_held=may_be_held(state),
        holds=[reason.in_language(language) for reason in holds(state)],
        money=CaseMoney(
            cost=state.cost,
            obligated=total([line.obligated for line in lines], currency),
            paid=total([line.paid for line in lines], currency),
            lapses_on=lapses[1] if lapses else None,
            becomes=lapses[0].value if lapses else "",
            canceled_on=dates.cancels_on if dates.cancels_on and dates.cancels_on < on else None,
        ),
    )


def case_row(row: models.Case) -> CaseRow:
    """A case as lists show it."""
    return made_of(CaseRow, row, partner=row.partner_id)


def actions(row: models.Case, state: CaseState, *, on: date, language: str) -> list[Action]:
    """The steps on offer on a day, each with what blocks it."""
    offered = process.next_actions(state, on=on, available=selectors.funds_available(row))
    return [documents.action(item, language) for item in offered]


def case(row: models.Case, *, on: date, language: str) -> Case:
    """A case whole on a day, in a language."""
    state = selectors.case_state(row)
    files = ("kind", "file_name", "digest")
    return made_of(
        Case,
        row,
        partner=row.partner_id,
        phases=[
            made_of(CasePhase, item, phase=item.phase.id, **_named(item.phase, language, "number"))
            for item in process.phases(state)
        ],
        lines=[made_of(CaseLine, line) for line in state.lines.values()],
        deliveries=[made_of(Delivery, item) for item in row.deliveries.order_by("planned_on", "name")],
        documents=[
            CaseFile(on=item.on, **{name: str(item.details[name]) for name in files})
            for item in state.documents
        ],
        balances={account.value: amount for account, amount in state.balances.items()},
        actions=actions(row, state, on=on, language=language),
        clocks=[
            made_of(CaseClock, item, clock=item.clock.id, **_named(item.clock, language, "days"))
            for item in timing.clock_states(state, on=on)
        ],
        deadlines=[
            made_of(
                CaseDeadline,
                item,
                deadline=item.deadline.id,
                is_overdue=item.is_overdue(on),
                **_named(item.deadline, language, "is_verified"),
            )
            for item in timing.deadline_states(state, on=on)
        ],
    )


def _named(entry: Phase | Clock | Deadline, language: str, field: str) -> dict[str, Any]:
    """The name of an entry of the rulebook and one of its fields."""
    return {"name": entry.name.in_language(language), field: getattr(entry, field)}


def open_action(row: models.OpenAction) -> OpenAction:
    """What an office is to do on a case."""
    return made_of(OpenAction, row, case=row.case_id)


def event(row: AuditEvent) -> Event:
    """A recorded change."""
    return made_of(Event, row)
