"""`confianza funds`: what stands where, what lapses if nothing changes, and recording that it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import Format
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption, with_option_groups
from confianza.cli.partnership_option import OnlyPartnershipOption, narrowed
from confianza.cli.steps import DateOption, day_of
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.actors import OPERATOR
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money

if TYPE_CHECKING:
    from confianza.server.funds.documents import Lapse, Statement

NO_FUNDS = "No funds have dates yet: nothing can lapse."
app = typer.Typer(help="Funds: open, dates, statement, what-if, lapse.", no_args_is_help=True)


DayOption = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
EndOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; leave out where there is none.")
]


@dataclass(frozen=True)
class FundsDates:
    """The days between which funds may be used."""

    available_from: DayOption
    available_until: EndOption = None
    reobligate_until: EndOption = None
    cancels_on: EndOption = None

    def known(self, known_from: datetime) -> Availability:
        """The dates as known from a day on."""
        ends = (self.available_until, self.cancels_on, self.reobligate_until)
        return Availability(
            known_from.date(), self.available_from.date(), *(end.date() if end else None for end in ends)
        )


@app.command("open")
@with_option_groups
def open_(
    code: Annotated[str, typer.Argument(help="Code of the funds.")],
    name: Annotated[str, typer.Option(help="Name in English.")],
    nombre: Annotated[str, typer.Option(help="Name in Spanish.")],
    amount: Annotated[str, typer.Option(help="Amount appropriated, such as 2500000.00.")],
    fiscal_year: Annotated[int, typer.Option(help="Fiscal year of the appropriation.")],
    program: Annotated[str, typer.Option(help="Two-character program code.")],
    regime: Annotated[str, typer.Option(help="title-10 or title-22.")],
    partner: Annotated[str, typer.Option(help="Code of the country.")],
    authority: Annotated[str, typer.Option(help="Authority, such as 333; see confianza authorities list.")],
    dates: FundsDates,
    account: AsOption,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Open funds with their dates, so that cases can be paid from them."""
    open_workspace(workspace)
    from confianza.server.funds.services import add_funds

    add_funds(
        code=code,
        name=BilingualText(name, nombre),
        amount=Money.parse(amount),
        fiscal_year=fiscal_year,
        program_code=program,
        authority=authority,
        regime=regime,
        partner_code=partner,
        availability=dates.known(dates.available_from),
        actor=acting(account),
    )
    typer.echo(f"{code}: opened.")


@app.command("dates")
@with_option_groups
def revise(
    code: Annotated[str, typer.Argument(help="Code of the funds.")],
    known_from: DayOption,
    dates: FundsDates,
    account: AsOption,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add other dates of funds, known from a later day (a continuing resolution is revised)."""
    open_workspace(workspace)
    from confianza.server.cases.services import revise_dates

    revised = dates.known(known_from)
    revise_dates(appropriation_code=code, availability=revised, actor=acting(account))
    typer.echo(f"{code}: dates added, known from {revised.known_from}.")


@app.command()
def statement(
    by: Annotated[str, typer.Option(help="case, program or authority.")] = "program",
    partnership: OnlyPartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show the accounts per case, program code or authority; each row sums to what was appropriated."""
    open_workspace(workspace)
    from confianza.server.funds import documents, selectors

    funds = narrowed(selectors.appropriations(), partnership, OPERATOR)
    listed = [documents.statement(item) for item in selectors.statements(by, funds)]
    print_result(listed, output_format, map(_statement_text, listed))


def _statement_text(item: Statement) -> str:
    balances = ", ".join(f"{account} {amount}" for account, amount in item.balances.items() if amount.minor)
    return f"{item.name}{_simulated(item)}: {balances or 'nothing'}  (sum {item.sum})"


def _simulated(item: Statement | Lapse) -> str:
    return " (simulated)" if item.is_simulated else ""


@app.command("what-if")
def what_if(
    partnership: OnlyPartnershipOption = "",
    on: DateOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show what expires and is canceled, and when, if nothing changes."""
    open_workspace(workspace)
    from confianza.server.funds import documents, selectors

    funds = narrowed(selectors.open_appropriations(), partnership, OPERATOR)
    rows = {row.code: row for row in funds}
    coming = selectors.coming_lapses(day_of(on), funds)
    lapses = [documents.lapse(item, rows[item.funds]) for item in coming]
    nothing = "Nothing lapses after this day." if rows else NO_FUNDS
    print_result(lapses, output_format, map(_lapse_text, lapses) if lapses else [nothing])


def _lapse_text(item: Lapse) -> str:
    return (
        f"If nothing changes, {item.amount} of {item.funds} ({item.account}) is {item.becomes} at midnight of "
        f"{item.on} (program code {item.program_code}).{_simulated(item)}"
    )


@app.command()
def lapse(account: AsOption, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Record the funds that have expired or are canceled by a day."""
    open_workspace(workspace)
    from confianza.server.cases.services import lapse_funds
    from confianza.server.funds.selectors import open_appropriations

    recorded = lapse_funds(on=day_of(on), actor=acting(account))
    for line in recorded:
        typer.echo(line)
    if not recorded:
        has_funds = open_appropriations().exists()
        typer.echo("Nothing has lapsed that is not recorded." if has_funds else NO_FUNDS)
