"""The audit log, append-only, and the head of its chain."""

from typing import Any, NoReturn

from django.db import models

from confianza.cooperation import audit


class AuditHead(models.Model):
    """One row, locked while an event is appended."""

    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=audit.GENESIS)


class AuditEvent(models.Model):
    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    account = models.CharField(max_length=150)
    role = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    payload = models.JSONField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["subject", "sequence"], name="audit_by_subject")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("audit events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("audit events are never deleted")

    def sealed(self) -> audit.AuditEvent:
        return audit.AuditEvent(
            sequence=self.sequence,
            at=self.at,
            account=self.account,
            role=self.role,
            action=self.action,
            subject=self.subject,
            payload=self.payload,
            previous=self.previous,
            digest=self.digest,
        )
