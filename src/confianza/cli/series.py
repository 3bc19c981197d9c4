"""`confianza series`: bring files of publishers in, tell which measures there are, show a pair's by year."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from confianza.cli.files import terminal_language
from confianza.cli.listings import ListFormat, print_document, print_rows, print_table
from confianza.cli.options import ListFormatOption
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.evidence.countries import known_country
from confianza.evidence.download import is_address, local_file
from confianza.evidence.series import table_row

app = typer.Typer(help="Series of a pair of countries by year, from publishers' files.", no_args_is_help=True)

FilesArgument = Annotated[
    list[str],
    typer.Argument(
        help="Files of publishers: paths or https addresses. Those that belong together, such as votes and their "
        "roll calls, in one command."
    ),
]


@app.command("import")
def import_(files: FilesArgument, account: AsOption, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Import files; whose they are is told by their columns. All of them, or none when anything is wrong."""
    open_workspace(workspace)
    from confianza.server.series.services import import_series

    actor = acting(account)
    with ExitStack() as stack:
        paths = [stack.enter_context(local_file(source)) for source in files]
        address = " ".join(source for source in files if is_address(source))
        releases, is_new = import_series(*paths, actor=actor, address=address)
        names = ", ".join(path.name for path in paths)
    if not is_new:
        typer.echo(f"{names}: imported before; nothing changed.")
        return
    for release in releases:
        extent = "" if release.is_whole else " An extract: what it does not name is missing, not zero."
        typer.echo(
            f"{names}: {release.source}, {release.release}: {release.count:,} values in "
            f"{len(release.series):,} series.{extent}"
        )
        if release.skipped:
            typer.echo(f"    left out: {'; '.join(release.skipped)}")


@app.command("list")
def list_(output_format: ListFormatOption = ListFormat.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List every measure with its source, window and terms, and the releases that are here."""
    open_workspace(workspace)
    from confianza.server.series import documents

    columns: dict[str, str | Callable[[Any], Any]] = {
        "measure": "code",
        "source": "source",
        "unit": "unit",
        "of": "shape",
        "first_year": lambda item: item.window[0],
        "last_year": lambda item: item.window[1],
        "ships": "ships",
        "releases": lambda item: "; ".join(item.releases) or "-",
    }
    print_table(documents.measure_list(terminal_language()), columns, output_format, empty="No measure.")


@app.command()
def show(
    from_country: Annotated[str, typer.Option("--from", help="ISO 3166 code, such as US, or name.")],
    to_country: Annotated[str, typer.Option("--to", help="ISO 3166 code, such as CO, or name.")],
    measure: Annotated[str | None, typer.Option(help="Only this measure (code; see list).")] = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show what the sources say of two countries by year; zero inside a window is zero, outside nothing is known."""
    open_workspace(workspace)
    from confianza.server.series import documents, selectors

    pair = known_country(from_country), known_country(to_country)
    found = selectors.series_between(*pair, measure)
    if output_format is ListFormat.JSON:
        print_document([documents.series_of_pair(item) for item in found])
        return
    rows = [table_row(series, point) for series in found for point in series.points]
    if output_format is ListFormat.TEXT:
        shown = ("measure", "part", "from", "to", "year", "value", "state", "source")
        rows = [{name: row[name] for name in shown} for row in rows]
    print_rows(rows, output_format, empty=f"No series of {pair[0]} and {pair[1]} is here.")
