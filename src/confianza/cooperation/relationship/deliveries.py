"""The planned deliveries of cases as commitments: computed from the steps on record, never entered twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

from confianza.cooperation.cases.case import Case
from confianza.cooperation.cases.editions import edition_of

DELIVER = "deliver"  # the effect of the step that records an arrival


@dataclass(frozen=True)
class Delivery:
    """A delivery of a line: the day it was planned for, when that was first said, and the day it arrived."""

    case: str
    delivery: str
    line: str
    description: str
    quantity: int
    announced_on: date
    due_on: date
    arrived_on: date | None = None
    cause: str = ""

    @property
    def outcome(self) -> str:
        """`kept`, `late`, or `unknown` while it has not arrived."""
        if self.arrived_on is None:
            return "unknown"
        return "kept" if self.arrived_on <= self.due_on else "late"

    @property
    def days_late(self) -> int | None:
        """Days from the day planned to the day of arrival, below zero when early; None while it has not arrived."""
        return (self.arrived_on - self.due_on).days if self.arrived_on else None

    def is_overdue(self, on: date) -> bool:
        """Whether it has not arrived although its day is past."""
        return self.arrived_on is None and on > self.due_on


@dataclass(frozen=True)
class DeliveriesKept:
    """Of the deliveries that cases planned: how many came in time, late, or not yet, on a day."""

    in_time: int
    late: int
    open: int
    overdue: int
    median_days_late: float | None


def deliveries(case: Case) -> list[Delivery]:
    """The planned deliveries of a case by the day first planned for.

    What an edition records as delivered without a plan has no day due and is not among them.
    """
    steps = edition_of(case.edition).steps
    planned: dict[str, Delivery] = {}
    for record in case.records:
        details, name = record.details, str(record.details.get("delivery", ""))
        if "planned_on" in details:
            line = str(details["line"])
            planned.setdefault(
                name,
                Delivery(
                    case=case.identifier,
                    delivery=name,
                    line=line,
                    description=case.lines[line].description if line in case.lines else "",
                    quantity=int(str(details["quantity"])),
                    announced_on=record.on,
                    due_on=date.fromisoformat(str(details["planned_on"])),
                ),
            )
        elif steps[record.step].effect == DELIVER and name in planned:
            cause = str(details.get("cause", ""))
            planned[name] = replace(planned[name], arrived_on=record.on, cause=cause)
    return sorted(planned.values(), key=lambda delivery: (delivery.due_on, delivery.delivery))


def deliveries_kept(planned: Iterable[Delivery], on: date) -> DeliveriesKept:
    """How the planned deliveries of one or several cases stand on a day."""
    planned = [delivery for delivery in planned if delivery.announced_on <= on]
    arrived = [item for item in planned if item.arrived_on is not None and item.arrived_on <= on]
    days = [(item.arrived_on - item.due_on).days for item in arrived if item.arrived_on is not None]
    waiting = [item for item in planned if item not in arrived]
    return DeliveriesKept(
        in_time=sum(late <= 0 for late in days),
        late=sum(late > 0 for late in days),
        open=len(waiting),
        overdue=sum(on > item.due_on for item in waiting),
        median_days_late=median(days) if days else None,
    )
