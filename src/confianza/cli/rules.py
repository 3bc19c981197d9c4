"""`confianza rules`: the rulebooks of cases and of training, explained, compared and drawn. Needs no workspace."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from confianza.cli.files import Language, write_file
from confianza.cooperation.process.rulebook import UNVERIFIED
from confianza.reports.bpmn import write_bpmn
from confianza.reports.rules import TABLES, rule_changes, rule_lines, rulebook_of, rulebooks

app = typer.Typer(
    help="Rulebooks of the case process and of training plans: show, diff, bpmn.", no_args_is_help=True
)
EditionArgument = Annotated[str, typer.Argument(help="Rulebook, such as samm-2026 or training-student.")]
LanguageOption = Annotated[Language, typer.Option("--language", help="en or es.")]


@app.command()
def show(
    edition: Annotated[str | None, typer.Argument(help="Rulebook; all are listed when left out.")] = None,
    language: LanguageOption = Language.EN,
) -> None:
    """List the rulebooks, or every phase, step, rule, clock, deadline and document of one."""
    if edition is None:
        for item in rulebooks().values():
            typer.echo(f"{item.id:<18} {item.title.in_language(language)}")
            typer.echo(f"    {item.note.in_language(language)}")
        return
    for table, entries in groupby(rule_lines(rulebook_of(edition), language), key=lambda line: line.table):
        typer.echo(f"\n{TABLES[table].in_language(language)}")
        for line in entries:
            mark = "" if line.is_verified else f" [{UNVERIFIED.in_language(language)}]"
            who = f" ({line.actors})" if line.actors else ""
            name = f"{line.name}. " if line.has_name else ""
            typer.echo(f"  {line.id}{who}{mark}: {name}{line.sentence}".rstrip() + f"  [{line.reference}]")


@app.command()
def diff(old: EditionArgument, new: EditionArgument, language: LanguageOption = Language.EN) -> None:
    """Show what the second edition adds, removes and changes."""
    changes = rule_changes(rulebook_of(old), rulebook_of(new), language)
    for item in changes:
        sign = {"added": "+", "removed": "-", "changed": "~"}[item.change]
        what = f": {', '.join(item.fields)}" if item.fields else ""
        typer.echo(f"{sign} {TABLES[item.table].in_language(language)}  {item.id}  {item.name}{what}")
    if not changes:
        typer.echo("The two editions are the same.")


@app.command()
def bpmn(
    edition: EditionArgument,
    output: Annotated[Path, typer.Argument(help="File to write, such as process.bpmn.")],
    language: LanguageOption = Language.EN,
) -> None:
    """Write an edition as a BPMN 2.0 diagram that bpmn.io and other viewers open."""
    write_file(output, write_bpmn(rulebook_of(edition), language).encode())
    typer.echo(f"{output}: {edition}")
