"""Who studied with whom, against days counted one by one; and the posts alumni hold."""

import random
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from confianza.cooperation.alumni import HolderStatus, SchoolRole, TenureHolder
from confianza.cooperation.alumni.network import Attendance, attended_by, ties
from confianza.cooperation.alumni.positions import (
    Advanced,
    PositionsHeld,
    Tenure,
    advanced_by_school,
    alumni,
    holders,
    positions_held,
)


def at(person, school, start, end, *, course="STAFF COURSE", party="BN", role=SchoolRole.STUDENT):
    return Attendance(person, party, school, course, date.fromisoformat(start), date.fromisoformat(end), role)


def test_two_people_at_a_school_on_the_same_days_are_tied_for_those_days():
    ana = at("ana", "IADC", "2012-01-10", "2012-01-20")
    bo = at("bo", "IADC", "2012-01-18", "2012-02-28", course="OTHER", party="US", role=SchoolRole.INSTRUCTOR)
    (tie,) = ties([ana, bo])
    assert tie.pair == ("ana", "bo")
    assert (tie.overlap_days, tie.same_course_days, tie.met_on) == (3, 0, date(2012, 1, 18))
    assert tie.is_between_countries


def test_the_page_tells_the_same_figures():
    page = (Path(__file__).parents[2] / "docs/algorithms/alumni.md").read_text(encoding="utf-8")
    held = PositionsHeld(alumni_count=2, other_count=1, unknown_count=3)
    for share in (held.least_share, held.most_share, held.known_share):
        assert f"**{100 * share:.1f} %**" in page
    ana = at("ana", "IADC", "2012-01-10", "2012-01-20")
    bo = at("bo", "IADC", "2012-01-18", "2012-02-28", course="OTHER", party="US", role=SchoolRole.INSTRUCTOR)
    assert f"**{ties([ana, bo])[0].overlap_days} days**" in page


def test_one_day_apart_or_at_another_school_is_no_tie():
    ana = at("ana", "IADC", "2012-01-10", "2012-01-20")
    assert ties([ana, at("bo", "IADC", "2012-01-21", "2012-02-28")]) == []
    assert ties([ana, at("bo", "WHINSEC", "2012-01-10", "2012-01-20")]) == []


def test_two_courses_side_by_side_count_each_day_once():
    ana = [at("ana", "IADC", "2012-01-01", "2012-01-10", course=name) for name in ("A", "B")]
    (tie,) = ties([*ana, at("bo", "IADC", "2012-01-01", "2012-01-31", course="A")])
    assert (tie.overlap_days, tie.same_course_days) == (10, 10)


def random_attendances(seed):
    draw = random.Random(seed)  # noqa: S311  # made-up people, no secret
    first = date(2010, 1, 1)
    for _ in range(60):
        start = first + timedelta(days=draw.randrange(400))
        person = draw.randrange(12)
        yield Attendance(
            f"p{person:02}",
            "US" if person % 3 == 0 else "BN",
            draw.choice(["IADC", "WHINSEC", "IAAFA"]),
            draw.choice(["A", "B"]),
            start,
            start + timedelta(days=draw.randrange(1, 60)),
            draw.choice(list(SchoolRole)),
        )


def days_of(items):
    return {
        item.start_date + timedelta(days=n)
        for item in items
        for n in range((item.end_date - item.start_date).days + 1)
    }


def shared_days(everyone, one, other, place_of):
    """The days two people were at each place, one by one; only places with any."""
    found = {}
    for place in {place_of(item) for item in everyone}:
        days = [
            days_of(i for i in everyone if i.person == who and place_of(i) == place) for who in (one, other)
        ]
        if days[0] & days[1]:
            found[place] = days[0] & days[1]
    return found


@pytest.mark.parametrize("seed", range(20))
def test_ties_are_those_of_days_counted_one_by_one(seed):
    everyone = list(random_attendances(seed))
    people = sorted({item.person for item in everyone})
    counted = {}
    for one, other in combinations(people, 2):
        at_school = shared_days(everyone, one, other, lambda item: item.school_code)
        on_course = shared_days(everyone, one, other, lambda item: (item.school_code, item.course_title))
        if at_school:
            counted[one, other] = (
                sum(map(len, at_school.values())),
                sum(map(len, on_course.values())),
                min(set().union(*at_school.values())),
                tuple(sorted(at_school)),
            )
    found = {
        tie.pair: (tie.overlap_days, tie.same_course_days, tie.met_on, tie.schools) for tie in ties(everyone)
    }
    assert found == counted
    assert ties(reversed(everyone)) == ties(everyone)


def test_what_is_attended_by_a_day_ends_with_it():
    ana = at("ana", "IADC", "2012-01-10", "2012-01-20")
    assert attended_by([ana], date(2012, 1, 9)) == []
    assert attended_by([ana], date(2012, 1, 12))[0].end_date == date(2012, 1, 12)


def test_an_alumnus_has_completed_a_course_as_a_student():
    items = [
        at("ana", "IADC", "2012-01-10", "2012-01-20"),
        at("ana", "IADC", "2011-01-10", "2011-03-20"),
        at("bo", "IADC", "2012-01-10", "2012-01-20", role=SchoolRole.INSTRUCTOR),
        at("eva", "IADC", "2012-01-10", "2013-01-20"),
    ]
    assert alumni(items, date(2012, 12, 31)) == {"ana": date(2011, 3, 20)}


def held(person, post, start, end=None, holder=TenureHolder.PERSON):
    return Tenure(post, holder, person, date.fromisoformat(start), date.fromisoformat(end) if end else None)


def test_a_post_nobody_is_recorded_for_is_unknown_and_not_held_by_others():
    tenures = [
        held("ana", "chief", "2013-01-01"),
        held(None, "fleet", "2013-01-01", holder=TenureHolder.OTHER),
        held(None, "staff", "2013-01-01", holder=TenureHolder.ERASED),
        held("bo", "zone", "2013-01-01"),  # on record, with no course
        held("ana", "past", "2012-01-01", "2012-12-31"),
    ]
    found = holders(
        ["chief", "fleet", "staff", "zone", "past", "none"],
        tenures,
        {"ana": date(2012, 6, 1)},
        date(2013, 6, 1),
    )
    assert found == {
        "chief": HolderStatus.ALUMNUS,
        "fleet": HolderStatus.OTHER,
        "staff": HolderStatus.ALUMNUS,
        "zone": HolderStatus.UNKNOWN,
        "past": HolderStatus.UNKNOWN,
        "none": HolderStatus.UNKNOWN,
    }
    counted = positions_held(found)
    assert counted == PositionsHeld(alumni_count=2, other_count=1, unknown_count=3)
    assert counted.known_share == pytest.approx(2 / 3)
    assert (counted.least_share, counted.most_share) == (pytest.approx(2 / 6), pytest.approx(5 / 6))


def test_without_a_known_holder_there_is_no_share():
    counted = PositionsHeld(0, 0, 2)
    assert counted.known_share is None
    assert (counted.least_share, counted.most_share) == (0, 1)
    assert PositionsHeld(0, 0, 0).least_share is None


def test_before_the_course_ends_its_student_is_no_alumnus_in_a_post():
    found = holders(
        ["chief"], [held("ana", "chief", "2010-01-01")], {"ana": date(2012, 6, 1)}, date(2012, 5, 31)
    )
    assert found == {"chief": HolderStatus.UNKNOWN}


def test_only_posts_after_the_course_count_as_reached():
    items = [at(name, "IADC", "2012-01-10", "2012-06-20") for name in ("ana", "bo", "eva")]
    advanced = {"ana": None, "bo": date(2012, 1, 31)}
    assert advanced_by_school(items, advanced, date(2020, 1, 1)) == [Advanced("IADC", 3, 1)]
