"""`confianza training-reports`: who was trained, where, in what, at what cost, as the public reports state."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import FileRefusal, write_parts
from confianza.cli.listings import NO_ROWS, Columns, ListFormat, print_document, print_rows, table_rows
from confianza.cli.options import ListFormatOption, with_option_groups
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.evidence.countries import known_country

if TYPE_CHECKING:
    from confianza.server.training_reports.documents import Summary
    from confianza.server.training_reports.selectors import TrainingQuery

app = typer.Typer(
    help="Rows of the public training reports: summary, rows, normalize, unmatched, classify.",
    no_args_is_help=True,
)


class Status(StrEnum):
    """What reports say was done, or (early ones) what they say was planned for the next year."""

    EXECUTED = "executed"
    PLANNED = "planned"
    BOTH = "both"


@dataclass(frozen=True)
class Filters:
    """What rows are narrowed by."""

    partner: Annotated[
        str | None, typer.Option("--partner", help="Country trained: ISO 3166 code, such as COL, or name.")
    ] = None
    from_fy: Annotated[int | None, typer.Option("--from", help="First fiscal year.")] = None
    to_fy: Annotated[int | None, typer.Option("--to", help="Last fiscal year.")] = None
    program: Annotated[
        str | None,
        typer.Option("--program", help="Program family, such as imet-x, or imet for all of IMET."),
    ] = None
    school: Annotated[str | None, typer.Option("--school", help="School, such as WHINSEC.")] = None
    institution: Annotated[
        str | None, typer.Option("--institution", help="Institution of the partner, such as navy.")
    ] = None
    category: Annotated[str | None, typer.Option("--category", help="Category, such as pme.")] = None
    level: Annotated[str | None, typer.Option("--level", help="Level of PME, such as staff.")] = None
    status: Annotated[
        Status,
        typer.Option(
            "--status", help="What was done, or what early reports state as planned for the next year."
        ),
    ] = Status.EXECUTED

    def query(self) -> TrainingQuery:
        """The query of the open workspace."""
        from confianza.server.training_reports.selectors import TrainingQuery

        return TrainingQuery.of(
            {
                DIMENSIONS[By(name)] if name in set(By) else name: str(value)
                for name, value in asdict(self).items()
                if value is not None
            }
        )


class By(StrEnum):
    """What rows are grouped by."""

    YEAR = "year"
    PARTNER = "partner"
    PROGRAM = "program"
    SCHOOL = "school"
    INSTITUTION = "institution"
    CATEGORY = "category"
    LEVEL = "level"


DIMENSIONS = {
    By.YEAR: "fiscal_year",
    By.PARTNER: "partner_code",
    By.PROGRAM: "program_family",
    By.SCHOOL: "school_code",
    By.INSTITUTION: "institution_code",
    By.CATEGORY: "category",
    By.LEVEL: "level",
}
SUMS: Columns = {"students": "student_count", "courses": "course_count", "dollars": "cost"}
PME_SUMS: Columns = {f"pme_{name}": f"pme_{field}" for name, field in SUMS.items()}
PME_SHARES = {"students": "pme_student_share", "courses": "pme_course_share", "dollars": "pme_cost_share"}


class RowsFormat(StrEnum):
    """A file of rows."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


class Field(StrEnum):
    """What a text of the reports is classified as."""

    PROGRAM = "program"
    SCHOOL = "school"
    INSTITUTION = "institution"
    CATEGORY = "category"


def _file_format(output: Path | None) -> RowsFormat:
    suffix = output.suffix[1:].lower() if output else RowsFormat.CSV.value
    if suffix not in set(RowsFormat):
        raise FileRefusal("file-form-unknown", file=output, known=", ".join(RowsFormat))
    return RowsFormat(suffix)


def _columns(dimensions: list[By], *, in_short: bool) -> Columns:
    """What a row of sums tells: a reader the shares of PME in percent, a program also what they are shares of."""

    def group(dimension: str) -> Callable[[Summary], object]:
        return lambda item: item.values.get(dimension, "")

    def share(name: str) -> Callable[[Summary], object]:
        def read(item: Summary) -> object:
            value = getattr(item, name)
            return value if value is None else f"{value:.1%}" if in_short else round(value, 4)

        return read

    heading = "PME of {}" if in_short else "pme_share_{}"
    return {
        **{name.value: group(DIMENSIONS[name]) for name in dimensions},
        **SUMS,
        **({} if in_short else PME_SUMS),
        **{heading.format(what): share(field) for what, field in PME_SHARES.items()},
    }


def _say_what_lacks(query: TrainingQuery) -> None:
    """Say on standard error how many blocks the figures of a query lack; nothing when they lack none."""
    from confianza.server.training_reports.selectors import set_aside

    if lack := set_aside(query):
        typer.echo(
            f"Without {lack.block_count} {'block' if lack.block_count == 1 else 'blocks'} that could not be read "
            f"({lack.student_count} students, {lack.cost} printed), see: confianza evidence set-aside.",
            err=True,
        )


@app.command()
@with_option_groups
def summary(
    filters: Filters,
    by: Annotated[
        list[By] | None, typer.Option(help="What to group by; may be given more than once.")
    ] = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Total the imported rows: students, courses (rows of the reports), dollars, and the PME share of each.

    By fiscal year unless --by says otherwise; without years, the most expensive first.
    """
    open_workspace(workspace)
    from confianza.server.training_reports.documents import summaries

    query = filters.query()
    dimensions = list(dict.fromkeys(by or [By.YEAR]))
    groups = summaries(query, tuple(DIMENSIONS[name] for name in dimensions))
    total = summaries(query, ())
    if By.YEAR not in dimensions:
        groups.sort(key=lambda item: item.cost.minor, reverse=True)
    if output_format is ListFormat.JSON:
        document = {"query": query.parameters(), "rows": groups, "total": total[0] if total else None}
        print_document(document)
        return
    in_short = output_format is ListFormat.TEXT
    columns = _columns(dimensions, in_short=in_short)
    rows = table_rows(groups, columns)
    if in_short and len(rows) > 1:
        rows += [row | {dimensions[0].value: "all"} for row in table_rows(total[:1], columns)]
    print_rows(rows, output_format, empty=NO_ROWS)
    _say_what_lacks(query)


@app.command()
@with_option_groups
def rows(
    filters: Filters,
    output_format: Annotated[
        RowsFormat | None,
        typer.Option("--format", help="The format; that of the output's name, or CSV, when left out."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write; standard output when left out.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write imported rows with what they mean and where each was read: report, volume, page, row, digest."""
    open_workspace(workspace)
    from confianza.server.training_reports.exports import training_parts
    from confianza.server.training_reports.selectors import training_rows

    chosen = output_format or _file_format(output)
    query = filters.query()
    report_rows = training_rows(query)
    parts = training_parts(report_rows, chosen.value)
    if output is None:
        for part in parts:
            sys.stdout.buffer.write(part)
        _say_what_lacks(query)
        return
    write_parts(output, parts)
    typer.echo(f"{output}: {report_rows.count()} rows.")
    _say_what_lacks(query)


@app.command()
def normalize(account: AsOption, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Apply the current rule tables and classifications to every imported row, and show what changed."""
    open_workspace(workspace)
    from confianza.server.training_reports.selectors import has_training_rows
    from confianza.server.training_reports.services import normalize_training

    changes = normalize_training(actor=acting(account))
    for change in changes:
        typer.echo(f"{change.field}: {change.before} is now {change.after} on {change.row_count} rows")
    if not changes:
        typer.echo("Every row agrees with the current rules already." if has_training_rows() else NO_ROWS)


@app.command()
def unmatched(
    field: Annotated[Field | None, typer.Option(help="Only this; all four when left out.")] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", help="Only this country: ISO 3166 code, such as COL, or name.")
    ] = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the texts of the reports that no rule fits, those on most rows first."""
    partner_code = known_country(partner) if partner else None
    open_workspace(workspace)
    from confianza.server.training_reports.selectors import has_training_rows, unmatched_texts

    texts = [
        (name, text)
        for name in ([field] if field else Field)
        for text in unmatched_texts(DIMENSIONS[By(name)], partner_code)
    ]
    if output_format is ListFormat.JSON:
        print_document([{"field": DIMENSIONS[By(name)]} | asdict(text) for name, text in texts])
        return
    listed = [
        {
            "field": name.value,
            "text": text.text,
            "partner": text.partner_code or None,
            "rows": text.row_count,
            "students": text.student_count,
            "from_fy": text.from_fy,
            "to_fy": text.to_fy,
        }
        for name, text in texts
    ]
    matched = "A rule or a person says what every text means."
    print_rows(listed, output_format, empty=matched if has_training_rows(partner_code) else NO_ROWS)


@app.command()
def classify(
    text: Annotated[str, typer.Argument(help="The text, as: confianza training-reports unmatched lists it.")],
    field: Annotated[Field, typer.Option(help="What the text states.")],
    means: Annotated[
        str, typer.Option(help="What it means, such as navy; '' removes the last classification.")
    ],
    reason: Annotated[str, typer.Option(help="The reason; it is stored with the rows.")],
    account: AsOption,
    level: Annotated[str, typer.Option(help="Level of a course that is PME, such as staff.")] = "",
    partner: Annotated[
        str | None, typer.Option("--partner", help="Country of an institution: ISO 3166 code or name.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Classify a text of the reports, on the rows imported so far and those to come."""
    partner_code = known_country(partner) if partner else ""
    open_workspace(workspace)
    from confianza.server.training_reports.services import classify_text

    _, count = classify_text(
        field=DIMENSIONS[By(field)],
        text=text,
        value=means,
        level=level,
        partner_code=partner_code,
        reason=reason,
        actor=acting(account),
    )
    meaning = f"is {means}" if means else "is for the rules again"
    typer.echo(f"{text} {meaning} on {count} {'row' if count == 1 else 'rows'}.")
