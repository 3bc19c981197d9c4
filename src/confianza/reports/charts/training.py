"""Training as charts: students and shares of professional military education, seats, and who studied with whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from confianza.cooperation.training.courses import schools
from confianza.evidence.imet import ImetComparison
from confianza.evidence.relationships import GraphYear
from confianza.planning.seats import SeatPlan, YearDone
from confianza.reports.charts import base
from confianza.reports.charts.base import BLUE, DASHED, DOTTED, GRAY, LONG_DASHED, ORANGE, RED, SOLID, label

MOST_BARS = 15  # the largest that a chart shows; the table beside it has all
SHARES = alt.Scale(domain=[0, 1])
GRAPH_COUNTS = {
    "graph_people": ("person_count", GRAY, DOTTED),
    "graph_ties": ("tie_count", ORANGE, LONG_DASHED),
    "graph_between": ("between_countries_count", BLUE, SOLID),
}


def share_chart(
    years: Sequence[ImetComparison],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """The PME share by fiscal year: students in the thesis and the reports, dollars in the reports, and the policy.

    A fiscal year of the reports opens.
    """
    shares: dict[str, list[tuple[int, float | None]]] = {
        "thesis_students": [(row.reports.fiscal_year, row.thesis.pme_share) for row in years if row.thesis],
        "reports_students": [(row.reports.fiscal_year, row.reports.pme_share) for row in years],
        "reports_dollars": [(row.reports.fiscal_year, row.reports.pme_cost_share) for row in years],
    }
    looks = ((GRAY, DOTTED), (BLUE, SOLID), (ORANGE, LONG_DASHED))
    rows = (
        {
            "fiscal_year": str(year),
            "source": label(source, language),
            "share": share,
            "href": "" if source == "thesis_students" else opens(year),
        }
        for source, pairs in shares.items()
        for year, share in pairs
    )
    line = base.line_by_year(
        rows,
        "source",
        {label(source, language): look for source, look in zip(shares, looks, strict=True)},
        x=base.fiscal_year_axis(label("fiscal_year", language)),
        y=alt.Y("share:Q", title=label("share", language), scale=SHARES, axis=alt.Axis(format="%")),
        point={"size": 55, "filled": True},
    ).properties(width=base.plot_width(width), height=base.HEIGHT)
    policy = base.chart_of([{"share": 0.5, "text": label("policy", language)}])
    rule = policy.mark_rule(color=RED, strokeWidth=1.5).encode(y="share:Q")
    # the words stand at the top, by their color, where no share comes: beside the rule they would cover the lines
    text = policy.mark_text(align="right", baseline="top", dx=-4, color=RED, fontSize=12).encode(
        x=alt.value(base.plot_width(width)), y=alt.value(4), text="text:N"
    )
    return base.finished(line + rule + text, label("title_share", language), width)


def students_chart(
    years: Sequence[ImetComparison],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """IMET students of the reports by fiscal year and category, with their numbers. A fiscal year opens, PME or not."""
    pme, technical = label("pme", language), label("technical", language)
    rows = (
        {
            "fiscal_year": str(row.reports.fiscal_year),
            "category": category,
            "count": count,
            "href": opens(row.reports.fiscal_year, category == pme),
        }
        for row in years
        for category, count in (
            (pme, row.reports.pme_student_count),
            (technical, row.reports.student_count - row.reports.pme_student_count),
        )
    )
    axes = base.chart_of(rows).encode(
        x=base.fiscal_year_axis(label("fiscal_year", language)),
        xOffset=alt.XOffset("category:N", scale=alt.Scale(domain=[pme, technical])),
        y=alt.Y("count:Q", title=label("students", language)),
    )
    colors = alt.Color("category:N", scale=base.scale_of({pme: BLUE, technical: ORANGE}))
    bars = axes.mark_bar().encode(color=colors)
    numbers = axes.mark_text(baseline="bottom", dy=-2, fontSize=11).encode(text="count:Q")
    return base.finished(bars + numbers, label("title_students", language), width, base.HEIGHT)


def seats_chart(
    plan: SeatPlan,
    done: Sequence[YearDone],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """Seats by school and category: the plan, and the mean of the years on record. A school opens, by its code."""
    first, last = done[0].fiscal_year, done[-1].fiscal_year
    planned, past = label("plan", language), label("done", language).format(first=first, last=last)
    rows = []
    for option, seats in plan.seats:
        code = option.school_code
        school = code if base.is_narrow(width) else schools()[code].name.in_language(language)
        name = f"{school} · {label(option.category.value, language)}"
        mean = sum(year.seats.get((code, option.category), 0) for year in done) / len(done)
        rows += [
            {"school": name, "what": what, "seats": count, "href": opens(code)}
            for what, count in ((planned, seats), (past, round(mean, 1)))
        ]
    count_axis = alt.Axis(format="d", tickMinStep=1, tickCount=5)
    axes = base.chart_of(rows).encode(
        y=alt.Y("school:N", title=None, sort=None, axis=alt.Axis(labelLimit=0)),
        yOffset=alt.YOffset("what:N", scale=alt.Scale(domain=[planned, past])),
        x=alt.X("seats:Q", title=label("seats", language), axis=count_axis),
    )
    colors = alt.Color("what:N", scale=base.scale_of({planned: BLUE, past: GRAY}))
    bars = axes.mark_bar().encode(color=colors)
    numbers = axes.mark_text(align="left", dx=3, fontSize=11).encode(text="seats:Q")
    left = 235 if base.is_narrow(width) else 420
    chart = (bars + numbers).properties(width=max(width - left - 30, 70), height=alt.Step(15))
    return base.finished(chart, label("title_seats", language), width)


def growth_chart(
    years: Sequence[GraphYear],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """People who studied together and their ties by year, ties between the countries apart. A year opens."""
    rows = (
        {
            "year": year.year,
            "what": label(name, language),
            "count": getattr(year, count),
            "href": opens(year.year),
        }
        for name, (count, *_) in GRAPH_COUNTS.items()
        for year in years
    )
    chart = base.line_by_year(
        rows,
        "what",
        {label(name, language): (color, dash) for name, (_, color, dash) in GRAPH_COUNTS.items()},
        x=base.year_axis(width, label("year", language), tickMinStep=1),
        y=alt.Y("count:Q", title=label("graph_count", language)),
        point=True,
    )
    return base.finished(chart, label("title_graph_growth", language), width, 240)


# --- training of every country ------------------------------------------------------------------------


@dataclass(frozen=True)
class Amount:
    """What one bar stands for: students, courses or whole dollars of a country, a school and so on; what it opens."""

    name: str
    amount: float
    href: str = ""


@dataclass(frozen=True)
class SharePoint:
    """The PME share of a country in a fiscal year: of students, of courses, of dollars; 0–1, None without any.

    `href` is the address it opens.
    """

    country: str
    fiscal_year: int
    students: float | None
    courses: float | None
    dollars: float | None
    href: str = ""


def _every_year(years: Iterable[int]) -> list[str]:
    """The years from the first to the last: one without a record has its place too."""
    years = sorted(years)
    return [str(year) for year in range(years[0], years[-1] + 1)]


def years_chart(
    years: Mapping[int, float],
    measure: str,
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """A measure (students, courses, dollars) by fiscal year, which opens; a year without a record leaves a gap."""
    rows = (
        {"fiscal_year": str(year), "amount": amount, "href": opens(year)} for year, amount in years.items()
    )
    every = _every_year(years)
    is_crowded = len(every) > (7 if base.is_narrow(width) else 16)
    title = label("fiscal_year", language)
    amount_axis = alt.Axis(format=base.number_format(measure), tickCount=5)
    axes = base.chart_of(rows).encode(
        x=base.fiscal_year_axis(title, every=every, labelAngle=-90 if is_crowded else 0),
        y=alt.Y("amount:Q", title=label(measure, language), axis=amount_axis),
    )
    chart = axes.mark_bar(color=BLUE)
    if not is_crowded:
        number = alt.Text("amount:Q", format="$.3~s" if measure == "dollars" else ",d")
        chart += axes.mark_text(baseline="bottom", dy=-2, fontSize=11).encode(text=number)
    by = title.lower()
    text = label("title_training", language).format(measure=label(measure, language), by=by)
    return base.finished(chart, text, width, base.HEIGHT)


def amounts_chart(
    amounts: Sequence[Amount], by: str, measure: str, language: str, width: int = base.WIDE
) -> Any:
    """The largest amounts of a measure by a dimension (`by`), each bar below its name."""
    largest = sorted(amounts, key=lambda entry: -entry.amount)[:MOST_BARS]
    rows = (vars(entry) | {"zero": 0} for entry in largest)
    axes = base.chart_of(rows).encode(y=alt.Y("name:N", sort=None, axis=None))
    axis = alt.Axis(format=base.number_format(measure), tickCount=4 if base.is_narrow(width) else 8)
    bars = axes.mark_bar(color=BLUE, height=13, yOffset=8).encode(
        x=alt.X("amount:Q", title=label(measure, language), axis=axis)
    )
    names = axes.mark_text(align="left", dy=-7, fontSize=12, limit=width - 40)
    figures = axes.mark_text(align="left", dx=4, dy=8, fontSize=11).encode(
        x="amount:Q", text=alt.Text("amount:Q", format="$,d" if measure == "dollars" else ",d")
    )
    chart = bars + names.encode(x="zero:Q", text="name:N") + figures
    cut = label("largest", language).format(count=MOST_BARS) if len(amounts) > MOST_BARS else ""
    group = label(f"by_{by}", language) + cut
    text = label("title_training", language).format(measure=label(measure, language), by=group)
    chart = chart.properties(width=base.plot_width(width), height=alt.Step(34))
    return base.finished(chart, text, width)


def policy_chart(points: Sequence[SharePoint], language: str, width: int = base.WIDE) -> Any:
    """PME shares of one or two countries by fiscal year in three panels; the rule of 50 % stands in that of dollars."""
    countries = dict.fromkeys(point.country for point in points)
    looks = ((BLUE, SOLID), (ORANGE, DASHED))
    every = _every_year(point.fiscal_year for point in points)
    panel_width = width - 95 if base.is_narrow(width) else (width - 150) // 3
    angle = -90 if len(every) > panel_width // 40 else 0
    panels = []
    for measure in ("students", "courses", "dollars"):
        rows = (
            {
                "fiscal_year": str(point.fiscal_year),
                "country": point.country,
                "share": getattr(point, measure),
                "href": point.href,
            }
            for point in points
        )
        panel = base.line_by_year(
            rows,
            "country",
            dict(zip(countries, looks, strict=False)),
            x=base.fiscal_year_axis(None, every=every, labelAngle=angle, labelOverlap="greedy"),
            y=alt.Y("share:Q", title=None, scale=SHARES, axis=alt.Axis(format="%", tickCount=5)),
            point={"size": 45, "filled": True},
        )
        if measure == "dollars":
            rule = base.chart_of([{"share": 0.5}]).mark_rule(color=RED, strokeWidth=1.5)
            panel += rule.encode(y="share:Q")
        title = alt.TitleParams(label(f"title_share_{measure}", language), fontSize=12, anchor="start")
        panels.append(panel.properties(width=panel_width, height=200, title=title))
    chart = alt.vconcat(*panels) if base.is_narrow(width) else alt.hconcat(*panels)
    return base.finished(chart, label("title_policy", language), width)
