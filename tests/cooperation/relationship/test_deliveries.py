"""Deliveries of cases as commitments."""

from datetime import date, timedelta

import pytest

from confianza.cooperation.relationship.deliveries import deliveries, deliveries_kept
from tests.cooperation.manual_case import CURRENT, LEGACY, take, walked


def arrived(edition, days_after_plan, **more):
    case = walked("record-arrival", edition)
    planned = date.fromisoformat(case.register("deliveries")["D1"]["planned_on"])
    on = planned + timedelta(days=days_after_plan)
    given = {"delivery": "D1", "arrived_at": "Bandaria City"} | more
    return planned, take(case, "record-arrival", given, on=on, edition=edition)


@pytest.mark.parametrize("edition", [LEGACY, CURRENT], ids=lambda edition: edition.id)
def test_a_delivery_is_kept_when_it_comes_by_its_day(edition):
    planned, case = arrived(edition, -3)
    (delivery,) = deliveries(case)
    assert (delivery.line, delivery.quantity, delivery.due_on) == ("001", 4, planned)
    assert (delivery.outcome, delivery.days_late) == ("kept", -3)
    assert delivery.announced_on < planned


def test_a_late_delivery_tells_its_days_and_cause():
    _, case = arrived(LEGACY, 12, cause="customs")
    (delivery,) = deliveries(case)
    assert (delivery.outcome, delivery.days_late, delivery.cause) == ("late", 12, "customs")


def test_what_has_not_arrived_is_open_and_then_overdue():
    case = walked("record-arrival", LEGACY)
    (delivery,) = deliveries(case)
    assert (delivery.outcome, delivery.days_late) == ("unknown", None)
    assert not delivery.is_overdue(delivery.due_on)
    assert delivery.is_overdue(delivery.due_on + timedelta(days=1))


def test_the_deliveries_of_several_cases_are_counted_on_a_day():
    planned, early = arrived(LEGACY, -3)
    _, late = arrived(LEGACY, 12, cause="customs")
    both = [*deliveries(early), *deliveries(late)]
    now = deliveries_kept(both, planned + timedelta(days=20))
    assert (now.in_time, now.late, now.open, now.overdue, now.median_days_late) == (1, 1, 0, 0, 4.5)
    then = deliveries_kept(both, planned + timedelta(days=1))
    assert (then.in_time, then.late, then.open, then.overdue, then.median_days_late) == (1, 0, 1, 1, -3)


def test_a_case_without_planned_deliveries_has_none():
    assert deliveries(walked("plan-delivery", LEGACY)) == []
    assert deliveries_kept([], date(2020, 1, 1)).median_days_late is None
