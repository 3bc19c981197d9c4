"""Reads on the training track."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from confianza.cooperation.actors import Actor
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import from_json
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.process.rulebook import Step
from confianza.cooperation.training_plans.plan import STANDING, TrainingPlan
from confianza.cooperation.training_plans.process import replay, steps_to_take
from confianza.cooperation.training_plans.records import Code, RecordKind, TrainingRecord, plan_of, read_code
from confianza.errors import RuleRefusal
from confianza.server.alumni.selectors import prominence_report_updated, visible_students
from confianza.server.audit.models import AuditEvent
from confianza.server.training_plans import models

STEP = "training.step"


def visible_plans(actor: Actor) -> QuerySet[models.TrainingPlan]:
    """The plans an account may see: all, or those shared with its party."""
    rows = models.TrainingPlan.objects.select_related("partner")
    if actor.may("view_training_plans"):
        return rows
    if actor.may("view_shared_training_plan"):
        return rows.filter(is_shared=True, partner_id=actor.party_code)
    return rows.none()


def recorded_ceilings(actor: Actor) -> dict[tuple[str, int], Money]:
    """The ceilings a person may see by ISO code of the partner and fiscal year, but for those of simulated plans."""
    rows = visible_plans(actor).filter(is_simulated=False, ceiling_minor__gt=0)
    return {(row.partner.iso_code, row.fiscal_year): row.ceiling for row in rows}


@dataclass(frozen=True)
class PlanState:
    """A plan with the histories of its lines and students by code, as they add up."""

    row: models.TrainingPlan
    history: TrainingRecord
    lines: Mapping[str, TrainingRecord]
    students: Mapping[str, TrainingRecord]
    plan: TrainingPlan

    def of(self, code: str) -> TrainingRecord:
        """The history of a plan, line or student by code; an empty one where nothing is recorded."""
        if code == self.row.code:
            return self.history
        return self.lines.get(code) or self.students.get(code) or TrainingRecord(read_code(code))

    def students_of(self, number: str) -> list[TrainingRecord]:
        """The students on the lines of a number."""
        return [student for student in self.students.values() if student.code.wcn_base == number]


def plan_state(row: models.TrainingPlan, *, number: str = "") -> PlanState:
    """The plan with its lines and students as their recorded steps add up.

    With a number, only the students of that number: the seats of other lines then stand as free.
    """
    enrollments = (
        row.enrollments.filter(pk__startswith=f"{row.code}-{number}-") if number else row.enrollments.all()
    )
    codes = [row.code, *row.lines.values_list("pk", flat=True), *enrollments.values_list("pk", flat=True)]
    remarks: dict[int, dict[str, str]] = {}
    for remark in models.StudentRemark.objects.filter(enrollment__in=enrollments):
        remarks.setdefault(remark.event, {})[remark.field] = remark.text
    records: dict[str, list[StepRecord]] = {models.subject(code): [] for code in codes}
    events = AuditEvent.objects.filter(subject__in=records, action=STEP)
    for subject, sequence, account, role, payload in events.values_list(
        "subject", "sequence", "account", "role", "payload"
    ):
        details = from_json(payload["details"]) | remarks.get(sequence, {})
        on = date.fromisoformat(payload["on"])
        records[subject].append(StepRecord(payload["step"], on, Actor(account, role), details))
    histories = [replay(read_code(code), records[models.subject(code)]) for code in codes]
    lines = _by_code(histories, RecordKind.LINE)
    students = _by_code(histories, RecordKind.STUDENT)
    plan = plan_of(
        histories[0],
        lines.values(),
        students.values(),
        prominence_on=prominence_report_updated(row.partner_id),
    )
    return PlanState(row, histories[0], lines, students, plan)


def _by_code(histories: Iterable[TrainingRecord], kind: RecordKind) -> dict[str, TrainingRecord]:
    return {history.code.text: history for history in histories if history.code.kind is kind}


def state_around(row: models.TrainingPlan, code: Code) -> PlanState:
    """The plan as far as a code of it needs: a line or student needs the students of its number only."""
    return plan_state(row, number=code.wcn_base)


def visible_code(actor: Actor, text: str) -> tuple[Code, models.TrainingPlan]:
    """A code a person may see, taken apart, and its plan.

    Raises
    ------
    RuleRefusal
        `training-code-form`, or `training-unknown` also for what was not shared.
    """
    code = read_code(text)
    plan = visible_plans(actor).filter(pk=code.plan_code).first()
    if plan is None or not _is_there(actor, code):
        raise RuleRefusal("training-unknown", code=text)
    return code, plan


def _is_there(actor: Actor, code: Code) -> bool:
    if code.kind is RecordKind.LINE:
        return models.PlanLine.objects.filter(pk=code.text).exists()
    if code.kind is RecordKind.STUDENT:
        enrollments = models.StudentEnrollment.objects.filter(pk=code.text)
        return enrollments.filter(student__in=visible_students(actor)).exists()
    return True


def visible_enrollments(actor: Actor, row: models.TrainingPlan) -> QuerySet[models.StudentEnrollment]:
    """The enrollments of those students of a plan that a person may see."""
    return row.enrollments.filter(student__in=visible_students(actor)).select_related("student")


def step_events(code: str) -> QuerySet[AuditEvent]:
    """The audit events of the steps of a plan, line or student."""
    return AuditEvent.objects.filter(subject=models.subject(code), action=STEP)


def told_to(actor: Actor, history: TrainingRecord) -> TrainingRecord:
    """A history as a person may read it: it names no student whom the person may not see."""
    named = history.text("in_place_of")
    if not named or visible_students(actor).filter(pk=named).exists():
        return history
    records = [
        replace(
            record,
            details={name: value for name, value in record.details.items() if name != "in_place_of"},
        )
        for record in history.records
    ]
    return replace(history, records=tuple(records))


def free_number(state: PlanState) -> str:
    """The next worksheet control number nobody has used in a plan, with its first letter."""
    used = {int(line.code.wcn_base) for line in state.lines.values()}
    following = (*range(max(used, default=1000) + 1, 10_000), *range(10_000))
    return next(f"{number:04d}A" for number in following if number not in used)


def seats_at(actor: Actor, school: str) -> QuerySet[models.PlanLine]:
    """The standing lines at a school on the plans a person may see, the latest year first."""
    return (
        models.PlanLine.objects.filter(plan__in=visible_plans(actor), school=school, status__in=STANDING)
        .select_related("plan")
        .order_by("-plan__fiscal_year", "pk")
    )


@dataclass(frozen=True)
class Waiting:
    """A step that waits for an office, on a plan, line or student."""

    code: str
    step: Step


def waiting_steps(
    state: PlanState, codes: Iterable[str], offices: Collection[str], on: date
) -> list[Waiting]:
    """The steps on some plans, lines and students that wait for one of some offices on a day."""
    return [
        Waiting(code, step)
        for code in codes
        for step in steps_to_take(state.of(code), on=on, plan=state.plan, offices=offices)
    ]


def visible_codes(actor: Actor, state: PlanState) -> list[str]:
    """The codes of a plan, its lines and its students that a person may see."""
    return [state.row.code, *state.lines, *visible_enrollments(actor, state.row).values_list("pk", flat=True)]


def my_waiting_steps(actor: Actor, plans: QuerySet[models.TrainingPlan], on: date) -> list[Waiting]:
    """What the offices of a person are to do on those of some plans that are not closed."""
    offices = actor.offices_for("record_training_step")
    if not offices:
        return []
    found = []
    for row in plans.exclude(status="closed"):
        state = plan_state(row)
        found += waiting_steps(state, visible_codes(actor, state), offices, on)
    return found
