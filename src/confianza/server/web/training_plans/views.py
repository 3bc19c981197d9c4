"""Pages of the training track: plans of a partner and year, their lines, students on the way."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import SUBJECT
from confianza.cooperation.training_plans.combined_plan import combined_plan
from confianza.cooperation.training_plans.plan import (
    PME,
    TrainingPlan,
    training_rules,
    working_group_checks,
)
from confianza.cooperation.training_plans.process import (
    courses_taken,
    line_charge,
    options_of,
    rulebook,
    withdrawal_charges,
)
from confianza.cooperation.training_plans.records import RecordKind, TrainingRecord, read_code
from confianza.cooperation.training_plans.travel_order import order_record, travel_order
from confianza.reports.tables import FORMATS
from confianza.server.alumni.selectors import visible_students
from confianza.server.chosen_partnership import of_chosen
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.training_plans import exports, selectors, services
from confianza.server.web.access import form_of, permitted
from confianza.server.web.step_forms import StepForm, posted_step
from confianza.server.web.submit import submit
from confianza.server.web.training_plans.forms import NominateForm, OpenForm
from confianza.server.web.training_plans.steps import (
    action_of,
    common,
    may_begin,
    offices_of,
    parents_of,
    shown,
    visible_or_404,
)
from confianza.server.web.training_plans.summary import line_head, plan_head, student_head, with_head

ON_A_PAGE = 50


@permitted("view_shared_training_plan")
def plans(
    request: AccountRequest,
    refusal: dict[str, Any] | None = None,
    form: OpenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = (
        of_chosen(request, selectors.visible_plans(request.user.actor))
        .annotate(line_count=Count("lines", distinct=True))
        .order_by("partner_id", "-fiscal_year")
    )
    seats = dict(rows.values_list("pk").annotate(Sum("lines__seat_count")))
    students = dict(rows.values_list("pk").annotate(Count("enrollments", distinct=True)))
    context = {
        "rows": [{"row": row, "seats": seats[row.pk] or 0, "students": students[row.pk]} for row in rows],
        "statuses": rulebook(RecordKind.PLAN).statuses,
        "sees_all": request.user.may("view_training_plans"),
        "opening": rulebook(RecordKind.PLAN).steps["open-program"],
        "form": (form or OpenForm()) if may_begin(request.user, RecordKind.PLAN, "open-program") else None,
        "refusal": refusal,
    }
    return render(request, "training_plans/plans.html", context, status=status)


@form_of("training-plans")
@permitted("record_training_step")
def plan_open(request: AccountRequest) -> HttpResponse:
    form = OpenForm(request.POST)
    code = f"{request.POST.get('partner', '')}-{request.POST.get('fiscal_year', '').strip()}"

    def take(actor: Actor, on: date, ceiling: str, **_of_code: str) -> None:
        services.take_step(code=code, step="open-program", on=on, given={"ceiling": ceiling}, actor=actor)

    done = _recorded(request, RecordKind.PLAN, "open-program", code)
    return submit(request, form, take, partial(plans, request, form=form), done)


def _recorded(
    request: AccountRequest, kind: RecordKind, step: str, code: str
) -> Callable[[Any], HttpResponse]:
    """What follows a recorded step: its page, which says so."""

    def done(_result: Any) -> HttpResponse:
        name = localized(rulebook(kind).steps[step].name)
        messages.success(request, _("Recorded: %(step)s.") % {"step": name}, extra_tags="good")
        return redirect("training-plan", code)

    return done


@permitted("view_shared_training_plan")
def track(request: AccountRequest, code: str) -> HttpResponse:
    asked, state = visible_or_404(request, code)
    return _page(request, asked, state)


def _page(
    request: AccountRequest,
    asked: Any,
    state: selectors.PlanState,
    *,
    refusal: dict[str, Any] | None = None,
    step: str = "",
    given: dict[str, str] | None = None,
    form: NominateForm | None = None,
    part: Any = "",
    status: int = 200,
) -> HttpResponse:
    page = {RecordKind.PLAN: _program_page, RecordKind.LINE: _line_page, RecordKind.STUDENT: _student_page}[
        asked.kind
    ]
    history = state.of(asked.text)
    context = common(request, state, history, step, given, refusal, part) | {"form": form}
    return page(request, state, context, status)


def _amounts(program: TrainingPlan) -> list[tuple[str, Money]]:
    """What the standing lines of IMET cost by priority, PME among them, and what is left of the ceiling."""
    lines, currency = program.imet_lines, program.ceiling.currency
    priorities = options_of(RecordKind.LINE, "priority")

    def cost(of: Callable[..., bool]) -> Money:
        return total([line.cost for line in lines if of(line)], currency)

    firm = cost(lambda line: line.priority == "A")
    return [
        (_("Ceiling"), program.ceiling),
        *(
            (localized(name), cost(lambda line, key=key: line.priority == key))
            for key, name in priorities.items()
        ),
        (_("PME of every priority"), cost(lambda line: line.category == PME)),
        (_("Left of the ceiling after priority A"), program.ceiling - firm),
    ]


def _students_seen(request: AccountRequest, state: selectors.PlanState) -> list[Any]:
    """The students of the state that the person may see, in the order of their numbers."""
    rows = selectors.visible_enrollments(request.user.actor, state.row)
    return [row for row in rows if row.pk in state.students]


def _numbers(state: selectors.PlanState) -> list[dict[str, Any]]:
    """The numbers a student can be nominated for, with the seats left on each."""
    params = next(
        rule.params for rule in rulebook(RecordKind.STUDENT).rules if rule.id == "number-for-students"
    )
    found: dict[str, list[Any]] = {}
    for line in state.plan.lines:
        if line.is_standing and line.direction == "to-us" and line.kind in params["kinds"]:
            found.setdefault(line.wcn_base, []).append(line)
    return [
        {"number": number, "lines": lines, "free": min(line.free_count for line in lines)}
        for number, lines in sorted(found.items())
    ]


def _program_page(
    request: AccountRequest, state: selectors.PlanState, context: dict[str, Any], status: int
) -> HttpResponse:
    today = timezone.localdate()
    seen = _students_seen(request, state)
    codes = [*state.lines, *(row.pk for row in seen)]
    waits = selectors.waiting_steps(state, codes, permission_table().offices, today)
    of_part = {
        "overview": _overview,
        "lines": _lines,
        "students": _students,
        "checks": _checks,
    }.get(context["part"])
    context = with_head(context, plan_head(context, state, waits, today)) | {
        "forms": exports.FORMATS,
    }
    if of_part is not None:
        context |= of_part(request, state, seen, waits, context["form"])
    return render(request, "training_plans/plan.html", context, status=status)


def _overview(
    request: AccountRequest, state: selectors.PlanState, seen: Any, waits: Any, _form: Any
) -> dict[str, Any]:
    offices = offices_of(request.user)
    mine = [wait for wait in waits if offices & set(wait.step.actors)]
    return {"waits": mine[:ON_A_PAGE], "more_waits": len(mine[ON_A_PAGE:])}


def _checks(
    request: AccountRequest, state: selectors.PlanState, seen: Any, waits: Any, _form: Any
) -> dict[str, Any]:
    return {
        "checks": [
            {"check": check, "is_waived": check.id in state.plan.waived}
            for check in working_group_checks(state.plan)
        ],
        "amounts": _amounts(state.plan),
    }


def _lines(
    request: AccountRequest, state: selectors.PlanState, seen: Any, waits: Any, _form: Any
) -> dict[str, Any]:
    return {
        "lines": [
            {"line": line, "code": f"{state.row.code}-{line.wcn}", "is_filled": line.is_filled}
            for line in sorted(state.plan.lines, key=lambda line: line.wcn)
        ],
        "may_add": _line_step(request.user) is not None and state.row.status != "closed",
    }


def _students(
    request: AccountRequest, state: selectors.PlanState, seen: Any, waits: Any, form: NominateForm | None
) -> dict[str, Any]:
    people = visible_students(request.user.actor).filter(
        partner_id=state.row.partner_id, is_simulated=state.row.is_simulated, erased_on=None
    )
    may_nominate = may_begin(request.user, RecordKind.STUDENT, "nominate")
    numbers = [found for found in _numbers(state) if found["free"]] if may_nominate else []
    nominees = [(person.pk, person.name) for person in people.order_by("pk")] if numbers else []
    if nominees:
        there = {row.student_id for row in seen}
        form = form or NominateForm()
        form.offer(
            numbers=[(found["number"], _number_text(found)) for found in numbers],
            students=nominees,
            withdrawn=[name for names in state.plan.withdrawn.values() for name in names if name in there],
        )
    page = Paginator(seen, ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "students": page,
        "page": page,
        "hidden_count": len(state.students) - len(seen),
        "form": form if nominees else None,
        "lacks_nominees": bool(numbers) and not nominees,
    }


def _number_text(found: dict[str, Any]) -> str:
    """A number with its courses and the seats left."""
    return f"{found['number']} · {', '.join(line.course for line in found['lines'])} ({found['free']})"


def _line_page(
    request: AccountRequest, state: selectors.PlanState, context: dict[str, Any], status: int
) -> HttpResponse:
    history, today = context["history"], timezone.localdate()
    number = history.code.wcn
    line = next(line for line in state.plan.lines if line.wcn == number)
    sequence = [other for other in state.plan.sequence(line.wcn_base) if other.wcn != number]
    charge = line_charge(history)
    context = with_head(context, line_head(context, line, charge, today)) | {
        "line": line,
        "pairs": [
            (localized(field.label), shown(history.details[field.name], field))
            for field in rulebook(RecordKind.LINE).steps["plan-line"].fields
            if field.name in history.details and field.name not in ("course", "school")
        ],
        "sequence": [(f"{state.row.code}-{other.wcn}", other) for other in sequence],
        "students": _students_seen(request, state),
        "charge": charge,
    }
    return render(request, "training_plans/line.html", context, status=status)


def _student_page(
    request: AccountRequest, state: selectors.PlanState, context: dict[str, Any], status: int
) -> HttpResponse:
    history, today = context["history"], timezone.localdate()
    code = history.code
    way = state.row.enrollments.select_related("student").get(pk=code.text)
    outcomes = options_of(RecordKind.STUDENT, "outcome")
    courses = courses_taken(history, state.plan)
    charges = withdrawal_charges(history, state.plan, state.students_of(code.wcn_base))
    head = student_head(context, courses, [charge for _line, charge in charges], today)
    context = with_head(context, head) | {
        "student": way.student,
        "courses": [
            {
                "code": f"{state.row.code}-{course.line.wcn}",
                "line": course.line,
                "begun_on": course.begun_on,
                "outcome": outcomes.get(course.outcome),
                "reported_on": course.reported_on,
            }
            for course in courses
        ],
        "charges": charges,
        "may_order": request.user.may("see_identity")
        and history.record_of("issue-travel-order") is not None
        and history.status != "withdrawn",
    }
    return render(request, "training_plans/student.html", context, status=status)


@form_of("training-plan", "code")
@permitted("record_training_step")
def track_step(request: AccountRequest, code: str, step: str) -> HttpResponse:
    asked, state = visible_or_404(request, code)

    def take(actor: Actor) -> Any:
        services.take_step(code=code, step=step, actor=actor, **posted_step(request))

    page = partial(_page, request, asked, state, step=step, given=request.POST)
    known = rulebook(asked.kind).steps.get(step)
    done = _recorded(request, asked.kind, step, code)
    return submit(request, None, take, page, done, asked=known.fields if known else ())


def _line_step(user: Any) -> str | None:
    """The step with which a person begins a line: the office plans it, the partner proposes it."""
    for step in ("plan-line", "propose-line"):
        if may_begin(user, RecordKind.LINE, step):
            return step
    return None


@permitted("record_training_step")
def line_add(request: AccountRequest, code: str) -> HttpResponse:
    """A new line of the training list."""
    asked, state = visible_or_404(request, code)
    step = _line_step(request.user)
    if asked.kind is not RecordKind.PLAN or step is None:
        raise Http404(code)
    if request.method != "POST":
        return _line_add_page(request, state, step)
    line = f"{code}-{request.POST.get(SUBJECT, '').strip()}"

    def take(actor: Actor) -> Any:
        services.take_step(code=line, step=step, actor=actor, **posted_step(request))

    page = partial(_line_add_page, request, state, step, given=request.POST)
    done = _recorded(request, RecordKind.LINE, step, line)
    return submit(request, None, take, page, done, asked=rulebook(RecordKind.LINE).steps[step].fields)


def _line_add_page(
    request: AccountRequest,
    state: selectors.PlanState,
    step: str,
    *,
    given: dict[str, str] | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    number = selectors.free_number(state)
    history = TrainingRecord(read_code(f"{state.row.code}-{number}"))
    context = {
        "program_row": state.row,
        "parents": parents_of(state.row),
        "refusal": refusal,
        "given": given or {SUBJECT: number},
        "wcn_pattern": training_rules()["wcn"]["pattern"],
        "action": action_of(
            request,
            state,
            history,
            rulebook(RecordKind.LINE).steps[step],
            StepForm(step, given, refusal) if given else StepForm(),
            today=timezone.localdate(),
        )
        | {"url": reverse("line-add", args=[state.row.code])},
    }
    return render(request, "training_plans/line_add.html", context, status=status)


@form_of("training-plan", "code")
@permitted("record_training_step")
def nominate(request: AccountRequest, code: str) -> HttpResponse:
    """A student for the courses of a number."""
    asked, state = visible_or_404(request, code)
    if asked.kind is not RecordKind.PLAN:
        raise Http404(code)
    form = NominateForm(request.POST)
    student = f"{code}-{request.POST.get('number', '')}-{request.POST.get('student', '')}"

    def take(actor: Actor, on: date, in_place_of: str, **_of_code: str) -> None:
        given = {"in_place_of": in_place_of}
        services.take_step(code=student, step="nominate", on=on, given=given, actor=actor)

    page = partial(_page, request, asked, state, form=form, part="students")
    return submit(request, form, take, page, _recorded(request, RecordKind.STUDENT, "nominate", student))


@permitted("view_shared_training_plan")
def combined(request: AccountRequest, code: str) -> HttpResponse:
    """The combined education and training program plan: the budget year, and its planning year beside it."""
    asked, state = visible_or_404(request, code)
    if asked.kind is not RecordKind.PLAN:
        raise Http404(code)
    following = selectors.visible_plans(request.user.actor).filter(
        partner_id=state.row.partner_id, fiscal_year=state.row.fiscal_year + 1
    )
    years = [state, *map(selectors.plan_state, following)]
    sections = zip(*(combined_plan(year.plan) for year in years), strict=True)
    context = {
        "program_row": state.row,
        "parents": parents_of(state.row),
        "years": years,
        "sections": [
            {
                "name": parts[0].name,
                "years": [
                    {"row": year.row, "section": part} for year, part in zip(years, parts, strict=True)
                ],
            }
            for parts in sections
        ],
        "amounts": _amounts_side_by_side(years),
        "checks": _checks_side_by_side(years),
        "statuses": rulebook(RecordKind.PLAN).statuses,
        "line_statuses": rulebook(RecordKind.LINE).statuses,
        "report_query": urlencode({"partner": state.row.partner_id, "on": timezone.localdate().isoformat()}),
    }
    return render(request, "training_plans/combined.html", context)


def _amounts_side_by_side(years: list[Any]) -> list[tuple[str, list[Money]]]:
    tables = [_amounts(year.plan) for year in years]
    return [(name, [table[place][1] for table in tables]) for place, (name, _amount) in enumerate(tables[0])]


def _checks_side_by_side(years: list[Any]) -> list[dict[str, Any]]:
    found = zip(*(working_group_checks(year.plan) for year in years), strict=True)
    return [
        {
            "check": checks[0],
            "years": [
                {"check": check, "is_waived": check.id in year.plan.waived}
                for year, check in zip(years, checks, strict=True)
            ],
        }
        for checks in found
    ]


@permitted("view_shared_training_plan")
def plan_file(request: AccountRequest, code: str, form: str) -> HttpResponseBase:
    """The training list as a file."""
    asked, state = visible_or_404(request, code)
    if asked.kind is not RecordKind.PLAN or form not in exports.FORMATS:
        raise Http404(code)
    answer = StreamingHttpResponse(exports.list_parts(form, state), content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="{code}.{form}"'
    return answer


@form_of("training-plan", "code")
@permitted("see_identity")
def order(request: AccountRequest, code: str) -> HttpResponse:
    """The travel order of a student, filled in; the look at the identity is on record."""
    asked, state = visible_or_404(request, code)
    if asked.kind is not RecordKind.STUDENT:
        raise Http404(code)
    identity = partial(services.identity_for_travel_order, code=code)
    page = partial(_page, request, asked, state)
    return submit(request, None, identity, page, partial(_order_page, request, code, state))


def _order_page(
    request: AccountRequest, code: str, state: selectors.PlanState, identity: Identity
) -> HttpResponse:
    history = state.of(code)
    issued = order_record(history)
    fields = travel_order(
        history,
        state.plan,
        identity,
        country=BilingualText.of(state.row.partner.name),
        issued_by=issued.actor.account,
    )
    context = {
        "code": code,
        "parents": [*parents_of(state.row), (reverse("training-plan", args=[code]), code)],
        "program_row": state.row,
        "fields": [
            (localized(item.name), [value.in_language(language()) for value in item.values])
            for item in fields
        ],
    }
    answer = render(request, "training_plans/travel_order.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
