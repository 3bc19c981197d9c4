"""`confianza init` and `confianza migrate`: make a workspace, bring one of an earlier version up to date."""

from __future__ import annotations

from typing import Annotated

import typer

from confianza.cli.workspace import (
    WORKSPACE,
    WorkspaceError,
    WorkspaceOption,
    check_whole,
    detail,
    open_workspace,
)

COUNTRY = "its ISO 3166 code or its name."
HostOption = Annotated[str, typer.Option(help=f"The country that assists: {COUNTRY}")]
PartnerOption = Annotated[str, typer.Option(help=f"The partner: {COUNTRY}")]


def init(
    workspace: WorkspaceOption = WORKSPACE,
    host: HostOption = "",
    partner: PartnerOption = "",
    public_record: Annotated[
        bool,
        typer.Option(
            "--public-record",
            help="Also add what is published of the two: appropriations, training, history and the force profile.",
        ),
    ] = False,
) -> None:
    """Make a clean workspace for a partnership of two countries: no demo accounts, nothing simulated.

    Without --host and --partner it is the partnership whose data come with the package, with its institutions. Run
    again, it adds what is missing.
    """
    name = open_workspace(workspace, create=True)
    from confianza.server.workspace import init_workspace

    done = init_workspace(host=host, partner=partner, public_record=public_record)
    typer.echo(f"Workspace {name}: {', '.join(done) or 'everything was there already; nothing changed'}.")


def migrate(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Bring a workspace made by an earlier version up to date; a SQLite file is copied beside itself first.

    Stop what serves the workspace before. PostgreSQL is copied with its own tools (pg_dump).
    """
    name = open_workspace(workspace, older=True)
    from django.db import DatabaseError

    from confianza.server.schema import upgrade

    check_whole(name)
    try:
        done = upgrade(keep_copy=True)
    except (DatabaseError, OSError) as error:
        raise WorkspaceError("workspace-not-migrated", path=name, detail=detail(error)) from error
    if done.copy:
        typer.echo(f"Copy from before: {done.copy}")
    typer.echo(f"Workspace {name}: {', '.join(done.migrations) or 'up to date already; nothing changed'}.")
