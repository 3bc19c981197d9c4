"""What is recorded of a training plan, a line of its list or a student, and what it adds up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.records import Subject
from confianza.cooperation.training_plans.plan import STANDING, TrainingListLine, TrainingPlan, training_rules
from confianza.errors import RuleRefusal

PLAN_CODE = r"[A-Z]{2}-(?:19|20)[0-9]{2}"


class RecordKind(StrEnum):
    """What has a rulebook here; a plan is stored as `program`."""

    PLAN = "program"
    LINE = "line"
    STUDENT = "student"


@dataclass(frozen=True)
class Code:
    """A code taken apart: the plan it belongs to, and what follows."""

    text: str
    kind: RecordKind
    plan_code: str
    wcn: str = ""  # worksheet control number of a line
    wcn_base: str = ""  # that number without its letter, of a line or a student
    student: str = ""  # pseudonym

    @property
    def partner_code(self) -> str:
        """The code of the partner: the first two letters."""
        return self.plan_code[:2]

    @property
    def fiscal_year(self) -> int:
        """The fiscal year of the plan."""
        return int(self.plan_code[3:])


def read_code(text: str) -> Code:
    """The parts of a code.

    Raises
    ------
    RuleRefusal
        `training-code-form`.
    """
    wcn = training_rules()["wcn"]["pattern"]
    digits = wcn.removesuffix("[A-Z]")
    match = re.fullmatch(rf"({PLAN_CODE})(?:-({wcn})|-({digits})-([A-Za-z0-9_-]{{1,40}}))?", text)
    if match is None:
        raise RuleRefusal("training-code-form", code=text, example=training_rules()["wcn"]["example"])
    plan_code, line, wcn_base, student = match.groups()
    if student:
        return Code(text, RecordKind.STUDENT, plan_code, wcn_base=wcn_base, student=student)
    if line:
        return Code(text, RecordKind.LINE, plan_code, wcn=line, wcn_base=line[:-1])
    return Code(text, RecordKind.PLAN, plan_code)


@dataclass(frozen=True)
class TrainingRecord(Subject):
    """What is recorded of a plan, line or student, and what it adds up to."""

    code: Code
    details: Mapping[str, Value] = field(default_factory=dict)  # the last value of each field

    def count(self, name: str) -> int:
        """The last value of a field that counts; 0 when it has none."""
        value = self.details.get(name, 0)
        return value if isinstance(value, int) else 0

    def money(self, name: str) -> Money:
        """The last value of a field of money; nothing when it has none."""
        value = self.details.get(name)
        return value if isinstance(value, Money) else Money(0)

    def text(self, name: str) -> str:
        """The last value of a field as text; empty when it has none."""
        return str(self.details.get(name, ""))

    def day(self, name: str) -> date | None:
        """The last value of a field that is a day, or None."""
        return date.fromisoformat(self.text(name)) if self.text(name) else None

    def on(self, step: str) -> date | None:
        """The day of the record of a step that still stands."""
        record = self.record_of(step)
        return record.on if record else None


def line_of(subject: TrainingRecord, taken_count: int = 0) -> TrainingListLine:
    """The line that a record of it adds up to; `taken_count` is how many of its seats have a student."""
    seats, tuition = subject.count("seats"), subject.money("tuition")
    each = tuition.minor + subject.money("allowance").minor
    return TrainingListLine(
        priority=subject.text("priority"),
        category=subject.text("category"),
        student_count=seats,
        cost=Money(each * seats),
        wcn=subject.code.wcn,
        status=subject.status,
        program=subject.text("program"),
        kind=subject.text("kind"),
        direction=subject.text("direction"),
        course=subject.text("course"),
        school=subject.text("school"),
        level=subject.text("level"),
        implementing_agency=subject.text("implementing_agency"),
        masl_id=subject.text("masl_id"),
        analysis_code=subject.text("analysis_code"),
        tuition=tuition,
        women_count=subject.count("women"),
        ecl_score=subject.count("ecl_score") or None,
        report_date=subject.day("report_date"),
        start_date=subject.day("start_date"),
        end_date=subject.day("end_date"),
        is_fifth_quarter=subject.text("fifth_quarter") == "yes",
        is_dedicated=subject.text("dedicated") == "yes",
        taken_count=taken_count,
    )


AWAY = ("ordered", "in-training")  # statuses of a student between travel order and return
ORDERED = (*AWAY, "home")


def holds_seat(student: TrainingRecord) -> bool:
    """Whether a student has a seat on the lines of the number."""
    return bool(student.records) and student.status != "withdrawn"


def plan_of(
    subject: TrainingRecord,
    lines: Iterable[TrainingRecord] = (),
    students: Iterable[TrainingRecord] = (),
    *,
    prominence_on: date | None = None,
) -> TrainingPlan:
    """The plan that a record of it adds up to, with its lines and how many of their seats are taken.

    `prominence_on` is when the partner's positions of prominence were last brought up to date; a day before the
    plan was opened says nothing of it.
    """
    opened_on = subject.on("open-program")
    is_current = prominence_on is not None and opened_on is not None and prominence_on >= opened_on
    everybody = list(students)
    seated = [student for student in everybody if holds_seat(student)]
    taken = Counter(student.code.wcn_base for student in seated)
    replaced = {student.text("in_place_of") for student in everybody}
    withdrawn: dict[str, tuple[str, ...]] = {}
    for student in everybody:
        wcn_base, name = student.code.wcn_base, student.code.student
        if student.status == "withdrawn" and name not in replaced:
            withdrawn[wcn_base] = (*withdrawn.get(wcn_base, ()), name)
    women, forces = subject.count("women_in_forces"), subject.count("forces")
    return TrainingPlan(
        subject.code.text,
        subject.code.partner_code,
        subject.code.fiscal_year,
        subject.money("ceiling"),
        tuple(line_of(line, taken[line.code.wcn_base] if line.status in STANDING else 0) for line in lines),
        approved_on=subject.on("approve-program"),
        prominence_on=prominence_on if is_current else None,
        women_in_forces_share=women / forces if forces else None,
        waived=frozenset(subject.register("waivers")),
        is_closed=subject.status == "closed",
        withdrawn=withdrawn,
        begun=frozenset(wcn for student in seated for wcn in student.register("courses")),
        ordered=frozenset(student.code.wcn_base for student in seated if student.status in ORDERED),
        traveling_count=sum(student.status in AWAY for student in everybody),
        sections={key: str(entry["text"]) for key, entry in subject.register("sections").items()},
    )
