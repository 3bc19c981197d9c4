"""Rows of the training reports that come with the package, so that a workspace can answer before any import.

`scripts/bundle_training_rows.py` makes them from the official volumes; volume, page and row are those of the volumes.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from functools import cache
from importlib import resources

from confianza.cooperation.money import Money
from confianza.cooperation.training import ReportRow

BUNDLED_FILE = "fmtr_mexico_rows.csv.gz"
COLUMNS = [field.name for field in fields(ReportRow)]
COUNTS = ("page", "row", "fiscal_year", "student_count")
DAYS = ("start_date", "end_date")


def rows_csv(lines: Iterable[ReportRow]) -> str:
    """Rows as CSV; costs in whole dollars and cents."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow(
            {name: getattr(line, name) for name in COLUMNS} | {"cost": str(line.cost).removeprefix("$")}
        )
    return text.getvalue()


def rows_file(lines: Iterable[ReportRow]) -> bytes:
    """Rows as they lie in the package: compressed, the same bytes each time."""
    return gzip.compress(rows_csv(lines).encode("utf-8"), 9, mtime=0)


def bundled_csv() -> bytes:
    """The bundled rows as they lie in the package, compressed."""
    return resources.files("confianza.evidence").joinpath("data", BUNDLED_FILE).read_bytes()


def _line(row: dict[str, str]) -> ReportRow:
    values: dict[str, object] = {**row, "cost": Money.parse(row["cost"])}
    values |= {name: int(row[name]) for name in COUNTS}
    values |= {name: date.fromisoformat(row[name]) if row[name] else None for name in DAYS}
    return ReportRow(**values)  # type: ignore[arg-type]


@cache
def bundled_rows() -> tuple[ReportRow, ...]:
    """The bundled rows in the order of their reports."""
    return tuple(map(_line, csv.DictReader(io.StringIO(gzip.decompress(bundled_csv()).decode("utf-8")))))
