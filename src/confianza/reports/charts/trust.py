"""The trust index as a chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from confianza.cooperation.bilingual import BilingualText
from confianza.reports.charts import base
from confianza.reports.charts.base import BLUE, DASHED, GREEN, ORANGE, RED, SOLID, label
from confianza.trust.index import TrustIndex


def trust_chart(
    index: TrustIndex,
    parties: Mapping[str, BilingualText],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """Both directions by year on the scale of 0–100, the 95 % band, and the acts of each side as marks.

    `parties` are the names of the two by ISO code. A year opens.
    """
    sides = {code: name.in_language(language) for code, name in parties.items()}
    names = {one: f"{sides[one]} → {sides[other]}" for one, other in (index.pair, index.pair[::-1])}
    rows = [
        {
            "year": year.year,
            "direction": name,
            "score": round(year.score, 3),
            "lower": round(year.score_lower, 3),
            "upper": round(year.score_upper, 3),
            "href": opens(year.year),
        }
        for actor, name in names.items()
        for year in index.direction(actor)
    ]
    styles = dict(zip(names.values(), ((BLUE, SOLID), (ORANGE, DASHED)), strict=True))
    years = alt.Scale(domain=list(index.years), nice=False)
    x = base.year_axis(width).scale(years)
    fills = base.scale_of({name: color for name, (color, _) in styles.items()})
    y = alt.Y("lower:Q", title=label("score", language), scale=alt.Scale(domain=[0, 100], nice=False))
    fill = alt.Fill("direction:N", scale=fills, legend=None)
    band = base.chart_of(rows).mark_area(opacity=0.16).encode(x=x, y=y, y2="upper:Q", fill=fill)
    line = base.line_by_year(rows, "direction", styles, x=x, y="score:Q")
    line = line.encode(tooltip=["lower:Q", "upper:Q"])  # beside what a mark of the line tells anyway
    top = (band + line).properties(width=base.plot_width(width), height=280)
    bottom = _acts(index, sides, language, years, opens).properties(width=base.plot_width(width), height=44)
    chart = alt.vconcat(top, bottom, spacing=4).resolve_scale(
        color="independent", strokeDash="independent", shape="independent"
    )
    return base.finished(chart, label("title_trust", language), width)


def _acts(
    index: TrustIndex, sides: Mapping[str, str], language: str, years: alt.Scale, opens: base.Opens
) -> Any:
    """The acts of each side by year, told apart by shape and color."""
    helpful, harmful = label("helpful", language), label("harmful", language)
    rows = (
        {
            "year": event.year,
            "by": label("by", language).format(party=sides[event.actor_code]),
            "act": helpful if event.sign > 0 else harmful,
            "href": opens(event.year),
        }
        for event in index.events
    )
    shapes = base.scale_of({helpful: "triangle-up", harmful: "triangle-down"})
    unmarked = alt.Axis(labels=False, ticks=False, grid=False)
    return (
        base.chart_of(rows)
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            x=alt.X("year:Q", title=None, scale=years, axis=unmarked),
            y=alt.Y("by:N", title=None, axis=alt.Axis(grid=True)),
            shape=alt.Shape("act:N", scale=shapes),
            color=alt.Color("act:N", scale=base.scale_of({helpful: GREEN, harmful: RED})),
        )
    )
