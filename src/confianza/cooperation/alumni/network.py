"""Alumni: who studied with whom, and how many of a partner's posts they hold.

Two people are tied when they were at the same school on the same day, as students or instructors. What a tie weighs is
the number of those days. A tie is never lost: the graph of a day holds every tie made by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from confianza.cooperation.bilingual import Text
from confianza.cooperation.names import name_key
from confianza.cooperation.sources import Reference

IADC_CLAIM = Reference("martinez-2014", "p. 70")  # "Over 40 percent of the graduates have advanced ..."
IADC_CLAIM_SHARE = 0.40


class Part(StrEnum):
    """What a person was at a school."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


PARTS = {Part.STUDENT: Text("student", "alumno"), Part.INSTRUCTOR: Text("instructor", "instructor")}


class Prominence(StrEnum):
    """Why a post counts as prominent (SAMM C10.21): the rank, the post itself, or a civilian equivalent."""

    FLAG = "flag"
    NAMED = "named"
    CIVILIAN = "civilian"


PROMINENCES = {
    Prominence.FLAG: Text("flag or general officer", "oficial general"),
    Prominence.NAMED: Text("named post of a lesser rank", "cargo designado de menor grado"),
    Prominence.CIVILIAN: Text("civilian equivalent", "equivalente civil"),
}


class Holder(StrEnum):
    """What is known of who holds a post: a person on record, an alumnus whose data were erased, or no alumnus."""

    PERSON = "person"
    ERASED = "erased"
    OTHER = "other"


@dataclass(frozen=True)
class Attendance:
    """A person at a school, both days included."""

    person: str
    party: str
    school_code: str
    course_title: str
    start_date: date
    end_date: date
    part: Part = Part.STUDENT


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
    found: list[Stay] = []
    by_person: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for item in attendances:
        by_person[item.person].append((item.start_date, item.end_date))
    for person, days in by_person.items():
        first, last = min(days)
        for start, end in sorted(days):
            if (start - last).days > 1:
                found.append((first, last, person))
                first, last = start, end
            last = max(last, end)
        found.append((first, last, person))
    return sorted(found)


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
            found = shared.setdefault(pair, _Shared(first))
            found.met_on = min(found.met_on, first)
            found.days += days
            found.schools.add(school)
    for group in on_course.values():
        for pair, _, days in _meetings(_stays(group)):
            shared[pair].same_course_days += days
    return [
        Tie(
            pair,
            (party[pair[0]], party[pair[1]]),
            found.met_on,
            found.days,
            found.same_course_days,
            tuple(sorted(found.schools)),
        )
        for pair, found in sorted(shared.items())
    ]


def alumni(attendances: Iterable[Attendance], on: date) -> dict[str, date]:
    """Who had completed a course as a student by a day, with the day of the first completion."""
    found: dict[str, date] = {}
    for item in attendances:
        if item.part is Part.STUDENT and item.end_date <= on:
            found[item.person] = min(item.end_date, found.get(item.person, item.end_date))
    return found


@dataclass(frozen=True)
class Tenure:
    """A post held from a day, to a day or still; `person` only where `holder` says there is one."""

    post_code: str
    holder: Holder
    person: str | None
    from_date: date
    to_date: date | None = None

    def is_held(self, on: date) -> bool:
        return self.from_date <= on and (self.to_date is None or on <= self.to_date)


@dataclass(frozen=True)
class PostsHeld:
    """How many posts alumni hold, others hold, and nothing is known of."""

    alumni_count: int
    other_count: int
    unknown_count: int

    @property
    def post_count(self) -> int:
        return self.alumni_count + self.other_count + self.unknown_count

    @property
    def known_share(self) -> float | None:
        """Of the posts whose holder is known; None when none is."""
        known = self.alumni_count + self.other_count
        return self.alumni_count / known if known else None

    @property
    def least_share(self) -> float | None:
        """Of all posts, were no unknown holder an alumnus."""
        return self.alumni_count / self.post_count if self.post_count else None

    @property
    def most_share(self) -> float | None:
        """Of all posts, were every unknown holder an alumnus."""
        return (self.alumni_count + self.unknown_count) / self.post_count if self.post_count else None


class Held(StrEnum):
    """By whom a post is held on a day, as far as is known."""

    ALUMNUS = "alumnus"
    OTHER = "other"
    UNKNOWN = "unknown"


def holders(
    posts: Iterable[str], tenures: Iterable[Tenure], completed: Mapping[str, date], on: date
) -> dict[str, Held]:
    """By whom each post is held on a day.

    A person on record without a completed course is not known to be no alumnus: the record may lack the course.
    """
    found = dict.fromkeys(posts, Held.UNKNOWN)
    for tenure in tenures:
        if tenure.post_code in found and tenure.is_held(on):
            since = completed.get(tenure.person) if tenure.person is not None else None
            is_alumnus = tenure.holder is Holder.ERASED or (since is not None and since <= on)
            if is_alumnus:
                found[tenure.post_code] = Held.ALUMNUS
            elif tenure.holder is Holder.OTHER:
                found[tenure.post_code] = Held.OTHER
    return found


def posts_held(held: Mapping[str, Held]) -> PostsHeld:
    """The posts counted by who holds them."""
    values = list(held.values())
    return PostsHeld(*(values.count(kind) for kind in (Held.ALUMNUS, Held.OTHER, Held.UNKNOWN)))


@dataclass(frozen=True)
class Advanced:
    """Of the alumni of a school, how many are known to have reached a prominent post: a least number."""

    school_code: str
    alumni_count: int
    advanced_count: int

    @property
    def least_share(self) -> float:
        return self.advanced_count / self.alumni_count


def advanced_by_school(
    attendances: Iterable[Attendance], advanced: Mapping[str, date | None], on: date
) -> list[Advanced]:
    """The alumni of each school, and those who held a prominent post by a day, after they had completed a course there.

    Parameters
    ----------
    advanced : mapping
        The last day a person is known to have held a prominent post (None: still), for those who ever did by `on`.
    """
    completed: dict[str, dict[str, date]] = defaultdict(dict)
    for item in attendances:
        if item.part is Part.STUDENT and item.end_date <= on:
            people = completed[item.school_code]
            people[item.person] = min(item.end_date, people.get(item.person, item.end_date))

    def is_later(person: str, since: date) -> bool:
        return person in advanced and ((last := advanced[person]) is None or last >= since)

    return [
        Advanced(school, len(people), sum(is_later(person, since) for person, since in people.items()))
        for school, people in sorted(completed.items())
    ]
