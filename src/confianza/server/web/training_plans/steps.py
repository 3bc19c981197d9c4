"""Steps of plans, lines and students: what each asks, what was recorded, what the pages of all three share."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Field
from confianza.cooperation.process.rulebook import Step
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training_plans.plan import FILLED, working_group_checks
from confianza.cooperation.training_plans.process import is_done, next_actions, options_of, rulebook
from confianza.cooperation.training_plans.records import Code, RecordKind, TrainingRecord
from confianza.errors import RuleRefusal
from confianza.server.alumni.selectors import visible_students
from confianza.server.language import format_day, format_money, localized
from confianza.server.requests import AccountRequest
from confianza.server.training_plans import selectors
from confianza.server.web.parts import part_of, parts
from confianza.server.web.record import Recorded, record_context
from confianza.server.web.step_forms import StepForm, field_input
from confianza.server.web.summary import offices_in_words

ENDED = ("closed", "cancelled", "withdrawn")  # statuses after which nothing is left to do
PARTS = {
    RecordKind.PLAN: {
        "overview": gettext_lazy("Overview"),
        "lines": gettext_lazy("Training list"),
        "students": gettext_lazy("Students"),
        "checks": gettext_lazy("Checks and money"),
        "record": gettext_lazy("Record"),
    },
    RecordKind.LINE: {"overview": gettext_lazy("Overview"), "record": gettext_lazy("Record")},
    RecordKind.STUDENT: {"overview": gettext_lazy("Overview"), "record": gettext_lazy("Record")},
}


def offices_of(user: Any) -> frozenset[str]:
    return user.actor.offices_for("record_training_step")


def may_begin(user: Any, kind: RecordKind, step: str) -> bool:
    return bool(offices_of(user) & set(rulebook(kind).steps[step].actors))


def visible_or_404(request: AccountRequest, code: str) -> tuple[Code, selectors.PlanState]:
    try:
        asked, row = selectors.visible_code(request.user.actor, code)
    except RuleRefusal as error:
        raise Http404(code) from error
    return asked, selectors.state_around(row, asked)


def _field(
    request: AccountRequest, state: selectors.PlanState, history: TrainingRecord, field: Field, value: str
) -> dict[str, Any]:
    """One field of a step; what may be chosen comes from the program."""
    if field.name == "wcn":
        lines = state.plan.sequence(history.code.wcn_base)
        choices = [(line.wcn, f"{line.wcn} {line.course}") for line in lines]
        return field_input(field, value, choices=choices)
    if field.name == "in_place_of":
        free = state.plan.withdrawn.get(history.code.wcn_base, ())
        seen = visible_students(request.user.actor).filter(pk__in=free).values_list("pk", flat=True)
        return field_input(field, value, choices=[(name, name) for name in seen])
    if field.name == "check":
        checks = working_group_checks(state.plan)
        return field_input(
            field, value, choices=[(check.id, localized(check.name)) for check in checks if check.is_binding]
        )
    known = list(schools()) if field.name == "school" else ()
    return field_input(field, value, known=known)


def action_of(
    request: AccountRequest,
    state: selectors.PlanState,
    history: TrainingRecord,
    step: Step,
    form: StepForm,
    *,
    refusals: Sequence[Any] = (),
    today: date,
) -> dict[str, Any]:
    """A step with its form."""
    fields = [
        _field(request, state, history, field, form.value(step.id, field.name)) for field in step.fields
    ]
    return {
        "step": step,
        "refusals": refusals,
        "offices": offices_in_words(step.actors),
        "url": reverse("training-plan-step", args=[history.code.text, step.id]),
        "is_mine": bool(offices_of(request.user) & set(step.actors)),
        "is_main": not step.is_optional and not is_done(history, step),
        "is_ready": True,
        **form.shown(step.id, fields, today),
    }


def parents_of(row: Any) -> list[tuple[str, str]]:
    """The plan above a page of one of its lines or students."""
    return [(reverse("training-plan", args=[row.code]), row.code)]


def _actions(
    request: AccountRequest, state: selectors.PlanState, history: TrainingRecord, form: StepForm
) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [
        action_of(request, state, history, action.step, form, refusals=action.refusals, today=today)
        for action in next_actions(history, on=today, plan=state.plan)
    ]


def shown(value: Any, field: Field) -> str:
    """A recorded value in words."""
    if isinstance(value, Money):
        return format_money(value)
    if field.type == "date":
        return format_day(date.fromisoformat(value))
    return localized(field.options[value]) if value in field.options else str(value)


def _record(history: TrainingRecord) -> list[Recorded]:
    """Every step of a history, newest first."""
    edition = rulebook(history.code.kind)
    events = selectors.step_events(history.code.text)
    return [
        _recorded(event, taken, edition.steps[taken.step])
        for event, taken in reversed(list(zip(events, history.records, strict=True)))
    ]


def _recorded(event: Any, taken: Any, step: Step) -> Recorded:
    def in_words() -> str:
        return "; ".join(
            f"{localized(field.label)}: {shown(taken.details[field.name], field)}"
            for field in step.fields
            if taken.details.get(field.name) not in (None, "")
        )

    return Recorded(event, step.id, localized(step.name), taken.on, in_words)


def _phases(history: TrainingRecord) -> list[dict[str, Any]]:
    """The phases of a rulebook with the day each was completed; the first that was not is the current one."""
    edition = rulebook(history.code.kind)
    done = [(phase, history.on(phase.completed_by)) for phase in edition.phases]
    current = None if history.status in ENDED else next((phase for phase, on in done if on is None), None)
    return [{"phase": phase, "on": on, "is_current": phase is current} for phase, on in done]


def common(
    request: AccountRequest,
    state: selectors.PlanState,
    history: TrainingRecord,
    step: str,
    given: Any,
    refusal: dict[str, Any] | None,
    part: str = "",
) -> dict[str, Any]:
    """What the pages of plans, lines and students share."""
    kind = history.code.kind
    actions = _actions(request, state, history, StepForm(step, given or {}, refusal))
    mine = [action for action in actions if action["is_mine"]]
    part = part or ("overview" if step else part_of(request, PARTS[kind]))
    record = record_context(request, _record(selectors.told_to(request.user.actor, history)))
    return (record if part == "record" else {}) | {
        "row": {"version": len(history.records)},
        "code": history.code.text,
        "parents": [] if kind is RecordKind.PLAN else parents_of(state.row),
        "part": part,
        "parts": parts(PARTS[kind], part, reverse("training-plan", args=[history.code.text])),
        "refusal": None if any(action["is_open"] for action in mine) else refusal,
        "program_row": state.row,
        "program": state.plan,
        "history": history,
        "edition": rulebook(kind),
        "phases": _phases(history),
        "every_action": actions,
        "actions": [action for action in mine if action["is_main"]],
        "other_actions": [action for action in mine if not action["is_main"]],
        "waiting": [action for action in actions if not action["is_mine"] and action["is_main"]],
        "is_ended": history.status in ENDED,
        "line_statuses": rulebook(RecordKind.LINE).statuses,
        "student_statuses": rulebook(RecordKind.STUDENT).statuses,
        "options": {
            name: options_of(RecordKind.LINE, name)
            for name in (
                "priority",
                "program",
                "kind",
                "direction",
                "category",
                "level",
                "implementing_agency",
            )
        },
        "filled": FILLED,
        "schools": {code: school.name for code, school in schools().items()},
    }
