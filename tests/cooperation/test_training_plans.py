"""Training plans: what the working group asks, what a canceled seat costs, and what stands before each step."""

from datetime import date, timedelta

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from confianza.cooperation.money import Money
from confianza.cooperation.periods import months_later
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import FIELD_TYPES
from confianza.cooperation.process.steps import StepRefused
from confianza.cooperation.training import Category, PmeLevel
from confianza.cooperation.training_plans.gates import GATES
from confianza.cooperation.training_plans.plan import (
    TrainingListLine,
    TrainingPlan,
    cancellation_charge,
    pme_share_by_students,
    working_group_checks,
)
from confianza.cooperation.training_plans.process import (
    next_actions,
    replay,
    rulebook,
    steps_to_take,
    withdrawal_charges,
)
from confianza.cooperation.training_plans.records import RecordKind, read_code
from confianza.errors import RuleRefusal
from tests.cooperation.bandaria import (
    ACTORS,
    COMMAND,
    DEPARTMENT,
    ENGLISH,
    LIAISON,
    OFFICER,
    PROGRAM,
    STAFF_COLLEGE,
    STATE,
    confirm,
    opened,
)
from tests.searches import search

LINE = f"{PROGRAM}-1420A"
STUDENT = f"{PROGRAM}-1420-S-AAAA"
OTHER = f"{PROGRAM}-1420-S-BBBB"


def refused(book, code, step, on, given=None, actor=OFFICER):
    """The ids of the rules that refuse a step."""
    with pytest.raises(StepRefused) as error:
        book.do(code, step, on, given, actor)
    assert code in str(error.value)
    return {refusal.rule.id for refusal in error.value.refusals}


# --- rulebooks -------------------------------------------------------------------------------------------


def test_every_gate_stands_before_some_step_and_every_step_has_somebody():
    used = {rule.gate for kind in RecordKind for rule in rulebook(kind).rules}
    assert used == set(GATES)
    acting = set().union(*(role.acts_for for role in permission_table().roles.values()))
    for kind in RecordKind:
        for step in rulebook(kind).steps.values():
            assert set(step.actors) <= acting
            assert all(field.type in FIELD_TYPES for field in step.fields)


def test_what_is_said_of_a_student_in_words_is_personal():
    fields = [field for step in rulebook(RecordKind.STUDENT).steps.values() for field in step.fields]
    assert all(field.is_personal for field in fields if field.type == "text")
    assert {"order_number", "withdraw_reason"} <= {field.name for field in fields if field.is_personal}


def test_categories_and_levels_are_those_of_the_record():
    fields = {field.name: field for field in rulebook(RecordKind.LINE).steps["plan-line"].fields}
    assert set(fields["category"].options) == set(Category) - {"unmatched"}
    assert set(fields["level"].options) == set(PmeLevel)


@pytest.mark.parametrize(
    "code",
    ["BN", "BN-26", "BN-0001", "BN-２０２６", "bn-2026", "BN-2026-14", "BN-2026-1420AB", "BN-2026-1420-"],
)
def test_a_code_of_another_form_is_refused(code):
    with pytest.raises(RuleRefusal, match="BN-2026-1420A"):
        read_code(code)


def test_a_code_says_what_it_is_of():
    assert read_code("BN-2026").kind is RecordKind.PLAN
    assert read_code("BN-2026-1420A").wcn == "1420A"
    student = read_code("BN-2026-1420-S-AB2C")
    assert (student.kind, student.wcn_base, student.student) == (RecordKind.STUDENT, "1420", "S-AB2C")


# --- F17 and F18: the working group ------------------------------------------------------------------------

CEILING = Money.parse("10000.00")


def check_of(name, lines, ceiling=CEILING, **known):
    program = TrainingPlan(PROGRAM, "BN", 2026, ceiling, tuple(lines), **known)
    return next(check for check in working_group_checks(program) if check.id == name)


def line(cost, category="pme", priority="B", seats=1, **more):
    return TrainingListLine(priority, category, seats, Money.parse(cost), **more)


@pytest.mark.parametrize(("cost", "is_met"), [("5000.00", True), ("4999.99", False)])
def test_f17_pme_is_at_least_half_of_the_ceiling_in_dollars(cost, is_met):
    lines = [line(cost), line("100", "technical", seats=9)]
    assert check_of("pme", lines).is_met is is_met
    assert pme_share_by_students(lines) == 0.1
    by_students = check_of("pme-students", lines)
    assert (by_students.figure, by_students.is_met, by_students.is_binding) == (0.1, False, False)


@pytest.mark.parametrize(("cost", "is_met"), [("10000.00", True), ("10000.01", False)])
def test_f18_priority_a_is_at_most_the_ceiling(cost, is_met):
    assert check_of("priority-a", [line(cost, priority="A")]).is_met is is_met


def test_f18_a_ceiling_of_nothing_is_refused():
    with pytest.raises(RuleRefusal, match="not above zero"):
        check_of("pme", [], Money(0))


def test_priority_b_is_for_pme_and_e_imet_and_never_a_late_mobile_team():
    assert check_of("priority-b", [line("1"), line("1", "e-imet")]).is_met
    assert check_of("priority-b", [line("1", "technical"), line("1", "english-language")]).figure == 2
    late = line("1", "e-imet", kind="mobile-team", is_fifth_quarter=True, start_date=date(2026, 10, 5))
    assert not check_of("priority-b", [late]).is_met


def test_only_lines_of_the_list_that_imet_pays_count():
    lines = [line("1", priority="D", status=status) for status in ("proposed", "cancelled")]
    lines.append(line("1", priority="D", program="fms"))
    assert check_of("priority-d", lines).is_met
    assert not check_of("priority-d", [line("1", priority="D")]).is_met


def test_the_share_of_women_is_told_beside_that_of_the_forces():
    check = check_of("women", [line("1", seats=8, women_count=2)], women_in_forces_share=0.125)
    assert (check.figure, check.limit, check.is_met) == (0.25, 0.125, True)
    assert not check_of("women", [line("1", seats=8)]).is_met


@given(st.lists(st.tuples(st.sampled_from("ABD"), st.sampled_from(list(Category)), st.integers(0, 10**7))))
def test_shares_are_exact_in_cents(rows):
    """The referee is integer arithmetic: twice the PME cents against the ceiling."""
    lines = [TrainingListLine(priority, category, 1, Money(minor)) for priority, category, minor in rows]
    pme = sum(minor for _, category, minor in rows if category is Category.PME)
    assert check_of("pme", lines).is_met == (2 * pme >= CEILING.minor)
    firm = sum(minor for priority, _, minor in rows if priority == "A")
    assert check_of("priority-a", lines).is_met == (firm <= CEILING.minor)


# --- what a canceled seat costs (SAMM C10.15.1) ------------------------------------------------------------

COURSE = line(
    "25000", tuition=Money.parse("20000.01"), start_date=date(2026, 7, 1), end_date=date(2026, 7, 10)
)
DEDICATED = line("1", tuition=Money.parse("20000.01"), start_date=date(2026, 7, 1), is_dedicated=True)


@pytest.mark.parametrize(
    ("of", "on", "cause", "refilled", "amount"),
    [
        (COURSE, date(2026, 5, 2), "partner", 0, "0.00"),  # 60 days before
        (COURSE, date(2026, 5, 3), "partner", 0, "20000.01"),  # 59 days: half of two tuitions
        (COURSE, date(2026, 5, 3), "partner", 1, "10000.01"),  # half a cent is rounded up
        (COURSE, date(2026, 5, 3), "partner", 2, "0.00"),
        (COURSE, date(2026, 5, 3), "united-states", 0, "0.00"),
        (COURSE, date(2026, 6, 30), "visa", 0, "0.00"),
        (DEDICATED, date(2026, 1, 1), "partner", 0, "40000.02"),
        (DEDICATED, date(2026, 1, 1), "unavoidable", 0, "0.00"),
        (COURSE, date(2026, 7, 3), "partner", 1, "6000.00"),  # three of ten days: 6000.003
        (COURSE, date(2027, 1, 1), "partner", 1, "20000.01"),
    ],
)
def test_a_canceled_seat_costs_what_the_manual_says(of, on, cause, refilled, amount):
    charge = cancellation_charge(of, on=on, cause=cause, seat_count=2, refilled_count=refilled)
    assert charge.amount == Money.parse(amount)


# --- programs ------------------------------------------------------------------------------------------------


def test_a_plan_goes_from_its_ceiling_to_the_end_of_the_year():
    book = opened()
    confirm(book, "1420A", STAFF_COLLEGE)
    text = {"section": "host-objectives", "text": "Staff officers for joint commands"}
    book.do(PROGRAM, "write-section", "2025-09-02", text, LIAISON)
    book.do(PROGRAM, "agree-program", "2025-09-03", actor=LIAISON)
    book.do(PROGRAM, "approve-program", "2025-09-04", actor=COMMAND)
    held = (PROGRAM, "hold-working-group", "2025-09-05", {"conclusions": "Two seats more"}, COMMAND)
    assert refused(book, *held) == {"prominence-before-the-working-group"}
    book.prominence_on = date(2025, 5, 31)  # a report of before the year was opened
    assert refused(book, *held) == {"prominence-before-the-working-group"}
    book.prominence_on = date(2025, 9, 5)
    book.do(*held)
    assert refused(book, PROGRAM, "close-program", "2026-09-30") == {"close-after-the-year"}
    book.do(PROGRAM, "close-program", "2026-10-01")
    assert book.of(PROGRAM).status == "closed"
    assert book.plan.sections == {"host-objectives": "Staff officers for joint commands"}
    assert "program-while-open" in refused(book, PROGRAM, "share-program", "2026-10-02")


def test_nothing_is_planned_changed_or_sent_in_a_closed_year():
    book = nominated()
    book.do(PROGRAM, "agree-program", "2025-10-02")
    book.do(PROGRAM, "approve-program", "2025-10-03", actor=COMMAND)
    book.prominence_on = date(2025, 10, 3)
    book.do(PROGRAM, "hold-working-group", "2025-10-04", {"conclusions": "None"}, COMMAND)
    book.do(PROGRAM, "close-program", "2026-10-01")
    line, student = {"line-while-the-year-is-open"}, {"travel-while-the-year-is-open"}
    assert refused(book, LINE, "change-line", "2026-10-02", {"seats": "3"}) == line
    assert refused(book, f"{PROGRAM}-1500A", "plan-line", "2026-10-02", STAFF_COLLEGE) == line
    assert refused(book, OTHER, "nominate", "2026-10-02") == student
    assert refused(book, STUDENT, "screen-medical", "2026-10-02", {"result": "passed"}) == student
    assert next_actions(book.of(LINE), on=date(2026, 10, 2), plan=book.plan) == []
    book.do(STUDENT, "withdraw", "2026-10-02", {"cause": "partner", "withdraw_reason": "Not sent"})


def test_a_year_with_lines_in_its_fifth_quarter_stays_open_through_it():
    book = opened()
    confirm(book, "1420A", STAFF_COLLEGE)
    late = STAFF_COLLEGE | {"fifth_quarter": "yes", "start_date": "2026-11-02", "end_date": "2027-03-01"}
    book.do(f"{PROGRAM}-1430A", "plan-line", "2025-09-01", late | {"priority": "B"})
    book.do(PROGRAM, "agree-program", "2025-09-03", actor=LIAISON)
    book.do(PROGRAM, "approve-program", "2025-09-04", actor=COMMAND)
    book.prominence_on = date(2025, 9, 5)
    book.do(PROGRAM, "hold-working-group", "2025-09-05", {"conclusions": "None"}, COMMAND)
    assert refused(book, PROGRAM, "close-program", "2026-12-31") == {"close-after-the-year"}
    book.do(PROGRAM, "close-program", "2027-01-01")


def test_a_plan_with_less_than_half_in_pme_is_approved_only_when_that_is_waived():
    book = opened("100000.02")
    confirm(book, "1420A", STAFF_COLLEGE)  # 50,000.00: 49.99999 percent
    book.do(PROGRAM, "agree-program", "2025-09-03")
    approval = (PROGRAM, "approve-program", "2025-09-04", None, COMMAND)
    assert refused(book, *approval) == {"approval-after-the-checks"}
    waiver = {"check": "pme-students", "waiver_reason": "x"}
    assert refused(book, PROGRAM, "waive-check", "2025-09-04", waiver, STATE) == {"waiver-of-a-check"}
    book.do(PROGRAM, "waive-check", "2025-09-04", waiver | {"check": "pme"}, STATE)
    book.do(*approval)


def test_a_ceiling_does_not_fall_below_the_firm_lines():
    book = opened()
    confirm(book, "1420A", STAFF_COLLEGE)
    lower = (PROGRAM, "revise-ceiling", "2025-10-01")
    assert refused(book, *lower, {"ceiling": "49999.99"}) == {"ceiling-covers-firm-lines"}
    book.do(*lower, {"ceiling": "50000.00"})
    women = {"women_in_forces": "11", "forces": "10", "forces_source": "x"}
    assert refused(book, PROGRAM, "record-women", "2025-10-02", women) == {"women-among-personnel"}


# --- lines ---------------------------------------------------------------------------------------------------


def test_a_proposal_of_the_partner_counts_once_adopted():
    book = opened()
    assert refused(book, LINE, "propose-line", "2025-09-01", STAFF_COLLEGE) == {"line-by-its-office"}
    book.do(LINE, "propose-line", "2025-09-01", STAFF_COLLEGE | {"priority": "D"}, LIAISON)
    assert book.plan.imet_lines == []
    assert "nominated-for-listed-lines" in refused(book, STUDENT, "nominate", "2025-09-01", actor=LIAISON)
    book.do(LINE, "adopt-line", "2025-09-02", {"priority": "A"})
    assert [(item.wcn, item.priority) for item in book.plan.imet_lines] == [("1420A", "A")]
    book.do(LINE, "agree-line", "2025-09-03", actor=LIAISON)
    offered = {
        action.step.id
        for action in next_actions(book.of(LINE), on=date(2025, 9, 4), plan=book.plan, actor=OFFICER)
    }
    assert offered == {"change-line", "request-line", "cancel-line"}


def test_f18_no_line_of_priority_a_goes_beyond_the_ceiling():
    book = opened("50000.00")
    confirm(book, "1420A", STAFF_COLLEGE)
    more = STAFF_COLLEGE | {"seats": "1", "tuition": "0.01", "allowance": ""}
    ceiling = {"priority-a-within-the-ceiling"}
    assert refused(book, f"{PROGRAM}-1500A", "plan-line", "2025-09-02", more) == ceiling
    book.do(f"{PROGRAM}-1500A", "plan-line", "2025-09-02", more | {"priority": "B"})
    assert refused(book, f"{PROGRAM}-1500A", "change-line", "2025-09-03", {"priority": "A"}) == ceiling
    assert refused(book, LINE, "change-line", "2025-09-03", {"seats": "3"}) == ceiling
    book.do(f"{PROGRAM}-1500A", "change-line", "2025-09-03", {"priority": "A", "program": "fms"})


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"start_date": "2026-10-01", "end_date": "2026-10-30"}, "line-within-year"),
        ({"start_date": "2025-09-30"}, "line-within-year"),
        ({"start_date": "2027-01-01", "end_date": "2027-02-01", "fifth_quarter": "yes"}, "line-within-year"),
        ({"end_date": "2026-06-30"}, "line-days"),
        ({"report_date": "2026-07-02"}, "line-days"),
        ({"school": "CGS"}, "line-school"),
        ({"women": "3"}, "women-among-seats"),
        ({"kind": "mobile-team"}, "line-direction"),
        (
            {
                "kind": "mobile-team",
                "direction": "to-partner",
                "fifth_quarter": "yes",
                "start_date": "2026-11-01",
                "end_date": "2026-11-05",
            },
            "no-team-in-the-fifth-quarter",
        ),
    ],
)
def test_a_line_that_cannot_be_is_refused(changes, rule):
    book = opened()
    assert refused(book, LINE, "plan-line", "2025-09-01", STAFF_COLLEGE | changes) == {rule}
    book.do(LINE, "plan-line", "2025-09-01", STAFF_COLLEGE)
    assert refused(book, LINE, "change-line", "2025-09-02", changes) == {rule}


def test_a_line_in_the_fifth_quarter_is_taken():
    book = opened()
    late = {"fifth_quarter": "yes", "start_date": "2026-12-31", "end_date": "2027-03-01"}
    book.do(LINE, "plan-line", "2025-09-01", STAFF_COLLEGE | late)
    assert book.plan.lines[0].is_fifth_quarter


def test_the_courses_of_a_number_do_not_overlap():
    book = opened()
    book.do(LINE, "plan-line", "2025-09-01", STAFF_COLLEGE)
    before = ENGLISH | {"start_date": "2026-09-20", "end_date": "2026-09-30", "priority": "B"}
    overlap = {"sequence-without-overlap"}
    assert refused(book, f"{PROGRAM}-1420B", "plan-line", "2025-09-02", before) == overlap
    book.do(f"{PROGRAM}-1420B", "plan-line", "2025-09-02", before | {"start_date": "2026-09-21"})
    assert refused(book, LINE, "change-line", "2025-09-03", {"end_date": "2026-09-21"}) == overlap
    book.do(f"{PROGRAM}-1500A", "plan-line", "2025-09-03", before)  # another number may


def test_exchanges_run_both_ways_and_a_team_goes_to_the_partner():
    book = opened("500000.00")
    for number, (kind, direction) in enumerate(
        [
            ("personnel-exchange", "to-us"),
            ("personnel-exchange", "to-partner"),
            ("guest-instructor", "to-partner"),
            ("cadet-place", "to-us"),
            ("area-officer", "to-partner"),
            ("mobile-team", "to-partner"),
        ]
    ):
        code = f"{PROGRAM}-15{number:02}A"
        book.do(
            code,
            "plan-line",
            "2025-09-01",
            STAFF_COLLEGE | {"kind": kind, "direction": direction, "seats": "1"},
        )
    team = f"{PROGRAM}-1505-S-AAAA"
    assert refused(book, team, "nominate", "2025-09-02") == {"number-for-students"}


# --- students ------------------------------------------------------------------------------------------------


def screened(book, code, on="2026-05-01", score="80"):
    book.do(code, "screen-security", on, {"result": "passed"})
    book.do(code, "screen-human-rights", on, {"result": "passed"}, STATE)
    book.do(code, "screen-medical", on, {"result": "passed"})
    book.do(code, "test-english", on, {"score": score})


ORDER = {"order_number": "BN-B-IMET-1420", "report_by": "2026-06-28"}


def nominated():
    book = opened()
    confirm(book, "1420A", STAFF_COLLEGE)
    book.do(STUDENT, "nominate", "2025-10-01", actor=LIAISON)
    return book


def test_a_student_goes_the_whole_way():
    book = nominated()
    screened(book, STUDENT)
    book.do(STUDENT, "issue-travel-order", "2026-05-10", ORDER)
    book.do(STUDENT, "record-arrival", "2026-06-27", actor=DEPARTMENT)
    assert book.plan.traveling_count == 1
    assert refused(book, STUDENT, "record-return", "2026-09-25") == {"home-after-the-courses"}
    report = (STUDENT, "report-course", "2026-09-20", {"wcn": "1420A", "outcome": "graduated"}, DEPARTMENT)
    assert refused(book, *report) == {"report-of-a-course-begun"}
    book.do(STUDENT, "begin-course", "2026-07-01", {"wcn": "1420A"}, DEPARTMENT)
    book.do(*report)
    book.do(STUDENT, "record-return", "2026-09-25")
    book.do(STUDENT, "follow-up", "2027-03-01", {"activity": "Chief of operations"}, LIAISON)
    history = book.of(STUDENT)
    assert (history.status, book.plan.traveling_count) == ("home", 0)
    assert replay(history.code, history.records) == history


def waiting(book, code, on):
    on, offices = date.fromisoformat(on), set(ACTORS)
    steps = steps_to_take(book.of(code), on=on, plan=book.plan, offices=offices)
    return {step.id for step in steps}


def test_what_waits_for_somebody_follows_the_student_on_the_way():
    book = nominated()
    assert waiting(book, STUDENT, "2026-05-01") == {
        "screen-security",
        "screen-human-rights",
        "screen-medical",
    }
    screened(book, STUDENT)
    assert waiting(book, STUDENT, "2026-05-01") == {"issue-travel-order"}
    book.do(STUDENT, "issue-travel-order", "2026-05-10", ORDER)
    assert waiting(book, STUDENT, "2026-05-10") == {"record-arrival"}
    book.do(STUDENT, "record-arrival", "2026-06-27", actor=DEPARTMENT)
    assert waiting(book, STUDENT, "2026-06-27") == {"begin-course"}
    book.do(STUDENT, "begin-course", "2026-07-01", {"wcn": "1420A"}, DEPARTMENT)
    assert waiting(book, STUDENT, "2026-07-01") == {"report-course"}
    report = {"wcn": "1420A", "outcome": "graduated"}
    book.do(STUDENT, "report-course", "2026-09-20", report, DEPARTMENT)
    assert waiting(book, STUDENT, "2026-09-20") == {"record-return"}
    again = (STUDENT, "begin-course", "2026-09-21", {"wcn": "1420A"}, DEPARTMENT)
    assert refused(book, *again) >= {"a-course-is-left"}
    book.do(STUDENT, "report-course", "2026-09-21", report | {"outcome": "honours"}, DEPARTMENT)  # corrected
    book.do(STUDENT, "record-return", "2026-09-25")
    assert waiting(book, STUDENT, "2026-09-25") == {"follow-up"}
    book.do(STUDENT, "follow-up", "2027-03-01", {"activity": "Chief of operations"}, LIAISON)
    assert waiting(book, STUDENT, "2027-03-01") == set()


def test_what_waits_for_one_office_does_not_wait_for_another():
    book = nominated()
    on = date(2026, 5, 1)
    for office, wanted in (("state", ["screen-human-rights"]), ("ccmd", [])):
        steps = steps_to_take(book.of(STUDENT), on=on, plan=book.plan, offices=[office])
        assert [step.id for step in steps] == wanted


def test_f19_no_travel_order_before_every_screening():
    book = nominated()
    order = (STUDENT, "issue-travel-order", "2026-05-10", ORDER)
    screening = {f"{name}-before-travel-order" for name in ("security", "human-rights", "medical", "english")}
    assert refused(book, *order) == screening
    screened(book, STUDENT)
    book.do(STUDENT, "screen-human-rights", "2026-05-02", {"result": "failed"}, STATE)
    assert refused(book, *order) == {"human-rights-before-travel-order"}


@pytest.mark.parametrize(
    ("on", "order_day", "rules"),
    [
        ("2026-02-01", "2026-05-01", set()),
        ("2026-02-01", "2026-05-02", {"medical-before-travel-order"}),
        ("2025-10-01", "2026-05-02", {"medical-before-travel-order"}),
    ],
)
def test_a_screening_holds_for_so_many_months(on, order_day, rules):
    book = nominated()
    screened(book, STUDENT, on)
    order = (STUDENT, "issue-travel-order", order_day, ORDER)
    if rules:
        assert refused(book, *order) == rules
    else:
        book.do(*order)


def test_below_the_english_score_a_course_of_english_comes_first():
    book = nominated()
    screened(book, STUDENT, score="79")
    order = (STUDENT, "issue-travel-order", "2026-05-10", ORDER)
    assert refused(book, *order) == {"english-before-travel-order"}
    book.do(LINE, "change-line", "2026-05-10", {"start_date": "2026-07-01"})
    book = opened()
    confirm(book, "1420A", ENGLISH)
    confirm(book, "1420B", STAFF_COLLEGE)
    book.do(STUDENT, "nominate", "2025-10-01")
    screened(book, STUDENT, on="2026-01-10", score="60")
    book.do(STUDENT, "issue-travel-order", "2026-01-20", ORDER | {"report_by": "2026-02-27"})
    book.do(STUDENT, "record-arrival", "2026-02-27", actor=DEPARTMENT)
    second = (STUDENT, "begin-course", "2026-07-01", {"wcn": "1420B"}, DEPARTMENT)
    assert refused(book, *second) == {"courses-in-sequence", "english-before-the-course"}
    book.do(STUDENT, "begin-course", "2026-03-01", {"wcn": "1420A"}, DEPARTMENT)
    assert "one-course-at-a-time" in refused(book, *second)
    book.do(STUDENT, "report-course", "2026-06-15", {"wcn": "1420A", "outcome": "graduated"}, DEPARTMENT)
    assert refused(book, *second) == {"english-before-the-course"}
    book.do(STUDENT, "test-english", "2026-06-16", {"score": "82"}, DEPARTMENT)
    book.do(*second)


def test_a_waiver_stands_for_the_score():
    book = nominated()
    screened(book, STUDENT, score="40")
    assert refused(book, STUDENT, "test-english", "2026-05-02", {"score": "101"}) == {"score-of-a-test"}
    book.do(STUDENT, "waive-english", "2026-05-02", {"waiver_reason": "Schooled in English"}, DEPARTMENT)
    book.do(STUDENT, "issue-travel-order", "2026-05-10", ORDER)


def test_a_travel_order_needs_a_confirmed_line_and_comes_before_the_course():
    book = opened()
    book.do(LINE, "plan-line", "2025-09-01", STAFF_COLLEGE)
    book.do(STUDENT, "nominate", "2025-10-01")
    screened(book, STUDENT)
    order = (STUDENT, "issue-travel-order", "2026-05-10")
    assert refused(book, *order, ORDER) == {"travel-order-for-confirmed-lines"}
    book.do(LINE, "request-line", "2026-05-02")
    book.do(LINE, "confirm-line", "2026-05-03", actor=DEPARTMENT)
    late = ORDER | {"report_by": "2026-07-02"}
    assert refused(book, *order, late) == {"travel-order-before-the-course"}
    book.do(*order, ORDER)
    book.do(STUDENT, "revoke-travel-order", "2026-05-11", {"revoke_reason": "Wrong name"})
    book.do(STUDENT, "issue-travel-order", "2026-05-12", ORDER)


def test_no_more_students_than_seats_and_a_substitute_takes_a_seat_given_up():
    book = nominated()
    book.do(OTHER, "nominate", "2025-10-02")
    assert book.plan.lines[0].is_filled
    third = f"{PROGRAM}-1420-S-CCCC"
    assert refused(book, third, "nominate", "2025-10-03") == {"a-seat-is-left"}
    assert refused(book, LINE, "change-line", "2025-10-03", {"seats": "1"}) == {
        "seats-for-the-students-named"
    }
    cancel = {"cause": "partner", "cancel_reason": "x"}
    assert refused(book, LINE, "cancel-line", "2025-10-03", cancel) == {"cancel-without-students"}
    book.do(OTHER, "withdraw", "2026-06-01", {"cause": "partner", "withdraw_reason": "Posted"}, LIAISON)
    everybody = list(book.subjects.values())
    [(line, charge)] = withdrawal_charges(book.of(OTHER), book.plan, everybody)
    assert (line.wcn, charge.amount) == ("1420A", Money.parse("10000.00"))
    unknown = (third, "nominate", "2026-06-02", {"in_place_of": "S-AAAA"})
    assert refused(book, *unknown) == {"substitutes-a-withdrawn-student"}
    book.do(third, "nominate", "2026-06-02", {"in_place_of": "S-BBBB"})
    [(_, charge)] = withdrawal_charges(book.of(OTHER), book.plan, book.subjects.values())
    assert charge.amount == Money(0)
    assert book.plan.withdrawn == {}


def sent():
    """A student on the way to a course of English and the staff college after it."""
    book = opened()
    confirm(book, "1420A", ENGLISH)
    confirm(book, "1420B", STAFF_COLLEGE)
    book.do(STUDENT, "nominate", "2025-10-01")
    screened(book, STUDENT, on="2026-01-10", score="60")
    book.do(STUDENT, "issue-travel-order", "2026-01-20", ORDER | {"report_by": "2026-02-27"})
    return book


CANCEL = {"cause": "united-states", "cancel_reason": "No instructors"}


def test_a_student_comes_home_when_the_course_to_come_is_canceled():
    book = sent()
    book.do(STUDENT, "record-arrival", "2026-02-27", actor=DEPARTMENT)
    book.do(STUDENT, "begin-course", "2026-03-01", {"wcn": "1420A"}, DEPARTMENT)
    assert refused(book, LINE, "cancel-line", "2026-03-02", CANCEL) == {"cancel-without-students"}
    book.do(f"{PROGRAM}-1420B", "cancel-line", "2026-03-02", CANCEL, DEPARTMENT)
    assert [line.taken_count for line in book.plan.lines] == [1, 0]
    book.do(STUDENT, "report-course", "2026-06-15", {"wcn": "1420A", "outcome": "graduated"}, DEPARTMENT)
    assert refused(book, LINE, "cancel-line", "2026-06-16", CANCEL) == {"cancel-without-students"}
    book.do(STUDENT, "record-return", "2026-06-20")


def test_the_only_course_left_to_a_student_is_not_canceled():
    book = sent()
    book.do(LINE, "cancel-line", "2026-01-21", CANCEL)
    assert refused(book, f"{PROGRAM}-1420B", "cancel-line", "2026-01-22", CANCEL) == {
        "cancel-without-students"
    }


def test_a_number_gets_no_course_after_the_travel_order():
    book = sent()
    third = STAFF_COLLEGE | {"start_date": "2026-09-22", "end_date": "2026-09-29", "priority": "B"}
    for step, actor in (("plan-line", OFFICER), ("propose-line", LIAISON)):
        attempt = (f"{PROGRAM}-1420C", step, "2026-01-21", third, actor)
        assert refused(book, *attempt) == {"number-before-the-travel-order"}
    book.do(STUDENT, "revoke-travel-order", "2026-01-21", {"revoke_reason": "One course more"})
    book.do(f"{PROGRAM}-1420C", "plan-line", "2026-01-21", third)


def test_a_proposal_takes_no_seat_and_can_be_turned_down():
    book = nominated()
    proposal = f"{PROGRAM}-1420B"
    later = STAFF_COLLEGE | {"start_date": "2026-09-22", "end_date": "2026-09-29"}
    book.do(proposal, "propose-line", "2025-10-02", later, LIAISON)
    screened(book, STUDENT)
    order = (STUDENT, "issue-travel-order", "2026-05-10", ORDER)
    assert refused(book, *order) == {"travel-order-for-confirmed-lines"}
    assert book.plan.line("1420B").taken_count == 0
    book.do(proposal, "cancel-line", "2026-05-09", CANCEL)
    book.do(*order)


@pytest.mark.parametrize("change", [{"kind": "guest-instructor"}, {"direction": "to-partner"}])
def test_a_line_on_which_students_are_named_keeps_its_kind_and_direction(change):
    book = nominated()
    attempt = (LINE, "change-line", "2025-10-02", change)
    assert refused(book, *attempt) == {"kind-for-the-students-named"}
    book.do(STUDENT, "withdraw", "2025-10-02", {"cause": "partner", "withdraw_reason": "Posted"})
    book.do(*attempt)


# --- no path reaches a travel order without screenings -----------------------------------------------------

STEPS = sorted(rulebook(RecordKind.STUDENT).steps)
LIKELY = ["screen-security", "screen-human-rights", "screen-medical", "test-english", "issue-travel-order"]
RESULTS = {
    "result": ["passed"] * 4 + ["failed"],
    "score": ["79", "80", "80", "90"],
    "wcn": ["1420A"],
    "outcome": ["graduated"],
}
MONTHS = {"screen-security": 12, "screen-human-rights": 12, "screen-medical": 3}


@st.composite
def paths(draw):
    """Steps on rising days, by any office, with any of the values a field may have."""
    day, path = date(2025, 10, 1), []
    for _ in range(draw(st.integers(4, 20))):
        day += timedelta(days=draw(st.integers(0, 30)))
        path.append((draw(st.sampled_from(LIKELY * 8 + STEPS)), day, draw(st.sampled_from(sorted(ACTORS)))))
    return path, draw(st.randoms(use_true_random=False))


@search(full=400, quick=100)
@given(paths())
def test_no_path_reaches_travel_without_valid_screenings(drawn):
    """Whatever was tried, the records of a student under a travel order show every screening, passed and valid."""
    path, chance = drawn
    book = opened()
    confirm(book, "1420A", STAFF_COLLEGE)
    book.do(STUDENT, "nominate", "2025-10-01")
    for name, on, office in path:
        step = rulebook(RecordKind.STUDENT).steps[name]
        given_values = {field.name: chance.choice(RESULTS.get(field.name, ["x"])) for field in step.fields}
        given_values.update({"report_by": "2026-06-28"} if name == "issue-travel-order" else {})
        given_values.update({"cause": "partner"} if name == "withdraw" else {})
        given_values.pop("in_place_of", None)
        actor = ACTORS[office] if chance.random() < 0.1 else ACTORS[step.actors[0]]
        try:
            book.do(STUDENT, name, on.isoformat(), given_values, actor)
        except StepRefused:
            continue
    records = book.of(STUDENT).records
    event(f"travel order: {any(record.step == 'issue-travel-order' for record in records)}")
    for place, record in enumerate(records):
        assert record.step not in {"record-arrival", "begin-course"} or any(
            earlier.step == "issue-travel-order" for earlier in records[:place]
        )
        if record.step == "issue-travel-order":
            for screening, months in MONTHS.items():
                last = [earlier for earlier in records[:place] if earlier.step == screening][-1]
                assert last.details["result"] == "passed"
                assert record.on <= months_later(last.on, months)
            tests = [earlier for earlier in records[:place] if earlier.step == "test-english"]
            waived = any(earlier.step == "waive-english" for earlier in records[:place])
            assert waived or tests[-1].details["score"] >= 80
