"""Who publishes event data: how it is cited, and what its license allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from confianza.cooperation.bilingual import BilingualText
from confianza.packaged import packaged_table


@dataclass(frozen=True)
class Publisher:
    """A publisher of event files, or a form of counts that others made of them."""

    code: str
    name: BilingualText
    citation: str
    license: BilingualText


@cache
def publishers() -> Mapping[str, Publisher]:
    """Every publisher by its code in the table by pair."""
    raw = packaged_table("confianza.evidence", "data/events/publishers.toml")
    return {
        code: Publisher(
            code,
            BilingualText.of(entry["name"]),
            entry.get("citation", ""),
            BilingualText.of(entry["license"]),
        )
        for code, entry in raw.items()
    }
