"""Rows that commands print: aligned columns to read, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import typer

from confianza.cooperation.money import MINOR_PLACES, Money

NO_ROWS = "No imported row fits. Look what is there with: confianza evidence list"
Listed = Sequence[Mapping[str, Any]]


class ListFormat(StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def dollars(amount: Money) -> Decimal:
    """An amount in whole units of its currency."""
    return Decimal(amount.minor).scaleb(-MINOR_PLACES[amount.currency])


def _plain(value: object) -> object:
    """Amounts as numbers; what JSON has no form for as text."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _said(value: object) -> str:
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


def print_rows(rows: Listed, form: ListFormat, *, empty: str) -> None:
    """Print rows that all have the same keys; `empty` is the sentence for a reader when there are none."""
    if form is ListFormat.JSON:
        print_document(list(rows))
    elif not rows:
        typer.echo(empty, err=form is ListFormat.CSV)
    elif form is ListFormat.CSV:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        names = list(rows[0])
        lines = [
            [name.replace("_", " ") for name in names],
            *([_said(row[name]) for name in names] for row in rows),
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
