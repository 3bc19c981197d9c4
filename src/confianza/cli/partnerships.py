"""`confianza partnerships`, `parties`, `institutions` and `counterparts`: who works with whom in a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import Format, terminal_language
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption
from confianza.cli.partnership_option import OnlyPartnershipOption, PartnershipOption, chosen_partnership
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.countries import country_code, known_country

if TYPE_CHECKING:
    from confianza.server.institutions.documents import Institution, Partnership

app = typer.Typer(help="Partnerships: add, list.", no_args_is_help=True)
parties_app = typer.Typer(help="Parties: add, list.", no_args_is_help=True)
institutions_app = typer.Typer(help="Institutions of the parties: add, list.", no_args_is_help=True)
counterparts_app = typer.Typer(help="Offices that deal with each other: add, list.", no_args_is_help=True)

COUNTRY = "ISO 3166 code or name; for a fictional country its user-assigned code, such as XB."
ManualOption = Annotated[
    str, typer.Option(help="The manual's code, where it is not that of ISO; case identifiers have it.")
]
SourceOption = Annotated[str, typer.Option(help="The source that states it, in 40 characters.")]
PlaceOption = Annotated[str, typer.Option(help="The place in the source, such as 'art. 7'.")]
EnglishOption = Annotated[str, typer.Option("--name-en", help="Name in English.")]
SpanishOption = Annotated[str, typer.Option("--name-es", help="Name in Spanish.")]


def _iso(text: str) -> str:
    return country_code(text) or text.strip().upper()


@app.command()
def add(
    host: Annotated[str, typer.Option(help=f"The country that assists: {COUNTRY}")],
    partner: Annotated[str, typer.Option(help=f"The partner: {COUNTRY}")],
    account: AsOption,
    first_year: Annotated[
        int | None, typer.Option(help="First year of the events that trust is estimated from.")
    ] = None,
    last_year: Annotated[int | None, typer.Option(help="Last year of them; this year when left out.")] = None,
    assessed_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day it is assessed on; today when left out."),
    ] = None,
    program: Annotated[str, typer.Option(help="Program whose appropriations are shown first.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add a partnership of two parties; a country that is no party yet becomes one."""
    open_workspace(workspace)
    from confianza.server.institutions.services import add_partnership

    row = add_partnership(
        host_code=_iso(host),
        partner_code=_iso(partner),
        first_year=first_year,
        last_year=last_year,
        assessment_date=assessed_on.date() if assessed_on else None,
        program=program,
        adds_parties=True,
        actor=acting(account),
    )
    typer.echo(f"{row.code}: added.")


@app.command("list")
def list_(output_format: FormatOption = Format.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the partnerships, the first one first."""
    open_workspace(workspace)
    from confianza.server.institutions import documents, selectors

    listed = [documents.partnership(one) for one in selectors.partnerships()]
    print_result(listed, output_format, map(_partnership_line, listed))


def _partnership_line(item: Partnership) -> str:
    years = f"{item.first_year or ''}–{item.last_year or ''}" if item.first_year or item.last_year else ""
    return f"{item.code}  {item.name.in_language(terminal_language())}  {years}"


@parties_app.command("add")
def add_party(
    country: Annotated[str, typer.Argument(help=COUNTRY)],
    account: AsOption,
    manual_code: ManualOption = "",
    name_en: EnglishOption = "",
    name_es: SpanishOption = "",
    fictional: Annotated[bool, typer.Option("--fictional", help="A country of made-up data.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add a party; names that are left out are those of the Unicode locale data."""
    open_workspace(workspace)
    from confianza.server.institutions import services

    row = services.add_party(
        iso_code=_iso(country) if len(country.strip()) == 2 else known_country(country),
        manual_code=manual_code,
        name=BilingualText(name_en, name_es) if name_en or name_es else None,
        is_fictional=fictional,
        actor=acting(account),
    )
    typer.echo(
        f"{row.manual_code}: added (ISO {row.iso_code}, {row.party().name.in_language(terminal_language())})."
    )


@parties_app.command("list")
def list_parties(
    partnership: OnlyPartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the parties: the manual's code, that of ISO 3166, the name."""
    open_workspace(workspace)
    from confianza.server.institutions import documents, selectors

    parties = chosen_partnership(partnership).parties if partnership else selectors.parties()
    listed = [documents.party(item) for item in parties]
    language = terminal_language()
    lines = (f"{item.manual_code}  {item.iso_code}  {item.name.in_language(language)}" for item in listed)
    print_result(listed, output_format, lines)


@institutions_app.command("add")
def add_institution(
    code: Annotated[str, typer.Argument(help="Its code: small letters, digits and hyphens.")],
    party: Annotated[str, typer.Option(help="The manual's code of its party.")],
    name_en: EnglishOption,
    name_es: SpanishOption,
    source: SourceOption,
    account: AsOption,
    place: PlaceOption = "",
    duty_en: Annotated[str, typer.Option(help="What it does, in English.")] = "",
    duty_es: Annotated[str, typer.Option(help="What it does, in Spanish.")] = "",
    parent: Annotated[str, typer.Option(help="Code of the institution above it.")] = "",
    advisory: Annotated[bool, typer.Option("--advisory", help="It advises the one above.")] = False,
    abbreviation: Annotated[str, typer.Option(help="Its abbreviation.")] = "",
    office: Annotated[str, typer.Option(help="Its office of the case process, such as sco.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add an institution of a party."""
    open_workspace(workspace)
    from confianza.server.institutions import services

    services.add_institution(
        code=code,
        party_code=party,
        name=BilingualText(name_en, name_es),
        duty=BilingualText(duty_en, duty_es),
        source=source,
        place=place,
        parent_code=parent,
        is_advisory=advisory,
        abbreviation=abbreviation,
        office=office,
        actor=acting(account),
    )
    typer.echo(f"{code}: added.")


@institutions_app.command("list")
def list_institutions(
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the institutions of both parties of a partnership."""
    open_workspace(workspace)
    from confianza.server.institutions import documents, selectors

    structure = selectors.command_structure(chosen_partnership(partnership))
    listed = [documents.institution(item) for item in structure.institutions]
    print_result(listed, output_format, map(_institution_line, listed))


def _institution_line(item: Institution) -> str:
    above = f"  under {item.parent}" if item.parent else ""
    return f"{item.party}  {item.code}  {item.name.in_language(terminal_language())}{above}"


@counterparts_app.command("add")
def add_counterpart(
    institution: Annotated[str, typer.Argument(help="Code of an institution.")],
    counterpart: Annotated[str, typer.Argument(help="Code of the one it deals with on the other side.")],
    source: SourceOption,
    account: AsOption,
    place: PlaceOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add an office that an institution deals with on the other side."""
    open_workspace(workspace)
    from confianza.server.institutions import services

    services.add_counterpart(
        institution_code=institution,
        counterpart_code=counterpart,
        source=source,
        place=place,
        actor=acting(account),
    )
    typer.echo(f"{institution}: counterpart {counterpart} added.")


@counterparts_app.command("list")
def list_counterparts(
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List who deals with whom across a partnership."""
    open_workspace(workspace)
    from confianza.server.institutions import documents, selectors

    listed = [documents.counterpart(row) for row in selectors.counterparts(chosen_partnership(partnership))]
    lines = (f"{item.institution}  {item.counterpart}  ({item.source})" for item in listed)
    print_result(listed, output_format, lines)
