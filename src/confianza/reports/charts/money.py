"""Appropriations as a chart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Any

import altair as alt

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.programs import Appropriation, AppropriationKind
from confianza.reports.charts import base
from confianza.reports.charts.base import BLUE, GRAY, GREEN, ORANGE, SKY, label

COLORS = (BLUE, ORANGE, SKY, GREEN, GRAY)


def money_chart(
    records: Iterable[Appropriation],
    name: BilingualText,
    language: str,
    width: int = base.WIDE,
    *,
    opens: base.Opens = base.opens_nothing,
) -> Any:
    """Enacted money by fiscal year and account, stacked; `name` is what the money is of. A fiscal year opens."""
    records = list(records)
    accounts = sorted({record.account for record in records}, reverse=True)
    rows = (
        {
            "fiscal_year": str(record.fiscal_year),
            "account": record.account,
            "millions": record.amount.minor / 100_000_000,
            "href": opens(record.fiscal_year),
        }
        for record in records
        if record.kind is AppropriationKind.APPROPRIATION
    )
    chart = base.chart_of(rows).mark_bar(stroke="white", strokeWidth=1)
    chart = chart.encode(
        x=base.fiscal_year_axis(label("fiscal_year", language)),
        y=alt.Y("sum(millions):Q", title=label("millions", language)),
        color=alt.Color("account:N", scale=base.scale_of(dict(zip(accounts, cycle(COLORS), strict=False)))),
        order=alt.Order("account:N", sort="descending"),
    )
    title = label("title_money", language).format(name=name.in_language(language))
    return base.finished(chart, title, width, base.HEIGHT)
