"""Opening the workspace a command works on."""

from __future__ import annotations

import os
import shlex
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cooperation.actors import OPERATOR, Actor
from confianza.errors import ConfianzaError

if TYPE_CHECKING:
    from confianza.server.schema import Standing

WORKSPACE = Path("confianza.sqlite3")

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="CONFIANZA_WORKSPACE",
        help="The workspace file. CONFIANZA_DATABASE_URL, when set, names a PostgreSQL database instead.",
    ),
]
AsOption = Annotated[str, typer.Option("--as", help="The account that acts, as named in the workspace.")]
ViewAsOption = Annotated[
    str | None,
    typer.Option("--as", help="See what this account sees; all that is in the workspace when left out."),
]

# The error of each version that a command does not open.
REFUSALS = {
    "empty": "workspace-foreign",
    "foreign": "workspace-foreign",
    "older": "workspace-older",
    "newer": "workspace-newer",
}


class WorkspaceError(ConfianzaError):
    """The workspace is not there or cannot be used."""


def open_workspace(path: Path, *, create: bool = False, older: bool = False) -> str:
    """Point Django at the workspace and return its name.

    With `create`, make its tables where there are none yet. One of another version is refused, but with `older` that
    of an earlier one.
    """
    os.environ["CONFIANZA_WORKSPACE"] = str(path.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    is_file = not os.environ.get("CONFIANZA_DATABASE_URL")
    if is_file and not create and not path.exists():
        raise WorkspaceError("workspace-missing", path=path)
    if is_file and create and not path.resolve().parent.is_dir():
        raise WorkspaceError("workspace-folder-missing", path=path, folder=path.resolve().parent)
    name = str(path) if is_file else "PostgreSQL (CONFIANZA_DATABASE_URL)"

    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    try:
        standing = _prepare(create=create)
    except (ImproperlyConfigured, DatabaseError, ValueError) as error:
        raise WorkspaceError("workspace-unusable", path=name, detail=detail(error)) from error
    if standing.version != "current" and not (older and standing.version == "older"):
        raise WorkspaceError(
            REFUSALS[standing.version],
            path=name,
            option=f" --workspace {shlex.quote(str(path))}" if is_file else "",
            migrations=", ".join(standing.migrations),
            version=version("confianza"),
        )
    return name


def _prepare(*, create: bool) -> Standing:
    """Set Django up and, with `create`, make the tables of an empty database; how it stands then."""
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from confianza.server.schema import standing, upgrade

    current = standing()
    if create and current.version == "empty":
        upgrade(keep_copy=False)
        current = standing()
    return current


def check_whole(name: str) -> None:
    """Refuse the open workspace when a page of its file is damaged."""
    from django.db import DatabaseError

    from confianza.server import schema

    try:
        schema.check_whole()
    except DatabaseError as error:
        raise WorkspaceError("workspace-damaged", path=name, detail=detail(error)) from error


def detail(error: Exception) -> str:
    """What a database says, in one line."""
    return " ".join(str(error).split()).strip(" .")


def is_database_failure(error: Exception) -> bool:
    """Whether a database is damaged, full, locked or gone; what it raises at a fault of ours is not among this."""
    db = sys.modules.get("django.db")
    return db is not None and type(error) in {db.DatabaseError, db.OperationalError, db.InternalError}


def acting(account: str) -> Actor:
    """The actor behind an account of the open workspace."""
    from confianza.server.people.selectors import account_row

    return account_row(account).actor


def viewing(account: str | None) -> Actor:
    """Who looks at the open workspace: an account, or its operator, who sees everything."""
    return OPERATOR if account is None else acting(account)
