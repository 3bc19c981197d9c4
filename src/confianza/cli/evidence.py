"""`confianza evidence`: bring the public record in, list it, hold it against its own totals and other readings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from confianza.cli.files import FileRefusal, terminal_language
from confianza.cli.listings import NO_ROWS, ListFormat, dollars, print_rows, print_table
from confianza.cli.options import ListFormatOption
from confianza.cli.partnership_option import PartnershipOption, chosen_partnership
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.training import ReportRow
from confianza.errors import ConfianzaError, PermissionRefusal
from confianza.evidence.countries import country_name, known_country
from confianza.evidence.download import is_address, local_file
from confianza.evidence.sources.fmtr import (
    BlockSetAside,
    CountryCoverage,
    Progress,
    Report,
    Totals,
    coverage_of,
    read_reports,
)
from confianza.evidence.sources.fmtr.comparison import RowDifference, compare_rows
from confianza.evidence.training_table import coverage_text

app = typer.Typer(help="The public record: import, list, reconcile, remarks, compare.", no_args_is_help=True)
imports = typer.Typer(help="Import files of a source.", no_args_is_help=True)
app.add_typer(imports, name="import")

PROCESSES = min(2, os.cpu_count() or 1)

PartnerOption = Annotated[
    str | None, typer.Option("--partner", help="Only this country: ISO 3166 code, such as COL, or name.")
]


@contextmanager
def _progress(name: str) -> Iterator[Progress]:
    """A bar on the terminal that pages move along; nothing where no person looks."""
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _summary(name: str, reports: Sequence[Report]) -> str:
    years = sorted({report.fiscal_year for report in reports})
    countries = len({line.partner_code for report in reports for line in report.lines})
    totals = [item.reconciles for report in reports for item in report.reconciliations]
    remarks = sum(len(report.remarks) for report in reports)
    coverage = _coverage_text(coverage_of(reports))
    aside = _set_aside_text([block for report in reports for block in report.blocks_set_aside])
    return (
        f"{name}: FY{years[0]}{f' to FY{years[-1]}' if len(years) > 1 else ''}, "
        f"{sum(len(report.lines) for report in reports)} rows of {countries} "
        f"{'country' if countries == 1 else 'countries'}; "
        + (f"{sum(totals)} of {len(totals)} printed totals reconcile" if totals else "no totals are printed")
        + (f"; {coverage}" if coverage else "")
        + (f"; {aside}" if aside else "")
        + (
            f"; {remarks} {'remark' if remarks == 1 else 'remarks'}, see: confianza evidence remarks."
            if remarks
            else "."
        )
    )


def _set_aside_text(blocks: Sequence[BlockSetAside]) -> str:
    """Each block that could not be read, with its page and printed totals; nothing when there is none."""
    if not blocks:
        return ""
    named = [
        f"{block.partner_code or 'country not known'} {block.program or 'program not known'}, p. {block.page}"
        + (f" ({block.printed.student_count} students, {block.printed.cost})" if block.printed else "")
        for block in blocks
    ]
    return f"{len(blocks)} {'block' if len(blocks) == 1 else 'blocks'} set aside: {'; '.join(named)}"


def _coverage_text(coverage: CountryCoverage) -> str:
    """How many of the countries named were read, and which were not; nothing where that is not known."""
    if not coverage.named:
        return ""
    read, count = coverage.read_count, len(coverage.named)
    names = ", ".join(country_name(code).en for code in coverage.missing)
    word = "country" if count == 1 else "countries"
    text = f"{read} of {count} {word} named {'was' if read == 1 else 'were'} read"
    return f"{text} (not read: {names})" if names else text


@imports.command("history")
def import_history(
    file: Annotated[Path, typer.Argument(help="Events between the two parties (TOML).")],
    account: AsOption,
    partnership: PartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import events between the parties of a partnership; those already there by their id stay as they are."""
    open_workspace(workspace)
    from confianza.evidence.history import read_history
    from confianza.server.relationship.services import import_history

    one = chosen_partnership(partnership)
    events, content = read_history(file, one.pair), file.read_bytes()
    is_new = import_history(
        events, partnership=one, file_name=file.name, content=content, actor=acting(account)
    )
    typer.echo(f"{file.name}: {'imported' if is_new else 'imported before; nothing changed'}.")


@imports.command()
def fmtr(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Volumes of the Foreign Military Training Report (PDF, HTML), or the tidy file of all of them "
            "(TSV): paths or https addresses."
        ),
    ],
    account: AsOption,
    partner: PartnerOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import training reports, with every country in them, block by block; each file once.

    A block that cannot be read is set aside and named, with its page and printed totals. Every file is tried: one that
    is refused does not keep the next from being imported; exit status 1 when there is one.
    """
    open_workspace(workspace)
    from confianza.server.training_reports.services import import_training_reports

    actor = acting(account)
    partner_code = known_country(partner) if partner else None
    refused = []
    for source in files:
        try:
            with local_file(source) as path, _progress(path.name) as progress:
                reports, is_new = import_training_reports(
                    path,
                    partner_code=partner_code,
                    actor=actor,
                    address=source if is_address(source) else "",
                    processes=PROCESSES,
                    progress=progress,
                )
        except PermissionRefusal:
            raise
        except ConfianzaError as error:
            typer.echo(error.in_language(terminal_language()), err=True)
            refused.append(source)
        else:
            typer.echo(
                _summary(path.name, reports) if is_new else f"{path.name}: imported before; nothing changed."
            )
    if refused:
        if len(files) > 1:
            typer.echo(f"{len(refused)} of {len(files)} files were refused: {', '.join(refused)}.", err=True)
        raise typer.Exit(1)


@app.command()
def remarks(workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the values that the importers could not read, row by row: stored without the value, or left out."""
    open_workspace(workspace)
    from confianza.server.training_reports.selectors import has_training_rows, import_remarks

    has_any = False
    for remark in import_remarks():
        has_any = True
        typer.echo(remark.in_language(terminal_language()))
    if not has_any:
        typer.echo("No imported row has a remark." if has_training_rows() else NO_ROWS)


@app.command()
def compare(
    ours: Annotated[str, typer.Argument(help="A file of training reports.")],
    theirs: Annotated[
        str, typer.Argument(help="Another that should have the same rows, such as the tidy file.")
    ],
    partner: PartnerOption = None,
    output_format: ListFormatOption = ListFormat.TEXT,
) -> None:
    """Compare two files row for row, in the countries and years both have; exit status 1 when they differ."""
    partner_code = known_country(partner) if partner else None
    left, right = (
        [line for report in read(source, partner_code) for line in report.lines] for source in (ours, theirs)
    )
    both = {(line.report, line.partner_code) for line in left} & {
        (line.report, line.partner_code) for line in right
    }
    if not both:
        raise FileRefusal("evidence-nothing-common", first=ours, second=theirs)
    comparison = compare_rows(
        *([line for line in lines if (line.report, line.partner_code) in both] for lines in (left, right))
    )
    rows = [row for item in comparison.differences for row in _differing(item)]
    print_rows(
        rows, output_format, empty=f"{comparison.same_count} rows are the same in both, and none differs."
    )
    if rows:
        if output_format is ListFormat.TEXT:
            typer.echo(
                f"{comparison.same_count} rows are the same in both, {len(comparison.differences)} differ."
            )
        raise typer.Exit(1)


def _differing(item: RowDifference) -> Iterator[dict[str, Any]]:
    """A row for each field that differs, or one that says which file alone has the row."""

    def place(line: ReportRow | None) -> str | None:
        return None if line is None else f"{line.volume}, page {line.page}, row {line.row}"

    def value(line: ReportRow | None, field: str) -> str | None:
        return None if line is None else str(getattr(line, field)) if item.fields else "is there"

    known = item.ours or item.theirs
    for field in item.fields or ("row",):
        yield {
            "report": known and known.report,
            "partner": known and known.partner_code,
            "program": known and known.program,
            "course": known and known.course_title,
            "field": field,
            "ours": value(item.ours, field),
            "theirs": value(item.theirs, field),
            "ours_at": place(item.ours),
            "theirs_at": place(item.theirs),
        }


@app.command("set-aside")
def set_aside(
    partner: PartnerOption = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the blocks of imported reports that could not be read: page, printed totals, reason; JSON adds the text."""
    partner_code = known_country(partner) if partner else None
    open_workspace(workspace)
    from confianza.server.training_reports import documents
    from confianza.server.training_reports.selectors import TrainingQuery, blocks_set_aside

    found = blocks_set_aside(TrainingQuery(partner_code))
    blocks = [documents.set_aside_block(block, terminal_language()) for block in found]
    columns: dict[str, Any] = {
        "fiscal_year": "fiscal_year",
        "partner": "partner_code",
        "program": "program",
        "students": "printed_student_count",
        "dollars": lambda item: item.printed_cost and dollars(item.printed_cost),
        "file": "file_name",
        "page": "page",
        "reason": lambda item: item.reasons[0] if item.reasons else "",
    }
    if output_format is not ListFormat.TEXT:
        columns["text"] = "text"
    print_table(blocks, columns, output_format, empty="No block was set aside.")


@app.command("rebuild-table")
def rebuild_table(account: AsOption, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Rebuild the table of training by year, country, program, school and category from what was imported.

    Years and countries that were not imported stay as the package has them.
    """
    open_workspace(workspace)
    from confianza.server.training_reports.services import rebuild_training_table

    table = rebuild_training_table(actor=acting(account))
    typer.echo(f"{len(table.entries)} entries. {coverage_text(table).in_language(terminal_language())}")


@app.command("list")
def list_(output_format: ListFormatOption = ListFormat.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the imported training reports: years, countries, rows, printed totals that reconcile."""
    open_workspace(workspace)
    from confianza.server.training_reports import documents
    from confianza.server.training_reports.selectors import training_imports

    files = [documents.imported_file(item) for item in training_imports()]
    columns: dict[str, Any] = {
        "file": "file_name",
        "source": "source",
        "address": "address",
        "from_fy": "from_fy",
        "to_fy": "to_fy",
        "countries": "partner_count",
        "named": lambda item: len(item.named_countries) or None,
        "rows": "row_count",
        "totals": "total_count",
        "reconcile": "reconciled_count",
        "set_aside": "set_aside_count",
        "imported": lambda item: item.imported_at.date().isoformat(),
        "by": "account",
        "digest": "digest",
    }
    if output_format is ListFormat.TEXT:
        del columns["address"]
        columns["digest"] = lambda item: item.digest[:12]
    empty = "No training report was imported. Import one with: confianza evidence import fmtr FILE"
    print_table(files, columns, output_format, empty=empty)


@app.command()
def reconcile(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files or addresses to read without storing anything; the workspace when left out."
        ),
    ] = None,
    partner: PartnerOption = None,
    only_differences: Annotated[
        bool, typer.Option("--only-differences", help="Only totals that the rows do not add up to.")
    ] = False,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Compare every printed total with that of its rows, and the countries named with those read.

    A country that a file names and of which nothing was read is a row without figures that does not reconcile.
    """
    partner_code = known_country(partner) if partner else None
    if files:
        rows, coverages = _totals_of_files(files, partner_code)
    else:
        open_workspace(workspace)
        rows, coverages = _totals_of_workspace(partner_code)
    shown = [row for row in rows if not only_differences or row["reconciles"] is False]
    has_printed = any(row["reconciles"] is not None for row in rows)
    empty = "Every printed total reconciles." if has_printed else "No printed totals are there to reconcile."
    print_rows(shown, output_format, empty=empty)
    if output_format is ListFormat.TEXT:
        for file, coverage in coverages:
            typer.echo(f"{file}: {_coverage_text(coverage)}.")


def read(source: str, partner_code: str | None) -> tuple[Report, ...]:
    """A file of training reports by path or address, read with a bar on the terminal."""
    with local_file(source) as path, _progress(path.name) as progress:
        return read_reports(path, partner_code=partner_code, processes=PROCESSES, progress=progress)


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


FileCoverages = list[tuple[str, CountryCoverage]]  # of each file that names countries


def _missing(file: str, report: str, code: str) -> dict[str, Any]:
    """The row of a country that is named and was not read."""
    figures = ("students", "printed_students", "dollars", "printed_dollars")
    return {
        "fiscal_year": report,
        "partner": code,
        "program": "whole country, not read",
        **dict.fromkeys(figures),
        "reconciles": False,
        "file": file,
        "page": None,
    }


def _aside(file: str, fiscal_year: object, block: BlockSetAside) -> dict[str, Any]:
    """The row of a block that was set aside: printed totals, and nothing computed."""
    return {
        "fiscal_year": block.fiscal_year or fiscal_year,
        "partner": block.partner_code,
        "program": f"{block.program or 'program not known'}, set aside",
        "students": None,
        "printed_students": block.printed and block.printed.student_count,
        "dollars": None,
        "printed_dollars": block.printed and dollars(block.printed.cost),
        "reconciles": False,
        "file": file,
        "page": block.page,
    }


def _totals_of_files(
    files: list[str], partner_code: str | None
) -> tuple[list[dict[str, Any]], FileCoverages]:
    rows: list[dict[str, Any]] = []
    coverages: FileCoverages = []
    for report in (report for source in files for report in read(source, partner_code)):
        if report.named:
            coverages.append((report.volume, report.coverage))
        rows += [_missing(report.volume, report.name, code) for code in report.coverage.missing]
        for item in report.reconciliations:
            year = item.fiscal_year or report.name
            rows.append(_total(report.volume, year, item, item.computed, item.printed))
        for block in report.unchecked:
            rows.append(_total(report.volume, report.name, block, block.computed, None))
        rows += [_aside(report.volume, report.name, block) for block in report.blocks_set_aside]
    return rows, coverages


def _totals_of_workspace(partner_code: str | None) -> tuple[list[dict[str, Any]], FileCoverages]:
    from confianza.server.training_reports.selectors import printed_totals, training_imports

    coverages = [
        (item.run.file_name, coverage)
        for item in training_imports()
        if (coverage := item.coverage.only(partner_code) if partner_code else item.coverage).named
    ]
    rows = [_missing(file, "", code) for file, coverage in coverages for code in coverage.missing]
    return rows + [
        _total(
            row.run.file_name,
            row.fiscal_year or row.report,
            row,
            Totals(row.computed_student_count, row.computed_cost),
            None
            if row.printed_cost is None or row.printed_student_count is None
            else Totals(row.printed_student_count, row.printed_cost),
        )
        for row in printed_totals(partner_code)
    ], coverages
