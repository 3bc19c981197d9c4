"""Training plans, their lines and students on the way over the interface; students by pseudonym."""

from datetime import date
from typing import Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import to_json
from confianza.cooperation.training_plans.plan import Charge, PlannedLine, working_group_checks
from confianza.cooperation.training_plans.process import (
    courses_taken,
    line_charge,
    next_actions,
    withdrawal_charges,
)
from confianza.cooperation.training_plans.records import History, Kind
from confianza.errors import RuleRefusal
from confianza.reports import tables
from confianza.server.api.cases import ERRORS, action_out
from confianza.server.api.schemas import ActionOut, MoneyOut, StepIn
from confianza.server.training_plans import exports, selectors, services
from confianza.server.web.partnership_address import of_chosen
from confianza.server.web.templatetags.formats import said

router = Router(tags=["training plans"])
FILES = {
    "responses": {200: {"description": "OK", "content": {tables.FORMS[form]: {} for form in exports.FORMS}}}
}


class ProgramRow(Schema):
    """A training program as lists show it."""

    code: str
    partner: str
    fiscal_year: int
    status: str
    version: int = Field(description="Number of recorded steps; give it back when recording the next.")
    ceiling: MoneyOut
    is_shared: bool
    is_simulated: bool


class PlannedLineOut(Schema):
    """A line of a training list; codes are those of the rulebook of lines."""

    code: str
    wcn: str
    status: str
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
    cost: MoneyOut
    start_date: date | None
    end_date: date | None


class CheckOut(Schema):
    """A question of the working group: what was found, and the limit; shares are of 0-1."""

    id: str
    name: str
    found: float | None
    limit: float | None
    is_met: bool
    is_share: bool
    is_binding: bool
    is_waived: bool
    reference: str


class WaitingOut(Schema):
    """A step that waits for an office."""

    code: str
    step: str
    name: str
    offices: list[str]


class RecordOut(Schema):
    """A recorded step; amounts as `{"minor": …, "currency": …}`."""

    step: str
    on: date
    account: str
    role: str
    details: dict


class ChargeOut(Schema):
    """What a seat given up costs."""

    line: str
    share: float
    amount: MoneyOut
    reason: str
    reference: str


class StudentRow(Schema):
    code: str
    student: str
    status: str
    version: int


class SubjectOut(Schema):
    """What programs, lines and students have alike: what is next, and what was recorded."""

    code: str
    status: str
    version: int
    actions: list[ActionOut]
    records: list[RecordOut]


class ProgramOut(SubjectOut, ProgramRow):
    """A program whole: checks, lines, the students you may see, and what waits for any office."""

    checks: list[CheckOut]
    lines: list[PlannedLineOut]
    students: list[StudentRow]
    waiting: list[WaitingOut]


class TrainingLineOut(SubjectOut):
    line: PlannedLineOut
    charges: list[ChargeOut]


class CourseOut(PlannedLineOut):
    """A course of a student's number, and how far the student has come in it."""

    begun_on: date | None
    outcome: str


class StudentOut(SubjectOut):
    student: str
    courses: list[CourseOut]
    charges: list[ChargeOut]


class TakenOut(Schema):
    """Where a program, line or student stands after a step."""

    code: str
    status: str
    version: int


def _seen(request: HttpRequest, code: str, kind: Kind) -> tuple[History, selectors.ProgramState]:
    permission_table().require(request.user.actor, "view_shared_training_plan")
    asked, row = selectors.visible_code(request.user, code)
    if asked.kind is not kind:
        raise RuleRefusal("training-unknown", code=code)
    state = selectors.state_around(row, asked)
    return state.of(code), state


def _money(amount) -> MoneyOut:
    return MoneyOut(minor=amount.minor, currency=amount.currency)


def _row(row) -> dict:
    return {
        "code": row.code,
        "partner": row.partner_id,
        "fiscal_year": row.fiscal_year,
        "status": row.status,
        "version": row.version,
        "ceiling": _money(row.ceiling),
        "is_shared": row.is_shared,
        "is_simulated": row.is_simulated,
    }


def _line(state: selectors.ProgramState, line: PlannedLine) -> dict:
    names = set(PlannedLineOut.model_fields) - {"code", "cost"}
    return {
        "code": f"{state.row.code}-{line.wcn}",
        "cost": _money(line.cost),
        **{name: getattr(line, name) for name in names},
    }


def _charge(line: str, charge: Charge) -> dict:
    return {
        "line": line,
        "share": charge.share,
        "amount": _money(charge.amount),
        "reason": said(charge.reason),
        "reference": str(charge.reference),
    }


def _subject(request: HttpRequest, history: History, state: selectors.ProgramState) -> dict:
    return {
        "code": history.code.text,
        "status": history.status,
        "version": len(history.records),
        "actions": [
            action_out(action)
            for action in next_actions(history, on=timezone.localdate(), program=state.program)
        ],
        "records": [
            {
                "step": record.step,
                "on": record.on,
                "account": record.actor.account,
                "role": record.actor.role,
                "details": to_json(record.details),
            }
            for record in selectors.told_to(request.user, history).records
        ],
    }


def _waiting(found: selectors.Waiting) -> dict:
    return {
        "code": found.code,
        "step": found.step.id,
        "name": said(found.step.name),
        "offices": list(found.step.actors),
    }


@router.get(
    "/track/programs", response={200: list[ProgramRow], **ERRORS}, summary="Training plans you may see"
)
def list_programs(request):
    permission_table().require(request.user.actor, "view_shared_training_plan")
    return [_row(row) for row in of_chosen(request, selectors.visible_programs(request.user))]


@router.get("/track/waiting", response={200: list[WaitingOut], **ERRORS}, summary="Steps that wait for you")
def list_waiting(request):
    permission_table().require(request.user.actor, "view_shared_training_plan")
    return [_waiting(found) for found in selectors.my_waiting_steps(request.user, timezone.localdate())]


@router.get("/track/programs/{code}", response={200: ProgramOut, **ERRORS}, summary="A training plan")
def get_program(request, code: str):
    history, state = _seen(request, code, Kind.PROGRAM)
    program = state.program
    codes = selectors.visible_codes(request.user, state)
    offices = permission_table().offices
    return {
        **_row(state.row),
        **_subject(request, history, state),
        "checks": [
            {
                "id": check.id,
                "name": said(check.name),
                "is_waived": check.id in program.waived,
                "reference": str(check.reference),
                **{
                    name: getattr(check, name)
                    for name in ("found", "limit", "is_met", "is_share", "is_binding")
                },
            }
            for check in working_group_checks(program)
        ],
        "lines": [_line(state, line) for line in sorted(program.lines, key=lambda line: line.wcn)],
        "students": [
            {"code": way.code, "student": way.student_id, "status": way.status, "version": way.version}
            for way in selectors.visible_tracks(request.user, state.row)
        ],
        "waiting": [
            _waiting(found) for found in selectors.waiting_steps(state, codes, offices, timezone.localdate())
        ],
    }


@router.get(
    "/track/lines/{code}", response={200: TrainingLineOut, **ERRORS}, summary="A line of a training list"
)
def get_line(request, code: str):
    history, state = _seen(request, code, Kind.LINE)
    charge = line_charge(history)
    line = next(line for line in state.program.lines if line.wcn == history.code.number)
    return {
        **_subject(request, history, state),
        "line": _line(state, line),
        "charges": [] if charge is None else [_charge(line.wcn, charge)],
    }


@router.get("/track/students/{code}", response={200: StudentOut, **ERRORS}, summary="A student on the way")
def get_student(request, code: str):
    history, state = _seen(request, code, Kind.STUDENT)
    students = state.students_of(history.code.number)
    return {
        **_subject(request, history, state),
        "student": history.code.student,
        "courses": [
            _line(state, course.line) | {"begun_on": course.begun_on, "outcome": course.outcome}
            for course in courses_taken(history, state.program)
        ],
        "charges": [
            _charge(line.wcn, charge) for line, charge in withdrawal_charges(history, state.program, students)
        ],
    }


@router.post("/track/{code}/steps/{step}", response={201: TakenOut, **ERRORS}, summary="Record a step")
def record_step(request, code: str, step: str, given: StepIn):
    """A step of a program, line or student; the first one opens it."""
    row = services.take_step(
        code=code,
        step=step,
        on=given.on,
        given=given.fields,
        actor=request.user.actor,
        version=given.version,
    )
    return Status(201, TakenOut(code=row.pk, status=row.status, version=row.version))


@router.get(
    "/track/programs/{code}/list", response=ERRORS, summary="Its training list as a file", openapi_extra=FILES
)
def get_list(request, code: str, form: Literal[exports.FORMS] = Query("csv")):
    _history, state = _seen(request, code, Kind.PROGRAM)
    answer = StreamingHttpResponse(exports.list_parts(form, state), content_type=tables.FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{code}.{form}"'
    return answer
