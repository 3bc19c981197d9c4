"""`confianza people`: accounts of a workspace."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from confianza.cli.files import Format
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption
from confianza.cli.workspace import WORKSPACE, WorkspaceOption, open_workspace
from confianza.cooperation.actors import OPERATOR
from confianza.cooperation.permissions import permission_table

app = typer.Typer(help="Accounts: add, list, close, reopen, set a role or a password.", no_args_is_help=True)
ROLES = ", ".join(permission_table().roles)
AccountArgument = Annotated[str, typer.Argument(help="The name of the account.")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        help="The temporary password; '-' asks for it, or reads a line of standard input. "
        "Left out, one is made and printed. Others on this machine can see what stands on a command line."
    ),
]


def _password(requested: str | None) -> tuple[str, str]:
    """The password, and the sentence about it."""
    from confianza.server.people.passwords import made_password

    if requested is None:
        made = made_password()
        return made, f" Temporary password: {made}, to be changed at the first sign-in."
    if requested == "-":
        if sys.stdin.isatty():
            requested = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            requested = sys.stdin.readline().rstrip("\r\n")
    return requested, " The password is to be changed at the first sign-in."


@app.command()
def add(
    account: Annotated[str, typer.Argument(help="A pseudonymous account name.")],
    role: Annotated[str, typer.Option(help=f"One of: {ROLES}.")],
    party: Annotated[str, typer.Option(help="Code of the party, such as US or CO.")],
    password: PasswordOption = None,
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Add an account that can sign in to the pages."""
    open_workspace(workspace, create=True)
    from confianza.server.people.services import add_person

    word, about = _password(password)
    add_person(account=account, role=role, party_code=party, language=language, password=word, actor=OPERATOR)
    typer.echo(f"{account}: added as {role}.{about}")


@app.command("list")
def list_(output_format: FormatOption = Format.TEXT, workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the accounts of the workspace."""
    open_workspace(workspace)
    from confianza.server.people import documents, selectors

    listed = [documents.account(user) for user in selectors.accounts()]
    lines = (
        f"{item.account:<20} {item.role:<30} {item.party} {item.language}{'' if item.is_open else ' closed'}"
        for item in listed
    )
    print_result(listed, output_format, lines)


@app.command()
def close(account: AccountArgument, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Close an account: its password is destroyed and its sessions end at once."""
    open_workspace(workspace)
    from confianza.server.people.services import close_person

    close_person(account=account, actor=OPERATOR)
    typer.echo(f"{account}: closed.")


@app.command()
def reopen(
    account: AccountArgument, password: PasswordOption = None, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """Open a closed account again, with a temporary password."""
    open_workspace(workspace)
    from confianza.server.people.services import reopen_person

    word, about = _password(password)
    reopen_person(account=account, password=word, actor=OPERATOR)
    typer.echo(f"{account}: open again.{about}")


@app.command("password")
def password_(
    account: AccountArgument, password: PasswordOption = None, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """Give an account a temporary password; its sessions end at once."""
    open_workspace(workspace)
    from confianza.server.people.services import set_password

    word, about = _password(password)
    set_password(account=account, password=word, actor=OPERATOR)
    typer.echo(f"{account}: new password.{about}")


@app.command("role")
def role_(
    account: AccountArgument,
    role: Annotated[str, typer.Argument(help=f"One of: {ROLES}.")],
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Give an account another role."""
    open_workspace(workspace)
    from confianza.server.people.services import set_role

    set_role(account=account, role=role, actor=OPERATOR)
    typer.echo(f"{account}: {role}.")
