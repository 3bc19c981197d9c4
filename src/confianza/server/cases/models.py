"""Cases. The steps of a case are its audit events; this row only finds it and guards its version."""

from django.db import models

from confianza.server.institutions.models import Party
from confianza.server.programs.models import Appropriation


class Case(models.Model):
    identifier = models.CharField(max_length=8, primary_key=True)
    edition = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT)
    phase = models.CharField(max_length=40)  # id of the current phase; empty when closed
    version = models.IntegerField(default=0)  # number of recorded steps
    is_simulated = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)  # with the partner's liaison

    class Meta:
        ordering = ["identifier"]

    @property
    def subject(self) -> str:
        return f"case:{self.identifier}"
