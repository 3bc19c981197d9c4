"""Does a recorded history follow an edition of the process? Every deviation, with the rule it is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.cooperation.cases.case import Availability, Case, Funds
from confianza.cooperation.cases.timing import clock_states, deadline_states
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.process.rulebook import UNVERIFIED, Clock, Deadline, Edition, Rule, Step

UNKNOWN_FUNDS = Funds(
    "-", BilingualText("-", "-"), "USD", (Availability(date.min, date.min, date.max, None),)
)


class DeviationKind(StrEnum):
    """What is wrong with an event."""

    UNKNOWN = "unknown-activity"
    SKIPPED = "skipped"
    OUT_OF_ORDER = "out-of-order"
    REPEATED = "repeated"
    WRONG_ACTOR = "wrong-actor"
    LATE = "late"
    TO_COME = "day-to-come"


DEVIATION_TEXTS: Mapping[DeviationKind, BilingualText] = {
    DeviationKind.UNKNOWN: BilingualText(
        "the edition has no step or milestone of this name",
        "la edición no tiene paso ni hito con este nombre",
    ),
    DeviationKind.SKIPPED: BilingualText(
        "never recorded before it: {detail}", "nunca se registró antes: {detail}"
    ),
    DeviationKind.OUT_OF_ORDER: BilingualText(
        "recorded only after it: {detail}", "se registró solo después: {detail}"
    ),
    DeviationKind.REPEATED: BilingualText(
        "recorded already on {detail}, and it does not repeat", "ya se registró el {detail} y no se repite"
    ),
    DeviationKind.WRONG_ACTOR: BilingualText(
        "{detail} is not responsible for it", "{detail} no es responsable"
    ),
    DeviationKind.LATE: BilingualText("late: {detail}", "tarde: {detail}"),
    DeviationKind.TO_COME: BilingualText("its day is after {detail}", "su día es posterior al {detail}"),
}


@dataclass(frozen=True)
class LogEvent:
    """One event of a recorded history: `activity` is a step id or a milestone code, `role` a role or office.

    `at` is the instant of the event where the log tells more than its day; `transition` is the one of XES's standard
    life cycle where the log tells it (start, complete …).
    """

    case: str
    activity: str
    on: date
    role: str = ""
    about: str = ""
    row: int = 0
    at: datetime | None = None
    transition: str = ""


@dataclass(frozen=True)
class Deviation:
    """An event that departs from the edition; `rule` is the id of the rule, clock or deadline."""

    case: str
    row: int
    activity: str
    on: date
    kind: DeviationKind
    rule: str
    detail: BilingualText = field(default_factory=lambda: BilingualText("", ""))
    is_verified: bool = True

    def in_language(self, language: str) -> str:
        """What is wrong, in words, and whether the rule is unverified."""
        mark = "" if self.is_verified else f" ({UNVERIFIED.in_language(language)})"
        return DEVIATION_TEXTS[self.kind].format(detail=self.detail).in_language(language) + mark


def _named(edition: Edition) -> dict[str, Step]:
    steps = {step.milestone: step for step in edition.steps.values() if step.milestone}
    return steps | dict(edition.steps)


def _offices(role: str) -> frozenset[str]:
    table = permission_table()
    return table.roles[role].acts_for if role in table.roles else frozenset({role})


def _gate_rule(edition: Edition, gate: str) -> str:
    return next((rule.id for rule in edition.rules if rule.gate == gate), gate)


def _deviation(event: LogEvent, kind: DeviationKind, rule: str, detail: BilingualText | str) -> Deviation:
    return Deviation(event.case, event.row, event.activity, event.on, kind, rule, BilingualText.of(detail))


def _of_case(
    events: list[LogEvent], edition: Edition, steps: Mapping[str, Step], today: date
) -> Iterator[Deviation]:
    order, once = _gate_rule(edition, "earlier-steps-done"), _gate_rule(edition, "not-done-before")
    office, come = _gate_rule(edition, "actor-is-responsible"), _gate_rule(edition, "day-has-come")
    last_row = {
        steps[event.activity].id: index for index, event in enumerate(events) if event.activity in steps
    }
    standing: dict[str, LogEvent] = {}

    def names(steps: Iterable[str]) -> BilingualText:
        return join_texts(edition.steps[step].name for step in steps)

    for index, event in enumerate(events):
        step = steps.get(event.activity)
        if step is None:
            yield _deviation(event, DeviationKind.UNKNOWN, edition.id, event.activity)
            continue
        missing = [earlier for earlier in edition.before(step, event.on, "") if earlier not in standing]
        later = [earlier for earlier in missing if last_row.get(earlier, -1) > index]
        skipped = [earlier for earlier in missing if earlier not in later]
        if later:
            yield _deviation(event, DeviationKind.OUT_OF_ORDER, order, names(later))
        if skipped:
            yield _deviation(event, DeviationKind.SKIPPED, order, names(skipped))
        if step.id in standing and not step.repeats:
            yield _deviation(event, DeviationKind.REPEATED, once, standing[step.id].on.isoformat())
        if event.on > today:
            yield _deviation(event, DeviationKind.TO_COME, come, today.isoformat())
        if event.role and not _offices(event.role) & set(step.actors):
            yield _deviation(event, DeviationKind.WRONG_ACTOR, office, event.role)
        for name in step.resets:
            standing.pop(name, None)
        standing.setdefault(step.id, event)
    yield from _late(events, edition, steps, standing)
    yield from _beyond_hours(events, edition, steps)


def _late(
    events: list[LogEvent], edition: Edition, steps: Mapping[str, Step], standing: Mapping[str, LogEvent]
) -> Iterator[Deviation]:
    pairs = {deadline.per for deadline in edition.deadlines if deadline.per}

    def record(event: LogEvent) -> StepRecord:
        details = dict.fromkeys(pairs, event.about)
        return StepRecord(steps[event.activity].id, event.on, Actor("-", event.role), details)

    known = [event for event in events if event.activity in steps]
    if not known:
        return
    case = Case(
        known[0].case,
        edition.id,
        "",
        "",
        UNKNOWN_FUNDS,
        records=tuple(record(event) for event in known),
        standing={name: record(event) for name, event in standing.items()},
    )
    end = max(event.on for event in known)
    for clock in clock_states(case, on=end):
        if clock.is_met is False:
            days = f"{clock.elapsed_days} > {clock.clock.days}"
            stop = standing.get(clock.clock.stop, known[-1])
            yield _deviation(stop, DeviationKind.LATE, clock.clock.id, days)
    for due in deadline_states(case, on=end):
        if due.is_overdue(end):
            event = next(
                (
                    event
                    for event in known
                    if steps[event.activity].id == due.deadline.satisfied_by
                    and event.about in {"", due.about}
                ),
                known[-1],
            )
            yield _deviation(event, DeviationKind.LATE, due.deadline.id, due.due_on.isoformat())


def _beyond_hours(events: list[LogEvent], edition: Edition, steps: Mapping[str, Step]) -> Iterator[Deviation]:
    """Steps taken more hours after the step before them than a rule allows.

    An event of which the log tells only the day is judged late when no hour of it could have been in time.
    """
    for rule in edition.rules:
        if rule.gate != "within-hours":
            continue
        allowed, base = timedelta(hours=rule.params["hours"]), None
        for event in events:
            step = steps.get(event.activity)
            if step is None:
                continue
            if step.id in rule.steps and base is not None:
                if event.at and base.at:
                    is_late = event.at - base.at > allowed
                else:
                    is_late = event.on - base.on - timedelta(days=1) >= allowed
                if is_late and rule.in_force(event.on, ""):
                    yield _deviation(event, DeviationKind.LATE, rule.id, f"> {rule.params['hours']} h")
            if step.id == rule.params["of"]:
                base = event


BEGINNING = {"schedule", "assign", "reassign", "start", "suspend", "resume"}
UNDONE = {"withdraw", "ate_abort", "pi_abort", "abort_activity", "abort_case", "manualskip", "autoskip"}


def _happenings(events: Iterable[LogEvent]) -> list[LogEvent]:
    """The events that say an activity happened, one for each time: its completion, not also its start.

    Of an activity that the log never completes, its start counts unless it was given up; what was only scheduled,
    or was skipped or withdrawn, did not happen.

    References
    ----------
    IEEE 1849-2016, lifecycle extension, standard transactional model.
    """
    by_activity: dict[tuple[str, str], list[LogEvent]] = {}
    for event in events:
        by_activity.setdefault((event.activity, event.about), []).append(event)
    happened: list[LogEvent] = []
    for group in by_activity.values():
        completed = [event for event in group if event.transition not in BEGINNING | UNDONE]
        is_undone = any(event.transition in UNDONE for event in group)
        started = [] if is_undone else [event for event in group if event.transition == "start"]
        happened += completed or started
    return sorted(happened, key=lambda event: event.row)


def _in_order(events: Iterable[LogEvent]) -> list[LogEvent]:
    """The events of one case by their instants, each with its offset; those at one instant as the log lists them.

    A time without an offset is in the zone of the first that has one, or UTC. An event of which only the day is known
    stands after the events of that day that the log lists before it.
    """
    listed = sorted(events, key=lambda event: event.row)
    zone = next((event.at.tzinfo for event in listed if event.at and event.at.tzinfo), UTC)
    latest: dict[date, datetime] = {}
    instants = []
    for event in listed:
        if event.at is None:
            instant = latest.get(event.on, datetime.combine(event.on, time(), zone))
        else:
            instant = event.at if event.at.tzinfo else event.at.replace(tzinfo=zone)
            latest[event.on] = max(instant, latest.get(event.on, instant))
            event = replace(event, at=instant)
        instants.append((instant, event))
    return [event for _, event in sorted(instants, key=lambda pair: pair[0])]


def conform(events: Iterable[LogEvent], edition: Edition, *, today: date) -> list[Deviation]:
    """Every deviation of a recorded history from an edition, case by case.

    Within a case the events stand in the order of their instants, those of which only the day is known as given. An
    activity that is logged with its start and its completion happens once, when it is completed. Deadlines that
    depend on the funds are not judged: a log does not name them. An open clock is judged on the last day of its case.
    An event after `today` tells of something that has not been done.
    """
    steps = _named(edition)
    entries: list[Rule | Clock | Deadline] = [*edition.rules, *edition.clocks, *edition.deadlines]
    unverified = {entry.id for entry in entries if not entry.is_verified}
    ordered = sorted(events, key=lambda event: event.case)
    return [
        replace(deviation, is_verified=deviation.rule not in unverified)
        for _, group in groupby(ordered, key=lambda event: event.case)
        for deviation in _of_case(_in_order(_happenings(group)), edition, steps, today)
    ]
