"""Short runs of what `make test-all` does at length: many writers, kills, tampering."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(shell, *arguments) -> str:
    environment = {
        **shell.environment,
        "PYTHONPATH": str(ROOT),
        "CONFIANZA_ARCHIVE": str(shell.folder / "kept"),
    }
    environment |= {"DJANGO_SETTINGS_MODULE": "confianza.server.settings"}
    if "CONFIANZA_DATABASE_URL" not in environment:
        environment["CONFIANZA_WORKSPACE"] = str(shell.folder / "faults.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=shell.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_many_writers_lose_nothing(empty):
    told = run(empty, "faults.concurrent", "--processes", "3", "--cases", "2", "--seconds", "3")
    assert "broken 0" in told
    assert int(told.split(" s: ")[1].split()[0]) > 5


@pytest.mark.slow
def test_the_last_seat_of_a_course_goes_to_one_of_two_who_ask_at_once(empty):
    assert run(empty, "faults.last_seat", "--times", "8").endswith("broken 0\n")


@pytest.mark.slow
def test_a_killed_server_and_importer_leave_nothing_half_done(empty):
    assert "broken 0" in run(empty, "faults.kill", "--times", "4")


TAMPERING = {
    "changed": 'update audit_auditevent set payload = \'{"step": "pay"}\' where sequence = 30',
    "renamed": "update audit_auditevent set account = 'nobody' where sequence = 30",
    "removed": "delete from audit_auditevent where sequence = 30",
    "removed at the end": "delete from audit_auditevent where sequence = (select max(sequence) from audit_auditevent)",
    "inserted": "insert into audit_auditevent (sequence, at, account, role, action, subject, payload, previous, digest) "
    "select sequence + 100000, at, account, role, action, subject, payload, previous, 'x' from audit_auditevent "
    "where sequence = 30",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_a_log_that_was_tampered_with_is_found_out(shell, how):
    statement = TAMPERING[how]
    if how.startswith("removed"):  # postings refer to events: a tamperer would take them along
        statement = f"delete from funds_posting; delete from funds_ledgerentry; {statement}"  # noqa: S608
    program = (
        "import django; django.setup(); from django.db import connection\n"
        f"for statement in {statement!r}.split('; '):\n"
        "    with connection.cursor() as cursor: cursor.execute(statement)"
    )
    environment = {**shell.environment, "DJANGO_SETTINGS_MODULE": "confianza.server.settings"}
    if "CONFIANZA_DATABASE_URL" not in environment:
        environment["CONFIANZA_WORKSPACE"] = str(shell.folder / "confianza.sqlite3")
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=shell.folder, check=True)
    error = shell.run("audit", "verify", code=1).stderr
    assert "is not consistent" in error
