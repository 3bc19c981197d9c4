"""`confianza cases`: many cases together: check a recorded history, import, export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from confianza.cli.files import Format, Language, write_file
from confianza.cli.steps import day_of
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.cases.conformance import conform as deviations_of
from confianza.cooperation.cases.editions import edition_of
from confianza.errors import RuleRefusal
from confianza.evidence.sources.event_log import read_log

app = typer.Typer(help="Many cases: conform, import, export.", no_args_is_help=True)
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the deviations.")]
LanguageOption = Annotated[Language, typer.Option("--language", help="en or es.")]


@app.command()
def conform(
    log: Annotated[
        Path, typer.Argument(help="Event log: .xes, .xes.gz, or .csv with case, activity, on, role, about.")
    ],
    edition: Annotated[str, typer.Option(help="Edition to hold it against.")],
    form: FormatOption = Format.TEXT,
    language: LanguageOption = Language.EN,
) -> None:
    """Replay a recorded history against an edition; every deviation with its rule. Exit status 1 when there is one."""
    events = read_log(log)
    found = deviations_of(events, edition_of(edition), today=day_of(None))
    cases = len({event.case for event in events})
    if form is Format.JSON:
        rows = [
            {
                "case": item.case,
                "row": item.row,
                "activity": item.activity,
                "on": item.on.isoformat(),
                "kind": item.kind.value,
                "rule": item.rule,
                "is_verified": item.is_verified,
                "detail": item.in_language(language),
            }
            for item in found
        ]
        typer.echo(
            json.dumps(
                {"edition": edition, "cases": cases, "events": len(events), "deviations": rows},
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for item in found:
            typer.echo(
                f"{item.case}  row {item.row}  {item.on}  {item.activity}: {item.kind.value}: "
                f"{item.in_language(language)}  [{item.rule}]"
            )
        typer.echo(f"{len(events)} events of {cases} cases under {edition}: {len(found)} deviations.")
    if found:
        sys.exit(1)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX of cases to open; --dry-run says what it would do.")
    ],
    account: AsOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
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
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the cases of the workspace, or their history as an event log."""
    open_workspace(workspace)
    from confianza.server.cases import exports
    from confianza.server.people.models import User

    writers = {".csv": exports.cases_csv, ".xlsx": exports.cases_xlsx, ".xes": exports.history_xes}
    writer = writers.get(output.suffix.lower())
    if writer is None:
        raise RuleRefusal("export-type", file=output.name, allowed=", ".join(writers))
    user = User.objects.get(username=acting(account).account)
    write_file(output, writer(exports.exportable_cases(user)))
    typer.echo(f"{output}: written.")
