"""The ledger: what became of the money of an appropriation."""

from django.db import models

from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.programs.models import Appropriation


class LedgerEntry(models.Model):
    """A balanced entry between the accounts of one appropriation, made by one audit event."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="entries")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="entries")
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT)
    on = models.DateField()


class Posting(models.Model):
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
