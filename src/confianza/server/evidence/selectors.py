"""Reads on the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from django.db.models import Count, QuerySet, Sum

from confianza.cooperation.money import Money
from confianza.cooperation.training import TrainingFigure
from confianza.evidence.history import HistoryEvent
from confianza.evidence.training import aggregate
from confianza.server.evidence.models import HistoryRecord, TrainingFigureRow, TrainingLineRow

DIMENSIONS = (
    "fiscal_year",
    "partner_code",
    "program_family",
    "school_code",
    "institution_code",
    "category",
    "level",
)  # what rows are summed by


@dataclass(frozen=True)
class TrainingQuery:
    """What rows are narrowed by; None does not narrow."""

    partner_code: str | None = None
    from_fy: int | None = None
    to_fy: int | None = None
    program_family: str | None = None
    school_code: str | None = None
    institution_code: str | None = None
    category: str | None = None
    level: str | None = None

    def parameters(self) -> dict[str, str]:
        """What narrows, as the parameters of an address."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class SummaryRow:
    """Students, courses (rows of the reports) and cost of the rows that have these values."""

    values: Mapping[str, str | int]  # by dimension
    student_count: int
    course_count: int
    cost: Money


def training_rows(query: TrainingQuery) -> QuerySet[TrainingLineRow]:
    """The rows that fit, by fiscal year and partner, in the order of their report."""
    wanted = {
        "fiscal_year__gte" if name == "from_fy" else "fiscal_year__lte" if name == "to_fy" else name: value
        for field in fields(query)
        if (value := getattr(query, name := field.name)) is not None
    }
    return TrainingLineRow.objects.filter(**wanted)


def training_summary(query: TrainingQuery, by: tuple[str, ...]) -> list[SummaryRow]:
    """The rows that fit, added up by some of `DIMENSIONS`, in the order of their values; one row without any."""
    groups = (
        training_rows(query)
        .order_by(*by, "currency")
        .values(*by, "currency")
        .annotate(student_total=Sum("student_count"), course_total=Count("pk"), cost_total=Sum("cost_minor"))
    )
    return [
        SummaryRow(
            {name: group[name] for name in by},
            group["student_total"],
            group["course_total"],
            Money(group["cost_total"], group["currency"]),
        )
        for group in groups
    ]


def training_lines(partner_code: str) -> QuerySet[TrainingLineRow]:
    """The imported rows of a partner."""
    return training_rows(TrainingQuery(partner_code))


def training_figures(partner_code: str) -> list[TrainingFigure]:
    """The figures of a partner: of imported rows where a fiscal year was imported, else as shipped."""
    imported = aggregate(row.line() for row in training_lines(partner_code))
    years = {figure.fiscal_year for figure in imported}
    shipped = TrainingFigureRow.objects.filter(partner_id=partner_code).exclude(fiscal_year__in=years)
    return sorted(
        [*imported, *(row.figure() for row in shipped)],
        key=lambda figure: (figure.fiscal_year, figure.program, figure.school_code, figure.category),
    )


def history_events() -> list[HistoryEvent]:
    """The recorded acts by date."""
    return [row.event() for row in HistoryRecord.objects.all()]
