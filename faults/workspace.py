"""A workspace of simulated cases to be hard on, and what must always hold in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

PEOPLE = {
    "requesting_authority": ("requesting-authority", "requesting_authority"),
    "implementing_agency": ("case-manager", "case_manager"),
    "dsca": ("program-director", "country_program_director"),
    "case_writing": ("case-writer", "case_writer"),
    "state": ("state-reviewer", "state_reviewer"),
    "dfas": ("resource-manager", "resource_manager"),
    "sco": ("cooperation-officer", "security_cooperation_officer"),
    "ccmd": ("command-overseer", "command_overseer"),
    "evaluation": ("assessor", "assessor"),
}
FUNDS = "BN-FY2022"
EDITION = "samm-2012-legacy"
START = date(2022, 2, 1)


@contextmanager
def scratch() -> Iterator[Path]:
    """The folder of a workspace, migrated and built: a new one, or the one that the environment names."""
    with tempfile.TemporaryDirectory() as folder:
        for name, file in (
            ("WORKSPACE", "confianza.sqlite3"),
            ("ARCHIVE", "archive"),
            ("IDENTITY_KEY", "key"),
        ):
            os.environ.setdefault(f"CONFIANZA_{name}", str(Path(folder) / file))
        enter()
        from confianza.server.demo import build_workspace
        from confianza.server.schema import upgrade

        upgrade(keep_copy=False)
        build_workspace()
        yield Path(folder)


def enter() -> None:
    """Make a process ready to use the workspace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    import django

    django.setup()


def actor(office: str):
    """The demo account of an office."""
    from confianza.cooperation.actors import Actor

    return Actor(*PEOPLE[office])


def identifier(number: int) -> str:
    """The identifier of case `number`, apart from those of the simulated cases: BN-Q-AAA, BN-Q-AAB, …"""
    number += 16 * 26**3
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters = chr(65 + rest) + letters
    return f"BN-{letters[0]}-{letters[1:]}"


def implemented_steps() -> list[tuple[str, str, str, dict]]:
    """The steps of the simulated legacy case up to its implementation."""
    from confianza.server.demo import simulated_records

    steps = next(item for item in simulated_records()["cases"] if item["identifier"] == "BN-B-SAA")["steps"]
    last = next(index for index, step in enumerate(steps) if step[0] == "implement-case")
    found = []
    for step, on, account, given in steps[: last + 1]:
        if step == "attach-document":
            given = {
                "kind": given["kind"],
                "file_name": given["file_name"],
                "digest": str(len(found)).zfill(64),
            }
        if step == "confirm-funds":
            given = {"amount": "15000.00"}
        if step == "receive-request":
            given = {"ceiling": "900000.00"}
        if step == "add-line":
            given = {**given, "quantity": "100", "unit_cost": "50.00"}
        found.append((step, on, account, given))
    return found


def add_cases(count: int, first: int = 0) -> list[str]:
    """Open so many cases and carry each to its implementation; their identifiers."""
    from confianza.cooperation.actors import Actor
    from confianza.server.cases.services import attach_document, open_case, take_step

    roles = dict(PEOPLE.values())
    names = [identifier(number) for number in range(first, first + count)]
    steps = implemented_steps()
    for name in names:
        open_case(
            identifier=name,
            edition=EDITION,
            title="Simulated",
            partner_code="BN",
            appropriation_code=FUNDS,
            actor=actor("sco"),
        )
        for step, on, account, given in steps:
            who = Actor(account, roles[account])
            how = {"identifier": name, "on": date.fromisoformat(on), "actor": who}
            if step == "attach-document":
                attach_document(
                    kind=given["kind"],
                    file_name=given["file_name"],
                    content=given["digest"].encode(),
                    **how,
                )
            else:
                take_step(step=step, given=given, **how)
    return names


TRAINING_LINE = {
    "priority": "A",
    "program": "imet",
    "kind": "course",
    "direction": "to-us",
    "course": "Simulated",
    "school": "WHINSEC",
    "implementing_agency": "B",
    "category": "pme",
    "tuition": "1000.00",
}
NOMINATED_ON = date(2026, 11, 2)


def training_step(code: str, step: str, on: date, office: str, **given: str):
    """Record a step of the training track for an office."""
    from confianza.server.training_plans.services import take_step

    return take_step(code=code, step=step, on=on, given=given, actor=actor(office))


def add_training_program(code: str, *, seats: int, students: int) -> list[str]:
    """Open a program with one confirmed line and enroll students; its code, the line's, those of the students' ways."""
    from confianza.cooperation.alumni.identity import Identity
    from confianza.server.alumni.services import enroll_student

    year, line = int(code[-4:]), f"{code}-1001A"
    training_step(code, "open-program", date(2026, 10, 1), "state", ceiling="100000.00")
    given = TRAINING_LINE | {
        "seats": str(seats),
        "start_date": f"{year}-01-10",
        "end_date": f"{year}-03-10",
    }
    training_step(line, "plan-line", date(2026, 10, 1), "sco", **given)
    training_step(line, "request-line", date(2026, 10, 1), "sco")
    training_step(line, "confirm-line", date(2026, 10, 1), "implementing_agency")
    people = [
        enroll_student(
            partner_code="BN",
            institution_code="bn-army",
            identity=Identity("Simulated", str(number)),
            is_simulated=True,
            actor=actor("sco"),
        )
        for number in range(students)
    ]
    return [code, line, *(f"{code}-1001-{student.pk}" for student in people)]


def nominate(code: str):
    """Nominate a student for the line of such a program."""
    return training_step(code, "nominate", NOMINATED_ON, "sco")


def broken_invariants(names: list[str]) -> list[str]:
    """Everything that does not hold: chain, balances, replay against rows and postings, limits of lines."""
    from django.db.models import Sum

    from confianza.cooperation.ledger import Account
    from confianza.errors import ConfianzaError
    from confianza.server.audit.services import verify_log
    from confianza.server.cases.models import Case
    from confianza.server.cases.selectors import case_state
    from confianza.server.funds.models import Posting
    from confianza.server.funds.selectors import statements

    found = []
    try:
        verify_log()
    except ConfianzaError as error:
        found.append(str(error))
    for by in ("case", "funds"):
        for statement in statements(by):
            if statement.sum.minor:
                found.append(f"{statement.name} sums to {statement.sum}")
            negative = {Account.APPROPRIATED, *([Account.AVAILABLE] if by == "case" else [])}
            for account, amount in statement.balances.items():
                if amount.minor < 0 and account not in negative:
                    found.append(f"{statement.name}: {account} holds {amount}")
    for row in Case.objects.filter(pk__in=names):
        state = case_state(row)
        if row.version != len(state.records):
            found.append(f"{row.pk}: version {row.version}, {len(state.records)} records")
        posted = dict(
            Posting.objects.filter(entry__case_identifier=row.pk)
            .values_list("account")
            .annotate(Sum("amount_minor"))
        )
        held = {account.value: amount.minor for account, amount in state.balances.items() if amount.minor}
        if held != {account: minor for account, minor in posted.items() if minor}:
            found.append(f"{row.pk}: postings {posted}, replayed {held}")
        for line in state.lines.values():
            if line.obligated.minor > line.cost.minor or line.paid.minor > line.obligated.minor:
                found.append(f"{row.pk}: line {line.number} over its limit")
    return found


def broken_training(code: str) -> list[str]:
    """What does not hold of a training program: rows against replay, seats against students."""
    from confianza.server.training_plans.models import TrainingPlan
    from confianza.server.training_plans.selectors import plan_state

    row = TrainingPlan.objects.get(pk=code)
    state, found = plan_state(row), []
    for kept in (row, *row.lines.all(), *row.enrollments.all()):
        history = state.of(kept.pk)
        if (kept.status, kept.version) != (history.status, len(history.records)):
            found.append(f"{kept.pk}: {kept.status} {kept.version}, {len(history.records)} records")
    for line in state.program.lines:
        kept = row.lines.get(pk=f"{code}-{line.wcn}")
        if (kept.seat_count, kept.taken_count) != (line.student_count, line.taken_count):
            found.append(f"{kept.pk}: {kept.taken_count} of {kept.seat_count} seats, replayed {line}")
        if line.taken_count > line.student_count:
            found.append(f"{kept.pk}: {line.taken_count} students on {line.student_count} seats")
    return found


def days_later(days: int) -> date:
    """A day of the execution of the cases."""
    return START + timedelta(days=days)
