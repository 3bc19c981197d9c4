"""`confianza demo` and `confianza serve`: build the United States–Mexico workspace, assess it, serve its pages."""

from __future__ import annotations

import json
import secrets
from typing import Annotated

import typer

from confianza.cli.files import Format
from confianza.cli.workspace import WORKSPACE, WorkspaceError, WorkspaceOption, open_workspace

SERVER_LIMITS = {
    "threads": 8,
    "max_request_body_size": 25 * 2**20,  # bytes: the largest file that is taken has 20 MB
    "connection_limit": 900,  # a process may usually open 1,024 files, and the database needs some
    "channel_timeout": 30,  # seconds until a connection that asks nothing is closed
    "cleanup_interval": 5,  # seconds between two looks for those
    "asyncore_use_poll": True,  # select() fails where more files are open than it knows
}
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port of the pages.")]


def demo(
    workspace: WorkspaceOption = WORKSPACE,
    port: PortOption = 8321,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Print the assessment and stop.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the assessment.")] = Format.TEXT,
) -> None:
    """Build the United States–Mexico workspace, print its assessment and serve its pages on this machine."""
    name = open_workspace(workspace, create=True)
    from confianza.reports.assessment import assessment_text
    from confianza.server.assessment import assess
    from confianza.server.workspace import build_workspace

    done = build_workspace()
    assessment = assess()
    if format_ is Format.JSON:
        document = {"workspace": {"changed": bool(done), "steps": done}, **assessment}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        if done:
            typer.echo(f"Workspace {name}: {', '.join(done)}.")
        else:
            typer.echo(f"Workspace {name}: everything was there already; nothing changed.")
        typer.echo(assessment_text(assessment))
    if not no_serve:
        _serve("127.0.0.1", port, demo_password=secrets.token_urlsafe(9))


def serve(
    workspace: WorkspaceOption = WORKSPACE,
    port: PortOption = 8321,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the pages of a workspace to the accounts made with `confianza people add`."""
    open_workspace(workspace)
    _serve(host, port, demo_password=None)


def _serve(host: str, port: int, *, demo_password: str | None) -> None:
    import waitress
    from django.conf import settings

    from confianza.server.people.services import DEMO_PEOPLE
    from confianza.server.wsgi import application

    try:
        server = waitress.create_server(application, host=host, port=port, ident="confianza", **SERVER_LIMITS)
    except OSError as error:
        raise WorkspaceError("port-taken", host=host, port=port, detail=error.strerror) from error
    settings.DEMO_PASSWORD = demo_password
    typer.echo(f"\nPages: http://{host}:{port}/   (stop with Ctrl-C)", err=True)
    if demo_password:
        typer.echo(f"Demo accounts: {', '.join(DEMO_PEOPLE)}", err=True)
        typer.echo(f"Demo password: {demo_password}   (new at every start, this machine only)", err=True)
    server.run()
