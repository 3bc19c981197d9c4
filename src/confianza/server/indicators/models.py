"""Indicators: releases of sources, and their figures. A newer release is added; none is changed."""

from django.db import models

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.sources import Reference
from confianza.evidence.indicators import Observation, Status
from confianza.server.evidence.models import ImportRun


class Release(models.Model):
    """One release of a source as a file gave it; `skipped` are rows that were no country's."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=80, db_column="edition")
    skipped = models.JSONField(default=list)

    class Meta:
        db_table = "indicators_edition"
        ordering = ["source", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "source"], name="indicator_edition_once")]


class Figure(models.Model):
    """One figure of a release, or the word that there is none."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, db_column="edition_id")
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
                fields=["release", "indicator_code", "country_code", "part", "year"],
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
            period=BilingualText.of(self.period) if self.period else None,
            note=BilingualText.of(self.note) if self.note else None,
        )


class PublishedName(models.Model):
    """What a publisher calls an indicator that the package does not define."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.TextField()
