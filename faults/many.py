"""100,000 cases with 2 million events: board, search and case page at the median and the 95th percentile.

python -m faults.many --cases 100000    (CONFIANZA_DATABASE_URL names the server; else SQLite in a folder of its own)
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from faults.pages import wasteful_pages
from faults.workspace import EDITION, FUNDS, PEOPLE, identifier, implemented_steps, scratch

EVENTS = 20  # recorded steps and the opening of each case
BATCH = 2_000


def batches(items: Iterator, size: int) -> Iterator[list]:
    while batch := list(islice(items, size)):
        yield batch


def fill(count: int) -> None:
    """So many cases with their events in one true chain, written in bulk."""
    from django.db import connection, transaction

    from confianza.cooperation import audit
    from confianza.cooperation.actors import Actor
    from confianza.cooperation.cases import process
    from confianza.cooperation.cases.editions import edition_of
    from confianza.cooperation.money import Money
    from confianza.cooperation.process.fields import to_json
    from confianza.server.audit.models import AuditEvent, AuditHead
    from confianza.server.cases.models import Case, ClockRow, OpenAction, folded
    from confianza.server.cases.selectors import STEP, case_row, case_state
    from confianza.server.cases.services import open_case, refresh_derived_rows
    from confianza.server.funds.models import Appropriation

    roles = dict(PEOPLE.values())
    funds = Appropriation.objects.get(pk=FUNDS).funds
    state = process.open_case(
        identifier="BN-B-SAA", edition_id=EDITION, title="x", partner_code="BN", funds=funds
    )
    payloads = []
    for step, on, account, given in implemented_steps()[: EVENTS - 1]:
        day = datetime.fromisoformat(on).date()
        who = Actor(account, roles[account])
        state, taken = process.take_step(
            state, step, on=day, today=day, actor=who, submitted=given, available=Money.parse("1000000")
        )
        payloads.append((who, {"step": step, "on": on, "details": to_json(taken.details)}))
    phase = process.current_phase(state).id
    phases = [item.id for item in edition_of(EDITION).path] + [""]
    model = open_case(
        identifier="BN-Z-ZZZ",
        edition=EDITION,
        title="model",
        partner_code="BN",
        appropriation_code=FUNDS,
        actor=Actor("cooperation-officer", "security_cooperation_officer"),
    )
    refresh_derived_rows(model, state, on=state.records[-1].on)
    actions = [
        (item.step, item.office, item.deadline, item.due_on, item.is_offered)
        for item in model.open_actions.all()
    ]
    clock = model.clocks.get()
    model.version = 0
    refresh_derived_rows(model, case_state(case_row("BN-Z-ZZZ")), on=state.records[-1].on)
    head = AuditHead.objects.get(pk=1)
    sequence, previous, at = head.sequence, head.digest, datetime.now(UTC)
    opening = {"edition": EDITION, "title": "Simulated", "partner": "BN", "funds": FUNDS}
    officer = Actor("cooperation-officer", "security_cooperation_officer")
    for numbers in batches(iter(range(count)), BATCH):
        cases, events, open_actions, clocks = [], [], [], []
        for number in numbers:
            name = identifier(number)
            cases.append(
                Case(
                    identifier=name,
                    edition=EDITION,
                    title=f"Simulated {number}",
                    partner_id="BN",
                    appropriation_id=FUNDS,
                    phase=phase if number % 4 else phases[number // 4 % len(phases)],
                    status=state.status,
                    version=len(payloads),
                    cost_minor=state.cost.minor,
                    last_step_on=state.records[-1].on,
                    next_due_on=clock.due_on,
                    is_simulated=True,
                    search_text=folded(f"{name} Simulated {number}"),
                )
            )
            told = [(officer, "case.open", opening), *((who, STEP, payload) for who, payload in payloads)]
            for who, action, payload in told:
                sequence += 1
                sealed = audit.seal(
                    sequence=sequence,
                    at=at,
                    account=who.account,
                    role=who.role,
                    action=action,
                    subject=f"case:{name}",
                    payload=payload,
                    previous=previous,
                )
                previous = sealed.digest
                events.append(
                    AuditEvent(**{key: getattr(sealed, key) for key in sealed.__dataclass_fields__})
                )
            open_actions += [
                OpenAction(
                    case_id=name, step=step, office=office, deadline=due, due_on=due_on, is_offered=offered
                )
                for step, office, due, due_on, offered in actions
            ]
            clocks.append(
                ClockRow(
                    case_id=name,
                    clock=clock.clock,
                    started_on=clock.started_on,
                    elapsed_days=clock.elapsed_days,
                    excluded_days=0,
                    due_on=clock.due_on,
                    is_held=False,
                )
            )
        with transaction.atomic():
            Case.objects.bulk_create(cases)
            AuditEvent.objects.bulk_create(events, batch_size=2_000)
            OpenAction.objects.bulk_create(open_actions, batch_size=2_000)
            ClockRow.objects.bulk_create(clocks, batch_size=2_000)
            AuditHead.objects.filter(pk=1).update(sequence=sequence, digest=previous)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run(count: int, rounds: int) -> int:
    """Exit status 1 when a page has too many queries."""
    with scratch():
        begun = time.perf_counter()
        fill(count)
        from django.conf import settings
        from django.db import connections

        from confianza.server.audit.models import AuditEvent

        engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
        events = AuditEvent.objects.count()
        print(f"{engine}: {count:,} cases, {events:,} events, filled in {time.perf_counter() - begun:.0f} s")
        random.seed(1)
        pages = {
            "board": lambda: "/cases/",
            "one phase": lambda: "/cases/?phase=development&page=3",
            "search": lambda: f"/cases/?q={identifier(random.randrange(count))}",
            "search by words": lambda: f"/cases/?q=ulated+{random.randrange(count)}",
            "overdue": lambda: "/cases/?due=overdue",
            "next actions": lambda: "/actions/",
            "portfolio": lambda: "/portfolio/",
            "case": lambda: f"/cases/{identifier(random.randrange(count))}/",
        }
        wasteful = wasteful_pages("program-director", pages, rounds)
        connections.close_all()
    return bool(wasteful)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    sys.exit(run(given.cases, given.rounds))
