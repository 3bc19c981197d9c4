"""Many processes write on the same cases and the same training program: no lost update, no double obligation, no seat
given twice, nobody waiting for ever on another, chain intact.

python -m faults.concurrent --processes 16 --cases 200 --seconds 60    (CONFIANZA_DATABASE_URL names the server)
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter

from faults.workspace import (
    NOMINATED_ON,
    actor,
    add_cases,
    add_training_program,
    broken_invariants,
    broken_training,
    days_later,
    enter,
    scratch,
    training_step,
)

LEAST = 5  # steps that each writer records, however busy the machine is
PATIENCE = 300  # seconds over the time asked for
MOVES = [
    ("obligate", "implementing_agency", {"line": "001", "amount": "40.00"}),
    ("obligate", "implementing_agency", {"line": "002", "amount": "40.00"}),
    ("deobligate", "implementing_agency", {"line": "001", "amount": "15.00"}),
    ("pay", "dfas", {"line": "001", "amount": "10.00"}),
    ("open-amendment", "implementing_agency", {"why": "more"}),
    ("change-line", "implementing_agency", {"line": "002", "quantity": "110", "unit_cost": "50.00"}),
    ("sign-amendment", "implementing_agency", {}),
    ("approve-amendment", "state", {}),
    ("countersign-amendment", "dsca", {}),
    ("accept-amendment", "implementing_agency", {}),
    ("implement-amendment", "dfas", {}),
    ("hold-review", "sco", {"minutes": "held"}),
]


TRAINING_MOVES = [
    ("nominate", "sco", {}),
    ("nominate", "sco", {}),
    ("screen-security", "sco", {"result": "passed"}),
    ("screen-human-rights", "state", {"result": "passed"}),
    ("waive-english", "implementing_agency", {"waiver_reason": "fluent"}),
    ("withdraw", "sco", {"cause": "partner", "withdraw_reason": "needed at home"}),
]


def case_step(names: list[str]) -> tuple[str, int]:
    """A random step of a random case; the case and its version."""
    from confianza.server.cases.models import Case
    from confianza.server.cases.services import take_step

    name = random.choice(names)
    step, office, given = random.choice(MOVES)
    version = Case.objects.values_list("version", flat=True).get(pk=name) if random.random() < 0.5 else None
    row = take_step(
        identifier=name, step=step, on=days_later(0), given=given, actor=actor(office), version=version
    )
    return name, row.version


def training_move(codes: list[str]) -> tuple[str, int]:
    """A random step of a random student, line or program; its code and version."""
    code = random.choice(codes[2:])
    step, office, given = random.choice(TRAINING_MOVES)
    if random.random() < 0.1:
        code, step, office, given = codes[1], "change-line", "sco", {"seats": str(random.randint(2, 6))}
    return code, training_step(code, step, NOMINATED_ON, office, **given).version


def student_write(codes: list[str]) -> None:
    """A random write on the students of a program, of those that the training track's steps may meet."""
    from confianza.server.alumni import services
    from confianza.server.alumni.models import Student
    from confianza.server.alumni.selectors import ProminenceRow

    chosen = random.sample([code.partition("-1001-")[2] for code in codes[2:]], 3)
    who = actor("sco")
    if random.random() < 0.5:
        services.share_student(pseudonym=chosen[0], is_shared=random.random() < 0.5, actor=who)
        return
    people = {row.pk: row for row in Student.objects.filter(pk__in=chosen)}
    rows = [ProminenceRow(people[name], "", "", [], [], days_later(0)) for name in chosen]
    services.names_for_report(rows, actor=who)


def work(names: list[str], codes: list[str], seconds: float, seed: int, told) -> None:
    """Write at random until the time is over; tell the versions that were acknowledged."""
    enter()
    from django.db import connection

    from confianza.errors import ConfianzaError

    random.seed(seed)
    end = time.monotonic() + seconds
    acknowledged, refused, failed = [], Counter(), []
    while time.monotonic() < end or (len(acknowledged) < LEAST and time.monotonic() < end + PATIENCE):
        write, about = random.choice(
            [(case_step, names), (case_step, names), (training_move, codes), (student_write, codes)]
        )
        try:
            taken = write(about)
            if taken is not None:
                acknowledged.append(taken)
        except ConfianzaError as error:
            refused[error.code] += 1
        except Exception as error:
            failed.append(repr(error))
    connection.close()
    told.put((acknowledged, refused, failed))


def versions(names: list[str], codes: list[str]) -> dict[str, int]:
    """The number of steps of each case, program, line and student that has one."""
    from confianza.server.cases.models import Case
    from confianza.server.training_plans.models import PlanLine, StudentEnrollment, TrainingPlan

    found = {}
    for table in (Case, TrainingPlan, PlanLine, StudentEnrollment):
        found |= table.objects.filter(pk__in=[*names, *codes]).values_list("pk", "version")
    return found


def run(processes: int, cases: int, seconds: float) -> int:
    """Exit status 1 when anything does not hold."""
    with scratch():
        return tried(processes, cases, seconds)


def tried(processes: int, cases: int, seconds: float) -> int:
    from django.db import connections

    names, codes = add_cases(cases), add_training_program("BN-2030", seats=4, students=40)
    begun = versions(names, codes)
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    workers = [
        context.Process(target=work, args=(names, codes, seconds, seed, told)) for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    results = [told.get(timeout=seconds + 2 * PATIENCE) for _ in workers]
    for worker in workers:
        worker.join()
    acknowledged = [item for found, _, _ in results for item in found]
    refused = sum((found for _, found, _ in results), Counter())
    broken = [error for _, _, failed in results for error in failed]
    if len(set(acknowledged)) != len(acknowledged):
        broken.append("two writers were told the same version: an update is lost")
    taken = Counter(name for name, _ in acknowledged)
    ended = versions(names, codes)
    broken += [
        f"{name}: {taken[name]} acknowledged, version {begun.get(name, 0)} to {ended[name]}"
        for name in ended
        if ended[name] - begun.get(name, 0) != taken[name]
    ]
    broken += broken_invariants(names) + broken_training(codes[0])
    print(
        f"{processes} processes, {cases} cases, {seconds:g} s: {len(acknowledged)} steps recorded "
        f"({len(acknowledged) / seconds:.0f}/s), refused {dict(refused)}, broken {len(broken)}"
    )
    for line in broken[:20]:
        print(" ", line)
    return bool(broken)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    sys.exit(run(given.processes, given.cases, given.seconds))
