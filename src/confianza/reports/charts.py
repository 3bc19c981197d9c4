"""Charts as Vega-Lite, made once: for pages (SVG), notebooks (Altair) and documents.

Every chart takes plain records, a language and a width in pixels. Colours are Okabe and Ito's, safe for colour-blind
readers, and never the only mark: lines differ by dash, acts by shape, bars by their labels.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import altair as alt
import vl_convert

from confianza.cooperation.bilingual import Text
from confianza.cooperation.programs import Appropriation, AppropriationKind
from confianza.cooperation.training.courses import schools
from confianza.evidence.countries import country_name
from confianza.evidence.imet import ImetComparison
from confianza.evidence.indicators import DERIVED, Indicator, Series, unit_names
from confianza.evidence.relationships import GraphYear
from confianza.planning.seats import SeatPlan, YearDone
from confianza.trust.index import TrustIndex

WIDE, NARROW = 900, 340
LETTER, LINE = 6.5, 12  # width of a letter and height of a line of names on a map, in pixels
BLUE, ORANGE, GREEN, RED, SKY, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#6b7682"


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    text = resources.files(__package__).joinpath("chart_labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def label(key: str, language: str) -> str:
    """A word of the charts; KeyError when the table lacks it."""
    return _labels()[key][language]


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _plot_width(width: int) -> int:
    """The width left for the plot itself, beside axis labels."""
    return width - (95 if width <= NARROW else 110)


def _finished(chart: Any, title: str | Text, language: str, width: int, **said: str) -> Any:
    narrow = width <= NARROW
    words = label(title, language).format(**said) if isinstance(title, str) else title.in_language(language)
    lines = re.findall(r".{1,38}(?:\s+|$)", words) if narrow else [words]
    return (
        chart.properties(
            title=alt.TitleParams([line.strip() for line in lines], anchor="start", fontSize=15, offset=12)
        )
        .configure(font="Liberation Sans, Arial, sans-serif", background="white")
        .configure_axis(labelFontSize=12, titleFontSize=12, gridColor="#e3e8ed", titleFontWeight="normal")
        .configure_legend(
            orient="bottom",
            direction="vertical" if narrow else "horizontal",
            title=None,
            labelFontSize=12,
            labelLimit=0,
            symbolStrokeWidth=2.5,
        )
        .configure_view(stroke=None)
    )


def trust_chart(index: TrustIndex, parties: Mapping[str, Text], language: str, width: int = WIDE) -> Any:
    """Both directions by year on the scale of 0–100, the 95 % band, and the acts of each side as marks.

    `parties` are the names of the two by ISO code.
    """
    names = {code: name.in_language(language) for code, name in parties.items()}
    directions = [f"{names[a]} → {names[b]}" for a, b in (index.pair, index.pair[::-1])]
    rows = []
    for actor, name in zip(index.pair, directions, strict=True):
        rows += [
            {
                "year": year.year,
                "direction": name,
                "score": round(year.score, 3),
                "lower": round(year.score_lower, 3),
                "upper": round(year.score_upper, 3),
            }
            for year in index.direction(actor)
        ]
    acts = [
        {
            "year": event.year,
            "by": label("by", language).format(party=names[event.actor_code]),
            "act": label("helpful" if event.sign > 0 else "harmful", language),
        }
        for event in index.events
    ]
    colors = alt.Scale(domain=directions, range=[BLUE, ORANGE])
    dash = alt.StrokeDash("direction:N", scale=alt.Scale(domain=directions, range=[[1, 0], [6, 3]]))
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=list(index.years), nice=False),
        axis=alt.Axis(format="d", tickCount=5 if width <= NARROW else 10),
    )
    band = (
        alt.Chart(_data(rows))
        .mark_area(opacity=0.16)
        .encode(
            x=x,
            y=alt.Y("lower:Q", title=label("score", language), scale=alt.Scale(domain=[0, 100], nice=False)),
            y2="upper:Q",
            fill=alt.Fill("direction:N", scale=colors, legend=None),
        )
    )
    line = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y="score:Q",
            color=alt.Color("direction:N", scale=colors),
            strokeDash=dash,
        )
    )
    kinds = [label("helpful", language), label("harmful", language)]
    marks = (
        alt.Chart(_data(acts))
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            x=alt.X(
                "year:Q",
                title=None,
                scale=alt.Scale(domain=list(index.years), nice=False),
                axis=alt.Axis(labels=False, ticks=False, grid=False),
            ),
            y=alt.Y("by:N", title=None, axis=alt.Axis(grid=True)),
            shape=alt.Shape("act:N", scale=alt.Scale(domain=kinds, range=["triangle-up", "triangle-down"])),
            color=alt.Color("act:N", scale=alt.Scale(domain=kinds, range=[GREEN, RED])),
        )
        .properties(width=_plot_width(width), height=44)
    )
    top = (band + line).properties(width=_plot_width(width), height=280)
    chart = alt.vconcat(top, marks, spacing=4).resolve_scale(
        color="independent", strokeDash="independent", shape="independent"
    )
    return _finished(chart, "title_trust", language, width)


def share_chart(years: Sequence[ImetComparison], language: str, width: int = WIDE) -> Any:
    """The PME share by fiscal year: students in the thesis and the reports, dollars in the reports, and the policy."""
    series: dict[str, list[tuple[int, float | None]]] = {
        "thesis_students": [
            (row.reports.fiscal_year, row.thesis.pme_share) for row in years if row.thesis is not None
        ],
        "reports_students": [(row.reports.fiscal_year, row.reports.pme_share) for row in years],
        "reports_dollars": [(row.reports.fiscal_year, row.reports.pme_cost_share) for row in years],
    }
    names = [label(name, language) for name in series]
    rows = [
        {"year": str(year), "source": label(name, language), "share": share}
        for name, points in series.items()
        for year, share in points
    ]
    line = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=55, filled=True))
        .encode(
            x=alt.X("year:O", title=label("fiscal_year", language), axis=alt.Axis(labelAngle=0)),
            y=alt.Y(
                "share:Q",
                title=label("share", language),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
            color=alt.Color(
                "source:N",
                scale=alt.Scale(domain=names, range=[GREY, BLUE, ORANGE]),
                legend=alt.Legend(symbolType="stroke", symbolSize=400),
            ),
            strokeDash=alt.StrokeDash(
                "source:N", scale=alt.Scale(domain=names, range=[[2, 3], [1, 0], [7, 3]])
            ),
        )
        .properties(width=_plot_width(width), height=260)
    )
    policy = alt.Chart(_data([{"share": 0.5, "text": label("policy", language)}]))
    rule = policy.mark_rule(color=RED, strokeWidth=1.5).encode(y="share:Q")
    # the words stand at the top, by their colour, where no share comes: beside the rule they would cover the lines
    text = policy.mark_text(align="right", baseline="top", dx=-4, color=RED, fontSize=12).encode(
        x=alt.value(_plot_width(width)), y=alt.value(4), text="text:N"
    )
    return _finished(line + rule + text, "title_share", language, width)


def growth_chart(years: Sequence[GraphYear], language: str, width: int = WIDE) -> Any:
    """People and ties by year, ties between the countries apart."""
    series: Iterable[tuple[str, str]] = (
        ("graph_people", "person_count"),
        ("graph_ties", "tie_count"),
        ("graph_between", "between_countries_count"),
    )
    rows = [
        {"year": year.year, "what": label(name, language), "count": getattr(year, key)}
        for name, key in series
        for year in years
    ]
    names = [label(name, language) for name, _ in series]
    chart = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2.5, point=True)
        .encode(
            x=alt.X(
                "year:Q",
                title=label("year", language),
                scale=alt.Scale(nice=False),
                axis=alt.Axis(format="d", tickMinStep=1, tickCount=5 if width <= NARROW else 10),
            ),
            y=alt.Y("count:Q", title=label("graph_count", language)),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=names, range=[GREY, ORANGE, BLUE]),
                legend=alt.Legend(symbolType="stroke", symbolSize=400),
            ),
            strokeDash=alt.StrokeDash(
                "what:N", scale=alt.Scale(domain=names, range=[[2, 3], [7, 3], [1, 0]])
            ),
        )
        .properties(width=_plot_width(width), height=240)
    )
    return _finished(chart, "title_graph_growth", language, width)


def money_chart(records: Iterable[Appropriation], name: Text, language: str, width: int = WIDE) -> Any:
    """Enacted money by fiscal year and account, stacked; `name` is what the money is of."""
    records = list(records)
    accounts = sorted({record.account for record in records}, reverse=True)
    rows = [
        {
            "year": str(record.fiscal_year),
            "account": record.account,
            "millions": record.amount.minor / 100_000_000,
        }
        for record in records
        if record.kind is AppropriationKind.APPROPRIATION
    ]
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("year:O", title=label("fiscal_year", language), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("sum(millions):Q", title=label("millions", language)),
            color=alt.Color(
                "account:N", scale=alt.Scale(domain=accounts, range=[BLUE, ORANGE, SKY, GREEN, GREY])
            ),
            order=alt.Order("account:N", sort="descending"),
        )
        .properties(width=_plot_width(width), height=260)
    )
    return _finished(chart, "title_money", language, width, name=name.in_language(language))


def indicator_chart(indicator: Indicator, found: Sequence[Series], language: str, width: int = WIDE) -> Any:
    """An indicator by year: a colour a country, a dash a source; years without a figure break the line."""
    rows, styles = [], {}
    countries = list(dict.fromkeys(series.country_code for series in found))
    sources = list(dict.fromkeys(series.source for series in found))
    for series in found:
        dated = series.by_year
        if not dated:
            continue
        source = label("derived", language) if series.source == DERIVED else series.source
        name = f"{country_name(series.country_code).in_language(language)} · {source}"
        styles[name] = (
            (BLUE, ORANGE)[countries.index(series.country_code)],
            ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3])[sources.index(series.source) % 4],
        )
        rows += [
            {"year": year, "series": name, "value": dated[year].value if year in dated else None}
            for year in range(min(dated), max(dated) + 1)
        ]
    unit = unit_names()[indicator.unit].in_language(language) if indicator.unit else ""
    chart = (
        alt.Chart(_data(rows))
        .mark_line(
            strokeWidth=2.5,
            point=alt.OverlayMarkDef(size=30, filled=True),
            invalid="break-paths-show-path-domains",
        )
        .encode(
            x=alt.X(
                "year:Q",
                title=None,
                scale=alt.Scale(nice=False),
                axis=alt.Axis(format="d", tickMinStep=1, tickCount=5 if width <= NARROW else 10),
            ),
            y=alt.Y("value:Q", title=unit),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=list(styles), range=[color for color, _ in styles.values()]),
                legend=alt.Legend(symbolType="stroke", symbolSize=400, columns=1 if width <= NARROW else 3),
            ),
            strokeDash=alt.StrokeDash(
                "series:N", scale=alt.Scale(domain=list(styles), range=[dash for _, dash in styles.values()])
            ),
        )
        .properties(width=_plot_width(width), height=260)
    )
    return _finished(chart, indicator.name, language, width)


def students_chart(years: Sequence[ImetComparison], language: str, width: int = WIDE) -> Any:
    """IMET students of the reports by fiscal year and category, with their numbers."""
    rows = []
    for row in years:
        year, pme = row.reports, row.reports.pme_student_count
        for name, count in (("pme", pme), ("technical", year.student_count - pme)):
            rows.append({"year": str(year.fiscal_year), "category": label(name, language), "count": count})
    names = [label("pme", language), label("technical", language)]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("year:O", title=label("fiscal_year", language), axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("category:N", scale=alt.Scale(domain=names)),
        y=alt.Y("count:Q", title=label("students", language)),
    )
    bars = base.mark_bar().encode(
        color=alt.Color("category:N", scale=alt.Scale(domain=names, range=[BLUE, ORANGE]))
    )
    numbers = base.mark_text(baseline="bottom", dy=-2, fontSize=11).encode(text="count:Q")
    chart = (bars + numbers).properties(width=_plot_width(width), height=260)
    return _finished(chart, "title_students", language, width)


def seats_chart(plan: SeatPlan, done: Sequence[YearDone], language: str, width: int = WIDE) -> Any:
    """Seats by school and category: the plan, and the mean of the years on record."""
    rows = []
    first, last = done[0].fiscal_year, done[-1].fiscal_year
    mean_name = label("done", language).format(first=first, last=last)
    for option, seats in plan.seats:
        school = (
            option.school_code
            if width <= NARROW
            else schools()[option.school_code].name.in_language(language)
        )
        name = f"{school} · {label(option.category.value, language)}"
        mean = sum(year.seats.get((option.school_code, option.category), 0) for year in done) / len(done)
        rows.append({"school": name, "what": label("plan", language), "seats": seats})
        rows.append({"school": name, "what": mean_name, "seats": round(mean, 1)})
    names = [label("plan", language), mean_name]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("school:N", title=None, sort=None, axis=alt.Axis(labelLimit=0)),
        yOffset=alt.YOffset("what:N", scale=alt.Scale(domain=names)),
        x=alt.X(
            "seats:Q", title=label("seats", language), axis=alt.Axis(format="d", tickMinStep=1, tickCount=5)
        ),
    )
    bars = base.mark_bar().encode(
        color=alt.Color("what:N", scale=alt.Scale(domain=names, range=[BLUE, GREY]))
    )
    numbers = base.mark_text(align="left", dx=3, fontSize=11).encode(text="seats:Q")
    left = 420 if width > NARROW else 235
    chart = (bars + numbers).properties(width=max(width - left - 30, 70), height=alt.Step(15))
    return _finished(chart, "title_seats", language, width)


@dataclass(frozen=True)
class Amount:
    """What one bar stands for: students, courses or whole dollars of a year, a country, a school and so on."""

    name: str
    amount: float


MOST_BARS = 15  # the largest that a chart shows; the table beside it has all


def _number_format(measure: str) -> str:
    return "$~s" if measure == "dollars" else ",~d"


def years_chart(years: Mapping[int, float], measure: str, language: str, width: int = WIDE) -> Any:
    """A measure (students, courses, dollars) by fiscal year; a year without a record leaves a gap."""
    rows = [{"year": str(year), "amount": amount} for year, amount in years.items()]
    every = [str(year) for year in range(min(years), max(years) + 1)]
    is_crowded = len(every) > (7 if width <= NARROW else 16)
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "year:O",
            title=label("fiscal_year", language),
            scale=alt.Scale(domain=every),
            axis=alt.Axis(labelAngle=-90 if is_crowded else 0),
        ),
        y=alt.Y(
            "amount:Q",
            title=label(measure, language),
            axis=alt.Axis(format=_number_format(measure), tickCount=5),
        ),
    )
    chart = base.mark_bar(color=BLUE)
    if not is_crowded:
        numbers = "$.3~s" if measure == "dollars" else ",d"
        chart += base.mark_text(baseline="bottom", dy=-2, fontSize=11).encode(
            text=alt.Text("amount:Q", format=numbers)
        )
    said = {"measure": label(measure, language), "by": label("fiscal_year", language).lower()}
    return _finished(
        chart.properties(width=_plot_width(width), height=260), "title_training", language, width, **said
    )


def amounts_chart(amounts: Sequence[Amount], by: str, measure: str, language: str, width: int = WIDE) -> Any:
    """The largest amounts of a measure by a dimension (`by`), each bar below its name."""
    largest = sorted(amounts, key=lambda entry: -entry.amount)[:MOST_BARS]
    rows = [{"name": entry.name, "amount": entry.amount, "zero": 0} for entry in largest]
    base = alt.Chart(_data(rows)).encode(y=alt.Y("name:N", sort=None, axis=None))
    numbers = "$,d" if measure == "dollars" else ",d"
    bars = base.mark_bar(color=BLUE, height=13, yOffset=8).encode(
        x=alt.X(
            "amount:Q",
            title=label(measure, language),
            axis=alt.Axis(format=_number_format(measure), tickCount=4 if width <= NARROW else 8),
        )
    )
    names = base.mark_text(align="left", dy=-7, fontSize=12, limit=width - 40).encode(
        x="zero:Q", text="name:N"
    )
    figures = base.mark_text(align="left", dx=4, dy=8, fontSize=11).encode(
        x="amount:Q", text=alt.Text("amount:Q", format=numbers)
    )
    cut = label("largest", language).format(count=MOST_BARS) if len(amounts) > MOST_BARS else ""
    said = {"measure": label(measure, language), "by": label(f"by_{by}", language) + cut}
    chart = (bars + names + figures).properties(width=_plot_width(width), height=alt.Step(34))
    return _finished(chart, "title_training", language, width, **said)


@dataclass(frozen=True)
class Point:
    """A place on the map and what is counted there."""

    name: str
    longitude: float
    latitude: float
    amount: float


@cache
def _outlines() -> alt.InlineData:
    """The countries of the world (source natural-earth-110m), as text: Altair copies all else for each layer."""
    text = resources.files(__package__).joinpath("data/countries-110m.json").read_text(encoding="utf-8")
    return alt.InlineData(values=text, format=alt.TopoDataFormat(type="topojson", feature="countries"))


def _extent(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """West, south, east, north around the points, never less than a part of a continent; North America without any."""
    if not points:
        return -125.0, 10.0, -65.0, 50.0
    sides = []
    for values, least, low, high in (
        ([point.longitude for point in points], 50.0, -180.0, 180.0),
        ([point.latitude for point in points], 28.0, -56.0, 72.0),
    ):
        spare = max((least - max(values) + min(values)) / 2, 0.06 * (max(values) - min(values)), 2.0)
        sides.append((max(min(values) - spare, low), min(max(values) + spare, high)))
    (west, east), (south, north) = sides
    return west, south, east, north


def _map_height(width: int) -> int:
    return round(width * (0.8 if width <= NARROW else 0.5))


def _name_span(point: Point, extent: tuple[float, float, float, float], width: int) -> tuple[float, float]:
    """From where to where the name of a place goes, in degrees: after it, or before it where it would leave the map."""
    west, _south, east, _north = extent
    length = (len(point.name) + 2) * LETTER * (east - west) / width
    is_inside = point.longitude + length < east
    return (
        (point.longitude, point.longitude + length)
        if is_inside
        else (point.longitude - length, point.longitude)
    )


def _named(points: Sequence[Point], extent: tuple[float, float, float, float], width: int) -> list[Point]:
    """The largest points whose names do not run into one another."""
    west, south, east, north = extent
    apart = LINE * max((east - west) / width, (north - south) / _map_height(width))
    named: list[Point] = []
    for point in sorted(points, key=lambda point: -point.amount):
        start, end = _name_span(point, extent, width)
        if all(
            abs(point.latitude - other.latitude) > apart or end < from_ or to < start
            for other in named
            for from_, to in [_name_span(other, extent, width)]
        ):
            named.append(point)
    return named[: 5 if width <= NARROW else 9]


def places_map(points: Sequence[Point], measure: str, language: str, width: int = WIDE) -> Any:
    """Places as circles whose area tells the measure, the largest of them named."""
    extent = _extent(points)
    west, south, east, north = extent
    frame = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "MultiPoint", "coordinates": [[west, south], [east, north]]},
            }
        ],
    }
    size = alt.Size(
        "amount:Q",
        scale=alt.Scale(range=[12, 260 if width <= NARROW else 700], domainMin=0),
        legend=alt.Legend(format=_number_format(measure), tickCount=3, direction="horizontal"),
    )
    land = alt.Chart(_outlines()).mark_geoshape(fill="#eef1f4", stroke="#aab5c0", strokeWidth=0.6, clip=True)
    at = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    circles = (
        alt.Chart(_data(vars(point) for point in sorted(points, key=lambda point: -point.amount)))
        .mark_circle(color=BLUE, opacity=0.65, stroke="white", strokeWidth=0.8, clip=True)
        .encode(**at, size=size)
    )
    layers = [land, circles]
    named = _named(points, extent, width)
    for is_before, side, shift in ((False, "left", 9), (True, "right", -9)):
        told = [
            vars(point)
            for point in named
            if (_name_span(point, extent, width)[0] < point.longitude) == is_before
        ]
        names = alt.Chart(_data(told))
        text: dict[str, Any] = {"align": side, "dx": shift, "fontSize": 12, "clip": True}
        halo = names.mark_text(**text, stroke="white", strokeWidth=3, opacity=0.85)
        layers += [mark.encode(**at, text="name:N") for mark in (halo, names.mark_text(**text))]
    chart = (
        alt.layer(*layers)
        .project(type="mercator", fit=frame)
        .properties(width=width - 20, height=_map_height(width))
    )
    return _finished(chart, "title_places", language, width, measure=label(measure, language))


@dataclass(frozen=True)
class SharePoint:
    """The PME share of a country in a fiscal year: of students, of courses, of dollars; 0–1, None without any."""

    country: str
    fiscal_year: int
    students: float | None
    courses: float | None
    dollars: float | None


def policy_chart(points: Sequence[SharePoint], language: str, width: int = WIDE) -> Any:
    """PME shares of one or two countries by fiscal year in three panels; the rule of 50 % stands in that of dollars."""
    narrow = width <= NARROW
    countries = list(dict.fromkeys(point.country for point in points))
    years = [point.fiscal_year for point in points]
    every = [str(year) for year in range(min(years), max(years) + 1)]
    across = width - 95 if narrow else (width - 150) // 3
    crowded = len(every) > across // 40
    panels = []
    for measure in ("students", "courses", "dollars"):
        rows = [
            {"year": str(point.fiscal_year), "country": point.country, "share": getattr(point, measure)}
            for point in points
        ]
        x = alt.X(
            "year:O",
            title=None,
            scale=alt.Scale(domain=every),
            axis=alt.Axis(labelAngle=-90 if crowded else 0, labelOverlap="greedy"),
        )
        y = alt.Y(
            "share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)
        )
        panel = (
            alt.Chart(_data(rows))
            .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=45, filled=True))
            .encode(
                x=x,
                y=y,
                color=alt.Color(
                    "country:N",
                    scale=alt.Scale(domain=countries, range=[BLUE, ORANGE][: len(countries)]),
                    legend=alt.Legend(symbolType="stroke", symbolSize=400),
                ),
                strokeDash=alt.StrokeDash(
                    "country:N", scale=alt.Scale(domain=countries, range=[[1, 0], [6, 3]][: len(countries)])
                ),
            )
        )
        if measure == "dollars":
            panel += (
                alt.Chart(_data([{"share": 0.5}])).mark_rule(color=RED, strokeWidth=1.5).encode(y="share:Q")
            )
        words = label(f"title_share_{measure}", language)
        panels.append(
            panel.properties(
                width=across, height=200, title=alt.TitleParams(words, fontSize=12, anchor="start")
            )
        )
    chart = alt.vconcat(*panels) if narrow else alt.hconcat(*panels)
    return _finished(chart, "title_policy", language, width)


def to_spec(chart: Any) -> dict[str, Any]:
    """The Vega-Lite specification of a chart."""
    spec: dict[str, Any] = chart.to_dict()
    return spec


LOCALES = {"en": "en-US", "es": "es-MX"}


def to_vega(chart: Any) -> dict[str, Any]:
    """The Vega specification of a chart, whose expressions are left to an interpreter."""
    spec: dict[str, Any] = vl_convert.vegalite_to_vega(to_spec(chart))
    return spec


def locale(language: str) -> dict[str, Any]:
    """How Vega writes numbers and days in a language."""
    name = LOCALES[language]
    return {"number": vl_convert.get_format_locale(name), "time": vl_convert.get_time_format_locale(name)}


def to_svg(chart: Any, language: str) -> str:
    """The chart as an SVG that scales to its place, with its title for readers who cannot see it."""
    spec = to_spec(chart)
    svg: str = vl_convert.vegalite_to_svg(spec, format_locale=LOCALES[language])
    words = spec["title"]["text"]
    title = escape(" ".join(words) if isinstance(words, list) else words)
    size = re.search(r'viewBox="([^"]+)"', svg)
    if size is None:
        raise ValueError("the renderer gave no viewBox")
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{size[1]}" role="img" aria-label="{title}"><title>{title}</title>'
    )
    return re.sub(r"^<svg[^>]*>", lambda _: opening, svg, count=1)
