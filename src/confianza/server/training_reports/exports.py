"""Training rows as files; each row leads back to its report, page and row, and to the bytes it was read from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from confianza.cooperation.money import MINOR_PLACES
from confianza.reports.tables import table_parts
from confianza.server.training_reports.models import ReportRow

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
AT_ONCE = 5_000


def exported(rows: QuerySet[ReportRow]) -> Iterator[tuple[Any, ...]]:
    """One tuple a row, in the order of `COLUMNS`.

    Cost is in whole units of the currency; rules and remarks are `field=rule` and `field=code`.
    """
    for found in rows.values(*(STORED.get(name, name) for name in COLUMNS)).iterator(chunk_size=AT_ONCE):
        cost = Decimal(found["cost_minor"]).scaleb(-MINOR_PLACES[found["currency"]])
        rules = " ".join(f"{field}={rule_id}" for field, rule_id in found["rules"].items())
        remarks = " ".join(f"{remark['field']}={remark['code']}" for remark in found["remarks"])
        told = {**found, "cost": cost, "rules": rules, "remarks": remarks}
        yield tuple(told[name if name in told else STORED[name]] for name in COLUMNS)


def training_parts(rows: QuerySet[ReportRow], form: str) -> Iterator[bytes]:
    """The parts of a file of training rows; `form` and what is raised as in `table_parts`."""
    return table_parts(form, COLUMNS, exported(rows), count=rows.count, sheet="training")
