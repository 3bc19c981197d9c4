"""`confianza demo`: one document, repeated without effect, completed after any interruption."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

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
    assert "Seat plan for 47 students, at least 50 % PME (optimal): $306,299.91" in out
    assert "behavioral only, default parameters" in out
    assert "Case E7-B-UAC (simulated)" in out
    assert "available -$690,000.00" in out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_the_document_is_utf_8_whatever_the_terminal_speaks(shell, encoding):
    shell.environment["PYTHONIOENCODING"] = encoding
    printed = shell.run_alone("demo", "--no-serve", "--format", "json").stdout
    assert "φ" in json.loads(printed)["trust_basis"]["parameters"]


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


def serving(shell, *arguments):
    """A started server: the process, its address and everything it printed so far."""
    process = shell.start(*arguments)
    lines = []
    while not (lines and "Pages: " in lines[-1]):
        lines.append(process.stderr.readline())
        assert lines[-1] or process.poll() is None, lines
    if arguments[0] == "demo":
        lines += [process.stderr.readline() for _ in range(2)]
    return process, re.search(r"http://\S+", "".join(lines))[0], "".join(lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_pages_are_served_with_a_password_that_is_new_each_time(shell):
    passwords = set()
    for _ in range(2):
        process, address, said = serving(shell, "demo", "--port", free_port())
        try:
            passwords.add(re.search(r"Demo password: (\S+)", said)[1])
            with urllib.request.urlopen(address) as page:  # noqa: S310 - our own
                assert page.url.endswith("/login/?next=/")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
    assert len(passwords) == 2
    assert all(len(password) >= 12 for password in passwords)


def test_serve_does_not_open_the_demo_accounts(shell):
    process, address, said = serving(shell, "serve", "--port", free_port())
    try:
        assert "password" not in said
        with urllib.request.urlopen(address) as page:  # noqa: S310 - our own
            assert "enlace" not in page.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


# Told by anybody: that the page came over HTTPS, from another machine.
CLAIMS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "Forwarded": "proto=https"}


def is_taken_for_https(address: str, **claims: str) -> bool:
    """Whether the form of a page that a browser has from HTTPS is accepted, as it is only when it came over HTTPS."""
    token = "a" * 32
    headers = {"Origin": address.replace("http:", "https:").rstrip("/"), "Cookie": f"csrftoken={token}"}
    form = f"csrfmiddlewaretoken={token}&username=x&password=x".encode()
    post = urllib.request.Request(f"{address}login/", data=form, headers=headers | claims)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(post) as page:  # noqa: S310 - our own
            status = page.status
    except urllib.error.HTTPError as error:
        status = error.code
    return {200: True, 403: False}[status]


@pytest.mark.parametrize("proxy", [None, "192.0.2.1"])
def test_what_a_stranger_says_of_https_is_not_believed(shell, proxy):
    """Neither without a proxy nor from another address than the proxy's."""
    options = ("--trusted-proxy", proxy) if proxy else ()
    process, address, _ = serving(shell, "serve", "--port", free_port(), *options)
    try:
        assert not is_taken_for_https(address, **CLAIMS)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_what_the_trusted_proxy_says_of_https_is_believed(shell):
    shell.environment["CONFIANZA_PROXY"] = "127.0.0.1"
    process, address, _ = serving(shell, "serve", "--port", free_port())
    try:
        assert is_taken_for_https(address, **CLAIMS)
        assert not is_taken_for_https(address, **CLAIMS | {"X-Forwarded-Proto": "http"})
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_a_proxy_that_could_not_work_is_one_clear_error(shell):
    error = shell.run("serve", "--trusted-proxy", "proxy.example.org", code=1).stderr
    assert "'proxy.example.org' is not the address of a proxy" in error
    shell.environment["CONFIANZA_HTTPS"] = "1"
    assert "--trusted-proxy" in shell.run("serve", code=1).stderr


def test_connections_that_ask_nothing_and_bodies_without_end_do_not_stop_the_server(shell):
    process, address, _ = serving(shell, "serve", "--port", free_port())
    place = urlsplit(address)
    with ExitStack() as opened:
        opened.callback(process.communicate, timeout=60)
        opened.callback(process.send_signal, signal.SIGINT)

        def begin(text: str) -> socket.socket:
            connection = socket.create_connection((place.hostname, place.port), timeout=60)
            opened.enter_context(connection)
            connection.sendall(text.encode())
            return connection

        for _ in range(150):
            begin("GET /login/ HTTP/1.1\r\nHost: localhost\r\n")
        with urllib.request.urlopen(f"{address}login/", timeout=60) as page:  # noqa: S310 - our own
            assert page.status == 200
        head = "POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
        assert b" 413 " in begin(head.format(26 * 2**20)).recv(100)


def test_a_port_in_use_is_one_clear_error(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = shell.run("serve", "--port", port, code=1).stderr
    assert str(port) in error
    assert "--port" in error
    assert "Traceback" not in error


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
