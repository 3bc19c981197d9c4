"""Opening the workspace a command works on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from confianza.cooperation.actors import Actor
from confianza.errors import ConfianzaError

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


class WorkspaceError(ConfianzaError):
    """The workspace is not there, or the account is not in it."""


def open_workspace(path: Path, *, create: bool = False) -> str:
    """Point Django at the workspace and return its name; with `create`, bring its tables up to date first."""
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
        has_tables = _prepare(create=create)
    except (ImproperlyConfigured, DatabaseError, ValueError) as error:
        raise WorkspaceError("workspace-unusable", path=name, detail=str(error).strip(" .\n")) from error
    if not has_tables:
        raise WorkspaceError("workspace-foreign", path=name)
    return name


def _prepare(*, create: bool) -> bool:
    """Set Django up and, with `create`, bring the tables up to date; whether they are there.

    A database file with the tables of another program is left as it is.
    """
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from django.core.management import call_command
    from django.db import connection

    tables = connection.introspection.table_names()
    if create and (connection.vendor != "sqlite" or not tables or "django_migrations" in tables):
        call_command("migrate", verbosity=0, interactive=False)
        tables = connection.introspection.table_names()
    return "audit_auditevent" in tables


def acting(account: str) -> Actor:
    """The actor behind an account of the open workspace."""
    from confianza.server.people.models import User

    users = User.objects.filter(is_active=True)
    user = users.filter(username=account).first()
    if user is None:
        known = ", ".join(users.order_by("username").values_list("username", flat=True)) or "-"
        raise WorkspaceError("account-unknown", account=account, known=known)
    return user.actor
