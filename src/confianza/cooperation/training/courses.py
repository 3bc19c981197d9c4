"""The gazetteer of schools: what they are called, where they lie, what they teach in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from confianza.cooperation.texts import Text
from confianza.cooperation.training.normalise import read_table


@dataclass(frozen=True)
class School:
    """A school or group of schools; `is_platform` marks those the thesis recommends for PME (pp. 70-72)."""

    code: str
    name: Text
    is_platform: bool = False
    language: str = "en"


@cache
def schools() -> Mapping[str, School]:
    """Every school of the gazetteer by code."""
    return {
        entry["code"]: School(
            entry["code"],
            Text.of(entry["name"]),
            entry.get("is_platform", False),
            entry.get("language", "en"),
        )
        for entry in read_table("schools.toml")["schools"]
    }
