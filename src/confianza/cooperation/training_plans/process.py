"""The training track: programs, lines and students are each their recorded steps, under a rulebook of their own.

A program is a partner and fiscal year (`BN-2026`), a line of its training list ends in a worksheet control number
(`BN-2026-1420A`), a student's way through the courses of a number ends in the student's pseudonym
(`BN-2026-1420-…`). Pure functions: nothing here is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import Text
from confianza.cooperation.cases.case import StepRecord
from confianza.cooperation.cases.process import NextAction, Refusal, StepRefused, refusals
from confianza.cooperation.process.editions import read_edition
from confianza.cooperation.process.fields import read_details
from confianza.cooperation.process.rulebook import Edition, Rule, Step
from confianza.cooperation.training_plans.gates import GATES, Attempt
from confianza.cooperation.training_plans.plan import (
    Charge,
    PlannedLine,
    TrainingProgram,
    cancellation_charge,
)
from confianza.cooperation.training_plans.records import Code, History, Kind, line_of
from confianza.errors import RuleRefusal

RULES = Path(__file__).parent / "rules"
# what they refuse is not on offer
NOT_OFFERED = {"not-done-before", "earlier-steps-done", "year-is-open", "status-is", "course-is-left"}


@cache
def rulebook(kind: Kind) -> Edition:
    """The steps and rules of programs, lines or students."""
    return read_edition(RULES / f"{kind.value}.toml", gates=GATES)


@cache
def options_of(kind: Kind, name: str) -> Mapping[str, Text]:
    """What the choices of a field are called, by code."""
    fields = (field for step in rulebook(kind).steps.values() for field in step.fields)
    return next(field.options for field in fields if field.name == name)


def apply(history: History, record: StepRecord) -> History:
    """The history with one more record; the rules are not asked again."""
    step = rulebook(history.code.kind).steps[record.step]
    standing = {name: kept for name, kept in history.standing.items() if name not in step.resets}
    standing.setdefault(step.id, record)
    registers = dict(history.registers)
    if step.register:
        key = str(record.details[step.key])
        entry = {
            **history.register(step.register).get(key, {}),
            **record.details,
            "on": record.on.isoformat(),
        }
        registers[step.register] = {**history.register(step.register), key: entry}
    return replace(
        history,
        records=(*history.records, record),
        standing=standing,
        details={**history.details, **record.details},
        registers=registers,
        status=step.status or history.status,
    )


def replay(code: Code, records: Iterable[StepRecord]) -> History:
    """The history that records add up to."""
    history = History(code)
    for record in records:
        history = apply(history, record)
    return history


def line_charge(line: History) -> Charge | None:
    """What the cancellation of a whole line costs; None while it stands."""
    record = line.record_of("cancel-line")
    if record is None:
        return None
    planned = line_of(line)
    return cancellation_charge(
        planned,
        on=record.on,
        cause=str(record.details["cause"]),
        seat_count=planned.student_count,
        refilled_count=line.count("refilled"),
    )


@dataclass(frozen=True)
class CourseTaken:
    """A course of a student's number and how far the student has come in it; no `outcome` before the report."""

    line: PlannedLine
    begun_on: date | None
    reported_on: date | None
    outcome: str


def courses_taken(student: History, program: TrainingProgram) -> list[CourseTaken]:
    """The courses of a student's number in their order."""

    def day(register: str, wcn: str) -> date | None:
        entry = student.register(register).get(wcn)
        return date.fromisoformat(str(entry["on"])) if entry else None

    return [
        CourseTaken(
            line,
            day("courses", line.wcn),
            day("reports", line.wcn),
            str(student.register("reports").get(line.wcn, {}).get("outcome", "")),
        )
        for line in program.sequence(student.code.number)
    ]


def withdrawal_charges(
    student: History, program: TrainingProgram, students: Iterable[History]
) -> list[tuple[PlannedLine, Charge]]:
    """What a student's withdrawal costs on each course not completed; nothing where one of `students` took the seat."""
    record = student.record_of("withdraw")
    if record is None:
        return []
    refilled = any(other.text("in_place_of") == student.code.student for other in students)
    return [
        (
            course.line,
            cancellation_charge(
                course.line,
                on=record.on,
                cause=str(record.details["cause"]),
                seat_count=1,
                refilled_count=int(refilled),
            ),
        )
        for course in courses_taken(student, program)
        if course.reported_on is None
    ]


# --- steps -------------------------------------------------------------------------------------------


@cache
def _names(kind: Kind) -> Mapping[str, Text]:
    return {step.id: step.name for step in rulebook(kind).steps.values()}


@cache
def _rules_before(kind: Kind, step: str, on: date) -> tuple[Rule, ...]:
    return tuple(rule for rule in rulebook(kind).rules if rule.applies(step, on, ""))


def _rules(attempt: Attempt) -> tuple[Rule, ...]:
    return _rules_before(attempt.history.code.kind, attempt.step.id, attempt.on)


def _refuses(rule: Rule, attempt: Attempt) -> Mapping[str, object] | None:
    return GATES[rule.gate](attempt, rule.params)


def _refusals(attempt: Attempt) -> tuple[Refusal, ...]:
    return refusals(_rules(attempt), lambda rule: _refuses(rule, attempt))


def take_step(
    history: History,
    step_id: str,
    *,
    on: date,
    today: date,
    actor: Actor,
    given: Mapping[str, str],
    program: TrainingProgram,
) -> tuple[History, StepRecord]:
    """The history after a step, and the record to keep of it.

    Parameters
    ----------
    on, today : date
        The day of the step, and the day on which it is recorded.
    given : mapping
        The step's fields as text, by name.
    program : TrainingProgram
        The program of the subject as it stands.

    Raises
    ------
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `step-unknown`, `field-unknown` or `field-not-understood`.
    """
    edition = rulebook(history.code.kind)
    if step_id not in edition.steps:
        raise RuleRefusal("step-unknown", step=step_id, edition=edition.id, known=", ".join(edition.steps))
    step = edition.steps[step_id]
    attempt = Attempt(history, step, on, program, today, actor, names=_names(history.code.kind))
    refusals = _refusals(attempt)
    if not refusals:
        attempt = replace(attempt, details=read_details(step.fields, given))
        refusals = _refusals(attempt)
    if refusals:
        raise StepRefused(history.code.text, step, refusals, code="training-step-refused")
    record = StepRecord(step.id, on, actor, attempt.details or {})
    return apply(history, record), record


def next_actions(
    history: History, *, on: date, program: TrainingProgram, actor: Actor | None = None
) -> list[NextAction]:
    """The steps on offer now, each with what blocks it; with an actor, only those of the actor's offices."""
    skipped = NOT_OFFERED if actor is None else NOT_OFFERED | {"actor-is-responsible"}
    return [
        NextAction(attempt.step, _refusals(attempt))
        for attempt in _attempts(history, on, program, actor)
        if all(_refuses(rule, attempt) is None for rule in _rules(attempt) if rule.gate in skipped)
    ]


def _attempts(
    history: History, on: date, program: TrainingProgram, actor: Actor | None = None
) -> Iterator[Attempt]:
    """Every step of the rulebook as it might be taken."""
    kind = history.code.kind
    for step in rulebook(kind).steps.values():
        yield Attempt(history, step, on, program, on, actor, names=_names(kind))


def steps_to_take(
    history: History, *, on: date, program: TrainingProgram, offices: Collection[str]
) -> list[Step]:
    """The steps that wait for one of some offices: refused by nothing, not optional, not done already."""
    return [
        attempt.step
        for attempt in _attempts(history, on, program)
        if not attempt.step.is_optional
        and not set(attempt.step.actors).isdisjoint(offices)
        and not is_done(history, attempt.step)
        and all(_refuses(rule, attempt) is None for rule in _rules(attempt))
    ]


def is_done(history: History, step: Step) -> bool:
    """Whether a step that may be repeated has nothing left to record."""
    if step.register == "reports":
        return history.register("courses").keys() <= history.register("reports").keys()
    return not step.register and history.record_of(step.id) is not None
