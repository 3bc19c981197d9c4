"""Training plans: a step is one transaction, rows are what steps add up to, no word of a person is in the log."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import polars
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.steps import StepRefused
from confianza.cooperation.training_plans.records import holds_seat
from confianza.errors import ConfianzaError
from confianza.server.alumni.models import Student
from confianza.server.alumni.services import (
    enroll_student,
    erase_person,
    export_person,
    record_course,
    share_student,
)
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.people.models import User
from confianza.server.training_plans import exports, models, selectors
from confianza.server.training_plans.services import identity_for_travel_order, take_step
from tests.cooperation.bandaria import ENGLISH, PROGRAM, STAFF_COLLEGE, Book
from tests.searches import search

OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
STATE = Actor("state-reviewer", "state_reviewer")
DEPARTMENT = Actor("case-manager", "case_manager")
COMMAND = Actor("command-overseer", "command_overseer")
LIAISON = Actor("bandaria-liaison", "partner_liaison", "BN")
FOREIGN = Actor("enlace", "partner_liaison", "MX")
LINE = f"{PROGRAM}-1420A"
COURSE = STAFF_COLLEGE | {"ecl_score": "", "seats": "1"}
WHO = Identity("Kuusk (invented)", "Mare", passport_number="X0000099")


def do(code, step, on, actor=OFFICER, version=None, **given):
    return take_step(
        code=code, step=step, on=date.fromisoformat(on), given=given, actor=actor, version=version
    )


def enroll(partner="BN", identity=None, *, is_shared=False, is_simulated=True):
    student = enroll_student(
        partner_code=partner,
        institution_code="bn-army",
        identity=identity,
        is_simulated=is_simulated,
        actor=OFFICER,
    )
    if is_shared:
        share_student(pseudonym=student.pk, is_shared=True, actor=OFFICER)
    return student.pk


def way(student):
    return f"{PROGRAM}-1420-{student}"


def opened(*, is_shared=False):
    do(PROGRAM, "open-program", "2025-06-01", STATE, ceiling="100000.00")
    if is_shared:
        do(PROGRAM, "share-program", "2025-06-01")


def confirmed(code=LINE, **changes):
    do(code, "plan-line", "2025-09-01", **(COURSE | changes))
    do(code, "request-line", "2025-09-01")
    do(code, "confirm-line", "2025-09-01", DEPARTMENT)


def with_seat(student, actor=OFFICER):
    """A program with one confirmed line of one seat, and a student nominated for it."""
    opened(is_shared=True)
    confirmed()
    do(way(student), "nominate", "2026-01-10", actor)


def ordered(student):
    """On from there to the travel order."""
    do(way(student), "screen-security", "2026-05-01", result="passed")
    do(way(student), "screen-human-rights", "2026-05-01", STATE, result="passed")
    do(way(student), "screen-medical", "2026-05-01", result="passed")
    do(
        way(student),
        "issue-travel-order",
        "2026-06-01",
        order_number="BN-6-IMET-1420-77",
        report_by="2026-06-29",
        dependents="A son, Aleksander",
    )


def reported(student, outcome="graduated"):
    """On from there to the last academic report."""
    do(way(student), "record-arrival", "2026-06-29", DEPARTMENT)
    do(way(student), "begin-course", "2026-07-01", DEPARTMENT, wcn="1420A")
    do(way(student), "report-course", "2026-09-20", DEPARTMENT, wcn="1420A", outcome=outcome)


def everything():
    """Every row of the track, and how many events there are."""
    tables = (models.TrainingPlan, models.PlanLine, models.StudentEnrollment, models.StudentRemark)
    return [list(table.objects.order_by("pk").values()) for table in tables], AuditEvent.objects.count()


def refused(code, attempt):
    """The attempt is refused with a code and changes nothing."""
    before = everything()
    with pytest.raises(ConfianzaError) as refusal:
        attempt()
    assert refusal.value.code == code, str(refusal.value)
    assert everything() == before
    return refusal.value


def account(name):
    return User.objects.get(username=name).actor


def waiting(actor, on):
    return selectors.my_waiting_steps(actor, selectors.visible_plans(actor), on)


# --- steps and rows --------------------------------------------------------------------------------


def test_the_first_step_opens_the_row():
    student = enroll()
    with_seat(student)
    program = models.TrainingPlan.objects.get(pk=PROGRAM)
    assert (program.partner_id, program.fiscal_year, program.status) == ("BN", 2026, "drafting")
    assert (program.version, str(program.ceiling), program.is_simulated) == (2, "$100,000.00", True)
    line = models.PlanLine.objects.get(pk=LINE)
    assert (line.plan_id, line.status, line.version, line.school) == (PROGRAM, "confirmed", 3, "CGSC")
    assert (line.start_date, line.seat_count, line.taken_count) == (date(2026, 7, 1), 1, 1)
    track = models.StudentEnrollment.objects.get(pk=way(student))
    assert (track.plan_id, track.student_id, track.status) == (PROGRAM, student, "nominated")


def test_a_step_taken_on_what_changed_meanwhile_is_refused():
    opened()
    confirmed()
    refused("training-changed", lambda: do(LINE, "change-line", "2025-09-02", version=2, seats="3"))
    refused("training-changed", lambda: do(PROGRAM, "agree-program", "2025-09-02", version=0))
    do(LINE, "change-line", "2025-09-02", version=3, seats="3")
    assert models.PlanLine.objects.get(pk=LINE).seat_count == 3


@pytest.mark.parametrize(
    ("code", "step", "expected"),
    [
        ("BN-2031-1420A", "plan-line", "training-unknown"),
        ("BN-2031-1420-S-AAAAAAAA", "nominate", "training-unknown"),
        ("XQ-2031", "open-program", "party-unknown"),
        ("US-2031", "open-program", "training-host"),
        ("BN-20x1", "open-program", "training-code-form"),
        (PROGRAM, "plan-line", "step-unknown"),
    ],
)
def test_what_is_not_there_is_refused(code, step, expected):
    opened()
    refused(expected, lambda: do(code, step, "2025-06-02"))


def test_a_simulated_person_has_no_seat_of_a_real_partner():
    do("MX-2026", "open-program", "2025-06-01", ceiling="100000.00")
    do("MX-2026-1420A", "plan-line", "2025-06-02", **COURSE)
    code = f"MX-2026-1420-{enroll('MX')}"
    refused("training-student-does-not-fit", lambda: do(code, "nominate", "2025-11-10"))


def test_whoever_belongs_to_a_fictional_country_is_simulated():
    assert Student.objects.get(pk=enroll(is_simulated=False)).is_simulated


def test_a_student_who_does_not_fit_the_program_is_not_nominated():
    opened(is_shared=True)
    confirmed()
    erased = enroll()
    erase_person(pseudonym=erased, on=date(2026, 1, 1), actor=OFFICER)
    for name in (enroll("MX", is_simulated=False), erased, "S-AAAAAAAA"):
        refused("training-student-does-not-fit", lambda name=name: do(way(name), "nominate", "2026-01-10"))
    unshared = enroll()
    refused("training-student-does-not-fit", lambda: do(way(unshared), "nominate", "2026-01-10", LIAISON))
    do(way(unshared), "nominate", "2026-01-10")
    gone = {"cause": "partner", "withdraw_reason": "needed"}
    for step, given_ in (("nominate", {}), ("withdraw", gone)):  # nor who is nominated already
        refused(
            "training-student-does-not-fit",
            lambda step=step, g=given_: do(way(unshared), step, "2026-01-11", LIAISON, **g),
        )


def test_a_liaison_learns_no_name_of_a_student_replaced_who_is_not_shared():
    unshared, substitute = enroll(), enroll(is_shared=True)
    with_seat(unshared)
    do(way(unshared), "withdraw", "2026-01-11", cause="partner", withdraw_reason="needed")
    for guess in ("x", unshared):
        error = refused(
            "training-step-refused",
            lambda guess=guess: do(way(substitute), "nominate", "2026-01-12", LIAISON, in_place_of=guess),
        )
        assert "give one of: -." in error.refusals[0].in_language("en")
    do(way(substitute), "nominate", "2026-01-12", in_place_of=unshared)
    history = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM)).of(way(substitute))
    assert selectors.told_to(account("cooperation-officer"), history) == history
    [record] = selectors.told_to(account("bandaria-liaison"), history).records
    assert record.details == {}
    share_student(pseudonym=unshared, is_shared=True, actor=OFFICER)
    assert selectors.told_to(account("bandaria-liaison"), history) == history


@pytest.mark.parametrize("actor", [FOREIGN, LIAISON], ids=["of another country", "of a plan not shared"])
def test_a_liaison_outside_learns_nothing_and_changes_nothing(actor):
    student = enroll(is_shared=True)
    with_seat(student)
    if actor is LIAISON:
        do(PROGRAM, "stop-sharing", "2026-01-11")
    attempts = [
        (PROGRAM, "agree-program", {}),
        (LINE, "agree-line", {}),
        (f"{PROGRAM}-1421A", "propose-line", COURSE),
        (way(student), "withdraw", {"cause": "partner", "withdraw_reason": "needed"}),
        ("BN-2031", "open-program", {"ceiling": "5.00"}),  # nor that there is none
    ]
    for code, step, given_ in attempts:
        refused(
            "training-unknown",
            lambda code=code, step=step, g=given_: do(code, step, "2026-01-12", actor, **g),
        )
    user = account(actor.account)
    for code in (PROGRAM, LINE, way(student)):
        refused("training-unknown", lambda code=code: selectors.visible_code(user, code))
    assert PROGRAM not in {row.pk for row in selectors.visible_plans(user)}
    assert not [found for found in waiting(user, date(2026, 1, 12)) if PROGRAM in found.code]


def test_a_liaison_proposes_and_agrees_in_a_shared_plan():
    shared, unshared = enroll(is_shared=True), enroll()
    opened(is_shared=True)
    confirmed(seats="2")
    do(f"{PROGRAM}-1421A", "propose-line", "2025-09-02", LIAISON, **COURSE)
    do(LINE, "agree-line", "2025-09-02", LIAISON)
    do(PROGRAM, "agree-program", "2025-09-02", LIAISON)
    do(way(shared), "nominate", "2026-01-10", LIAISON)
    do(way(unshared), "nominate", "2026-01-10")
    assert models.PlanLine.objects.get(pk=f"{PROGRAM}-1421A").status == "proposed"
    user, state = (
        account("bandaria-liaison"),
        selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM)),
    )
    assert set(selectors.visible_codes(user, state)) == {PROGRAM, LINE, f"{PROGRAM}-1421A", way(shared)}
    assert selectors.visible_code(user, way(shared))[1].pk == PROGRAM
    refused("training-unknown", lambda: selectors.visible_code(user, way(unshared)))
    refused("step-unknown", lambda: do(LINE, "nominate", "2025-09-03", LIAISON))
    error = refused("training-step-refused", lambda: do(LINE, "change-line", "2025-09-03", LIAISON))
    assert [refusal.rule.id for refusal in error.refusals] == ["line-by-its-office"]


@pytest.mark.parametrize("role", sorted(set(permission_table().roles)))
def test_steps_are_recorded_by_the_roles_of_the_table_only(role):
    opened()
    confirmed()
    attempt = lambda: do(LINE, "change-line", "2025-09-02", Actor("x", role), seats="2")  # noqa: E731
    before = everything()
    if not permission_table().may(role, "record_training_step"):
        refused("not-permitted", attempt)
    elif "sco" in permission_table().roles[role].acts_for:
        attempt()
        assert everything() != before
    else:
        refused("training-unknown" if role == "partner_liaison" else "training-step-refused", attempt)


def test_a_refused_step_leaves_no_row_and_no_event():
    refused("training-step-refused", lambda: do(PROGRAM, "agree-program", "2025-06-01"))
    opened()
    error = refused(
        "training-step-refused",
        lambda: do(LINE, "plan-line", "2025-09-01", **(COURSE | {"school": "NOWHERE"})),
    )
    assert [refusal.rule.gate for refusal in error.refusals] == ["school-is-known"]
    refused(
        "field-not-understood", lambda: do(LINE, "plan-line", "2025-09-01", **(COURSE | {"seats": "none"}))
    )
    confirmed()
    first, second = enroll(), enroll()
    do(way(first), "nominate", "2026-01-10")
    error = refused("training-step-refused", lambda: do(way(second), "nominate", "2026-01-10"))
    assert [refusal.rule.id for refusal in error.refusals] == ["a-seat-is-left"]


@pytest.mark.parametrize("amount", ["9" * 16, "9" * 5000])
def test_an_amount_no_column_holds_is_refused(amount):
    refused("field-not-understood", lambda: do(PROGRAM, "open-program", "2025-06-01", STATE, ceiling=amount))


def test_a_day_at_the_end_of_time_can_be_recorded_and_read():
    student = enroll()
    with_seat(student)
    last = {"on": date.max, "today": date.max}
    take_step(code=way(student), step="screen-security", given={"result": "passed"}, actor=OFFICER, **last)
    assert waiting(account("state-reviewer"), date(9999, 12, 31))


# --- who a student is ---------------------------------------------------------------------------------


def said_in_the_log(student):
    events = AuditEvent.objects.filter(subject__contains=student)
    return json.dumps(list(events.values_list("payload", flat=True)), ensure_ascii=False)


def test_words_about_a_person_stand_in_remarks_and_in_no_event():
    student = enroll(is_shared=True)
    with_seat(student)
    ordered(student)
    assert "Aleksander" not in said_in_the_log(student)
    assert "1420-77" not in said_in_the_log(student)
    assert "2026-06-29" in said_in_the_log(student)  # the day to report by tells of nobody
    remarks = models.StudentRemark.objects.filter(enrollment_id=way(student))
    assert {row.field: row.text for row in remarks} == {
        "order_number": "BN-6-IMET-1420-77",
        "dependents": "A son, Aleksander",
    }
    event = AuditEvent.objects.filter(subject=models.subject(way(student))).last()
    assert {row.event for row in remarks} == {event.sequence}
    state = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM))
    assert state.of(way(student)).text("dependents") == "A son, Aleksander"


def test_erasure_empties_the_remarks_and_the_track_goes_on():
    student = enroll(identity=WHO)
    with_seat(student)
    ordered(student)
    before = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM))
    erase_person(pseudonym=student, on=date(2026, 6, 2), actor=OFFICER)
    assert set(
        models.StudentRemark.objects.filter(enrollment_id=way(student)).values_list("text", flat=True)
    ) == {""}
    after = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM))
    assert after.of(way(student)).status == before.of(way(student)).status == "ordered"
    assert after.plan == before.plan
    do(way(student), "revoke-travel-order", "2026-06-03", revoke_reason="Kuusk is ill")
    remark = models.StudentRemark.objects.get(enrollment_id=way(student), field="revoke_reason")
    assert remark.text == ""
    assert "Kuusk" not in said_in_the_log(student)
    verify_log()


def test_the_export_of_a_person_lists_the_ways_and_the_remarks():
    student = enroll(identity=WHO)
    with_seat(student)
    ordered(student)
    document = export_person(pseudonym=student, actor=OFFICER)
    kinds = [row["kind"] for row in document["records"]]
    assert kinds == [
        "alumni.student",
        "training_plans.studentenrollment",
        *["training_plans.studentremark"] * 2,
    ]
    said = {field["value"] for row in document["records"] for field in row["fields"]}
    assert {way(student), "ordered", "A son, Aleksander"} <= said
    steps = [event["payload"]["step"] for event in document["log"] if event["action"] == selectors.STEP]
    assert steps[0] == "nominate"
    assert steps[-1] == "issue-travel-order"


def test_a_travel_order_is_filled_in_after_a_recorded_look():
    student = enroll(identity=WHO, is_shared=True)
    with_seat(student)
    refused("travel-order-absent", lambda: identity_for_travel_order(code=way(student), actor=OFFICER))
    ordered(student)
    assert identity_for_travel_order(code=way(student), actor=OFFICER) == WHO
    look = AuditEvent.objects.last()
    assert (look.action, look.subject, look.payload) == (
        "identity.look",
        f"student:{student}",
        {"reason": "travel-order"},
    )
    for actor in (DEPARTMENT, LIAISON, COMMAND):
        refused(
            "not-permitted", lambda actor=actor: identity_for_travel_order(code=way(student), actor=actor)
        )
    for code in (PROGRAM, LINE):
        refused("travel-order-absent", lambda code=code: identity_for_travel_order(code=code, actor=OFFICER))
    refused("training-unknown", lambda: identity_for_travel_order(code="BN-2031", actor=OFFICER))
    do(way(student), "withdraw", "2026-06-02", cause="partner", withdraw_reason="needed at home")
    refused("travel-order-absent", lambda: identity_for_travel_order(code=way(student), actor=OFFICER))


def test_a_travel_order_of_somebody_without_an_identity_is_refused():
    student = enroll()
    with_seat(student)
    ordered(student)
    refused("identity-absent", lambda: identity_for_travel_order(code=way(student), actor=OFFICER))


# --- home ----------------------------------------------------------------------------------------------


def courses(student):
    return list(
        Student.objects.get(pk=student).courses.values_list("school", "title", "start_date", "end_date")
    )


@pytest.mark.parametrize("outcome", ["graduated", "honours", "attended"])
def test_a_student_who_is_home_is_an_alumnus_of_the_courses_completed(outcome):
    student = enroll()
    with_seat(student)
    ordered(student)
    reported(student, outcome)
    assert courses(student) == []
    do(way(student), "record-return", "2026-09-25")
    assert courses(student) == [("CGSC", "Command and staff course", date(2026, 7, 1), date(2026, 9, 20))]
    row = Student.objects.get(pk=student).courses.get()
    assert (row.funding, row.source) == ("IMET", LINE)
    assert models.StudentEnrollment.objects.get(pk=way(student)).status == "home"


def test_a_course_one_was_dismissed_from_makes_no_alumnus():
    student = enroll()
    with_seat(student)
    ordered(student)
    reported(student, "dismissed")
    do(way(student), "record-return", "2026-09-25")
    assert courses(student) == []


@pytest.mark.parametrize("actor", [OFFICER, LIAISON, DEPARTMENT])
def test_a_student_withdrawn_in_the_middle_is_an_alumnus_of_the_courses_completed(actor):
    student = enroll(is_shared=True)
    with_seat(student)
    ordered(student)
    reported(student)
    do(way(student), "withdraw", "2026-09-21", actor, cause="unavoidable", withdraw_reason="ill")
    assert [course[0] for course in courses(student)] == ["CGSC"]


def test_a_course_entered_by_hand_is_not_there_twice():
    student = enroll()
    with_seat(student)
    ordered(student)
    reported(student)
    record_course(
        pseudonym=student,
        school="CGSC",
        title="Command and staff course",
        start_date=date(2026, 7, 1),
        end_date=date(2026, 9, 20),
        actor=OFFICER,
    )
    do(way(student), "record-return", "2026-09-25")
    assert len(courses(student)) == 1


def test_nothing_is_added_about_an_erased_person_who_returns():
    student = enroll()
    with_seat(student)
    ordered(student)
    reported(student)
    erase_person(pseudonym=student, on=date(2026, 9, 21), actor=OFFICER)
    do(way(student), "record-return", "2026-09-25")
    assert courses(student) == []
    verify_log()


# --- what the rows tell is what the steps add up to ------------------------------------------------------

NUMBERS = ("1420A", "1420B", "1421A")
LINE_MOVES = [
    ("plan-line", OFFICER, STAFF_COLLEGE | {"ecl_score": ""}),
    ("plan-line", OFFICER, ENGLISH),
    ("propose-line", LIAISON, COURSE),
    ("adopt-line", OFFICER, {"priority": "A"}),
    ("request-line", OFFICER, {}),
    ("confirm-line", DEPARTMENT, {}),
    ("change-line", OFFICER, {"seats": "1"}),
    ("change-line", OFFICER, {"seats": "3", "school": "WHINSEC"}),
    ("cancel-line", OFFICER, {"cause": "partner", "cancel_reason": "no funds"}),
]
STUDENT_MOVES = [
    ("nominate", OFFICER, {}),
    ("nominate", OFFICER, {}),
    ("screen-security", OFFICER, {"result": "passed"}),
    ("screen-human-rights", STATE, {"result": "passed"}),
    ("screen-medical", OFFICER, {"result": "passed"}),
    ("issue-travel-order", OFFICER, {"order_number": "7", "report_by": "2026-02-20", "visa": "A-2"}),
    ("revoke-travel-order", OFFICER, {"revoke_reason": "ill"}),
    ("record-arrival", DEPARTMENT, {}),
    ("withdraw", OFFICER, {"cause": "partner", "withdraw_reason": "needed"}),
]
PROGRAM_MOVES = [
    ("revise-ceiling", STATE, {"ceiling": "60000.00"}),
    ("revise-ceiling", STATE, {"ceiling": "250000.00"}),
    ("share-program", OFFICER, {}),
    ("stop-sharing", OFFICER, {}),
    ("agree-program", OFFICER, {}),
    ("approve-program", COMMAND, {}),
]
MOVE = (
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(LINE_MOVES))
    | st.tuples(st.integers(0, 3), st.sampled_from(STUDENT_MOVES))
    | st.tuples(st.just(""), st.sampled_from(PROGRAM_MOVES))
)


def both_take(book, code, step, on, given_, actor):
    """The step as the library and as the services take it; both or neither."""
    try:
        book.do(code, step, on, given_, actor)
    except StepRefused as error:
        ours = [refusal.rule.id for refusal in error.refusals]
        with pytest.raises(StepRefused) as refusal:
            do(code, step, on, actor, **given_)
        assert [item.rule.id for item in refusal.value.refusals] == ours
        return False
    do(code, step, on, actor, **given_)
    return True


def in_order(program):
    """A program whose lines and withdrawn students stand in the order of their codes."""
    lines = tuple(sorted(program.lines, key=lambda line: line.wcn))
    return replace(
        program, lines=lines, withdrawn={key: sorted(names) for key, names in program.withdrawn.items()}
    )


def rows_are_what_the_steps_add_up_to(book):
    state = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM))
    assert {code: state.of(code) for code in book.subjects} == book.subjects
    assert in_order(state.plan) == in_order(book.plan)
    row = state.row
    assert (row.status, row.version) == (state.history.status, len(state.history.records))
    assert row.ceiling == state.plan.ceiling
    assert row.is_shared == (state.history.record_of("share-program") is not None)
    lines = {line.pk: line for line in row.lines.all()}
    ways = {track.pk: track for track in row.enrollments.all()}
    assert {PROGRAM, *lines, *ways} == set(book.subjects)
    for planned in state.plan.lines:
        line, history = lines[f"{PROGRAM}-{planned.wcn}"], book.of(f"{PROGRAM}-{planned.wcn}")
        assert (line.status, line.version) == (history.status, len(history.records))
        assert (line.seat_count, line.taken_count) == (planned.student_count, planned.taken_count)
        seated = sum(map(holds_seat, state.students_of(planned.wcn_base))) if planned.is_standing else 0
        assert line.taken_count == seated
        assert (line.school, line.start_date) == (planned.school, planned.start_date)
    for code, track in ways.items():
        assert (track.status, track.version) == (book.of(code).status, len(book.of(code).records))


@search(full=12, quick=4)
@given(moves=st.lists(MOVE, min_size=10, max_size=25))
def test_the_rows_are_what_the_recorded_steps_add_up_to(moves):
    with transaction.atomic():
        book, day = Book(prominence_on=date(2026, 3, 2)), date(2025, 9, 1)
        people = [enroll(is_shared=True) for _ in range(4)]
        assert both_take(book, PROGRAM, "open-program", "2025-06-01", {"ceiling": "150000.00"}, STATE)
        assert both_take(book, PROGRAM, "share-program", "2025-06-01", {}, OFFICER)
        for step, actor in (("plan-line", OFFICER), ("request-line", OFFICER), ("confirm-line", DEPARTMENT)):
            given_ = ENGLISH if step == "plan-line" else {}
            assert both_take(book, f"{PROGRAM}-1420A", step, "2025-08-01", given_, actor)
        for about, (step, actor, given_) in moves:
            if actor is LIAISON and not models.TrainingPlan.objects.get(pk=PROGRAM).is_shared:
                continue
            day += timedelta(days=1)
            code = (
                PROGRAM if about == "" else f"{PROGRAM}-{about}" if about in NUMBERS else way(people[about])
            )
            both_take(book, code, step, day.isoformat(), given_, actor)
        rows_are_what_the_steps_add_up_to(book)
        transaction.set_rollback(True)


def test_the_way_of_a_student_from_nomination_to_return_is_what_the_library_says():
    book, student = Book(prominence_on=date(2026, 3, 2)), enroll(is_shared=True)
    steps = [
        (PROGRAM, "open-program", "2025-06-01", {"ceiling": "150000.00"}, STATE),
        (LINE, "plan-line", "2025-09-01", COURSE, OFFICER),
        (LINE, "request-line", "2025-09-01", {}, OFFICER),
        (LINE, "confirm-line", "2025-09-01", {}, DEPARTMENT),
        (way(student), "nominate", "2026-01-10", {}, OFFICER),
        (way(student), "screen-security", "2026-05-01", {"result": "passed"}, OFFICER),
        (way(student), "screen-human-rights", "2026-05-01", {"result": "passed"}, STATE),
        (way(student), "screen-medical", "2026-05-01", {"result": "passed"}, OFFICER),
        (
            way(student),
            "issue-travel-order",
            "2026-06-01",
            {"order_number": "7", "report_by": "2026-06-29"},
            OFFICER,
        ),
        (way(student), "record-arrival", "2026-06-29", {}, DEPARTMENT),
        (way(student), "begin-course", "2026-07-01", {"wcn": "1420A"}, DEPARTMENT),
        (way(student), "report-course", "2026-09-20", {"wcn": "1420A", "outcome": "honours"}, DEPARTMENT),
        (way(student), "record-return", "2026-09-25", {}, OFFICER),
        (way(student), "follow-up", "2026-10-25", {"activity": "Teaches at the staff college"}, OFFICER),
    ]
    for code, step, on, given_, actor in steps:
        assert both_take(book, code, step, on, given_, actor)
        rows_are_what_the_steps_add_up_to(book)


def test_every_simulated_program_is_what_its_steps_add_up_to_and_somebody_is_to_act():
    programs = models.TrainingPlan.objects.all()
    assert {row.pk for row in programs} == {"BN-2027", "BN-2028"}
    for row in programs:
        state = selectors.plan_state(row)
        for line in state.plan.lines:
            kept = models.PlanLine.objects.get(pk=f"{row.pk}-{line.wcn}")
            assert (kept.status, kept.taken_count) == (line.status, line.taken_count)
    on = date(2026, 11, 28)
    pending = {name: waiting(account(name), on) for name in ("cooperation-officer", "enlace")}
    assert "adopt-line" in {found.step.id for found in pending["cooperation-officer"]}
    assert pending["enlace"] == []
    assert {found.step.id for found in waiting(account("bandaria-liaison"), on)} == {"agree-program"}


# --- the list as a file ------------------------------------------------------------------------------------


def listed(form):
    state = selectors.plan_state(models.TrainingPlan.objects.get(pk="BN-2027"))
    content = io.BytesIO(b"".join(exports.list_parts(form, state)))
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.getvalue().decode("utf-8-sig"))))
    if form == "xlsx":
        head, *rows = openpyxl.load_workbook(content).worksheets[0].values
        return [dict(zip(head, row, strict=True)) for row in rows]
    return polars.read_parquet(content).to_dicts()


@pytest.mark.parametrize("form", exports.FORMATS)
def test_the_file_of_a_training_list_holds_every_line(form):
    rows = {row["wcn"]: row for row in listed(form)}
    codes = models.PlanLine.objects.filter(plan_id="BN-2027").values_list("pk", flat=True)
    assert {f"BN-2027-{wcn}" for wcn in rows} == set(codes)
    assert set(rows["1001A"]) == set(exports.COLUMNS)
    line = rows["1001B"]
    assert (line["school"], line["category"], line["status"]) == ("CGSC", "pme", "confirmed")
    assert (int(line["seat_count"]), int(line["taken_count"]), float(line["cost"])) == (2, 2, 130_000.0)
    assert str(line["start_date"])[:10] == "2027-01-11"


def test_a_free_number_follows_the_last_one_used():
    state = selectors.plan_state(models.TrainingPlan.objects.get(pk="BN-2027"))
    assert selectors.free_number(state) == "1010A"


def test_a_free_number_is_found_where_the_last_one_is_used():
    opened()
    confirmed(f"{PROGRAM}-9999A")
    state = selectors.plan_state(models.TrainingPlan.objects.get(pk=PROGRAM))
    assert selectors.free_number(state) == "0000A"
