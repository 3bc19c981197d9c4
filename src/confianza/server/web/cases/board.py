"""Pages of many cases: the board, what is to be done, the portfolio, files in and out."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.cases.timing import Timeliness
from confianza.server.cases import bulk, exports, selectors, services
from confianza.server.chosen_partnership import of_chosen
from confianza.server.funds.selectors import coming_lapses, open_appropriations
from confianza.server.requests import AccountRequest
from confianza.server.training_plans.selectors import my_waiting_steps, visible_plans
from confianza.server.web.access import form_of, permitted
from confianza.server.web.cases.forms import CURRENT, OpenForm, SearchForm, phase_names
from confianza.server.web.submit import submit
from confianza.server.web.uploads import take_table

CARDS = 12  # cases shown of a phase while no phase is chosen
ON_A_PAGE = 50
MOST_CANCELING = 100  # cases about to lose their funds that the portfolio lists


@form_of("cases")
@permitted("open_case")
def case_open(request: AccountRequest) -> HttpResponse:
    form = OpenForm(request.POST, own_party=request.user.party_code)

    def open_case(partner: str, funds: str, project: str, **fields: Any) -> Any:
        return services.open_case(
            partner_code=partner, appropriation_code=funds, project_code=project, **fields
        )

    page = partial(board_page, request, form=form)
    return submit(request, form, open_case, page, lambda _: redirect("case", form.cleaned_data["identifier"]))


def status_names() -> dict[str, BilingualText]:
    """The statuses of every edition, in the words of the current one where it has them."""
    names = {status: name for edition in editions().values() for status, name in edition.statuses.items()}
    return {**names, **edition_of(CURRENT).statuses}


@permitted("view_shared_case")
def board(request: AccountRequest) -> HttpResponse:
    return board_page(request)


def board_page(
    request: AccountRequest,
    *,
    form: OpenForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    searching = SearchForm(request.GET, partnerships=request.partnerships)
    search = selectors.Search(**searching.cleaned_data) if searching.is_valid() else selectors.Search()
    rows = of_chosen(request, selectors.found_cases(request.user.actor, search, today))
    names = phase_names()
    query = {name: value for name, value in asdict(search).items() if value}
    if search.phase:
        page = Paginator(rows.order_by("identifier"), ON_A_PAGE).get_page(request.GET.get("page"))
        shown: dict[str, Any] = {"page": page, "count": selectors.count_cases(rows)}
    else:
        counts = selectors.count_by_phase(rows)
        cards = rows.order_by("next_due_on", "identifier")
        columns = [
            {
                "id": phase,
                "name": name,
                "count": counts.get(phase, selectors.CaseCount()),
                "cases": cards.filter(phase=selectors.stored_phase(phase))[:CARDS] if phase in counts else [],
                "query": urlencode({**query, "phase": phase}),
            }
            for phase, name in names.items()
        ]
        shown = {"columns": columns, "count": selectors.count_cases(rows)}
    context = {
        "search_form": searching,
        "search_query": urlencode(query),
        "phase_names": names,
        "statuses": status_names(),
        "today": today,
        "saved": selectors.saved_searches(request.user.actor),
        "form": (form or OpenForm(own_party=request.user.party_code))
        if request.user.may("open_case")
        else None,
        "refusal": refusal,
        "may_export": request.user.may("export_cases"),
    }
    status = status if searching.is_valid() else 400
    return render(request, "cases/board.html", context | shown, status=status)


@form_of("cases")
@permitted("view_shared_case")
def search_save(request: AccountRequest) -> HttpResponse:
    """Keep the search under a name, or forget the one of that name when the search is empty."""
    name, query = request.POST.get("name", "").strip()[:60], request.POST.get("query", "")[:400]
    if name and request.POST.get("forget"):
        services.forget_search(name=name, actor=request.user.actor)
    elif name:
        services.save_search(name=name, query=query, actor=request.user.actor)
    return redirect(f"{reverse('cases')}?{query}" if query else "cases")


@permitted("view_shared_case")
def actions(request: AccountRequest) -> HttpResponse:
    today = timezone.localdate()
    actor = request.user.actor
    waiting = of_chosen(request, selectors.open_actions(actor), "case__partner")
    page = Paginator(waiting, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = []
    for action in page:
        edition = edition_of(action.case.edition)
        deadline = next((item for item in edition.deadlines if item.id == action.deadline), None)
        rows.append(
            {
                "action": action,
                "step": edition.steps[action.step],
                "deadline": deadline,
                "is_overdue": action.due_on is not None and action.due_on < today,
            }
        )
    context = {
        "rows": rows,
        "page": page,
        "today": today,
        "waits": my_waiting_steps(actor, of_chosen(request, visible_plans(actor)), today),
    }
    return render(request, "cases/actions.html", context)


@permitted("view_portfolio")
def portfolio(request: AccountRequest) -> HttpResponse:
    today = timezone.localdate()
    visible = of_chosen(request, selectors.visible_cases(request.user.actor))
    funds = of_chosen(request, open_appropriations())
    has_true = visible.filter(is_simulated=False).exists()
    is_simulated = not has_true or request.GET.get("simulated") == "1"
    cases = visible.filter(is_simulated=is_simulated)
    standards = []
    for found in selectors.clock_standards(cases, today):
        edition = edition_of(found.edition)
        clock = next(item for item in edition.clocks if item.id == found.clock)
        judged = Timeliness(found.met, found.missed, found.running, clock.share)
        standards.append(
            {
                "edition": edition,
                "clock": clock,
                "found": found,
                "share": judged.met_share,
                "is_met": judged.is_met is not False,
            }
        )
    punctuality = selectors.delivery_punctuality(cases, today)
    names = {
        key: name
        for edition in editions().values()
        for step in edition.steps.values()
        for field in step.fields
        if field.name == "cause"
        for key, name in field.options.items()
    }
    soon = today + timedelta(days=365)
    canceling = selectors.cases_of_canceling_funds(cases, today, soon)
    context = {
        "today": today,
        "soon": soon,
        "is_simulated": is_simulated,
        "has_both": has_true and visible.filter(is_simulated=True).exists(),
        "standards": standards,
        "punctuality": punctuality,
        "causes": [(names.get(cause), count) for cause, count in punctuality.causes.items()],
        "lapses": [
            lapse
            for lapse in coming_lapses(today, funds.filter(is_simulated=is_simulated))
            if lapse.on <= soon
        ],
        "has_funds": funds.filter(is_simulated=is_simulated).exists(),
        "has_open_cases": cases.filter(phase__gt="").exists(),
        "canceling": canceling[:MOST_CANCELING],
        "more_canceling": max(0, canceling.count() - MOST_CANCELING),
    }
    return render(request, "cases/portfolio.html", context)


FORMATS = {
    "csv": (exports.cases_csv, "text/csv; charset=utf-8"),
    "xlsx": (exports.cases_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "xes": (exports.history_xes, "application/xml"),
}


@permitted("export_cases")
def export(request: AccountRequest, form: str) -> HttpResponse:
    write, kind = FORMATS[form]
    searching = SearchForm(request.GET, partnerships=request.partnerships)
    if not searching.is_valid():
        return board_page(request)  # which says what is wrong with the search
    search = selectors.Search(**searching.cleaned_data)
    rows = of_chosen(request, selectors.found_cases(request.user.actor, search, timezone.localdate()))
    answer = HttpResponse(write(rows.order_by("identifier")), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="cases.{form}"'
    return answer


@permitted("import_cases")
def import_page(request: AccountRequest) -> HttpResponse:
    """Upload a file of cases: look what it would do, then do it."""
    context: dict[str, Any] = {"required": bulk.REQUIRED, "optional": bulk.OPTIONAL}
    if request.method == "POST":
        context |= take_table(request, bulk.import_cases)
    if "taken" in context:
        context["opened"], context["there"] = context["taken"]
    return render(request, "cases/import.html", context, status=400 if "refusal" in context else 200)
