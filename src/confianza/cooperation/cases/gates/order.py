"""Gates on the order of a case's steps, who records them and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.process.steps import GateParams, GateResult


def case_is_open(request: CaseRequest, params: GateParams) -> GateResult:
    """The last phase is not completed."""
    last = request.case.record_of(request.edition.path[-1].completed_by)
    return {"on": last.on} if last else None


def parent_is_approved(request: CaseRequest, params: GateParams) -> GateResult:
    """The project of the case, where it has one, is approved."""
    return None if request.case.is_approved_above else {"case": request.case.identifier}


def step_is_in_force(request: CaseRequest, params: GateParams) -> GateResult:
    """The step is in force on its day, under the regime of the funds."""
    step = request.step
    if step.in_force(request.on, request.case.regime):
        return None
    return {"step": step.name, "on": request.on, "from": step.from_date or "…", "to": step.to_date or "…"}


def not_after(request: CaseRequest, params: GateParams) -> GateResult:
    """Not once the step `of` stands; but, where they are named, between the records of `start` and `end`."""
    later = request.case.record_of(params["of"])
    if later is None or ("start" in params and only_while(request, params) is None):
        return None
    return {"on": later.on}


def not_while(request: CaseRequest, params: GateParams) -> GateResult:
    """Not between the records of `start` and `end`."""
    start = request.case.record_of(params["start"])
    return {"since": start.on} if start and request.case.record_of(params["end"]) is None else None


def only_while(request: CaseRequest, params: GateParams) -> GateResult:
    """Only between the records of `start` and `end`."""
    start = request.case.record_of(params["start"])
    return None if start and request.case.record_of(params["end"]) is None else {"step": request.step.name}


def within_hours(request: CaseRequest, params: GateParams) -> GateResult:
    """At most `hours` after the record of `of`, by the instants `at` of both."""
    earlier = request.case.record_of(params["of"])
    if earlier is None or not request.detail("at"):
        return None
    start, end = (
        datetime.fromisoformat(str(details["at"])) for details in (earlier.details, request.details or {})
    )
    if (start.tzinfo is None) != (end.tzinfo is None):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if timedelta(0) <= end - start <= timedelta(hours=params["hours"]):
        return None
    return {"start": start.isoformat(" "), "at": end.isoformat(" "), "hours": params["hours"]}


def instant_is_on_day(request: CaseRequest, params: GateParams) -> GateResult:
    """The instant `at` is on the day of the step."""
    at = request.detail("at")
    if not at or datetime.fromisoformat(at).date() == request.on:
        return None
    return {"at": at, "on": request.on}


def second_person(request: CaseRequest, params: GateParams) -> GateResult:
    """The account is not the one that recorded `of`."""
    earlier = request.case.record_of(params["of"])
    if request.actor is None or earlier is None or earlier.actor.account != request.actor.account:
        return None
    return {"account": request.actor.account, "step": request.edition.steps[params["of"]].name}
