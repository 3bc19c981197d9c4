"""A training plan of Bandaria, the fictional country, taken step by step: what tests of training plans share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.training_plans.plan import TrainingPlan
from confianza.cooperation.training_plans.process import take_step
from confianza.cooperation.training_plans.records import RecordKind, TrainingRecord, plan_of, read_code

OFFICER = Actor("officer", "security_cooperation_officer")
LIAISON = Actor("liaison", "partner_liaison")
STATE = Actor("state", "state_reviewer")
DEPARTMENT = Actor("department", "case_manager")
COMMAND = Actor("command", "command_overseer")
ACTORS = {
    "sco": OFFICER,
    "partner": LIAISON,
    "state": STATE,
    "implementing_agency": DEPARTMENT,
    "ccmd": COMMAND,
    "dsca": Actor("director", "country_program_director"),
}
PROGRAM = "BN-2026"
STAFF_COLLEGE = {
    "priority": "A",
    "program": "imet",
    "kind": "course",
    "direction": "to-us",
    "course": "Command and staff course",
    "school": "CGSC",
    "implementing_agency": "B",
    "category": "pme",
    "level": "staff",
    "seats": "2",
    "tuition": "20000.00",
    "allowance": "5000.00",
    "ecl_score": "80",
    "start_date": "2026-07-01",
    "end_date": "2026-09-20",
}
ENGLISH = STAFF_COLLEGE | {
    "course": "General English",
    "school": "DLIELC",
    "category": "english-language",
    "tuition": "8000.00",
    "ecl_score": "",
    "start_date": "2026-03-01",
    "end_date": "2026-06-15",
    "level": "",
}


@dataclass
class Book:
    """A plan, its lines and students, changed by the steps taken."""

    subjects: dict[str, TrainingRecord] = field(default_factory=dict)
    prominence_on: date | None = None

    def of(self, code: str) -> TrainingRecord:
        return self.subjects.get(code, TrainingRecord(read_code(code)))

    def _all(self, kind: RecordKind) -> list[TrainingRecord]:
        return [item for item in self.subjects.values() if item.code.kind is kind]

    @property
    def plan(self) -> TrainingPlan:
        return plan_of(
            self.of(PROGRAM),
            self._all(RecordKind.LINE),
            self._all(RecordKind.STUDENT),
            prominence_on=self.prominence_on,
        )

    def do(
        self, code: str, step: str, on: str, given: Mapping[str, str] | None = None, actor: Actor = OFFICER
    ) -> None:
        self.subjects[code], _ = take_step(
            self.of(code),
            step,
            on=date.fromisoformat(on),
            today=date(2050, 1, 1),  # after every day of the tests
            actor=actor,
            submitted=given or {},
            plan=self.plan,
        )


def opened(ceiling: str = "100000.00") -> Book:
    """A plan with its ceiling, and nothing else."""
    book = Book()
    book.do(PROGRAM, "open-program", "2025-06-01", {"ceiling": ceiling})
    return book


def confirm(book: Book, wcn: str, line: Mapping[str, str], on: str = "2025-09-01") -> None:
    """Plan, request and confirm a line."""
    code = f"{PROGRAM}-{wcn}"
    book.do(code, "plan-line", on, line)
    book.do(code, "request-line", on)
    book.do(code, "confirm-line", on, actor=DEPARTMENT)
