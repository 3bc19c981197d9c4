"""Indicators of the force profile as charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from confianza.evidence.countries import country_name
from confianza.evidence.indicators import DERIVED, Indicator, Series, unit_names
from confianza.reports.charts import base

COLORS = (base.BLUE, base.ORANGE)  # of countries
DASHES = (base.SOLID, base.DASHED, base.DOTTED, base.DASH_DOTTED)  # of sources


def indicator_chart(
    indicator: Indicator,
    every_series: Sequence[Series],
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """An indicator by year: a color a country, a dash a source; years without a figure break the line.

    A series opens.
    """
    rows, styles = [], {}
    countries = list(dict.fromkeys(series.country_code for series in every_series))
    sources = list(dict.fromkeys(series.source for series in every_series))
    for series in every_series:
        dated = series.by_year
        if not dated:
            continue
        source = base.label("derived", language) if series.source == DERIVED else series.source
        name = f"{country_name(series.country_code).in_language(language)} · {source}"
        styles[name] = (
            COLORS[countries.index(series.country_code)],
            DASHES[sources.index(series.source) % len(DASHES)],
        )
        rows += [
            {
                "year": year,
                "series": name,
                "value": dated[year].value if year in dated else None,
                "href": opens(series),
            }
            for year in range(min(dated), max(dated) + 1)
        ]
    unit = unit_names()[indicator.unit].in_language(language) if indicator.unit else ""
    chart = base.line_by_year(
        rows,
        "series",
        styles,
        x=base.year_axis(width, tickMinStep=1),
        y=alt.Y("value:Q", title=unit),
        legend=base.STROKES | {"columns": 1 if base.is_narrow(width) else 3},
        point={"size": 30, "filled": True},
        invalid="break-paths-show-path-domains",
    )
    return base.finished(chart, indicator.name.in_language(language), width, base.HEIGHT)
