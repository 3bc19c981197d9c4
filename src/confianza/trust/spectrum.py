"""The level of defense cooperation: the highest rung whose evidence, and that of those below, is current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.records import record_fields
from confianza.cooperation.sources import Reference
from confianza.packaged import packaged_table


@dataclass(frozen=True)
class Requirement:
    """Something that must be there for a level."""

    code: str
    name: BilingualText


@dataclass(frozen=True)
class Level:
    """A rung of the ladder."""

    number: int
    name: BilingualText
    requires: tuple[Requirement, ...]


@dataclass(frozen=True)
class Evidence:
    """What a source says was there, and the first and last day it says so of."""

    requirement: str
    first_date: date
    last_date: date
    summary: BilingualText
    reference: Reference


@dataclass(frozen=True)
class RecordedLevels:
    """What is recorded of a partnership's levels: the evidence, and the level it desires where a source says so."""

    evidence: tuple[Evidence, ...] = ()
    desired: int | None = None
    desired_reference: Reference | None = None


@dataclass(frozen=True)
class CooperationLevel:
    """The level on a day, the evidence for it, what the next level lacks, and the level desired.

    `outdated` is evidence that exists but is older than the window. Where nothing current is on record
    (`is_on_record` false), the level is the lowest for want of evidence, not for evidence of estrangement.
    """

    on: date
    current: Level
    next: Level | None
    desired: Level | None
    current_evidence: tuple[Evidence, ...]
    outdated: tuple[Evidence, ...]
    missing: tuple[Requirement, ...]
    window_months: int
    desired_reference: Reference | None

    @property
    def is_on_record(self) -> bool:
        """Whether anything current is on record of the day."""
        return bool(self.current_evidence)


def _table() -> Mapping[str, Any]:
    return packaged_table(__package__, "spectrum.toml")


def window_of_evidence() -> int:
    """The months after its last day during which evidence counts as current."""
    months: int = _table()["window_months"]
    return months


def ladder() -> tuple[Level, ...]:
    """The levels from estrangement to integration: a reconstruction (see `spectrum.toml`)."""
    names = record_fields()["requirement"].options
    return tuple(
        Level(
            entry["number"],
            BilingualText.of(entry["name"]),
            tuple(Requirement(code, names[code]) for code in entry.get("requires", ())),
        )
        for entry in _table()["levels"]
    )


def _months_between(earlier: date, later: date) -> int:
    months = 12 * (later.year - earlier.year) + later.month - earlier.month
    return months - (later.day < earlier.day)


def cooperation_level(
    on: date, recorded: RecordedLevels, *, window_months: int | None = None
) -> CooperationLevel:
    """The highest level whose requirements, and those of every level below it, have current evidence.

    Parameters
    ----------
    on : date
        The day asked about. Evidence is current from its first date until `window_months` after its last.
    recorded : RecordedLevels
        Evidence and desired level of the partnership, as `confianza.trust.levels` reads them from records.
    """
    window = window_of_evidence() if window_months is None else window_months
    begun = tuple(item for item in recorded.evidence if item.first_date <= on)
    current = tuple(item for item in begun if _months_between(item.last_date, on) < window)
    there = {item.requirement for item in current}
    levels = ladder()
    reached = 0
    while reached + 1 < len(levels) and all(
        requirement.code in there for requirement in levels[reached + 1].requires
    ):
        reached += 1
    upper = levels[reached + 1] if reached + 1 < len(levels) else None
    return CooperationLevel(
        on=on,
        current=levels[reached],
        next=upper,
        desired=None if recorded.desired is None else levels[recorded.desired],
        current_evidence=current,
        outdated=tuple(item for item in begun if item not in current),
        missing=tuple(
            requirement for requirement in (upper.requires if upper else ()) if requirement.code not in there
        ),
        window_months=window,
        desired_reference=recorded.desired_reference,
    )
