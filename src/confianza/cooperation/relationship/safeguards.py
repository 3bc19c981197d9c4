"""Safeguards of one side against the other: when added, when lifted, which are in force on a day.

A safeguard that stands (`is_standing`: a rule, a control, a condition) is in force from its first day until the record
that lifts it or until the day since which it is on record as ended; without either its end is not on record. Any other
(a refusal, an access ended once) is in force during its own day or period only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from confianza.cooperation.relationship.records import PartialDate, Record

ADDED, LIFTED = "added", "lifted"


@dataclass(frozen=True)
class Safeguard:
    """A safeguard that was added, with the record that lifted it where there is one.

    `last_day` None: its end is not on record.
    """

    added: Record
    lifted: Record | None
    last_day: date | None

    def is_in_force(self, on: date) -> bool:
        """Whether it was in force on a day."""
        return self.added.first_day <= on and (self.last_day is None or on <= self.last_day)


def _hedges(records: Iterable[Record], change: str) -> list[Record]:
    hedges = (
        record
        for record in records
        if record.kind == "hedge" and record.is_used and record.details.get("change") == change
    )
    return sorted(hedges, key=lambda record: (record.first_day, record.record_id))


def _last_day(added: Record, lifted: Record | None) -> date | None:
    if lifted is not None:
        return lifted.first_day - timedelta(days=1)
    ended = PartialDate.parse(str(added.details.get("ended", "")))
    if ended is not None:
        return ended.last_day
    return None if added.details.get("is_standing") == "yes" else added.last_day


def safeguards(records: Iterable[Record]) -> list[Safeguard]:
    """Every safeguard that was added, by first day, with what lifted it. What rests on memory alone is left out."""
    records = list(records)
    lifts = {str(lifted.details.get("safeguard", "")): lifted for lifted in _hedges(records, LIFTED)}
    return [
        Safeguard(added, lifts.get(added.record_id), _last_day(added, lifts.get(added.record_id)))
        for added in _hedges(records, ADDED)
    ]


def in_force(records: Iterable[Record], on: date) -> list[Safeguard]:
    """The safeguards in force on a day, by first day."""
    return [safeguard for safeguard in safeguards(records) if safeguard.is_in_force(on)]


def lifted_alone(records: Iterable[Record]) -> list[Record]:
    """What lifted a safeguard whose addition is not on record, by first day."""
    records = list(records)
    added = {record.record_id for record in _hedges(records, ADDED)}
    return [record for record in _hedges(records, LIFTED) if record.details.get("safeguard") not in added]


def changes_by_year(records: Iterable[Record]) -> Mapping[tuple[str, int], Mapping[str, int]]:
    """How many safeguards each side added and lifted in a year: `{("BR", 2020): {"added": 2, "lifted": 0}}`."""
    counts: dict[tuple[str, int], Counter[str]] = {}
    records = list(records)
    for change in (ADDED, LIFTED):
        for record in _hedges(records, change):
            years = counts.setdefault(
                (record.actor_code, record.date_from.year), Counter({ADDED: 0, LIFTED: 0})
            )
            years[change] += 1
    return {key: dict(counts[key]) for key in sorted(counts)}
