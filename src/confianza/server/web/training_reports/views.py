"""Pages of training rows added up: the explorer, the PME share against policy, schools and places."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from confianza.cooperation.money import Money
from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import Place, School, schools, value_names
from confianza.cooperation.training.normalize import UNMATCHED
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import RecordKind
from confianza.evidence.countries import country_names
from confianza.evidence.imet import IMET
from confianza.reports import charts
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.training_plans.selectors import recorded_ceilings, seats_at
from confianza.server.training_reports.selectors import (
    TrainingQuery,
    is_under_ceiling,
    pme_shares,
    recorded_countries,
    set_aside,
    training_summary,
)
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.training_reports.forms import LANGUAGES, ExplorerForm, PolicyForm, SchoolsForm
from confianza.server.web.training_reports.summaries import (
    DIMENSIONS,
    Group,
    amount,
    groups_of,
    name_in,
    names_of,
    place_anchor,
    places_of,
    planned_beside,
    totals_of,
)

ON_A_PAGE = 50


@permitted("view_training")
def explorer(request: AccountRequest) -> HttpResponse:
    """Training of every country in the public record, by what one asks for."""
    form = ExplorerForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        by, measure = form.by_measure
        groups = groups_of(form.query, by, measure)
        asked = form.query.parameters()
        context |= {
            "by": by,
            "dimension": DIMENSIONS[by],
            "measure": measure,
            "groups": groups,
            "planned": planned_beside(form.query),
            "set_aside": set_aside(form.query),
            "totals": totals_of([group.row for group in groups]),
            "places": _anchored(places_of(form.query, measure)),
            "rows_query": urlencode(asked),
            "query": urlencode({**asked, "by": by, "measure": measure}),
        }
    return render(request, "training_reports/explorer.html", context, status=200 if form.is_valid() else 400)


def _anchored(places: Iterable[tuple[School, Group]]) -> list[tuple[School, Group, str]]:
    """The schools of the map by place, those with most first; the first of a place has the place's anchor."""
    by_place: dict[Place | None, list[tuple[School, Group]]] = {}
    for school, group in places:
        by_place.setdefault(school.place, []).append((school, group))
    return [
        (school, group, "" if number else place_anchor(place))
        for place, there in by_place.items()
        if place is not None
        for number, (school, group) in enumerate(there)
    ]


@permitted("view_training")
@filled("training-reports-pme")
def policy(request: AccountRequest) -> HttpResponse:
    """The PME share by year, country, program or institution, of one country or two, beside the rule of the ceiling."""
    partner = request.partnership.partner.iso_code if request.partnership else ""
    first = partner if partner in recorded_countries() else ""
    given = {"partner_code": first, "program_family": IMET}
    form = PolicyForm({**given, **request.GET.dict()})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        by = form.cleaned_data["by"] or "fiscal_year"
        countries = _policy_shares(form, by, recorded_ceilings(request.user.actor))
        context |= {
            "by": by,
            "dimension": DIMENSIONS[by],
            "countries": countries,
            "count": sum(len(country["rows"]) for country in countries),
            "has_ceilings": any(row["share"].ceiling for country in countries for row in country["rows"]),
            "is_under_ceiling": is_under_ceiling(form.query, (by,)) and _is_of_a_year(form.query, by),
            "planned": planned_beside(form.query),
            "set_aside": set_aside(form.query),
            "query": urlencode({name: form.data.get(name, "") for name in form.fields}),
        }
    return render(request, "training_reports/policy.html", context, status=200 if form.is_valid() else 400)


def _is_of_a_year(query: TrainingQuery, by: str) -> bool:
    return by == "fiscal_year" or (query.from_fy is not None and query.from_fy == query.to_fy)


def _policy_shares(
    form: PolicyForm, by: str, ceilings: Mapping[tuple[str, int], Money]
) -> list[dict[str, Any]]:
    """By country: its name, the parameters of its rows and their shares, each with those of all rows and of PME's."""
    names, found = names_of(by), []
    codes = [form.query.partner_code, form.cleaned_data["other_code"] or None]
    for code in dict.fromkeys(codes if codes[1] else codes[:1]):
        query = replace(form.query, partner_code=code)
        rows: list[dict[str, Any]] = []
        for share in pme_shares(query, (by,), ceilings):
            narrowed = query.narrowed({by: share.group[0]})
            rows.append(
                {
                    "name": name_in(names, share.group[0]),
                    "share": share,
                    "plan": f"{narrowed.partner_code}-{narrowed.from_fy}",
                    "every": urlencode(narrowed.parameters()),
                    "pme": urlencode(replace(narrowed, category="pme").parameters()),
                }
            )
        if by != "fiscal_year":
            rows.sort(key=lambda row: (-row["share"].cost.minor, row["name"]))
        name = name_in(country_names(), code) if code else _("All countries")
        found.append({"name": name, "query": urlencode(query.parameters()), "rows": rows})
    return found


@permitted("view_training")
def school_list(request: AccountRequest) -> HttpResponse:
    """The schools of the record, and the platforms the thesis recommends, with their use."""
    form = SchoolsForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        years = _students_by_school(form)
        wanted = [item for item in schools().values() if form.is_wanted(item)]
        found = [item for item in wanted if item.code in years or item.is_platform]
        found.sort(key=lambda item: (not item.is_platform, -sum(years.get(item.code, {}).values())))
        page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "rows": _school_rows(form, page, years),
            "query": urlencode({name: form.data.get(name, "") for name in form.fields}),
            "unmatched": sum(years.get(UNMATCHED, {}).values()),
            "unmatched_query": urlencode(replace(form.query, school_code=UNMATCHED).parameters()),
            "planned": planned_beside(form.query),
            "set_aside": set_aside(form.query),
            "languages": LANGUAGES,
            "kinds": value_names("kind"),
            "countries": country_names(),
        }
    return render(request, "training_reports/schools.html", context, status=200 if form.is_valid() else 400)


def _students_by_school(form: SchoolsForm) -> dict[str, dict[int, int]]:
    """The students of each school by fiscal year."""
    years: dict[str, dict[int, int]] = {}
    for row in training_summary(form.query, ("school_code", "fiscal_year")):
        found = years.setdefault(str(row.values["school_code"]), {})
        year = int(row.values["fiscal_year"])
        found[year] = found.get(year, 0) + row.student_count
    return years


def _school_rows(
    form: SchoolsForm, shown: Iterable[School], years: Mapping[str, Mapping[int, int]]
) -> list[dict[str, Any]]:
    """What the list tells of some schools; each figure has the parameters of its rows."""
    names = value_names("level")
    levels: dict[str, list[str]] = {}
    for row in training_summary(replace(form.query, category=Category.PME.value), ("school_code", "level")):
        levels.setdefault(str(row.values["school_code"]), []).append(str(row.values["level"]))
    rows = []
    for item in shown:
        used, query = years.get(item.code, {}), replace(form.query, school_code=item.code)
        most = max(used, key=lambda year: used[year], default=None)
        rows.append(
            {
                "school": item,
                "query": urlencode(query.parameters()),
                "levels": [
                    (name_in(names, level), urlencode(replace(query, level=level).parameters()))
                    for level in levels.get(item.code, [])
                ],
                "most": None if most is None else used[most],
                "most_query": urlencode(replace(query, from_fy=most, to_fy=most).parameters()),
                "students": sum(used.values()),
                "first": min(used, default=None),
                "last": max(used, default=None),
            }
        )
    return rows


@permitted("view_training")
def school(request: AccountRequest, code: str) -> HttpResponse:
    """One school: where it lies, and who used it when, for what."""
    found = schools().get(code)
    if found is None:
        raise Http404(code)
    query = TrainingQuery(school_code=code)
    years = groups_of(query, "fiscal_year")
    context = {
        "school": found,
        "set_aside": set_aside(query),
        "country": country_names().get(found.place.country) if found.place else None,
        "language": LANGUAGES.get(found.language),
        "kind": value_names("kind")[found.kind],
        "most": max(years, key=lambda group: group.row.student_count, default=None),
        "tables": [
            (DIMENSIONS[by], years if by == "fiscal_year" else groups_of(query, by))
            for by in ("fiscal_year", "partner_code", "category", "level")
        ],
        "query": urlencode({**query.parameters(), "by": "fiscal_year", "measure": "students"}),
        "rows_query": urlencode(query.parameters()),
        "planned_lines": seats_at(request.user.actor, code),
        "line_statuses": rulebook(RecordKind.LINE).statuses,
    }
    return render(request, "training_reports/school.html", context)


def explorer_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    form = ExplorerForm(request.GET)
    if not form.is_valid():
        raise Http404("training")
    by, measure = form.by_measure
    groups = groups_of(form.query, by, measure)
    if not groups:
        raise Http404("training")
    if by == "fiscal_year":
        years = {int(group.name): group for group in groups}
        amounts_by_year = {year: amount(group.row, measure) for year, group in years.items()}
        return charts.years_chart(
            amounts_by_year, measure, language(), width, opens=lambda year: opens(years[year])
        )
    amounts = [charts.Amount(group.name, amount(group.row, measure), opens(group)) for group in groups]
    return charts.amounts_chart(amounts, by, measure, language(), width)


def places_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    form = ExplorerForm(request.GET)
    if not form.is_valid():
        raise Http404("places")
    _by, measure = form.by_measure
    found: dict[Place, list[tuple[School, float]]] = {}
    for school, group in places_of(form.query, measure):
        if school.place is not None:
            found.setdefault(school.place, []).append((school, amount(group.row, measure)))
    points = [
        charts.Point(
            place.city,
            place.longitude,
            place.latitude,
            sum(count for _school, count in there),
            opens([school.code for school, _count in there], place_anchor(place), request.GET.urlencode()),
        )
        for place, there in found.items()
    ]
    return charts.places_map(points, measure, language(), width)


def policy_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    form = PolicyForm(request.GET)
    if not form.is_valid():
        raise Http404("pme")
    points = [
        charts.SharePoint(
            country["name"],
            row["share"].group[0],
            row["share"].student_share,
            row["share"].course_share,
            row["share"].cost_share,
            opens(row["every"]),
        )
        for country in _policy_shares(form, "fiscal_year", {})
        for row in country["rows"]
    ]
    if not points:
        raise Http404("pme")
    return charts.policy_chart(points, language(), width)
