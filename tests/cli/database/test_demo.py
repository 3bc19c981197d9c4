"""`confianza demo`: one document, repeated without effect, completed after any interruption."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest


def document(shell) -> dict:
    return json.loads(shell.run("demo", "--no-serve", "--format", "json").stdout)


def test_the_demo_prints_one_document_and_a_second_run_changes_nothing(empty):
    first, second = document(empty), document(empty)
    assert first.pop("workspace")["changed"] is True
    assert second.pop("workspace") == {"changed": False, "steps": []}
    assert first == second
    assert {"training", "appropriations", "trust", "case", "plan"} <= set(first)
    assert [(year, row["students"]) for year, row in first["training"].items()] == [
        ("2008", 27),
        ("2009", 120),
        ("2010", 61),
        ("2011", 49),
        ("2012", 47),
    ]
    assert all(
        {"students", "dollars", "pme_students", "source"} <= set(row) for row in first["training"].values()
    )
    assert all(row["reconciles"] is True for row in first["appropriations"].values())
    assert [year["year"] for year in first["trust"]["US->MX"]] == list(range(1914, 2014))
    assert len(first["case"]["phases"]) == 5
    assert first["plan"]["status"] == "optimal"


def test_the_text_names_the_same_figures_and_says_when_nothing_changed(shell):
    out = shell.run("demo", "--no-serve").stdout
    assert "everything was there already; nothing changed" in out
    assert "304 students in FY2008–FY2012" in out
    assert "35.9 %; its text says less than 35 percent" in out
    assert "Seat plan for 47 students, at least 50 % PME (optimal): $177,556.44" in out
    assert "behavioral only, default parameters" in out
    assert "Case E7-B-UAC (simulated)" in out
    assert "available -$690,000.00" in out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_the_document_is_utf_8_whatever_the_terminal_speaks(shell, encoding):
    shell.environment["PYTHONIOENCODING"] = encoding
    printed = shell.run_alone("demo", "--no-serve", "--format", "json").stdout
    assert "φ" in json.loads(printed)["trust_basis"]["parameters"]


@pytest.mark.slow
def test_a_demo_killed_at_any_moment_is_completed_by_the_next(empty, shell):
    """`kill -9` between the writes of its tables and of what stands in them: test_workspace.py kills at each."""
    points = ["after:record:30", "after:commit:1", "before:commit:1"]
    said = subprocess.run(
        [sys.executable, Path(__file__).with_name("kills.py"), *points, "--", "demo", "--no-serve"],
        cwd=empty.folder,
        env=empty.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == [f"{point} died" for point in points]
    completed, undisturbed = document(empty), document(shell)
    del completed["workspace"], undisturbed["workspace"]
    assert completed == undisturbed
    whole, again = (one.run("audit", "verify").stdout.splitlines() for one in (shell, empty))
    assert whole[0] == again[0]


@pytest.mark.slow
def test_each_step_of_the_build_can_be_the_last_before_a_kill(empty, shell):
    """The process is killed at its n-th audit event, in the middle of a transaction."""
    code = (
        "import os, signal, sys\n"
        "import confianza.cooperation.audit as audit\n"
        "seal, count, stop = audit.seal, 0, int(sys.argv.pop(1))\n"
        "def counted(**event):\n"
        "    global count\n"
        "    count += 1\n"
        "    if count == stop: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return seal(**event)\n"
        "audit.seal = counted\n"
        "from confianza.cli import main\n"
        "main()\n"
    )
    for stop in (4, 11):
        done = subprocess.run(
            [sys.executable, "-c", code, str(stop), "demo", "--no-serve"],
            cwd=empty.folder,
            env=empty.environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL
    completed, undisturbed = document(empty), document(shell)
    del completed["workspace"], undisturbed["workspace"]
    assert completed == undisturbed


def test_a_folder_that_is_not_there_is_one_clear_error(empty):
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        pytest.skip("a PostgreSQL workspace has no folder")
    error = empty.run("demo", "--no-serve", "--workspace", "nowhere/x.sqlite3", code=1).stderr
    assert "nowhere" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("command", [("demo", "--no-serve"), ("case", "list"), ("serve",)])
def test_a_file_that_is_no_workspace_is_one_clear_error(empty, command):
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        pytest.skip("a PostgreSQL workspace is no file")
    (empty.folder / "notes.txt").write_text("not a database\n" * 100)
    error = empty.run(*command, "--workspace", "notes.txt", code=1).stderr
    assert "notes.txt" in error
    assert "Traceback" not in error
    assert (empty.folder / "notes.txt").read_text() == "not a database\n" * 100


def test_a_database_without_our_tables_is_one_clear_error(empty):
    (empty.folder / "confianza.sqlite3").touch()
    error = empty.run("case", "list", code=1).stderr
    assert "no tables of Confianza" in error


def test_the_demo_leaves_a_database_of_another_program_as_it_is(empty):
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        pytest.skip("a PostgreSQL workspace is no file")
    with closing(sqlite3.connect(empty.folder / "confianza.sqlite3")) as database:
        database.execute("CREATE TABLE letters (body text)")
        assert "no tables of Confianza" in empty.run("demo", "--no-serve", code=1).stderr
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("letters",)]


@pytest.mark.parametrize("address", ["nonsense", "postgresql://127.0.0.1:1/nothing"])
def test_a_database_that_cannot_be_reached_is_one_clear_error(empty, address):
    empty.environment["CONFIANZA_DATABASE_URL"] = address
    for command in (("demo", "--no-serve"), ("case", "list")):
        error = empty.run(*command, code=1).stderr
        assert "CONFIANZA_DATABASE_URL" in error
        assert "Traceback" not in error


def test_the_workspace_can_be_named_by_the_environment(empty):
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        pytest.skip("a PostgreSQL workspace is no file")
    empty.environment["CONFIANZA_WORKSPACE"] = "mine.sqlite3"
    empty.run("demo", "--no-serve")
    assert os.listdir(empty.folder) == ["mine.sqlite3"] or "mine.sqlite3" in os.listdir(empty.folder)
    assert not (empty.folder / "confianza.sqlite3").exists()
