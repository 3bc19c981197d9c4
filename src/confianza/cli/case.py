"""`confianza case`: cases one by one, and many at once as files or histories."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import Format, Language, read_file, terminal_language, write_file
from confianza.cli.listings import print_document, print_result
from confianza.cli.options import DryRunOption, FormatOption
from confianza.cli.partnership_option import OnlyPartnershipOption, narrowed
from confianza.cli.steps import (
    DateOption,
    FieldsArgument,
    StepArgument,
    action_lines,
    day_of,
    office_names,
    record_step,
    unverified,
)
from confianza.cli.workspace import (
    WORKSPACE,
    AsOption,
    ViewAsOption,
    WorkspaceOption,
    acting,
    open_workspace,
    viewing,
)
from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.conformance import Deviation
from confianza.cooperation.cases.conformance import conform as deviations_of
from confianza.cooperation.cases.editions import edition_of
from confianza.errors import RuleRefusal
from confianza.evidence.sources.event_log import read_log

if TYPE_CHECKING:
    from confianza.server.cases.documents import Case, CaseRow, OpenAction
    from confianza.server.documents import Action

app = typer.Typer(
    help="Cases: open, list, show, next, record, attach, share, conform, import, export.",
    no_args_is_help=True,
)
IdentifierArgument = Annotated[str, typer.Argument(help="Case identifier, such as E7-B-UAC.")]
LanguageOption = Annotated[Language, typer.Option("--language", help="en or es.")]


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


# --- reading ---------------------------------------------------------------------------------------------


@app.command("list")
def list_(
    account: ViewAsOption = None,
    partnership: OnlyPartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the cases of the workspace, or those an account sees."""
    open_workspace(workspace)
    from confianza.server.cases import documents, selectors

    actor = viewing(account)
    rows = narrowed(selectors.visible_cases(actor), partnership, actor)
    cases = [documents.case_row(row) for row in rows]
    print_result(cases, output_format, _list_lines(cases))


def _simulated(case: CaseRow) -> str:
    return "  (simulated)" if case.is_simulated else ""


def _list_lines(cases: Sequence[CaseRow]) -> Iterator[str]:
    for case in cases:
        yield f"{case.identifier}  {case.phase or 'closed':<15} {case.title}{_simulated(case)}"


@app.command()
def show(
    identifier: IdentifierArgument,
    account: ViewAsOption = None,
    on: DateOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show where a case stands: phases, what is due, lines and money."""
    open_workspace(workspace)
    from confianza.server.cases import documents, selectors

    row = selectors.visible_case(viewing(account), identifier)
    case = documents.case(row, on=day_of(on), language=terminal_language())
    print_result(case, output_format, _case_lines(case))


def _case_lines(case: Case) -> Iterator[str]:
    yield f"{case.document}  {case.status}".rstrip() + f"  {case.title}{_simulated(case)}"
    for phase in case.phases:
        yield (
            f"  {phase.number}. {phase.name:<36} {phase.started_on or ''!s:<10}  {phase.completed_on or ''}"
        )
    for clock in case.clocks:
        until = f"stopped on {clock.stopped_on}" if clock.stopped_on else f"due on {clock.due_on}"
        yield (
            f"  clock {clock.name}: {clock.elapsed_days} of {clock.days} days since "
            f"{clock.started_on}, {clock.excluded_days} on hold left out; {until}"
        )
    for due in (due for due in case.deadlines if due.met_on is None):
        late = "  OVERDUE" if due.is_overdue else ""
        about = f" ({due.about})" if due.about else ""
        mark = unverified("  ({})", is_verified=due.is_verified)
        yield f"  due {due.due_on}  {due.name}{about}{late}{mark}"
    for line in case.lines:
        yield (
            f"  line {line.number}  {line.description}: {line.quantity} for {line.cost}; obligated "
            f"{line.obligated}, paid {line.paid}; delivered {line.delivered}, transferred {line.transferred}"
        )
    for account, amount in case.balances.items():
        if amount.minor:
            yield f"  {account:<12} {amount!s:>16}"


@app.command("next")
def next_(
    identifier: Annotated[
        str | None, typer.Argument(help="Case identifier; open actions of every case when left out.")
    ] = None,
    account: ViewAsOption = None,
    partnership: OnlyPartnershipOption = "",
    on: DateOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show what can be done next on a case, by whom, and what blocks it; or the open actions of an account's offices."""
    open_workspace(workspace)
    from confianza.server.cases import documents, selectors

    actor = viewing(account)
    if identifier is None:
        rows = narrowed(selectors.open_actions(actor), partnership, actor, "case__partner")
        pending = [documents.open_action(row) for row in rows]
        print_result(pending, output_format, _pending_lines(pending))
        return
    row = selectors.visible_case(actor, identifier)
    actions = documents.actions(row, selectors.case_state(row), on=day_of(on), language=terminal_language())
    print_result(actions, output_format, _next_lines(actions))


def _next_lines(actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        yield from action_lines(action)
    if not actions:
        yield "Nothing is left to do: the case is closed."


def _pending_lines(pending: Sequence[OpenAction]) -> Iterator[str]:
    for item in pending:
        about = f" ({item.about})" if item.about else ""
        yield f"{item.case}  {item.due_on or '-'!s:<10}  {item.step}{about}  [{office_names([item.office])}]"
    if not pending:
        yield "No pending actions."


# --- recording -------------------------------------------------------------------------------------------


@app.command()
def record(
    identifier: IdentifierArgument,
    step: StepArgument,
    account: AsOption,
    fields: FieldsArgument = None,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Record a step of a case; refused with rule, reason and remedy when a gate stands in the way."""
    record_step(identifier, step, fields, on, account, workspace, _take)


def _take(identifier: str, step: str, on: date, fields: Mapping[str, str], actor: Actor) -> str:
    from confianza.server.cases.services import take_step

    row = take_step(identifier=identifier, step=step, on=on, given=fields, actor=actor)
    return f"Phase: {row.phase or 'closed'}"


@app.command()
def attach(
    identifier: IdentifierArgument,
    kind: Annotated[str, typer.Argument(help="Kind of document, such as memorandum-of-request.")],
    file: Annotated[Path, typer.Argument(help="The file to store.")],
    account: AsOption,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Store a document and record it on a case."""
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


# --- many cases: files and histories ---------------------------------------------------------------------


@app.command()
def conform(
    log: Annotated[
        Path, typer.Argument(help="Event log: .xes, .xes.gz, or .csv with case, activity, on, role, about.")
    ],
    edition: Annotated[str, typer.Option(help="Edition to compare it with.")],
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the deviations.")
    ] = Format.TEXT,
    language: LanguageOption = Language.EN,
) -> None:
    """Replay a recorded history against an edition; every deviation with its rule. Exit status 1 when there is one."""
    events = read_log(log)
    deviations = deviations_of(events, edition_of(edition), today=day_of(None))
    case_count = len({event.case for event in events})
    if output_format is Format.JSON:
        rows = [_deviation(item, language) for item in deviations]
        print_document({"edition": edition, "cases": case_count, "events": len(events), "deviations": rows})
    else:
        for item in deviations:
            typer.echo(
                f"{item.case}  row {item.row}  {item.on}  {item.activity}: {item.kind.value}: "
                f"{item.in_language(language)}  [{item.rule}]"
            )
        typer.echo(
            f"{len(events)} events of {case_count} cases under {edition}: {len(deviations)} deviations."
        )
    if deviations:
        sys.exit(1)


def _deviation(item: Deviation, language: Language) -> dict[str, object]:
    names = ("case", "row", "activity", "on", "kind", "rule", "is_verified")
    return {name: getattr(item, name) for name in names} | {"detail": item.in_language(language)}


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX of cases to open; --dry-run says what it would do.")
    ],
    account: AsOption,
    dry_run: DryRunOption = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Open many cases from a file: all of them, or none and every problem."""
    open_workspace(workspace)
    from confianza.server.cases.bulk import import_cases

    opened, there = import_cases(file, actor=acting(account), dry_run=dry_run)
    verb = "would be opened" if dry_run else "opened"
    typer.echo(f"{file.name}: {len(opened)} cases {verb}, {len(there)} were there already.")


@app.command()
def export(
    output: Annotated[
        Path, typer.Argument(help="File to write: .csv or .xlsx of cases, .xes of their history.")
    ],
    account: AsOption,
    partnership: OnlyPartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the cases of the workspace, or their history as an event log."""
    open_workspace(workspace)
    from confianza.server.cases import exports

    writers = {".csv": exports.cases_csv, ".xlsx": exports.cases_xlsx, ".xes": exports.history_xes}
    writer = writers.get(output.suffix.lower())
    if writer is None:
        raise RuleRefusal("export-type", file=output.name, allowed=", ".join(writers))
    actor = acting(account)
    write_file(output, writer(narrowed(exports.exportable_cases(actor), partnership, actor)))
    typer.echo(f"{output}: written.")
