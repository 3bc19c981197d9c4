"""Reads on the evidence."""

from confianza.cooperation.training import TrainingFigure
from confianza.evidence.history import HistoryEvent
from confianza.evidence.training import aggregate
from confianza.server.evidence.models import HistoryRecord, TrainingFigureRow, TrainingLineRow


def training_lines(partner_code: str):
    """The imported rows of a partner."""
    return TrainingLineRow.objects.filter(partner_id=partner_code)


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
