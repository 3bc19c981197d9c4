"""Many processes move, amend and post on the same cases: no lost update, no double obligation, chain intact.

python -m faults.concurrent --processes 16 --cases 200 --seconds 60    (CONFIANZA_DATABASE_URL names the server)
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter

from faults.workspace import actor, add_cases, broken_invariants, days_later, prepare

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


def work(names: list[str], seconds: float, seed: int, told) -> None:
    """Take random steps until the time is over; tell the versions that were acknowledged."""
    prepare_process()
    from django.db import connection

    from confianza.errors import ConfianzaError
    from confianza.server.cases.models import Case
    from confianza.server.cases.services import take_step

    random.seed(seed)
    end = time.monotonic() + seconds
    acknowledged, refused, failed = [], Counter(), []
    while time.monotonic() < end:
        name = random.choice(names)
        step, office, given = random.choice(MOVES)
        version = (
            Case.objects.values_list("version", flat=True).get(pk=name) if random.random() < 0.5 else None
        )
        try:
            row = take_step(
                identifier=name,
                step=step,
                on=days_later(0),
                given=given,
                actor=actor(office),
                version=version,
            )
            acknowledged.append((name, row.version))
        except ConfianzaError as error:
            refused[error.code] += 1
        except Exception as error:
            failed.append(repr(error))
    connection.close()
    told.put((acknowledged, refused, failed))


def prepare_process() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    import django

    django.setup()


def run(processes: int, cases: int, seconds: float) -> int:
    """Exit status 1 when anything does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("CONFIANZA_ARCHIVE", folder)
        os.environ.setdefault("CONFIANZA_IDENTITY_KEY", f"{folder}/identity-key")
        return tried(processes, cases, seconds)


def tried(processes: int, cases: int, seconds: float) -> int:
    prepare()
    from django.db import connections

    from confianza.server.cases.models import Case

    names = add_cases(cases)
    begun = dict(Case.objects.filter(pk__in=names).values_list("pk", "version"))
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    workers = [context.Process(target=work, args=(names, seconds, seed, told)) for seed in range(processes)]
    for worker in workers:
        worker.start()
    results = [told.get(timeout=seconds + 120) for _ in workers]
    for worker in workers:
        worker.join()
    acknowledged = [item for found, _, _ in results for item in found]
    refused = sum((found for _, found, _ in results), Counter())
    broken = [error for _, _, failed in results for error in failed]
    if len(set(acknowledged)) != len(acknowledged):
        broken.append("two writers were told the same version: an update is lost")
    taken = Counter(name for name, _ in acknowledged)
    ended = dict(Case.objects.filter(pk__in=names).values_list("pk", "version"))
    broken += [
        f"{name}: {taken[name]} acknowledged, version {begun[name]} to {ended[name]}"
        for name in names
        if ended[name] - begun[name] != taken[name]
    ]
    broken += broken_invariants(names)
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
