"""Series of pairs of countries: releases of sources, and what each says. A newer release is added; none is changed."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from confianza.evidence.series import SeriesFile, SeriesKey, SeriesPoint, State
from confianza.server.evidence.models import ImportRun

DEFAULTS = list(SeriesPoint(0, None))


class SeriesRelease(models.Model):
    """One release of a source as a file gave it; `windows` are its years by measure, `skipped` what was left out."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    windows = models.JSONField()
    is_whole = models.BooleanField()
    skipped = models.JSONField(default=list)

    class Meta:
        ordering = ["source", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "source", "name"], name="series_release_once")]

    def file(self, stored: Iterable["StoredSeries"]) -> SeriesFile:
        """The release with some of its series."""
        return SeriesFile(
            source=self.source,
            release=self.name,
            series={row.key: row.values for row in stored},
            windows={measure: (first, last) for measure, (first, last) in self.windows.items()},
            is_whole=self.is_whole,
        )


class StoredSeries(models.Model):
    """The points of a measure of one release, of a pair or (without `to_code`) of a country."""

    release = models.ForeignKey(SeriesRelease, on_delete=models.PROTECT)
    measure = models.CharField(max_length=40)
    from_code = models.CharField(max_length=2)
    to_code = models.CharField(max_length=2, blank=True, default="")
    part = models.CharField(max_length=200, blank=True, default="")
    points = models.JSONField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "measure", "from_code", "to_code", "part"], name="series_once"
            )
        ]
        indexes = [models.Index(fields=["from_code", "to_code"], name="series_of_pair")]

    @property
    def key(self) -> SeriesKey:
        return SeriesKey(self.measure, self.from_code, self.to_code, self.part)

    @property
    def values(self) -> tuple[SeriesPoint, ...]:
        return tuple(_point(fields) for fields in self.points)


def stored_point(point: SeriesPoint) -> list[Any]:
    """A point as it is stored: its fields in their order, without those at the end that are as by default."""
    fields = list(point)
    while fields[-1] == DEFAULTS[len(fields) - 1]:
        fields.pop()
    return fields


def _point(fields: list[Any]) -> SeriesPoint:
    point = SeriesPoint(*fields, *DEFAULTS[len(fields) :])
    return point._replace(state=State(point.state))
