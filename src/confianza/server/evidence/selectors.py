"""Reads on the evidence."""

from confianza.evidence.history import HistoryEvent
from confianza.server.evidence.models import HistoryRecord


def history_events() -> list[HistoryEvent]:
    """The recorded acts by date."""
    return [row.event() for row in HistoryRecord.objects.all()]
