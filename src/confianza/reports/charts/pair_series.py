"""Series of a pair of countries as charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from confianza.evidence.series import SeriesPoint
from confianza.reports.charts import base

STYLES: tuple[base.Style, ...] = (
    (base.BLUE, base.SOLID),
    (base.ORANGE, base.DASHED),
    (base.GREEN, base.DOTTED),
    (base.RED, base.DASH_DOTTED),
)


@dataclass(frozen=True)
class Line:
    """One line of a chart: what stands in the legend, its values by year, and what its marks stand for."""

    name: str
    points: Sequence[SeriesPoint]
    mark: str = ""


def series_chart(
    title: str,
    unit: str,
    lines: Sequence[Line],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """A measure by year, a line a direction or country; a year without a value breaks the line.

    A bar through a point is its interval of 90 %, where the source has one. A line opens.
    """
    styles = dict(zip((line.name for line in lines), STYLES, strict=False))
    rows = [
        {
            "year": point.year,
            "series": line.name,
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "href": opens(line.mark),
        }
        for line in lines
        for point in line.points
        if not point.period
    ]
    axis = base.year_axis(width, tickMinStep=1)
    chart = base.line_by_year(
        rows,
        "series",
        styles,
        x=axis,
        y=alt.Y("value:Q", title=unit),
        legend=base.STROKES | {"columns": 1 if base.is_narrow(width) else 3},
        point={"size": 30, "filled": True},
        invalid="break-paths-show-path-domains",
    )
    bounded = [row for row in rows if row["low"] is not None and row["high"] is not None]
    if bounded:
        color = alt.Color(
            "series:N", scale=base.scale_of({name: color for name, (color, _) in styles.items()})
        )
        bars = (
            base.chart_of(bounded)
            .mark_rule(opacity=0.6)
            .encode(x=axis, y=alt.Y("low:Q", title=unit), y2=alt.Y2("high:Q"), color=color)
        )
        chart = alt.layer(bars, chart)
    return base.finished(chart, title, width, base.HEIGHT)
