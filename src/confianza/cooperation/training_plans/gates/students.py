"""Gates on a student's enrollment: the seat, the screenings, English, the courses one after the other."""

from __future__ import annotations

from datetime import date

from confianza.cooperation.periods import months_later
from confianza.cooperation.process.steps import GateParams, GateResult
from confianza.cooperation.training_plans.gates.request import TrainingRequest


def takes_students(request: TrainingRequest, params: GateParams) -> GateResult:
    """Every line of the number brings the partner's people to the United States, in one of `kinds`."""
    lines = request.sequence
    if lines and all(line.kind in params["kinds"] and line.direction == "to-us" for line in lines):
        return None
    known = sorted({line.wcn_base for line in request.plan.lines})
    return {"number": request.subject.code.wcn_base, "known": ", ".join(known) or "-"}


def lines_are(request: TrainingRequest, params: GateParams) -> GateResult:
    """Every line of the number has one of `statuses`."""
    wrong = [line.wcn for line in request.sequence if line.status not in params["statuses"]]
    return {"lines": ", ".join(wrong)} if wrong else None


def seat_is_left(request: TrainingRequest, params: GateParams) -> GateResult:
    """Every line of the number has a free seat."""
    full = [line.wcn for line in request.sequence if not line.free_count]
    return {"lines": ", ".join(full)} if full else None


def seat_is_held(request: TrainingRequest, params: GateParams) -> GateResult:
    """No line of the number has more students than seats."""
    over = [line.wcn for line in request.sequence if line.taken_count > line.student_count]
    return {"lines": ", ".join(over)} if over else None


def in_place_of_known(request: TrainingRequest, params: GateParams) -> GateResult:
    """The student replaced has withdrawn from the number and nobody took the seat."""
    replaced = request.detail("in_place_of")
    free = request.plan.withdrawn.get(request.subject.code.wcn_base, ())
    return {"given": replaced, "known": ", ".join(free) or "-"} if replaced and replaced not in free else None


def screening_passed(request: TrainingRequest, params: GateParams) -> GateResult:
    """The last record of the step `of` says `passed` and is at most `months` old."""
    record = request.subject.record_of(params["of"])
    if record is not None and record.details["result"] == "passed":
        until = months_later(record.on, params["months"])
        if request.on <= until:
            return None
    return {"on": record.on if record else "-", "months": params["months"]}


def english_suffices(request: TrainingRequest, params: GateParams) -> GateResult:
    """The last test of English reaches the score of every course that no English course precedes.

    The test is at most `months` old. A waiver (`waiver`) stands for the score.
    """
    needed = 0
    for line in request.sequence:
        if line.category == params["english"]:
            break
        needed = max(needed, line.ecl_score or 0)
    if not needed or request.subject.record_of(params["waiver"]):
        return None
    record = request.subject.record_of(params["of"])
    score = int(str(record.details["score"])) if record else 0
    is_current = record is not None and request.on <= months_later(record.on, params["months"])
    if is_current and score >= needed:
        return None
    return {"score": score if record else "-", "needed": needed, "months": params["months"]}


def english_before_course(request: TrainingRequest, params: GateParams) -> GateResult:
    """The course begun needs no higher score than the last test reached, unless waived."""
    line = request.plan.line(request.detail("wcn"))
    if line is None or not line.ecl_score or request.subject.record_of(params["waiver"]):
        return None
    record = request.subject.record_of(params["of"])
    score = int(str(record.details["score"])) if record else 0
    return None if score >= line.ecl_score else {"wcn": line.wcn, "score": score, "needed": line.ecl_score}


def before_first_course(request: TrainingRequest, params: GateParams) -> GateResult:
    """The day to report by, where submitted, and the day of the step come no later than the first course."""
    starts = [line.start_date for line in request.sequence if line.start_date]
    if not starts:
        return None
    report = date.fromisoformat(request.detail("report_by")) if request.detail("report_by") else request.on
    latest = max(request.on, report)
    return {"day": latest, "start": starts[0]} if latest > starts[0] else None


def course_is_next(request: TrainingRequest, params: GateParams) -> GateResult:
    """The course named by `wcn` is the first of the sequence without an entry in the register."""
    wcn = request.detail("wcn")
    left = [
        line.wcn for line in request.sequence if line.wcn not in request.subject.register(params["register"])
    ]
    if not wcn or (left and wcn == left[0]):
        return None
    return {"given": wcn, "next": left[0] if left else "-"}


def course_is_begun(request: TrainingRequest, params: GateParams) -> GateResult:
    """The course named by `wcn` has an entry in the register."""
    wcn = request.detail("wcn")
    return {"given": wcn} if wcn and wcn not in request.subject.register(params["register"]) else None


def course_is_left(request: TrainingRequest, params: GateParams) -> GateResult:
    """A course of the number has no entry in the `register`."""
    begun = request.subject.register(params["register"])
    return None if any(line.wcn not in begun for line in request.sequence) else {}


def earlier_course_reported(request: TrainingRequest, params: GateParams) -> GateResult:
    """No course begins while the one before has no academic report."""
    begun, reported = request.subject.register("courses"), request.subject.register("reports")
    open_ones = [wcn for wcn in begun if wcn not in reported]
    return {"open": ", ".join(open_ones)} if open_ones else None


def courses_reported(request: TrainingRequest, params: GateParams) -> GateResult:
    """Every course of the number has an academic report."""
    reported = request.subject.register("reports")
    missing = [line.wcn for line in request.sequence if line.wcn not in reported]
    return {"missing": ", ".join(missing)} if missing else None
