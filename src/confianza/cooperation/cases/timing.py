"""The clocks and deadlines of a case on a day, and how many cases met their standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from confianza.cooperation.cases.case import Case
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.periods import months_later, working_days_later
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.process.rulebook import Clock, Deadline


@dataclass(frozen=True)
class ClockState:
    """How far a clock has run: `elapsed_days` without the `excluded_days` of approved holds."""

    clock: Clock
    started_on: date
    stopped_on: date | None
    elapsed_days: int
    excluded_days: int
    due_on: date

    @property
    def is_met(self) -> bool | None:
        """Stopped in time (True), too late or still running beyond its days (False), or still open (None)."""
        if self.elapsed_days > self.clock.days:
            return False
        return None if self.stopped_on is None else True


@dataclass(frozen=True)
class DeadlineState:
    """A day something is due. `about` is the value that pairs it (a delivery); `met_on` None: still open."""

    deadline: Deadline
    due_on: date
    about: str = ""
    met_on: date | None = None

    def is_overdue(self, on: date) -> bool:
        """Whether it was met too late, or is open after its day."""
        return (self.met_on or on) > self.due_on


@dataclass(frozen=True)
class Timeliness:
    """Of the clocks that are decided, how many met their days; `share` is the standard."""

    met: int
    missed: int
    running: int
    share: float

    @property
    def met_share(self) -> float | None:
        """Met / (met + missed); None while no clock is decided."""
        return self.met / (self.met + self.missed) if self.met + self.missed else None

    @property
    def is_met(self) -> bool | None:
        """Whether the standard is met; None while no clock is decided."""
        return None if self.met_share is None else self.met_share >= self.share


def _days_on_hold(case: Case, clock: Clock, start: date, end: date) -> int:
    """The days of [start, end] under an approved hold."""
    days, hold_since = 0, None
    for record in case.records:
        if record.step == clock.hold:
            hold_since = hold_since or record.on
        elif record.step == clock.release and hold_since is not None:
            days += max((min(record.on, end) - max(hold_since, start)).days, 0)
            hold_since = None
    if hold_since is not None:
        days += max((end - max(hold_since, start)).days, 0)
    return days


def clock_states(case: Case, *, on: date) -> list[ClockState]:
    """Every clock of the case's edition that has started by `on`.

    A clock runs from the first record of its start to the first of its stop that still stands; days of
    approved holds are left out and move the due day. The standard is that of the day the case began.
    """
    states = []
    began = case.records[0].on if case.records else on
    for clock in edition_of(case.edition).clocks:
        started = next(iter(case.records_of(clock.start)), None)
        if started is None or started.on > on or not clock.in_force(began, case.funds.regime):
            continue
        stopped = case.record_of(clock.stop)
        end = min(stopped.on, on) if stopped else on
        excluded = _days_on_hold(case, clock, started.on, end)
        states.append(
            ClockState(
                clock,
                started.on,
                stopped.on if stopped and stopped.on <= on else None,
                (end - started.on).days - excluded,
                excluded,
                started.on + timedelta(days=clock.days + excluded),
            )
        )
    return states


def _due_after(deadline: Deadline, record: StepRecord) -> date:
    if deadline.months:
        return months_later(record.on, deadline.months)
    if deadline.working_days:
        return working_days_later(record.on, deadline.working_days)
    return record.on + timedelta(days=deadline.days)


def _binds(case: Case, deadline: Deadline, record: StepRecord) -> bool:
    """Whether a record is of a line of the deadline's kinds; where nothing is known of the line, it is."""
    plan = case.register("deliveries").get(str(record.details.get("delivery")))
    line = case.lines.get(str(plan["line"])) if plan else None
    return not deadline.kinds or line is None or line.details.get("kind") in deadline.kinds


def _counted_from_steps(case: Case, deadline: Deadline) -> list[DeadlineState]:
    steps = edition_of(case.edition).steps

    def state(base: StepRecord, met_on: date | None) -> DeadlineState:
        about = str(base.details[deadline.per]) if deadline.per else ""
        return DeadlineState(deadline, _due_after(deadline, base), about, met_on)

    waiting: list[StepRecord] = []
    states = []
    for record in case.records:
        if record.step == deadline.satisfied_by:
            about = record.details.get(deadline.per)  # none in what was recorded before it was asked for
            met = [base for base in waiting if not about or base.details[deadline.per] == about]
            states += [state(base, record.on) for base in met]
            waiting = [base for base in waiting if base not in met]
        elif deadline.after in steps[record.step].resets:
            waiting = []
        if record.step == deadline.after and _binds(case, deadline, record):
            waiting.append(record)
    return states + [state(base, None) for base in waiting]


def deadline_states(case: Case, *, on: date) -> list[DeadlineState]:
    """The deadlines that bind the case on a day, the earliest first.

    One that is counted from a step binds for each record of it that was not taken back, and is met by the next
    record of its step (of the same delivery, where it is paired); one set by the funds binds from the beginning,
    by the dates known on the day.
    """
    states = []
    dates = case.funds.availability_on(on)
    is_no_year = dates.available_until is None
    for deadline in edition_of(case.edition).deadlines:
        if not deadline.in_force(on, case.funds.regime) or (deadline.no_year_only and not is_no_year):
            continue
        if deadline.funds_date:
            end: date | None = getattr(dates, deadline.funds_date)
            if end is not None:
                due = date.fromisoformat(f"{end.year + deadline.years}-{deadline.month_day}")
                done = case.record_of(deadline.satisfied_by)
                states.append(DeadlineState(deadline, due, met_on=done.on if done else None))
        else:
            states += _counted_from_steps(case, deadline)
    return sorted(states, key=lambda state: state.due_on)


def open_deadlines(case: Case, *, on: date) -> list[DeadlineState]:
    """The deadlines that are not met yet, the earliest first."""
    return [state for state in deadline_states(case, on=on) if state.met_on is None]


def next_deadlines(case: Case, *, on: date) -> dict[str, DeadlineState]:
    """The earliest deadline not met yet of each step that would meet one."""
    dues: dict[str, DeadlineState] = {}
    for due in open_deadlines(case, on=on):
        dues.setdefault(due.deadline.satisfied_by, due)
    return dues
