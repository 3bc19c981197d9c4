"""The page of the seat plan: which seats, where, at what cost."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from confianza.cooperation.money import Money
from confianza.cooperation.training import TrainingFigure
from confianza.cooperation.training.courses import schools
from confianza.errors import PlanError
from confianza.evidence.training_table import coverage_text
from confianza.planning.seats import (
    Request,
    SeatOption,
    SeatPlan,
    YearDone,
    frontier,
    plan_seats,
    platform_uses,
    platforms_without_pme,
    school_uses,
    seat_options,
    years_done,
)
from confianza.reports import charts
from confianza.server.assessment import planning_figures
from confianza.server.language import language, told
from confianza.server.requests import AccountRequest
from confianza.server.training_reports.selectors import training_table
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled, has_seats
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.planning.forms import PlanForm, plan_form

SHARES = [step / 10 for step in range(11)]


@dataclass(frozen=True)
class Planned:
    """The answer to a plan form: options, the plan or why there is none, and what was done before."""

    request: Request
    options: list[SeatOption]
    plan: SeatPlan | None
    error: PlanError | None
    done: list[YearDone]


def planned(form: PlanForm, figures: list[TrainingFigure]) -> Planned:
    asked = form.cleaned_data
    options = seat_options(
        figures, capacity_factor=float(asked["capacity"]), uses=school_uses(training_table())
    )
    request = Request(asked["students"], float(asked["share"] / 100), Money(int(asked["budget"] * 100)))
    plan: SeatPlan | None = None
    error: PlanError | None = None
    try:
        plan = plan_seats(options, request)
    except PlanError as refusal:
        error = refusal
    return Planned(request, options, plan, error, years_done(figures))


@permitted("view_plan")
@filled("seat-plan")
def seat_plan(request: AccountRequest) -> HttpResponse:
    one = partnership_or_404(request)
    figures = planning_figures(one)
    done = years_done(figures)
    years = {year.fiscal_year for year in done}
    form = plan_form(request.GET, figures)
    context = {
        "form": form,
        "schools": schools(),
        "query": request.GET.urlencode(),
        "partner": one.partner.name,
        "span": (done[0].fiscal_year, done[-1].fiscal_year),
        "uses": platform_uses(school_uses(training_table(), years)),
        "coverage": coverage_text(training_table(), years=years),
    }
    if form.is_valid():
        answer = planned(form, figures)
        context |= {
            "answer": answer,
            "platforms": platforms_without_pme(answer.options),
            "frontier": [
                (share, None, found.in_language(language()))
                if isinstance(found, PlanError)
                else (share, found.cost, "")
                for share, found in frontier(answer.options, answer.request, SHARES)
            ],
        }
        if answer.plan:
            context["rows"] = [
                {
                    "option": option,
                    "seats": seats,
                    "done": [
                        year.seats.get((option.school_code, option.category), 0) for year in answer.done
                    ],
                }
                for option, seats in answer.plan.seats
            ]
        elif answer.error:
            context["refusal"] = told(answer.error)
    return render(request, "planning/seat_plan.html", context, status=200 if form.is_valid() else 400)


def seats_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    one = partnership_or_404(request)
    if not has_seats(one):
        raise Http404("seats")
    figures = planning_figures(one)
    form = plan_form(request.GET, figures)
    if not form.is_valid() or (answer := planned(form, figures)).plan is None:
        raise Http404("seats")
    return charts.seats_chart(answer.plan, answer.done, language(), width, opens=opens)
