"""Steps of cases a second on PostgreSQL beside the floor of the machine: the bare rows of a step by the same driver.

The floor writes what a step that posts money must: one event, one entry, two postings, the new version of its case.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Row, best_of, size
from confianza.cooperation.cases import process
from confianza.cooperation.cases.gates import GATES
from tests.cooperation.manual_case import AVAILABLE, LEGACY, walked

CASES, STEPS = 4, size(100, 4)


def gates() -> Row:
    """Every rule of the edition asked of every step, beside the number of gate calls Python makes of an empty one."""
    case = walked("pay")
    on = case.records[-1].on
    rules = sum(len(LEGACY.rules_before(step, on, case.regime)) for step in LEGACY.steps)

    def nothing(request: object, params: object) -> None:
        return None

    def empty() -> None:
        for _ in range(rules):
            nothing(None, None)

    ours, peer = best_of(20, lambda: process.next_actions(case, on=on, available=AVAILABLE), empty)
    return Row(
        f"{rules} of {len(GATES)} kinds of gate on one case",
        ours,
        peer,
        f"{rules / ours:,.0f} gates/s",
        f"empty calls {rules / peer:,.0f}/s",
    )


def measure() -> None:
    """In a process of its own, on the server of the environment: print seconds a step of ours and of the floor."""
    from faults.workspace import scratch

    with scratch():
        print(json.dumps(seconds_a_step()))


def seconds_a_step() -> list[float]:
    """Of ours and of the floor, in the workspace that is open."""
    import psycopg
    from django.db import connection

    from confianza.server.cases.services import take_step
    from faults.workspace import actor, add_cases, days_later

    names = add_cases(CASES)
    given = {"line": "001", "amount": "0.10"}

    def ours() -> None:
        for number in range(STEPS):
            take_step(
                identifier=names[number % CASES],
                step="obligate",
                on=days_later(0),
                given=given,
                actor=actor("implementing_agency"),
            )

    floor = psycopg.connect(os.environ["CONFIANZA_DATABASE_URL"])
    floor.execute("create table floor_event (like audit_auditevent including all)")
    floor.execute("create table floor_entry (id bigint primary key, event bigint, on_day date)")
    floor.execute(
        "create table floor_posting (id bigserial primary key, entry bigint, account text, minor bigint)"
    )
    floor.execute("create table floor_case (id int primary key, version int)")
    floor.execute("insert into floor_case values (1, 0)")
    floor.commit()
    payload = json.dumps({"step": "obligate", "on": "2022-02-01", "details": given})
    sequence = 0

    def peer() -> None:
        nonlocal sequence
        for _ in range(STEPS):
            sequence += 1
            digest = f"{sequence:064}"
            floor.execute("select version from floor_case where id = 1 for update")
            floor.execute(
                "insert into floor_event (sequence, at, account, role, action, subject, payload, previous, digest) "
                "values (%s, now(), 'a', 'r', 'case.step', 'case:x', %s, %s, %s)",
                (sequence, payload, digest, digest),
            )
            floor.execute("insert into floor_entry values (%s, %s, '2022-02-01')", (sequence, sequence))
            floor.execute(
                "insert into floor_posting (entry, account, minor) values (%s, 'committed', -10), (%s, 'obligated', 10)",
                (sequence, sequence),
            )
            floor.execute("update floor_case set version = version + 1 where id = 1")
            floor.commit()

    times = best_of(3, ours, peer)
    connection.close()
    floor.close()
    return [seconds / STEPS for seconds in times]


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CONFIANZA_ARCHIVE": str(Path(folder) / "archive")}
        command = [sys.executable, "scripts/with_postgresql.py", sys.executable, "-m", __name__]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    ours, peer = json.loads(done.stdout.splitlines()[-1])
    return [
        Row(
            "one step, PostgreSQL",
            ours,
            peer,
            f"{1 / ours:.0f} steps/s",
            f"bare transaction {1 / peer:.0f}/s",
        ),
        gates(),
    ]


if __name__ == "__main__":
    measure()
