"""Reads on the evidence."""

from collections.abc import Collection

from django.db.models import QuerySet

from confianza.evidence.history import HistoryEvent
from confianza.server.evidence.models import HistoryRecord, ImportRun


def history_events(pair: Collection[str]) -> list[HistoryEvent]:
    """The recorded acts of the two parties with these ISO codes toward each other, by date."""
    rows = HistoryRecord.objects.filter(actor__iso_code__in=pair, target__iso_code__in=pair)
    return [row.event() for row in rows.select_related("actor", "target")]


def import_runs() -> QuerySet[ImportRun]:
    """Every import."""
    return ImportRun.objects.all()
