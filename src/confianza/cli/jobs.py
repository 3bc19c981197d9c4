"""`confianza jobs`: long work that pages have queued."""

from __future__ import annotations

import typer

from confianza.cli.workspace import WORKSPACE, WorkspaceOption, open_workspace

app = typer.Typer(help="Long work queued by pages: work.", no_args_is_help=True)


@app.command()
def work(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Run the jobs that are waiting, then stop. The pages start this by themselves.

    A server under another program than `confianza serve` takes up what a restart interrupted by running it once.
    """
    open_workspace(workspace)
    from confianza.server.jobs import services

    count = services.work()
    typer.echo("Nothing to do." if not count else f"{count} {'job' if count == 1 else 'jobs'} done.")
