"""Gates of the training track: named predicates over an attempted step, as those of the case process.

A gate returns None to let the step pass, or the parameters of the reason it refuses with; the words, and what the
gate is set to (`params`), stand in the rulebook. A gate that needs details passes while none are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import Text
from confianza.cooperation.cases.gates import Params, Refusing, acts_for_no_office, day_to_come, joined
from confianza.cooperation.money import Money
from confianza.cooperation.periods import months_later
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.rulebook import Step
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training_plans.plan import (
    PlannedLine,
    TrainingProgram,
    days_of_year,
    late_team,
    priority_a_cost,
    unmet,
    working_group_checks,
)
from confianza.cooperation.training_plans.records import History, line_of


@dataclass(frozen=True)
class Attempt:
    """A step somebody wants to take on a day. `actor` and `details` are None when only asking what is next."""

    history: History
    step: Step
    on: date
    program: TrainingProgram
    today: date
    actor: Actor | None = None
    details: Mapping[str, Value] | None = None
    names: Mapping[str, Text] | None = None  # of the steps of the rulebook

    def detail(self, name: str) -> str:
        """A field as text; empty while it is not given."""
        return str((self.details or {}).get(name, ""))

    @property
    def line(self) -> PlannedLine | None:
        """The line as the step would leave it; None while nothing is known of it."""
        if not self.history.records and self.details is None:
            return None
        changed = replace(self.history, details={**self.history.details, **(self.details or {})})
        known = self.program.line(self.history.code.number)
        return line_of(changed, known.taken_count if known else 0)

    @property
    def others(self) -> list[PlannedLine]:
        """The other lines of the program."""
        return [line for line in self.program.lines if line.wcn != self.history.code.number]

    @property
    def sequence(self) -> list[PlannedLine]:
        """The courses of a student's number."""
        return self.program.sequence(self.history.code.number)


# --- of every rulebook -----------------------------------------------------------------------------------


def _actor_is_responsible(attempt: Attempt, params: Params) -> Refusing:
    return acts_for_no_office(attempt.actor, attempt.step)


def _earlier_steps_done(attempt: Attempt, params: Params) -> Refusing:
    missing = [step for step in attempt.step.after if attempt.history.record_of(step) is None]
    names = attempt.names or {}
    return {"missing": joined([names[step] for step in missing])} if missing else None


def _not_done_before(attempt: Attempt, params: Params) -> Refusing:
    earlier = attempt.history.record_of(attempt.step.id)
    return {"on": earlier.on} if earlier and not attempt.step.repeats else None


def _not_before_last_step(attempt: Attempt, params: Params) -> Refusing:
    last = attempt.history.records[-1].on if attempt.history.records else attempt.on
    return {"on": attempt.on, "last": last} if attempt.on < last else None


def _day_has_come(attempt: Attempt, params: Params) -> Refusing:
    return day_to_come(attempt.on, attempt.today)


def _year_is_open(attempt: Attempt, params: Params) -> Refusing:
    return {"program": attempt.program.code} if attempt.program.is_closed else None


def _status_is(attempt: Attempt, params: Params) -> Refusing:
    """The status is one of `statuses`; the empty one is that of something not begun."""
    return None if attempt.history.status in params["statuses"] else {"status": attempt.history.status or "-"}


# --- programs --------------------------------------------------------------------------------------------


def _checks_are_met(attempt: Attempt, params: Params) -> Refusing:
    """Each of the working group's `checks` is met, or waived."""
    missing = unmet(attempt.program, params["checks"])
    return {"missing": joined([check.name for check in missing])} if missing else None


def _check_is_known(attempt: Attempt, params: Params) -> Refusing:
    checks = [check.id for check in working_group_checks(attempt.program) if check.is_binding]
    given = attempt.detail("check")
    return {"given": given, "known": ", ".join(checks)} if given and given not in checks else None


def _women_within_forces(attempt: Attempt, params: Params) -> Refusing:
    women, forces = (attempt.details or {}).get("women_in_forces"), (attempt.details or {}).get("forces")
    is_wrong = isinstance(women, int) and isinstance(forces, int) and women > forces
    return {"women": women, "forces": forces} if is_wrong else None


def _ceiling_covers_priority_a(attempt: Attempt, params: Params) -> Refusing:
    ceiling = (attempt.details or {}).get("ceiling")
    firm = priority_a_cost(attempt.program.imet_lines)
    if not isinstance(ceiling, Money) or firm <= ceiling:
        return None
    return {"ceiling": ceiling, "firm": firm, "over": firm - ceiling}


def _year_has_ended(attempt: Attempt, params: Params) -> Refusing:
    """No course of the year can begin any more, those of its fifth quarter included where it has any."""
    program = attempt.program
    has_fifth = any(line.is_fifth_quarter and line.is_standing for line in program.lines)
    _first, last = days_of_year(program.fiscal_year, is_fifth_quarter=has_fifth)
    return {"last": last, "on": attempt.on} if attempt.on <= last else None


def _students_are_home(attempt: Attempt, params: Params) -> Refusing:
    count = attempt.program.travelling_count
    return {"count": count} if count else None


# --- lines -----------------------------------------------------------------------------------------------


def _direction_fits(attempt: Attempt, params: Params) -> Refusing:
    """The kind of line runs in its direction, by the table `directions`."""
    line = attempt.line
    if line is None or line.direction in params["directions"].get(line.kind, [line.direction]):
        return None
    return {"kind": line.kind, "directions": ", ".join(params["directions"][line.kind])}


def _school_is_known(attempt: Attempt, params: Params) -> Refusing:
    """The school of a line to the United States is one of the list that lies in one place."""
    line = attempt.line
    known = [code for code, school in schools().items() if school.place is not None]
    if line is None or line.direction != "to-us" or line.school in known:
        return None
    near = get_close_matches(line.school.upper(), known, n=5, cutoff=0.3)
    return {"school": line.school, "known": ", ".join(near) or "-"}


def _dates_in_order(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    if line is None or line.start_date is None or line.end_date is None:
        return None
    days = [line.report_date or line.start_date, line.start_date, line.end_date]
    return None if days == sorted(days) else {"start": line.start_date, "end": line.end_date}


def _starts_within_year(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    if line is None or line.start_date is None:
        return None
    first, last = days_of_year(attempt.program.fiscal_year, is_fifth_quarter=line.is_fifth_quarter)
    return (
        None if first <= line.start_date <= last else {"start": line.start_date, "first": first, "last": last}
    )


def _no_team_in_fifth_quarter(attempt: Attempt, params: Params) -> Refusing:
    start = late_team(attempt.line) if attempt.line else None
    return {"start": start} if start else None


def _women_within_seats(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    if line is None or line.women_count <= line.student_count:
        return None
    return {"women": line.women_count, "seats": line.student_count}


def _seats_cover_students(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    if line is None or line.taken_count <= line.student_count:
        return None
    return {"seats": line.student_count, "taken": line.taken_count}


def _priority_a_within_ceiling(attempt: Attempt, params: Params) -> Refusing:
    """The lines of priority A, with this one, cost no more than the ceiling (SAMM figure C10.F2, item 2)."""
    line = attempt.line
    if line is None or line.priority != "A" or line.program != "imet":
        return None
    firm = [other for other in attempt.others if other.program == "imet" and other.is_standing]
    cost = priority_a_cost([*firm, line], attempt.program.ceiling.currency)
    if cost <= attempt.program.ceiling:
        return None
    return {
        "cost": cost,
        "ceiling": attempt.program.ceiling,
        "over": cost - attempt.program.ceiling,
        "wcn": line.wcn,
    }


def overlap(lines: list[PlannedLine]) -> tuple[PlannedLine, PlannedLine] | None:
    """The first two courses of a sequence of which the later begins before the earlier has ended."""
    for earlier, later in pairwise(lines):
        if earlier.end_date and later.start_date and later.start_date <= earlier.end_date:
            return earlier, later
    return None


def _sequence_in_order(attempt: Attempt, params: Params) -> Refusing:
    """The courses of one number follow one another by their letters, and no two are held at once."""
    line = attempt.line
    lines = attempt.sequence
    if line is not None and attempt.history.code.kind == "line":
        same = [
            other for other in attempt.others if other.number == line.number and other.status != "cancelled"
        ]
        lines = sorted([*same, line], key=lambda item: item.wcn)
    found = overlap(lines)
    if found is None:
        return None
    earlier, later = found
    return {"earlier": earlier.wcn, "end": earlier.end_date, "later": later.wcn, "start": later.start_date}


def _students_keep_a_course(attempt: Attempt, params: Params) -> Refusing:
    """No student has begun the line, and whoever holds a seat on it has another course of the number."""
    line = attempt.program.line(attempt.history.code.number)
    if line is None or not line.taken_count:
        return None
    others = [other for other in attempt.others if other.number == line.number and other.is_standing]
    return None if others and line.wcn not in attempt.program.begun else {"taken": line.taken_count}


def _number_not_under_order(attempt: Attempt, params: Params) -> Refusing:
    """No student of the number has a travel order: what it is for stands."""
    number = attempt.history.code.number[:-1]
    return {"number": number} if number in attempt.program.ordered else None


def _still_takes_students(attempt: Attempt, params: Params) -> Refusing:
    """A line on which students are named stays of its kind and direction."""
    known, line = attempt.program.line(attempt.history.code.number), attempt.line
    if known is None or line is None or not known.taken_count:
        return None
    is_same = (known.kind, known.direction) == (line.kind, line.direction)
    return None if is_same else {"taken": known.taken_count}


# --- students --------------------------------------------------------------------------------------------


def _takes_students(attempt: Attempt, params: Params) -> Refusing:
    """Every line of the number brings the partner's people to the United States, in one of `kinds`."""
    lines = attempt.sequence
    if lines and all(line.kind in params["kinds"] and line.direction == "to-us" for line in lines):
        return None
    return {
        "number": attempt.history.code.number,
        "known": ", ".join(sorted({x.number for x in attempt.program.lines})) or "-",
    }


def _lines_are(attempt: Attempt, params: Params) -> Refusing:
    """Every line of the number has one of `statuses`."""
    wrong = [line.wcn for line in attempt.sequence if line.status not in params["statuses"]]
    return {"lines": ", ".join(wrong)} if wrong else None


def _seat_is_left(attempt: Attempt, params: Params) -> Refusing:
    full = [line.wcn for line in attempt.sequence if not line.free_count]
    return {"lines": ", ".join(full)} if full else None


def _seat_is_held(attempt: Attempt, params: Params) -> Refusing:
    """No line of the number has more students than seats."""
    over = [line.wcn for line in attempt.sequence if line.taken_count > line.student_count]
    return {"lines": ", ".join(over)} if over else None


def _screening_passed(attempt: Attempt, params: Params) -> Refusing:
    """The last record of the step `of` says `passed` and is at most `months` old."""
    record = attempt.history.record_of(params["of"])
    if record is not None and record.details["result"] == "passed":
        until = months_later(record.on, params["months"])
        if attempt.on <= until:
            return None
    return {"on": record.on if record else "-", "months": params["months"]}


def _english_suffices(attempt: Attempt, params: Params) -> Refusing:
    """The last test of English reaches the score of every course that no English course precedes.

    The test is at most `months` old. A waiver (`waiver`) stands for the score.
    """
    needed = 0
    for line in attempt.sequence:
        if line.category == params["english"]:
            break
        needed = max(needed, line.ecl_score or 0)
    if not needed or attempt.history.record_of(params["waiver"]):
        return None
    record = attempt.history.record_of(params["of"])
    score = int(str(record.details["score"])) if record else 0
    is_current = record is not None and attempt.on <= months_later(record.on, params["months"])
    if is_current and score >= needed:
        return None
    return {"score": score if record else "-", "needed": needed, "months": params["months"]}


def _english_before_course(attempt: Attempt, params: Params) -> Refusing:
    """The course begun needs no higher score than the last test reached, unless waived."""
    line = attempt.program.line(attempt.detail("wcn"))
    if line is None or not line.ecl_score or attempt.history.record_of(params["waiver"]):
        return None
    record = attempt.history.record_of(params["of"])
    score = int(str(record.details["score"])) if record else 0
    return None if score >= line.ecl_score else {"wcn": line.wcn, "score": score, "needed": line.ecl_score}


def _before_first_course(attempt: Attempt, params: Params) -> Refusing:
    """The day to report by, where given, and the day of the step come no later than the first course."""
    starts = [line.start_date for line in attempt.sequence if line.start_date]
    if not starts:
        return None
    report = date.fromisoformat(attempt.detail("report_by")) if attempt.detail("report_by") else attempt.on
    latest = max(attempt.on, report)
    return {"day": latest, "start": starts[0]} if latest > starts[0] else None


def _number_at_most(attempt: Attempt, params: Params) -> Refusing:
    given = (attempt.details or {}).get(params["field"])
    is_over = isinstance(given, int) and given > params["most"]
    return {"given": given, "most": params["most"]} if is_over else None


def _course_is_next(attempt: Attempt, params: Params) -> Refusing:
    """The course named by `wcn` is the first of the sequence without an entry in the register."""
    given = attempt.detail("wcn")
    left = [
        line.wcn for line in attempt.sequence if line.wcn not in attempt.history.register(params["register"])
    ]
    if not given or (left and given == left[0]):
        return None
    return {"given": given, "next": left[0] if left else "-"}


def _course_is_begun(attempt: Attempt, params: Params) -> Refusing:
    given = attempt.detail("wcn")
    return {"given": given} if given and given not in attempt.history.register(params["register"]) else None


def _course_is_left(attempt: Attempt, params: Params) -> Refusing:
    begun = attempt.history.register(params["register"])
    return None if any(line.wcn not in begun for line in attempt.sequence) else {}


def _earlier_course_reported(attempt: Attempt, params: Params) -> Refusing:
    """No course begins while the one before has no academic report."""
    begun, reported = attempt.history.register("courses"), attempt.history.register("reports")
    open_ones = [wcn for wcn in begun if wcn not in reported]
    return {"open": ", ".join(open_ones)} if open_ones else None


def _courses_reported(attempt: Attempt, params: Params) -> Refusing:
    reported = attempt.history.register("reports")
    missing = [line.wcn for line in attempt.sequence if line.wcn not in reported]
    return {"missing": ", ".join(missing)} if missing else None


def _in_place_of_known(attempt: Attempt, params: Params) -> Refusing:
    given = attempt.detail("in_place_of")
    free = attempt.program.withdrawn.get(attempt.history.code.number, ())
    return {"given": given, "known": ", ".join(free) or "-"} if given and given not in free else None


GATES: Mapping[str, Callable[[Attempt, Params], Refusing]] = {
    "actor-is-responsible": _actor_is_responsible,
    "earlier-steps-done": _earlier_steps_done,
    "not-done-before": _not_done_before,
    "not-before-last-step": _not_before_last_step,
    "day-has-come": _day_has_come,
    "year-is-open": _year_is_open,
    "status-is": _status_is,
    "checks-are-met": _checks_are_met,
    "check-is-known": _check_is_known,
    "women-within-forces": _women_within_forces,
    "ceiling-covers-priority-a": _ceiling_covers_priority_a,
    "year-has-ended": _year_has_ended,
    "students-are-home": _students_are_home,
    "direction-fits": _direction_fits,
    "school-is-known": _school_is_known,
    "dates-in-order": _dates_in_order,
    "starts-within-year": _starts_within_year,
    "no-team-in-fifth-quarter": _no_team_in_fifth_quarter,
    "women-within-seats": _women_within_seats,
    "seats-cover-students": _seats_cover_students,
    "priority-a-within-ceiling": _priority_a_within_ceiling,
    "sequence-in-order": _sequence_in_order,
    "students-keep-a-course": _students_keep_a_course,
    "number-not-under-order": _number_not_under_order,
    "still-takes-students": _still_takes_students,
    "takes-students": _takes_students,
    "lines-are": _lines_are,
    "seat-is-left": _seat_is_left,
    "seat-is-held": _seat_is_held,
    "screening-passed": _screening_passed,
    "english-suffices": _english_suffices,
    "english-before-course": _english_before_course,
    "before-first-course": _before_first_course,
    "number-at-most": _number_at_most,
    "course-is-next": _course_is_next,
    "course-is-begun": _course_is_begun,
    "course-is-left": _course_is_left,
    "earlier-course-reported": _earlier_course_reported,
    "courses-reported": _courses_reported,
    "in-place-of-known": _in_place_of_known,
}
