"""Appropriations and the dates of their funds."""

from django.db import models

from confianza.cooperation.cases.case import Availability, Funds
from confianza.cooperation.money import Money
from confianza.cooperation.texts import Text
from confianza.server.institutions.models import Party


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
        dates = self.availability.order_by("known_from")
        return Funds(
            self.code,
            Text.of(self.name),
            self.currency,
            tuple(
                Availability(row.known_from, row.available_from, row.available_until, row.cancels_on)
                for row in dates
            ),
        )


class AvailabilityDates(models.Model):
    """When the funds may be used, as known from a day on; a revision is a new row."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="availability")
    known_from = models.DateField()
    available_from = models.DateField()
    available_until = models.DateField()
    cancels_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appropriation", "known_from"], name="availability_once_a_day")
        ]
