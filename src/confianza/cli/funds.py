"""`confianza funds`: what stands where, what lapses if nothing changes, and recording that it has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from confianza.cli.steps import DateOption, day_of
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.bilingual import Text
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money

NO_FUNDS = "No funds have dates yet: nothing can lapse."
app = typer.Typer(help="Funds: open, dates, statement, what-if, lapse.", no_args_is_help=True)


DayOption = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
EndOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; leave out where there is none.")
]


def _dates(known: datetime, start: datetime, *ends: datetime | None) -> Availability:
    until, reobligate, cancels = (end.date() if end else None for end in ends)
    return Availability(known.date(), start.date(), until, cancels, reobligate)


@app.command("open")
def open_(
    code: Annotated[str, typer.Argument(help="Code of the funds.")],
    name: Annotated[str, typer.Option(help="Name in English.")],
    nombre: Annotated[str, typer.Option(help="Name in Spanish.")],
    amount: Annotated[str, typer.Option(help="Amount appropriated, such as 2500000.00.")],
    fiscal_year: Annotated[int, typer.Option(help="Fiscal year of the appropriation.")],
    program: Annotated[str, typer.Option(help="Two-character program code.")],
    regime: Annotated[str, typer.Option(help="title-10 or title-22.")],
    partner: Annotated[str, typer.Option(help="Code of the country.")],
    available_from: DayOption,
    account: AsOption,
    authority: Annotated[str, typer.Option(help="Authority, such as 333.")] = "",
    available_until: EndOption = None,
    reobligate_until: EndOption = None,
    cancels_on: EndOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Open funds with their dates, so that cases can be paid from them."""
    open_workspace(workspace)
    from confianza.server.funds.services import add_funds

    dates = _dates(available_from, available_from, available_until, reobligate_until, cancels_on)
    add_funds(
        code=code,
        name=Text(name, nombre),
        amount=Money.parse(amount),
        fiscal_year=fiscal_year,
        program_code=program,
        authority=authority,
        regime=regime,
        partner_code=partner,
        availability=dates,
        actor=acting(account),
    )
    typer.echo(f"{code}: opened.")


@app.command()
def dates(
    code: Annotated[str, typer.Argument(help="Code of the funds.")],
    known_from: DayOption,
    available_from: DayOption,
    account: AsOption,
    available_until: EndOption = None,
    reobligate_until: EndOption = None,
    cancels_on: EndOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add other dates of funds, known from a later day (a continuing resolution is revised)."""
    open_workspace(workspace)
    from confianza.server.cases.services import revise_dates

    revised = _dates(known_from, available_from, available_until, reobligate_until, cancels_on)
    revise_dates(appropriation_code=code, availability=revised, actor=acting(account))
    typer.echo(f"{code}: dates added, known from {revised.known_from}.")


@app.command()
def statement(
    by: Annotated[str, typer.Option(help="case, program or authority.")] = "program",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show the accounts per case, program code or authority; each row sums to what was appropriated."""
    open_workspace(workspace)
    from confianza.server.funds.selectors import statements

    for row in statements(by):
        held = ", ".join(
            f"{account.value} {amount}" for account, amount in row.balances.items() if amount.minor
        )
        label = " (simulated)" if row.is_simulated else ""
        typer.echo(f"{row.name}{label}: {held or 'nothing'}  (sum {row.sum})")


@app.command("what-if")
def what_if(on: DateOption = None, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Say what expires and is cancelled, and when, if nothing changes."""
    open_workspace(workspace)
    from confianza.server.funds.models import Appropriation
    from confianza.server.funds.selectors import coming_lapses, open_appropriations

    found = coming_lapses(day_of(on))
    rows = {row.code: row for row in Appropriation.objects.all()}
    for lapse in found:
        typer.echo(
            f"If nothing changes, {lapse.amount} of {lapse.funds} ({lapse.account.value}) is "
            f"{lapse.becomes.value} at midnight of {lapse.on} (program code {rows[lapse.funds].program_code})."
            + (" (simulated)" if rows[lapse.funds].is_simulated else "")
        )
    if not found:
        typer.echo("Nothing lapses after this day." if open_appropriations().exists() else NO_FUNDS)


@app.command()
def lapse(account: AsOption, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Record what has expired or is cancelled by a day."""
    open_workspace(workspace)
    from confianza.server.cases.services import lapse_funds
    from confianza.server.funds.selectors import open_appropriations

    told = lapse_funds(on=day_of(on), actor=acting(account))
    for line in told:
        typer.echo(line)
    if not told:
        has_funds = open_appropriations().exists()
        typer.echo("Nothing has lapsed that is not recorded." if has_funds else NO_FUNDS)
