"""The command line: one module a noun."""

from __future__ import annotations

import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from confianza.cli import (
    alumni,
    audit,
    authorities,
    case,
    demo,
    events,
    evidence,
    funds,
    indicators,
    jobs,
    partnerships,
    people,
    projects,
    record_overviews,
    rules,
    sem,
    series,
    setup,
    training_plans,
    training_reports,
)
from confianza.cli.files import terminal_language
from confianza.cli.renamed import Commands
from confianza.cli.workspace import WorkspaceError, detail, is_database_failure
from confianza.errors import ConfianzaError

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"confianza {version('confianza')}")
        raise typer.Exit


@app.callback()
def _confianza(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Plan, run and assess defense cooperation, with trust between the partners as the measured outcome."""


app.command("demo")(demo.demo)
app.command("init")(setup.init)
app.command("migrate")(setup.migrate)
app.command("serve")(demo.serve)
app.add_typer(partnerships.app, name="partnerships")
app.add_typer(partnerships.parties_app, name="parties")
app.add_typer(partnerships.institutions_app, name="institutions")
app.add_typer(partnerships.counterparts_app, name="counterparts")
app.add_typer(case.app, name="case")
app.add_typer(rules.app, name="rules")
app.add_typer(authorities.app, name="authorities")
app.add_typer(funds.app, name="funds")
app.add_typer(projects.app, name="projects")
app.add_typer(evidence.app, name="evidence")
app.add_typer(training_reports.app, name="training-reports")
app.add_typer(training_plans.app, name="training-plans")
app.add_typer(alumni.app, name="alumni")
app.add_typer(indicators.app, name="indicators")
app.add_typer(record_overviews.app, name="records")
app.add_typer(series.app, name="series")
app.add_typer(events.app, name="events")
app.add_typer(jobs.app, name="jobs")
app.add_typer(sem.app, name="sem")
app.add_typer(people.app, name="people")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run a command; an error of ours is one message on standard error and exit status 1.

    What is printed is UTF-8 whatever the terminal's encoding, which may lack the letters of our words.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        app()
    except ConfianzaError as error:
        _stop(error)
    except Exception as error:
        if not is_database_failure(error):
            raise
        _stop(WorkspaceError("database-failed", detail=detail(error)))


def _stop(error: ConfianzaError) -> None:
    typer.echo(error.in_language(terminal_language()), err=True)
    sys.exit(1)
