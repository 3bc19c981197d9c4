"""Two people nominate two students for the one seat left at the same moment: one gets it, the other is told why.

python -m faults.last_seat --times 20    (CONFIANZA_DATABASE_URL names the server)
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys

from faults.workspace import add_training_program, enter, nominate, scratch

NOMINATED = "nominated"
NO_SEAT = "a-seat-is-left"


def work(codes: list[str], together, told) -> None:
    """Nominate one student after another, each at the moment the other process does; tell what came of it."""
    enter()
    from django.db import connection

    from confianza.cooperation.process.steps import StepRefused

    answers = []
    for code in codes:
        connection.ensure_connection()
        together.wait(60)
        try:
            answers.append(nominate(code).status)
        except StepRefused as error:
            answers.append(" ".join(refusal.rule.id for refusal in error.refusals))
        except Exception as error:
            answers.append(repr(error))
    connection.close()
    told.put(answers)


def run(times: int) -> int:
    """Exit status 1 when a seat was given twice, to nobody, or refused for another reason."""
    with scratch():
        from django.db import connections

        from confianza.server.audit.services import verify_log
        from confianza.server.training_plans.models import PlanLine

        ways = [
            add_training_program(f"BN-{2040 + number}", seats=1, students=2)[2:] for number in range(times)
        ]
        connections.close_all()
        context = multiprocessing.get_context("spawn")
        together, told = context.Barrier(2), context.Queue()
        workers = [
            context.Process(target=work, args=(list(side), together, told))
            for side in zip(*ways, strict=True)
        ]
        for worker in workers:
            worker.start()
        answers = list(zip(*(told.get(timeout=300) for _ in workers), strict=True))
        for worker in workers:
            worker.join()
        broken = [pair for pair in answers if sorted(pair) != sorted((NOMINATED, NO_SEAT))]
        seats = PlanLine.objects.filter(plan__fiscal_year__gte=2040).values_list("pk", "taken_count")
        broken += [(line, taken) for line, taken in seats if taken != 1]
        verify_log()
    print(f"{times} last seats, two nominations each: broken {len(broken)}")
    for item in broken[:20]:
        print(" ", item)
    return bool(broken)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    sys.exit(run(parser.parse_args().times))
