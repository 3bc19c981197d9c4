"""What a record covers."""

from confianza.cooperation.relationship.coverage import coverage
from confianza.cooperation.sources import Reference
from tests.cooperation.relationship.made_records import record


def test_a_year_is_empty_when_no_used_record_begins_in_it():
    one, two = Reference("one"), Reference("two", "p. 2")
    found = coverage(
        [
            record("a", on="2000", references=(one, two)),
            record("b", on="2001", to="2003-02", happening="a", references=(one,)),
            record("m", "hedge", on="2005", verification="memory"),
            record("l", "level", on="2004", requirement="office"),
        ],
        first_year=2000,
        last_year=2005,
    )
    assert (found.count, found.happening_count) == (4, 3)
    assert found.by_source == {"one": 2, "two": 1}
    assert found.by_decade == {2000: 4}
    assert found.by_kind == {"act": 2, "hedge": 1, "level": 1}
    assert found.by_verification == {"memory": 1, "verified": 3}
    assert found.empty_years == (2002, 2003, 2004, 2005)
    assert found.spanned_years == (2002, 2003)
