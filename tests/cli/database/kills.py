"""Run a command again and again on one workspace, each time in a process that dies at a point of its own.

python tests/cli/kills.py before:record:3 after:commit:1 … -- COMMAND …

A point is reached when a migration is recorded, or a transaction is committed, for the n-th time. Prints, for each
point, whether the process died there. `stock-migrate` as COMMAND records each migration after its transaction, as
earlier versions of Confianza did.
"""

import os
import sys

import django
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

DEAD = 9
PLACES = {"record": (MigrationRecorder, "record_applied"), "commit": (BaseDatabaseWrapper, "_commit")}


def die_at(when: str, place: str, number: int) -> None:
    owner, name = PLACES[place]
    original, count = getattr(owner, name), 0

    def counted(self, *arguments):
        nonlocal count
        count += 1
        if count == number and when == "before":
            os._exit(DEAD)
        result = original(self, *arguments)
        if count == number:
            os._exit(DEAD)
        return result

    setattr(owner, name, counted)


def run(command: list[str]) -> None:
    if command == ["stock-migrate"]:
        call_command("migrate", verbosity=0)
        return
    from confianza.cli import app

    app(command, standalone_mode=False)


def main(points: list[str], command: list[str]) -> None:
    os.environ.setdefault("CONFIANZA_WORKSPACE", "confianza.sqlite3")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    django.setup()
    for point in points:
        child = os.fork()
        if child == 0:
            when, place, number = point.split(":")
            die_at(when, place, int(number))
            run(command)
            os._exit(0)
        died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD
        print(point, "died" if died else "ended")


if __name__ == "__main__":
    divider = sys.argv.index("--")
    main(sys.argv[1:divider], sys.argv[divider + 1 :])
