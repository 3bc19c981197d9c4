"""Training rows as files; each row leads back to its report, page and row, and to the bytes it was read from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile

from django.db.models import QuerySet

from confianza.cooperation.money import MINOR_PLACES
from confianza.errors import RuleRefusal
from confianza.reports.tables import csv_parts, json_parts, write_parquet, write_xlsx
from confianza.server.evidence.models import TrainingLineRow

COLUMNS = {
    "fiscal_year": int,
    "is_planned": bool,
    "partner_code": str,
    "program": str,
    "course_title": str,
    "student_count": int,
    "cost": Decimal,
    "currency": str,
    "start_date": date,
    "end_date": date,
    "location": str,
    "student_unit": str,
    "us_unit": str,
    "program_family": str,
    "school_code": str,
    "institution_code": str,
    "category": str,
    "level": str,
    "rules": str,
    "rules_version": str,
    "remarks": str,
    "source": str,
    "report": str,
    "volume": str,
    "page": int,
    "row": int,
    "digest": str,
}
STORED = {"cost": "cost_minor", "source": "run__source", "digest": "run__digest"}
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
MOST_IN_SHEET = 2**20 - 1  # rows of a sheet, less that of the headings
AT_ONCE = 5_000
PART = 2**16


def exported(rows: QuerySet[TrainingLineRow]) -> Iterator[tuple]:
    """One tuple a row, in the order of `COLUMNS`.

    Cost is in whole units of the currency; rules and remarks are `field=rule` and `field=code`.
    """
    for found in rows.values(*(STORED.get(name, name) for name in COLUMNS)).iterator(chunk_size=AT_ONCE):
        cost = Decimal(found["cost_minor"]).scaleb(-MINOR_PLACES[found["currency"]])
        rules = " ".join(f"{field}={rule_id}" for field, rule_id in found["rules"].items())
        remarks = " ".join(f"{remark['field']}={remark['code']}" for remark in found["remarks"])
        told = {**found, "cost": cost, "rules": rules, "remarks": remarks}
        yield tuple(told[name if name in told else STORED[name]] for name in COLUMNS)


def training_parts(rows: QuerySet[TrainingLineRow], form: str) -> Iterator[bytes]:
    """The parts of a file of training rows, in one of `FORMS`.

    Raises
    ------
    RuleRefusal
        `export-sheet-full`: more rows than a sheet of a workbook holds.
    """
    if form == "xlsx" and (count := rows.count()) > MOST_IN_SHEET:
        raise RuleRefusal("export-sheet-full", count=count, most=MOST_IN_SHEET)
    if form == "csv":
        return csv_parts(COLUMNS, exported(rows))
    if form == "json":
        return json_parts(COLUMNS, exported(rows))
    return _whole(rows, form)


def _whole(rows: QuerySet[TrainingLineRow], form: str) -> Iterator[bytes]:
    """Files that are written whole before their first byte is known."""
    with TemporaryFile() as file:
        if form == "xlsx":
            write_xlsx(file, COLUMNS, exported(rows), sheet="training")
        else:
            write_parquet(file, COLUMNS, exported(rows))
        file.seek(0)
        yield from iter(lambda: file.read(PART), b"")
