"""Gates on a training plan: its checks, its ceiling, its year."""

from __future__ import annotations

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import GateParams, GateResult
from confianza.cooperation.training_plans.gates.request import TrainingRequest
from confianza.cooperation.training_plans.plan import (
    days_of_year,
    priority_a_cost,
    unmet,
    working_group_checks,
)


def status_is(request: TrainingRequest, params: GateParams) -> GateResult:
    """The status is one of `statuses`; the empty one is that of something not begun."""
    return None if request.subject.status in params["statuses"] else {"status": request.subject.status or "-"}


def year_is_open(request: TrainingRequest, params: GateParams) -> GateResult:
    """The plan is not closed."""
    return {"program": request.plan.code} if request.plan.is_closed else None


def checks_are_met(request: TrainingRequest, params: GateParams) -> GateResult:
    """Each of the working group's `checks` is met, or waived."""
    missing = unmet(request.plan, params["checks"])
    return {"missing": join_texts([check.name for check in missing])} if missing else None


def check_is_known(request: TrainingRequest, params: GateParams) -> GateResult:
    """The field `check` names one of the working group's checks that bind."""
    checks = [check.id for check in working_group_checks(request.plan) if check.is_binding]
    check = request.detail("check")
    return {"given": check, "known": ", ".join(checks)} if check and check not in checks else None


def women_within_forces(request: TrainingRequest, params: GateParams) -> GateResult:
    """No more women than personnel are counted in the armed forces."""
    women, forces = (request.details or {}).get("women_in_forces"), (request.details or {}).get("forces")
    is_wrong = isinstance(women, int) and isinstance(forces, int) and women > forces
    return {"women": women, "forces": forces} if is_wrong else None


def ceiling_covers_priority_a(request: TrainingRequest, params: GateParams) -> GateResult:
    """The ceiling is no less than the lines of priority A cost."""
    ceiling = (request.details or {}).get("ceiling")
    firm = priority_a_cost(request.plan.imet_lines)
    if not isinstance(ceiling, Money) or firm <= ceiling:
        return None
    return {"ceiling": ceiling, "firm": firm, "over": firm - ceiling}


def year_has_ended(request: TrainingRequest, params: GateParams) -> GateResult:
    """No course of the year can begin any more, those of its fifth quarter included where it has any."""
    plan = request.plan
    has_fifth = any(line.is_fifth_quarter and line.is_standing for line in plan.lines)
    _first, last = days_of_year(plan.fiscal_year, is_fifth_quarter=has_fifth)
    return {"last": last, "on": request.on} if request.on <= last else None


def students_are_home(request: TrainingRequest, params: GateParams) -> GateResult:
    """No student is between travel order and return."""
    count = request.plan.traveling_count
    return {"count": count} if count else None
