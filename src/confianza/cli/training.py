"""`confianza training`: import reports, show figures, make the shipped ones again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from confianza.cli.files import write_file
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace

app = typer.Typer(help="Training reports: import, check, figures.", no_args_is_help=True)
VolumesArgument = Annotated[
    list[Path], typer.Argument(help="PDF volumes of the report (country training activities).")
]
PartnerOption = Annotated[str, typer.Option(help="ISO code of the country.")]


@app.command("import")
def import_(
    volumes: VolumesArgument,
    account: AsOption,
    partner: PartnerOption = "MX",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import the rows of a country from official PDF volumes; each volume whole or not at all."""
    open_workspace(workspace)
    from confianza.server.evidence.services import import_training_report

    actor = acting(account)
    for path in volumes:
        report, is_new = import_training_report(path, partner_code=partner, actor=actor)
        if is_new:
            checked = sum(item.reconciles for item in report.reconciliations)
            typer.echo(
                f"{path.name}: FY{report.fiscal_year}, {len(report.lines)} rows; "
                f"{checked} of {len(report.reconciliations)} printed totals reconcile."
            )
        else:
            typer.echo(f"{path.name}: imported before; nothing changed.")


@app.command()
def check(
    volumes: VolumesArgument,
    partner: Annotated[str | None, typer.Option(help="Only this country (ISO code).")] = None,
) -> None:
    """Read volumes without storing anything, and compare every printed total with the rows."""
    from confianza.evidence.sources.fmtr import read_report

    for path in volumes:
        report = read_report(path, partner_code=partner)
        wrong = [item for item in report.reconciliations if not item.reconciles]
        good = len(report.reconciliations) - len(wrong)
        typer.echo(
            f"{path.name}: FY{report.fiscal_year}, {len(report.lines)} rows; "
            f"{good} of {len(report.reconciliations)} printed totals reconcile."
        )
        for item in wrong:
            typer.echo(
                f"    {item.partner_code} {item.program or 'country'}, page {item.page}: rows give "
                f"{item.computed.student_count} students {item.computed.cost}, printed "
                f"{item.printed.student_count} students {item.printed.cost}"
            )


@app.command()
def figures(
    volumes: VolumesArgument,
    partner: PartnerOption = "MX",
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write; standard output when left out.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="TOML file of rules of your own, tried before the packaged ones.")
    ] = None,
) -> None:
    """Add the rows of a country up by fiscal year, program, school and category, as CSV.

    With the volumes of FY2007 to FY2012 this makes the figures that ship with the package.
    """
    from confianza.cooperation.training.normalise import read_rules
    from confianza.evidence.training import figures_csv, make_figures

    text = figures_csv(make_figures(volumes, partner, read_rules(rules) if rules else None))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_file(out, text.encode())
        typer.echo(f"{out}: {len(text.splitlines()) - 1} figures.")
