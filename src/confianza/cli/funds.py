"""`confianza funds`: what stands where, what lapses if nothing changes, and recording that it has."""

from __future__ import annotations

from typing import Annotated

import typer

from confianza.cli.case import DateOption, _day
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace

app = typer.Typer(help="Funds: statement, what-if, lapse.", no_args_is_help=True)


@app.command()
def statement(
    by: Annotated[str, typer.Option(help="case, program or authority.")] = "program",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show the accounts per case, program code or authority; each row sums to what was appropriated."""
    open_workspace(workspace)
    from confianza.server.ledger.selectors import statements

    for row in statements(by):
        held = ", ".join(
            f"{account.value} {amount}" for account, amount in row.balances.items() if amount.minor
        )
        typer.echo(f"{row.name}: {held or 'nothing'}  (sum {row.sum})")


@app.command("what-if")
def what_if(on: DateOption = None, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Say what expires and is cancelled, and when, if nothing changes."""
    open_workspace(workspace)
    from confianza.server.ledger.selectors import coming_lapses

    found = coming_lapses(_day(on))
    for lapse in found:
        typer.echo(
            f"If nothing changes, {lapse.amount} of {lapse.funds} ({lapse.account.value}) is "
            f"{lapse.becomes.value} at midnight of {lapse.on}."
        )
    if not found:
        typer.echo("Nothing lapses after this day.")


@app.command()
def lapse(account: AsOption, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Record what has expired or is cancelled by a day."""
    open_workspace(workspace)
    from confianza.server.cases.services import lapse_funds

    told = lapse_funds(on=_day(on), actor=acting(account))
    for line in told:
        typer.echo(line)
    if not told:
        typer.echo("Nothing has lapsed that is not recorded.")
