"""Parties, their institutions, who is above whom, and who deals with whom on the other side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.partnership import Partnership, Party, partnership_name
from confianza.cooperation.sources import Reference
from confianza.packaged import packaged_table


@dataclass(frozen=True)
class Link:
    """An institution of the other side that one deals with, and where it is said."""

    counterpart: str
    reference: Reference


@dataclass(frozen=True)
class Institution:
    """An institution; `office` is its part in the case process, `links` lead to those it deals with.

    With `is_advisory` it stands outside the line of command: it advises its parent, or is only provided for by it.
    """

    code: str
    party: str
    name: BilingualText
    duty: BilingualText
    reference: Reference
    parent: str | None = None
    is_advisory: bool = False
    abbreviation: str = ""
    office: str | None = None
    links: tuple[Link, ...] = ()

    @property
    def counterparts(self) -> tuple[str, ...]:
        """The codes of those it deals with on the other side."""
        return tuple(link.counterpart for link in self.links)


@dataclass(frozen=True)
class Image:
    """A chart of a source whose boxes stand only in its image, and are therefore not told."""

    figure: str
    shows: BilingualText
    reference: Reference


@dataclass(frozen=True)
class Missing:
    """What no source that was read names of a party's structure."""

    party: str
    what: BilingualText


@dataclass(frozen=True)
class CommandStructure:
    """The parties of a partnership and their institutions, each parent before its children."""

    parties: Mapping[str, BilingualText]
    institutions: tuple[Institution, ...]
    images: tuple[Image, ...]
    not_on_record: tuple[Missing, ...] = ()

    def without_counterpart(self) -> tuple[Institution, ...]:
        """The institutions for which no source names a counterpart, on neither end."""
        linked = {code for item in self.institutions for code in item.counterparts}
        return tuple(item for item in self.institutions if not item.links and item.code not in linked)


def data_sets() -> tuple[str, ...]:
    """The names of the partnerships whose institutions are published with the package."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def _read(data_set: str) -> Mapping[str, Any]:
    if data_set not in data_sets():
        raise KeyError(data_set)
    return packaged_table(__package__, f"{data_set}.toml")


@cache
def packaged_partnership(data_set: str) -> Partnership:
    """A partnership whose data are published with the package.

    Raises
    ------
    KeyError
        None has that name.
    """
    raw = dict(_read(data_set)["partnership"])
    host, partner = (_party(data_set, raw.pop(side)) for side in ("host", "partner"))
    raw["program_name"] = BilingualText.of(raw["program_name"])
    return Partnership(host, partner, partnership_name(host.name, partner.name), data_set=data_set, **raw)


def _party(data_set: str, iso_code: str) -> Party:
    return Party(iso_code, iso_code, BilingualText.of(_read(data_set)["parties"][iso_code]))


@cache
def packaged_structure(data_set: str) -> CommandStructure:
    """The institutions of a packaged partnership: what the text, the laws and the atlas of its sources say."""
    raw = _read(data_set)
    source = raw["source"]
    return CommandStructure(
        {code: BilingualText.of(name) for code, name in raw["parties"].items()},
        tuple(
            Institution(
                code=entry["code"],
                party=entry["party"],
                name=BilingualText.of(entry["name"]),
                duty=BilingualText.of(entry["duty"]),
                reference=Reference(entry.get("source", source), entry["place"]),
                parent=entry.get("parent"),
                is_advisory=entry.get("line") == "advisory",
                abbreviation=entry.get("abbreviation", ""),
                office=entry.get("office"),
                links=tuple(
                    Link(link["office"], Reference(link.get("source", source), link["place"]))
                    for link in entry.get("counterparts", ())
                ),
            )
            for entry in raw["institutions"]
        ),
        tuple(
            Image(entry["figure"], BilingualText.of(entry["shows"]), Reference(source, entry["place"]))
            for entry in raw["images"]
        ),
        tuple(
            Missing(entry["party"], BilingualText.of(entry["what"])) for entry in raw.get("not_on_record", ())
        ),
    )


def packaged_images(data_set: str) -> tuple[Image, ...]:
    """The charts of a partnership's sources whose boxes stand only in their image; none without a data set."""
    return packaged_structure(data_set).images if data_set else ()


def packaged_gaps(data_set: str) -> tuple[Missing, ...]:
    """What no source of a packaged partnership names; nothing without a data set."""
    return packaged_structure(data_set).not_on_record if data_set else ()
