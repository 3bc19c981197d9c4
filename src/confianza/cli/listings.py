"""Rows that commands print: aligned columns to read, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

import typer

from confianza.cli.files import Format
from confianza.cooperation.money import MINOR_PLACES, Money

NO_ROWS = "No imported row matches. List what was imported with: confianza evidence list"
Listed = Sequence[Mapping[str, Any]]
Columns = Mapping[
    str, str | Callable[[Any], Any]
]  # heading: the attribute of a document, or what is made of it


class ListFormat(StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def dollars(amount: Money) -> Decimal:
    """An amount in whole units of its currency."""
    return Decimal(amount.minor).scaleb(-MINOR_PLACES[amount.currency])


def _plain(value: object) -> object:
    """Documents by field, amounts as numbers; what JSON has no form for as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return float(value) if isinstance(value, Decimal) else str(value)


def _cell_text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    return f"{value:,}" if isinstance(value, int) and value > 9999 else str(value)


def print_document(document: object) -> None:
    """Print a result as JSON."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def print_result(document: object, output_format: Format, lines: Iterable[str]) -> None:
    """Print a document as JSON, or the lines that tell a reader of it."""
    if output_format is Format.JSON:
        print_document(document)
    else:
        for line in lines:
            typer.echo(line.rstrip())


def table_rows(documents: Iterable[object], columns: Columns) -> list[dict[str, Any]]:
    """A row each document; amounts in whole units of their currency."""
    readers = {
        name: attrgetter(column) if isinstance(column, str) else column for name, column in columns.items()
    }
    rows = [{name: read(document) for name, read in readers.items()} for document in documents]
    return [
        {name: dollars(value) if isinstance(value, Money) else value for name, value in row.items()}
        for row in rows
    ]


def print_table(
    documents: Sequence[object], columns: Columns, output_format: ListFormat, *, empty: str
) -> None:
    """Print documents as they are (JSON), or as rows of some columns."""
    if output_format is ListFormat.JSON:
        print_document(documents)
    else:
        print_rows(table_rows(documents, columns), output_format, empty=empty)


def print_rows(rows: Listed, output_format: ListFormat, *, empty: str) -> None:
    """Print rows that all have the same keys; `empty` is the sentence for a reader when there are none."""
    if output_format is ListFormat.JSON:
        print_document(list(rows))
    elif not rows:
        typer.echo(empty, err=output_format is ListFormat.CSV)
    elif output_format is ListFormat.CSV:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        names = list(rows[0])
        lines = [
            [name.replace("_", " ") for name in names],
            *([_cell_text(row[name]) for name in names] for row in rows),
        ]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        is_number = [
            all(re.match(r"[-\d]", line[place]) for line in lines[1:]) for place in range(len(names))
        ]
        for line in lines:
            cells = (
                text.rjust(width) if right else text.ljust(width)
                for text, width, right in zip(line, widths, is_number, strict=True)
            )
            typer.echo("  ".join(cells).rstrip())
