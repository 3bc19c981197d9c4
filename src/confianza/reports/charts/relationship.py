"""The records of a relationship along time: a lane each side, and the levels of cooperation below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.records import BOTH, Record, record_kinds
from confianza.reports.charts import base
from confianza.reports.charts.base import BLUE, GRAY, GREEN, ORANGE, RED, SKY, label

DAYS_OF_A_YEAR = 365.25
# What a mark stands for, by what its record is evidence of; conduct by how the other side would take it.
CLASSES: Mapping[str, tuple[str, str]] = {
    "mark_favorable": (GREEN, "triangle-up"),
    "mark_unfavorable": (RED, "triangle-down"),
    "mark_open": (GRAY, "circle"),
    "mark_promise": (BLUE, "square"),
    "mark_safeguard": (ORANGE, "diamond"),
    "mark_foundation": (SKY, "cross"),
    "mark_other": ("#CC79A7", "triangle-right"),
}
FOUNDATIONS = ("reassurance", "third_party", "working_trust", "coalition")
SHADES = ("#eef1f4", "#cddbe8", "#a9c4dc", "#7ea6c9", "#5086b3", "#2c6a9d", "#0b4f8a")  # of the levels 0–6
LANE, NARROW_LANE = 84, 96  # height of a lane, in pixels
LEGEND_COLUMNS = 4
LONGEST = 110  # letters of what a mark tells
UNCODED = 0.1  # the size of a mark without a severity


@dataclass(frozen=True)
class Mark:
    """A record on the time line, the address it opens, and what is said of it."""

    record: Record
    is_contested: bool = False
    href: str = ""


@dataclass(frozen=True)
class LevelSpan:
    """Days in a row on a level; without a number nothing is on record of them."""

    first_day: date
    last_day: date
    number: int | None
    name: str


def year_of(day: date) -> float:
    """A day as a decimal year."""
    return round(day.year + (day.timetuple().tm_yday - 1) / DAYS_OF_A_YEAR, 4)


def class_of(record: Record) -> str:
    """The key of the mark of a record."""
    concept = record_kinds()[record.kind].concept
    if concept == "conduct":
        return ("mark_unfavorable", "mark_open", "mark_favorable")[record.sign + 1]
    if concept in ("promises", "safeguards"):
        return f"mark_{concept[:-1]}"
    return "mark_foundation" if concept in FOUNDATIONS else "mark_other"


def _row(mark: Mark, sides: Mapping[str, str], language: str) -> dict[str, Any]:
    record = mark.record
    remarks = [
        label(key, language)
        for key, is_so in (("is_contested", mark.is_contested), ("from_memory", not record.is_used))
        if is_so
    ]
    told = record.summary.in_language(language)
    return {
        "year": year_of(record.first_day),
        "until": year_of(record.last_day),
        "date": f"{record.date_from} – {record.date_to}" if record.is_period else str(record.date_from),
        "side": sides[record.actor_code],
        "class": label(class_of(record), language),
        "kind": record_kinds()[record.kind].name.in_language(language),
        "told": told if len(told) <= LONGEST else f"{told[:LONGEST].rpartition(' ')[0]} …",
        "severity": None if record.severity is None else round(record.severity, 2),
        "size": UNCODED if record.severity is None else record.severity,
        "remark": "; ".join(remarks) or None,
        "is_contested": mark.is_contested,
        "is_used": record.is_used,
        "href": mark.href,
    }


def relationship_chart(
    marks: Sequence[Mark],
    levels: Sequence[LevelSpan],
    parties: Mapping[str, BilingualText],
    language: str,
    width: int = base.WIDE,
) -> Any:
    """Records as marks by kind and size, those of each side in a lane of its own, periods as lines.

    The size is the severity; a ring marks what is contested, a hollow mark what rests on memory. Below stand the
    levels held, the darker the higher. `parties` are the names of the two by ISO code, and of both by `both`.
    """
    sides = {code: name.in_language(language) for code, name in parties.items()}
    shown = [code for code in sides if code != BOTH or any(mark.record.is_mutual for mark in marks)]
    rows = [_row(mark, sides, language) for mark in marks if mark.record.kind != "level"]
    first = min([row["year"] for row in rows] or [year_of(levels[0].first_day) if levels else 1900.0])
    last = max([row["until"] for row in rows] or [year_of(levels[-1].last_day) if levels else 2000.0])
    years = alt.Scale(domain=[int(first), int(last) + 1], nice=False)
    lane = NARROW_LANE if base.is_narrow(width) else LANE
    top = _lanes(rows, [sides[code] for code in shown], years, language, width).properties(
        width=base.plot_width(width), height=lane * len(shown)
    )
    bottom = _levels(levels, years, language, width).properties(width=base.plot_width(width), height=22)
    chart = alt.vconcat(top, bottom, spacing=4).resolve_scale(
        color="independent", shape="independent", size="independent"
    )
    return base.finished(chart, label("title_relationship", language), width)


def _lanes(
    rows: Sequence[Mapping[str, Any]], lanes: Sequence[str], years: alt.Scale, language: str, width: int
) -> Any:
    names = {label(key, language): style for key, style in CLASSES.items()}
    used = {name: style for name, style in names.items() if any(row["class"] == name for row in rows)}
    x = base.year_axis(width, labels=False, ticks=False).scale(years)
    wrapped = alt.Axis(grid=True, labelLimit=90, labelExpr="split(datum.label, ' ')")
    y = alt.Y("side:N", title=None, scale=alt.Scale(domain=list(lanes), paddingInner=0.12), axis=wrapped)
    offset = alt.YOffset("class:N", scale=alt.Scale(domain=list(used)))
    legend = alt.Legend(columns=1 if base.is_narrow(width) else LEGEND_COLUMNS)
    shapes = base.scale_of({name: style[1] for name, style in used.items()})
    colors = base.scale_of({name: style[0] for name, style in used.items()})
    shape = alt.Shape("class:N", scale=shapes, legend=legend)
    color = alt.Color("class:N", scale=colors, legend=legend)
    size = alt.Size("size:Q", scale=alt.Scale(domain=[0, 1], range=[14, 150]), legend=None)
    told = ["date:N", "side:N", "kind:N", "told:N", "severity:Q", "remark:N"]

    def drawn(some: list[Mapping[str, Any]], **mark: Any) -> Any:
        return (
            base.chart_of(some)
            .mark_point(**mark)
            .encode(x=x, y=y, yOffset=offset, shape=shape, color=color, size=size, tooltip=told)
        )

    layers = [drawn([row for row in rows if row["is_used"]], filled=True, opacity=0.75)]
    periods = [row for row in rows if row["until"] - row["year"] > 1]
    if periods:
        lines = base.chart_of(periods).mark_rule(opacity=0.35, strokeWidth=1.5)
        layers.insert(0, lines.encode(x=x, x2="until:Q", y=y, yOffset=offset, color=color, tooltip=told))
    if memory := [row for row in rows if not row["is_used"]]:
        layers.append(drawn(memory, filled=False, opacity=0.9))
    if contested := [row for row in rows if row["is_contested"]]:
        ring = base.chart_of(contested).mark_point(
            shape="circle", filled=False, size=260, color="#1b2530", strokeWidth=1.6
        )
        layers.append(ring.encode(x=x, y=y, yOffset=offset, tooltip=told))
    return alt.layer(*layers)


def _levels(levels: Sequence[LevelSpan], years: alt.Scale, language: str, width: int) -> Any:
    rows: list[dict[str, Any]] = [
        {
            "year": year_of(span.first_day),
            "until": year_of(span.last_day),
            "days": f"{span.first_day} – {span.last_day}",
            "lane": label("levels", language),
            "level": span.name if span.number is None else f"{span.number}. {span.name}",
            "number": span.number,
        }
        for span in levels
        if year_of(span.last_day) > years["domain"][0] and year_of(span.first_day) < years["domain"][1]
    ]
    shades = {row["level"]: "#ffffff" if row["number"] is None else SHADES[row["number"]] for row in rows}
    return (
        base.chart_of(rows)
        .mark_bar(stroke="#aab5c0", strokeWidth=0.5, clip=True)
        .encode(
            x=base.year_axis(width).scale(years),
            x2="until:Q",
            y=alt.Y("lane:N", title=None, axis=alt.Axis(labelLimit=90, labelExpr="split(datum.label, ' ')")),
            color=alt.Color("level:N", scale=base.scale_of(dict(sorted(shades.items()))), legend=None),
            tooltip=["level:N", "days:N"],
        )
    )
