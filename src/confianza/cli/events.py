"""`confianza events`: import files of coded events, show what they have of a pair, list them with their coverage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from confianza.cli.files import FileRefusal, terminal_language, write_parts
from confianza.cli.listings import Columns, ListFormat, print_table
from confianza.cli.options import ListFormatOption
from confianza.cli.workspace import (
    WORKSPACE,
    AsOption,
    ViewAsOption,
    WorkspaceOption,
    acting,
    open_workspace,
    viewing,
)
from confianza.evidence.download import is_address, local_file

app = typer.Typer(help="Event data: GDELT, ICEWS, POLECAT, KEDS and plain tables.", no_args_is_help=True)


class By(StrEnum):
    """Length of a period."""

    MONTH = "month"
    YEAR = "year"


@app.command("import")
def import_(
    files: Annotated[
        list[str], typer.Argument(help="Files of events, plain, .gz or .zip: paths or https addresses.")
    ],
    account: AsOption,
    source: Annotated[
        str,
        typer.Option(help="Refuse files that are not of this publisher: gdelt, icews, polecat, keds, plain."),
    ] = "",
    simulated: Annotated[
        bool, typer.Option("--simulated", help="The events are made up; pages and exports say so.")
    ] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import files of coded events, all or none, each once; the tables by pair are made anew of all files."""
    open_workspace(workspace)
    from confianza.server.events import documents
    from confianza.server.events.services import import_events

    with ExitStack() as stack:
        paths = {stack.enter_context(local_file(name)): name for name in files}
        imported = import_events(
            list(paths),
            actor=acting(account),
            publisher=source,
            is_simulated=simulated,
            addresses={path: name for path, name in paths.items() if is_address(name)},
        )
    for item in imported:
        file = documents.file(item.row, terminal_language())
        if not item.is_new:
            typer.echo(f"{file.file_name}: imported before; nothing changed.")
            continue
        typer.echo(
            f"{file.file_name}: {', '.join(file.forms)}, {file.lines:,} lines: {file.read:,} read, "
            f"{file.repeated:,} repeated, {file.rejected_count:,} rejected."
        )
        for reason, count in file.rejected.items():
            typer.echo(f"    {reason}: {count:,}")
        for text in (*file.examples, *file.notes):
            typer.echo(f"    {text}")


@app.command()
def pairs(
    actor: Annotated[str, typer.Option(help="Country that acts: ISO 3166 code or name.")],
    target: Annotated[str, typer.Option(help="Country it acts toward: ISO 3166 code or name.")],
    by: Annotated[By, typer.Option(help="Length of a period.")] = By.MONTH,
    year: Annotated[int | None, typer.Option(help="Only this year.")] = None,
    source: Annotated[str, typer.Option(help="Only events of this publisher.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write to this file instead: .csv, .xlsx or .parquet.")
    ] = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    account: ViewAsOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show the events of one country toward another by period, law and border apart."""
    open_workspace(workspace)
    from confianza.reports.tables import FORMATS, table_parts
    from confianza.server.events import documents, selectors

    file_format = out.suffix.lstrip(".").lower() if out else ""
    if out and file_format not in FORMATS:
        raise FileRefusal("file-form-unknown", file=out, known=", ".join(FORMATS))
    period: Literal["month", "year"] = "year" if by is By.YEAR else "month"
    pair = selectors.pair_of(viewing(account), actor, target)
    rows = documents.pair_periods(selectors.pair_counts(*pair, period, year=year, publisher=source))
    if out:
        columns = documents.PAIR_COLUMNS

        def values() -> Iterator[tuple[object, ...]]:
            for row in rows:
                yield tuple(str(value) if name == "period" else value for name, value in asdict(row).items())

        write_parts(out, table_parts(file_format, columns, values(), count=lambda: len(rows), sheet="pairs"))
        typer.echo(f"{out}: {len(rows):,} rows.")
        return
    names = {item.name: item.name for item in fields(documents.PairPeriod)}
    shown = {name: name for name in documents.SHOWN} if output_format is ListFormat.TEXT else names
    print_table(rows, shown, output_format, empty="No event of this pair is in the imported files.")


@app.command()
def files(
    check: Annotated[
        bool, typer.Option("--check", help="Name the Parquet files that are lost or damaged; status 1 then.")
    ] = False,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the imported files: what became of their lines, days, license, digest."""
    open_workspace(workspace)
    from confianza.server.events import documents, selectors

    if check:
        damaged = list(selectors.damaged_files())
        for name in damaged:
            typer.echo(f"{name}: lost or damaged. Import its file again.", err=True)
        if damaged:
            raise typer.Exit(1)
        typer.echo("Every Parquet file is as it was written.")
        return
    rows = [documents.file(row, terminal_language()) for row in selectors.event_files()]
    columns: Columns = {
        "file": "file_name",
        "form": lambda row: ", ".join(row.forms),
        "lines": "lines",
        "read": "read",
        "repeated": "repeated",
        "rejected": "rejected_count",
        "first_day": "first_date",
        "last_day": "last_date",
        "simulated": "is_simulated",
        "license": "license",
    }
    print_table(rows, columns, output_format, empty="No file of events was imported yet.")
