"""Where training takes place, as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import altair as alt

from confianza.reports.charts import base

LETTER, LINE = 6.5, 12  # width of a letter and height of a line of names, in pixels
AROUND_NOTHING = (-125.0, 10.0, -65.0, 50.0)  # North America, where there is no place to show
Extent = tuple[float, float, float, float]  # west, south, east, north, in degrees


@dataclass(frozen=True)
class Point:
    """A place on the map, what is counted there and the address it opens."""

    name: str
    longitude: float
    latitude: float
    amount: float
    href: str = ""


@cache
def _outlines() -> alt.InlineData:
    """The countries of the world (source natural-earth-110m), as text: Altair copies all else for each layer."""
    file = resources.files("confianza.reports").joinpath("data/countries-110m.json")
    shapes = alt.TopoDataFormat(type="topojson", feature="countries")
    return alt.InlineData(values=file.read_text(encoding="utf-8"), format=shapes)


def map_extent(points: Sequence[Point]) -> Extent:
    """The sides of a map around the points, never less than a part of a continent."""
    if not points:
        return AROUND_NOTHING
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
    return round(width * (0.8 if base.is_narrow(width) else 0.5))


def _name_span(point: Point, extent: Extent, width: int) -> tuple[float, float]:
    """From where to where the name of a place goes, in degrees: after it, or before it where it would leave the map."""
    west, _, east, _ = extent
    start = point.longitude
    length = (len(point.name) + 2) * LETTER * (east - west) / width
    return (start, start + length) if start + length < east else (start - length, start)


def named_points(points: Sequence[Point], extent: Extent, width: int) -> list[Point]:
    """The largest points whose names do not run into one another."""
    west, south, east, north = extent
    apart = LINE * max((east - west) / width, (north - south) / _map_height(width))
    named: list[Point] = []
    for point in sorted(points, key=lambda point: -point.amount):
        start, end = _name_span(point, extent, width)
        if all(
            abs(point.latitude - other.latitude) > apart or end < other_start or other_end < start
            for other in named
            for other_start, other_end in [_name_span(other, extent, width)]
        ):
            named.append(point)
    return named[: 5 if base.is_narrow(width) else 9]


def places_map(points: Sequence[Point], measure: str, language: str, width: int = base.WIDE) -> Any:
    """Places as circles whose area tells the measure, the largest of them named."""
    extent = map_extent(points)
    west, south, east, north = extent
    corners = {"type": "MultiPoint", "coordinates": [[west, south], [east, north]]}
    frame = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": corners}],
    }
    size = alt.Size(
        "amount:Q",
        scale=alt.Scale(range=[12, 260 if base.is_narrow(width) else 700], domainMin=0),
        legend=alt.Legend(format=base.number_format(measure), tickCount=3, direction="horizontal"),
    )
    land = alt.Chart(_outlines()).mark_geoshape(
        fill="#eef1f4", stroke="#aab5c0", strokeWidth=0.6, clip=True, aria=False
    )
    at = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    circles = (
        base.chart_of(vars(point) for point in sorted(points, key=lambda point: -point.amount))
        .mark_circle(color=base.BLUE, opacity=0.65, stroke="white", strokeWidth=0.8, clip=True)
        .encode(**at, size=size)
    )
    layers = [land, circles]
    named = named_points(points, extent, width)
    for is_before, align, shift in ((False, "left", 9), (True, "right", -9)):
        names = base.chart_of(
            vars(point)
            for point in named
            if (_name_span(point, extent, width)[0] < point.longitude) == is_before
        )
        text: dict[str, Any] = {"align": align, "dx": shift, "fontSize": 12, "clip": True}
        halo = names.mark_text(**text, stroke="white", strokeWidth=3, opacity=0.85)
        layers += [mark.encode(**at, text="name:N") for mark in (halo, names.mark_text(**text))]
    chart = (
        alt.layer(*layers)
        .project(type="mercator", fit=frame)
        .properties(width=width - 20, height=_map_height(width))
    )
    title = base.label("title_places", language).format(measure=base.label(measure, language))
    return base.finished(chart, title, width)
