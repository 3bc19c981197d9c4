"""Promises by side: what was kept, late, in part or broken."""

from confianza.cooperation.relationship.promises import promises
from tests.cooperation.relationship.made_records import record

KEPT = record("a", "commitment", due_date="2000-02-01", outcome="kept", outcome_date="2000-01-30")
LATE = record("b", "commitment", due_date="2000-02-01", outcome="late", outcome_date="2000-02-11")
SOFT = record("c", "commitment", outcome="broken", is_firm="no")
OPEN = record("d", "commitment", due_date="2000-02", outcome_date="2000-03-01")


def test_each_outcome_is_counted_for_the_side_that_promised():
    ours, theirs, both = promises(
        [KEPT, LATE, SOFT, OPEN, record("e", "commitment", actor="MX")], ("US", "MX")
    )
    assert [ours.count(outcome) for outcome in ("kept", "late", "partly", "broken", "unknown")] == [
        1,
        1,
        0,
        1,
        1,
    ]
    assert (len(theirs.records), theirs.count("unknown"), both.records) == (1, 1, ())


def test_a_share_is_of_those_with_an_outcome_on_record():
    ours, theirs, _ = promises([KEPT, LATE, SOFT, OPEN], ("US", "MX"))
    assert ours.kept_share == 1 / 3
    assert theirs.kept_share is None


def test_hopes_and_forecasts_can_be_left_out():
    assert [item.record_id for item in promises([KEPT, SOFT], ("US",), firm_only=True)[0].records] == ["a"]


def test_days_late_are_counted_where_both_are_days():
    ours = promises([KEPT, LATE, OPEN], ("US", "MX"))[0]
    assert ours.days_late == (-2, 10)
    assert ours.median_days_late == 4
    assert promises([OPEN], ("US",))[0].median_days_late is None


def test_what_rests_on_memory_is_no_promise_of_the_figures():
    assert promises([record("m", "commitment", verification="memory")], ("US",))[0].records == ()
    assert promises([record("n", "act")], ("US",))[0].records == ()
