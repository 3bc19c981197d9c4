"""Parties, their institutions, who is above whom, and who deals with whom on the other side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from confianza.cooperation.bilingual import Text
from confianza.cooperation.sources import Reference


@dataclass(frozen=True)
class Institution:
    """An institution; `office` is its part in the case process, `counterparts` those it deals with.

    With `is_advisory` it advises its parent and stands outside the line of command.
    """

    code: str
    party: str
    name: Text
    duty: Text
    reference: Reference
    parent: str | None = None
    is_advisory: bool = False
    abbreviation: str = ""
    office: str | None = None
    counterparts: tuple[str, ...] = ()
    counterparts_reference: Reference | None = None


@dataclass(frozen=True)
class Image:
    """A chart of a source whose boxes stand only in its image, and are therefore not told."""

    figure: str
    shows: Text
    reference: Reference


@dataclass(frozen=True)
class CommandStructure:
    """The parties of a partnership and their institutions, each parent before its children."""

    parties: Mapping[str, Text]
    institutions: tuple[Institution, ...]
    images: tuple[Image, ...]


@cache
def us_mexico() -> CommandStructure:
    """The United States–Mexico partnership: the thesis's text (fig. 2, III.B), the laws and the atlas it cites."""
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
                reference=Reference(entry.get("source", source), entry["place"]),
                parent=entry.get("parent"),
                is_advisory=entry.get("line") == "advisory",
                abbreviation=entry.get("abbreviation", ""),
                office=entry.get("office"),
                counterparts=tuple(entry.get("counterparts", ())),
                counterparts_reference=(
                    Reference(source, entry["counterparts_place"]) if "counterparts" in entry else None
                ),
            )
            for entry in raw["institutions"]
        ),
        tuple(
            Image(entry["figure"], Text.of(entry["shows"]), Reference(source, entry["place"]))
            for entry in raw["images"]
        ),
    )
