"""Cases. The steps of a case are its audit events.

What else stands in these rows is derived from them and rewritten with every step, to find cases by: it is never
read back into the case itself.
"""

import unicodedata

from django.conf import settings
from django.db import models

from confianza.server.funds.models import Appropriation, Project
from confianza.server.institutions.models import Party


def folded(text: str) -> str:
    """Text as it is searched for: without capitals and accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


class Case(models.Model):
    identifier = models.CharField(max_length=8, primary_key=True)
    edition = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True)
    phase = models.CharField(max_length=40)  # id of the current phase; empty when closed
    status = models.CharField(max_length=40, blank=True)
    document_version = models.CharField(max_length=5, default="BASIC")
    version = models.IntegerField(default=0)  # number of recorded steps
    cost_minor = models.BigIntegerField(default=0)
    last_step_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    is_simulated = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)  # with the partner's liaison
    search_text = models.TextField()  # identifier and title, folded

    class Meta:
        ordering = ["identifier"]
        indexes = [
            models.Index(fields=["phase", "identifier"], name="case_by_phase"),
            models.Index(fields=["phase", "next_due_on", "identifier"], name="case_by_phase_and_due_day"),
            models.Index(fields=["next_due_on"], name="case_by_due_day"),
        ]

    @property
    def subject(self) -> str:
        return f"case:{self.identifier}"

    @property
    def document(self) -> str:
        return f"{self.identifier}-{self.document_version}"


class OpenAction(models.Model):
    """A step an office is to take on a case, by its day when there is one.

    `deadline` is the id of the deadline that set the day; a step that only a deadline asks for is not offered yet.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="open_actions")
    step = models.CharField(max_length=40)
    office = models.CharField(max_length=40)
    deadline = models.CharField(max_length=40, blank=True)
    about = models.CharField(max_length=80, blank=True)
    due_on = models.DateField(null=True)
    is_offered = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["office", "is_offered", "due_on"], name="action_by_office")]


class ClockRow(models.Model):
    """A clock of a case; while it runs, `due_on` is the last day to stop it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    clock = models.CharField(max_length=40)
    started_on = models.DateField()
    stopped_on = models.DateField(null=True)
    elapsed_days = models.IntegerField()  # when it stopped, or at the last step
    excluded_days = models.IntegerField()
    due_on = models.DateField()
    is_held = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["clock", "stopped_on", "due_on"], name="clock_by_due_day")]


class Delivery(models.Model):
    """A planned delivery and what became of it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deliveries")
    name = models.CharField(max_length=80)
    line = models.CharField(max_length=3)
    quantity = models.BigIntegerField()
    planned_on = models.DateField()
    arrived_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    transferred_on = models.DateField(null=True)
    cause = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="delivery_once_a_case")]
        indexes = [models.Index(fields=["arrived_on", "planned_on"], name="delivery_by_day")]


class SavedSearch(models.Model):
    """A search of the board that a person keeps under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="search_once_a_name")]
