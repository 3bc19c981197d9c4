"""The heads of the pages of plans, lines and students."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from confianza.cooperation.money import Money, total
from confianza.cooperation.periods import fiscal_year_end, fiscal_year_start
from confianza.cooperation.training_plans.plan import PME, Charge, TrainingListLine, priority_a_cost
from confianza.cooperation.training_plans.process import CourseTaken
from confianza.server.language import format_day, format_money, localized, written
from confianza.server.training_plans.selectors import PlanState, Waiting
from confianza.server.web.summary import (
    Blocked,
    MoneyBar,
    MoneyPart,
    NextAction,
    Summary,
    days_in_words,
    offices_in_words,
    share_of,
)


def _next(actions: Sequence[dict[str, Any]], waits: Iterable[Waiting] = ()) -> NextAction | None:
    """The first step that nothing stands in the way of: of the thing itself, else of what belongs to it."""
    free = [action for action in actions if action["is_main"] and not action["refusals"]]
    for action in sorted(free, key=lambda action: not action["is_mine"]):
        form = action if action["is_mine"] else None
        return NextAction(localized(action["step"].name), action["offices"], action=form)
    for wait in waits:
        return NextAction(f"{localized(wait.step.name)} · {wait.code}", offices_in_words(wait.step.actors))
    return None


def _alike(context: dict[str, Any], actions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the heads of plans, lines and students have alike."""
    return {
        "nothing_next": (
            _("It has ended; nothing is left to do.")
            if context["is_ended"]
            else _("Nothing can be recorded at this point.")
        ),
        "mine": _("Your steps") if context["actions"] or context["other_actions"] else "",
        "blocked": [
            Blocked(
                localized(action["step"].name),
                action["offices"],
                localized(action["refusals"][0].rewritten(written).reason),
            )
            for action in actions
            if action["is_main"] and action["refusals"]
        ],
    }


def with_head(context: dict[str, Any], summary: Summary) -> dict[str, Any]:
    """A page with its head; the step whose form stands there is not listed again."""
    head = summary.next.action if summary.next else None
    return context | {
        "summary": summary,
        **{
            name: [action for action in context[name] if action is not head]
            for name in ("actions", "other_actions")
        },
    }


def _phase(context: dict[str, Any]) -> list[str]:
    current = next((item["phase"] for item in context["phases"] if item["is_current"]), None)
    return [localized(current.name)] if current else []


def plan_head(context: dict[str, Any], state: PlanState, waits: Sequence[Waiting], today: date) -> Summary:
    """What the first screen of a plan says: `waits` are the steps on its lines and students."""
    program, year = state.plan, state.row.fiscal_year
    actions, currency = context["every_action"], program.ceiling.currency
    firm = priority_a_cost(program.imet_lines, currency)
    pme = total([line.cost for line in program.imet_lines if line.category == PME], currency)
    begins, ends = fiscal_year_start(year), fiscal_year_end(year)
    words, day = (
        (_("the fiscal year begins on %(day)s (%(days)s)"), begins)
        if today < begins
        else (_("the fiscal year ends on %(day)s (%(days)s)"), ends)
    )
    dated = (
        words % {"day": format_day(day), "days": days_in_words((day - today).days)} if today <= ends else ""
    )
    parts = [
        MoneyPart(_("priority A"), firm, share_of(firm, program.ceiling)),
        MoneyPart(_("PME of every priority"), pme, share_of(pme, program.ceiling)),
    ]
    left = program.ceiling - firm
    return Summary(
        state=localized(context["edition"].statuses[context["history"].status]),
        notes=[*_phase(context), *([dated] if dated else [])],
        next=None if context["is_ended"] else _next(actions, waits),
        money=MoneyBar(
            amount=program.ceiling,
            name=_("ceiling"),
            parts=sorted(parts, key=lambda part: -part.amount.minor),
            note=_("%(amount)s left after priority A") % {"amount": format_money(left)},
            is_urgent=left.minor < 0,
        ),
        **_alike(context, actions),
    )


def line_head(context: dict[str, Any], line: TrainingListLine, charge: Charge | None, today: date) -> Summary:
    """What the first screen of a line of the training list says."""
    actions = context["every_action"]
    status = context["filled"] if line.is_filled else context["line_statuses"][line.status]
    return Summary(
        state=localized(status),
        notes=[*_phase(context), *_dated(line, today)],
        next=None if context["is_ended"] else _next(actions),
        facts=[(_("Seats taken"), f"{line.taken_count}/{line.student_count}")],
        money=MoneyBar(
            amount=line.cost,
            name=_("cost of all seats"),
            note=_charged([charge] if charge else []),
            is_urgent=charge is not None,
        ),
        **_alike(context, actions),
    )


def student_head(
    context: dict[str, Any], courses: Sequence[CourseTaken], charges: Sequence[Charge], today: date
) -> Summary:
    """What the first screen of a student of a plan says: the course that is next, and no money but charges."""
    actions = context["every_action"]
    now = next((course for course in courses if course.reported_on is None), None)
    facts = [(_("Course"), f"{now.line.wcn} {now.line.course}, {now.line.school}")] if now else []
    return Summary(
        state=localized(context["student_statuses"][context["history"].status]),
        notes=[*_phase(context), *(_dated(now.line, today) if now else [])],
        next=None if context["is_ended"] else _next(actions),
        facts=facts,
        money=MoneyBar(
            amount=total([charge.amount for charge in charges], charges[0].amount.currency),
            name=_("charge of the cancellation"),
            is_urgent=True,
        )
        if charges
        else None,
        **_alike(context, actions),
    )


def _dated(line: TrainingListLine, today: date) -> list[str]:
    """When the next day of a course is: its first, or its last once it has begun."""
    if line.start_date and today < line.start_date:
        words, day = _("begins on %(day)s (%(days)s)"), line.start_date
    elif line.end_date and today <= line.end_date:
        words, day = _("ends on %(day)s (%(days)s)"), line.end_date
    else:
        return []
    return [words % {"day": format_day(day), "days": days_in_words((day - today).days)}]


def _charged(charges: Sequence[Charge]) -> str:
    amounts: list[Money] = [charge.amount for charge in charges]
    return (
        _("charge of the cancellation: %(amount)s") % {"amount": format_money(amounts[0])} if amounts else ""
    )
