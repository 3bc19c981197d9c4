"""Reads on series: what each source says of a pair of countries, and which releases are here."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from confianza.errors import RuleRefusal
from confianza.evidence.series import (
    DataLicense,
    Measure,
    PairSeries,
    Shape,
    data_licenses,
    known_measure,
    measures,
    series_of_pair,
    series_sources,
)
from confianza.server.series.models import SeriesRelease, StoredSeries


@dataclass(frozen=True)
class MeasureOfPair:
    """A measure (and part) of a pair: its series, one a direction or country, and the terms of its source."""

    measure: Measure
    part: str
    series: tuple[PairSeries, ...]

    @property
    def source(self) -> str:
        return self.measure.source

    @property
    def license(self) -> DataLicense:
        return data_licenses()[self.source]

    @property
    def is_secondary(self) -> bool:
        return series_sources()[self.source].is_secondary

    @property
    def release(self) -> str:
        return self.series[0].release

    @property
    def window(self) -> tuple[int, int]:
        """The years that any of its series covers."""
        return min(item.window[0] for item in self.series), max(item.window[1] for item in self.series)

    @property
    def has_chart(self) -> bool:
        """Whether a line can be drawn: some series with three values or more."""
        return any(len(item.values) > 2 for item in self.series)


def has_series() -> bool:
    """Whether a series is here."""
    return StoredSeries.objects.exists()


def countries_with_series() -> list[str]:
    """The codes of the countries of which there is a series."""
    rows = StoredSeries.objects.order_by()
    codes = (rows.values_list(side, flat=True).distinct() for side in ("from_code", "to_code"))
    return sorted({code for side in codes for code in side if code})


def _newest_first(release: SeriesRelease) -> tuple[int, int]:
    """A release that reaches further comes before one imported later; of two alike the one imported last."""
    return -max(last for _, last in release.windows.values()), -release.pk


def series_between(one: str, other: str, measure: str | None = None) -> list[PairSeries]:
    """What the sources say of two countries, each through its window, in the order of the measures.

    Of each source the newest release that says anything of the two stands, whole; older ones stay in the record.

    Raises
    ------
    RuleRefusal
        `series-one-country`, or `series-measure-unknown`.
    """
    if one == other:
        raise RuleRefusal("series-one-country", code=one)
    if measure is not None:
        known_measure(measure)
    rows = StoredSeries.objects.filter(from_code__in=(one, other), to_code__in=("", one, other))
    by_release: dict[int, list[StoredSeries]] = defaultdict(list)
    for row in rows:
        by_release[row.release_id].append(row)
    found: dict[str, list[PairSeries]] = {}
    for release in sorted(SeriesRelease.objects.all(), key=_newest_first):
        if release.source not in found:
            series = series_of_pair(release.file(by_release[release.pk]), one, other)
            if series:
                found[release.source] = series
    order = {code: place for place, code in enumerate(measures())}
    every = [series for of_source in found.values() for series in of_source]
    every.sort(key=lambda series: (order[series.key.measure], series.key.part))
    return [series for series in every if measure in (None, series.key.measure)]


def measures_of_pair(one: str, other: str, measure: str | None = None) -> list[MeasureOfPair]:
    """The series of two countries by measure and part; of a measure of both sides, the first country's before."""
    groups: dict[tuple[str, str], list[PairSeries]] = {}
    for series in series_between(one, other, measure):
        groups.setdefault((series.key.measure, series.key.part), []).append(series)
    return [
        MeasureOfPair(
            measures()[code],
            part,
            tuple(sorted(series, key=lambda item: item.key.from_code != one))
            if measures()[code].shape is not Shape.MUTUAL
            else tuple(series),
        )
        for (code, part), series in groups.items()
    ]


def series_releases() -> QuerySet[SeriesRelease]:
    """Every release with the import that brought it."""
    return SeriesRelease.objects.select_related("run")
