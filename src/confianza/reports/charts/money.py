"""Appropriations as a chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt

from confianza.cooperation.programs import Appropriation, AppropriationKind
from confianza.reports.charts import base
from confianza.reports.charts.base import BLUE, ORANGE, SKY, label

COLORS = {"INCLE": BLUE, "FMF": ORANGE, "ESF": SKY}


def money_chart(records: Iterable[Appropriation], language: str, width: int = base.WIDE) -> Any:
    """Enacted money by fiscal year and account, stacked."""
    rows = (
        {
            "year": str(record.fiscal_year),
            "account": record.account,
            "millions": record.amount.minor / 100_000_000,
        }
        for record in records
        if record.kind is AppropriationKind.APPROPRIATION
    )
    chart = base.chart_of(rows).mark_bar(stroke="white", strokeWidth=1)
    chart = chart.encode(
        x=base.fiscal_year_axis(label("fiscal_year", language)),
        y=alt.Y("sum(millions):Q", title=label("millions", language)),
        color=alt.Color("account:N", scale=base.scale_of(COLORS)),
        order=alt.Order("account:N", sort="descending"),
    )
    return base.finished(chart, label("title_money", language), width, base.HEIGHT)
