"""The rows of two readings of the Foreign Military Training Report compared: a volume and a copy by others, say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from confianza.cooperation.training import ReportRow

COMPARED = (
    "fiscal_year",
    "partner_code",
    "program",
    "course_title",
    "student_count",
    "location",
    "student_unit",
    "us_unit",
    "cost",
    "start_date",
    "end_date",
)


@dataclass(frozen=True)
class RowDifference:
    """A row that the two sources give differently, or that only one gives: `fields` are those that differ."""

    ours: ReportRow | None
    theirs: ReportRow | None
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """How many rows are the same in both sources, and every one that is not."""

    same_count: int
    differences: tuple[RowDifference, ...]


def _values(line: ReportRow) -> tuple[object, ...]:
    values = (getattr(line, name) for name in COMPARED)
    return tuple(" ".join(value.split()) if isinstance(value, str) else value for value in values)


def compare_rows(ours: Iterable[ReportRow], theirs: Iterable[ReportRow]) -> Comparison:
    """Compare the rows of two sources, whatever their order; rows alike many times are counted as often.

    What is left after equal rows are matched is paired within a block with the row that differs in the fewest fields,
    half of them at most.
    """
    left, right = list(ours), list(theirs)
    same = 0
    waiting: dict[tuple[object, ...], list[ReportRow]] = defaultdict(list)
    for line in reversed(right):
        waiting[_values(line)].append(line)
    unmatched = []
    for line in left:
        twins = waiting[_values(line)]
        if twins:
            twins.pop()
            same += 1
        else:
            unmatched.append(line)
    blocks: dict[tuple[object, ...], list[ReportRow]] = defaultdict(list)
    for line in right:
        if any(line is other for other in waiting[_values(line)]):
            blocks[_values(line)[:3]].append(line)
    differences = []
    for line in unmatched:
        candidates = blocks[_values(line)[:3]]
        nearest = min(candidates, key=lambda other: len(_differing(line, other)), default=None)
        if nearest is not None and 2 * len(_differing(line, nearest)) <= len(COMPARED):
            candidates.remove(nearest)
            differences.append(RowDifference(line, nearest, _differing(line, nearest)))
        else:
            differences.append(RowDifference(line, None, ()))
    differences += [RowDifference(None, line, ()) for lines in blocks.values() for line in lines]
    return Comparison(same, tuple(differences))


def _differing(line: ReportRow, other: ReportRow) -> tuple[str, ...]:
    pairs = zip(COMPARED, _values(line), _values(other), strict=True)
    return tuple(name for name, left, right in pairs if left != right)
