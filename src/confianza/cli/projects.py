"""`confianza projects`: what several cases belong to; none is approved before it."""

from __future__ import annotations

from typing import Annotated

import typer

from confianza.cli.files import Format
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption
from confianza.cli.partnership_option import OnlyPartnershipOption, narrowed
from confianza.cli.steps import DateOption, day_of
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.actors import OPERATOR

app = typer.Typer(help="Projects: add, approve, list.", no_args_is_help=True)
CodeArgument = Annotated[str, typer.Argument(help="Code of the project.")]


@app.command()
def add(
    code: CodeArgument,
    title: Annotated[str, typer.Option(help="What it is for.")],
    authority: Annotated[
        str, typer.Option(help="Authority it rests on, such as 333; see confianza authorities list.")
    ],
    partner: Annotated[str, typer.Option(help="Code of the benefitting country.")],
    account: AsOption,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add a project; its cases wait for its approval."""
    open_workspace(workspace)
    from confianza.server.funds.services import add_project

    add_project(code=code, title=title, authority=authority, partner_code=partner, actor=acting(account))
    typer.echo(f"{code}: added, not approved yet.")


@app.command()
def approve(
    code: CodeArgument, account: AsOption, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """Approve a project; not by the person who added it."""
    open_workspace(workspace)
    from confianza.server.funds.services import approve_project

    row = approve_project(code=code, on=day_of(on), actor=acting(account))
    typer.echo(f"{code}: approved on {row.approved_on}.")


@app.command("list")
def list_(
    partnership: OnlyPartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the projects."""
    open_workspace(workspace)
    from confianza.server.funds import documents, selectors

    projects = [documents.project(row) for row in narrowed(selectors.projects(), partnership, OPERATOR)]
    lines = (
        f"{item.code:<16} {item.authority:<8} {item.title}  {item.approved_on or 'not approved'}"
        for item in projects
    )
    print_result(projects, output_format, lines)
