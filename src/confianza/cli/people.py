"""`confianza people`: accounts of a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from confianza.cli.workspace import WORKSPACE, WorkspaceOption, open_workspace
from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table

app = typer.Typer(help="Accounts: add, list.", no_args_is_help=True)


@app.command()
def add(
    account: Annotated[str, typer.Argument(help="A pseudonymous account name.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(permission_table().roles)}.")],
    party: Annotated[str, typer.Option(help="Code of the party, such as US or MX.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add an account that can sign in to the pages."""
    open_workspace(workspace, create=True)
    from confianza.server.people.services import add_person

    add_person(
        account=account,
        role=role,
        party_code=party,
        language=language,
        password=password,
        actor=Actor("command-line", "operator"),
    )
    typer.echo(f"{account}: added as {role}.")


@app.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the accounts of the workspace."""
    open_workspace(workspace)
    from confianza.server.people.models import User

    for user in User.objects.order_by("username"):
        typer.echo(f"{user.username:<20} {user.role:<30} {user.party_code} {user.language}")
