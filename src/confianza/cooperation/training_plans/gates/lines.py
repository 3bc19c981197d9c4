"""Gates on a line of the training list: its school, its dates, its seats, its cost."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise

from confianza.cooperation.process.steps import GateParams, GateResult
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training_plans.gates.request import TrainingRequest
from confianza.cooperation.training_plans.plan import (
    TrainingListLine,
    days_of_year,
    late_team,
    priority_a_cost,
)
from confianza.cooperation.training_plans.records import RecordKind


def direction_fits(request: TrainingRequest, params: GateParams) -> GateResult:
    """The kind of line runs in its direction, by the table `directions`."""
    line = request.line
    if line is None or line.direction in params["directions"].get(line.kind, [line.direction]):
        return None
    return {"kind": line.kind, "directions": ", ".join(params["directions"][line.kind])}


def school_is_known(request: TrainingRequest, params: GateParams) -> GateResult:
    """The school of a line to the United States is one of the list that lies in one place."""
    line = request.line
    known = [code for code, school in schools().items() if school.place is not None]
    if line is None or line.direction != "to-us" or line.school in known:
        return None
    near = get_close_matches(line.school.upper(), known, n=5, cutoff=0.3)
    return {"school": line.school, "known": ", ".join(near) or "-"}


def dates_in_order(request: TrainingRequest, params: GateParams) -> GateResult:
    """The day to report by, the first day and the last follow one another."""
    line = request.line
    if line is None or line.start_date is None or line.end_date is None:
        return None
    days = [line.report_date or line.start_date, line.start_date, line.end_date]
    return None if days == sorted(days) else {"start": line.start_date, "end": line.end_date}


def starts_within_year(request: TrainingRequest, params: GateParams) -> GateResult:
    """The line begins in the fiscal year of the plan, or in its fifth quarter."""
    line = request.line
    if line is None or line.start_date is None:
        return None
    first, last = days_of_year(request.plan.fiscal_year, is_fifth_quarter=line.is_fifth_quarter)
    return (
        None if first <= line.start_date <= last else {"start": line.start_date, "first": first, "last": last}
    )


def no_team_in_fifth_quarter(request: TrainingRequest, params: GateParams) -> GateResult:
    """No mobile team begins in the fifth quarter."""
    start = late_team(request.line) if request.line else None
    return {"start": start} if start else None


def women_within_seats(request: TrainingRequest, params: GateParams) -> GateResult:
    """No more seats are for women than there are seats."""
    line = request.line
    if line is None or line.women_count <= line.student_count:
        return None
    return {"women": line.women_count, "seats": line.student_count}


def seats_cover_students(request: TrainingRequest, params: GateParams) -> GateResult:
    """The line keeps a seat for every student on it."""
    line = request.line
    if line is None or line.taken_count <= line.student_count:
        return None
    return {"seats": line.student_count, "taken": line.taken_count}


def priority_a_within_ceiling(request: TrainingRequest, params: GateParams) -> GateResult:
    """The lines of priority A, with this one, cost no more than the ceiling (SAMM figure C10.F2, item 2)."""
    line = request.line
    if line is None or line.priority != "A" or line.program != "imet":
        return None
    others = [other for other in request.plan.imet_lines if other.wcn != line.wcn]
    cost = priority_a_cost([*others, line], request.plan.ceiling.currency)
    if cost <= request.plan.ceiling:
        return None
    return {
        "cost": cost,
        "ceiling": request.plan.ceiling,
        "over": cost - request.plan.ceiling,
        "wcn": line.wcn,
    }


def _overlap(lines: list[TrainingListLine]) -> tuple[TrainingListLine, TrainingListLine] | None:
    """The first two courses of a sequence of which the later begins before the earlier has ended."""
    for earlier, later in pairwise(lines):
        if earlier.end_date and later.start_date and later.start_date <= earlier.end_date:
            return earlier, later
    return None


def sequence_in_order(request: TrainingRequest, params: GateParams) -> GateResult:
    """The courses of one number follow one another by their letters, and no two are held at once."""
    lines = request.sequence
    if request.subject.code.kind is RecordKind.LINE:
        line = request.line
        if line is None:
            return None
        lines = sorted([*_others(request, line), line], key=lambda item: item.wcn)
    overlapping = _overlap(lines)
    if overlapping is None:
        return None
    earlier, later = overlapping
    return {"earlier": earlier.wcn, "end": earlier.end_date, "later": later.wcn, "start": later.start_date}


def _others(request: TrainingRequest, line: TrainingListLine) -> list[TrainingListLine]:
    return [other for other in request.sequence if other.wcn != line.wcn]


def students_keep_a_course(request: TrainingRequest, params: GateParams) -> GateResult:
    """No student has begun the line, and whoever holds a seat on it has another course of the number."""
    line = request.known_line
    if line is None or not line.taken_count:
        return None
    has_other = any(other.is_standing for other in _others(request, line))
    return None if has_other and line.wcn not in request.plan.begun else {"taken": line.taken_count}


def number_not_under_order(request: TrainingRequest, params: GateParams) -> GateResult:
    """No student of the number has a travel order: what it is for stands."""
    wcn_base = request.subject.code.wcn_base
    return {"number": wcn_base} if wcn_base in request.plan.ordered else None


def still_takes_students(request: TrainingRequest, params: GateParams) -> GateResult:
    """A line on which students are named stays of its kind and direction."""
    known, line = request.known_line, request.line
    if known is None or line is None or not known.taken_count:
        return None
    is_same = (known.kind, known.direction) == (line.kind, line.direction)
    return None if is_same else {"taken": known.taken_count}
