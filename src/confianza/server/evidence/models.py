"""What is known: the files that were imported, and history. Every row names where it was read."""

from django.db import models

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.sources import Reference
from confianza.evidence.history import HistoryEvent
from confianza.server.institutions.models import Party


class ImportRun(models.Model):
    """One file that was read, by the hash of its bytes; the same file twice is one run."""

    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    address = models.TextField(blank=True, default="")  # where it was fetched from, if it was
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    account = models.CharField(max_length=150)
    record_count = models.IntegerField()
    left_out = models.JSONField(default=list)  # rows of the file that could not be kept, and why
    named_countries = models.JSONField(default=list)  # codes of those a training report names, read or not

    class Meta:
        ordering = ["at", "pk"]


class HistoryRecord(models.Model):
    """An act of one party toward another, as a source tells it."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    event_id = models.CharField(max_length=60, primary_key=True)
    date = models.CharField(max_length=20)
    actor = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="acts")
    target = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="acts_received")
    kind = models.CharField(max_length=40)
    sign = models.SmallIntegerField()
    summary = models.JSONField()
    date_note = models.JSONField(null=True)
    source = models.CharField(max_length=40)
    place = models.CharField(max_length=80)

    class Meta:
        ordering = ["date", "event_id"]

    def event(self) -> HistoryEvent:
        return HistoryEvent(
            event_id=self.event_id,
            date=self.date,
            actor_code=self.actor.iso_code,
            target_code=self.target.iso_code,
            kind=self.kind,
            sign=self.sign,
            summary=BilingualText.of(self.summary),
            reference=Reference(self.source, self.place),
            date_note=BilingualText.of(self.date_note) if self.date_note else None,
        )
