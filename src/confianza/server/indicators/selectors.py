"""Reads on indicators: series by release, the profile of a country, two profiles side by side."""

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, QuerySet

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import RuleRefusal
from confianza.evidence.countries import country_name
from confianza.evidence.indicators import (
    DERIVED,
    Indicator,
    Observation,
    Series,
    derive,
    indicators,
    series_of,
)
from confianza.server.indicators.models import Figure, PublishedName, Release

PUBLISHERS = (
    "worldbank-wdi",
    "sipri-milex",
    "cow-nmc",
)  # each file a whole release; records of other sources add up


def published_indicators() -> dict[str, Indicator]:
    """The indicators that are here under a publisher's own code and name, by code."""
    definition = BilingualText("As its publisher defines it.", "Según lo define su editor.")
    return {
        found.code: Indicator(found.code, BilingualText(found.name, found.name), "", definition)
        for found in PublishedName.objects.order_by("code")
    }


def known_indicator(code: str) -> Indicator:
    """The indicator of a code, or of a publisher's own code whose figures are here (RuleRefusal otherwise)."""
    if code in indicators():
        return indicators()[code]
    published = published_indicators()
    if code not in published:
        raise RuleRefusal("indicator-unknown", code=code, known=", ".join([*indicators(), *published]))
    return published[code]


def has_figures() -> bool:
    """Whether any country has a figure."""
    return Figure.objects.filter(value__isnull=False).exists()


def countries_with_figures() -> list[tuple[str, BilingualText]]:
    """Code and name of every country that has a figure."""
    codes = (
        Figure.objects.filter(value__isnull=False)
        .order_by()
        .values_list("country_code", flat=True)
        .distinct()
    )
    return [(code, country_name(code)) for code in sorted(codes)]


def _observations(country: str, indicator: str | None) -> dict[Release, list[Observation]]:
    figures = Figure.objects.filter(country_code=country).select_related("release")
    if indicator is not None:
        figures = figures.filter(indicator_code=indicator)
    by_release: dict[Release, list[Observation]] = {}
    for figure in figures:
        by_release.setdefault(figure.release, []).append(figure.observation(figure.release.source))
    return by_release


def every_release(country: str, indicator: str | None = None) -> list[Series]:
    """The series of a country in every release that is here, the newest of each source first."""
    observations = _observations(country, indicator)
    ordered = sorted(observations, key=lambda release: (release.name, release.pk), reverse=True)
    return [
        series
        for release in ordered
        for series in series_of(observations[release], source=release.source, release=release.name)
    ]


def latest_series(country: str, indicator: str | None = None) -> list[Series]:
    """The series of a country, each source's newest release; records of other sources add up, the newest first.

    A publisher's release stands whole: what it no longer gives is not filled from an older one.
    """
    found: dict[tuple[str, str, str], Series] = {}
    for series in every_release(country, indicator):
        key = (series.indicator_code, series.part, series.source)
        if key not in found:
            found[key] = series
        elif series.source not in PUBLISHERS:
            there = {(point.year, point.period) for point in found[key].points}
            added = [point for point in series.points if (point.year, point.period) not in there]
            points = sorted([*found[key].points, *added], key=lambda point: point.year or 0)
            found[key] = Series(
                series.indicator_code, country, series.part, series.source, found[key].release, tuple(points)
            )
    return list(found.values())


def with_derived(country: str, indicator: str | None = None) -> list[Series]:
    """The latest series of a country and those derived from them: all, or one indicator's from no more than it needs."""
    if indicator is None:
        found = latest_series(country)
        return found + [made for known in indicators().values() for made in derive(known, found)]
    known, found = indicators().get(indicator), latest_series(country, indicator)
    if known is None or known.formula is None:
        return found
    parts = [latest_series(country, code) for code in (known.formula.numerator, known.formula.denominator)]
    return found + derive(known, [series for part in parts for series in part])


@dataclass(frozen=True)
class ProfileRow:
    """An indicator (and its part) with the series of each country asked for, the preferred source first."""

    indicator: Indicator
    part: str
    by_country: tuple[tuple[Series, ...], ...]

    @property
    def years(self) -> list[tuple[int, list[list[tuple[Series, Observation]]]]]:
        """Year by year what each country has, last year first."""
        years = sorted({year for found in self.by_country for series in found for year in series.by_year})
        return [
            (
                year,
                [
                    [(series, series.by_year[year]) for series in found if year in series.by_year]
                    for found in self.by_country
                ],
            )
            for year in reversed(years)
        ]

    @property
    def last_figures(self) -> list[tuple[Series, Observation] | None]:
        """The last figure of each country, of the preferred source where several have one of that year."""
        return [
            max(
                ((series, series.latest) for series in found if series.latest),
                key=lambda item: item[1].year or 0,
                default=None,
            )
            for found in self.by_country
        ]

    @property
    def has_chart(self) -> bool:
        """Whether a line can be drawn: some series with three years or more."""
        return any(len(series.by_year) > 2 for found in self.by_country for series in found)

    def substitute(self, series: Series) -> BilingualText | None:
        """Why the series stands in for the preferred one, if it does."""
        return next((item.when for item in self.indicator.substitutes if item.source == series.source), None)


def profiles(*countries: str, indicator: str | None = None) -> list[ProfileRow]:
    """The force profile of countries side by side: every indicator, or one, that one of them has a figure of.

    A country without a figure has an empty place in the row; derived ratios come with the rest.
    """
    known = {**published_indicators(), **indicators()}
    found: list[dict[tuple[str, str], list[Series]]] = []
    for country in countries:
        by_key: dict[tuple[str, str], list[Series]] = {}
        for series in with_derived(country, indicator):
            if series.latest:
                by_key.setdefault((series.indicator_code, series.part), []).append(series)
        found.append(by_key)

    def rank(series: Series) -> tuple[bool, int, str]:
        return series.source == DERIVED, known[series.indicator_code].rank(series.source), series.source

    order = {code: place for place, code in enumerate(indicators())}
    keys = {key for by_key in found for key in by_key}
    return [
        ProfileRow(
            known[code],
            part,
            tuple(tuple(sorted(by_key.get((code, part), ()), key=rank)) for by_key in found),
        )
        for code, part in sorted(keys, key=lambda key: (order.get(key[0], len(order)), key))
    ]


@dataclass(frozen=True)
class ReleaseCoverage:
    """What a release has of an indicator: countries, years, figures, and places that are empty."""

    indicator_code: str
    source: str
    release: str
    country_count: int
    first_year: int | None
    last_year: int | None
    figure_count: int
    missing_count: int


def coverage() -> list[ReleaseCoverage]:
    """By indicator, source and release: what is here and how much of it is missing."""
    rows = (
        Figure.objects.order_by("indicator_code", "release__source", "release__name", "release")
        .values("indicator_code", "release__source", "release__name", "release")
        .annotate(
            countries=Count("country_code", distinct=True, filter=Q(value__isnull=False)),
            first=Min("year", filter=Q(value__isnull=False)),
            last=Max("year", filter=Q(value__isnull=False)),
            given=Count("value"),
            missing=Count("pk", filter=Q(status="missing")),
        )
    )
    return [
        ReleaseCoverage(
            row["indicator_code"], row["release__source"], row["release__name"], row["countries"],
            row["first"], row["last"], row["given"], row["missing"],
        )
        for row in rows
    ]  # fmt: skip


def stored_figures(country: str | None = None, indicator: str | None = None) -> QuerySet[Figure]:
    """Every figure of every release, by indicator and country."""
    figures = Figure.objects.select_related("release__run").order_by("indicator_code", "country_code", "pk")
    if country:
        figures = figures.filter(country_code=country)
    return figures.filter(indicator_code=indicator) if indicator else figures


def stored_releases() -> QuerySet[Release]:
    """Every release with the import that brought it."""
    return Release.objects.select_related("run")


def release_of_file(digest: str) -> Release | None:
    """The release that was read from a file."""
    return stored_releases().filter(run__digest=digest).first()
