"""Training plans as a process: a plan, its lines and its students are each their recorded steps, under a rulebook.

A plan is a partner and fiscal year (`BN-2026`), a line of its training list ends in a worksheet control number
(`BN-2026-1420A`), a student's enrollment in the courses of a number ends in the student's pseudonym
(`BN-2026-1420-…`). Pure functions: nothing here is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.editions import read_edition
from confianza.cooperation.process.records import StepRecord, apply_record
from confianza.cooperation.process.rulebook import Edition, Step
from confianza.cooperation.process.steps import NextAction, is_offered, passes, refusals, take
from confianza.cooperation.training_plans.gates import GATES
from confianza.cooperation.training_plans.gates.request import TrainingRequest
from confianza.cooperation.training_plans.plan import (
    Charge,
    TrainingListLine,
    TrainingPlan,
    cancellation_charge,
)
from confianza.cooperation.training_plans.records import Code, RecordKind, TrainingRecord, line_of

RULES = Path(__file__).parent / "rules"
# what they refuse is not on offer
NOT_OFFERED = {"not-done-before", "earlier-steps-done", "year-is-open", "status-is", "course-is-left"}


@cache
def rulebook(kind: RecordKind) -> Edition:
    """The steps and rules of plans, lines or students."""
    return read_edition(RULES / f"{kind.value}.toml", gates=GATES)


@cache
def options_of(kind: RecordKind, name: str) -> Mapping[str, BilingualText]:
    """What the choices of a field are called, by code."""
    fields = (field for step in rulebook(kind).steps.values() for field in step.fields)
    return next(field.options for field in fields if field.name == name)


def apply(subject: TrainingRecord, record: StepRecord) -> TrainingRecord:
    """The subject with one more record and its details; no rule is applied again."""
    step = rulebook(subject.code.kind).steps[record.step]
    return apply_record(subject, step, record, details={**subject.details, **record.details})


def replay(code: Code, records: Iterable[StepRecord]) -> TrainingRecord:
    """What records add up to."""
    subject = TrainingRecord(code)
    for record in records:
        subject = apply(subject, record)
    return subject


def line_charge(line: TrainingRecord) -> Charge | None:
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

    line: TrainingListLine
    begun_on: date | None
    reported_on: date | None
    outcome: str


def courses_taken(student: TrainingRecord, plan: TrainingPlan) -> list[CourseTaken]:
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
        for line in plan.sequence(student.code.wcn_base)
    ]


def withdrawal_charges(
    student: TrainingRecord, plan: TrainingPlan, students: Iterable[TrainingRecord]
) -> list[tuple[TrainingListLine, Charge]]:
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
        for course in courses_taken(student, plan)
        if course.reported_on is None
    ]


# --- steps -------------------------------------------------------------------------------------------


def _request(subject: TrainingRecord, step: str, **fields: Any) -> TrainingRequest:
    edition = rulebook(subject.code.kind)
    return TrainingRequest(subject=subject, edition=edition, step=edition.known_step(step), **fields)


def take_step(
    subject: TrainingRecord,
    step: str,
    *,
    on: date,
    today: date,
    actor: Actor,
    submitted: Mapping[str, str],
    plan: TrainingPlan,
) -> tuple[TrainingRecord, StepRecord]:
    """What is recorded after a step of `on`, recorded `today`, and the record to keep of it.

    Parameters
    ----------
    submitted : mapping
        The step's fields as text, by name.
    plan : TrainingPlan
        The plan of the subject as it stands.

    Raises
    ------
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `step-unknown`, `field-unknown` or `field-not-understood`.
    """
    request = _request(subject, step, on=on, plan=plan, today=today, actor=actor)
    record = take(request, GATES, submitted, subject=subject.code.text, code="training-step-refused")
    return apply(subject, record), record


def next_actions(
    subject: TrainingRecord, *, on: date, plan: TrainingPlan, actor: Actor | None = None
) -> list[NextAction]:
    """The steps on offer now, each with what blocks it; with an actor, only those of the actor's offices."""
    steps = rulebook(subject.code.kind).steps
    requests = [_request(subject, step, on=on, plan=plan, actor=actor) for step in steps]
    return [
        NextAction(request.step, refusals(request, GATES))
        for request in requests
        if is_offered(request, GATES, not_offered=NOT_OFFERED)
    ]


def steps_to_take(
    subject: TrainingRecord, *, on: date, plan: TrainingPlan, offices: Collection[str]
) -> list[Step]:
    """The steps that wait for one of some offices: refused by nothing, not optional, not done already."""
    return [
        step
        for step in rulebook(subject.code.kind).steps.values()
        if not step.is_optional
        and not set(step.actors).isdisjoint(offices)
        and not is_done(subject, step)
        and passes(_request(subject, step.id, on=on, plan=plan), GATES)
    ]


def is_done(subject: TrainingRecord, step: Step) -> bool:
    """Whether a step that may be repeated has nothing left to record."""
    if step.register == "reports":
        return subject.register("courses").keys() <= subject.register("reports").keys()
    return not step.register and subject.record_of(step.id) is not None
