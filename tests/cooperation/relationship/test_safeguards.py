"""Safeguards added and lifted, and those in force on a day."""

from datetime import date, timedelta

import pytest

from confianza.cooperation.relationship.safeguards import (
    changes_by_year,
    in_force,
    lifted_alone,
    safeguards,
)
from tests.cooperation.relationship.made_records import record


def added(record_id, on, **more):
    return record(record_id, "hedge", on, change="added", sign=-1, **more)


def lifted(record_id, on, **more):
    return record(record_id, "hedge", on, change="lifted", **more)


RULE = added("rule", "2000-03-01", is_standing="yes")
LIFT = lifted("lift", "2001-03-01", safeguard="rule")
CONDITION = added("condition", "2000", is_standing="yes", ended="2002-06")
REFUSAL = added("refusal", "2000-05-10", is_standing="no")
BLOCKADE = added("blockade", "2000-05-01", to="2000-05-20", is_standing="no")
ALONE = lifted("alone", "2001-01-01", actor="MX")
OPEN = added("open", "2003-01-01", is_standing="yes", actor="MX")
ALL = [RULE, LIFT, CONDITION, REFUSAL, BLOCKADE, ALONE, OPEN]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(1999, 12, 31), []),
        (date(2000, 5, 10), ["condition", "rule", "blockade", "refusal"]),
        (date(2000, 5, 20), ["condition", "rule", "blockade"]),
        (date(2001, 2, 28), ["condition", "rule"]),
        (date(2001, 3, 1), ["condition"]),
        (date(2002, 6, 30), ["condition"]),
        (date(2002, 7, 1), []),
        (date(2050, 1, 1), ["open"]),
    ],
)
def test_a_safeguard_is_in_force_until_it_is_lifted_or_ended(on, expected):
    assert [item.added.record_id for item in in_force(ALL, on)] == expected


def test_every_day_agrees_with_a_walk_through_the_days():
    """The referee adds and takes away day by day."""
    ends = {
        "rule": date(2001, 3, 1),
        "condition": date(2002, 7, 1),
        "refusal": date(2000, 5, 11),
        "blockade": date(2000, 5, 21),
    }
    begins = {item.record_id: item.first_day for item in ALL if item.details["change"] == "added"}
    current, day = set(), date(1999, 1, 1)
    while day < date(2004, 1, 1):
        current |= {name for name, first in begins.items() if first == day}
        current -= {name for name, end in ends.items() if end == day}
        assert {item.added.record_id for item in in_force(ALL, day)} == current, day
        day += timedelta(days=1)


def test_what_lifted_it_stands_beside_it():
    assert {item.added.record_id: item.lifted for item in safeguards(ALL)}["rule"] == LIFT
    assert lifted_alone(ALL) == [ALONE]


def test_changes_are_counted_by_side_and_year():
    assert changes_by_year(ALL) == {
        ("MX", 2001): {"added": 0, "lifted": 1},
        ("MX", 2003): {"added": 1, "lifted": 0},
        ("US", 2000): {"added": 4, "lifted": 0},
        ("US", 2001): {"added": 0, "lifted": 1},
    }


def test_what_rests_on_memory_is_not_in_force():
    assert in_force([added("m", "2000", is_standing="yes", verification="memory")], date(2001, 1, 1)) == []
