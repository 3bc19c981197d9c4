"""What a case waits for on a day: the next step, what blocks others, what holds the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.case import ATTACH, Availability, Case, FundState
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import NextAction

SOON = timedelta(days=60)  # a day nearer than this goes before the order of the rulebook


@dataclass(frozen=True)
class Agenda:
    """The next step with its deadline, if any, and the steps that a rule stands in the way of."""

    next: NextAction | None
    due: timing.DeadlineState | None
    blocked: tuple[NextAction, ...]


def agenda(case: Case, offered: Sequence[NextAction], *, on: date, available: Money) -> Agenda:
    """What is next among the steps on offer.

    Of the steps that can be recorded and are not optional, or have a day, that is the one with the earliest day
    within 60 days or past; else the first that was never recorded, in the order of the rulebook.
    """
    dues = timing.next_deadlines(case, on=on)
    main = [
        action
        for action in offered
        if action.step.id != ATTACH and (not action.step.is_optional or action.step.id in dues)
    ]
    order = list(edition_of(case.edition).steps)

    def urgency(action: NextAction) -> tuple[date, bool, int]:
        due = dues.get(action.step.id)
        is_soon = due is not None and due.due_on <= on + SOON
        return (
            due.due_on if due is not None and is_soon else date.max,
            case.record_of(action.step.id) is not None,
            order.index(action.step.id),
        )

    ready = [
        action
        for action in main
        if not action.refusals and process.is_ready(case, action.step, on=on, available=available)
    ]
    first = min(ready, key=urgency, default=None)
    return Agenda(
        first,
        dues.get(first.step.id) if first else None,
        tuple(action for action in main if action.refusals),
    )


def may_be_held(case: Case) -> bool:
    """Whether a rule of the case's edition stops steps while the case is on hold."""
    return any(rule.gate == "not-while" for rule in edition_of(case.edition).rules)


def holds(case: Case) -> list[BilingualText]:
    """What holds the case, each hold in the words of its rule."""
    found: dict[str, BilingualText] = {}
    for rule in edition_of(case.edition).rules:
        if rule.gate == "not-while":
            start = case.record_of(rule.params["start"])
            if start is not None and case.record_of(rule.params["end"]) is None:
                found.setdefault(rule.params["start"], rule.reason.format(since=start.on))
    return list(found.values())


def lapse(dates: Availability, on: date) -> tuple[FundState, date] | None:
    """What funds of these dates become next after a day, and the last day before; None where nothing comes."""
    ends = ((FundState.EXPIRED, dates.available_until), (FundState.CANCELED, dates.cancels_on))
    return next(((state, day) for state, day in ends if day is not None and day >= on), None)
