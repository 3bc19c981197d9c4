"""Editions of the case process: phases, steps and rules as dated, sourced data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from confianza.cooperation.cases.effects import EFFECTS
from confianza.cooperation.cases.fields import FIELD_TYPES, Field
from confianza.cooperation.cases.gates import GATES
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.sources import Reference, sources
from confianza.cooperation.texts import Text
from confianza.errors import RulebookError


@dataclass(frozen=True)
class Phase:
    """One phase; the record of the step `completed_by` ends it."""

    id: str
    number: int
    name: Text
    completed_by: str
    reference: Reference


@dataclass(frozen=True)
class Step:
    """Something an office does to a case."""

    id: str
    phase: str
    actors: tuple[str, ...]
    name: Text
    sentence: Text
    reference: Reference
    after: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    effect: str = "none"
    repeats: bool = False
    is_optional: bool = False
    is_verified: bool = True


@dataclass(frozen=True)
class Rule:
    """A named gate in front of some steps, with the words it refuses in.

    `from_date` and `to_date` bound the days on which the rule is in force (None: no bound).
    """

    id: str
    steps: tuple[str, ...]
    gate: str
    sentence: Text
    reason: Text
    remedy: Text
    reference: Reference
    from_date: date | None = None
    to_date: date | None = None
    is_verified: bool = True

    def applies(self, step: str, on: date) -> bool:
        """Whether the rule stands before a step on a day."""
        in_force = (self.from_date is None or self.from_date <= on) and (
            self.to_date is None or on <= self.to_date
        )
        return in_force and (step in self.steps or "*" in self.steps)


@dataclass(frozen=True)
class Edition:
    """One edition of the process. A case keeps the edition it began under."""

    id: str
    title: Text
    note: Text
    source: str
    phases: tuple[Phase, ...]
    steps: Mapping[str, Step]
    rules: tuple[Rule, ...]

    def steps_of(self, phase: str) -> list[Step]:
        """The steps of a phase in the order of the rulebook."""
        return [step for step in self.steps.values() if step.phase == phase]


def _known(value: str, known: Sequence[str], file: str, entry: str, field: str) -> None:
    if value not in known:
        raise RulebookError(
            "rulebook-unknown-value",
            file=file,
            entry=entry,
            field=field,
            value=value,
            known=", ".join(sorted(known)),
        )


def _build(raw: dict[str, Any], file: str) -> Edition:
    _known(raw["source"], list(sources()), file, raw["id"], "source")

    def entry(kind: type[Any], fields: dict[str, Any]) -> Any:
        made = dict(fields)
        made["reference"] = Reference(raw["source"], made.pop("place"))
        for key in ("name", "sentence", "reason", "remedy"):
            if key in made:
                made[key] = Text.of(made[key])
        for key in ("actors", "after", "steps"):
            if key in made:
                made[key] = tuple(made[key])
        if "fields" in made:
            made["fields"] = tuple(
                Field(field["name"], field["type"], Text.of(field["label"])) for field in made["fields"]
            )
        return kind(**made)

    edition = Edition(
        id=raw["id"],
        title=Text.of(raw["title"]),
        note=Text.of(raw["note"]),
        source=raw["source"],
        phases=tuple(entry(Phase, phase) for phase in raw["phases"]),
        steps={step["id"]: entry(Step, step) for step in raw["steps"]},
        rules=tuple(entry(Rule, rule) for rule in raw["rules"]),
    )
    phases = [phase.id for phase in edition.phases]
    for phase in edition.phases:
        _known(phase.completed_by, list(edition.steps), file, f"phase {phase.id}", "completed_by")
    for step in edition.steps.values():
        where = f"step {step.id}"
        _known(step.phase, phases, file, where, "phase")
        _known(step.effect, list(EFFECTS), file, where, "effect")
        for actor in step.actors:
            _known(actor, list(permission_table().offices), file, where, "actors")
        for earlier in step.after:
            _known(earlier, list(edition.steps), file, where, "after")
        for field in step.fields:
            _known(field.type, list(FIELD_TYPES), file, where, f"fields.{field.name}.type")
    for rule in edition.rules:
        _known(rule.gate, list(GATES), file, f"rule {rule.id}", "gate")
        for name in rule.steps:
            _known(name, [*edition.steps, "*"], file, f"rule {rule.id}", "steps")
    return edition


def read_edition(path: Path) -> Edition:
    """The edition in a TOML file.

    Raises
    ------
    RulebookError
        `rulebook-not-toml`, `rulebook-incomplete` or `rulebook-unknown-value` (an unknown phase, step,
        office, gate, effect, field type or source); names file, entry, field and known values.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError("rulebook-not-toml", file=path.name, detail=error) from error
    try:
        return _build(raw, path.name)
    except (KeyError, TypeError) as error:
        raise RulebookError("rulebook-incomplete", file=path.name, detail=error) from error


@cache
def editions() -> Mapping[str, Edition]:
    """Every edition the product ships with, by id."""
    with resources.as_file(resources.files(__package__).joinpath("rules")) as folder:
        found = [read_edition(path) for path in sorted(folder.glob("*.toml"))]
    return {edition.id: edition for edition in found}


def edition_of(edition_id: str) -> Edition:
    """A shipped edition; RulebookError `edition-unknown` names those there are."""
    try:
        return editions()[edition_id]
    except KeyError:
        raise RulebookError(
            "edition-unknown", edition=edition_id, known=", ".join(sorted(editions()))
        ) from None
