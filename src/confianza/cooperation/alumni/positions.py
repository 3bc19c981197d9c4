"""How many of a partner's positions alumni hold, and how many alumni reached one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.alumni import HolderStatus, SchoolRole, TenureHolder
from confianza.cooperation.alumni.network import Attendance
from confianza.cooperation.sources import Reference

IADC_CLAIM = Reference("martinez-2014", "p. 70")  # "Over 40 percent of the graduates have advanced ..."
IADC_CLAIM_SHARE = 0.40


def alumni(attendances: Iterable[Attendance], on: date) -> dict[str, date]:
    """Who had completed a course as a student by a day, with the day of the first completion."""
    completed: dict[str, date] = {}
    for item in attendances:
        if item.role is SchoolRole.STUDENT and item.end_date <= on:
            completed[item.person] = min(item.end_date, completed.get(item.person, item.end_date))
    return completed


@dataclass(frozen=True)
class Tenure:
    """A position held from a day, to a day or still; `person` only where `holder` says there is one."""

    post_code: str
    holder: TenureHolder
    person: str | None
    from_date: date
    to_date: date | None = None

    def is_held(self, on: date) -> bool:
        """Whether the position is held on a day, the first and the last one included."""
        return self.from_date <= on and (self.to_date is None or on <= self.to_date)


@dataclass(frozen=True)
class PositionsHeld:
    """How many positions alumni hold, others hold, and nothing is known of."""

    alumni_count: int
    other_count: int
    unknown_count: int

    @property
    def post_count(self) -> int:
        """All positions, those with an unknown holder too."""
        return self.alumni_count + self.other_count + self.unknown_count

    @property
    def known_share(self) -> float | None:
        """Of the positions whose holder is known; None when none is."""
        known = self.alumni_count + self.other_count
        return self.alumni_count / known if known else None

    @property
    def least_share(self) -> float | None:
        """Of all positions, were no unknown holder an alumnus."""
        return self.alumni_count / self.post_count if self.post_count else None

    @property
    def most_share(self) -> float | None:
        """Of all positions, were every unknown holder an alumnus."""
        return (self.alumni_count + self.unknown_count) / self.post_count if self.post_count else None


def holders(
    posts: Iterable[str], tenures: Iterable[Tenure], completed: Mapping[str, date], on: date
) -> dict[str, HolderStatus]:
    """By whom each position is held on a day.

    A person on record without a completed course is not known to be no alumnus: the record may lack the course.
    """
    statuses = dict.fromkeys(posts, HolderStatus.UNKNOWN)
    for tenure in tenures:
        if tenure.post_code in statuses and tenure.is_held(on):
            since = completed.get(tenure.person) if tenure.person is not None else None
            is_alumnus = tenure.holder is TenureHolder.ERASED or (since is not None and since <= on)
            if is_alumnus:
                statuses[tenure.post_code] = HolderStatus.ALUMNUS
            elif tenure.holder is TenureHolder.OTHER:
                statuses[tenure.post_code] = HolderStatus.OTHER
    return statuses


def positions_held(statuses: Mapping[str, HolderStatus]) -> PositionsHeld:
    """The positions counted by who holds them."""
    values = list(statuses.values())
    return PositionsHeld(
        *(values.count(kind) for kind in (HolderStatus.ALUMNUS, HolderStatus.OTHER, HolderStatus.UNKNOWN))
    )


@dataclass(frozen=True)
class Advanced:
    """Of the alumni of a school, how many are known to have reached a prominent position: a least number."""

    school_code: str
    alumni_count: int
    advanced_count: int

    @property
    def least_share(self) -> float:
        """The share (0–1) known to have reached a prominent position; the true one may be higher."""
        return self.advanced_count / self.alumni_count


def advanced_by_school(
    attendances: Iterable[Attendance], advanced: Mapping[str, date | None], on: date
) -> list[Advanced]:
    """The alumni of each school, and those who held a prominent position by a day, after a course completed there.

    Parameters
    ----------
    advanced : mapping
        The last day a person is known to have held a prominent position (None: still), for those who ever did by `on`.
    """
    at_school: dict[str, list[Attendance]] = defaultdict(list)
    for item in attendances:
        at_school[item.school_code].append(item)
    completed = {school: alumni(items, on) for school, items in sorted(at_school.items())}

    def is_later(person: str, since: date) -> bool:
        return person in advanced and ((last := advanced[person]) is None or last >= since)

    return [
        Advanced(school, len(people), sum(is_later(person, since) for person, since in people.items()))
        for school, people in completed.items()
        if people
    ]
