"""`confianza alumni`: people who trained, who studied with whom, the positions they hold, and their own requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import (
    FileRefusal,
    Format,
    Language,
    read_file,
    terminal_language,
    write_file,
    write_parts,
)
from confianza.cli.listings import print_result
from confianza.cli.options import DryRunOption, FormatOption
from confianza.cli.partnership_option import PartnershipOption, chosen_partnership
from confianza.cli.workspace import (
    WORKSPACE,
    AsOption,
    ViewAsOption,
    WorkspaceOption,
    acting,
    open_workspace,
    viewing,
)
from confianza.cooperation.actors import OPERATOR
from confianza.cooperation.alumni.identity import Identity
from confianza.errors import RuleRefusal

if TYPE_CHECKING:
    from confianza.server.alumni.documents import Alumnus, Positions
    from confianza.server.alumni.documents import Relations as RelationsDocument
    from confianza.server.alumni.selectors import Relations

app = typer.Typer(
    help="Alumni: list, graph, report and import them; enroll a person, export and erase what is stored about a person.",
    no_args_is_help=True,
)
PartnerOption = Annotated[
    str, typer.Option(help="Code of the partner, such as CO; that of the partnership when left out.")
]
OnOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As of this day; today when left out.")
]
PersonArgument = Annotated[str, typer.Argument(help="A pseudonym, or the public name on record.")]


def _day(on: datetime | None) -> date:
    from django.utils import timezone

    return on.date() if on else timezone.localdate()


def _partner(code: str, partnership: str) -> Any:
    """The row of the party whose people are meant: by its code, or the partner of the partnership."""
    from confianza.server.institutions.selectors import party_row

    return party_row(code or chosen_partnership(partnership).partner.manual_code)


@app.command("list")
def list_(
    account: ViewAsOption = None,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the people of a partner who had completed a course by a day, with the positions they hold then."""
    open_workspace(workspace)
    from confianza.server.alumni import documents, selectors

    students = selectors.visible_students(viewing(account))
    rows = selectors.alumni_rows(_partner(partner, partnership), students, _day(on))
    people = [documents.alumnus(row, terminal_language()) for row in rows]
    print_result(people, output_format, _people_lines(people))


def _people_lines(people: Sequence[Alumnus]) -> Iterator[str]:
    for item in people:
        posts = f"  {'; '.join(item.posts)}" if item.posts else ""
        yield f"{item.pseudonym}  {item.name:<24} {item.completed_on}  {', '.join(item.schools)}{posts}"
    yield f"{len(people)} alumni."


@app.command()
def graph(
    account: ViewAsOption = None,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    school: Annotated[str, typer.Option(help="Only people of this school (its code).")] = "",
    svg: Annotated[Path | None, typer.Option(help="Also draw the graph to this file.")] = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show who studied with whom by a day: the ties, the growth by year, who connects most."""
    open_workspace(workspace)
    from confianza.server.alumni import documents, drawing, selectors

    students = selectors.visible_students(viewing(account))
    relations = selectors.relations(_partner(partner, partnership), students, _day(on), school=school)
    if svg is not None:
        write_file(svg, drawing.relations_svg(relations, terminal_language()).encode())
    document = documents.relations(relations)
    print_result(document, output_format, _graph_lines(document, relations))


def _graph_lines(document: RelationsDocument, relations: Relations) -> Iterator[str]:
    if not document.growth:
        yield f"Nobody of {document.partner} who studied by {document.on} is on record."
    for year in document.growth:
        density = "-" if year.density is None else f"{year.density:.3f}"
        yield (
            f"{year.year}  {year.person_count:>5} people  {year.tie_count:>6} ties  "
            f"{year.between_countries_count:>6} between countries  density {density}  "
            f"{year.component_count} groups"
        )
    for broker in document.brokers[:10]:
        between = "-" if broker.betweenness is None else f"{broker.betweenness:.3f}"
        yield (
            f"{relations.students[broker.person].name:<24} {broker.tie_count} ties, "
            f"{broker.between_countries_count} between countries, betweenness {between}"
        )


@app.command()
def posts(
    account: ViewAsOption = None,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show who holds which position on a day, and how many senior positions alumni hold."""
    open_workspace(workspace)
    from confianza.server.alumni import documents, selectors

    students = selectors.visible_students(viewing(account))
    party = _partner(partner, partnership)
    positions = documents.positions(selectors.post_rows(party, students, _day(on)), terminal_language())
    print_result(
        positions,
        output_format,
        _position_lines(positions, party.party().name.in_language(terminal_language())),
    )


def _position_lines(positions: Positions, country: str) -> Iterator[str]:
    for item in positions.posts:
        yield f"{item.post:<24} {item.held_by:<8} {item.person_name or '-':<24} {item.title}"
    if positions.post_count:
        yield (
            f"{positions.alumni_count} of {positions.post_count} senior positions are held by alumni, "
            f"{positions.other_count} by others, {positions.unknown_count} unknown: "
            f"between {positions.least_share:.1%} and {positions.most_share:.1%}."
        )
    else:
        yield f"No senior position of {country} is on record."


@app.command()
def report(
    output: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .parquet.")],
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    language: Annotated[Language, typer.Option("--language", help="en or es.")] = Language.EN,
    names: Annotated[
        bool, typer.Option("--names", help="Name pseudonymous people too; each access is recorded.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Record that the report is up to date on that day.")
    ] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the yearly report of positions of prominence in the manual's order of fields (SAMM C10.21)."""
    open_workspace(workspace)
    from confianza.server.alumni import exports, selectors, services

    suffix = output.suffix[1:].lower()
    if suffix not in exports.FORMATS:
        raise RuleRefusal(
            "export-type", file=output.name, allowed=", ".join(f".{name}" for name in exports.FORMATS)
        )
    actor, day = acting(account), _day(on)
    students = selectors.visible_students(viewing(account)).filter(partner=_partner(partner, partnership))
    rows = selectors.prominence_rows(students, day)
    revealed = services.names_for_report(rows, actor=actor) if names else {}
    listed = exports.report_rows(rows, language.value, revealed)
    write_parts(output, exports.report_parts(suffix, listed, language.value))
    if update:
        services.update_report(partner_code=partner, on=day, actor=actor)
    typer.echo(f"{output}: {len(rows)} people.")


@app.command()
def enroll(
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    institution: Annotated[str, typer.Option(help="Code of the person's institution.")] = "",
    identity: Annotated[
        Path | None, typer.Option(help="JSON file of the identity, by field: surname, given_names, sex …")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Enroll a person under a new pseudonym, and seal the identity."""
    open_workspace(workspace)
    from confianza.server.alumni.services import enroll_student

    student = enroll_student(
        partner_code=_partner(partner, partnership).pk,
        institution_code=institution,
        identity=None if identity is None else _identity(identity),
        actor=acting(account),
    )
    typer.echo(student.pseudonym)


def _identity(file: Path) -> Identity:
    """The identity in a file; an error never repeats what the file says."""
    names = [field.name for field in fields(Identity)]
    try:
        document = json.loads(read_file(file))
    except ValueError:
        document = None
    if not isinstance(document, dict) or not document.keys() <= set(names):
        raise FileRefusal("identity-file", file=file, known=", ".join(names))
    return Identity.of_json({name: str(value) for name, value in document.items()})


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX of courses, positions or holders; --dry-run stores nothing.")
    ],
    account: AsOption,
    dry_run: DryRunOption = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Import courses, positions, or who held them: all rows, or none and every problem."""
    open_workspace(workspace)
    from confianza.server.alumni.bulk import import_students

    result = import_students(file, actor=acting(account), dry_run=dry_run)
    if result.was_there:
        typer.echo(f"{file.name}: imported before; nothing changed.")
        return
    typer.echo(f"{file.name}: {result.row_count} rows {'would be imported' if dry_run else 'imported'}.")
    if result.new_schools:
        typer.echo(f"Schools outside the table, taken by name: {', '.join(sorted(result.new_schools))}.")
    for group in result.near_names:
        typer.echo(f"Names that differ in accents only, taken as different people: {', '.join(group)}.")
    if not dry_run:
        for label, pseudonym in result.people.items():
            typer.echo(f"{label}: {pseudonym}")


@app.command()
def export(
    person: PersonArgument,
    account: AsOption,
    output: Annotated[Path, typer.Option("--output", help="JSON file to write, readable by you only.")],
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write all that is stored about a person, for that person; the access is recorded."""
    open_workspace(workspace)
    from confianza.server.alumni import services
    from confianza.server.alumni.selectors import student_row, visible_students

    actor = acting(account)
    student = student_row(person, visible_students(viewing(account)))
    document = services.export_person(pseudonym=student.pk, actor=actor)
    try:
        output.touch(mode=0o600)
    except OSError as error:
        raise FileRefusal("file-unusable", file=output, detail=error.strerror) from error
    write_file(output, json.dumps(document, ensure_ascii=False, indent=2).encode())
    typer.echo(f"{output}: written.")


@app.command()
def erase(
    person: PersonArgument,
    account: AsOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Destroy the identity of a person; the pseudonym, the training, every count and the audit log stay."""
    open_workspace(workspace)
    from confianza.server.alumni import services
    from confianza.server.alumni.selectors import student_row, visible_students

    actor = acting(account)
    student = student_row(person, visible_students(viewing(account)))
    if not yes:
        typer.confirm(f"Erase the personal data of {student.pk}? This cannot be undone", abort=True)
    is_whole = services.erase_person(pseudonym=student.pk, on=_day(None), actor=actor)
    typer.echo(
        f"{student.pk}: erased. Copies of the database still hold it: change the key with "
        "'confianza alumni rotate-key' and destroy the old key file."
    )
    if not is_whole:
        raise RuleRefusal("journal-not-empty")


@app.command("empty-journal")
def empty_journal(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Empty SQLite's journal of what was erased while somebody read."""
    open_workspace(workspace)
    from confianza.server.alumni import services

    if not services.empty_journal():
        raise RuleRefusal("journal-not-empty")
    typer.echo("The journal is empty.")


@app.command("rotate-key")
def rotate_key(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Seal every identity with a new key and drop the old one, so that copies made before cannot be opened."""
    open_workspace(workspace)
    from confianza.server.alumni import identities

    count = identities.rotate_key(actor=OPERATOR)
    typer.echo(f"{identities.key_file()}: new key; {count} identities sealed with it.")
