"""The level of cooperation through the years, from records that are evidence of a level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from confianza.cooperation.periods import months_later
from confianza.cooperation.relationship.records import Record
from confianza.cooperation.sources import Reference
from confianza.evidence.relationship_record import desired_level, packaged_record
from confianza.trust.spectrum import (
    CooperationLevel,
    Evidence,
    Level,
    RecordedLevels,
    Requirement,
    cooperation_level,
    window_of_evidence,
)


@dataclass(frozen=True)
class LevelPeriod:
    """Days in a row on one level; `level` None: nothing is on record of them."""

    first_day: date
    last_day: date
    level: Level | None


@dataclass(frozen=True)
class LevelYear:
    """The highest level held in a year, its days in that year, and what its last day on it lacks for the next.

    `level` None: nothing is on record of the whole year.
    """

    year: int
    level: Level | None
    first_day: date | None
    last_day: date | None
    evidence: tuple[Evidence, ...]
    missing: tuple[Requirement, ...]


def evidence_of(records: Iterable[Record]) -> tuple[Evidence, ...]:
    """The records of kind `level` as evidence, by first day; what rests on memory alone is left out."""
    evidence = (
        Evidence(
            str(record.details["requirement"]),
            record.first_day,
            record.last_day,
            record.summary,
            record.references[0] if record.references else Reference(""),
        )
        for record in records
        if record.kind == "level" and record.is_used
    )
    return tuple(sorted(evidence, key=lambda item: (item.first_date, item.requirement)))


def recorded_levels(data_set: str) -> RecordedLevels:
    """What the packaged record of a partnership says of its levels; nothing when it has none."""
    desired = desired_level(data_set)
    evidence = evidence_of(packaged_record(data_set))
    return RecordedLevels(evidence, *desired) if desired else RecordedLevels(evidence)


def level_periods(recorded: RecordedLevels, first_day: date, last_day: date) -> list[LevelPeriod]:
    """The levels held from one day to another, each with its first and last day.

    A level can change only where evidence begins or stops being current; between two such days it is the same.
    """
    window = window_of_evidence()
    changes = {first_day}
    for item in recorded.evidence:
        end = months_later(item.last_date, window)
        changes |= {
            item.first_date,
            end,
            end + timedelta(days=1),
        }  # the day after, for evidence of February 29
    days = sorted(day for day in changes if first_day <= day <= last_day)
    ends = [day - timedelta(days=1) for day in days[1:]] + [last_day]
    periods: list[LevelPeriod] = []
    for begin, end in zip(days, ends, strict=True):
        state = cooperation_level(begin, recorded)
        level = state.current if state.is_on_record else None
        if periods and periods[-1].level == level:
            periods[-1] = LevelPeriod(periods[-1].first_day, end, level)
        else:
            periods.append(LevelPeriod(begin, end, level))
    return periods


def levels_by_year(recorded: RecordedLevels, first_year: int, last_year: int) -> list[LevelYear]:
    """The highest level held in each year."""
    return [_level_year(recorded, year) for year in range(first_year, last_year + 1)]


def _level_year(recorded: RecordedLevels, year: int) -> LevelYear:
    periods = level_periods(recorded, date(year, 1, 1), date(year, 12, 31))
    on_record = [period for period in periods if period.level is not None]
    if not on_record:
        return LevelYear(year, None, None, None, (), cooperation_level(date(year, 12, 31), recorded).missing)
    highest = max(period.level.number for period in on_record if period.level)
    held = [period for period in on_record if period.level and period.level.number == highest]
    state: CooperationLevel = cooperation_level(held[-1].last_day, recorded)
    return LevelYear(
        year, held[-1].level, held[0].first_day, held[-1].last_day, state.current_evidence, state.missing
    )
