"""Event data: each imported file with what became of its lines, and the tables by pair, which are Parquet files."""

from datetime import date

from django.db import models

from confianza.errors import Problem
from confianza.evidence.sources.events import REASONS
from confianza.server.evidence.models import ImportRun


class EventFile(models.Model):
    """One file of coded events; its rows of pairs and its counts stand in Parquet files named by its digest.

    `lines` adds up: lines, header, blank, read, repeated and each reason. `coverage` has for each publisher and year
    the events that this file added, and those of the workspace's partners among them.
    """

    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT)
    forms = models.JSONField()
    publishers = models.JSONField()
    is_simulated = models.BooleanField(default=False)
    lines = models.JSONField()
    days = models.JSONField()  # runs of days of which the file has rows, by publisher
    coverage = models.JSONField(default=list)
    problems = models.JSONField(default=list)  # first rejected rows of each reason
    notes = models.JSONField(default=list)  # what was found otherwise than the publisher has it
    rows_digest = models.CharField(max_length=64, blank=True, default="")
    counts_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["pk"]

    @property
    def rejected(self) -> dict[str, int]:
        """Its rejected rows by reason."""
        return {name: self.lines[name] for name in REASONS if self.lines.get(name)}

    @property
    def rejected_count(self) -> int:
        return sum(self.rejected.values())

    def problem_list(self, name: str) -> list[Problem]:
        """`problems` or `notes`."""
        return [Problem(**item) for item in getattr(self, name)]

    def day_runs(self) -> dict[str, list[tuple[date, date]]]:
        return {
            publisher: [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in runs]
            for publisher, runs in self.days.items()
        }


class PairTable(models.Model):
    """A table by pair and period as one Parquet file; the newest stands for all files imported until then."""

    period = models.CharField(max_length=5)
    number = models.IntegerField()
    digest = models.CharField(max_length=64)
    row_count = models.IntegerField()
    file_count = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["period", "-number"]
        constraints = [models.UniqueConstraint(fields=["period", "number"], name="event_pair_table_once")]
