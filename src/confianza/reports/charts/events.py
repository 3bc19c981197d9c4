"""Event data of a pair as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from confianza.reports.charts import base

CLASSES = {
    "verbal_cooperation": base.SKY,
    "material_cooperation": base.BLUE,
    "verbal_conflict": base.ORANGE,
    "material_conflict": base.RED,
    "law_border": base.GRAY,
}


@dataclass(frozen=True)
class EventYear:
    """Events of a direction in a year, by class; a table of counts may know their volume only."""

    direction: str
    year: int
    events: int
    counts: Mapping[str, int | None]


def events_chart(
    years: Sequence[EventYear],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """Events by year, a panel for each direction: the four classes in one bar, law and border beside it. A year opens.

    Where classes are unknown, the bar is of events without a class.
    """
    names = {name: base.label(name, language) for name in CLASSES}
    unknown = base.label("unknown_class", language)
    colors = base.scale_of({**{names[name]: color for name, color in CLASSES.items()}, unknown: "#c9ced4"})
    every = [str(year) for year in range(min(y.year for y in years), max(y.year for y in years) + 1)]
    panels = []
    for direction in dict.fromkeys(item.direction for item in years):
        rows = [
            row for item in years if item.direction == direction for row in _bars(item, names, unknown, opens)
        ]
        x = alt.X(
            "year:O",
            title=None,
            scale=alt.Scale(domain=every),
            axis=alt.Axis(labelAngle=0, labelOverlap=True),
        )
        panels.append(
            base.chart_of(rows)
            .mark_bar()
            .encode(
                x=x,
                xOffset=alt.XOffset("bar:N", sort=["classes", "law"]),
                y=alt.Y("events:Q", title=base.label("events", language), axis=alt.Axis(tickMinStep=1)),
                color=alt.Color("event_class:N", scale=colors, legend=alt.Legend(symbolType="square")),
                order=alt.Order("rank:Q"),
            )
            .properties(title=direction, width=base.plot_width(width), height=150)
        )
    return base.finished(alt.vconcat(*panels), base.label("title_events", language), width)


def _bars(
    item: EventYear, names: Mapping[str, str], unknown: str, opens: base.Opens
) -> list[dict[str, object]]:
    known = {name: item.counts.get(name) for name in names}
    left = item.events - sum(value or 0 for value in known.values())
    bars = [
        (names[name], value, "law" if name == "law_border" else "classes", rank)
        for rank, (name, value) in enumerate(known.items())
        if value
    ]
    bars += [(unknown, left, "classes", len(known))] if left > 0 else []
    return [
        {
            "year": str(item.year),
            "event_class": name,
            "events": value,
            "bar": bar,
            "rank": rank,
            "href": opens(item.year),
        }
        for name, value, bar, rank in bars
    ]
