"""Making a workspace, opening one of another version, bringing it up to date, kills between any two of its writes."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

KILLS = Path(__file__).with_name("kills.py")
FILE = "confianza.sqlite3"
MIGRATIONS = len(MigrationLoader(None).graph.nodes)


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


EACH = """
import json, os, sys, tempfile, traceback
import django
django.setup()
from confianza import cli
import confianza.server.web.urls  # what commands would import one by one
for command in json.loads(sys.argv.pop()):
    with tempfile.TemporaryFile("w+") as error, open(os.devnull, "w") as nothing:
        child = os.fork()
        if child == 0:
            sys.argv, sys.stdout, sys.stderr = ["confianza", *command], nothing, error
            code = 99
            try:
                cli.main()
            except SystemExit as end:
                code = end.code
            except BaseException:
                traceback.print_exc()
            error.flush()
            os._exit(code or 0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        error.seek(0)
        print(json.dumps([code, error.read()]))
"""


def answers(shell, commands) -> list[tuple[tuple, int, str]]:
    """Each command with its exit status and its standard error: one process sets Django up for all."""
    said = python(shell, "-c", EACH, json.dumps(commands)).splitlines()
    return [(command, *json.loads(line)) for command, line in zip(commands, said, strict=True)]


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
    python(
        shell,
        "-c",
        "import django, sys; django.setup()\n"
        "from django.core.management import call_command\n"
        "for target in sys.argv[1:]: call_command('migrate', *target.split('.'), verbosity=0)",
        *targets,
    )


RECORDED = [f"{when}:record:{number}" for number in range(1, MIGRATIONS + 1) for when in ("before", "after")]
COMMITTED = ["before:commit:1", "after:commit:1"] * 2  # first of the tables, then of what stands in them


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([RECORDED[41], *COMMITTED], id="some"),
        pytest.param([*RECORDED, *COMMITTED], id="each", marks=pytest.mark.slow),
    ],
)
def test_a_workspace_whose_making_was_killed_anywhere_is_made_by_the_next(empty, points):
    killed(empty, points, "init")
    assert "everything was there already" in empty.run("init").stdout
    assert empty.run("audit", "verify").stdout.startswith("4 events")
    assert [count for (count,) in rows(empty, "select count(*) from django_migrations")] == [MIGRATIONS]
    assert empty.run("people", "list").stdout == ""


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, marks=[] if place in {20, MIGRATIONS} else pytest.mark.slow)
        for place in range(1, MIGRATIONS + 1)
    ],
)
def test_a_workspace_that_an_earlier_program_left_without_a_record_is_completed(empty, place):
    """A migration applied and not recorded is taken for what it is, on both databases."""
    killed(empty, [f"before:record:{place}"], "stock-migrate")
    if "confianza migrate" in empty.start("init").communicate()[1]:
        empty.run("migrate")
        empty.run("init")
    assert rows(empty, "select count(*) from django_migrations") == [(MIGRATIONS,)]
    assert empty.run("case", "list").stdout == ""


def test_two_that_make_a_workspace_at_once_make_one(empty):
    processes = [empty.start("init") for _ in range(3)]
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert sorted("nothing changed" in out for out, _ in said) == [False, True, True]
    assert empty.run("audit", "verify").stdout.startswith("4 events")


# Each command that only reads.
READS = [
    ("case", "list"),
    ("case", "show", "BN-B-SAA"),
    ("case", "next", "BN-B-SAA"),
    ("case", "export", "cases.csv", "--as", "boss"),
    ("funds", "what-if"),
    ("projects", "list"),
    ("evidence", "list"),
    ("evidence", "remarks"),
    ("training-reports", "unmatched"),
    ("evidence", "reconcile"),
    ("training-reports", "summary"),
    ("training-reports", "rows", "--output", "rows.csv"),
    ("training-plans", "list", "--as", "boss"),
    ("training-plans", "show", "MX-2027", "--as", "boss"),
    ("training-plans", "next", "--as", "boss"),
    ("alumni", "list", "--as", "boss"),
    ("alumni", "graph", "--as", "boss"),
    ("alumni", "posts", "--as", "boss"),
    ("alumni", "report", "report.csv", "--as", "boss"),
    ("indicators", "list"),
    ("series", "list"),
    ("series", "show", "--from", "US", "--to", "MX"),
    ("indicators", "show", "--country", "MEX"),
    ("indicators", "export", "--out", "figures.csv"),
    ("people", "list"),
    ("audit", "verify"),
]
SOME_OR_EACH_READ = [
    pytest.param(READS[::12], id="some"),
    pytest.param(READS, id="each", marks=pytest.mark.slow),
]


EARLIER = ("evidence.0003", "cases.0002")  # some migrations before today, with rows in their tables


@pytest.fixture
def older(shell):
    """The demo's workspace as an earlier program left it."""
    made_older(shell, *EARLIER)
    return shell


def migration_count(shell) -> int:
    return rows(shell, "select count(*) from django_migrations")[0][0]


def copies(shell) -> list[Path]:
    return sorted(shell.folder.glob(f"{FILE}.before-*"))


@pytest.mark.parametrize("reads", SOME_OR_EACH_READ)
def test_a_workspace_of_an_earlier_version_is_refused_in_words(older, reads):
    ana = ("--role", "auditor", "--party", "US", "--password", "una-frase-larga-4")
    commands = [("serve",), ("demo", "--no-serve"), ("init",), ("people", "add", "ana", *ana), *reads]
    before = rows(older, "select * from django_migrations order by id")
    for command, code, error in answers(older, commands):
        assert code == 1, command
        assert "confianza migrate" in error
        assert "evidence.0004_sums_by_each_dimension" in error
        assert "Traceback" not in error
    assert rows(older, "select * from django_migrations order by id") == before


def test_a_workspace_of_an_earlier_version_is_brought_up_to_date(older):
    count = rows(older, "select count(*) from audit_auditevent")[0][0]
    earlier = migration_count(older)
    assert earlier < MIGRATIONS
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
        assert migration_count(older) == MIGRATIONS
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("select count(*) from django_migrations").fetchone() == (earlier,)
            assert connection.execute("select count(*) from audit_auditevent").fetchone() == (count,)
    assert rows(older, "select identifier, version from cases_case order by identifier") == cases
    assert older.run("audit", "verify").stdout.startswith(f"{count + 1} events; the chain holds")
    assert "Coastal rescue" in older.run("case", "show", "BN-B-SAA").stdout
    again = older.run("migrate").stdout
    assert "up to date already; nothing changed" in again
    assert len(copies(older)) == (0 if is_postgresql(older) else 1)


@pytest.mark.parametrize(
    "step", [pytest.param(9, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)]
)
def test_an_upgrade_that_was_killed_anywhere_is_made_by_the_next(older, step):
    if not is_postgresql(older):
        (older.folder / f".{FILE}.copy").write_bytes(b"half a copy")
    earlier = migration_count(older)
    missing = range(1, MIGRATIONS - earlier + 1)
    every = [f"{when}:record:{number}" for number in missing for when in ("before", "after")]
    for point in [*every[::step], "before:commit:1"]:
        killed(older, [point], "migrate")
        assert migration_count(older) == earlier
    killed(older, ["after:commit:1"], "migrate")
    assert "nothing changed" in older.run("migrate").stdout
    assert "the chain holds" in older.run("audit", "verify").stdout
    assert not list(older.folder.glob("*.copy"))


def test_a_workspace_of_a_later_version_is_refused_in_words(shell):
    rows(shell, "insert into django_migrations (app, name, applied) values ('cases', '0099_x', '2030-01-01')")
    commands = [("serve",), ("case", "show", "BN-B-SAA"), ("migrate",), ("demo", "--no-serve")]
    for command, code, error in answers(shell, commands):
        assert code == 1, command
        assert "cases.0099_x" in error
        assert "Update the program" in error


def test_a_database_of_another_django_program_is_left_as_it_is(empty):
    rows(
        empty,
        "create table django_migrations (id integer primary key, app text, name text, applied timestamp)",
    )
    rows(empty, "insert into django_migrations values (1, 'shop', '0001_initial', '2020-01-01')")
    for command, code, error in answers(empty, [("init",), ("migrate",), ("case", "list")]):
        assert code == 1, command
        assert "no tables of Confianza" in error
    assert rows(empty, "select app from django_migrations") == [("shop",)]


def test_a_damaged_file_is_refused_in_words(shell):
    if is_postgresql(shell):
        pytest.skip("a PostgreSQL workspace is no file")
    path = shell.folder / FILE
    content = bytearray(path.read_bytes())
    half = len(content) // 8192 * 4096
    content[half:] = b"\xff" * (len(content) - half)
    path.write_bytes(content)
    commands = [
        ("serve",),
        ("audit", "verify"),
        ("case", "show", "BN-B-SAA"),
        ("migrate",),
        ("demo", "--no-serve"),
    ]
    for command, code, error in answers(shell, commands):
        assert code == 1, command
        assert "malformed" in error or "damaged" in error, command
        assert "Traceback" not in error, command
    path.write_bytes(content[:half])
    assert "malformed" in shell.run("serve", code=1).stderr


@pytest.mark.parametrize("reads", SOME_OR_EACH_READ)
def test_a_command_answers_in_words_in_a_workspace_with_nothing_in_it(empty, reads):
    boss = ("--role", "assessor", "--party", "US", "--password", "una-frase-larga-4")
    empty.run("people", "add", "boss", *boss)
    for command, code, error in answers(empty, reads):
        assert code in {0, 1}, (command, error)
        assert "Traceback" not in error, (command, error)
