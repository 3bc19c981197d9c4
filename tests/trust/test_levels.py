"""Levels by day and year from records."""

from datetime import date, timedelta

from confianza.evidence.relationship_record import packaged_record
from confianza.trust.levels import evidence_of, level_periods, levels_by_year, recorded_levels
from confianza.trust.spectrum import RecordedLevels, cooperation_level, ladder
from tests.cooperation.relationship.made_records import record


def of(*evidence):
    records = [
        record(f"{number}", "level", first, to=last, actor="both", requirement=requirement)
        for number, (requirement, first, last) in enumerate(evidence)
    ]
    return RecordedLevels(evidence_of(records))


CONTACT = (("office", "2000-01-01", "2001-06-30"), ("visits", "2000-03-01", "2000-03-05"))


def test_a_level_is_held_from_the_first_day_of_its_evidence_until_the_window_ends():
    assert [
        (period.first_day, period.last_day, period.level and period.level.number)
        for period in level_periods(of(*CONTACT), date(1999, 1, 1), date(2004, 12, 31))
    ] == [
        (date(1999, 1, 1), date(1999, 12, 31), None),
        (date(2000, 1, 1), date(2000, 2, 29), 0),
        (date(2000, 3, 1), date(2002, 3, 4), 1),
        (date(2002, 3, 5), date(2003, 6, 29), 0),
        (date(2003, 6, 30), date(2004, 12, 31), None),
    ]


def test_every_day_of_a_period_has_its_level():
    """The referee asks day by day, also where evidence ends on a leap day."""
    recorded = of(*CONTACT, ("forum", "2000-02-29", ""), ("information-exchange", "2000-02-29", "2001-12-31"))
    for period in level_periods(recorded, date(1999, 6, 1), date(2005, 6, 1)):
        day = period.first_day
        while day <= period.last_day:
            state = cooperation_level(day, recorded)
            assert (state.current if state.is_on_record else None) == period.level, day
            day += timedelta(days=1)


def test_a_year_has_the_highest_level_held_in_it_and_what_the_next_lacks():
    years = {year.year: year for year in levels_by_year(of(*CONTACT), 1999, 2004)}
    assert (years[1999].level, years[1999].evidence) == (None, ())
    assert (years[2000].level.number, years[2000].first_day, years[2000].last_day) == (
        1,
        date(2000, 3, 1),
        date(2000, 12, 31),
    )
    assert [item.code for item in years[2000].missing] == ["forum", "information-exchange"]
    assert (years[2002].level.number, years[2002].last_day) == (1, date(2002, 3, 4))
    assert (years[2003].level.number, years[2004].level) == (0, None)


def test_evidence_to_come_and_memory_count_for_nothing():
    assert not cooperation_level(date(1999, 1, 1), of(*CONTACT)).is_on_record
    assert evidence_of([record("m", "level", requirement="office", verification="memory")]) == ()
    assert evidence_of([record("a", "act")]) == ()


def test_the_packaged_evidence_is_of_requirements_of_the_ladder():
    codes = {requirement.code for level in ladder() for requirement in level.requires}
    evidence = recorded_levels("us-mexico").evidence
    assert {item.requirement for item in evidence} <= codes
    assert len(evidence) == sum(record.kind == "level" for record in packaged_record("us-mexico"))
    assert recorded_levels("none").evidence == ()


def test_the_levels_of_the_packaged_record():
    """Counted by hand from the dates of the evidence."""
    recorded = recorded_levels("us-mexico")
    assert recorded.desired == 4
    levels = {item.year: item.level and item.level.number for item in levels_by_year(recorded, 1914, 2021)}
    assert {levels[year] for year in range(1914, 1940)} == {None}
    assert {levels[year] for year in range(1941, 1948)} == {1}
    assert {levels[year] for year in range(1979, 1987)} == {None}
    assert {levels[year] for year in range(2012, 2016)} == {2}
