"""`confianza evidence`: bring the public record in, list it, hold it against its own totals and other readings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from confianza.cli.listings import ListFormat, dollars, print_rows
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.evidence.countries import known_country
from confianza.evidence.sources.fmtr import Progress, Report, Totals, read_report

app = typer.Typer(help="The public record: import, list, reconcile, compare.", no_args_is_help=True)
imports = typer.Typer(help="Import files of a source.", no_args_is_help=True)
app.add_typer(imports, name="import")

PROCESSES = min(2, os.cpu_count() or 1)

FormatOption = Annotated[ListFormat, typer.Option("--format", help="How to print the rows.")]
PartnerOption = Annotated[
    str | None, typer.Option("--partner", help="Only this country: ISO 3166 code, such as MEX, or name.")
]


@contextmanager
def _progress(name: str) -> Iterator[Progress]:
    """A bar on the terminal that pages move along; nothing where no person looks."""
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _told(name: str, report: Any) -> str:
    checked = sum(item.reconciles for item in report.reconciliations)
    countries = len({line.partner_code for line in report.lines})
    return (
        f"{name}: FY{report.fiscal_year}, {len(report.lines)} rows of {countries} "
        f"{'country' if countries == 1 else 'countries'}; "
        f"{checked} of {len(report.reconciliations)} printed totals reconcile."
    )


@imports.command()
def fmtr(
    volumes: Annotated[
        list[Path], typer.Argument(help="Volumes of the Foreign Military Training Report (PDF).")
    ],
    account: AsOption,
    partner: PartnerOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import training reports, with every country in them; each file whole or not at all, and once."""
    open_workspace(workspace)
    from confianza.server.evidence.services import import_training_report

    actor = acting(account)
    partner_code = known_country(partner) if partner else None
    for path in volumes:
        with _progress(path.name) as progress:
            report, is_new = import_training_report(
                path, partner_code=partner_code, actor=actor, processes=PROCESSES, progress=progress
            )
        typer.echo(_told(path.name, report) if is_new else f"{path.name}: imported before; nothing changed.")


@app.command("list")
def list_(form: FormatOption = ListFormat.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the imported training reports: years, countries, rows, printed totals that reconcile."""
    open_workspace(workspace)
    from confianza.server.evidence.selectors import training_imports

    rows = [
        {
            "file": run.file_name,
            "source": run.source,
            "from_fy": run.from_fy,
            "to_fy": run.to_fy,
            "countries": run.partner_count,
            "rows": run.row_count,
            "totals": run.total_count or 0,
            "reconcile": run.reconciled_count or 0,
            "imported": run.at.date().isoformat(),
            "by": run.account,
            "digest": run.digest if form is not ListFormat.TEXT else run.digest[:12],
        }
        for run in training_imports()
    ]
    empty = "No training report was imported. Import one with: confianza evidence import fmtr FILE"
    print_rows(rows, form, empty=empty)


@app.command()
def reconcile(
    volumes: Annotated[
        list[Path] | None,
        typer.Argument(help="Volumes to read without storing anything; the workspace when left out."),
    ] = None,
    partner: PartnerOption = None,
    only_differences: Annotated[
        bool, typer.Option("--only-differences", help="Only totals that the rows do not add up to.")
    ] = False,
    form: FormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Hold every printed total, of programs and countries, against the sum of its rows; both figures."""
    partner_code = known_country(partner) if partner else None
    if volumes:
        rows = _totals_of_files(volumes, partner_code)
    else:
        open_workspace(workspace)
        rows = _totals_of_workspace(partner_code)
    shown = [row for row in rows if not only_differences or row["reconciles"] is False]
    empty = "Every printed total reconciles." if rows else "No printed totals are there to reconcile."
    print_rows(shown, form, empty=empty)


def read(path: Path, partner_code: str | None) -> Report:
    """A file of training activities, read with a bar on the terminal."""
    with _progress(path.name) as progress:
        return read_report(path, partner_code=partner_code, processes=PROCESSES, progress=progress)


def _total(
    file: str, fiscal_year: object, item: Any, computed: Totals, printed: Totals | None
) -> dict[str, Any]:
    return {
        "fiscal_year": fiscal_year,
        "partner": item.partner_code,
        "program": item.program or "whole country",
        "students": computed.student_count,
        "printed_students": printed and printed.student_count,
        "dollars": dollars(computed.cost),
        "printed_dollars": printed and dollars(printed.cost),
        "reconciles": getattr(item, "reconciles", None),
        "file": file,
        "page": item.page,
    }


def _totals_of_files(volumes: list[Path], partner_code: str | None) -> list[dict[str, Any]]:
    rows = []
    for path in volumes:
        report = read(path, partner_code)
        for item in (*report.reconciliations, *report.unchecked):
            year = getattr(item, "fiscal_year", None) or report.name
            rows.append(_total(path.name, year, item, item.computed, getattr(item, "printed", None)))
    return rows


def _totals_of_workspace(partner_code: str | None) -> list[dict[str, Any]]:
    from confianza.server.evidence.selectors import printed_totals

    return [
        _total(
            row.run.file_name,
            row.fiscal_year or row.report,
            row,
            Totals(row.computed_student_count, row.computed_cost),
            None if row.printed_cost is None else Totals(row.printed_student_count, row.printed_cost),
        )
        for row in printed_totals(partner_code)
    ]
