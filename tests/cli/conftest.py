"""`confianza` as people run it: a process of its own, on a workspace of its own, on SQLite or PostgreSQL.

`run` forks the process from one that has imported the package; `run_alone` and `start` begin with a new interpreter.
"""

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.processes import SECONDS, run_command

KEY = "confianza.identity-key"
SERVER = os.environ.get("CONFIANZA_DATABASE_URL")


@dataclass(frozen=True)
class Shell:
    """A folder to run commands in, and the environment that names the workspace."""

    folder: Path
    environment: dict

    def start(self, *arguments, **more) -> subprocess.Popen:
        return self._process([Path(sys.executable).with_name("confianza"), *map(str, arguments)], **more)

    def python(self, code: str, **more) -> subprocess.Popen:
        """A process of Python on the workspace: what a server does there, or a test of many steps."""
        opening = (
            "from pathlib import Path\n"
            "from confianza.cli.workspace import open_workspace\n"
            "open_workspace(Path('confianza.sqlite3'))\n"
        )
        return self._process([sys.executable, "-c", opening + code], **more)

    def _process(self, command, **more) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, **(pipes | more))

    def run(self, *arguments, code: int = 0) -> subprocess.CompletedProcess:
        done = run_command(arguments, folder=self.folder, environment=self.environment)
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def run_alone(self, *arguments, code: int = 0) -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        out, error = process.communicate(timeout=SECONDS)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{error}"
        return subprocess.CompletedProcess(arguments, process.returncode, out, error)


def _psql(statement: str) -> None:
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)


def _shell(folder: Path, database: str | None) -> Shell:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONFIANZA_", "LC_", "LANG"))
    }
    environment |= {"PYTHONUTF8": "1", "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    environment["CONFIANZA_IDENTITY_KEY"] = str(folder / KEY)
    if database:
        parts = urlsplit(SERVER)
        environment["CONFIANZA_DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{database}"))
    return Shell(folder, environment)


@pytest.fixture
def empty(tmp_path_factory):
    """A shell on a workspace that is not there yet."""
    folder = tmp_path_factory.mktemp("empty")
    if not SERVER:
        yield _shell(folder, None)
        return
    name = f"cli_{uuid.uuid4().hex[:12]}"
    _psql(f"create database {name} template template0 encoding 'UTF8'")
    yield _shell(folder, name)
    _psql(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The demo's workspace, built once, to be copied: its folder, and the name of its database if it has one."""
    folder = tmp_path_factory.mktemp("built")
    name = f"built_{uuid.uuid4().hex[:12]}" if SERVER else None
    if name:
        _psql(f"create database {name} template template0 encoding 'UTF8'")
    _shell(folder, name).run_alone("demo", "--no-serve")
    yield folder, name
    if name:
        _psql(f"drop database {name} with (force)")


@pytest.fixture
def shell(tmp_path_factory, built):
    """A shell on a workspace of its own that the demo has built."""
    folder, (source, database) = tmp_path_factory.mktemp("shell"), built
    shutil.copy(source / KEY, folder)
    if not SERVER:
        shutil.copy(source / "confianza.sqlite3", folder)
        yield _shell(folder, None)
        return
    name = f"cli_{uuid.uuid4().hex[:12]}"
    _psql(f"create database {name} template {database}")
    yield _shell(folder, name)
    _psql(f"drop database {name} with (force)")
