"""Indicators: editions of sources, and their figures. A newer edition is added; none is changed."""

from django.db import models

from confianza.cooperation.bilingual import Text
from confianza.cooperation.sources import Reference
from confianza.evidence.indicators import Observation, Status
from confianza.server.evidence.models import ImportRun


class Edition(models.Model):
    """One edition of a source as a file gave it; `skipped` are rows that were no country's."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    source = models.CharField(max_length=40)
    edition = models.CharField(max_length=80)
    skipped = models.JSONField(default=list)

    class Meta:
        ordering = ["source", "edition", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "source"], name="indicator_edition_once")]


class Figure(models.Model):
    """One figure of an edition, or the word that there is none."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT)
    indicator_code = models.CharField(max_length=40)
    country_code = models.CharField(max_length=2)
    part = models.CharField(max_length=40, blank=True, default="")
    year = models.IntegerField(null=True)
    period = models.JSONField(null=True)
    value = models.FloatField(null=True)
    status = models.CharField(max_length=20)
    qualifier = models.CharField(max_length=1, blank=True, default="")
    place = models.TextField()
    note = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "indicator_code", "country_code", "part", "year"],
                name="indicator_figure_once",
            ),
        ]
        indexes = [
            models.Index(fields=["country_code", "indicator_code"], name="indicator_figure_country"),
            models.Index(fields=["indicator_code", "country_code"], name="indicator_figure_code"),
        ]

    def observation(self, source: str) -> Observation:
        return Observation(
            indicator_code=self.indicator_code,
            country_code=self.country_code,
            year=self.year,
            value=self.value,
            reference=Reference(source, self.place),
            status=Status(self.status),
            part=self.part,
            qualifier=self.qualifier,
            period=Text.of(self.period) if self.period else None,
            note=Text.of(self.note) if self.note else None,
        )


class PublishedName(models.Model):
    """What a publisher calls an indicator that the package does not define."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.TextField()
