"""History as records: who did what to whom, when, of which kind and sign, on which page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.sources import Reference, sources
from confianza.errors import ImportRefusal, Problem

HISTORY = "data/history_us_mx.toml"
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4})?")


@dataclass(frozen=True)
class EventKind:
    """A kind of act and its default severity, 0–1, with the basis of that number."""

    code: str
    severity: float
    basis: BilingualText
    name: BilingualText


@dataclass(frozen=True)
class HistoryEvent:
    """An act of one party toward another.

    `date` is as precise as the source: `1914-04-21`, `1914-04`, `1941`, or `1941/1945` for a period.
    """

    event_id: str
    date: str
    actor_code: str
    target_code: str
    kind: str
    sign: int
    summary: BilingualText
    reference: Reference
    date_note: BilingualText | None = None

    @property
    def year(self) -> int | None:
        """The year of the act; None for a period, which has no year of its own."""
        return None if "/" in self.date else int(self.date[:4])

    @property
    def weight(self) -> float:
        """Sign × severity of the kind, −1 to 1."""
        return self.sign * event_kinds()[self.kind].severity


@cache
def event_kinds() -> Mapping[str, EventKind]:
    """The documented table of severities."""
    text = resources.files(__package__).joinpath("data/severities.toml").read_text(encoding="utf-8")
    return {
        code: EventKind(
            code, entry["severity"], BilingualText.of(entry["basis"]), BilingualText.of(entry["name"])
        )
        for code, entry in tomllib.loads(text)["kinds"].items()
    }


def _problems(
    entry: Mapping[str, Any], number: int, file: str, earlier: set[object], parties: Collection[str]
) -> list[Problem]:
    checks: dict[str, tuple[bool, str | BilingualText]] = {
        "id": (
            entry.get("id") not in earlier,
            BilingualText("an id no other record has", "un id que ningún otro registro tenga"),
        ),
        "actor": (entry.get("actor") in parties, ", ".join(parties)),
        "kind": (entry.get("kind") in event_kinds(), ", ".join(event_kinds())),
        "sign": (entry.get("sign") in (1, -1), "1, -1"),
        "date": (
            isinstance(entry.get("date"), str) and bool(DATE.fullmatch(entry["date"])),
            '"1914", "1914-04", "1914-04-21", "1941/1945"',
        ),
        "target": (
            entry.get("target") in parties and entry.get("target") != entry.get("actor"),
            BilingualText("the other party", "la otra parte"),
        ),
    }
    checks |= {
        name: (False, BilingualText("a value", "un valor"))
        for name in ("id", "actor", "target", "place", "summary")
        if name not in entry
    }
    return [
        Problem(
            "history-field-not-known", file, None, number, name, {"value": entry.get(name), "known": allowed}
        )
        for name, (good, allowed) in checks.items()
        if not good
    ]


def read_history(path: Path, parties: Collection[str] = ()) -> tuple[HistoryEvent, ...]:
    """The events of a TOML file, by date.

    Parameters
    ----------
    parties : collection of str
        ISO codes of those whose acts it may tell; when left out, those that the file itself lists as `parties`.

    Raises
    ------
    ImportRefusal
        Every record with an unknown kind, actor, target, sign, date or source, with the id of another, or without
        a field; named by number and field.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportRefusal([Problem("history-not-toml", path.name, params={"detail": error})]) from error
    entries, parties = raw.get("events", []), parties or raw.get("parties", [])
    problems = [
        problem
        for number, entry in enumerate(entries, start=1)
        for problem in _problems(
            entry, number, path.name, {other.get("id") for other in entries[: number - 1]}, parties
        )
    ]
    if raw.get("source") not in sources():
        params = {"value": raw.get("source"), "known": ", ".join(sources())}
        problems.append(Problem("history-field-not-known", path.name, field="source", params=params))
    if problems:
        raise ImportRefusal(problems)
    events = [
        HistoryEvent(
            event_id=entry["id"],
            date=entry["date"],
            actor_code=entry["actor"],
            target_code=entry["target"],
            kind=entry["kind"],
            sign=entry["sign"],
            summary=BilingualText.of(entry["summary"]),
            reference=Reference(raw["source"], entry["place"]),
            date_note=BilingualText.of(entry["date_note"]) if "date_note" in entry else None,
        )
        for entry in entries
    ]
    return tuple(sorted(events, key=lambda event: (event.date, event.event_id)))


@cache
def history() -> tuple[HistoryEvent, ...]:
    """The acts of the thesis's section III.A."""
    with resources.as_file(resources.files(__package__).joinpath(HISTORY)) as path:
        return read_history(path)
