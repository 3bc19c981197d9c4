"""`confianza training`: who was trained, where, in what, at what cost, as the public reports tell."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import FileRefusal, write_parts
from confianza.cli.listings import NO_ROWS, ListFormat, dollars, print_document, print_rows
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace

if TYPE_CHECKING:
    from confianza.evidence.training_reports import PmeShare
    from confianza.server.evidence.selectors import TrainingQuery

app = typer.Typer(help="Training of the public reports: summary, rows, normalise.", no_args_is_help=True)


PartnerOption = Annotated[
    str | None, typer.Option("--partner", help="Country trained: ISO 3166 code, such as MEX, or name.")
]
FromOption = Annotated[int | None, typer.Option("--from", help="First fiscal year.")]
ToOption = Annotated[int | None, typer.Option("--to", help="Last fiscal year.")]
ProgramOption = Annotated[
    str | None, typer.Option("--program", help="Program family, such as imet-x, or imet for all of IMET.")
]
SchoolOption = Annotated[str | None, typer.Option("--school", help="School, such as WHINSEC.")]
InstitutionOption = Annotated[
    str | None, typer.Option("--institution", help="Institution of the partner, such as semar.")
]
CategoryOption = Annotated[str | None, typer.Option("--category", help="Category, such as pme.")]
LevelOption = Annotated[str | None, typer.Option("--level", help="Level of PME, such as staff.")]


class Status(StrEnum):
    """What reports say was done, or (early ones) what they say was planned for the next year."""

    EXECUTED = "executed"
    PLANNED = "planned"
    BOTH = "both"


StatusOption = Annotated[
    Status, typer.Option(help="What was done, or what early reports tell as planned for the next year.")
]


class By(StrEnum):
    """What rows are added up by."""

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


class RowsFormat(StrEnum):
    """A file of rows."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


def _query(
    partner: str | None,
    first: int | None,
    last: int | None,
    **wanted: str | None,
) -> TrainingQuery:
    from confianza.server.evidence.selectors import TrainingQuery

    given = {"partner_code": partner, "from_fy": first, "to_fy": last, **wanted}
    return TrainingQuery.of({name: str(value) for name, value in given.items() if value is not None})


def _form_of(output: Path | None) -> RowsFormat:
    suffix = output.suffix[1:].lower() if output else RowsFormat.CSV.value
    if suffix not in set(RowsFormat):
        raise FileRefusal("file-form-unknown", file=output, known=", ".join(RowsFormat))
    return RowsFormat(suffix)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _told(share: PmeShare) -> dict[str, Any]:
    """Students, courses and dollars, and what of them is PME."""
    return {
        "students": share.student_count,
        "courses": share.course_count,
        "dollars": dollars(share.cost),
        "pme_students": share.pme_student_count,
        "pme_courses": share.pme_course_count,
        "pme_dollars": dollars(share.pme_cost),
        "pme_share_students": _share(share.student_share),
        "pme_share_courses": _share(share.course_share),
        "pme_share_dollars": _share(share.cost_share),
    }


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a person reads it: the shares of PME instead of its sums."""
    kept = {name: value for name, value in row.items() if not name.startswith("pme_")}
    shares = {name: row[f"pme_share_{name}"] for name in ("students", "courses", "dollars")}
    return kept | {
        f"PME of {name}": "-" if share is None else f"{share:.1%}" for name, share in shares.items()
    }


@app.command()
def summary(
    partner: PartnerOption = None,
    first: FromOption = None,
    last: ToOption = None,
    by: Annotated[
        list[By] | None, typer.Option(help="What to add up by; may be given more than once.")
    ] = None,
    program: ProgramOption = None,
    school: SchoolOption = None,
    institution: InstitutionOption = None,
    category: CategoryOption = None,
    level: LevelOption = None,
    status: StatusOption = Status.EXECUTED,
    form: Annotated[ListFormat, typer.Option("--format", help="How to print the sums.")] = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add imported rows up: students, courses (rows of the reports), dollars, and the PME share of each.

    By fiscal year unless --by says otherwise; where years are not asked for, the dearest first.
    """
    open_workspace(workspace)
    from confianza.server.evidence.selectors import pme_shares

    query = _query(
        partner,
        first,
        last,
        program_family=program,
        school_code=school,
        institution_code=institution,
        category=category,
        level=level,
        status=status.value,
    )
    wanted = list(dict.fromkeys(by or [By.YEAR]))
    shares = pme_shares(query, tuple(DIMENSIONS[name] for name in wanted))
    if By.YEAR not in wanted:
        shares.sort(key=lambda share: share.cost.minor, reverse=True)
    rows = [
        {name.value: value for name, value in zip(wanted, share.group, strict=True)} | _told(share)
        for share in shares
    ]
    total = [_told(share) for share in pme_shares(query, ())]
    if form is ListFormat.JSON:
        print_document({"query": query.parameters(), "rows": rows, "total": total[0] if total else None})
        return
    if form is ListFormat.TEXT:
        ends = {name.value: "all" if name is wanted[0] else "" for name in wanted}
        rows = [_in_short(row) for row in [*rows, *([ends | total[0]] if len(rows) > 1 else [])]]
    print_rows(rows, form, empty=NO_ROWS)


@app.command()
def rows(
    partner: PartnerOption = None,
    first: FromOption = None,
    last: ToOption = None,
    program: ProgramOption = None,
    school: SchoolOption = None,
    institution: InstitutionOption = None,
    category: CategoryOption = None,
    level: LevelOption = None,
    status: StatusOption = Status.EXECUTED,
    form: Annotated[
        RowsFormat | None,
        typer.Option("--format", help="The form; that of the output's name, or CSV, when left out."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write; standard output when left out.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write imported rows with what they mean and where each was read: report, volume, page, row, digest."""
    open_workspace(workspace)
    from confianza.server.evidence.exports import training_parts
    from confianza.server.evidence.selectors import training_rows

    query = _query(
        partner,
        first,
        last,
        program_family=program,
        school_code=school,
        institution_code=institution,
        category=category,
        level=level,
        status=status.value,
    )
    chosen = form or _form_of(output)
    found = training_rows(query)
    parts = training_parts(found, chosen.value)
    if output is None:
        for part in parts:
            sys.stdout.buffer.write(part)
        return
    write_parts(output, parts)
    typer.echo(f"{output}: {found.count()} rows.")


@app.command()
def normalise(account: AsOption, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Apply the rule tables and settlements of today to every imported row, and tell what changed."""
    open_workspace(workspace)
    from confianza.server.evidence.selectors import has_training_rows
    from confianza.server.evidence.services import normalise_training

    changes = normalise_training(actor=acting(account))
    for change in changes:
        typer.echo(f"{change.field}: {change.before} is now {change.after} on {change.row_count} rows")
    if not changes:
        typer.echo("Every row says what the rules of today say." if has_training_rows() else NO_ROWS)
