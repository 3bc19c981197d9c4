"""Page of the series of a pair: what others count of two countries by year, with window, source and terms."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from confianza.evidence.countries import country_name
from confianza.evidence.series import PairSeries, measure_units
from confianza.reports import charts
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.series.selectors import measures_of_pair, series_releases
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.series.forms import pair_names, series_pair_form
from confianza.server.web.templatetags.series import line_name, measure_anchor, part_name


@permitted("view_indicators")
@filled("series")
def series(request: AccountRequest) -> HttpResponse:
    form = series_pair_form(request)
    context: dict[str, Any] = {"form": form, "releases": series_releases()}
    if form.is_valid():
        pair = form.cleaned_data["a"], form.cleaned_data["b"]
        context |= {
            "rows": measures_of_pair(*pair),
            "pair": [pair_names(request).get(code) or country_name(code) for code in pair],
            "query": urlencode({"a": pair[0], "b": pair[1]}),
        }
    return render(request, "series/series.html", context, status=200 if form.is_valid() else 400)


def series_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    """The chart of one measure of the pair asked for."""
    form = series_pair_form(request)
    if not form.is_valid():
        raise Http404("series")
    pair = form.cleaned_data["a"], form.cleaned_data["b"]
    code, part = request.GET.get("measure", ""), request.GET.get("part", "")
    row = next((row for row in measures_of_pair(*pair) if (row.measure.code, row.part) == (code, part)), None)
    if row is None or not row.has_chart:
        raise Http404("series")
    asked = {"a": pair[0], "b": pair[1]}

    def opened(anchor: str) -> str:
        return opens(asked, anchor)

    title = localized(row.measure.name) + (f": {part_name(row.part)}" if row.part else "")
    lines = [_line(item, measure_anchor(row)) for item in row.series]
    return charts.series_chart(
        title, localized(measure_units()[row.measure.unit]), lines, language(), width, opens=opened
    )


def _line(item: PairSeries, anchor: str) -> charts.Line:
    return charts.Line(line_name(item), item.points, anchor)
