"""Pages of the force profile (two countries side by side) and of the command structures."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from confianza.cooperation.institutions import CommandStructure
from confianza.cooperation.training.courses import schools
from confianza.errors import RuleRefusal
from confianza.evidence.countries import country_name, known_country
from confianza.evidence.indicators import Series, gaps
from confianza.reports import charts
from confianza.reports.structure import branch, draw_structure, levels
from confianza.server.evidence.services import archived
from confianza.server.indicators.exports import FORMATS, figure_parts
from confianza.server.indicators.selectors import (
    ProfileRow,
    profiles,
    release_of_file,
    stored_figures,
    stored_releases,
)
from confianza.server.institutions import documents
from confianza.server.institutions.selectors import command_structure, counterparts
from confianza.server.language import language, told
from confianza.server.requests import AccountRequest
from confianza.server.training_reports.selectors import TrainingQuery
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.institutions.forms import ChartForm, pair_form, party_names
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.templatetags.indicators import series_anchor
from confianza.server.web.training_reports.summaries import DIMENSIONS, groups_of, totals_of


def _releases() -> list[tuple[Any, bool]]:
    """Every release, and whether its file is kept."""
    return [(release, archived(release.run.digest) is not None) for release in stored_releases()]


@permitted("view_indicators")
@filled("profile")
def profile(request: AccountRequest) -> HttpResponse:
    form = pair_form(request)
    has_gaps = request.partnership is not None and request.partnership.data_set
    context = {"form": form, "gaps": gaps() if has_gaps else (), "releases": _releases()}
    if form.is_valid():
        pair = form.cleaned_data["a"], form.cleaned_data["b"]
        context |= {
            "rows": profiles(*pair),
            "names": [party_names(request).get(code) or country_name(code) for code in pair],
            "query": urlencode({"a": pair[0], "b": pair[1]}),
        }
    return render(request, "institutions/profile.html", context, status=200 if form.is_valid() else 400)


def profile_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    """The chart of one indicator for the pair asked for."""
    form = pair_form(request)
    if not form.is_valid():
        raise Http404("profile")
    pair = form.cleaned_data["a"], form.cleaned_data["b"]
    code, part = request.GET.get("indicator", ""), request.GET.get("part", "")
    found: list[ProfileRow] = profiles(*pair, indicator=code)
    row = next((row for row in found if row.part == part and row.has_chart), None)
    if row is None:
        raise Http404("profile")
    every_series = [series for found in row.by_country for series in found]
    asked = {"a": pair[0], "b": pair[1]}

    def opened(series: Series) -> str:
        return opens(asked, series_anchor(series))

    return charts.indicator_chart(row.indicator, every_series, language(), width, opens=opened)


@permitted("view_indicators")
def export(request: AccountRequest, form: str) -> HttpResponseBase:
    """Every stored figure, of one country if `country` is given, as a file that streams."""
    if form not in FORMATS:
        raise Http404(form)
    asked = request.GET.get("country", "").strip()
    try:
        parts = figure_parts(stored_figures(known_country(asked) if asked else None), form)
    except RuleRefusal as refusal:
        context = {"heading": _("File not written"), "sentence": told(refusal)}
        return render(request, "error.html", context, status=409)
    answer = StreamingHttpResponse(parts, content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="indicators.{form}"'
    return answer


@permitted("view_indicators")
def release_file(request: AccountRequest, digest: str) -> FileResponse:
    """The file a release was read from, as it came."""
    release = release_of_file(digest)
    path = archived(digest) if release else None
    if release is None or path is None:
        raise Http404(digest)
    return FileResponse(path.open("rb"), as_attachment=True, filename=release.run.file_name)


def drawn(structure: CommandStructure, **how: Any) -> str:
    """The drawing for a page; its addresses are ours and its words escaped."""
    return mark_safe(  # noqa: S308
        draw_structure(
            structure,
            language(),
            page_of=lambda code: reverse("institution", args=[code]),
            branch_of=lambda code: f"{reverse('institutions')}?{urlencode({'branch': code})}#chart",
            **how,
        )
    )


@permitted("view_partnership")
@filled("institutions")
def institutions(request: AccountRequest) -> HttpResponse:
    one = partnership_or_404(request)
    structure = command_structure(one)
    usual = {"branch": "", "levels": str(levels(structure)), "size": "100"}
    form = ChartForm({**usual, **request.GET.dict()}, structure)
    context: dict[str, Any] = {
        "parties": [
            (name, documents.branches(structure.institutions, code))
            for code, name in sorted(structure.parties.items())
        ],
        "counterparts": [documents.counterpart(row) for row in counterparts(one)],
        "images": structure.images,
        "form": form,
    }
    if form.is_valid():
        asked = form.cleaned_data
        context["drawing"] = drawn(
            structure, root=asked["branch"] or None, depth=asked["levels"], percent=asked["size"]
        )
        context["count"] = len(
            branch(structure, asked["branch"]) if asked["branch"] else structure.institutions
        )
    return render(request, "institutions/structures.html", context, status=200 if form.is_valid() else 400)


def training_of(item: documents.Institution, country: str) -> TrainingQuery:
    """The rows of the reports that are of an institution: taught there, if it is a school, else sent by it."""
    if (code := item.code.upper()) in schools():
        return TrainingQuery(school_code=code)
    return TrainingQuery(country, institution_code=item.code)


@permitted("view_partnership")
def institution(request: AccountRequest, code: str) -> HttpResponse:
    if request.partnership is None:
        raise Http404(code)
    structure = command_structure(request.partnership)
    place = documents.place_in_structure(structure, code, counterparts(request.partnership))
    if place is None:
        raise Http404(code)
    item = place.institution
    iso_code = {party.manual_code: party.iso_code for party in request.partnership.parties}[item.party]
    context: dict[str, Any] = {
        "place": place,
        "item": item,
        "drawing": drawn(structure, root=code),
        "below_count": len(branch(structure, code)) - 1,
    }
    if request.user.may("view_indicators"):
        context["rows"] = [row for row in profiles(iso_code) if row.part == code]
    if request.user.may("view_training"):
        query = training_of(item, iso_code)
        groups = groups_of(query, "fiscal_year")
        context |= {
            "groups": groups,
            "dimension": DIMENSIONS["fiscal_year"],
            "totals": totals_of([group.row for group in groups]),
            "rows_query": urlencode(query.parameters()),
        }
    return render(request, "institutions/institution.html", context)
