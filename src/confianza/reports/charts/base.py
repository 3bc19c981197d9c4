"""What every chart is made with: palette, words, axes, lines, and how it is written out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, Literal

import altair as alt
import vl_convert

from confianza.packaged import packaged_table

WIDE, NARROW = 900, 340
HEIGHT = 260
BLUE, ORANGE, GREEN, RED, SKY, GRAY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#6b7682"
SOLID, DOTTED, DASHED, LONG_DASHED, DASH_DOTTED = [1, 0], [2, 3], [6, 3], [7, 3], [8, 3, 2, 3]
STROKES = {"symbolType": "stroke", "symbolSize": 400}  # in a legend of lines
LABELS: Mapping[str, Mapping[str, str]] = packaged_table("confianza.reports", "chart_labels.toml")
LOCALES: Mapping[str, Literal["en-US", "es-MX"]] = {"en": "en-US", "es": "es-MX"}
Style = tuple[str, Sequence[int]]  # color and dash of a line
Opens = Callable[..., str]  # from what a mark stands for, the address it opens; "" without one
UNSEEN = {"size": 120, "opacity": 0}  # the points of a line that shows none


def opens_nothing(*_mark: Any) -> str:
    """Marks that open nothing, as on paper."""
    return ""


def label(key: str, language: str) -> str:
    """A word of the charts; KeyError when the table lacks it."""
    return LABELS[key][language]


def is_narrow(width: int) -> bool:
    """Whether a chart is for a phone."""
    return width <= NARROW


def plot_width(width: int) -> int:
    """The width left for the plot itself, beside axis labels."""
    return width - (95 if is_narrow(width) else 110)


def number_format(measure: str) -> str:
    """How the axis of a measure (students, courses, dollars) writes its numbers."""
    return "$~s" if measure == "dollars" else ",~d"


def chart_of(rows: Iterable[Mapping[str, Any]]) -> Any:
    """A chart that carries its records."""
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def scale_of(marks: Mapping[str, Any]) -> alt.Scale:
    """A color, dash or shape for each value of a field."""
    return alt.Scale(domain=list(marks), range=list(marks.values()))


def year_axis(width: int, title: str | None = None, **axis: Any) -> alt.X:
    """Years as numbers, from left to right."""
    ticks = alt.Axis(format="d", tickCount=5 if is_narrow(width) else 10, **axis)
    return alt.X("year:Q", title=title, scale=alt.Scale(nice=False), axis=ticks)


def fiscal_year_axis(title: str | None, *, every: Sequence[str] = (), **axis: Any) -> alt.X:
    """Fiscal years side by side: those there are, or each of `every`, with a record or without."""
    scale = alt.Scale(domain=list(every)) if every else alt.Undefined
    return alt.X("fiscal_year:O", title=title, scale=scale, axis=alt.Axis(**({"labelAngle": 0} | axis)))


def line_by_year(
    rows: Iterable[Mapping[str, Any]],
    series: str,
    styles: Mapping[str, Style],
    *,
    x: alt.X,
    y: Any,
    legend: Mapping[str, Any] = STROKES,
    **mark: Any,
) -> Any:
    """A line for each value of the field `series`, in the colors and dashes of `styles`, which order the legend."""
    colors = scale_of({name: color for name, (color, _) in styles.items()})
    dashes = scale_of({name: dash for name, (_, dash) in styles.items()})
    color = alt.Color(f"{series}:N", scale=colors, legend=alt.Legend(**legend))
    dash = alt.StrokeDash(f"{series}:N", scale=dashes)
    return chart_of(rows).mark_line(strokeWidth=2.5, **mark).encode(x=x, y=y, color=color, strokeDash=dash)


def finished(chart: Any, title: str, width: int, height: int | None = None) -> Any:
    """The chart with its title and the style of all charts."""
    if height:
        chart = chart.properties(width=plot_width(width), height=height)
    lines = re.findall(r".{1,38}(?:\s+|$)", title) if is_narrow(width) else [title]
    return (
        chart.properties(
            title=alt.TitleParams([line.strip() for line in lines], anchor="start", fontSize=15, offset=12)
        )
        .configure(font="Liberation Sans, Arial, sans-serif", background="white")
        .configure_axis(labelFontSize=12, titleFontSize=12, gridColor="#e3e8ed", titleFontWeight="normal")
        .configure_legend(
            orient="bottom",
            direction="vertical" if is_narrow(width) else "horizontal",
            title=None,
            labelFontSize=12,
            labelLimit=0,
            symbolStrokeWidth=2.5,
        )
        .configure_view(stroke=None)
    )


def to_spec(chart: Any) -> dict[str, Any]:
    """The Vega-Lite specification of a chart."""
    spec: dict[str, Any] = chart.to_dict()
    return spec


def to_vega(chart: Any, language: str) -> dict[str, Any]:
    """The Vega specification of a chart that answers, its expressions left to an interpreter.

    A mark tells its fields by the words of `tip_…`, and opens the address its record has as `href`.
    """
    spec = to_spec(chart)
    answering = _answering(spec, {}, {}, spec.get("datasets", {}), language)
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(answering)
    return compiled


def _answering(
    spec: dict[str, Any],
    encoding: Mapping[str, Any],
    data: Mapping[str, Any],
    datasets: Mapping[str, Any],
    language: str,
) -> dict[str, Any]:
    """A specification whose marks answer; `encoding` and `data` are those of the parts around it."""
    encoding = {**encoding, **spec.get("encoding", {})}
    data = spec.get("data", data)
    parts = {
        name: [_answering(part, encoding, data, datasets, language) for part in spec[name]]
        for name in ("layer", "hconcat", "vconcat")
        if name in spec
    }
    if parts or "mark" not in spec:
        return spec | parts
    answers: dict[str, Any] = {}
    if tips := _tips(encoding, language):
        answers["tooltip"] = tips
    rows = datasets.get(data.get("name", ""), data.get("values"))
    if isinstance(rows, list) and any(row.get("href") for row in rows):
        answers["href"] = {"field": "href", "type": "nominal"}
    mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
    if mark["type"] == "area":  # a line and an area are one mark of many records: their points answer
        return spec
    if mark["type"] == "line":
        path = {name: value for name, value in mark.items() if name != "point"}
        shown = mark.get("point")
        points = {"type": "point", "filled": True, "opacity": 1} | (
            shown if isinstance(shown, dict) else {} if shown else UNSEEN
        )
        around = {name: value for name, value in spec.items() if name != "mark"}
        around["encoding"] = {name: value for name, value in encoding.items() if name != "tooltip"}
        return around | {"layer": [{"mark": path}, {"mark": points, "encoding": answers}]}
    return spec | {"encoding": spec.get("encoding", {}) | answers}


def _tips(encoding: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """What the pointer on a mark tells of its fields."""
    tips = {}
    for channel in [
        part for found in encoding.values() for part in (found if isinstance(found, list) else [found])
    ]:
        field = channel.get("field", "") if isinstance(channel, dict) else ""
        if f"tip_{field}" in LABELS:
            how = {name: channel[name] for name in ("field", "type", "aggregate") if name in channel}
            form = (channel.get("axis") or {}).get("format")
            tips[field] = (
                how | {"title": label(f"tip_{field}", language)} | ({"format": form} if form else {})
            )
    return list(tips.values())


def locale(language: str) -> dict[str, Any]:
    """How Vega writes numbers and days in a language."""
    name = LOCALES[language]
    return {"number": vl_convert.get_format_locale(name), "time": vl_convert.get_time_format_locale(name)}


def to_svg(chart: Any, language: str) -> str:
    """The chart as an SVG that scales to its place, with its title for readers who cannot see it."""
    spec = to_spec(chart)
    svg: str = vl_convert.vegalite_to_svg(spec, format_locale=LOCALES[language])
    text = spec["title"]["text"]
    title = escape(" ".join(text) if isinstance(text, list) else text)
    size = re.search(r'viewBox="([^"]+)"', svg)
    if size is None:
        raise ValueError("the renderer gave no viewBox")
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{size[1]}" role="img" aria-label="{title}"><title>{title}</title>'
    )
    return re.sub(r"^<svg[^>]*>", lambda _: opening, svg, count=1)
