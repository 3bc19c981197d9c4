"""Reads on the evidence."""

from django.db.models import QuerySet

from confianza.evidence.history import HistoryEvent
from confianza.server.evidence.models import HistoryRecord, ImportRun


def history_events() -> list[HistoryEvent]:
    """The recorded acts by date."""
    return [row.event() for row in HistoryRecord.objects.all()]


def import_runs() -> QuerySet[ImportRun]:
    """Every import."""
    return ImportRun.objects.all()
