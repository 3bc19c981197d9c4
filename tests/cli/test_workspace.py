"""Making a workspace, opening one of another version, bringing it up to date, and kills between any two of its writes."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

KILLS = Path(__file__).with_name("kills.py")
FILE = "confianza.sqlite3"
MIGRATIONS = 34


def python(shell, *arguments) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=shell.folder,
        env={**shell.environment, "DJANGO_SETTINGS_MODULE": "confianza.server.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def killed(shell, points, *command) -> None:
    """Run a command once a point, each time killed there."""
    said = python(shell, KILLS, *points, "--", *command)
    assert said.split("\n")[:-1] == [f"{point} died" for point in points]


def is_postgresql(shell) -> bool:
    return "CONFIANZA_DATABASE_URL" in shell.environment


def rows(shell, statement: str) -> list[tuple]:
    if is_postgresql(shell):
        import psycopg

        with psycopg.connect(shell.environment["CONFIANZA_DATABASE_URL"]) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []
    with closing(sqlite3.connect(shell.folder / FILE)) as connection, connection:
        return connection.execute(statement).fetchall()


def made_older(shell, *targets: str) -> None:
    """Take a workspace back to migrations before its last, as an earlier program left it."""
    for target in targets:
        python(
            shell,
            "-c",
            "import django, sys; django.setup()\n"
            "from django.core.management import call_command\n"
            "call_command('migrate', *sys.argv[1].split('.'), verbosity=0)",
            target,
        )


RECORDED = [f"{when}:record:{number}" for number in range(1, MIGRATIONS + 1) for when in ("before", "after")]
COMMITTED = ["before:commit:1", "after:commit:1"] * 2  # first of the tables, then of what stands in them


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([RECORDED[0], RECORDED[41], RECORDED[-1], *COMMITTED], id="some"),
        pytest.param([*RECORDED, *COMMITTED], id="each", marks=pytest.mark.slow),
    ],
)
def test_a_workspace_whose_making_was_killed_anywhere_is_made_by_the_next(empty, points):
    killed(empty, points, "init")
    assert "everything was there already" in empty.run("init").stdout
    assert empty.run("audit", "verify").stdout.startswith("3 events")
    assert [count for (count,) in rows(empty, "select count(*) from django_migrations")] == [MIGRATIONS]
    assert empty.run("people", "list").stdout == ""


def test_the_points_are_all_the_migrations_there_are(empty):
    """A new migration is killed too: its number stands above."""
    empty.run("init")
    assert rows(empty, "select count(*) from django_migrations") == [(MIGRATIONS,)]


@pytest.mark.slow
@pytest.mark.parametrize("place", range(1, MIGRATIONS + 1))
def test_a_workspace_that_an_earlier_program_left_without_a_record_is_completed(empty, place):
    """A migration applied and not recorded is taken for what it is, on both databases."""
    left_without_record(empty, place)


@pytest.mark.parametrize("place", [20, MIGRATIONS])
def test_a_workspace_that_was_left_without_a_record_is_completed(empty, place):
    left_without_record(empty, place)


def left_without_record(shell, place: int) -> None:
    killed(shell, [f"before:record:{place}"], "stock-migrate")
    if "confianza migrate" in shell.start("init").communicate()[1]:
        shell.run("migrate")
        shell.run("init")
    assert rows(shell, "select count(*) from django_migrations") == [(MIGRATIONS,)]
    assert shell.run("case", "list").stdout == ""


EARLIER = ("evidence.0003", "cases.0002")  # three migrations before today, with rows in their tables


@pytest.fixture
def older(shell):
    """The demo's workspace as an earlier program left it."""
    made_older(shell, *EARLIER)
    return shell


def copies(shell) -> list[Path]:
    return sorted(shell.folder.glob(f"{FILE}.before-*"))


@pytest.mark.parametrize(
    "command",
    [
        ("serve",),
        ("demo", "--no-serve"),
        ("init",),
        ("case", "list"),
        ("case", "show", "BN-B-SAA"),
        ("people", "list"),
        ("people", "add", "ana", "--role", "auditor", "--party", "US", "--password", "una-frase-larga-4"),
        ("audit", "verify"),
        ("training", "summary"),
    ],
)
def test_a_workspace_of_an_earlier_version_is_refused_in_words(older, command):
    before = rows(older, "select * from django_migrations order by id")
    error = older.run(*command, code=1).stderr
    assert "Traceback" not in error
    assert "confianza migrate" in error
    assert "evidence.0004_sums_by_each_dimension" in error
    assert rows(older, "select * from django_migrations order by id") == before


def test_a_workspace_of_an_earlier_version_is_brought_up_to_date(older):
    count = rows(older, "select count(*) from audit_auditevent")[0][0]
    cases = rows(older, "select identifier, version from cases_case order by identifier")
    out = older.run("migrate").stdout
    for name in ("evidence.0004_sums_by_each_dimension", "evidence.0005_pme", "cases.0003_search_text"):
        assert name in out
    if is_postgresql(older):
        assert copies(older) == []
    else:
        (copy,) = copies(older)
        assert copy.name in out
        assert copy.stat().st_mode & 0o777 == 0o600
        assert rows(older, "select count(*) from django_migrations") == [(MIGRATIONS,)]
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("select count(*) from django_migrations").fetchone() == (MIGRATIONS - 3,)
            assert connection.execute("select count(*) from audit_auditevent").fetchone() == (count,)
    assert rows(older, "select identifier, version from cases_case order by identifier") == cases
    assert older.run("audit", "verify").stdout.startswith(f"{count + 1} events; the chain holds")
    assert "Coastal rescue" in older.run("case", "show", "BN-B-SAA").stdout
    again = older.run("migrate").stdout
    assert "up to date already; nothing changed" in again
    assert len(copies(older)) == (0 if is_postgresql(older) else 1)


def test_an_upgrade_that_was_killed_anywhere_is_made_by_the_next(older):
    if not is_postgresql(older):
        (older.folder / f".{FILE}.copy").write_bytes(b"half a copy")
    every = [f"{when}:record:{number}" for number in (1, 2, 3) for when in ("before", "after")]
    for point in [*every, "before:commit:1"]:
        killed(older, [point], "migrate")
        assert rows(older, "select count(*) from django_migrations") == [(MIGRATIONS - 3,)]
    killed(older, ["after:commit:1"], "migrate")
    assert "nothing changed" in older.run("migrate").stdout
    assert "the chain holds" in older.run("audit", "verify").stdout
    assert not list(older.folder.glob("*.copy"))


def test_a_workspace_of_a_later_version_is_refused_in_words(shell):
    rows(shell, "insert into django_migrations (app, name, applied) values ('cases', '0099_x', '2030-01-01')")
    for command in (("serve",), ("case", "show", "BN-B-SAA"), ("migrate",), ("demo", "--no-serve")):
        error = shell.run(*command, code=1).stderr
        assert "cases.0099_x" in error
        assert "Update the program" in error
        assert "Traceback" not in error


def test_a_database_of_another_django_program_is_left_as_it_is(empty):
    rows(empty, "create table django_migrations (id integer primary key, app text, name text, applied timestamp)")
    rows(empty, "insert into django_migrations values (1, 'shop', '0001_initial', '2020-01-01')")
    for command in (("init",), ("migrate",), ("case", "list")):
        assert "no tables of Confianza" in empty.run(*command, code=1).stderr
    assert rows(empty, "select app from django_migrations") == [("shop",)]


def test_a_damaged_file_is_refused_in_words(shell):
    if is_postgresql(shell):
        pytest.skip("a PostgreSQL workspace is no file")
    path = shell.folder / FILE
    content = bytearray(path.read_bytes())
    half = len(content) // 8192 * 4096
    content[half:] = b"\xff" * (len(content) - half)
    path.write_bytes(content)
    for command in (("serve",), ("audit", "verify"), ("case", "show", "BN-B-SAA"), ("migrate",), ("demo", "--no-serve")):
        process = shell.start(*command)
        _, error = process.communicate(timeout=60)
        assert "Traceback" not in error, command
        assert "malformed" in error or "damaged" in error or "database" in error, command
        assert process.returncode == 1, command
    path.write_bytes(content[:half])
    assert "damaged" in shell.run("serve", code=1).stderr


# Each command that only reads, in a workspace of parties only.
READS = [
    ("case", "list"),
    ("case", "show", "BN-B-SAA"),
    ("case", "next"),
    ("cases", "export", "--output", "cases.csv"),
    ("funds", "what-if"),
    ("projects", "list"),
    ("evidence", "list"),
    ("evidence", "remarks"),
    ("evidence", "unsettled"),
    ("evidence", "reconcile"),
    ("training", "summary"),
    ("training", "rows", "--output", "rows.csv"),
    ("track", "list", "--as", "boss"),
    ("track", "show", "MX-2027", "--as", "boss"),
    ("track", "actions", "--as", "boss"),
    ("alumni", "list", "--as", "boss"),
    ("alumni", "graph", "--as", "boss"),
    ("alumni", "posts", "--as", "boss"),
    ("alumni", "report", "--as", "boss"),
    ("indicators", "list"),
    ("indicators", "show", "desertions"),
    ("indicators", "export", "figures.csv"),
    ("people", "list"),
    ("audit", "verify"),
    ("rules", "list"),
]


def test_every_command_answers_in_words_in_a_workspace_with_nothing_in_it(empty):
    boss = ("--role", "assessor", "--party", "US", "--password", "una-frase-larga-4")
    empty.run("people", "add", "boss", *boss)
    for command in READS:
        process = empty.start(*command)
        out, error = process.communicate(timeout=60)
        assert process.returncode in {0, 1}, (command, out, error)
        assert "Traceback" not in error, (command, error)
