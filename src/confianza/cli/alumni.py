"""`confianza alumni`: people who trained, who studied with whom, the posts they hold, and their own requests."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from confianza.cli.listings import print_document
from confianza.cli.partnership_option import PartnershipOption, chosen_partnership
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.errors import RuleRefusal

if TYPE_CHECKING:
    from confianza.server.institutions.models import Party
    from confianza.server.people.models import User

app = typer.Typer(
    help="Alumni: list, graph, report and import them; enroll a person, export and erase what is held about a person.",
    no_args_is_help=True,
)
PartnerOption = Annotated[
    str, typer.Option(help="Code of the partner, such as CO; that of the partnership when left out.")
]
OnOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As of this day; today when left out.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
PersonArgument = Annotated[str, typer.Argument(help="A pseudonym, or the public name on record.")]


def _day(on: datetime | None) -> date:
    from django.utils import timezone

    return on.date() if on else timezone.localdate()


def _account(name: str) -> User:
    """The account that acts, with what it may see."""
    from confianza.server.people.models import User

    return User.objects.get(username=acting(name).account)


def _partner(code: str, partnership: str) -> Party:
    """The party whose people are meant: by its code, or the partner of the partnership."""
    from confianza.server.institutions.selectors import party_row

    return party_row(code or chosen_partnership(partnership).partner.manual_code)


@app.command("list")
def list_(
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    form: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the people of a partner who had completed a course by a day, with the posts they hold then."""
    open_workspace(workspace)
    from confianza.server.alumni.selectors import alumni_rows, visible_students

    rows = alumni_rows(_partner(partner, partnership), visible_students(_account(account)), _day(on))
    language = terminal_language()
    listed = [
        {
            "pseudonym": row.student.pk,
            "name": row.student.name,
            "institution": row.student.institution_code,
            "schools": row.schools,
            "completed_on": row.completed_on.isoformat(),
            "posts": [item.post_title.in_language(language) for item in row.current],
        }
        for row in rows
    ]
    if form is Format.JSON:
        print_document(listed)
        return
    for item in listed:
        posts = f"  {'; '.join(item['posts'])}" if item["posts"] else ""
        typer.echo(
            f"{item['pseudonym']}  {item['name']:<24} {item['completed_on']}  {', '.join(item['schools'])}{posts}"
        )
    typer.echo(f"{len(listed)} alumni.")


@app.command()
def graph(
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    school: Annotated[str, typer.Option(help="Only people of this school (its code).")] = "",
    svg: Annotated[Path | None, typer.Option(help="Also draw the graph to this file.")] = None,
    form: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Tell who studied with whom by a day: the ties, the growth by year, who stands between most."""
    open_workspace(workspace)
    from confianza.evidence.relationships import brokers
    from confianza.server.alumni.drawing import relations_svg
    from confianza.server.alumni.selectors import relations, visible_students

    found = relations(
        _partner(partner, partnership), visible_students(_account(account)), _day(on), school=school
    )
    if svg is not None:
        write_file(svg, relations_svg(found, terminal_language()).encode())
    if form is Format.JSON:
        print_document(
            {
                "partner": partner,
                "on": found.on,
                "growth": [asdict(year) for year in found.growth],
                "ties": [asdict(tie) for tie in found.ties],
                "brokers": [asdict(broker) for broker in brokers(found.graph)],
            }
        )
        return
    if not found.growth:
        typer.echo(f"Nobody of {partner} who studied by {found.on} is on record.")
    for year in found.growth:
        density = "-" if year.density is None else f"{year.density:.3f}"
        typer.echo(
            f"{year.year}  {year.person_count:>5} people  {year.tie_count:>6} ties  "
            f"{year.between_countries_count:>6} between countries  density {density}  "
            f"{year.component_count} groups"
        )
    for broker in brokers(found.graph)[:10]:
        between = "-" if broker.betweenness is None else f"{broker.betweenness:.3f}"
        typer.echo(
            f"{found.students[broker.person].name:<24} {broker.tie_count} ties, "
            f"{broker.between_countries_count} between countries, betweenness {between}"
        )


@app.command()
def posts(
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    form: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Tell who holds which post on a day, and how many senior posts alumni hold."""
    open_workspace(workspace)
    from confianza.cooperation.bilingual import Text
    from confianza.server.alumni.selectors import post_rows, senior_posts_held, visible_students

    language = terminal_language()
    rows = post_rows(_partner(partner, partnership), visible_students(_account(account)), _day(on))
    held = senior_posts_held(rows)
    listed = [
        {
            "post": row.post.code,
            "title": Text.of(row.post.title).in_language(language),
            "is_senior": row.post.is_senior,
            "held_by": row.held.value,
            "person": row.student.name if row.student else None,
        }
        for row in rows
    ]
    if form is Format.JSON:
        shares = {name: getattr(held, name) for name in ("known_share", "least_share", "most_share")}
        print_document({"partner": partner, "posts": listed, "senior": asdict(held) | shares})
        return
    for item in listed:
        typer.echo(f"{item['post']:<24} {item['held_by']:<8} {item['person'] or '-':<24} {item['title']}")
    if held.post_count:
        typer.echo(
            f"{held.alumni_count} of {held.post_count} senior posts are held by alumni, {held.other_count} by others, "
            f"{held.unknown_count} unknown: between {held.least_share:.1%} and {held.most_share:.1%}."
        )
    else:
        typer.echo(f"No senior post of {partner} is on record.")


@app.command()
def report(
    output: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .parquet.")],
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    on: OnOption = None,
    language: Annotated[Language, typer.Option("--language", help="en or es.")] = Language.EN,
    names: Annotated[
        bool, typer.Option("--names", help="Name pseudonymous people too; each look is recorded.")
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
    if suffix not in exports.FORMS:
        raise RuleRefusal(
            "export-type", file=output.name, allowed=", ".join(f".{name}" for name in exports.FORMS)
        )
    user, day = _account(account), _day(on)
    students = selectors.visible_students(user).filter(partner=_partner(partner, partnership))
    rows = selectors.prominence_rows(students, day)
    told = services.names_for_report(rows, actor=user.actor) if names else {}
    told_rows = exports.report_rows(rows, language.value, told)
    write_parts(output, exports.report_parts(suffix, told_rows, language.value))
    if update:
        services.update_report(partner_code=partner, on=day, actor=user.actor)
    typer.echo(f"{output}: {len(rows)} people.")


@app.command()
def enrol(
    account: AsOption,
    partner: PartnerOption = "",
    partnership: PartnershipOption = "",
    institution: Annotated[str, typer.Option(help="Code of the person's institution.")] = "",
    identity: Annotated[
        Path | None, typer.Option(help="JSON file of who it is, by field: surname, given_names, sex …")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Enroll a person under a new pseudonym, and seal who it is."""
    open_workspace(workspace)
    from confianza.server.alumni.services import enrol_student

    student = enrol_student(
        partner_code=partner,
        institution_code=institution,
        identity=None if identity is None else _identity(identity),
        actor=acting(account),
    )
    typer.echo(student.pseudonym)


def _identity(file: Path) -> Identity:
    """The identity in a file; an error never repeats what the file says."""
    names = [field.name for field in fields(Identity)]
    try:
        given = json.loads(read_file(file))
    except ValueError:
        given = None
    if not isinstance(given, dict) or not given.keys() <= set(names):
        raise FileRefusal("identity-file", file=file, known=", ".join(names))
    return Identity.of_json({name: str(value) for name, value in given.items()})


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX of courses, posts or positions; --dry-run stores nothing.")
    ],
    account: AsOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Take in courses, posts, or who held them: all rows, or none and every problem."""
    open_workspace(workspace)
    from confianza.server.alumni.bulk import import_students

    taken = import_students(file, actor=acting(account), dry_run=dry_run)
    if taken.was_there:
        typer.echo(f"{file.name}: taken in before; nothing changed.")
        return
    typer.echo(f"{file.name}: {taken.row_count} rows {'would be taken in' if dry_run else 'taken in'}.")
    if taken.new_schools:
        typer.echo(f"Schools outside the table, taken by name: {', '.join(sorted(taken.new_schools))}.")
    for group in taken.near_names:
        typer.echo(f"Names that differ in accents only, taken as different people: {', '.join(group)}.")
    if not dry_run:
        for label, pseudonym in taken.people.items():
            typer.echo(f"{label}: {pseudonym}")


@app.command()
def export(
    person: PersonArgument,
    account: AsOption,
    output: Annotated[Path, typer.Option("--output", help="JSON file to write, readable by you only.")],
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write all that is held about a person, for that person; the look is recorded."""
    open_workspace(workspace)
    from confianza.server.alumni import services
    from confianza.server.alumni.selectors import student_row, visible_students

    user = _account(account)
    student = student_row(person, visible_students(user))
    document = services.export_person(pseudonym=student.pk, actor=user.actor)
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
    """Destroy who a person is; the pseudonym, the training, every count and the audit log stay."""
    open_workspace(workspace)
    from confianza.server.alumni import services
    from confianza.server.alumni.selectors import student_row, visible_students

    user = _account(account)
    student = student_row(person, visible_students(user))
    if not yes:
        typer.confirm(f"Erase the personal data of {student.pk}? This cannot be undone", abort=True)
    is_whole = services.erase_person(pseudonym=student.pk, on=_day(None), actor=user.actor)
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

    count = identities.rotate_key(actor=Actor("command-line", "operator"))
    typer.echo(f"{identities.key_file()}: new key; {count} identities sealed with it.")
