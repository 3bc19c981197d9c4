"""The spectrum of defence cooperation: what each level needs, what is on record, and the level that follows."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from confianza.cooperation.sources import Reference
from confianza.cooperation.texts import Text
from confianza.errors import ModelError
from confianza.evidence.history import history

CURRENT_YEARS = 2  # evidence of the last 24 months counts


@dataclass(frozen=True)
class Evidence:
    """A dated fact that a requirement is met; `dated` as in the history, None when the source gives none."""

    dated: str | None
    summary: Text
    reference: Reference
    date_note: Text | None = None

    def is_current(self, on: date) -> bool:
        """Whether any day that `dated` may mean falls in the 24 months up to `on`."""
        if self.dated is None:
            return False
        first, _, last = self.dated.partition("/")
        horizon = date(on.year - CURRENT_YEARS, on.month, min(on.day, 28))
        return _day(first, is_last=False) <= on and _day(last or first, is_last=True) > horizon


@dataclass(frozen=True)
class Requirement:
    """Something that must exist for a level of cooperation."""

    code: str
    name: Text
    evidence: tuple[Evidence, ...]

    def is_met(self, on: date) -> bool:
        """Whether there is evidence that is current on a day."""
        return any(item.is_current(on) for item in self.evidence)


@dataclass(frozen=True)
class Level:
    """A level of the spectrum; all its requirements must be met."""

    number: int
    name: Text
    requirements: tuple[Requirement, ...]

    def missing(self, on: date) -> tuple[Requirement, ...]:
        """The requirements without current evidence."""
        return tuple(requirement for requirement in self.requirements if not requirement.is_met(on))


@dataclass(frozen=True)
class Spectrum:
    """The levels from 0 up, the one desired, and the day up to which evidence was recorded."""

    levels: tuple[Level, ...]
    desired: Level
    desired_reason: Text
    desired_reference: Reference
    records_until: date
    note: Text


@dataclass(frozen=True)
class CooperationLevel:
    """The level on a day, the level desired, and what is missing for the next."""

    on: date
    current: Level
    desired: Level
    missing: tuple[Requirement, ...]


def _day(text: str, *, is_last: bool) -> date:
    """First or last day of a year, month or day written as `1914`, `1914-04` or `1914-04-21`."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        parts.append(12 if is_last else 1)
    if len(parts) == 2:
        parts.append(monthrange(*parts)[1] if is_last else 1)
    return date(*parts)


def _evidence(entry: Mapping[str, Any], source: str) -> Evidence:
    if "event" in entry:
        event = next(event for event in history() if event.event_id == entry["event"])
        return Evidence(event.date, event.summary, event.reference, event.date_note)
    return Evidence(
        dated=entry.get("date"),
        summary=Text.of(entry["summary"]),
        reference=Reference(source, entry["place"]),
        date_note=Text.of(entry["date_note"]) if "date_note" in entry else None,
    )


@cache
def spectrum() -> Spectrum:
    """The spectrum of the United States–Mexico partnership: a reconstruction, with the thesis's evidence."""
    raw = tomllib.loads(resources.files(__package__).joinpath("spectrum.toml").read_text(encoding="utf-8"))
    levels = tuple(
        Level(
            entry["number"],
            Text.of(entry["name"]),
            tuple(
                Requirement(
                    needed["code"],
                    Text.of(needed["name"]),
                    tuple(_evidence(item, raw["source"]) for item in needed.get("evidence", ())),
                )
                for needed in entry.get("requirements", ())
            ),
        )
        for entry in raw["levels"]
    )
    return Spectrum(
        levels=levels,
        desired=levels[raw["desired_level"]],
        desired_reason=Text.of(raw["desired_reason"]),
        desired_reference=Reference(raw["source"], raw["desired_place"]),
        records_until=raw["records_until"],
        note=Text.of(raw["note"]),
    )


def cooperation_level(on: date) -> CooperationLevel:
    """The level of cooperation on a day: the highest whose requirements all have evidence of the last 24 months.

    Raises
    ------
    ModelError
        `spectrum-not-recorded`: the day is after the last for which evidence was recorded, so that nothing
        on record would not mean nothing there.
    """
    known = spectrum()
    if on > known.records_until:
        raise ModelError("spectrum-not-recorded", on=on.isoformat(), until=known.records_until.isoformat())
    current = max((level for level in known.levels if not level.missing(on)), key=lambda level: level.number)
    following = known.levels[current.number + 1 : current.number + 2]
    return CooperationLevel(
        on, current, known.desired, tuple(item for level in following for item in level.missing(on))
    )
