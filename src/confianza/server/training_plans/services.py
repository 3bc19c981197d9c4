"""Writes on the training track: each step is one transaction of its rows and its audit event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import to_json
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.training_plans import process
from confianza.cooperation.training_plans.plan import STANDING, TrainingPlan
from confianza.cooperation.training_plans.records import (
    Code,
    RecordKind,
    TrainingRecord,
    holds_seat,
    line_of,
    read_code,
)
from confianza.cooperation.training_plans.travel_order import order_record
from confianza.errors import RuleRefusal
from confianza.server.alumni.selectors import visible_students
from confianza.server.alumni.services import record_course, see_identity
from confianza.server.audit.services import record
from confianza.server.institutions.selectors import partner_names, party_row
from confianza.server.training_plans import models
from confianza.server.training_plans.selectors import STEP, PlanState, state_around, visible_plans

Row = models.TrainingPlan | models.PlanLine | models.StudentEnrollment
Opened = TypeVar("Opened", models.TrainingPlan, models.PlanLine, models.StudentEnrollment)
COMPLETED = ("graduated", "honours", "attended")  # outcomes of a course that make an alumnus


@transaction.atomic
def take_step(
    *,
    code: str,
    step: str,
    on: date,
    given: Mapping[str, str],
    actor: Actor,
    version: int | None = None,
    today: date | None = None,
) -> Row:
    """Record a step of a program, line or student; the first one opens it.

    `version` is the number of steps the actor saw; another one meanwhile refuses. Steps of one program are taken one
    after the other, so that two people cannot both have its last seat. `today` is the day on which the step is
    recorded, where that is not this one.

    Raises
    ------
    PermissionRefusal
        The role takes no steps here.
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `training-unknown`, `training-host`, `training-changed`, `training-student-does-not-fit`, or of a field.
    """
    permission_table().require(actor, "record_training_step")
    asked = read_code(code)
    program = _program(asked, actor)
    state = state_around(program, asked)
    row = program if asked.kind is RecordKind.PLAN else _row(asked, program, actor)
    if version is not None and version != row.version:
        raise RuleRefusal("training-changed", code=code)
    after, taken = process.take_step(
        state.of(code),
        step,
        on=on,
        today=today or timezone.localdate(),
        actor=actor,
        submitted=given,
        plan=_told(state.plan, actor),
    )
    _keep(row, asked, taken, actor)
    _refresh_derived_row(row, after, state)
    if isinstance(row, models.StudentEnrollment) and taken.step in ("record-return", "withdraw"):
        _keep_courses(row, after, state, actor)
    return row


def _program(code: Code, actor: Actor) -> models.TrainingPlan:
    """The program of a code, locked; a new one where it is of a program nobody opened, for who may see them all."""
    row = visible_plans(actor).select_for_update(no_key=True, of=("self",)).filter(pk=code.plan_code).first()
    if row is not None:
        return row
    if code.kind is not RecordKind.PLAN or not actor.may("view_training_plans"):
        raise RuleRefusal("training-unknown", code=code.plan_code)
    partner = party_row(code.partner_code)
    if partner.pk not in (partners := partner_names()):
        raise RuleRefusal("training-host", code=code.plan_code, known=", ".join(partners) or "-")
    return _opened(
        models.TrainingPlan(
            code=code.plan_code,
            partner=partner,
            fiscal_year=code.fiscal_year,
            is_simulated=partner.is_fictional,
        )
    )


def _row(code: Code, program: models.TrainingPlan, actor: Actor) -> Row:
    """The row of a line or student; a new one where there is none."""
    if code.kind is RecordKind.LINE:
        line = models.PlanLine.objects.filter(pk=code.text).first()
        return line or _opened(models.PlanLine(code=code.text, plan=program))
    student = visible_students(actor).select_for_update(no_key=True).filter(pk=code.student).first()
    way = models.StudentEnrollment.objects.filter(pk=code.text).first()
    if student is not None and way is not None:
        way.student = student  # as it is under the lock
        return way
    if (
        student is None
        or student.partner_id != program.partner_id
        or student.is_simulated != program.is_simulated
        or student.erased_on is not None
    ):
        raise RuleRefusal("training-student-does-not-fit", student=code.student, partner=program.partner_id)
    return _opened(models.StudentEnrollment(code=code.text, plan=program, student=student))


def _told(program: TrainingPlan, actor: Actor) -> TrainingPlan:
    """The program as whoever acts may know it: a refusal names no student they may not see."""
    names = [name for names in program.withdrawn.values() for name in names]
    seen = set(visible_students(actor).filter(pk__in=names).values_list("pk", flat=True)) if names else set()
    withdrawn = {key: tuple(filter(seen.__contains__, names)) for key, names in program.withdrawn.items()}
    return replace(program, withdrawn=withdrawn)


def _opened(row: Opened) -> Opened:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # asked of the database itself: another may open it at this moment
        raise RuleRefusal("training-changed", code=row.pk) from error
    return row


def _keep(row: Row, code: Code, taken: StepRecord, actor: Actor) -> None:
    """The audit event of a step; what may tell who a student is stands beside it, unless it was erased."""
    fields = process.rulebook(code.kind).steps[taken.step].fields
    personal = {field.name for field in fields if field.is_personal}
    details = {name: value for name, value in taken.details.items() if name not in personal}
    payload = {"step": taken.step, "on": taken.on.isoformat(), "details": to_json(details)}
    event = record(actor=actor, action=STEP, subject=models.subject(code.text), payload=payload)
    if isinstance(row, models.StudentEnrollment):
        models.StudentRemark.objects.bulk_create(
            models.StudentRemark(
                enrollment=row,
                event=event.sequence,
                field=name,
                text=str(taken.details[name]) if row.student.erased_on is None else "",
            )
            for name in taken.details
            if name in personal
        )


def _refresh_derived_row(row: Row, history: TrainingRecord, state: PlanState) -> None:
    """Write what lists find a row by."""
    row.status, row.version = history.status, len(history.records)
    if isinstance(row, models.TrainingPlan):
        row.ceiling_minor = history.money("ceiling").minor
        row.is_shared = history.record_of("share-program") is not None
    elif isinstance(row, models.PlanLine):
        line = line_of(history)
        row.school, row.seat_count = line.school, line.student_count
        row.start_date, row.end_date = line.start_date, line.end_date
        row.taken_count = sum(map(holds_seat, state.students_of(line.wcn_base))) if line.is_standing else 0
    row.save()
    if isinstance(row, models.StudentEnrollment):
        number = history.code.wcn_base
        others = [student for student in state.students_of(number) if student.code.text != row.pk]
        state.row.lines.filter(pk__startswith=f"{state.row.code}-{number}", status__in=STANDING).update(
            taken_count=sum(map(holds_seat, [*others, history]))
        )


def _keep_courses(
    row: models.StudentEnrollment, history: TrainingRecord, state: PlanState, actor: Actor
) -> None:
    """The courses completed by a student who is home or withdrawn, among those of the alumni."""
    if row.student.erased_on is not None:
        return
    known = set(row.student.courses.values_list("school", "title", "start_date"))
    for course in process.courses_taken(history, state.plan):
        line, start, end = course.line, course.begun_on, course.reported_on
        if start is None or end is None:
            continue
        if course.outcome in COMPLETED and (line.school, line.course, start) not in known:
            record_course(
                pseudonym=row.student_id,
                school=line.school,
                title=line.course,
                start_date=start,
                end_date=end,
                funding=process.options_of(RecordKind.LINE, "program")[line.program].en,
                source=f"{state.row.code}-{line.wcn}",
                is_permitted=True,
                actor=actor,
            )


@transaction.atomic
def identity_for_travel_order(*, code: str, actor: Actor) -> Identity:
    """Who the student of a travel order is, for its form; the look is recorded.

    Raises
    ------
    RuleRefusal
        `travel-order-absent` where none is in force, or what `see_identity` refuses.
    """
    permission_table().require(actor, "see_identity")
    asked = read_code(code)
    program = visible_plans(actor).filter(pk=asked.plan_code).first()
    if program is None:
        raise RuleRefusal("training-unknown", code=code)
    order_record(state_around(program, asked).of(code))
    return see_identity(pseudonym=asked.student, reason="travel-order", actor=actor)
