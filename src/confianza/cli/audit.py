"""`confianza audit`: check the log."""

from __future__ import annotations

import typer

from confianza.cli.workspace import WORKSPACE, WorkspaceOption, open_workspace

app = typer.Typer(help="The audit log: verify.", no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """The audit log of a workspace."""


@app.command()
def verify(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Check that no event of the log was altered, removed or inserted.

    Who can write to the database could cut events off at the end and the head with them: note the last hash
    elsewhere, and compare.
    """
    open_workspace(workspace)
    from confianza.server.audit.services import log_head, verify_log

    count = verify_log()
    typer.echo(
        f"{count} events; the chain holds." if count else "The log holds no event: nothing was checked."
    )
    head = log_head()
    if head is not None and count:
        typer.echo(f"Last hash, of event {head.sequence}: {head.digest}")
