"""The records of a relationship along time: which are wanted, and how many begin in each year.

How many records a year has follows the sources that were read; it is never a measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from confianza.cooperation.relationship.standing import TrackedRecord

YEARS_OF_A_DECADE = 10


def decade_of(year: int) -> int:
    """The first year of the decade of a year: 1990 of 1997."""
    return year // YEARS_OF_A_DECADE * YEARS_OF_A_DECADE


@dataclass(frozen=True)
class RecordFilter:
    """Which records are wanted; an empty value narrows nothing. A record is of the year and decade it begins in."""

    words: str = ""
    kind: str = ""
    actor: str = ""
    domain: str = ""
    source: str = ""
    decade: int | None = None
    year: int | None = None
    is_contested: bool = False

    def matches(self, item: TrackedRecord) -> bool:
        """Whether a record is wanted."""
        record = item.record
        text = f"{record.record_id} {record.summary.en} {record.summary.es} {record.note}".casefold()
        year = record.date_from.year
        return (
            self.words.casefold() in text
            and self.kind in ("", record.kind)
            and self.actor in ("", record.actor_code)
            and self.domain in ("", record.domain)
            and (not self.source or any(one.source == self.source for one in record.references))
            and self.decade in (None, decade_of(year))
            and self.year in (None, year)
            and (not self.is_contested or item.is_contested)
        )


def counts_by_year(items: Iterable[TrackedRecord]) -> dict[tuple[int, str], int]:
    """How many records begin in a year, by who acted: `{(1996, "BR"): 4}`; years without any are left out."""
    counts = Counter((item.record.date_from.year, item.record.actor_code) for item in items)
    return dict(sorted(counts.items()))
