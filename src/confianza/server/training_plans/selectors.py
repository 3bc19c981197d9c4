"""Reads on the training track."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import StepRecord
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import from_json
from confianza.cooperation.process.rulebook import Step
from confianza.cooperation.training_plans.plan import STANDING, TrainingProgram
from confianza.cooperation.training_plans.process import replay, steps_to_take
from confianza.cooperation.training_plans.records import Code, History, Kind, program_of, read_code
from confianza.errors import RuleRefusal
from confianza.server.alumni.selectors import prominence_report_updated, visible_students
from confianza.server.audit.models import AuditEvent
from confianza.server.people.models import User
from confianza.server.training_plans import models

STEP = "training.step"


def visible_programs(user: User):
    """The programs an account may see: all, or those shared with its party."""
    rows = models.TrainingProgram.objects.select_related("partner")
    if user.may("view_training_plans"):
        return rows
    if user.may("view_shared_training_plan"):
        return rows.filter(is_shared=True, partner_id=user.party_code)
    return rows.none()


def programs_of(actor: Actor):
    """The programs that whoever acts may see."""
    if permission_table().may(actor.role, "view_training_plans"):
        return models.TrainingProgram.objects.select_related("partner")
    user = User.objects.filter(username=actor.account).first()
    return models.TrainingProgram.objects.none() if user is None else visible_programs(user)


def recorded_ceilings(user: User) -> dict[tuple[str, int], Money]:
    """The ceilings a person may see by ISO code of the partner and fiscal year, but for those of simulated programs."""
    rows = visible_programs(user).filter(is_simulated=False, ceiling_minor__gt=0)
    return {(row.partner.iso_code, row.fiscal_year): row.ceiling for row in rows}


@dataclass(frozen=True)
class ProgramState:
    """A program with the histories of its lines and students by code, as they add up."""

    row: models.TrainingProgram
    history: History
    lines: Mapping[str, History]
    students: Mapping[str, History]
    program: TrainingProgram

    def of(self, code: str) -> History:
        """The history of a program, line or student by code; an empty one where nothing is recorded."""
        if code == self.row.code:
            return self.history
        return self.lines.get(code) or self.students.get(code) or History(read_code(code))

    def students_of(self, number: str) -> list[History]:
        """The students on the lines of a number."""
        return [student for student in self.students.values() if student.code.number == number]


def program_state(row: models.TrainingProgram, *, number: str = "") -> ProgramState:
    """The program with its lines and students as their recorded steps add up.

    With a number, only the students of that number: the seats of other lines then stand as free.
    """
    tracks = row.tracks.filter(pk__startswith=f"{row.code}-{number}-") if number else row.tracks.all()
    codes = [row.code, *row.lines.values_list("pk", flat=True), *tracks.values_list("pk", flat=True)]
    remarks: dict[int, dict[str, str]] = {}
    for remark in models.StudentRemark.objects.filter(track__in=tracks):
        remarks.setdefault(remark.event, {})[remark.field] = remark.text
    records: dict[str, list[StepRecord]] = {models.subject(code): [] for code in codes}
    events = AuditEvent.objects.filter(subject__in=records, action=STEP)
    for subject, sequence, account, role, payload in events.values_list(
        "subject", "sequence", "account", "role", "payload"
    ):
        details = from_json(payload["details"]) | remarks.get(sequence, {})
        on = date.fromisoformat(payload["on"])
        records[subject].append(StepRecord(payload["step"], on, Actor(account, role), details))
    found = [replay(read_code(code), records[models.subject(code)]) for code in codes]
    lines = _by_code(found, Kind.LINE)
    students = _by_code(found, Kind.STUDENT)
    program = program_of(
        found[0],
        lines.values(),
        students.values(),
        prominence_on=prominence_report_updated(row.partner_id),
    )
    return ProgramState(row, found[0], lines, students, program)


def _by_code(found: Iterable[History], kind: Kind) -> dict[str, History]:
    return {history.code.text: history for history in found if history.code.kind is kind}


def state_around(row: models.TrainingProgram, code: Code) -> ProgramState:
    """The program as far as a code of it needs: a line or student needs the students of its number only."""
    number = {Kind.PROGRAM: "", Kind.LINE: code.number[:-1], Kind.STUDENT: code.number}[code.kind]
    return program_state(row, number=number)


def visible_code(user: User, text: str) -> tuple[Code, models.TrainingProgram]:
    """A code a person may see, taken apart, and its program.

    Raises
    ------
    RuleRefusal
        `training-code-form`, or `training-unknown` also for what was not shared.
    """
    code = read_code(text)
    program = visible_programs(user).filter(pk=code.program).first()
    if program is None or not _is_there(user, code):
        raise RuleRefusal("training-unknown", code=text)
    return code, program


def _is_there(user: User, code: Code) -> bool:
    if code.kind is Kind.LINE:
        return models.TrainingLine.objects.filter(pk=code.text).exists()
    if code.kind is Kind.STUDENT:
        tracks = models.StudentTrack.objects.filter(pk=code.text)
        return tracks.filter(student__in=visible_students(user)).exists()
    return True


def visible_tracks(user: User, row: models.TrainingProgram):
    """The ways of those students of a program that a person may see."""
    return row.tracks.filter(student__in=visible_students(user)).select_related("student")


def told_to(user: User, history: History) -> History:
    """A history as a person may read it: it names no student whom the person may not see."""
    named = history.text("in_place_of")
    if not named or visible_students(user).filter(pk=named).exists():
        return history
    records = [
        replace(
            record,
            details={name: value for name, value in record.details.items() if name != "in_place_of"},
        )
        for record in history.records
    ]
    return replace(history, records=tuple(records))


def free_number(state: ProgramState) -> str:
    """The next worksheet control number nobody has used in a program, with its first letter."""
    used = {int(line.code.number[:-1]) for line in state.lines.values()}
    following = (*range(max(used, default=1000) + 1, 10_000), *range(10_000))
    return next(f"{number:04d}A" for number in following if number not in used)


def seats_at(user: User, school: str):
    """The standing lines at a school on the plans a person may see, the latest year first."""
    return (
        models.TrainingLine.objects.filter(
            program__in=visible_programs(user), school=school, status__in=STANDING
        )
        .select_related("program")
        .order_by("-program__fiscal_year", "pk")
    )


@dataclass(frozen=True)
class Waiting:
    """A step that waits for an office, on a program, line or student."""

    code: str
    step: Step


def waiting_steps(
    state: ProgramState, codes: Iterable[str], offices: Collection[str], on: date
) -> list[Waiting]:
    """The steps on some programs, lines and students that wait for one of some offices on a day."""
    return [
        Waiting(code, step)
        for code in codes
        for step in steps_to_take(state.of(code), on=on, program=state.program, offices=offices)
    ]


def visible_codes(user: User, state: ProgramState) -> list[str]:
    """The codes of a program, its lines and its students that a person may see."""
    return [state.row.code, *state.lines, *visible_tracks(user, state.row).values_list("pk", flat=True)]


def my_waiting_steps(user: User, on: date) -> list[Waiting]:
    """What the offices of a person are to do on the programs that are not closed."""
    if not user.may("record_training_step"):
        return []
    offices = permission_table().roles[user.role].acts_for
    found = []
    for row in visible_programs(user).exclude(status="closed"):
        state = program_state(row)
        found += waiting_steps(state, visible_codes(user, state), offices, on)
    return found
