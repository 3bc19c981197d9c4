"""The training list of a program as a file; codes are those of the rulebook of lines."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from confianza.cooperation.money import MINOR_PLACES, Money
from confianza.cooperation.training_plans.plan import TrainingListLine
from confianza.reports.tables import table_parts
from confianza.server.training_plans.selectors import PlanState

FORMATS = ("csv", "xlsx", "parquet")
COLUMNS = {  # of a file, and the type of its values
    "program": str,
    "wcn": str,
    "status": str,
    "priority": str,
    "paid_by": str,
    "kind": str,
    "direction": str,
    "implementing_agency": str,
    "course": str,
    "school": str,
    "category": str,
    "level": str,
    "masl_id": str,
    "analysis_code": str,
    "seat_count": int,
    "taken_count": int,
    "women_count": int,
    "tuition": Decimal,
    "cost": Decimal,
    "currency": str,
    "report_date": date,
    "start_date": date,
    "end_date": date,
    "is_fifth_quarter": bool,
    "is_dedicated": bool,
    "is_simulated": bool,
}


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else Decimal(money.minor).scaleb(-MINOR_PLACES[money.currency])


def _row(state: PlanState, line: TrainingListLine) -> list[Any]:
    return [
        state.row.code,
        line.wcn,
        line.status,
        line.priority,
        line.program,
        line.kind,
        line.direction,
        line.implementing_agency,
        line.course,
        line.school,
        line.category,
        line.level,
        line.masl_id,
        line.analysis_code,
        line.student_count,
        line.taken_count,
        line.women_count,
        _amount(line.tuition),
        _amount(line.cost),
        line.cost.currency,
        line.report_date,
        line.start_date,
        line.end_date,
        line.is_fifth_quarter,
        line.is_dedicated,
        state.row.is_simulated,
    ]


def list_parts(form: str, state: PlanState) -> Iterator[bytes]:
    """The parts of the file of a training list."""
    lines = state.plan.lines
    rows = (_row(state, line) for line in lines)
    return table_parts(form, COLUMNS, rows, count=lambda: len(lines), sheet=state.row.code)
