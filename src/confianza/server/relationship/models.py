"""Records of a relationship and what was done with each. Rows are added and never changed."""

from typing import Any, NoReturn

from django.db import models

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.fields import from_json
from confianza.cooperation.relationship import records
from confianza.cooperation.relationship.entries import VersionOf
from confianza.cooperation.sources import Reference
from confianza.server.audit.models import AuditEvent
from confianza.server.evidence.models import ImportRun
from confianza.server.institutions.models import Partnership, Party


class Unchanging(models.Model):
    """A row that is added and neither changed nor deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("what is on record is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("what is on record is never deleted")


class Source(Unchanging):
    """A publication that records cite by its key."""

    key = models.CharField(max_length=80, primary_key=True)
    title = models.TextField()
    publisher = models.TextField(blank=True)
    date = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    rights = models.TextField(blank=True)


class Record(Unchanging):
    """A record as its source tells it.

    `actor` is empty for what both did together. An act that the trust index of the package reads has the identifier
    and kind that the index knows it by; their table is `confianza.evidence.history`.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="records")
    record_id = models.CharField(max_length=110)
    kind = models.CharField(max_length=40)
    date_from = models.CharField(max_length=10)
    date_to = models.CharField(max_length=10, blank=True)
    known_since = models.CharField(max_length=10, blank=True)
    actor = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="records_done", null=True)
    target = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="records_received", null=True)
    institution_actor = models.TextField(blank=True)
    institution_target = models.TextField(blank=True)
    summary = models.JSONField()
    sign = models.SmallIntegerField()
    domain = models.CharField(max_length=40)
    references = models.JSONField()  # [[source, place], …]
    happening = models.CharField(max_length=110)
    verification = models.CharField(max_length=20)
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, null=True)
    index_id = models.CharField(max_length=60, blank=True)
    index_kind = models.CharField(max_length=40, blank=True)
    index_note = models.JSONField(null=True)

    class Meta:
        ordering = ["date_from", "record_id"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "record_id"], name="relationship_record_once")
        ]

    def record(self, codings: tuple[records.Coding, ...] = ()) -> records.Record:
        """The record, with these codings."""
        when = records.PartialDate
        return records.Record(
            record_id=self.record_id,
            kind=self.kind,
            date_from=when(self.date_from),
            date_to=when(self.date_to) if self.date_to else None,
            known_since=when(self.known_since) if self.known_since else None,
            actor_code=self.actor.iso_code if self.actor else records.BOTH,
            target_code=self.target.iso_code if self.target else "",
            institution_actor=self.institution_actor,
            institution_target=self.institution_target,
            summary=BilingualText.of(self.summary),
            sign=self.sign,
            domain=self.domain,
            references=tuple(Reference(*item) for item in self.references),
            happening=self.happening,
            verification=self.verification,
            note=self.note,
            details=from_json(self.details),
            codings=codings,
        )


class Event(Unchanging):
    """One step of a record, with the audit event of the change it was part of; `side` is an ISO code."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="events")
    number = models.IntegerField()
    step = models.CharField(max_length=20)
    at = models.DateTimeField()
    account = models.CharField(max_length=150)
    side = models.CharField(max_length=2, blank=True)
    reason = models.TextField(blank=True)
    audit = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="relationship_event_once")]


class Version(Unchanging):
    """What the side that contests a record says otherwise; it belongs to the event that contested it."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="versions")
    summary = models.JSONField()
    references = models.JSONField()
    sign = models.SmallIntegerField(null=True)
    severity = models.FloatField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)

    def version(self) -> VersionOf:
        return VersionOf(
            summary=BilingualText.of(self.summary),
            references=tuple(Reference(*item) for item in self.references),
            sign=self.sign,
            severity=self.severity,
            outcome=self.outcome,
            note=self.note,
        )


class Coding(Unchanging):
    """How severe one coder finds a record: entered with it, or by an event of its own."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="codings")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="codings", null=True)
    coder = models.CharField(max_length=150)
    method = models.CharField(max_length=20)
    version = models.CharField(max_length=40)
    coded_on = models.DateField()
    severity = models.FloatField()
    confidence = models.FloatField(null=True)

    class Meta:
        ordering = ["pk"]

    def coding(self) -> records.Coding:
        return records.Coding(
            self.coder, self.method, self.version, self.coded_on, self.severity, self.confidence
        )
