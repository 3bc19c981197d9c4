"""What the codes of a normalized row are called, and the gazetteer of schools: where they lie and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.institutions import data_sets, packaged_partnership, packaged_structure
from confianza.cooperation.training.normalize import NOT_PME, TABLES, UNMATCHED, read_table


@dataclass(frozen=True)
class Place:
    """Where a school lies; `country` is ISO 3166 alpha-2, `state` of the United States, degrees to 0.01."""

    city: str
    state: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class School:
    """A school, or a place whose school a report does not name.

    `kind` says what sort it is (`value_names("kind")`). `language` is that of instruction, empty where it is not known.
    `place` is None where a school has several or a team travels. `is_platform` marks those the thesis recommends for
    PME (pp. 70-72).
    """

    code: str
    name: BilingualText
    is_platform: bool = False
    language: str = ""
    kind: str = "place"
    place: Place | None = None


@cache
def schools() -> Mapping[str, School]:
    """Every school and place of the gazetteer by code."""
    table = read_table(TABLES["school_code"])
    places = {
        key: Place(
            entry["city"],
            entry.get("state", ""),
            entry["country"],
            entry["latitude"],
            entry["longitude"],
        )
        for key, entry in table["places"].items()
    }
    named = {
        entry["code"]: School(
            entry["code"],
            BilingualText.of(entry["name"]),
            entry.get("is_platform", False),
            entry.get("language", table["kinds"][entry["kind"]].get("language", "")),
            entry["kind"],
            places.get(entry.get("at", "")),
        )
        for entry in [*table["schools"], *table["elsewhere"]]
    }
    alone = {
        key.upper(): School(
            key.upper(), BilingualText.of(", ".join(filter(None, (at.city, at.state)))), place=at
        )
        for key, at in places.items()
    }
    return named | alone


@cache
def value_names(field: str) -> Mapping[str, BilingualText]:
    """What the values of a field are called, by code: `program_family`, `school_code`, `category`, `level`, `kind` …"""
    unmatched = read_table(TABLES["category"])["names"][UNMATCHED]
    if field == "school_code":
        names = {code: school.name for code, school in schools().items()}
    elif field == "kind":
        kinds = read_table(TABLES["school_code"])["kinds"]
        return {code: BilingualText.of(kind["name"]) for code, kind in kinds.items()}
    elif field == "level":
        levels = read_table(TABLES["category"])["levels"]
        names = {NOT_PME: BilingualText("Not PME", "No es PME")} | {
            key: BilingualText.of(name) for key, name in levels.items()
        }
    else:
        names = {key: BilingualText.of(name) for key, name in read_table(TABLES[field])["names"].items()}
    if field == "institution_code":
        names |= {
            entry.code: entry.name
            for data_set in data_sets()
            for entry in packaged_structure(data_set).institutions
            if entry.party == packaged_partnership(data_set).partner.manual_code
        }
    return names | {UNMATCHED: BilingualText.of(unmatched)}


@cache
def program_wholes() -> Mapping[str, tuple[str, ...]]:
    """The programs that reports divide into families, and these."""
    wholes = read_table(TABLES["program_family"])["wholes"]
    return {code: tuple(parts) for code, parts in wholes.items()}


def program_parts(code: str) -> tuple[str, ...]:
    """The families that rows of a program may be of: itself, and those it is the whole of."""
    return code, *program_wholes().get(code, ())
