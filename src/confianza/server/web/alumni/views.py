"""Pages of all alumni: the list, the graph of who studied with whom."""

from datetime import date
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from confianza.cooperation.alumni import SCHOOL_ROLES
from confianza.cooperation.alumni.positions import IADC_CLAIM, IADC_CLAIM_SHARE
from confianza.errors import ConfianzaError
from confianza.evidence.relationships import brokers
from confianza.reports import charts
from confianza.reports.relationships import MOST_DRAWN
from confianza.server.alumni import bulk, selectors, services
from confianza.server.alumni.drawing import relations_svg
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.forms import EnrollForm
from confianza.server.web.alumni.search import ON_A_PAGE, render_search, search_of
from confianza.server.web.empty import filled
from confianza.server.web.submit import submit
from confianza.server.web.uploads import take_table

MOST_BROKERS = 20
ZOOMS = (1, 2, 4)


def _list_page(
    request: AccountRequest,
    *,
    form: EnrollForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    search = search_of(request, has_school=True)
    people = search.students.filter(partner=search.partner).prefetch_related("courses", "tenures__post")
    if search.school:
        people = people.filter(courses__school=search.school).distinct()
    page = Paginator(people, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "student": student,
            "courses": [row for row in student.courses.all() if row.start_date <= search.on],
            "current": [row for row in student.tenures.all() if row.tenure().is_held(search.on)],
        }
        for student in page
    ]
    simulated = selectors.simulated_party_of(search.students)
    context = {
        "page": page,
        "rows": rows,
        "parts": SCHOOL_ROLES,
        "schools": selectors.school_names(),
        "advanced": selectors.advanced(search.partner, search.students, search.on),
        "claim": IADC_CLAIM,
        "claim_share": IADC_CLAIM_SHARE,
        "simulated": simulated if simulated != search.partner else None,
        "form": (form or EnrollForm(partner=search.partner)) if request.user.may("keep_students") else None,
        "refusal": refusal,
    }
    return render_search(request, "alumni/alumni.html", search, context, status=status)


@permitted("view_alumni")
@filled("alumni")
def alumni(request: AccountRequest) -> HttpResponse:
    return _list_page(request)


@form_of("alumni")
@permitted("keep_students")
def enroll(request: AccountRequest) -> HttpResponse:
    form = EnrollForm(request.POST)

    def add(partner: str, **fields: Any) -> Any:
        return services.enroll_student(partner_code=partner, identity=None, **fields)

    page = partial(_list_page, request, form=form)
    return submit(request, form, add, page, lambda student: redirect("alumnus", student.pk))


@permitted("keep_students")
def alumni_import(request: AccountRequest) -> HttpResponse:
    """Upload a file of courses, posts or positions: look what it would do, then do it."""
    context: dict[str, Any] = {"kinds": bulk.KINDS}
    if request.method == "POST":
        context |= take_table(request, bulk.import_students)
    return render(request, "alumni/import.html", context, status=400 if "refusal" in context else 200)


@permitted("view_alumni")
@filled("alumni")
def graph(request: AccountRequest) -> HttpResponse:
    search = search_of(request, has_school=True)
    person = request.GET.get("person", "")
    zoom_text = request.GET.get("zoom", "")
    zoom = int(zoom_text) if zoom_text in map(str, ZOOMS) else 1
    try:
        found = selectors.relations(
            search.partner, search.students, search.on, school=search.school, person=person
        )
    except ConfianzaError as error:
        raise Http404(person) from error
    names = {code: student.name for code, student in found.students.items()}
    ties = [
        {"tie": tie, "people": [(code, names[code]) for code in tie.pair]}
        for tie in sorted(found.ties, key=lambda tie: (-tie.overlap_days, tie.pair))
    ]
    context = {
        "found": found,
        "person": found.students.get(person),
        "svg": relations_svg(found, language(), zoom=zoom, marked=person) if found.graph else "",
        "most_drawn": MOST_DRAWN if found.graph.number_of_nodes() > MOST_DRAWN else None,
        "zoom": zoom,
        "zooms": ZOOMS,
        "page": Paginator(ties, ON_A_PAGE).get_page(request.GET.get("page")),
        "brokers": [(names[row.person], row) for row in brokers(found.graph)[:MOST_BROKERS]],
        "schools": selectors.school_names(),
    }
    return render_search(request, "alumni/graph.html", search, context)


def growth_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    """The growth of the graph that the page shows."""
    search = search_of(request, has_school=True)
    found = selectors.relations(search.partner, search.students, search.on, school=search.school)
    asked = {"partner": search.partner.pk} | ({"school": search.school} if search.school else {})

    def opened(year: int) -> str:
        return opens(asked | {"on": min(date(year, 12, 31), search.on).isoformat()})

    return charts.growth_chart(found.growth, language(), width, opens=opened)
