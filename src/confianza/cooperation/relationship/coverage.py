"""What a record covers: how many of its records by source, decade and kind, and the years it has nothing of.

The number of records of a year follows the sources that could be read, not what happened: it is never a measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from confianza.cooperation.relationship.records import Record, record_kinds

STANDING = ("level", "culture", "people", "diagnosis")  # concepts of what was there, not of what happened
Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Coverage:
    """Counts of records and of happenings, and the empty years, of which `spanned_years` lie in a recorded period."""

    count: int
    happening_count: int
    by_source: Mapping[str, int]
    by_decade: Mapping[int, int]
    by_kind: Mapping[str, int]
    by_verification: Mapping[str, int]
    empty_years: tuple[int, ...]
    spanned_years: tuple[int, ...]


def coverage(records: Iterable[Record], *, first_year: int, last_year: int) -> Coverage:
    """What the records cover.

    A year is empty when nothing that happened in it is on record and used in figures: what is evidence of a level, a
    profile, a post or a rating fills no year. A record of several sources is counted under each.
    """
    records = list(records)
    used = [
        record for record in records if record.is_used and record_kinds()[record.kind].concept not in STANDING
    ]
    begun = {record.date_from.year for record in used}
    empty = [year for year in range(first_year, last_year + 1) if year not in begun]
    return Coverage(
        count=len(records),
        happening_count=len({record.happening or record.record_id for record in records}),
        by_source=_counts(key for record in records for key in {item.source for item in record.references}),
        by_decade=_counts(record.date_from.year // 10 * 10 for record in records),
        by_kind=_counts(record.kind for record in records),
        by_verification=_counts(record.verification for record in records),
        empty_years=tuple(empty),
        spanned_years=tuple(
            year for year in empty if any(item.date_from.year < year <= item.last_day.year for item in used)
        ),
    )


def _counts(values: Iterable[Key]) -> dict[Key, int]:
    return dict(sorted(Counter(values).items()))
