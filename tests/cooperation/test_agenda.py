"""What is next on a case, what blocks it, what holds it, when its funds lapse."""

from datetime import timedelta

from confianza.cooperation.cases.agenda import agenda, holds, lapse, may_be_held
from confianza.cooperation.cases.case import FundState
from confianza.cooperation.cases.process import next_actions, open_case
from tests.cooperation import test_case_process
from tests.cooperation.manual_case import AVAILABLE, LEGACY_FUNDS, take, walked


def last_day(case):
    return case.records[-1].on


def agenda_of(case, on):
    offered = next_actions(case, on=on, available=AVAILABLE)
    return agenda(case, offered, on=on, available=AVAILABLE)


def test_without_days_the_next_step_is_the_first_in_the_order_of_the_process():
    case = walked("receive-request")
    on = last_day(case)
    found = agenda_of(case, on)
    assert (found.next.step.id, found.due) == ("receive-request", None)


def test_a_day_that_is_near_or_past_goes_before_the_order():
    case = walked("confirm-receipt")
    on = last_day(case)
    for days in (1, 400):
        found = agenda_of(case, on + timedelta(days=days))
        assert found.next.step.id == "confirm-receipt"
        assert found.due.about == "D1"


def test_a_step_that_a_rule_refuses_is_blocked_and_never_next():
    case = walked("confirm-receipt")
    found = agenda_of(case, last_day(case) + timedelta(days=1500))  # after the funds expired
    assert found.blocked
    assert all(action.refusals for action in found.blocked)
    assert found.next.step.id not in {action.step.id for action in found.blocked}


def test_a_hold_is_told_in_the_words_of_its_rule_until_it_is_removed():
    case = walked("notify-unit")
    on = last_day(case)
    assert may_be_held(case)
    assert holds(case) == []
    case = take(case, "request-hold", {"why": "Waiting for prices"}, on=on)
    case = take(case, "approve-hold", on=on)
    assert [reason.en for reason in holds(case)] == [f"The case is on hold since {on}."]
    assert holds(take(case, "remove-hold", on=on)) == []


def test_the_thesis_knows_no_hold():
    funds = test_case_process.FUNDS
    case = open_case(
        identifier="E7-B-UAC", edition_id="thesis-2013", title="x", partner_code="BN", funds=funds
    )
    assert not may_be_held(case)


def test_funds_lapse_first_by_expiring_then_by_being_canceled_then_no_more():
    dates = LEGACY_FUNDS.availability[0]
    assert lapse(dates, dates.available_until) == (FundState.EXPIRED, dates.available_until)
    later = dates.available_until + timedelta(days=1)
    assert lapse(dates, later) == (FundState.CANCELED, dates.cancels_on)
    assert lapse(dates, dates.cancels_on + timedelta(days=1)) is None
