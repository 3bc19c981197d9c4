"""Opening many cases from a CSV or XLSX file: all of them, or none and every problem together."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.names import NUL
from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError, ImportRefusal, Problem
from confianza.evidence.table_files import cell_text, csv_rows, workbook_rows
from confianza.server.cases.models import Case
from confianza.server.cases.services import open_case
from confianza.server.cases.uploads import MOST_BYTES

REQUIRED = ("identifier", "title", "partner", "funds", "edition")
OPTIONAL = ("project", "category")
MOST_ROWS = 100_000
MOST_UNPACKED = 20 * MOST_BYTES  # a workbook is a ZIP, which may hold far more than it weighs
Row = tuple[int, list[str]]


def _workbook_rows(path: Path, headers: Iterable[Sequence[str]]) -> list[Row]:
    with path.open("rb") as file:
        if sum(part.file_size for part in ZipFile(file).infolist()) > MOST_UNPACKED:
            raise ImportRefusal([_too_large(path)])
        rows = workbook_rows(file, path.name, headers, most=MOST_ROWS + 2)
        return [(number, list(map(cell_text, values))) for number, values in rows]


def _csv_rows(path: Path) -> list[Row]:
    rows = ((number, list(map(str.strip, values))) for number, values in csv_rows(path))
    return list(islice(((number, values) for number, values in rows if any(values)), MOST_ROWS + 2))


def _too_large(path: Path) -> Problem:
    return Problem("upload-too-large", path.name, params={"file": path.name, "most": MOST_BYTES // 2**20})


def read_table(path: Path, headers: Iterable[Sequence[str]]) -> list[Row]:
    """The rows of a file that have a value, as text, with their numbers; at most one more than may be.

    The first one is its column names: in a workbook those of the sheet that has all columns of one of `headers`.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportRefusal([_too_large(path)])
        return _workbook_rows(path, headers) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    except ConfianzaError:
        raise
    except Exception as error:  # what a broken workbook raises depends on the part that is broken
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise ImportRefusal([Problem("cases-unreadable", path.name, params={"detail": detail})]) from error


def read_rows(
    path: Path, table: Sequence[Row], required: Sequence[str], optional: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table by column, each with its number; ImportRefusal when columns or values are missing."""
    first, names = table[0] if table else (1, [])
    lacking = [name for name in required if name not in names]
    odd = [name for name in names if name and (name not in (*required, *optional) or names.count(name) > 1)]
    if lacking or odd:
        params = {
            "missing": ", ".join(lacking) or "-",
            "unknown": ", ".join(odd) or "-",
            "known": ", ".join([*required, *optional]),
        }
        raise ImportRefusal([Problem("cases-columns", path.name, row=first, params=params)])
    if len(table) - 1 > MOST_ROWS:
        raise ImportRefusal([Problem("cases-too-many", path.name, params={"most": MOST_ROWS})])
    rows = [
        (number, dict(zip(names, [*values, *[""] * len(names)], strict=False)))
        for number, values in table[1:]
    ]
    problems = [
        Problem("cases-too-many-values", path.name, row=number)
        for number, values in table[1:]
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
    rows = read_rows(path, read_table(path, [REQUIRED]), REQUIRED, OPTIONAL)
    problems, opened, there = [], [], []
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
