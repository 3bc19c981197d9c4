"""Who studied with whom.

Two people are tied when they were at the same school on the same day, as students or instructors. What a tie weighs is
the number of those days. A tie is never lost: the graph of a day holds every tie made by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from confianza.cooperation.alumni import SchoolRole
from confianza.cooperation.names import name_key


@dataclass(frozen=True)
class Attendance:
    """A person at a school, both days included."""

    person: str
    party: str
    school_code: str
    course_title: str
    start_date: date
    end_date: date
    role: SchoolRole = SchoolRole.STUDENT


@dataclass(frozen=True)
class Tie:
    """Two people (in the order of their names) who were at the same schools on the same days."""

    pair: tuple[str, str]
    parties: tuple[str, str]
    met_on: date
    overlap_days: int
    same_course_days: int
    schools: tuple[str, ...]

    @property
    def is_between_countries(self) -> bool:
        """Whether the two are of different parties."""
        return self.parties[0] != self.parties[1]


@dataclass
class _Shared:
    """What two people share while their days are added up."""

    met_on: date
    days: int = 0
    same_course_days: int = 0
    schools: set[str] = field(default_factory=set)


def attended_by(attendances: Iterable[Attendance], on: date) -> list[Attendance]:
    """The attendances begun by a day, none later than that day."""
    return [replace(item, end_date=min(item.end_date, on)) for item in attendances if item.start_date <= on]


Stay = tuple[date, date, str]  # first day, last day, person


def _stays(attendances: Iterable[Attendance]) -> list[Stay]:
    """Stretches of days without a gap, a person's own courses side by side counted once, by first day."""
    stays: list[Stay] = []
    by_person: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for item in attendances:
        by_person[item.person].append((item.start_date, item.end_date))
    for person, days in by_person.items():
        first, last = min(days)
        for start, end in sorted(days):
            if (start - last).days > 1:
                stays.append((first, last, person))
                first, last = start, end
            last = max(last, end)
        stays.append((first, last, person))
    return sorted(stays)


def _meetings(stays: Sequence[Stay]) -> Iterable[tuple[tuple[str, str], date, int]]:
    """Each two stays of different people that share days: the pair, the first of the days, their number."""
    present: list[Stay] = []
    for stay in stays:
        start, end, person = stay
        present = [other for other in present if other[1] >= start]
        for _, other_end, other in present:
            if other != person:
                pair = (person, other) if person < other else (other, person)
                yield pair, start, (min(end, other_end) - start).days + 1
        present.append(stay)


def ties(attendances: Iterable[Attendance]) -> list[Tie]:
    """Who was where with whom, for how many days; by pair.

    days(a, b) = sum over schools of |D(a, school) ∩ D(b, school)|,  D the set of days a person was there

    Days on the same course are counted likewise over (school, course), and are part of the days at the school; a course
    is the same in every spelling of its title (`name_key`).
    """
    listed = list(attendances)
    party = {item.person: item.party for item in listed}
    at_school: dict[str, list[Attendance]] = defaultdict(list)
    on_course: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    titles = {title: name_key(title) for title in {item.course_title for item in listed}}
    for item in listed:
        at_school[item.school_code].append(item)
        on_course[item.school_code, titles[item.course_title]].append(item)
    shared: dict[tuple[str, str], _Shared] = {}
    for school, group in at_school.items():
        for pair, first, days in _meetings(_stays(group)):
            days_together = shared.setdefault(pair, _Shared(first))
            days_together.met_on = min(days_together.met_on, first)
            days_together.days += days
            days_together.schools.add(school)
    for group in on_course.values():
        for pair, _, days in _meetings(_stays(group)):
            shared[pair].same_course_days += days
    return [
        Tie(
            pair,
            (party[pair[0]], party[pair[1]]),
            days_together.met_on,
            days_together.days,
            days_together.same_course_days,
            tuple(sorted(days_together.schools)),
        )
        for pair, days_together in sorted(shared.items())
    ]
