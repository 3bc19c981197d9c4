"""The rules of the manual a faithful system is tested on, one test each, under both editions where both have it.

The numbers are those of the project's list of testable rules: F1 to F25.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases import process
from confianza.cooperation.cases.case import DOCUMENT_VERSION, Availability, FundState
from confianza.cooperation.cases.editions import SHIPPED, read_case_edition
from confianza.cooperation.cases.timing import Timeliness, clock_states, deadline_states, open_deadlines
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.steps import StepRefused
from confianza.cooperation.programs.codes import program_codes
from confianza.cooperation.sources import sources
from confianza.errors import RulebookError, RuleRefusal
from tests.cooperation.manual_case import (
    AVAILABLE,
    CURRENT,
    DIGESTS,
    LEGACY,
    PEOPLE,
    UNIT,
    funds_of,
    new_case,
    take,
    walked,
)

BOTH = pytest.mark.parametrize("edition", [LEGACY, CURRENT], ids=lambda edition: edition.id)


def refused(case, step, given=None, **how):
    """The rules that refuse a step; each with words in both languages."""
    with pytest.raises(StepRefused) as error:
        take(case, step, given, **how)
    for refusal in error.value.refusals:
        for language in ("en", "es"):
            assert refusal.reason.in_language(language)
            assert refusal.remedy.in_language(language)
            assert "{" not in refusal.in_language(language)
        assert ("unverified" in refusal.in_language("en")) is not refusal.rule.is_verified
    return {refusal.rule.id for refusal in error.value.refusals}


def last_day(case):
    return case.records[-1].on


@BOTH
def test_a_case_goes_from_request_to_evaluation_and_its_ledger_balances(edition):
    case = walked(None, edition)
    assert process.current_phase(case) is None
    assert [state.phase.id for state in process.phases(case) if state.completed_on] == [
        "planning",
        "development",
        "implementation",
        "execution",
        "closure",
    ]
    held = {account: amount.minor for account, amount in case.balances.items() if amount.minor}
    assert held == {Account.AVAILABLE: -1_100_000, Account.EXPENDED: 980_000, Account.RETURNED: 120_000}
    assert case.status == "Closed"
    assert case.document == "BN-B-SAA-BASIC"


@BOTH
def test_every_step_of_the_walk_is_refused_to_every_office_that_is_not_responsible(edition):
    from tests.cooperation.manual_case import WALK

    seen = set()
    for step, given, _ in WALK:
        if step not in edition.steps or step in seen:
            continue
        seen.add(step)
        case = walked(step, edition)
        for role, entry in permission_table().roles.items():
            if not entry.acts_for & set(edition.steps[step].actors):
                on = last_day(case) if case.records else date(2020, 1, 1)
                fill = {"day": on, "year": on.year + 1, "later": on}
                filled = {name: value.format(**fill) for name, value in given.items()}
                rules = refused(case, step, filled, on=on, edition=edition, actor=Actor("x", role))
                assert "responsible-office" in rules, (step, role)


# --- F1 to F9: identifiers, clock, order, signatures, funds ------------------------------------------


@pytest.mark.parametrize("identifier", ["E7-B-UA", "e7-B-UAC", "E7-B-UAC-BASIC", "E7BUAC"])
def test_f1_a_case_identifier_has_one_form(identifier):
    with pytest.raises(RuleRefusal, match="such as E7-B-UAC"):
        process.open_case(
            identifier=identifier,
            edition_id=LEGACY.id,
            title="x",
            partner_code="BN",
            funds=funds_of(2020),
        )


def test_f1_a_case_begins_with_the_program_code_of_its_funds():
    funds = replace(funds_of(2020), program_code="E7")
    with pytest.raises(RuleRefusal, match="program code"):
        new_case(LEGACY, funds)


@pytest.mark.parametrize("version", ["BASIC", "A01", "A99", "M07"])
def test_f1_a_document_version_is_basic_or_numbered(version):
    assert re.fullmatch(DOCUMENT_VERSION, version)


@pytest.mark.parametrize("version", ["A00", "A1", "B01", "basic", "M100"])
def test_f1_no_other_document_version_is_one(version):
    assert not re.fullmatch(DOCUMENT_VERSION, version)


def test_f1_versions_are_numbered_one_after_the_other():
    case = walked("complete-supply")
    assert refused(case, "open-amendment", {"why": "more", "version": "A02"}) == {"version-is-next"}
    amended = take(case, "open-amendment", {"why": "more", "version": "A01"})
    assert amended.document == "BN-B-SAA-A01"


@BOTH
@pytest.mark.parametrize("category", ["A", "B", "C"])
def test_f2_every_bpc_case_is_of_category_d(edition, category):
    with pytest.raises(RuleRefusal, match="always of category D"):
        new_case(edition, category=category)
    assert new_case(edition, category="D").edition == edition.id


def test_f3_the_clock_runs_from_receipt_to_bpc_wait_and_ordinary_waiting_does_not_stop_it():
    case = walked("wait-bpc")
    received = next(record.on for record in case.records if record.step == "receive-request")
    (clock,) = clock_states(case, on=received + timedelta(days=60))
    assert (clock.started_on, clock.elapsed_days, clock.is_met) == (received, 60, None)
    (clock,) = clock_states(case, on=received + timedelta(days=61))
    assert (clock.elapsed_days, clock.is_met) == (61, False)
    held = take(case, "request-hold", {"why": "funds"}, on=last_day(case))
    (clock,) = clock_states(held, on=received + timedelta(days=61))
    assert clock.excluded_days == 0


def test_f3_only_an_approved_hold_is_left_out_of_the_clock():
    case = walked("wait-bpc")
    received = next(record.on for record in case.records if record.step == "receive-request")
    day = last_day(case)
    case = take(case, "request-hold", {"why": "funds"}, on=day)
    case = take(case, "approve-hold", on=day + timedelta(days=2))
    (clock,) = clock_states(case, on=day + timedelta(days=30))
    assert clock.excluded_days == 28
    case = take(case, "remove-hold", on=day + timedelta(days=42))
    case = take(case, "wait-bpc", on=day + timedelta(days=44))
    (clock,) = clock_states(case, on=date(2026, 1, 1))
    assert clock.excluded_days == 40
    assert clock.elapsed_days == (day - received).days + 4
    assert clock.due_on == received + timedelta(days=100)
    assert clock.is_met is True


def test_f3_under_the_current_edition_the_clock_starts_when_the_request_is_complete():
    case = walked("wait-bpc", CURRENT)
    (clock,) = clock_states(case, on=last_day(case))
    assert clock.started_on == case.record_of("find-complete").on


def test_bpc_wait_is_part_of_the_process_since_2018_only():
    """A case of 2014 is signed without it, and its clock stops at the offer."""
    funds = funds_of(2014, years=2)
    case = walked("sign-ia", LEGACY, funds, ("wait-bpc",))
    assert refused(case, "wait-bpc") == {"step-in-force"}
    offered = {
        action.step.id for action in process.next_actions(case, on=last_day(case), available=AVAILABLE)
    }
    assert "sign-ia" in offered
    assert "wait-bpc" not in offered
    with pytest.raises(StepRefused, match="part of the process from 2018-10-05"):
        take(case, "wait-bpc")
    done = walked(None, LEGACY, funds, ("wait-bpc",))
    (clock,) = clock_states(done, on=last_day(done))
    assert clock.clock.id == "case-development-to-offer"
    assert clock.stopped_on == done.record_of("countersign").on
    assert not clock.clock.is_verified
    later = walked("sign-ia", LEGACY, None, ("wait-bpc",))
    assert refused(later, "sign-ia") == {"steps-in-order"}


def test_f3_eighty_five_percent_of_the_decided_clocks_meet_the_standard():
    met = clock_states(walked(None), on=date(2022, 1, 1))[0]
    assert met.is_met is True
    assert replace(met, elapsed_days=60).is_met is True
    assert replace(met, elapsed_days=61).is_met is False
    assert replace(met, stopped_on=None, elapsed_days=10).is_met is None
    assert replace(met, stopped_on=None, elapsed_days=61).is_met is False
    share = met.clock.share
    assert share == 0.85
    assert Timeliness(84, 16, 9, share).is_met is False
    assert Timeliness(85, 15, 9, share).is_met is True
    assert Timeliness(0, 0, 1, share).met_share is None


def test_f3_before_fiscal_year_2025_the_clock_of_the_current_edition_starts_with_the_receipt():
    funds = replace(funds_of(2024), authority="CTEF")
    case = walked("wait-bpc", CURRENT, funds)
    (clock,) = clock_states(case, on=last_day(case))
    assert clock.clock.id == "case-development"
    assert clock.started_on == case.record_of("receive-request").on


def test_f3_one_hold_stands_at_a_time_and_each_excludes_its_own_days():
    case = walked("sign-ia")
    day = last_day(case)
    case = take(case, "request-hold", {"why": "funds"})
    assert "once" in refused(case, "request-hold", {"why": "again"})
    case = take(case, "approve-hold", on=day + timedelta(days=1))
    assert "once" in refused(case, "request-hold", {"why": "again"})
    assert "hold-is-decided-once" in refused(case, "refuse-hold", {"why": "late"})
    assert refused(case, "sign-ia") == {"no-step-on-hold"}
    case = take(case, "remove-hold", on=day + timedelta(days=11))
    assert "steps-in-order" in refused(case, "remove-hold")
    case = take(take(case, "request-hold", {"why": "more"}), "acknowledge-hold")
    case = take(case, "refuse-hold", {"why": "no"})
    assert "steps-in-order" in refused(case, "approve-hold")
    case = take(take(case, "request-hold", {"why": "price"}), "acknowledge-hold")
    case = take(case, "approve-hold", on=day + timedelta(days=21))
    assert refused(case, "sign-ia") == {"no-step-on-hold"}
    case = take(take(case, "remove-hold", on=day + timedelta(days=26)), "return-document", {"why": "x"})
    assert take(take(case, "request-hold", {"why": "y"}), "acknowledge-hold")
    (clock,) = clock_states(case, on=day + timedelta(days=40))
    assert clock.excluded_days == 10 + 5


def test_f3_a_hold_is_acknowledged_in_3_and_decided_in_5_business_days():
    funds = funds_of(2020, years=2)
    case = walked("wait-bpc", LEGACY, funds)
    friday = date(2020, 1, 17)  # the Monday after is the birthday of Martin Luther King, Jr.
    case = take(case, "request-hold", {"why": "funds"}, on=friday)

    def due(case):
        return {state.deadline.id: state.due_on for state in open_deadlines(case, on=last_day(case))}

    assert due(case)["hold-acknowledged"] == date(2020, 1, 23)
    assert due(case)["hold-decided"] == date(2020, 1, 27)
    case = take(case, "acknowledge-hold", on=date(2020, 1, 21))
    assert "hold-acknowledged" not in due(case)
    refused_hold = take(case, "refuse-hold", {"why": "no"}, on=date(2020, 1, 22))
    assert "hold-decided" not in due(refused_hold)
    later = take(refused_hold, "request-hold", {"why": "again"}, on=date(2020, 6, 2))
    assert due(later)["hold-decided"] == date(2020, 6, 9)
    decided = take(case, "approve-hold", on=date(2020, 1, 28))
    decided = take(decided, "remove-hold", on=date(2020, 2, 3))
    (late,) = [
        state
        for state in deadline_states(decided, on=last_day(decided))
        if state.deadline.id == "hold-decided"
    ]
    assert late.met_on == date(2020, 1, 28)
    assert late.is_overdue(last_day(decided))


@BOTH
def test_f4_the_agency_does_not_sign_with_an_open_extenuating_factor(edition):
    case = take(
        walked("sign-ia", edition), "add-factor", {"factor": "3", "estimated_days": "10"}, edition=edition
    )
    assert refused(case, "sign-ia", edition=edition) == {"no-open-factor"}
    case = take(case, "close-factor", {"factor": "3", "actual_days": "12"}, edition=edition)
    assert take(case, "sign-ia", edition=edition).record_of("sign-ia")


def test_f4_there_are_ten_factors():
    case = walked("sign-ia")
    assert refused(case, "add-factor", {"factor": "11", "estimated_days": "1"}) == {"factor-is-listed"}


@BOTH
@pytest.mark.parametrize(("hours", "is_in_time"), [("09:00", True), ("09:01", False)])
def test_f5_the_package_follows_within_24_hours_or_the_document_falls_back(edition, hours, is_in_time):
    case = walked("upload-package", edition)
    tomorrow = last_day(case) + timedelta(days=1)
    given = {"at": f"{tomorrow}T{hours}"}
    if is_in_time:
        assert take(case, "upload-package", given, on=tomorrow, edition=edition).record_of("upload-package")
        return
    assert refused(case, "upload-package", given, on=tomorrow, edition=edition) == {"package-in-24-hours"}
    case = take(case, "return-document", {"why": "package lost"}, on=tomorrow, edition=edition)
    assert case.status == "Development"
    assert case.record_of("approve-ia") is None
    assert "steps-in-order" in refused(case, "upload-package", given, on=tomorrow, edition=edition)
    case = take(case, "approve-ia", {"at": f"{tomorrow}T10:00"}, on=tomorrow, edition=edition)
    assert case.status == "Write"
    assert take(case, "upload-package", {"at": f"{tomorrow}T11:00"}, on=tomorrow, edition=edition)


def test_f5_the_hour_is_of_the_day():
    case = walked("upload-package")
    given = {"at": f"{last_day(case) + timedelta(days=1)}T08:00"}
    assert refused(case, "upload-package", given) == {"instant-of-the-day"}


@BOTH
def test_f6_the_milestones_stand_in_their_order(edition):
    order = ["approve-ia", "sign-ia", "propose", "approve-state", "countersign"]
    case = walked(None, edition)
    assert [edition.steps[step].milestone for step in order] == [
        "MILAP",
        "MILSGN",
        "PSTATUS",
        "STAP",
        "DCSGN",
    ]
    places = [[record.step for record in case.records].index(step) for step in order]
    assert places == sorted(places)
    for earlier, later in pairwise(order):
        assert "steps-in-order" in refused(walked(earlier, edition), later, edition=edition)
    assert edition.steps["countersign"].status == "Offered"


@BOTH
def test_f6_a_returned_document_passes_every_milestone_again(edition):
    case = take(walked("accept-offer", edition), "return-document", {"why": "price"}, edition=edition)
    order = ["upload-package", "write-document", "wait-bpc", "sign-ia", "propose", "list-state"]
    for step in (*order, "approve-state", "countersign", "accept-offer"):
        assert case.record_of(step) is None
        given = {"at": f"{last_day(case)}T10:00"} if step == "upload-package" else {}
        assert refused(case, step, given, edition=edition) == {"steps-in-order"}
    accepted = walked("confirm-funds", edition)
    assert refused(accepted, "return-document", {"why": "x"}, edition=edition) == {"return-before-acceptance"}


@BOTH
def test_f7_only_the_implementing_agency_signs_and_the_partner_never_does(edition):
    signing = ["sign-ia", "accept-offer", "sign-amendment", "accept-amendment"]
    assert all(edition.steps[step].actors == ("implementing_agency",) for step in signing)
    liaison = Actor("enlace", "partner_liaison")
    assert "responsible-office" in refused(
        walked("accept-offer", edition), "accept-offer", edition=edition, actor=liaison
    )


@BOTH
def test_f8_nothing_is_implemented_before_the_funds_are_confirmed(edition):
    case = walked("confirm-funds", edition)
    assert "steps-in-order" in refused(case, "implement-case", edition=edition)
    case = take(case, "confirm-funds", {"amount": "9999.99"}, edition=edition)
    assert refused(case, "implement-case", edition=edition) == {"funds-cover-the-case"}
    case = take(case, "confirm-funds", {"amount": "0.01"}, edition=edition)
    assert take(case, "implement-case", edition=edition).status == "Implemented"


@BOTH
def test_f9_money_of_another_appropriation_or_year_is_not_combined(edition):
    case = walked("confirm-funds", edition)
    given = {"amount": "11000", "funds": "BN-FY2099"}
    assert refused(case, "confirm-funds", given, edition=edition) == {"one-appropriation"}
    assert take(case, "confirm-funds", {**given, "funds": case.funds.code}, edition=edition)


def test_f9_a_case_takes_no_more_than_its_funds_have():
    case = walked("confirm-funds")
    assert refused(case, "confirm-funds", {"amount": "11000"}, available=Money.parse("10999.99")) == {
        "funds-within-the-appropriation"
    }


# --- F10 to F16: availability, deadlines, units, vetting, receipt, papers ----------------------------


@BOTH
def test_f10_nothing_is_obligated_after_the_availability_nor_spent_after_cancellation(edition):
    case = walked("pay", edition)
    dates = case.funds.availability[0]
    case = take(case, "deobligate", {"line": "001", "amount": "100"}, edition=edition)
    given = {"line": "001", "amount": "100"}
    assert take(case, "obligate", given, on=dates.available_until, edition=edition)
    after = dates.available_until + timedelta(days=1)
    assert refused(case, "obligate", given, on=after, edition=edition) == {"obligate-before-expiry"}
    assert take(case, "pay", given, on=dates.cancels_on, edition=edition)
    gone = dates.cancels_on + timedelta(days=1)
    assert refused(case, "pay", given, on=gone, edition=edition) == {"pay-before-cancellation"}
    assert refused(case, "deobligate", given, on=gone, edition=edition) == {"pay-before-cancellation"}


def test_f10_the_days_of_the_funds_are_inclusive_to_midnight():
    dates = funds_of(2020).availability[0]
    assert dates.state_on(date(2019, 9, 30)) is FundState.NOT_YET
    assert dates.state_on(date(2019, 10, 1)) is FundState.AVAILABLE
    assert dates.state_on(date(2020, 9, 30)) is FundState.AVAILABLE
    assert dates.state_on(date(2020, 10, 1)) is FundState.EXPIRED
    assert dates.state_on(date(2025, 9, 30)) is FundState.EXPIRED
    assert dates.state_on(date(2025, 10, 1)) is FundState.CANCELED


def test_f10_money_expires_and_is_canceled_and_the_ledger_still_balances():
    case = walked("pay")
    dates = case.funds.availability[0]
    assert refused(case, "record-expiry", on=dates.available_until) == {"expiry-after-availability"}
    expired = take(case, "record-expiry", on=dates.available_until + timedelta(days=1))
    assert expired.balances[Account.EXPIRED] == Money.parse("1000")
    released = take(expired, "deobligate", {"line": "001", "amount": "400"})
    assert released.balances[Account.EXPIRED] == Money.parse("1400")
    assert refused(released, "record-cancellation", on=dates.cancels_on) == {"cancellation-after-its-day"}
    gone = take(released, "record-cancellation", on=dates.cancels_on + timedelta(days=1))
    assert gone.balances[Account.CANCELED] == Money.parse("11000")
    assert sum(amount.minor for amount in gone.balances.values()) == 0


def test_f10_only_what_was_deobligated_is_obligated_again_in_the_window_for_it():
    funds = funds_of(2020, regime="title-22", years=2, reobligate_until=date(2025, 9, 30))
    case = walked("pay", LEGACY, funds)
    after = date(2021, 10, 1)
    assert refused(case, "obligate", {"line": "001", "amount": "1"}, on=after) >= {"obligate-before-expiry"}
    case = take(case, "record-expiry", on=after)
    assert case.balances[Account.EXPIRED] == Money.parse("1000")
    case = take(case, "deobligate", {"line": "001", "amount": "300"})
    assert case.balances[Account.COMMITTED] == Money.parse("300")
    assert "obligate-before-expiry" in refused(case, "obligate", {"line": "001", "amount": "300.01"})
    offered = process.next_actions(case, on=after, available=AVAILABLE)
    assert "record-expiry" not in {action.step.id for action in offered}
    case = take(case, "obligate", {"line": "001", "amount": "300"}, on=date(2025, 9, 30))
    assert case.balances[Account.COMMITTED] == Money(0)


@BOTH
def test_f10_canceled_funds_are_not_returned(edition):
    case = walked("return-residual", edition)
    gone = case.funds.availability[0].cancels_on + timedelta(days=1)
    rule = {"nothing-returned-after-cancellation"}
    assert refused(case, "return-residual", on=gone, edition=edition) == rule
    case = take(case, "record-cancellation", on=gone, edition=edition)
    case = take(case, "return-residual", edition=edition)
    assert case.balances[Account.RETURNED] == Money(0)
    assert case.balances[Account.CANCELED] == Money.parse("1200")


@BOTH
def test_f10_what_expired_on_a_case_is_restored_when_the_dates_are_revised(edition):
    case = walked("pay", edition)
    dates = case.funds.availability[0]
    after = dates.available_until + timedelta(days=1)
    case = take(case, "record-expiry", on=after, edition=edition)
    assert refused(case, "restore-funds", edition=edition) == {"commit-before-expiry"}
    longer = replace(dates, known_from=after, available_until=after + timedelta(days=90))
    case = replace(case, funds=replace(case.funds, availability=(dates, longer)))
    case = take(case, "restore-funds", edition=edition)
    assert (case.balances[Account.COMMITTED], case.balances[Account.EXPIRED]) == (
        Money.parse("1000"),
        Money(0),
    )


def test_f11_alarms_stand_on_31_july_and_30_june():
    case = walked("name-facilitator")
    cancels = case.funds.availability[0].cancels_on.year
    due = {state.deadline.id: state.due_on for state in open_deadlines(case, on=last_day(case))}
    assert due["close-by-31-july"] == date(cancels, 7, 31)
    assert due["facilitator-before-30-june"] == date(cancels - 1, 6, 30)
    late = {
        state.deadline.id
        for state in open_deadlines(case, on=date(cancels, 8, 1))
        if state.is_overdue(date(cancels, 8, 1))
    }
    assert late >= {"close-by-31-july", "facilitator-before-30-june"}
    named = take(case, "name-facilitator", {"office": "closure"})
    assert "facilitator-before-30-june" not in {
        state.deadline.id for state in open_deadlines(named, on=last_day(named))
    }


def test_f11_no_year_funds_close_within_24_months_of_the_last_supply():
    funds = replace(
        funds_of(2020), availability=(Availability(date(2019, 10, 1), date(2019, 10, 1), None, None),)
    )
    case = walked("reconcile-case", LEGACY, funds)
    (due,) = [
        state for state in open_deadlines(case, on=last_day(case)) if state.deadline.id == "close-no-year"
    ]
    supplied = case.record_of("complete-supply").on
    assert due.due_on == supplied.replace(year=supplied.year + 2)


@pytest.mark.parametrize(
    ("edition", "funds", "last", "is_allowed"),
    [
        (LEGACY, funds_of(2020, years=2), "2022-09", True),
        (LEGACY, funds_of(2020, years=2), "2022-10", False),
        (CURRENT, funds_of(2026, years=2), "2029-09", True),
        (CURRENT, funds_of(2026, years=2), "2029-10", False),
    ],
)
def test_f12_services_end_with_the_second_or_third_fiscal_year(edition, funds, last, is_allowed):
    case = walked("add-line", edition, funds)
    given = {
        "line": "001",
        "description": "Course",
        "kind": "training",
        "quantity": "1",
        "unit_cost": "100",
        "country": "BN",
        "unit": UNIT,
        "start_month": "2020-03" if edition is LEGACY else "2026-03",
        "end_month": last,
    }
    if is_allowed:
        assert take(case, "add-line", given, edition=edition).lines
    else:
        rule = "section-333-second-year" if edition is LEGACY else "section-333-third-year"
        assert refused(case, "add-line", given, edition=edition) == {rule}
        assert take(case, "add-line", {**given, "kind": "article"}, edition=edition).lines


@pytest.mark.parametrize(
    ("edition", "funds"),
    [
        (LEGACY, replace(funds_of(2020, years=2), authority="PKO")),
        (CURRENT, replace(funds_of(2026, years=2), authority="USAI")),
    ],
)
def test_f12_only_section_333_has_that_limit(edition, funds):
    case = walked("approve-ia", edition, funds)
    line = {**case.record_of("add-line").details, "line": "002", "kind": "training", "quantity": "1"}
    end = {"end_month": f"{funds.fiscal_year + 4}-12", "unit_cost": "1"}
    assert take(case, "add-line", {**line, **end}, edition=edition).lines["002"]


@pytest.mark.parametrize(("edition", "fy"), [(LEGACY, 2022), (CURRENT, 2026)])
def test_a_line_its_authority_cannot_pay_is_refused_with_the_section(edition, fy):
    case = walked("add-line", edition, replace(funds_of(fy, years=2), authority="332"))
    line = {
        "line": "001",
        "description": "Radios",
        "quantity": "1",
        "unit_cost": "100",
        "country": "BN",
        "unit": UNIT,
        "start_month": f"{fy}-03",
        "end_month": f"{fy}-12",
    }
    article = {**line, "kind": "article"}
    assert refused(case, "add-line", article, edition=edition) == {"line-within-authority"}
    with pytest.raises(StepRefused) as error:
        take(case, "add-line", article, edition=edition)
    told = error.value.refusals[0].reason.in_language("es")
    assert "artículo" in told
    assert "10 U.S.C. 332" in told
    assert "servicios de asesoría" in told
    assert take(case, "add-line", {**line, "kind": "service"}, edition=edition).lines


def test_f12_the_months_of_a_line_end_before_the_funds_cancel():
    case = walked("add-line")
    given = {
        "line": "001",
        "description": "Radios",
        "kind": "article",
        "quantity": "1",
        "unit_cost": "1",
        "country": "BN",
        "unit": UNIT,
        "start_month": "2020-03",
        "end_month": "2026-10",
    }
    assert refused(case, "add-line", given) == {"availability-covers-line"}
    assert refused(case, "add-line", {**given, "end_month": "2020-02"}) == {"months-in-order"}


@BOTH
def test_f13_only_notified_units_are_supported(edition):
    case = walked("add-line", edition)
    given = {
        "line": "001",
        "description": "Radios",
        "kind": "article",
        "quantity": "1",
        "unit_cost": "1",
        "country": "BN",
        "unit": "2nd Battalion",
        "start_month": "2026-03",
        "end_month": "2026-03",
    }
    if edition is LEGACY:
        given |= {"start_month": "2020-03", "end_month": "2020-03"}
    assert refused(case, "add-line", given, edition=edition) == {"notified-units-only"}
    case = take(case, "notify-unit", {"unit": "2nd Battalion", "notification": "CN 2"}, edition=edition)
    assert take(case, "add-line", given, edition=edition).lines


@BOTH
def test_f14_nothing_passes_to_a_unit_without_current_vetting(edition):
    case = walked("transfer-custody", edition)
    given = {"delivery": "D1", "receiver": UNIT}
    vetted = case.record_of("vet-unit").on
    stale = vetted.replace(year=vetted.year + 1) + timedelta(days=1)
    assert refused(case, "transfer-custody", given, on=stale, edition=edition) == {"vetting-before-transfer"}
    assert take(case, "transfer-custody", given, on=stale - timedelta(days=1), edition=edition)
    blocked = take(case, "vet-unit", {"unit": UNIT, "result": "blocked"}, edition=edition)
    assert refused(blocked, "transfer-custody", given, edition=edition) == {"vetting-before-transfer"}


@BOTH
def test_f14_no_training_begins_without_current_vetting(edition):
    case = walked("ship-delivery", edition)
    course = replace(case.lines["001"], details={**case.lines["001"].details, "kind": "training"})
    case = replace(case, lines={"001": course})
    given = {"delivery": "D1", "transport": "Bandaria Coastal School"}
    assert take(case, "ship-delivery", given, edition=edition)
    unvetted = replace(case, registers={**case.registers, "vettings": {}})
    assert refused(unvetted, "ship-delivery", given, edition=edition) == {"vetting-before-training"}


@BOTH
def test_f15_the_receipt_of_each_delivery_is_due_in_30_days(edition):
    case = walked("confirm-receipt", edition)
    arrived = case.record_of("record-arrival").on
    (due,) = [
        state
        for state in open_deadlines(case, on=last_day(case))
        if state.deadline.id == "receipt-in-30-days"
    ]
    assert (due.about, due.due_on) == ("D1", arrived + timedelta(days=30))
    assert not due.is_overdue(arrived + timedelta(days=30))
    late = arrived + timedelta(days=31)
    assert due.is_overdue(late)
    done = take(
        case, "confirm-receipt", {"delivery": "D1", "condition": "complete"}, on=late, edition=edition
    )
    (met,) = [state for state in deadline_states(done, on=late) if state.deadline.id == "receipt-in-30-days"]
    assert met.met_on == late
    assert met.is_overdue(date(2040, 1, 1))


@BOTH
@pytest.mark.parametrize("kind", ["supply-discrepancy-report", "manpower-sheet", "quarterly-bill"])
def test_f16_papers_of_foreign_military_sales_have_no_place_on_a_bpc_case(edition, kind):
    case = walked("pay", edition)
    given = {"kind": kind, "file_name": "x.pdf", "digest": "c" * 64}
    assert refused(case, "attach-document", given, edition=edition) == {"document-used-here"}


# --- F17 to F19, training plans: test_training_plans.py -------------------------------------------------


# --- F20 to F25: assessment, causes, dates, evidence, parents --------------------------------------------


@BOTH
def test_f20_the_case_is_assessed_before_it_is_offered_and_evaluated_after_it_is_closed(edition):
    case = walked("countersign", edition, None, ("assess-baseline",))
    assert refused(case, "countersign", edition=edition) == {"steps-in-order"}
    evaluation = {"question": "x", "method": "y"}
    assert refused(walked("close-case", edition), "evaluate-case", evaluation, edition=edition) == {
        "steps-in-order"
    }
    closed = walked("evaluate-case", edition)
    assert take(closed, "evaluate-case", evaluation, edition=edition).record_of("evaluate-case")
    offered = {
        action.step.id
        for action in process.next_actions(closed, on=last_day(closed), available=Money.parse("1"))
    }
    assert "evaluate-case" in offered
    assert "obligate" not in offered


def test_f21_the_four_planning_elements_are_stated_or_waived_with_a_reason():
    case = walked("record-element")
    given = {"element": "baseline"}
    assert refused(case, "record-element", given, on=date(2020, 1, 1)) == {"element-or-reason"}
    case = walked("find-actionable")
    elements = {key: entry for key, entry in case.register("elements").items() if key != "sustainment"}
    missing = replace(case, registers={**case.registers, "elements": elements})
    assert refused(missing, "find-actionable") == {"four-elements"}


@BOTH
def test_f22_a_late_delivery_names_its_cause(edition):
    case = walked("record-arrival", edition)
    planned = date.fromisoformat(case.register("deliveries")["D1"]["planned_on"])
    given = {"delivery": "D1", "arrived_at": "Bandaria City"}
    assert take(case, "record-arrival", given, on=planned, edition=edition)
    late = planned + timedelta(days=1)
    assert refused(case, "record-arrival", given, on=late, edition=edition) == {"delay-has-cause"}
    assert take(case, "record-arrival", {**given, "cause": "customs"}, on=late, edition=edition)
    with pytest.raises(RuleRefusal, match="funds, contract"):
        take(case, "record-arrival", {**given, "cause": "weather"}, on=late, edition=edition)


@pytest.mark.parametrize(
    ("code", "until", "reobligate", "cancels"),
    [
        ("P8", date(2018, 9, 30), date(2022, 9, 30), date(2027, 9, 30)),
        ("CP", date(2020, 9, 30), None, date(2025, 9, 30)),
        ("DL", date(2019, 11, 21), None, date(2025, 9, 30)),
        ("EM", date(2020, 12, 11), None, date(2026, 9, 30)),
        ("V3", date(2017, 9, 30), None, date(2022, 9, 30)),
    ],
)
def test_f23_program_codes_carry_the_dates_of_their_memoranda(code, until, reobligate, cancels):
    dates = program_codes()[code].dates[-1]
    assert (dates.available_until, dates.reobligate_until, dates.cancels_on) == (until, reobligate, cancels)


def test_f23_codes_without_usable_dates_have_none():
    assert program_codes()["EB"].dates == program_codes()["E7"].dates == ()


def test_f23_a_continuing_resolution_is_revised_from_the_day_the_revision_is_known():
    first = program_codes()["DL"].funds()
    revision = Availability(date(2019, 11, 21), date(2019, 10, 1), date(2020, 9, 30), date(2025, 9, 30))
    revised = replace(first, availability=(*first.availability, revision))
    assert first.state_on(date(2019, 11, 22)) is FundState.EXPIRED
    assert revised.state_on(date(2019, 11, 22)) is FundState.AVAILABLE
    assert revised.availability_on(date(2019, 11, 20)).available_until == date(2019, 11, 21)


@BOTH
def test_f24_every_conclusion_cites_records_there_are(edition):
    case = walked("conclude", edition)
    count = len(case.records)
    assert refused(case, "conclude", {"conclusion": "x", "evidence": f"1, {count + 1}"}, edition=edition) == {
        "conclusion-cites-evidence"
    }
    with pytest.raises(RuleRefusal, match="numbers of records"):
        take(case, "conclude", {"conclusion": "x", "evidence": ""}, edition=edition)
    assert take(case, "conclude", {"conclusion": "x", "evidence": f"1,{count}"}, edition=edition)


@BOTH
def test_f24_the_records_cited_are_those_of_the_case_by_the_numbers_of_the_log(edition):
    case = walked("conclude", edition)
    numbered = [replace(record, number=500 + place) for place, record in enumerate(case.records)]
    case = replace(process.replay(new_case(edition), numbered), other_events=(490,))
    with pytest.raises(StepRefused) as error:
        take(case, "conclude", {"conclusion": "x", "evidence": "3"}, edition=edition)
    assert "Cite numbers of its record: 490, 500–" in error.value.in_language("en")
    assert "Cite números de su registro: 490, 500–" in error.value.in_language("es")
    assert take(case, "conclude", {"conclusion": "x", "evidence": "490, 500"}, edition=edition)


@BOTH
def test_f24_the_final_report_cites_records_there_are(edition):
    case = walked("report-final", edition)
    given = {"objectives_met": "yes", "lessons": "x", "evidence": "999"}
    assert refused(case, "report-final", given, edition=edition) == {"conclusion-cites-evidence"}


@BOTH
def test_f25_a_case_is_not_approved_before_its_project(edition):
    case = replace(walked("approve-ia", edition), is_approved_above=False)
    given = {"at": f"{last_day(case)}T09:00"}
    assert refused(case, "approve-ia", given, edition=edition) == {"parent-approved"}
    case = replace(walked("countersign", edition), is_approved_above=False)
    assert refused(case, "countersign", edition=edition) == {"parent-approved"}


# --- rules beside the numbered ones -------------------------------------------------------------------


def test_an_insufficient_request_is_supplemented_first_each_time():
    case = walked("find-actionable")
    for _ in range(2):
        case = take(case, "find-insufficient", {"missing": "the destination"})
        assert refused(case, "find-actionable") == {"supplement-first"}
        case = take(case, "supplement-request", {"supplied": "the destination"})
    case = take(case, "find-actionable")
    assert refused(case, "find-insufficient", {"missing": "x"}) == {"insufficient-before-actionable"}


def test_a_significant_change_takes_back_that_the_request_was_actionable():
    case = take(walked("approve-ia"), "report-significant-change", {"change": "another country"})
    assert case.record_of("find-complete") is None
    assert refused(case, "approve-ia", {"at": f"{last_day(case)}T09:00"}) == {"steps-in-order"}
    assert process.current_phase(case).id == "planning"
    approved = walked("upload-package")
    assert refused(approved, "report-significant-change", {"change": "another country"}) == {
        "request-changes-before-approval"
    }


def test_required_documents_are_attached_first():
    case = walked("find-actionable", LEGACY, None, ("attach-document",))
    assert refused(case, "find-actionable") == {"required-documents"}
    given = {"at": f"{last_day(walked('upload-package'))}T16:30"}
    case = walked("upload-package")
    package = DIGESTS["case-package"]
    records = tuple(item for item in case.records if item.details.get("digest") != package)
    case = replace(case, records=records)
    assert refused(case, "upload-package", given) == {"required-documents"}


def test_lines_are_numbered_once_and_stand_before_the_approval():
    case = walked("approve-ia")
    line = {**case.record_of("add-line").details, "unit_cost": "1", "quantity": "1"}
    assert refused(case, "add-line", line) == {"new-line-number"}
    assert refused(walked("propose"), "add-line", {**line, "line": "002"}) == {"lines-before-approval"}


def test_the_lines_stay_within_the_value_allowed():
    case = walked("approve-ia")
    line = {**case.record_of("add-line").details, "line": "002", "quantity": "1", "unit_cost": "10000.01"}
    case = take(case, "add-line", line)
    given = {"at": f"{last_day(case)}T09:00"}
    assert refused(case, "approve-ia", given) == {"lines-within-ceiling"}


def test_nobody_decides_on_what_they_asked_for():
    officer = Actor("one", "security_cooperation_officer")
    case = walked("submit-request")
    from tests.cooperation.manual_case import WALK

    request = next(given for step, given, _ in WALK if step == "submit-request")
    case = take(case, "submit-request", request, actor=officer)
    same = Actor("one", "country_program_director")
    assert refused(case, "receive-request", {"ceiling": "1"}, actor=same) == {"request-by-a-second-person"}
    case = take(walked("wait-bpc"), "request-hold", {"why": "x"}, actor=Actor("two", "case_manager"))
    assert refused(case, "approve-hold", actor=Actor("two", "country_program_director")) == {
        "hold-by-a-second-person"
    }


def test_a_document_does_not_move_on_while_on_hold():
    case = take(take(walked("sign-ia"), "request-hold", {"why": "x"}), "approve-hold")
    assert refused(case, "sign-ia") == {"no-step-on-hold"}
    assert take(take(case, "remove-hold"), "sign-ia")


def test_while_assistance_is_suspended_nothing_new_begins_but_what_began_goes_on():
    case = take(walked("ship-delivery"), "suspend", {"why": "review"})
    given = {"delivery": "D1", "transport": "TCN 1"}
    assert refused(case, "ship-delivery", given) == {"nothing-new-while-suspended"}
    assert take(case, "pay", {"line": "001", "amount": "1"})
    assert {state.deadline.id for state in open_deadlines(case, on=last_day(case))} >= {
        "impact-of-suspension"
    }
    case = take(case, "lift-suspension")
    assert take(case, "ship-delivery", given)
    again = take(take(case, "report-impact", {"impact": "none"}), "suspend", {"why": "again"})
    assert refused(again, "ship-delivery", given) == {"nothing-new-while-suspended"}


def test_the_impact_of_each_suspension_is_due_ten_days_after_it():
    case = take(walked("ship-delivery"), "suspend", {"why": "review"})
    first = last_day(case)
    case = take(case, "report-impact", {"impact": "none"}, on=first + timedelta(days=11))
    case = take(case, "lift-suspension", on=first + timedelta(days=20))
    case = take(case, "suspend", {"why": "again"}, on=first + timedelta(days=200))
    found = [
        (state.due_on, state.met_on)
        for state in deadline_states(case, on=last_day(case))
        if state.deadline.id == "impact-of-suspension"
    ]
    assert found == [
        (first + timedelta(days=10), first + timedelta(days=11)),
        (first + timedelta(days=210), None),
    ]
    case = take(case, "report-impact", {"impact": "two courses wait"})
    rest = {state.due_on for state in open_deadlines(case, on=last_day(case)) if "rest" in state.deadline.id}
    assert first + timedelta(days=221) in rest
    case = take(case, "complete-impact", {"impact": "two courses wait, one ended"})
    assert not [state for state in open_deadlines(case, on=last_day(case)) if "rest" in state.deadline.id]


def test_a_delivery_is_shipped_received_and_transferred_once_and_in_order():
    planned = {"delivery": "D2", "line": "001", "quantity": "1", "planned_on": "2020-05-01"}
    case = walked("ship-delivery")
    assert refused(case, "plan-delivery", planned) == {"quantities-in-step"}
    assert "new-delivery-name" in refused(case, "plan-delivery", {**planned, "delivery": "D1"})
    arrival = {"delivery": "D1", "arrived_at": "x"}
    two = take(walked("plan-delivery"), "plan-delivery", {**planned, "delivery": "D1"})
    two = take(take(two, "plan-delivery", planned), "ship-delivery", {"delivery": "D1", "transport": "x"})
    assert refused(two, "record-arrival", {**arrival, "delivery": "D2"}) == {"arrive-after-shipping"}
    assert refused(two, "ship-delivery", {"delivery": "D1", "transport": "x"}) == {"ship-once"}
    two = take(two, "record-arrival", arrival)
    assert "arrive-once" in refused(two, "record-arrival", arrival)
    receipt = {"delivery": "D1", "condition": "x"}
    assert "receive-what-arrived" in refused(two, "confirm-receipt", {**receipt, "delivery": "D2"})
    two = take(two, "confirm-receipt", receipt)
    transfer = {"delivery": "D2", "receiver": UNIT}
    assert "transfer-what-was-received" in refused(two, "transfer-custody", transfer)
    case = walked("visit-monitoring")
    assert "receive-once" in refused(case, "confirm-receipt", receipt)
    assert "transfer-once" in refused(case, "transfer-custody", {"delivery": "D1", "receiver": UNIT})


@BOTH
def test_each_delivery_of_articles_is_visited_and_a_course_is_not(edition):
    case = walked("visit-monitoring", edition)
    visit = {"delivery": "D1", "kind": "routine", "finding": "x"}
    plan = {**case.register("deliveries")["D1"]}
    moved = {name: value for name, value in plan.items() if name != "receiver"}
    register = {**case.register("deliveries"), "D2": plan, "D3": moved, "D4": {**plan, "line": "002"}}
    course = replace(
        case.lines["001"], number="002", details={**case.lines["001"].details, "kind": "training"}
    )
    transfer = case.record_of("transfer-custody")
    others = tuple(replace(transfer, details={**transfer.details, "delivery": name}) for name in ("D2", "D4"))
    case = replace(
        case,
        lines={**case.lines, "002": course},
        registers={**case.registers, "deliveries": register},
        records=(*case.records, *others),
    )

    def due(state):
        states = open_deadlines(state, on=last_day(state))
        return {item.about for item in states if item.deadline.id == "first-monitoring"}

    assert due(case) == {"D1", "D2"}
    visited = take(case, "visit-monitoring", visit, edition=edition)
    assert due(visited) == {"D2"}
    assert refused(case, "visit-monitoring", {**visit, "delivery": "D3"}, edition=edition) == {
        "monitor-what-was-transferred"
    }


def test_a_visit_recorded_before_its_delivery_was_asked_for_still_counts():
    case = take(walked("visit-monitoring"), "hold-review", {"minutes": "x"})
    old = replace(case.records[-1], step="visit-monitoring", details={"kind": "routine", "finding": "x"})
    case = replace(case, records=(*case.records[:-1], old))
    assert "first-monitoring" not in {state.deadline.id for state in open_deadlines(case, on=last_day(case))}


def test_documents_of_one_content_are_documents_each():
    case = walked("upload-package")
    digest = DIGESTS["case-package"]
    for kind in ("other", "transportation-plan"):
        given = {"kind": kind, "file_name": f"{kind}.pdf", "digest": digest}
        case = take(case, "attach-document", given)
    kinds = [record.details["kind"] for record in case.documents]
    assert kinds == ["memorandum-of-request", "case-package", "other", "transportation-plan"]
    assert take(case, "upload-package", {"at": f"{last_day(case)}T16:30"}).record_of("upload-package")


def test_a_delivery_waits_for_an_obligation_and_the_line_is_not_overdrawn():
    case = walked("obligate")
    assert refused(case, "obligate", {"line": "001", "amount": "10000.01"}) == {"obligate-within-the-line"}
    assert "obligate-within-the-commitment" in refused(
        case, "obligate", {"line": "001", "amount": "11000.01"}
    )
    planned = {"delivery": "D1", "line": "001", "quantity": "1", "planned_on": "2020-05-01"}
    case = take(case, "plan-delivery", planned)
    assert refused(case, "ship-delivery", {"delivery": "D1", "transport": "x"}) == {
        "deliver-what-was-obligated"
    }
    assert refused(walked("pay"), "pay", {"line": "001", "amount": "10000.01"}) == {
        "spend-within-the-obligation"
    }


@BOTH
def test_an_amendment_changes_lines_once_it_is_implemented_and_paid_for(edition):
    case = walked("complete-supply", edition)
    change = {"line": "001", "quantity": "6", "unit_cost": "2500"}
    assert "change-within-the-amendment" in refused(case, "change-line", change, edition=edition)
    case = take(case, "open-amendment", {"why": "two more"}, edition=edition)
    assert refused(case, "open-amendment", {"why": "x"}, edition=edition) == {"one-change-at-a-time"}
    assert refused(case, "change-line", {**change, "quantity": "3"}, edition=edition) == {
        "change-above-obligated"
    }
    case = take(case, "change-line", change, edition=edition)
    assert case.lines["001"].quantity == 4
    for step in ("sign-amendment", "approve-amendment", "countersign-amendment", "accept-amendment"):
        assert "one-change-at-a-time" in refused(case, "complete-supply", edition=edition)
        case = take(case, step, edition=edition)
    assert refused(case, "implement-amendment", edition=edition) == {"funds-cover-the-case"}
    case = take(case, "confirm-funds", {"amount": "5200"}, edition=edition)
    case = take(case, "implement-amendment", edition=edition)
    assert case.lines["001"].quantity == 6
    assert refused(case, "complete-supply", edition=edition) == {"close-after-delivery"}
    assert take(case, "open-amendment", {"why": "another"}, edition=edition).version == "A02"


@BOTH
def test_an_amendment_adds_lines_under_the_rules_of_every_line(edition):
    case = walked("pay", edition)
    year = case.funds.fiscal_year
    line = {
        "line": "002",
        "description": "Batteries",
        "kind": "article",
        "quantity": "4",
        "unit_cost": "500",
        "country": "BN",
        "unit": UNIT,
        "start_month": f"{year}-09",
        "end_month": f"{year + 1}-03",
    }
    add = "add-line-by-amendment"
    assert "change-within-the-amendment" in refused(case, add, line, edition=edition)
    case = take(case, "open-amendment", {"why": "batteries"}, edition=edition)
    limit = "section-333-second-year" if edition is LEGACY else "section-333-third-year"
    for wrong, rules in (
        ({"line": "001"}, {"new-line-number"}),
        ({"unit": "nobody"}, {"notified-units-only"}),
        ({"start_month": f"{year + 2}-01"}, {"months-in-order"}),
        ({"end_month": f"{year + 20}-01"}, {"availability-covers-line"}),
        ({"kind": "training", "end_month": f"{year + 4}-12"}, {limit}),
    ):
        assert refused(case, add, {**line, **wrong}, edition=edition) == rules
    case = take(case, add, line, edition=edition)
    assert set(case.lines) == {"001"}
    for step in ("sign-amendment", "approve-amendment", "countersign-amendment", "accept-amendment"):
        case = take(case, step, edition=edition)
    assert refused(case, "implement-amendment", edition=edition) == {"funds-cover-the-case"}
    case = take(case, "confirm-funds", {"amount": "1000"}, edition=edition)
    case = take(case, "implement-amendment", edition=edition)
    assert case.lines["002"].cost == Money.parse("2000")
    assert case.lines["002"].details["unit"] == UNIT
    assert take(case, "obligate", {"line": "002", "amount": "2000"}, edition=edition)
    assert refused(case, "complete-supply", edition=edition) == {"close-after-delivery"}


def test_a_modification_changes_prices_at_countersignature_and_exists_only_in_the_legacy_edition():
    case = walked("pay")
    price = {"line": "001", "unit_cost": "2600"}
    assert "change-within-the-modification" in refused(case, "change-line-within-scope", price)
    case = take(case, "open-modification", {"why": "price"})
    assert refused(case, "open-amendment", {"why": "x"}) == {"one-modification-at-a-time"}
    case = take(take(case, "change-line-within-scope", price), "sign-modification")
    case = take(case, "countersign-modification")
    assert case.document == "BN-B-SAA-M01"
    assert case.lines["001"].unit_cost == Money.parse("2600")
    assert not [step for step in CURRENT.steps if "modification" in step]


def test_the_combatant_command_reviews_before_the_transfer_under_the_current_edition():
    case = walked("oversee-transfer", CURRENT)
    given = {"delivery": "D1", "receiver": UNIT}
    assert refused(case, "transfer-custody", given, edition=CURRENT) == {"transfer-after-oversight"}
    before = walked("oversee-transfer", CURRENT, replace(funds_of(2024), authority="CTEF"))
    assert last_day(before) < date(2025, 2, 11)
    assert take(before, "transfer-custody", given, edition=CURRENT)


def test_obligations_are_settled_before_the_rest_is_returned():
    case = walked("deobligate")
    case = take(take(case, "complete-supply"), "reconcile-case")
    assert refused(case, "return-residual") == {"settle-before-return"}


@BOTH
def test_funds_confirmed_after_the_return_are_returned_before_the_case_is_closed(edition):
    case = take(walked("close-case", edition), "confirm-funds", {"amount": "0.01"}, edition=edition)
    assert refused(case, "close-case", edition=edition) == {"steps-in-order"}
    assert refused(case, "certify-closure", edition=edition) == {"steps-in-order"}
    for step in ("return-residual", "certify-closure", "close-case"):
        case = take(case, step, edition=edition)
    assert case.balances[Account.COMMITTED] == Money(0)
    assert case.balances[Account.RETURNED] == Money.parse("1200.01")


def test_steps_are_taken_once_in_the_order_of_their_days_and_none_after_closure():
    case = walked("find-actionable")
    assert "once" in refused(case, "receive-request", {"ceiling": "1"})
    assert refused(case, "find-actionable", on=date(2019, 10, 1)) == {"dates-in-order"}
    assert "open-case" in refused(walked(None), "pay", {"line": "001", "amount": "1"})


def test_funds_not_yet_available_are_not_taken():
    case = walked("confirm-funds")
    after = case.funds.availability[0].available_until + timedelta(days=1)
    assert refused(case, "confirm-funds", {"amount": "11000"}, on=after) == {"commit-before-expiry"}


@pytest.mark.parametrize(
    ("edition", "funds"),
    [
        (LEGACY, funds_of(2025)),
        (LEGACY, replace(funds_of(2024), authority="CTEF")),
        (CURRENT, funds_of(2024)),
        (CURRENT, funds_of(2026, regime="title-22")),
    ],
)
def test_an_edition_governs_only_its_own_money(edition, funds):
    with pytest.raises(RuleRefusal, match="is not for Bandaria"):
        new_case(edition, funds)


@pytest.mark.parametrize(
    ("edition", "funds"),
    [
        (LEGACY, funds_of(2024)),
        (LEGACY, funds_of(2026, regime="title-22")),
        (CURRENT, funds_of(2025)),
        (CURRENT, replace(funds_of(2024), authority="CTEF")),
    ],
)
def test_an_edition_takes_the_money_it_governs(edition, funds):
    assert new_case(edition, funds).edition == edition.id


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("approve-ia", {"at": "{day}T09:00"}),
        ("sign-ia", {}),
        ("propose", {}),
        ("countersign", {}),
    ],
)
def test_no_milestone_is_passed_on_hold(step, given):
    case = take(take(walked(step), "request-hold", {"why": "x"}), "approve-hold")
    given = {name: value.format(day=last_day(case)) for name, value in given.items()}
    assert refused(case, step, given) == {"no-step-on-hold"}


@pytest.mark.parametrize("step", ["initiate-case", "approve-ia", "countersign"])
def test_no_approval_goes_before_that_of_the_project(step):
    case = replace(walked(step), is_approved_above=False)
    given = {"at": f"{last_day(case)}T09:00"} if step == "approve-ia" else {}
    assert refused(case, step, given) == {"parent-approved"}


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("obligate", {"line": "001", "amount": "1"}),
        ("ship-delivery", {"delivery": "D1", "transport": "x"}),
        ("transfer-custody", {"delivery": "D1", "receiver": UNIT}),
    ],
)
def test_a_suspension_stops_what_is_new(step, given):
    case = take(walked(step), "suspend", {"why": "review"})
    assert refused(case, step, given) == {"nothing-new-while-suspended"}


@pytest.mark.parametrize("step", ["receive-request", "find-actionable"])
def test_nobody_receives_or_judges_their_own_request(step):
    case = walked(step)
    actor = Actor(case.record_of("submit-request").actor.account, PEOPLE["implementing_agency"].role)
    if step == "receive-request":
        actor = replace(actor, role=PEOPLE["dsca"].role)
    given = {"ceiling": "1"} if step == "receive-request" else {}
    assert refused(case, step, given, actor=actor) == {"request-by-a-second-person"}


def test_the_four_elements_are_asked_for_since_the_directive_of_2013():
    funds = funds_of(2013, years=2)
    elements = ("record-element",)
    before = take(walked("find-actionable", LEGACY, funds, elements), "find-actionable", on=date(2013, 4, 4))
    assert before.record_of("find-actionable")
    case = walked("find-actionable", LEGACY, funds, elements)
    assert refused(case, "find-actionable", on=date(2013, 4, 5)) == {"four-elements"}


def test_a_vetting_stands_for_twelve_months_before_a_training():
    case = walked("ship-delivery")
    course = replace(case.lines["001"], details={**case.lines["001"].details, "kind": "training"})
    case = replace(case, lines={"001": course})
    vetted = case.record_of("vet-unit").on
    given = {"delivery": "D1", "transport": "School"}
    assert take(case, "ship-delivery", given, on=vetted.replace(year=vetted.year + 1))
    stale = vetted.replace(year=vetted.year + 1) + timedelta(days=1)
    assert refused(case, "ship-delivery", given, on=stale) == {"vetting-before-training"}


def test_a_training_grant_waits_for_vetting_too():
    case = walked("ship-delivery", CURRENT)
    grant = replace(case.lines["001"], details={**case.lines["001"].details, "kind": "training-grant"})
    case = replace(case, lines={"001": grant}, registers={**case.registers, "vettings": {}})
    given = {"delivery": "D1", "transport": "School"}
    assert refused(case, "ship-delivery", given, edition=CURRENT) == {"vetting-before-training"}


def test_every_amendment_is_signed_approved_countersigned_and_accepted_anew():
    case = walked("pay")
    through = [
        "sign-amendment",
        "approve-amendment",
        "countersign-amendment",
        "accept-amendment",
        "implement-amendment",
    ]
    for number in (1, 2):
        case = take(case, "open-amendment", {"why": "x"})
        assert case.version == f"A{number:02}"
        for step in through[1:]:
            assert refused(case, step) == {"steps-in-order"}
        for step in through:
            case = take(case, step)


def test_every_modification_is_signed_and_countersigned_anew():
    case = walked("pay")
    for number in (1, 2):
        case = take(case, "open-modification", {"why": "x"})
        assert case.version == f"M{number:02}"
        assert refused(case, "countersign-modification") == {"steps-in-order"}
        assert refused(case, "open-modification", {"why": "y"}) == {"one-modification-at-a-time"}
        assert "one-modification-at-a-time" in refused(case, "complete-supply")
        price = {"line": "001", "unit_cost": f"{2750 + 150 * number}"}
        case = take(take(case, "change-line-within-scope", price), "sign-modification")
        assert refused(case, "countersign-modification") == {"funds-cover-the-case"}
        case = take(case, "confirm-funds", {"amount": "600"})
        case = take(case, "countersign-modification")
    change = {"line": "001", "unit_cost": "1"}
    case = take(case, "open-modification", {"why": "less"})
    assert refused(case, "change-line-within-scope", change) == {"change-above-obligated"}
    assert refused(take(case, "sign-modification"), "open-amendment", {"why": "x"}) == {
        "one-modification-at-a-time"
    }


def test_an_amendment_stays_within_the_value_allowed():
    case = take(walked("pay"), "open-amendment", {"why": "x"})
    case = take(case, "change-line", {"line": "001", "quantity": "9", "unit_cost": "2500"})
    for step in ("sign-amendment", "approve-amendment", "countersign-amendment"):
        case = take(case, step)
    assert refused(case, "accept-amendment") == {"lines-within-ceiling"}


def test_no_more_is_released_than_is_obligated_and_unpaid():
    assert refused(walked("deobligate"), "deobligate", {"line": "001", "amount": "200.01"}) == {
        "spend-within-the-obligation"
    }


@pytest.mark.parametrize(
    ("deadline", "until", "start", "days"),
    [
        ("accept-before-expiration", "accept-offer", "countersign", 30),
        ("first-monitoring", "visit-monitoring", "transfer-custody", 90),
    ],
)
def test_a_deadline_is_so_many_days_after_its_step(deadline, until, start, days):
    case = walked(until)
    due = {state.deadline.id: state.due_on for state in open_deadlines(case, on=last_day(case))}
    assert due[deadline] == case.record_of(start).on + timedelta(days=days)
    done = walked("pay")
    assert deadline not in {state.deadline.id for state in open_deadlines(done, on=last_day(done))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('register = "vettings", field', 'register = "vetings", field'),
        ('start = "suspend"', 'start = "suspended"'),
        ('type = "entry", register = "units"', 'type = "entry", register = "unit"'),
        ('per = "delivery"', 'per = "deliveries"'),
    ],
)
def test_a_name_in_the_settings_of_a_rule_must_be_one_there_is(tmp_path, old, new):
    text = (SHIPPED / "samm-2012-legacy.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RulebookError, match=re.escape(new.split('"')[-2])):
        read_case_edition(path)


@BOTH
def test_a_step_on_a_day_to_come_is_refused(edition):
    case, today = walked("initiate-case", edition), last_day(walked("initiate-case", edition))
    how = {"actor": PEOPLE["dsca"], "submitted": {}, "available": AVAILABLE, "today": today}
    with pytest.raises(StepRefused) as error:
        process.take_step(case, "initiate-case", on=today + timedelta(days=1), **how)
    assert [refusal.rule.id for refusal in error.value.refusals] == ["day-has-come"]
    assert process.take_step(case, "initiate-case", on=today, **how)


@BOTH
def test_lines_and_total_case_value_are_corrected_before_acceptance(edition):
    case = walked("approve-ia", edition)
    at = {"at": f"{last_day(case)}T09:00"}
    case = take(case, "revise-line", {"line": "001", "unit_cost": "8000"}, edition=edition)
    assert case.cost == Money.parse("32000")
    assert refused(case, "approve-ia", at, edition=edition) == {"lines-within-ceiling"}
    raised = take(case, "revise-ceiling", {"ceiling": "40000", "why": "typed wrong"}, edition=edition)
    assert take(raised, "approve-ia", at, edition=edition).status == "Write"
    lower = take(case, "revise-line", {"line": "001", "unit_cost": "4000"}, edition=edition)
    assert take(lower, "approve-ia", at, edition=edition).status == "Write"
    none = take(case, "remove-line", {"line": "001", "why": "typed twice"}, edition=edition)
    assert "letter-has-lines" in refused(none, "approve-ia", at, edition=edition)
    assert refused(case, "revise-line", {"line": "001"}, edition=edition) == {"something-is-corrected"}
    later = {"line": "001", "start_month": "2099-01"}
    assert "months-in-order" in refused(case, "revise-line", later, edition=edition)
    assert "notified-units-only" in refused(
        case, "revise-line", {"line": "001", "unit": "x"}, edition=edition
    )


@BOTH
def test_what_was_approved_too_dear_is_returned_and_corrected(edition):
    case = walked("accept-offer", edition)
    assert "lines-before-approval" in refused(
        case, "revise-line", {"line": "001", "quantity": "1"}, edition=edition
    )
    lowered = take(case, "revise-ceiling", {"ceiling": "9000", "why": "less money"}, edition=edition)
    assert refused(lowered, "accept-offer", edition=edition) == {"lines-within-ceiling"}
    assert refused(case, "accept-offer", edition=edition, available=Money.parse("9000")) == {
        "offer-within-the-funds"
    }
    case = take(case, "return-document", {"why": "too dear"}, edition=edition)
    case = take(case, "revise-line", {"line": "001", "unit_cost": "2000"}, edition=edition)
    assert case.lines["001"].cost == Money.parse("8000")


@BOTH
def test_the_total_case_value_changes_after_acceptance_with_an_amendment_only(edition):
    case = walked("pay", edition)
    raise_it = {"ceiling": "90000", "why": "more radios"}
    assert refused(case, "revise-ceiling", raise_it, edition=edition) == {"ceiling-until-acceptance"}
    case = take(case, "open-amendment", {"why": "more"}, edition=edition)
    case = take(case, "change-line", {"line": "001", "quantity": "9", "unit_cost": "2500"}, edition=edition)
    for step in ("sign-amendment", "approve-amendment", "countersign-amendment"):
        case = take(case, step, edition=edition)
    assert refused(case, "accept-amendment", edition=edition) == {"lines-within-ceiling"}
    withdrawn = take(case, "withdraw-amendment", {"why": "typed wrong"}, edition=edition)
    assert (withdrawn.version, withdrawn.cost) == ("BASIC", Money.parse("10000"))
    assert not withdrawn.register("changes")
    again = take(withdrawn, "open-amendment", {"why": "less"}, edition=edition)
    assert again.version == "A01"
    raised = take(case, "revise-ceiling", raise_it, edition=edition)
    done = take(
        take(raised, "accept-amendment", edition=edition),
        "confirm-funds",
        {"amount": "12500"},
        edition=edition,
    )
    done = take(done, "implement-amendment", edition=edition)
    assert done.lines["001"].quantity == 9
    assert refused(done, "withdraw-amendment", {"why": "x"}, edition=edition) == {
        "withdraw-the-open-amendment"
    }
    assert refused(done, "revise-ceiling", raise_it, edition=edition) == {"ceiling-until-acceptance"}


def test_a_modification_is_withdrawn_until_it_is_countersigned():
    case = take(walked("pay"), "open-amendment", {"why": "x"})
    for step in ("sign-amendment", "approve-amendment", "countersign-amendment", "accept-amendment"):
        case = take(case, step)
    case = take(take(case, "implement-amendment"), "open-modification", {"why": "x"})
    assert case.version == "M01"
    case = take(case, "withdraw-modification", {"why": "typed wrong"})
    assert case.version == "A01"
    assert "withdraw-the-open-modification" in refused(case, "withdraw-modification", {"why": "x"})
    assert take(case, "open-modification", {"why": "y"}).version == "M01"


@pytest.mark.parametrize("name", ["on", "records_seen", "csrfmiddlewaretoken", "why"])
def test_no_field_of_a_rulebook_has_a_name_that_forms_keep_or_that_another_has(tmp_path, name):
    text = (SHIPPED / "samm-2012-legacy.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace('name = "version", type', f'name = "{name}", type'), encoding="utf-8")
    with pytest.raises(RulebookError, match=f"open-amendment: the field '{name}'") as error:
        read_case_edition(path)
    assert f"el campo '{name}'" in error.value.in_language("es")


# --- what the sources say -----------------------------------------------------------------------------


def entry(edition, table, name):
    found = getattr(edition, table)
    return found[name] if hasattr(found, "keys") else next(item for item in found if item.id == name)


def test_the_current_edition_takes_no_title_10_money_through_the_trust_fund():
    """DSCA 24-36: decoupled since 1 October 2024; the legacy process still has it."""
    confirm = CURRENT.steps["confirm-funds"]
    assert "does not pass through the FMS Trust Fund" in confirm.sentence.en
    assert "no pasa por el fondo fiduciario" in confirm.sentence.es
    assert confirm.reference.source == "dsca-24-36"
    assert "trust fund" in LEGACY.steps["confirm-funds"].sentence.en


def test_an_edition_with_amendments_only_names_no_modification():
    texts = [item.sentence for item in (*CURRENT.steps.values(), *CURRENT.rules)]
    assert not [text.en for text in texts if "M01" in text.en or "M01" in text.es]
    assert "M01" in entry(LEGACY, "rules", "version-is-next").sentence.en


def test_the_31_of_july_is_verified_for_legacy_cases_only():
    assert entry(LEGACY, "deadlines", "close-by-31-july").is_verified
    current = entry(CURRENT, "deadlines", "close-by-31-july")
    assert not current.is_verified
    assert "DSAMS-BPC" in current.remark.en


def test_oversight_of_the_transfer_is_asked_for_from_the_day_of_its_memorandum():
    assert entry(CURRENT, "rules", "transfer-after-oversight").from_date == date(2025, 2, 11)
    assert CURRENT.steps["oversee-transfer"].from_date == date(2025, 2, 11)


@pytest.mark.parametrize("name", ["ship-once", "arrive-once", "arrive-after-shipping", "parent-approved"])
def test_a_rule_that_its_source_does_not_state_says_so(name):
    for edition in (LEGACY, CURRENT):
        rule = entry(edition, "rules", name)
        assert not rule.is_verified
        assert rule.remark
    assert not CURRENT.steps["plan-delivery"].is_verified


@BOTH
def test_what_is_of_another_year_than_the_edition_says_so(edition):
    own = sources()[edition.source]
    entries = [
        *edition.phases,
        *edition.steps.values(),
        *edition.rules,
        *edition.clocks,
        *edition.deadlines,
        *edition.documents.values(),
    ]
    for item in entries:
        cited = sources()[item.reference.source]
        if cited.work == own.work and cited.year < own.year and item.reference.place:
            assert not item.is_verified, item.id
            assert f"Cites the manual of {cited.year}." in item.remark.en
            assert f"Cita el manual de {cited.year}." in item.remark.es
        elif cited.year > own.year:
            assert f"Source of {cited.year}." in item.remark.en, item.id
    read_in_2026 = [item for item in CURRENT.steps.values() if item.reference.source == "samm-c15-2026"]
    assert all(item.is_verified for item in read_in_2026)


def test_every_rule_of_both_editions_is_tried_above():
    tried = Path(__file__).read_text(encoding="utf-8")
    rules = {rule.id for edition in (LEGACY, CURRENT) for rule in edition.rules}
    assert sorted(rule for rule in rules if f'"{rule}"' not in tried) == []


@BOTH
def test_replaying_the_records_rebuilds_the_same_case(edition):
    case = walked(None, edition)
    assert process.replay(new_case(edition), case.records) == case


def test_every_office_of_the_walk_has_its_person():
    assert set(PEOPLE) == set(permission_table().offices)


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: text.replace(" ", "\u00a0 ")])
def test_a_unit_is_the_same_in_any_spelling(change):
    """A second entry of one unit would leave the first without its vetting."""
    case = walked("vet-unit")
    (unit,) = case.register("units")
    vetted = take(case, "vet-unit", {"unit": change(unit), "result": "cleared"})
    assert list(vetted.register("vettings")) == [unit]
    again = take(vetted, "vet-unit", {"unit": unit, "result": "cleared"})
    assert list(again.register("vettings")) == [unit]


def test_a_unit_whose_name_has_another_accent_is_another_unit():
    with pytest.raises(RuleRefusal) as refused:
        take(walked("vet-unit"), "vet-unit", {"unit": "1st Cóastal Battalion", "result": "cleared"})
    assert refused.value.code == "entry-unknown"
