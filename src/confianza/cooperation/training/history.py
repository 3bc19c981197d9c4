"""What is recorded of a training program, a line of its list or a student, and what it adds up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from confianza.cooperation.cases.case import StepRecord
from confianza.cooperation.cases.fields import Value
from confianza.cooperation.money import Money
from confianza.cooperation.training.plan import STANDING, PlannedLine, TrainingProgram, training_rules
from confianza.errors import RuleRefusal

PROGRAM_CODE = r"[A-Z]{2}-(?:19|20)[0-9]{2}"


class Kind(StrEnum):
    """What has a rulebook here."""

    PROGRAM = "program"
    LINE = "line"
    STUDENT = "student"


@dataclass(frozen=True)
class Code:
    """A code taken apart: the program it belongs to, and what follows."""

    text: str
    kind: Kind
    program: str
    number: str = ""  # WCN of a line, or its digits for a student
    student: str = ""  # pseudonym

    @property
    def partner_code(self) -> str:
        """The code of the partner: the first two letters."""
        return self.program[:2]

    @property
    def fiscal_year(self) -> int:
        """The fiscal year of the program."""
        return int(self.program[3:])


def read_code(text: str) -> Code:
    """The parts of a code.

    Raises
    ------
    RuleRefusal
        `training-code-form`.
    """
    wcn = training_rules()["wcn"]["pattern"]
    digits = wcn.removesuffix("[A-Z]")
    found = re.fullmatch(rf"({PROGRAM_CODE})(?:-({wcn})|-({digits})-([A-Za-z0-9_-]{{1,40}}))?", text)
    if found is None:
        raise RuleRefusal("training-code-form", code=text, example=training_rules()["wcn"]["example"])
    program, line, number, student = found.groups()
    if student:
        return Code(text, Kind.STUDENT, program, number, student)
    return Code(text, Kind.LINE, program, line) if line else Code(text, Kind.PROGRAM, program)


@dataclass(frozen=True)
class History:
    """What was recorded of a program, line or student, and what it adds up to."""

    code: Code
    records: tuple[StepRecord, ...] = ()
    standing: Mapping[str, StepRecord] = field(default_factory=dict)
    details: Mapping[str, Value] = field(default_factory=dict)  # the last value given for each field
    registers: Mapping[str, Mapping[str, Mapping[str, Value]]] = field(default_factory=dict)
    status: str = ""

    def record_of(self, step: str) -> StepRecord | None:
        """The record of a step that still stands, or None."""
        return self.standing.get(step)

    def register(self, name: str) -> Mapping[str, Mapping[str, Value]]:
        """The entries of a register by key."""
        return self.registers.get(name, {})

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


def line_of(history: History, taken_count: int = 0) -> PlannedLine:
    """The line a history tells of; `taken_count` is how many of its seats have a student."""
    seats, tuition = history.count("seats"), history.money("tuition")
    each = tuition.minor + history.money("allowance").minor
    return PlannedLine(
        priority=history.text("priority"),
        category=history.text("category"),
        student_count=seats,
        cost=Money(each * seats),
        wcn=history.code.number,
        status=history.status,
        program=history.text("program"),
        kind=history.text("kind"),
        direction=history.text("direction"),
        course=history.text("course"),
        school=history.text("school"),
        level=history.text("level"),
        implementing_agency=history.text("implementing_agency"),
        masl_id=history.text("masl_id"),
        analysis_code=history.text("analysis_code"),
        tuition=tuition,
        women_count=history.count("women"),
        ecl_score=history.count("ecl_score") or None,
        report_date=history.day("report_date"),
        start_date=history.day("start_date"),
        end_date=history.day("end_date"),
        is_fifth_quarter=history.text("fifth_quarter") == "yes",
        is_dedicated=history.text("dedicated") == "yes",
        taken_count=taken_count,
    )


AWAY = ("ordered", "in-training")  # statuses of a student between travel order and return
ORDERED = (*AWAY, "home")


def holds_seat(student: History) -> bool:
    """Whether a student has a seat on the lines of the number."""
    return bool(student.records) and student.status != "withdrawn"


def program_of(
    history: History,
    lines: Iterable[History] = (),
    students: Iterable[History] = (),
    *,
    prominence_on: date | None = None,
) -> TrainingProgram:
    """The program a history tells of, with its lines and how many of their seats are taken.

    `prominence_on` is when the partner's positions of prominence were last brought up to date; a day before the
    program was opened says nothing of it.
    """
    opened_on = history.on("open-program")
    is_current = prominence_on is not None and opened_on is not None and prominence_on >= opened_on
    everybody = list(students)
    seated = [student for student in everybody if holds_seat(student)]
    taken = Counter(student.code.number for student in seated)
    replaced = {student.text("in_place_of") for student in everybody}
    withdrawn: dict[str, tuple[str, ...]] = {}
    for student in everybody:
        number, name = student.code.number, student.code.student
        if student.status == "withdrawn" and name not in replaced:
            withdrawn[number] = (*withdrawn.get(number, ()), name)
    women, forces = history.count("women_in_forces"), history.count("forces")
    return TrainingProgram(
        history.code.text,
        history.code.partner_code,
        history.code.fiscal_year,
        history.money("ceiling"),
        tuple(
            line_of(line, taken[line.code.number[:-1]] if line.status in STANDING else 0) for line in lines
        ),
        approved_on=history.on("approve-program"),
        prominence_on=prominence_on if is_current else None,
        women_in_forces_share=women / forces if forces else None,
        waived=frozenset(history.register("waivers")),
        is_closed=history.status == "closed",
        withdrawn=withdrawn,
        begun=frozenset(wcn for student in seated for wcn in student.register("courses")),
        ordered=frozenset(student.code.number for student in seated if student.status in ORDERED),
        travelling_count=sum(student.status in AWAY for student in everybody),
        sections={key: str(entry["text"]) for key, entry in history.register("sections").items()},
    )
