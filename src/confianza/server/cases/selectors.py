"""Reads on cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case as WhenCase
from django.db.models import Count, DateField, F, Q, QuerySet, Value, When

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases import process
from confianza.cooperation.cases.case import Case
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import from_json
from confianza.cooperation.process.records import StepRecord
from confianza.errors import RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.cases import models
from confianza.server.funds.selectors import account_balances, open_appropriations

STEP = "case.step"


def case_row(identifier: str, *, for_update: bool = False) -> models.Case:
    """The row of a case; RuleRefusal `case-unknown` when there is none."""
    rows = models.Case.objects.select_for_update(no_key=True) if for_update else models.Case.objects
    row = rows.prefetch_related("appropriation__availability", "project").filter(pk=identifier).first()
    if row is None:
        raise RuleRefusal("case-unknown", case=identifier)
    return row


def case_events(row: models.Case) -> QuerySet[AuditEvent]:
    """Every audit event of a case, oldest first."""
    return AuditEvent.objects.filter(subject=row.subject)


def case_state(row: models.Case) -> Case:
    """The case its recorded steps add up to."""
    events = list(case_events(row))
    opened = Case(
        row.identifier,
        row.edition,
        row.title,
        row.partner_id,
        row.appropriation.funds,
        is_approved_above=row.project is None or row.project.approved_on is not None,
        other_events=tuple(event.sequence for event in events if event.action != STEP),
    )
    return process.replay(
        opened,
        (
            StepRecord(
                event.payload["step"],
                date.fromisoformat(event.payload["on"]),
                Actor(event.account, event.role),
                from_json(event.payload["details"]),
                event.sequence,
            )
            for event in events
            if event.action == STEP
        ),
    )


def funds_available(row: models.Case) -> Money:
    """What the funds of a case have left."""
    return account_balances(row.appropriation)[Account.AVAILABLE]


def visible_cases(actor: Actor) -> QuerySet[models.Case]:
    """The cases an account may see: all, or those shared with its party."""
    rows = models.Case.objects.select_related("partner", "appropriation")
    if actor.may("view_every_case"):
        return rows
    if actor.may("view_shared_case"):
        return rows.filter(is_shared=True, partner_id=actor.party_code)
    return rows.none()


def visible_case(actor: Actor, identifier: str) -> models.Case:
    """A case an account may see; RuleRefusal `case-unknown` also for what was not shared."""
    rows = visible_cases(actor).select_related("project").prefetch_related("appropriation__availability")
    row = rows.filter(pk=identifier).first()
    if row is None:
        raise RuleRefusal("case-unknown", case=identifier)
    return row


@dataclass(frozen=True)
class Search:
    """What the board is narrowed by; empty values do not narrow."""

    q: str = ""
    phase: str = ""
    edition: str = ""
    partner: str = ""
    due: str = ""  # "overdue"


CLOSED = "closed"


def stored_phase(phase: str) -> str:
    """A phase as rows have it: empty when closed."""
    return "" if phase == CLOSED else phase


def found_cases(actor: Actor, search: Search, on: date) -> QuerySet[models.Case]:
    """The cases a person may see that fit a search."""
    rows = visible_cases(actor)
    if search.q:
        rows = rows.filter(search_text__contains=models.folded(search.q))
    if search.phase:
        rows = rows.filter(phase=stored_phase(search.phase))
    if search.edition:
        rows = rows.filter(edition=search.edition)
    if search.partner:
        rows = rows.filter(partner_id=search.partner)
    if search.due:
        rows = rows.filter(next_due_on__lt=on)
    return rows


@dataclass(frozen=True)
class CaseCount:
    """How many cases there are: true ones, and beside them those of the fictional country, never as one sum."""

    true: int = 0
    simulated: int = 0

    @property
    def every(self) -> int:
        """How many rows a list of both has."""
        return self.true + self.simulated


COUNTED = {
    "true": Count("pk", filter=Q(is_simulated=False)),
    "simulated": Count("pk", filter=Q(is_simulated=True)),
}


def count_cases(rows: QuerySet[models.Case]) -> CaseCount:
    """How many cases there are."""
    return CaseCount(**rows.order_by().aggregate(**COUNTED))


def count_by_phase(rows: QuerySet[models.Case]) -> dict[str, CaseCount]:
    """How many cases stand in each phase; closed ones under `closed`."""
    counted: Iterable[Mapping[str, Any]] = rows.order_by().values("phase").annotate(**COUNTED)
    return {row["phase"] or CLOSED: CaseCount(row["true"], row["simulated"]) for row in counted}


def open_actions(actor: Actor) -> QuerySet[models.OpenAction]:
    """What the offices of a person are to do, the earliest day first, what has no day last."""
    return (
        models.OpenAction.objects.filter(
            office__in=actor.offices_for("record_step"), case__in=visible_cases(actor)
        )
        .filter(Q(is_offered=True) | Q(due_on__isnull=False))
        .select_related("case")
        .order_by(F("due_on").asc(nulls_last=True), "case_id", "step")
    )


@dataclass(frozen=True)
class Standard:
    """How many cases under an edition met a clock by a day."""

    edition: str
    clock: str
    met: int
    missed: int
    running: int


def clock_standards(cases: QuerySet[models.Case], on: date) -> list[Standard]:
    """Each clock of each edition: met, missed (too late, or running beyond its day) and running."""
    late = Q(stopped_on__gt=F("due_on")) | Q(stopped_on=None, due_on__lt=on, is_held=False)
    rows = (
        models.ClockRow.objects.filter(case__in=cases)
        .values_list("case__edition", "clock")
        .annotate(
            met=Count("pk", filter=Q(stopped_on__lte=F("due_on"))),
            missed=Count("pk", filter=late),
            every=Count("pk"),
        )
        .order_by("case__edition", "clock")
    )
    return [
        Standard(edition, clock, met, missed, every - met - missed)
        for edition, clock, met, missed, every in rows
    ]


@dataclass(frozen=True)
class Punctuality:
    """Planned deliveries by a day: in time, late by cause, overdue, still to come."""

    in_time: int
    late: int
    overdue: int
    to_come: int
    causes: dict[str, int]


def delivery_punctuality(cases: QuerySet[models.Case], on: date) -> Punctuality:
    """How planned and actual deliveries compare, with the causes of the late ones."""
    rows = models.Delivery.objects.filter(case__in=cases)
    late = rows.filter(arrived_on__gt=F("planned_on"))
    counts = rows.aggregate(
        in_time=Count("pk", filter=Q(arrived_on__lte=F("planned_on"))),
        overdue=Count("pk", filter=Q(arrived_on=None, planned_on__lt=on)),
        to_come=Count("pk", filter=Q(arrived_on=None, planned_on__gte=on)),
    )
    counted = late.values("cause").annotate(count=Count("pk")).order_by("-count")
    causes: dict[str, int] = dict(counted.values_list("cause", "count"))
    return Punctuality(late=sum(causes.values()), causes=causes, **counts)


def cases_of_canceling_funds(cases: QuerySet[models.Case], on: date, until: date) -> QuerySet[models.Case]:
    """Open cases whose funds are canceled from `on` to `until` by the dates known then, the earliest first.

    Each has `cancels_on`.
    """
    known = {row.code: row.funds.availability_on(on).cancels_on for row in open_appropriations()}
    days = {code: day for code, day in known.items() if day is not None and on <= day <= until}
    whens = [When(appropriation=code, then=Value(day)) for code, day in days.items()]
    rows = cases.filter(phase__gt="", appropriation__in=days)
    cancels_on = WhenCase(*whens, output_field=DateField()) if whens else Value(None, DateField())
    return rows.annotate(cancels_on=cancels_on).order_by("cancels_on", "identifier")


def saved_searches(actor: Actor) -> QuerySet[models.SavedSearch]:
    """The searches of the board that an account keeps."""
    return models.SavedSearch.objects.filter(user__username=actor.account)
