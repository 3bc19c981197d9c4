"""Pages of training rows added up: the explorer, the PME share against policy, schools and places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.forms.utils import flatatt
from django.http import Http404
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.money import Money, total
from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import School, schools, value_names
from confianza.cooperation.training.normalize import UNMATCHED, institution_codes
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import Kind
from confianza.errors import ConfianzaError
from confianza.evidence.countries import country_code, country_names
from confianza.evidence.imet import IMET
from confianza.reports import charts
from confianza.server.evidence.selectors import (
    SummaryRow,
    TrainingQuery,
    is_under_ceiling,
    pme_shares,
    recorded_countries,
    training_summary,
)
from confianza.server.training_plans.selectors import recorded_ceilings, seats_at
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.templatetags.formats import language, said

ON_A_PAGE = 50
DIMENSIONS = {
    "fiscal_year": gettext_lazy("Fiscal year"),
    "partner_code": gettext_lazy("Country"),
    "program_family": gettext_lazy("Program"),
    "school_code": gettext_lazy("School"),
    "institution_code": gettext_lazy("Institution of the partner"),
    "category": gettext_lazy("Category"),
    "level": gettext_lazy("PME level"),
}
SHARED_OUT_BY = (
    "fiscal_year",
    "partner_code",
    "program_family",
    "institution_code",
)  # what PME shares are by
STATUSES = {
    "executed": gettext_lazy("what was done"),
    "planned": gettext_lazy("what was planned"),
    "both": gettext_lazy("both added up"),
}
LANGUAGES = {"en": gettext_lazy("English"), "es": gettext_lazy("Spanish")}
MEASURES = {
    "students": gettext_lazy("Students"),
    "courses": gettext_lazy("Courses"),
    "dollars": gettext_lazy("Dollars"),
}


def names_of(dimension: str):
    return country_names() if dimension == "partner_code" else value_names(dimension)


def name_of(dimension: str, value) -> str:
    names = {} if dimension == "fiscal_year" else names_of(dimension)
    return said(names[value]) if value in names else str(value)


def choices(dimension: str, *, only=None) -> list:
    """The values of a dimension by their names, after one that does not narrow."""
    named = sorted(
        (said(name), code) for code, name in names_of(dimension).items() if only is None or code in only
    )
    return [("", _("all")), *((code, name) for name, code in named)]


class Select(forms.Select):
    """A list drawn at once: Django takes a template for each of hundreds of countries and schools."""

    def render(self, name, value, attrs=None, renderer=None):
        widget = self.get_context(name, value, attrs)["widget"]
        options = (
            (flatatt({"value": option["value"], "selected": option["selected"]}), option["label"])
            for _group, found, _index in widget["optgroups"]
            for option in found
        )
        drawn = format_html_join("", "<option{}>{}</option>", options)
        return format_html("<select{}>{}</select>", flatatt({"name": name, **widget["attrs"]}), drawn)


class ChoiceField(forms.ChoiceField):
    widget = Select


class TrainingForm(forms.Form):
    """What rows are narrowed by; `query` is what it asks for once it is valid."""

    partner_code = ChoiceField(label=DIMENSIONS["partner_code"], required=False)
    from_fy = forms.IntegerField(label=gettext_lazy("From fiscal year"), required=False)
    to_fy = forms.IntegerField(label=gettext_lazy("To fiscal year"), required=False)
    program_family = ChoiceField(label=DIMENSIONS["program_family"], required=False)
    status = ChoiceField(
        label=gettext_lazy("Done or planned"), choices=list(STATUSES.items()), required=False
    )

    def __init__(self, data):
        given = data.dict() if hasattr(data, "dict") else dict(data)
        for name in ("partner_code", "other_code"):
            if given.get(name):
                given[name] = country_code(given[name]) or given[name]
        super().__init__(given)
        self.countries = recorded_countries()
        only = {"partner_code": self.countries, "institution_code": institution_codes(self.countries)}
        for name, field in self.fields.items():
            if name in DIMENSIONS:
                field.choices = choices(name, only=only.get(name))

    def clean(self):
        try:
            self.query = TrainingQuery.of({name: str(self.data.get(name, "")) for name in self.fields})
        except ConfianzaError as error:
            self.add_error(None, error.in_language(language()))


class ExplorerForm(TrainingForm):
    """The explorer's filters, what rows are added up by and what is drawn."""

    school_code = ChoiceField(label=DIMENSIONS["school_code"], required=False)
    institution_code = ChoiceField(label=DIMENSIONS["institution_code"], required=False)
    category = ChoiceField(label=DIMENSIONS["category"], required=False)
    level = ChoiceField(label=DIMENSIONS["level"], required=False)
    by = ChoiceField(label=gettext_lazy("Add up by"), choices=list(DIMENSIONS.items()), required=False)
    measure = ChoiceField(label=gettext_lazy("Draw"), choices=list(MEASURES.items()), required=False)

    @property
    def by_measure(self) -> tuple[str, str]:
        return self.cleaned_data["by"] or "fiscal_year", self.cleaned_data["measure"] or "students"


class PolicyForm(TrainingForm):
    """Which country's PME share stands beside which other's."""

    other_code = ChoiceField(label=gettext_lazy("Beside"), required=False)
    by = ChoiceField(
        label=gettext_lazy("Add up by"),
        choices=[(name, DIMENSIONS[name]) for name in SHARED_OUT_BY],
        required=False,
    )
    field_order = ("partner_code", "other_code", "from_fy", "to_fy", "program_family", "status", "by")

    def __init__(self, data):
        super().__init__(data)
        self.fields["other_code"].choices = [
            ("", _("no other")),
            *choices("partner_code", only=self.countries)[1:],
        ]


class SchoolsForm(TrainingForm):
    """Which schools are listed, and what of their use is counted."""

    level = ChoiceField(label=DIMENSIONS["level"], required=False)
    kind = ChoiceField(label=gettext_lazy("Kind of school"), required=False)
    language = ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("all")), *LANGUAGES.items(), ("-", gettext_lazy("not known"))],
        required=False,
    )

    def __init__(self, data):
        super().__init__(data)
        kinds = sorted((said(name), code) for code, name in value_names("kind").items())
        self.fields["kind"].choices = [("", _("all")), *((code, name) for name, code in kinds)]

    def is_wanted(self, school: School) -> bool:
        """Whether a school is of the kind and language asked for."""
        asked = self.cleaned_data
        return asked["kind"] in ("", school.kind) and asked["language"] in ("", school.language or "-")


@dataclass(frozen=True)
class Group:
    """Rows added up under one name; `narrowed` are the parameters that ask for just these rows."""

    name: str
    row: SummaryRow
    narrowed: str


def groups_of(query: TrainingQuery, by: str, measure: str = "students") -> list[Group]:
    """The rows of a query by a dimension: years in order, all else the largest first."""
    found = []
    for row in training_summary(query, (by,)):
        value = row.values[by]
        found.append(Group(name_of(by, value), row, urlencode(query.narrowed(row.values).parameters())))
    if by != "fiscal_year":
        found.sort(key=lambda group: (-amount(group.row, measure), group.name))
    return found


def amount(row: SummaryRow, measure: str) -> float:
    counted = {"students": row.student_count, "courses": row.course_count}
    return counted[measure] if measure in counted else row.cost.minor / 100


def places_of(query: TrainingQuery, measure: str) -> list[tuple[School, Group]]:
    """The schools whose place is known, as the map draws them, with their rows; the largest first."""
    groups = groups_of(query, "school_code", measure)
    found = ((schools().get(str(group.row.values["school_code"])), group) for group in groups)
    return [(school, group) for school, group in found if school is not None and school.place is not None]


def planned_beside(query: TrainingQuery) -> dict | None:
    """What of a query for what was done was told as planned, with the parameters that ask for it; None without any."""
    query = replace(query, status="planned")
    counts = [row.course_count for row in training_summary(query, ())]
    return {"count": sum(counts), "query": urlencode(query.parameters())} if counts else None


def totals_of(rows: list[SummaryRow]) -> dict:
    by_currency: dict[str, list[Money]] = {}
    for row in rows:
        by_currency.setdefault(row.cost.currency, []).append(row.cost)
    return {
        "students": sum(row.student_count for row in rows),
        "courses": sum(row.course_count for row in rows),
        "costs": [total(costs) for costs in by_currency.values()],
    }


@permitted("view_training")
def explorer(request):
    """Training of every country in the public record, by what one asks for."""
    form = ExplorerForm(request.GET)
    context = {"form": form, "status": 200 if form.is_valid() else 400}
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
            "totals": totals_of([group.row for group in groups]),
            "places": places_of(form.query, measure),
            "rows_query": urlencode(asked),
            "query": urlencode({**asked, "by": by, "measure": measure}),
        }
    return render(request, "web/training_explorer.html", context, status=context["status"])


@permitted("view_training")
@filled("training-pme")
def policy(request):
    """The PME share by year, country, program or institution, of one country or two, beside the rule of the ceiling."""
    partner = request.partnership.partner.iso_code if request.partnership else ""
    first = partner if partner in recorded_countries() else ""
    given = {"partner_code": first, "program_family": IMET}
    form = PolicyForm({**given, **request.GET.dict()})
    context = {"form": form}
    if form.is_valid():
        by = form.cleaned_data["by"] or "fiscal_year"
        countries = _policy_shares(form, by, recorded_ceilings(request.user))
        context |= {
            "by": by,
            "dimension": DIMENSIONS[by],
            "countries": countries,
            "has_ceilings": any(row["share"].ceiling for country in countries for row in country["rows"]),
            "is_under_ceiling": is_under_ceiling(form.query, (by,)) and _is_of_a_year(form.query, by),
            "planned": planned_beside(form.query),
            "query": urlencode({name: form.data.get(name, "") for name in form.fields}),
        }
    return render(request, "web/training_pme.html", context, status=200 if form.is_valid() else 400)


def _is_of_a_year(query: TrainingQuery, by: str) -> bool:
    return by == "fiscal_year" or (query.from_fy is not None and query.from_fy == query.to_fy)


def _policy_shares(form: PolicyForm, by: str, ceilings: Mapping[tuple[str, int], Money]) -> list[dict]:
    """By country: its name, the parameters of its rows and their shares, each with those of all rows and of PME's."""
    found = []
    codes = [form.query.partner_code, form.cleaned_data["other_code"] or None]
    for code in dict.fromkeys(codes if codes[1] else codes[:1]):
        query = replace(form.query, partner_code=code)
        rows = []
        for share in pme_shares(query, (by,), ceilings):
            narrowed = query.narrowed({by: share.group[0]})
            rows.append(
                {
                    "name": name_of(by, share.group[0]),
                    "share": share,
                    "plan": f"{narrowed.partner_code}-{narrowed.from_fy}",
                    "every": urlencode(narrowed.parameters()),
                    "pme": urlencode(replace(narrowed, category="pme").parameters()),
                }
            )
        if by != "fiscal_year":
            rows.sort(key=lambda row: (-row["share"].cost.minor, row["name"]))
        name = name_of("partner_code", code) if code else _("All countries")
        found.append({"name": name, "query": urlencode(query.parameters()), "rows": rows})
    return found


@permitted("view_training")
def school_list(request):
    """The schools of the record, and the platforms the thesis recommends, with their use."""
    form = SchoolsForm(request.GET)
    context = {"form": form}
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
            "languages": LANGUAGES,
            "kinds": value_names("kind"),
            "countries": country_names(),
        }
    return render(request, "web/training_schools.html", context, status=200 if form.is_valid() else 400)


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
) -> list[dict]:
    """What the list tells of some schools; each figure has the parameters of its rows."""
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
                    (name_of("level", level), urlencode(replace(query, level=level).parameters()))
                    for level in levels.get(item.code, [])
                ],
                "most": used.get(most),
                "most_query": urlencode(replace(query, from_fy=most, to_fy=most).parameters()),
                "students": sum(used.values()),
                "first": min(used, default=None),
                "last": max(used, default=None),
            }
        )
    return rows


@permitted("view_training")
def school(request, code):
    """One school: where it lies, and who used it when, for what."""
    found = schools().get(code)
    if found is None:
        raise Http404(code)
    query = TrainingQuery(school_code=code)
    years = groups_of(query, "fiscal_year")
    context = {
        "school": found,
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
        "planned_lines": seats_at(request.user, code),
        "line_statuses": rulebook(Kind.LINE).statuses,
    }
    return render(request, "web/training_school.html", context)


# --- charts --------------------------------------------------------------------------------------


def _explorer_chart(request, width):
    form = ExplorerForm(request.GET)
    if not form.is_valid():
        raise Http404("training")
    by, measure = form.by_measure
    groups = groups_of(form.query, by, measure)
    if not groups:
        raise Http404("training")
    if by == "fiscal_year":
        years = {int(group.name): amount(group.row, measure) for group in groups}
        return charts.years_chart(years, measure, language(), width)
    amounts = [charts.Amount(group.name, amount(group.row, measure)) for group in groups]
    return charts.amounts_chart(amounts, by, measure, language(), width)


def _places_chart(request, width):
    form = ExplorerForm(request.GET)
    if not form.is_valid():
        raise Http404("places")
    _by, measure = form.by_measure
    found: dict = {}
    for school, group in places_of(form.query, measure):
        found[school.place] = found.get(school.place, 0) + amount(group.row, measure)
    points = [
        charts.Point(place.city, place.longitude, place.latitude, count) for place, count in found.items()
    ]
    return charts.places_map(points, measure, language(), width)


def _policy_chart(request, width):
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
        )
        for country in _policy_shares(form, "fiscal_year", {})
        for row in country["rows"]
    ]
    if not points:
        raise Http404("pme")
    return charts.policy_chart(points, language(), width)


CHARTS = {
    "training": ("view_training", _explorer_chart),
    "places": ("view_training", _places_chart),
    "pme": ("view_training", _policy_chart),
}
