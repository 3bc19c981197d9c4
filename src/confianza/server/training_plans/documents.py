"""Training plans, their lines and students as the interface returns them, commands print them and pages show them.

Students are known by pseudonym.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from confianza.cooperation.actors import Actor
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training_plans import process
from confianza.cooperation.training_plans.plan import (
    FILLED,
    TrainingListLine,
    pme_share_by_students,
    priority_a_cost,
    women_share,
    working_group_checks,
)
from confianza.cooperation.training_plans.plan import Charge as PlanCharge
from confianza.cooperation.training_plans.records import RecordKind
from confianza.server import documents
from confianza.server.documents import made_of
from confianza.server.training_plans import models, selectors


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """A training plan as lists show it."""

    code: str
    partner: str
    fiscal_year: int
    status: str
    version: documents.Version
    ceiling: Money
    is_shared: bool
    is_simulated: bool


@dataclass(frozen=True, kw_only=True)
class PlanSummary(PlanRow):
    """A training plan with what its ceiling and seats go to; shares are of 0-1."""

    priority_a_cost: Money
    pme_ceiling_share: float | None
    pme_seat_share: float | None
    women_seat_share: float | None


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """A line of a training list; codes are those of the rulebook of lines."""

    code: str
    wcn: str
    status: str
    status_name: str
    is_filled: bool
    priority: str
    program: str
    kind: str
    direction: str
    implementing_agency: str
    school: str
    course: str
    category: str
    level: str
    student_count: int
    taken_count: int
    women_count: int
    ecl_score: int | None
    cost: Money
    start_date: date | None
    end_date: date | None


@dataclass(frozen=True, kw_only=True)
class PlanCourse(PlanLine):
    """A course of a student's number, and how far the student has come in it."""

    begun_on: date | None
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question of the working group: the figure, and the limit; shares are of 0-1."""

    id: str
    name: str
    figure: float | None
    limit: float | None
    is_met: bool
    is_share: bool
    is_binding: bool
    is_waived: bool
    reference: str


@dataclass(frozen=True, kw_only=True)
class PendingStep:
    """A step that waits for an office."""

    code: str
    step: str
    name: str
    offices: list[str]


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a seat given up costs."""

    line: str
    share: float
    amount: Money
    reason: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class StudentRow:
    """A student of a plan as lists show it."""

    code: str
    student: str
    status: str
    status_name: str
    version: documents.Version


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What plans, lines and students have alike: what is next, and what was recorded."""

    code: str
    status: str
    status_name: str
    version: documents.Version
    is_simulated: bool
    actions: list[documents.Action]
    records: list[documents.Record]


@dataclass(frozen=True, kw_only=True)
class Plan(Subject, PlanSummary):
    """A plan whole: checks, lines, the students you may see, and what waits for any office."""

    checks: list[Check]
    lines: list[PlanLine]
    students: list[StudentRow]
    waiting: list[PendingStep]


@dataclass(frozen=True, kw_only=True)
class Line(Subject):
    """A line of a training list whole."""

    line: PlanLine
    charges: list[Charge]


@dataclass(frozen=True, kw_only=True)
class Student(Subject):
    """A student's way through the courses of a number."""

    student: str
    courses: list[PlanCourse]
    charges: list[Charge]


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """Where a plan, line or student stands after a step."""

    code: str
    status: str
    version: int


def plan_row(row: models.TrainingPlan) -> PlanRow:
    """A plan as lists show it."""
    return made_of(PlanRow, row, partner=row.partner_id)


def plan_summary(row: models.TrainingPlan) -> PlanSummary:
    """A plan with its shares."""
    return made_of(PlanSummary, row, partner=row.partner_id, **_shares(selectors.plan_state(row)))


def _shares(state: selectors.PlanState) -> dict[str, Any]:
    lines = state.plan.imet_lines
    checks = {check.id: check for check in working_group_checks(state.plan)}
    return {
        "priority_a_cost": priority_a_cost(lines),
        "pme_ceiling_share": checks["pme"].figure,
        "pme_seat_share": pme_share_by_students(lines),
        "women_seat_share": women_share(lines),
    }


def pending_step(item: selectors.Waiting, language: str) -> PendingStep:
    """A step that waits for an office."""
    return made_of(
        PendingStep, item.step, language, code=item.code, step=item.step.id, offices=list(item.step.actors)
    )


def step_taken(row: models.TrainingPlan | models.PlanLine | models.StudentEnrollment) -> StepTaken:
    """Where something stands after a step."""
    return made_of(StepTaken, row, code=row.pk)


def subject(actor: Actor, code: str, *, on: date, language: str) -> Plan | Line | Student:
    """What a code is of, whole, as somebody may see it; RuleRefusal `training-unknown` where that is nothing."""
    read, row = selectors.visible_code(actor, code)
    state = selectors.state_around(row, read)
    history = state.of(read.text)
    actions = process.next_actions(history, on=on, plan=state.plan)
    common: dict[str, Any] = {
        "code": read.text,
        "status": history.status,
        "status_name": _status_name(read.kind, history.status, language),
        "version": len(history.records),
        "is_simulated": row.is_simulated,
        "actions": [documents.action(item, language) for item in actions],
        "records": [documents.record(item) for item in selectors.told_to(actor, history).records],
    }
    if read.kind is RecordKind.PLAN:
        return made_of(Plan, row, **common, **_plan_parts(actor, state, on, language))
    if read.kind is RecordKind.LINE:
        line = next(line for line in state.plan.lines if line.wcn == read.wcn)
        charge = process.line_charge(history)
        charges = [] if charge is None else [(line, charge)]
        return Line(**common, line=_line(state, line, language), charges=_charges(charges, language))
    students = state.students_of(read.wcn_base)
    return Student(
        **common,
        student=read.student,
        courses=[
            _line(state, course.line, language, begun_on=course.begun_on, outcome=course.outcome)
            for course in process.courses_taken(history, state.plan)
        ],
        charges=_charges(process.withdrawal_charges(history, state.plan, students), language),
    )


def _plan_parts(actor: Actor, state: selectors.PlanState, on: date, language: str) -> dict[str, Any]:
    program, offices = state.plan, permission_table().offices
    pending = selectors.waiting_steps(state, selectors.visible_codes(actor, state), offices, on)
    lines = sorted(program.lines, key=lambda line: line.wcn)
    return {
        "partner": state.row.partner_id,
        **_shares(state),
        "checks": [
            made_of(Check, check, language, is_waived=check.id in program.waived)
            for check in working_group_checks(program)
        ],
        "lines": [_line(state, line, language) for line in lines],
        "students": [
            made_of(
                StudentRow,
                item,
                student=item.student_id,
                status_name=_status_name(RecordKind.STUDENT, item.status, language),
            )
            for item in selectors.visible_enrollments(actor, state.row).order_by("code")
        ],
        "waiting": [pending_step(item, language) for item in pending],
    }


def _status_name(kind: RecordKind, status: str, language: str) -> str:
    return process.rulebook(kind).statuses[status].in_language(language)


def _line(state: selectors.PlanState, line: TrainingListLine, language: str, **taken: Any) -> Any:
    """A line, or a course with what a student has done of it."""
    name = (
        FILLED.in_language(language)
        if line.is_filled
        else _status_name(RecordKind.LINE, line.status, language)
    )
    code = f"{state.row.code}-{line.wcn}"
    return made_of(PlanCourse if taken else PlanLine, line, code=code, status_name=name, **taken)


def _charges(charges: Iterable[tuple[TrainingListLine, PlanCharge]], language: str) -> list[Charge]:
    return [made_of(Charge, charge, language, line=line.wcn) for line, charge in charges]
