"""Gates that the rulebooks of every process use."""

from __future__ import annotations

from typing import Any

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.steps import GateParams, GateResult, StepRequest

Request = StepRequest[Any]


def actor_is_responsible(request: Request, params: GateParams) -> GateResult:
    """The role of the actor, if any, acts for one of the step's offices."""
    actor, step, table = request.actor, request.step, permission_table()
    if actor is None or table.roles[actor.role].acts_for & set(step.actors):
        return None
    offices = join_texts(table.offices[office] for office in step.actors)
    return {"role": table.roles[actor.role].name, "offices": offices}


def earlier_steps_done(request: Request, params: GateParams) -> GateResult:
    """Every step that must come before stands on record."""
    before = request.edition.before(request.step, request.on, request.subject.regime)
    missing = [request.edition.steps[step].name for step in before if not request.subject.record_of(step)]
    return {"missing": join_texts(missing)} if missing else None


def not_done_before(request: Request, params: GateParams) -> GateResult:
    """The step does not stand on record, unless it repeats."""
    earlier = request.subject.record_of(request.step.id)
    return {"on": earlier.on} if earlier and not request.step.repeats else None


def not_before_last_step(request: Request, params: GateParams) -> GateResult:
    """The day is not before that of the last record."""
    last = request.subject.records[-1].on if request.subject.records else request.on
    return {"on": request.on, "last": last} if request.on < last else None


def day_has_come(request: Request, params: GateParams) -> GateResult:
    """The day is not after the one on which the step is recorded."""
    is_to_come = request.today is not None and request.on > request.today
    return {"on": request.on, "today": request.today} if is_to_come else None


def number_at_most(request: Request, params: GateParams) -> GateResult:
    """The count `field` is at most `most`."""
    number = (request.details or {}).get(params["field"])
    is_over = isinstance(number, int) and number > params["most"]
    return {"given": number, "most": params["most"]} if is_over else None
