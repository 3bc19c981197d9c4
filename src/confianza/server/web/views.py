"""Pages of the partnership, its evidence, trust and plan."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import activate, check_for_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import i18n

from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.programs import Kind, account_names, reconcile
from confianza.cooperation.sources import sources as packaged_sources
from confianza.cooperation.texts import Text
from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import schools, value_names
from confianza.cooperation.training.imet import IMET, compare_with_thesis, table_explanations
from confianza.cooperation.training.normalise import packaged_rules
from confianza.errors import PermissionRefusal, PlanError, sentence
from confianza.evidence.history import event_kinds
from confianza.planning.seats import (
    Request,
    SeatPlan,
    default_request,
    frontier,
    plan_seats,
    platform_uses,
    platforms_without_pme,
    seat_options,
    years_done,
)
from confianza.reports import charts
from confianza.reports.assessment import training_totals
from confianza.server.assessment import ASSESSED_ON, PARTNER, PROGRAM, current_index
from confianza.server.audit.models import AuditHead
from confianza.server.cases.selectors import count_cases, visible_cases
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.selectors import (
    TrainingQuery,
    history_events,
    training_figures,
    training_summary,
)
from confianza.server.institutions.selectors import party_names
from confianza.server.people.services import DEMO_PEOPLE
from confianza.server.programs.selectors import appropriations_of
from confianza.server.web import training_views
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni_views import growth_chart
from confianza.server.web.empty import filled, has_acts, has_seats
from confianza.server.web.number_fields import CountField, DollarsField, NumberField
from confianza.server.web.profile_views import profile_chart
from confianza.server.web.templatetags.formats import language, said
from confianza.server.web.training_views import name_of
from confianza.server.web.unsent import FIELD, UnsentForm, shown_again
from confianza.trust.index import default_parameters, entering_acts, index_basis
from confianza.trust.spectrum import cooperation_level, ladder

SHARES = [step / 10 for step in range(11)]


# --- the partnership ---------------------------------------------------------------------------


@permitted("view_partnership")
@filled("partnership")
def partnership(request):
    comparisons = compare_with_thesis(training_figures(PARTNER))
    context = {
        "names": party_names(),
        "latest": comparisons[-1].reports if comparisons else None,
        "level": cooperation_level(ASSESSED_ON),
        "ladder": ladder(),
        "accounts": account_names(),
        "money": _money_by_measure(appropriations_of(PROGRAM)),
        "case_count": count_cases(visible_cases(request.user).filter(partner=PARTNER)),
        "simulated_count": count_cases(visible_cases(request.user)).simulated,
    }
    if request.user.may("view_trust") and has_acts():
        context["directions"] = _directions(current_index())
    return render(request, "web/partnership.html", context)


def _money_by_measure(records):
    """A row a measure with its accounts side by side, and every total beside the printed one; None without records."""
    if not records:
        return None
    checks = {check.name: check for check in reconcile(records)}
    rows = {}
    for record in records:
        row = rows.setdefault(
            record.measure,
            {
                "fiscal_year": record.fiscal_year,
                "law": record.public_law,
                "is_request": record.kind is Kind.REQUEST,
                "check": checks[record.measure],
                "by_account": {},
            },
        )
        row["by_account"][record.account] = record.amount
    for row in rows.values():
        row["amounts"] = [row["by_account"].get(account) for account in account_names()]
    return {
        "rows": rows.values(),
        "accounts": [checks[account] for account in account_names()],
        "all": checks["all"],
        "reference": records[0].reference,
        "notes": [record for record in records if record.note],
    }


def _directions(index):
    """Both directions: from, to, and the years."""
    names = party_names()
    return [
        {"from": names[actor], "to": names[target], "code": actor, "years": index.direction(actor)}
        for actor, target in (index.pair, index.pair[::-1])
    ]


# --- trust -------------------------------------------------------------------------------------


class MovementForm(forms.Form):
    """Which year of which direction is explained."""

    def __init__(self, data, index):
        super().__init__(data)
        names = party_names()
        choices = [(code, names[code].in_language(language())) for code in index.pair]
        first, last = index.years
        self.fields["direction"] = forms.ChoiceField(label=_("Trust of"), choices=choices)
        self.fields["year"] = forms.IntegerField(label=_("Year"), min_value=first, max_value=last)


@permitted("view_trust")
@filled("trust")
def trust(request):
    index = current_index()
    asked = {"direction": index.pair[0], "year": index.years[1], **request.GET.dict()}
    form = MovementForm(asked, index)
    context = {
        "directions": _directions(index),
        "basis": index_basis(),
        "parameters": default_parameters(),
        "act_count": len(index.events),
        "log_likelihood": index.smoothed.log_likelihood,
        "form": form,
        "kinds": event_kinds(),
    }
    if form.is_valid():
        context |= _explained(index, form.cleaned_data["direction"], form.cleaned_data["year"])
    return render(request, "web/trust.html", context, status=200 if form.is_valid() else 400)


SMALLEST_EFFECT = 0.0005  # standard deviations


def _explained(index, actor: str, year: int) -> dict:
    """What moved the trust of one side in the other in a year: the parts of the change, in points and in deviations."""
    direction = next(found for found in _directions(index) if found["code"] == actor)
    value = next(found for found in direction["years"] if found.year == year)
    movement = next(found for found in index.movements(actor) if found.year == year)
    points, events, names = (
        movement.points_per_sd,
        {event.event_id: event for event in index.events},
        party_names(),
    )
    partner = {"partner": said(direction["to"])}
    parts = [
        (_("Return to the long-run level"), movement.return_to_mean),
        (_("Pull towards the trust of the partner: %(partner)s") % partner, movement.partner_pull),
        (_("News: acts of %(partner)s in this year") % partner, movement.news),
        (_("Inferred: what all acts say happened besides"), movement.inferred),
    ]
    return {
        "explained": direction,
        "value": value,
        "change": (movement.change * points, movement.change),
        "parts": [(name, effect * points, effect) for name, effect in parts],
        "records": [
            {
                "event": events[record.event_id],
                "actor": names[events[record.event_id].actor_code],
                "target": names[events[record.event_id].target_code],
                "is_news": record.as_news,
                "points": record.effect * points,
                "effect": record.effect,
            }
            for record in movement.records
            if abs(record.effect) >= SMALLEST_EFFECT
        ],
    }


@permitted("view_history")
def history(request):
    events = history_events()
    context = {
        "events": events,
        "entering": {event.event_id for event in entering_acts(events)},
        "kinds": event_kinds(),
        "names": party_names(),
    }
    return render(request, "web/history.html", context)


# --- training and its plan -----------------------------------------------------------------------


@permitted("view_training")
@filled("training-imet")
def training(request):
    comparisons = compare_with_thesis(training_figures(PARTNER))
    rows, by = TrainingQuery(PARTNER), ("fiscal_year", "program_family", "school_code", "category")
    context = {
        "comparisons": [(row, _opened(row.reports.fiscal_year)) for row in comparisons],
        "explanations": table_explanations(),
        "totals": training_totals(comparisons),
        "figures": [
            (
                [name_of(name, row.values[name]) for name in by],
                row,
                urlencode(rows.narrowed(row.values).parameters()),
            )
            for row in training_summary(rows, by)
        ],
        "rules": packaged_rules(),
        "categories": value_names("category"),
        "levels": value_names("level"),
    }
    return render(request, "web/training.html", context)


def _opened(fiscal_year: int) -> dict[str, str]:
    """The parameters of the IMET rows of a year, and of those of PME."""
    every = TrainingQuery(PARTNER, fiscal_year, fiscal_year, program_family=IMET)
    return {
        "every": urlencode(every.parameters()),
        "pme": urlencode(every.narrowed({"category": Category.PME.value}).parameters()),
    }


class PlanForm(forms.Form):
    """What a seat plan must do."""

    students = CountField(label=gettext_lazy("Students"), min_value=1, max_value=100_000)
    share = NumberField(
        label=gettext_lazy("PME share of the students, %"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    budget = DollarsField(
        label=gettext_lazy("Budget, US dollars"), min_value=0, max_digits=14, decimal_places=2
    )
    capacity = NumberField(
        label=gettext_lazy("Capacity, as a multiple of the best year on record"),
        min_value=Decimal("0.1"),
        max_value=100,
        max_digits=6,
        decimal_places=2,
    )


@dataclass(frozen=True)
class Planned:
    """The answer to a plan form: options, the plan or why there is none, and what was done before."""

    request: Request
    options: list
    plan: SeatPlan | None
    error: PlanError | None
    done: list


def plan_form(data, figures) -> PlanForm:
    usual = default_request(figures)
    given = {
        "students": usual.student_count,
        "share": f"{100 * usual.pme_share:g}",
        "budget": f"{usual.budget.minor / 100:.2f}",
        "capacity": "1",
    }
    return PlanForm({**given, **data.dict()})


def planned(form: PlanForm, figures) -> Planned:
    asked = form.cleaned_data
    options = seat_options(figures, capacity_factor=float(asked["capacity"]))
    request = Request(asked["students"], float(asked["share"] / 100), Money(int(asked["budget"] * 100)))
    try:
        plan, error = plan_seats(options, request), None
    except PlanError as refusal:
        plan, error = None, refusal
    return Planned(request, options, plan, error, years_done(figures))


@permitted("view_plan")
@filled("plan")
def plan(request):
    figures = training_figures(PARTNER)
    form = plan_form(request.GET, figures)
    context = {
        "form": form,
        "schools": schools(),
        "query": request.GET.urlencode(),
        "partner": party_names().get(PARTNER) or Text(PARTNER, PARTNER),
        "uses": platform_uses(),
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
        else:
            context["refusal"] = answer.error.in_language(language())
    return render(request, "web/plan.html", context, status=200 if form.is_valid() else 400)


# --- sources -------------------------------------------------------------------------------------


@permitted("view_sources")
def sources(request):
    context = {
        "sources": packaged_sources().values(),
        "imports": ImportRun.objects.all(),
        "head": AuditHead.objects.first() or AuditHead(),
    }
    return render(request, "web/sources.html", context)


# --- charts --------------------------------------------------------------------------------------


def _trust_chart(request, width):
    if not has_acts():
        raise Http404("trust")
    return charts.trust_chart(current_index(), language(), width)


def _share_chart(request, width):
    return charts.share_chart(compare_with_thesis(training_figures(PARTNER)), language(), width)


def _students_chart(request, width):
    return charts.students_chart(compare_with_thesis(training_figures(PARTNER)), language(), width)


def _money_chart(request, width):
    return charts.money_chart(appropriations_of(PROGRAM), language(), width)


def _seats_chart(request, width):
    if not has_seats():
        raise Http404("seats")
    figures = training_figures(PARTNER)
    form = plan_form(request.GET, figures)
    if not form.is_valid() or (answer := planned(form, figures)).plan is None:
        raise Http404("seats")
    return charts.seats_chart(answer.plan, answer.done, language(), width)


CHARTS = {
    "trust": ("view_trust", _trust_chart),
    "share": ("view_training", _share_chart),
    "students": ("view_training", _students_chart),
    "money": ("view_partnership", _money_chart),
    "seats": ("view_plan", _seats_chart),
    **training_views.CHARTS,
    "alumni": ("view_alumni", growth_chart),
    "profile": ("view_indicators", profile_chart),
}


WIDTHS = {"wide": charts.WIDE, "narrow": charts.NARROW}


def chart(request, name, width):
    if name not in CHARTS or width not in WIDTHS:
        raise Http404(name)
    action, draw = CHARTS[name]
    made = permitted(action)(draw)(request, WIDTHS[width])
    response = HttpResponse(charts.to_svg(made, language()), content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


# --- signing in, refusals --------------------------------------------------------------------------


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth.LoginView):
    template_name = "web/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        accounts = list(DEMO_PEOPLE) if settings.DEMO_PASSWORD else []
        return super().get_context_data(demo_accounts=accounts, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        if waiting := UnsentForm.read(self.request.POST.get(FIELD, "")):
            response = shown_again(self.request, waiting)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.get_user().language,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
        return response


@login_not_required
@form_of("partnership")
def sign_out(request):
    return auth.LogoutView.as_view()(request)


@login_not_required
def set_language(request):
    """The language of the pages from here on; a form that recorded nothing comes back in it."""
    response = i18n.set_language(request)
    waiting = UnsentForm.read(request.POST.get(FIELD, ""))
    if waiting is None:
        return response
    code = request.POST.get("language", "")
    if check_for_language(code):
        activate(code)
    again = shown_again(request, waiting)
    again.cookies.update(response.cookies)
    return again


def not_permitted(request, exception):
    table = permission_table()
    action = table.actions.get(str(exception))
    sentence = _("You may not do this.")
    if action is not None:
        roles = ", ".join(sorted(table.roles[role].name.in_language(language()) for role in action.roles))
        refusal = PermissionRefusal(
            "not-permitted",
            account=request.user.username,
            role=table.roles[request.user.role].name if request.user.role in table.roles else "—",
            action=action.text,
            allowed=roles,
        )
        sentence = refusal.in_language(language())
    context = {"heading": _("Not permitted"), "sentence": sentence}
    return render(request, "web/error.html", context, status=403)


def too_many_guesses(request, response, credentials):
    """The answer to a password that was not looked at, on the pages and at /api/."""
    pause = settings.AXES_COOLOFF_TIME
    message = sentence("too-many-guesses", {"minutes": pause.seconds // 60}, language())
    if request.path.startswith("/api/"):
        body = {"code": "too-many-guesses", "message": message, "refusals": []}
        answer = JsonResponse(body, status=429)
    else:
        context = {"heading": _("Wait before you try again"), "sentence": message}
        answer = render(request, "web/error.html", context, status=429)
    answer["Retry-After"] = str(pause.seconds)
    return answer


@login_not_required
def form_expired(request, reason=""):
    """A form without its token. One that the browser says our own page sent comes back; of others nothing is shown."""
    waiting = UnsentForm.of(request) if request.headers.get("Sec-Fetch-Site") == "same-origin" else None
    if waiting is not None:
        answer = shown_again(request, waiting)
        answer.status_code = 403
        return answer
    request.POST = QueryDict()
    context = {
        "page": request.get_full_path(),
        "heading": _("This form is no longer valid"),
        "sentence": _(
            "It was opened before you last signed in, or cookies are off. Go back, reload the page and send it again."
        ),
    }
    return render(request, "web/error.html", context, status=403)


@login_not_required
def not_found(request, exception):
    context = {
        "heading": _("Not here"),
        "sentence": _("There is no such page, or it was not shared with you. Check the address."),
    }
    return render(request, "web/error.html", context, status=404)
