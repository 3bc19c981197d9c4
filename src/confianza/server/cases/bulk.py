"""Opening many cases from a CSV or XLSX file: all of them, or none and every problem together."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from django.db import transaction
from openpyxl import load_workbook

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError, ImportRefusal, Problem
from confianza.server.cases.models import Case
from confianza.server.cases.services import open_case
from confianza.server.cases.uploads import MOST_BYTES

REQUIRED = ("identifier", "title", "partner", "funds", "edition")
OPTIONAL = ("project", "category")
MOST_ROWS = 100_000
MOST_UNPACKED = 20 * MOST_BYTES  # a workbook is a ZIP, which may hold far more than it weighs
NUL = "\x00"


def _text(value) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def _workbook_rows(path: Path) -> list[list[str]]:
    with path.open("rb") as file:
        if sum(part.file_size for part in ZipFile(file).infolist()) > MOST_UNPACKED:
            raise ImportRefusal([_too_large(path)])
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
        rows = islice(sheet.iter_rows(values_only=True), MOST_ROWS + 2)
        return [[_text(value) for value in row] for row in rows]


def _csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = islice(csv.reader(file, strict=True), MOST_ROWS + 2)
        return [[_text(value) for value in row] for row in rows]


def _too_large(path: Path) -> Problem:
    return Problem("upload-too-large", path.name, params={"file": path.name, "most": MOST_BYTES // 2**20})


def _table(path: Path) -> list[list[str]]:
    """The rows of a file as text, the first one its column names; at most one more than may be."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportRefusal([_too_large(path)])
        return _workbook_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    except ConfianzaError:
        raise
    except Exception as error:  # what a broken workbook raises depends on the part that is broken
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise ImportRefusal([Problem("cases-unreadable", path.name, params={"detail": detail})]) from error


def header_of(path: Path) -> list[str]:
    """The names in the first row of a file."""
    return next(iter(_table(path)), [])


def read_rows(
    path: Path, required: Sequence[str], optional: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file, each with its number; ImportRefusal when columns or values are missing."""
    table = _table(path)
    names = table[0] if table else []
    lacking = [name for name in required if name not in names]
    odd = [name for name in names if name and (name not in (*required, *optional) or names.count(name) > 1)]
    if lacking or odd:
        params = {
            "missing": ", ".join(lacking) or "-",
            "unknown": ", ".join(odd) or "-",
            "known": ", ".join([*required, *optional]),
        }
        raise ImportRefusal([Problem("cases-columns", path.name, row=1, params=params)])
    if len(table) - 1 > MOST_ROWS:
        raise ImportRefusal([Problem("cases-too-many", path.name, params={"most": MOST_ROWS})])
    rows = []
    for number, values in enumerate(table[1:], start=2):
        if any(values):
            rows.append((number, dict(zip(names, [*values, *[""] * len(names)], strict=False))))
    problems = [
        Problem("cases-too-many-values", path.name, row=number)
        for number, values in enumerate(table[1:], start=2)
        if any(values[len(names) :])
    ]
    problems += [
        Problem("cases-value-missing", path.name, row=number, field=name)
        for number, row in rows
        for name in required
        if not row[name]
    ]
    problems += [
        Problem("value-with-nul", path.name, row=number, field=name)
        for number, row in rows
        for name, value in row.items()
        if NUL in value
    ]
    if problems or not rows:
        raise ImportRefusal(problems or [Problem("cases-empty", path.name)])
    return rows


def _is_same(row: Case, given: dict[str, str]) -> bool:
    kept = (row.title, row.partner_id, row.appropriation_id, row.edition, row.project_id or "")
    return kept == (
        given["title"],
        given["partner"],
        given["funds"],
        given["edition"],
        given.get("project", ""),
    )


def import_cases(path: Path, *, actor: Actor, dry_run: bool = False) -> tuple[list[str], list[str]]:
    """Identifiers of the cases opened (or, dry, that would be) and of those that were there with the same values.

    Raises
    ------
    ImportRefusal
        Every row that cannot be opened with its reason; nothing is stored.
    """
    permission_table().require(actor, "import_cases")
    rows, problems = read_rows(path, REQUIRED, OPTIONAL), []
    opened, there = [], []
    with transaction.atomic():
        for number, given in rows:
            known = Case.objects.filter(pk=given["identifier"]).first()
            if known is not None and given["identifier"] not in opened and _is_same(known, given):
                there.append(given["identifier"])
                continue
            try:
                with transaction.atomic():
                    open_case(
                        identifier=given["identifier"],
                        title=given["title"],
                        partner_code=given["partner"],
                        appropriation_code=given["funds"],
                        edition=given["edition"],
                        project_code=given.get("project", ""),
                        category=given.get("category", ""),
                        actor=actor,
                    )
            except ConfianzaError as error:
                problems.append(Problem("cases-row", path.name, row=number, params={"reason": error}))
            else:
                opened.append(given["identifier"])
        if problems or dry_run:
            transaction.set_rollback(True)
    if problems:
        raise ImportRefusal(problems)
    return opened, there
