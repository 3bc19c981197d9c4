"""`confianza indicators`: bring publishers' files in, tell what is here and what is missing, show and export."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from confianza.cli.files import FileRefusal, terminal_language, write_parts
from confianza.cli.listings import ListFormat, print_document, print_rows, print_table
from confianza.cli.options import ListFormatOption
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.evidence.countries import known_country
from confianza.evidence.download import is_address, local_file

app = typer.Typer(help="Force profile: indicators of countries, with sources.", no_args_is_help=True)
imports = typer.Typer(help="Import files of a publisher.", no_args_is_help=True)
app.add_typer(imports, name="import")

FilesArgument = Annotated[list[str], typer.Argument(help="Files of the publisher: paths or https addresses.")]
IndicatorOption = Annotated[str | None, typer.Option(help="Only this indicator (code; see list).")]
ReleasedOption = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="Day the publisher issued the file, where two files are of one release."
    ),
]
CountryOption = Annotated[str | None, typer.Option(help="Only this country: ISO 3166 code or name.")]


def _import(
    kind: str, files: list[str], account: str, workspace: Path, released: datetime | None = None
) -> None:
    open_workspace(workspace)
    from confianza.server.indicators.services import import_indicators

    actor = acting(account)
    for source in files:
        with local_file(source) as path:
            releases, is_new = import_indicators(
                path,
                kind=kind,
                actor=actor,
                address=source if is_address(source) else "",
                released=released.date() if released else None,
            )
        if not is_new:
            typer.echo(f"{path.name}: imported before; nothing changed.")
            continue
        for release in releases:
            figures = [point for point in release.observations if point.value is not None]
            countries = len({point.country_code for point in figures})
            typer.echo(
                f"{path.name}: {release.source}, edition {release.release}: {len(figures):,} figures of "
                f"{countries} {'country' if countries == 1 else 'countries'}, "
                f"{len(release.observations) - len(figures):,} places without a figure."
            )
            if release.skipped:
                typer.echo(f"    rows that are no country's, left out: {'; '.join(release.skipped)}")


@imports.command()
def worldbank(
    files: FilesArgument,
    account: AsOption,
    released: ReleasedOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import downloads of any World Bank indicator: CSV, its archive, XLS, XLSX, or DataBank's CSV."""
    _import("worldbank", files, account, workspace, released)


@imports.command()
def sipri(
    files: FilesArgument,
    account: AsOption,
    released: ReleasedOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import the workbook of the SIPRI Military Expenditure Database, of any release."""
    _import("sipri", files, account, workspace, released)


@imports.command()
def capabilities(
    files: FilesArgument,
    account: AsOption,
    released: ReleasedOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import National Material Capabilities (Correlates of War): population, personnel, expenditure of every state."""
    _import("capabilities", files, account, workspace, released)


@imports.command()
def records(files: FilesArgument, account: AsOption, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Import figures that stand in texts: TOML, or CSV with indicator, country, year, value, source and place."""
    _import("records", files, account, workspace)


@app.command("list")
def list_(output_format: ListFormatOption = ListFormat.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List what each release of each source has of every indicator, and how much is missing."""
    open_workspace(workspace)
    from confianza.server.indicators import documents, selectors

    found = [documents.coverage(item) for item in selectors.coverage()]
    columns = {
        "indicator": "indicator_code",
        "source": "source",
        "edition": "edition",
        "countries": "country_count",
        "first_year": "first_year",
        "last_year": "last_year",
        "figures": "figure_count",
        "missing": "missing_count",
    }
    print_table(found, columns, output_format, empty="No indicators were imported yet.")


@app.command()
def show(
    country: Annotated[str, typer.Option(help="ISO 3166 code, such as COL, or name.")],
    indicator: IndicatorOption = None,
    every_release: Annotated[
        bool, typer.Option("--every-release", "--every-edition", help="Older releases too.")
    ] = False,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show the figures of a country with their sources and places, derived ones too."""
    open_workspace(workspace)
    from confianza.server.indicators import documents, selectors

    code = known_country(country)
    if indicator:
        selectors.known_indicator(indicator)
    series_of = selectors.every_release if every_release else selectors.with_derived
    series_list = [documents.series(item, terminal_language()) for item in series_of(code, indicator)]
    if output_format is ListFormat.JSON:
        print_document(series_list)
        return
    points = ("year", "period", "value", "qualifier", "status")
    rows = [
        {
            "indicator": series.indicator,
            "part": series.part,
            **{name: getattr(point, name) for name in points},
            "source": series.source,
            "edition": series.edition,
            "place": point.place,
        }
        for series in series_list
        for point in series.points
    ]
    print_rows(rows, output_format, empty=f"No figure of {code} is here.")


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.")],
    country: CountryOption = None,
    indicator: IndicatorOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write every stored figure of every release with its source, place, file and digest."""
    file_format = out.suffix.lstrip(".").lower()
    open_workspace(workspace)
    from confianza.server.indicators.exports import FORMATS, figure_parts
    from confianza.server.indicators.selectors import known_indicator, stored_figures

    if file_format not in FORMATS:
        raise FileRefusal("file-form-unknown", file=out, known=", ".join(FORMATS))
    if indicator:
        known_indicator(indicator)
    figures = stored_figures(known_country(country) if country else None, indicator)
    write_parts(out, figure_parts(figures, file_format))
    typer.echo(f"{out}: {figures.count():,} figures.")
