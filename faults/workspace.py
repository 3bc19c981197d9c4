"""A workspace of simulated cases to be hard on, and what must always hold in it."""

from __future__ import annotations

import os
from datetime import date, timedelta

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


def prepare() -> None:
    """Migrate and build the workspace that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from confianza.server.workspace import build_workspace

    build_workspace()


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
    from confianza.server.workspace import simulated_records

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


def broken_invariants(names: list[str]) -> list[str]:
    """Everything that does not hold: chain, balances, replay against rows and postings, limits of lines."""
    from django.db.models import Sum

    from confianza.cooperation.ledger import Account
    from confianza.errors import ConfianzaError
    from confianza.server.audit.services import verify_log
    from confianza.server.cases.models import Case
    from confianza.server.cases.selectors import case_state
    from confianza.server.ledger.models import Posting
    from confianza.server.ledger.selectors import statements

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
            Posting.objects.filter(entry__case=row).values_list("account").annotate(Sum("amount_minor"))
        )
        held = {account.value: amount.minor for account, amount in state.balances.items() if amount.minor}
        if held != {account: minor for account, minor in posted.items() if minor}:
            found.append(f"{row.pk}: postings {posted}, replayed {held}")
        for line in state.lines.values():
            if line.obligated.minor > line.cost.minor or line.paid.minor > line.obligated.minor:
                found.append(f"{row.pk}: line {line.number} over its limit")
    return found


def days_later(days: int) -> date:
    """A day of the execution of the cases."""
    return START + timedelta(days=days)
