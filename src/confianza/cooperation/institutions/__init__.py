"""Parties, their institutions, who is above whom, and who deals with whom on the other side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from confianza.cooperation.sources import Reference
from confianza.cooperation.texts import Text


@dataclass(frozen=True)
class Institution:
    """An institution; `office` is its part in the case process, `counterparts` those it deals with."""

    code: str
    party: str
    name: Text
    duty: Text
    reference: Reference
    parent: str | None = None
    abbreviation: str = ""
    office: str | None = None
    counterparts: tuple[str, ...] = ()
    counterparts_reference: Reference | None = None


@dataclass(frozen=True)
class CommandStructure:
    """The parties of a partnership and their institutions, each parent before its children."""

    parties: Mapping[str, Text]
    institutions: tuple[Institution, ...]


@cache
def us_mexico() -> CommandStructure:
    """The United States–Mexico partnership as the thesis gives it (fig. 2, appendices A and B, III.B)."""
    raw = tomllib.loads(resources.files(__package__).joinpath("us-mexico.toml").read_text(encoding="utf-8"))
    source = raw["source"]
    return CommandStructure(
        {code: Text.of(name) for code, name in raw["parties"].items()},
        tuple(
            Institution(
                code=entry["code"],
                party=entry["party"],
                name=Text.of(entry["name"]),
                duty=Text.of(entry["duty"]),
                reference=Reference(source, entry["place"]),
                parent=entry.get("parent"),
                abbreviation=entry.get("abbreviation", ""),
                office=entry.get("office"),
                counterparts=tuple(entry.get("counterparts", ())),
                counterparts_reference=(
                    Reference(source, entry["counterparts_place"]) if "counterparts" in entry else None
                ),
            )
            for entry in raw["institutions"]
        ),
    )
