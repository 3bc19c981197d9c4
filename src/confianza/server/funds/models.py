"""Appropriations, the dates of their funds, and the ledger: what became of their money."""

from django.db import models

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability, Funds
from confianza.cooperation.money import Money
from confianza.server.audit.models import AuditEvent
from confianza.server.institutions.models import Party


class Project(models.Model):
    """Several cases under one authority; none of them is approved before it."""

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=120)
    authority = models.CharField(max_length=40, blank=True)  # a code of the table of authorities
    authority_as_entered = models.CharField(max_length=40, blank=True)  # of an earlier version, not on record
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    approved_on = models.DateField(null=True)

    class Meta:
        ordering = ["code"]

    @property
    def subject(self) -> str:
        return f"project:{self.code}"


class Appropriation(models.Model):
    """Money for one account under one measure of one fiscal year."""

    code = models.CharField(max_length=60, primary_key=True)
    name = models.JSONField()
    program = models.CharField(max_length=60)
    account = models.CharField(max_length=20)
    measure = models.CharField(max_length=40)
    fiscal_year = models.IntegerField()
    kind = models.CharField(max_length=20)
    public_law = models.CharField(max_length=20, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    program_code = models.CharField(max_length=2, blank=True)
    authority = models.CharField(max_length=40, blank=True)  # a code of the table of authorities
    authority_as_entered = models.CharField(max_length=40, blank=True)  # of an earlier version, not on record
    regime = models.CharField(max_length=20, blank=True)
    is_simulated = models.BooleanField(default=False)
    source = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=80, blank=True)
    note = models.JSONField(null=True)

    class Meta:
        ordering = ["fiscal_year", "measure", "account"]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def funds(self) -> Funds:
        dates = sorted(self.availability.all(), key=lambda row: row.known_from)
        return Funds(
            self.code,
            BilingualText.of(self.name),
            self.currency,
            tuple(row.dates for row in dates),
            fiscal_year=self.fiscal_year,
            program_code=self.program_code,
            authority=self.authority,
            regime=self.regime,
        )


class AvailabilityDates(models.Model):
    """When the funds may be used, as known from a day on; a revision is a new row."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="availability")
    known_from = models.DateField()
    available_from = models.DateField()
    available_until = models.DateField(null=True)  # none: no-year funds
    reobligate_until = models.DateField(null=True)
    cancels_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appropriation", "known_from"], name="availability_once_a_day")
        ]

    @property
    def dates(self) -> Availability:
        return Availability(
            self.known_from,
            self.available_from,
            self.available_until,
            self.cancels_on,
            self.reobligate_until,
        )


class LedgerEntry(models.Model):
    """A balanced entry between the accounts of one appropriation, made by one audit event."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="entries")
    case_identifier = models.CharField(max_length=8, null=True)  # none: of the funds themselves
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT)
    on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["case_identifier"], name="entry_by_case")]


class Posting(models.Model):
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
