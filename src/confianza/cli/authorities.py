"""`confianza authorities`: the laws that assistance is given under, with their sources. Needs no workspace."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

import typer

from confianza.cli.files import Format, terminal_language
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption
from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.cooperation.process.rulebook import UNVERIFIED
from confianza.cooperation.programs.authorities import known_authority
from confianza.reports.authorities import Authority, authority_document, authority_documents

app = typer.Typer(help="Authorities of assistance: list, show.", no_args_is_help=True)
NOT_ON_RECORD = BilingualText("not on record", "no registrado")
PAYS = BilingualText("pays for {paid}", "paga {paid}")
IN_FORCE = BilingualText("in force from {first} to {last}", "en vigor del {first} al {last}")


@app.command("list")
def list_(output_format: FormatOption = Format.TEXT) -> None:
    """List the authorities: code, section, name, and what each may pay for."""
    documents = authority_documents()
    print_result(documents, output_format, map(_line, documents))


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code or another name, such as 333, IMET or CTFP.")],
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Show what one authority says: purpose, what it pays, for whom, until when, notification, vetting."""
    item = authority_document(known_authority(code))
    print_result(item, output_format, _lines(item))


def _paid(item: Authority) -> str:
    language = terminal_language()
    if item.pays:
        return join_texts(item.pays).in_language(language)
    if item.pays_unverified:
        mark = UNVERIFIED.in_language(language)
        return f"{join_texts(item.pays_unverified).in_language(language)} [{mark}]"
    return NOT_ON_RECORD.in_language(language)


def _line(item: Authority) -> str:
    name = item.name.in_language(terminal_language())
    paid = PAYS.format(paid=_paid(item)).in_language(terminal_language())
    return f"{item.code:<8} {item.citation:<44} {name}: {paid}"


def _lines(item: Authority) -> list[str]:
    language = terminal_language()
    lines = [f"{item.code}  {item.name.in_language(language)}  ({item.citation}, {item.regime})"]
    if item.from_date or item.to_date:
        dates = IN_FORCE.format(first=item.from_date or "…", last=item.to_date or "…")
        lines.append(dates.in_language(language))
    lines.append(PAYS.format(paid=_paid(item)).in_language(language))
    for _subject, told in groupby(item.provisions, key=lambda provision: provision.subject):
        provisions = list(told)
        lines.append(f"\n{provisions[0].subject_name.in_language(language)}")
        for provision in provisions:
            mark = "" if provision.is_verified else f" [{UNVERIFIED.in_language(language)}]"
            place = f", {provision.place}" if provision.place else ""
            lines.append(f"  {provision.sentence.in_language(language)}{mark}  [{provision.source}{place}]")
    return lines
