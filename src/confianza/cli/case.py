"""`confianza case`: open a case, see what is next, record its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from confianza.cli.files import read_file
from confianza.cli.steps import DateOption, day_of, given_fields
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.process.rulebook import UNVERIFIED

app = typer.Typer(help="Cases: open, list, show, next, do, attach, share.", no_args_is_help=True)
IdentifierArgument = Annotated[str, typer.Argument(help="Case identifier, such as E7-B-UAC.")]


@app.command("open")
def open_(
    identifier: IdentifierArgument,
    title: Annotated[str, typer.Option(help="What the case is for.")],
    partner: Annotated[str, typer.Option(help="Code of the benefitting country.")],
    funds: Annotated[str, typer.Option(help="Code of the appropriation it is paid from.")],
    account: AsOption,
    edition: Annotated[str, typer.Option(help="Edition of the process.")] = "thesis-2013",
    project: Annotated[str, typer.Option(help="Code of the project it belongs to.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Open a case under an edition of the process."""
    open_workspace(workspace)
    from confianza.server.cases.services import open_case

    open_case(
        identifier=identifier,
        edition=edition,
        title=title,
        partner_code=partner,
        appropriation_code=funds,
        project_code=project,
        actor=acting(account),
    )
    typer.echo(f"{identifier}: opened under {edition}.")


@app.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE) -> None:
    """List the cases of the workspace."""
    open_workspace(workspace)
    from confianza.server.cases.models import Case

    for row in Case.objects.all():
        label = "  (simulated)" if row.is_simulated else ""
        typer.echo(f"{row.identifier}  {row.phase or 'closed':<15} {row.title}{label}")


@app.command()
def show(
    identifier: IdentifierArgument, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """Show where a case stands: phases, what is due, lines and money."""
    open_workspace(workspace)
    from confianza.cooperation.cases import process, timing
    from confianza.server.cases.selectors import case_row, case_state

    row = case_row(identifier)
    state = case_state(row)
    label = "  (simulated)" if row.is_simulated else ""
    typer.echo(f"{state.document}  {state.status}".rstrip() + f"  {state.title}{label}")
    for phase in process.phases(state):
        typer.echo(
            f"  {phase.phase.number}. {phase.phase.name.en:<36} {phase.started_on or ''!s:<10}  "
            f"{phase.completed_on or ''}".rstrip()
        )
    for clock in timing.clock_states(state, on=day_of(on)):
        until = f"stopped on {clock.stopped_on}" if clock.stopped_on else f"due on {clock.due_on}"
        typer.echo(
            f"  clock {clock.clock.name.en}: {clock.elapsed_days} of {clock.clock.days} days since "
            f"{clock.started_on}, {clock.excluded_days} on hold left out; {until}"
        )
    for due in timing.open_deadlines(state, on=day_of(on)):
        late = "  OVERDUE" if due.is_overdue(day_of(on)) else ""
        about = f" ({due.about})" if due.about else ""
        mark = "" if due.deadline.is_verified else f"  ({UNVERIFIED.en})"
        typer.echo(f"  due {due.due_on}  {due.deadline.name.en}{about}{late}{mark}")
    for line in state.lines.values():
        typer.echo(
            f"  line {line.number}  {line.description}: {line.quantity} for {line.cost}; obligated "
            f"{line.obligated}, paid {line.paid}; delivered {line.delivered}, transferred {line.transferred}"
        )
    for account, amount in state.balances.items():
        if amount.minor:
            typer.echo(f"  {account.value:<12} {amount!s:>16}")


@app.command("next")
def next_(
    identifier: IdentifierArgument, on: DateOption = None, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """Say what can be done next, by whom, and what blocks it."""
    open_workspace(workspace)
    from confianza.cooperation.cases.process import next_actions
    from confianza.server.cases.selectors import case_row, case_state, funds_available

    row = case_row(identifier)
    actions = next_actions(case_state(row), on=day_of(on), available=funds_available(row))
    for action in actions:
        fields = " ".join(f"{field.name}=…" for field in action.step.fields)
        optional = " (optional)" if action.step.is_optional else ""
        optional += "" if action.step.is_verified else f" ({UNVERIFIED.en})"
        typer.echo(f"{action.step.id} {fields}".rstrip() + f"  [{', '.join(action.step.actors)}]{optional}")
        for refusal in action.refusals:
            typer.echo(f"    blocked: {refusal.in_language('en')}")
    if not actions:
        typer.echo("Nothing is left to do: the case is closed.")


@app.command("do")
def do_(
    identifier: IdentifierArgument,
    step: Annotated[str, typer.Argument(help="Step of the edition, such as obligate.")],
    account: AsOption,
    fields: Annotated[
        list[str] | None,
        typer.Argument(help="Fields of the step as name=value, such as line=001 amount=1200.50."),
    ] = None,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Record a step of a case; refused with rule, reason and remedy when a gate stands in the way."""
    given = given_fields(fields)
    open_workspace(workspace)
    from confianza.server.cases.services import take_step

    row = take_step(identifier=identifier, step=step, on=day_of(on), given=given, actor=acting(account))
    typer.echo(f"{identifier}: {step} recorded. Phase: {row.phase or 'closed'}.")


@app.command()
def attach(
    identifier: IdentifierArgument,
    kind: Annotated[str, typer.Argument(help="Kind of document, such as memorandum-of-request.")],
    file: Annotated[Path, typer.Argument(help="The file to keep.")],
    account: AsOption,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Keep a document and record it on a case."""
    open_workspace(workspace)
    from confianza.server.cases.services import attach_document

    attach_document(
        identifier=identifier,
        kind=kind,
        file_name=file.name,
        content=read_file(file),
        on=day_of(on),
        actor=acting(account),
    )
    typer.echo(f"{identifier}: {file.name} attached.")


@app.command()
def share(
    identifier: IdentifierArgument,
    account: AsOption,
    stop: Annotated[bool, typer.Option("--stop", help="Stop sharing.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Let the partner's liaison see a case."""
    open_workspace(workspace)
    from confianza.server.cases.services import share_case

    share_case(identifier=identifier, is_shared=not stop, actor=acting(account))
    typer.echo(f"{identifier}: {'no longer shared' if stop else 'shared'} with the partner.")
