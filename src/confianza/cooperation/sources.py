"""Where a recorded fact comes from: a published source and the place in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from confianza.cooperation.bilingual import BilingualText
from confianza.packaged import packaged_table


@dataclass(frozen=True)
class Source:
    """A publication, by its key in `sources.toml`; `work` where it is one of several texts of a work.

    `data_set` names the partnership whose data alone rest on it.
    """

    key: str
    title: str
    author: str
    year: int
    rights: BilingualText
    note: BilingualText
    work: str = ""
    data_set: str = ""


@dataclass(frozen=True)
class Reference:
    """A place in a source: `Reference("martinez-2014", "p. 47, table 1")`."""

    source: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.source}, {self.place}" if self.place else self.source


PLACE_WORDS = {
    "figure": "figura",
    "table": "tabla",
    "appendix": "apéndice",
    "row": "fila",
    "report": "informe",
    "sheet": "hoja",
    "cell": "celda",
}
REGIONS = {
    "East Asia and Pacific": "Asia oriental y el Pacífico",
    "Europe and Eurasia": "Europa y Eurasia",
    "Near East": "Cercano Oriente",
    "South and Central Asia": "Asia meridional y central",
    "Western Hemisphere": "hemisferio occidental",
    "Africa": "África",
}  # that the volumes of the training reports are of


def place_in(place: str, language: str) -> str:
    """A place in a source in the words of a language: in Spanish `p. 47, table 1` is `p. 47, tabla 1`."""
    if language == "es":
        for english, spanish in (PLACE_WORDS | REGIONS).items():
            place = re.sub(rf"\b{english}\b", spanish, place)
    return place


def region_of(volume: str) -> str:
    """The region that the name of a volume of the training reports says it is of; empty where it says none.

    >>> region_of("fmtr_2011_2012_western_hemisphere.pdf")
    'Western Hemisphere'
    """
    words = " ".join(re.findall("[a-z]+", volume.casefold()))
    return next((region for region in REGIONS if region.casefold() in words), "")


@cache
def sources() -> Mapping[str, Source]:
    """Every source the packaged data rests on, by key."""
    return {
        key: Source(
            key,
            item["title"],
            item["author"],
            item["year"],
            BilingualText.of(item["rights"]),
            BilingualText.of(item["note"]),
            item.get("work", ""),
            item.get("data_set", ""),
        )
        for key, item in packaged_table(__package__, "sources.toml").items()
    }
