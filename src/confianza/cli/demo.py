"""`confianza demo` and `confianza serve`: build the demo workspace, assess it, serve its pages."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
from typing import Annotated, Any

import typer

from confianza.cli.files import Format
from confianza.cli.steps import day_of
from confianza.cli.workspace import WORKSPACE, WorkspaceError, WorkspaceOption, check_whole, open_workspace

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
    """Build the demo workspace, print the assessment of its first partnership and serve its pages on this machine."""
    name = open_workspace(workspace, create=True)
    from confianza.reports.assessment import assessment_text
    from confianza.server.assessment import assess
    from confianza.server.demo import DEMO_CASE, SHOWN_YEARS, build_workspace
    from confianza.server.institutions.selectors import partnerships

    done = build_workspace()
    assessment = assess(partnerships()[0], case=DEMO_CASE, today=day_of(None))
    if format_ is Format.JSON:
        document = {"workspace": {"changed": bool(done), "steps": done}, **assessment}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        if done:
            typer.echo(f"Workspace {name}: {', '.join(done)}.")
        else:
            typer.echo(f"Workspace {name}: everything was there already; nothing changed.")
        typer.echo(assessment_text(assessment, shown_years=SHOWN_YEARS))
    if not no_serve:
        _serve("127.0.0.1", port, demo_password=secrets.token_urlsafe(9))


def serve(
    workspace: WorkspaceOption = WORKSPACE,
    port: PortOption = 8321,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    trusted_proxy: Annotated[
        str,
        typer.Option(
            envvar="CONFIANZA_PROXY",
            help="IP address of the HTTPS proxy in front, whose scheme and client address are trusted.",
        ),
    ] = "",
) -> None:
    """Serve the pages of a workspace to the accounts made with `confianza people add`."""
    proxy = _behind(trusted_proxy)
    check_whole(open_workspace(workspace))
    _serve(host, port, demo_password=None, **proxy)


def _behind(proxy: str) -> dict[str, Any]:
    """What waitress takes from the proxy it is behind; without one, it removes such headers from every request."""
    if not proxy:
        if os.environ.get("CONFIANZA_HTTPS") == "1":
            raise WorkspaceError("https-without-proxy")
        return {}
    try:
        address = str(ipaddress.ip_address(proxy))
    except ValueError as error:
        raise WorkspaceError("proxy-not-an-address", proxy=proxy) from error
    os.environ["CONFIANZA_PROXY"] = address  # the settings, not read yet, keep cookies to HTTPS
    return {"trusted_proxy": address, "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"}}


def _serve(host: str, port: int, *, demo_password: str | None, **proxy: Any) -> None:
    import waitress
    from django.conf import settings

    from confianza.server.demo import DEMO_PEOPLE
    from confianza.server.jobs.selectors import has_open_job
    from confianza.server.jobs.services import start_worker
    from confianza.server.wsgi import application

    try:
        server = waitress.create_server(
            application, host=host, port=port, ident="confianza", **SERVER_LIMITS, **proxy
        )
    except OSError as error:
        raise WorkspaceError("port-taken", host=host, port=port, detail=error.strerror) from error
    settings.DEMO_PASSWORD = demo_password
    if has_open_job():
        start_worker()
    typer.echo(f"\nPages: http://{host}:{port}/   (stop with Ctrl-C)", err=True)
    if demo_password:
        typer.echo(f"Demo accounts: {', '.join(DEMO_PEOPLE)}", err=True)
        typer.echo(f"Demo password: {demo_password}   (new at every start, this machine only)", err=True)
    server.run()
