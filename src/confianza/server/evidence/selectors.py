"""Reads on the evidence."""

from django.db.models import QuerySet

from confianza.server.evidence.models import ImportRun


def import_runs() -> QuerySet[ImportRun]:
    """Every import."""
    return ImportRun.objects.all()
