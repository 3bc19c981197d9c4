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
    "addressees": "destinatarios",
    "amendments of": "reformas de",
    "and": "y",
    "appendix": "apéndice",
    "as quoted by": "según lo cita",
    "authorization acts": "leyes de autorización",
    "abstract": "resumen",
    "before it": "antes",
    "bureaus": "oficinas",
    "caption": "pie de foto",
    "captions": "pies de foto",
    "catalog entry": "ficha de catálogo",
    "cell": "celda",
    "correction": "corrección",
    "description": "descripción",
    "digest": "extracto",
    "editorial note": "nota editorial",
    "enclosure": "anexo",
    "excerpt": "fragmento",
    "fast facts": "datos básicos",
    "figure": "figura",
    "first page": "primera página",
    "first paragraph": "primer párrafo",
    "first paragraphs": "primeros párrafos",
    "first two paragraphs": "primeros dos párrafos",
    "headnote": "nota inicial",
    "infobox": "recuadro",
    "introduction": "introducción",
    "lead": "entrada",
    "letter": "carta",
    "list of commands": "lista de mandos",
    "message": "mensaje",
    "more": "más",
    "note": "nota",
    "notes": "notas",
    "objectives": "objetivos",
    "of": "de",
    "officials": "funcionarios",
    "paragraph": "párrafo",
    "paragraphs": "párrafos",
    "photo captions": "pies de foto",
    "points": "puntos",
    "program description": "descripción del programa",
    "program use": "uso del programa",
    "references in text": "referencias en el texto",
    "report": "informe",
    "roll calls of": "votaciones de",
    "row": "fila",
    "second and fifth paragraphs": "párrafos segundo y quinto",
    "second paragraph": "segundo párrafo",
    "section": "sección",
    "sheet": "hoja",
    "sixth paragraph": "sexto párrafo",
    "summary": "resumen",
    "table": "tabla",
    "text": "texto",
    "thesis": "tesis",
    "third paragraph": "tercer párrafo",
    "title": "título",
    "types of support": "tipos de apoyo",
    "Under Secretary": "subsecretario",
    "whole text": "texto completo",
}
REGIONS = {
    "East Asia and Pacific": "Asia oriental y el Pacífico",
    "Europe and Eurasia": "Europa y Eurasia",
    "Near East": "Cercano Oriente",
    "South and Central Asia": "Asia meridional y central",
    "Western Hemisphere": "hemisferio occidental",
    "Africa": "África",
}  # that the volumes of the training reports are of


_SPANISH = PLACE_WORDS | REGIONS
_WORDS = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(_SPANISH, key=len, reverse=True))})(?![\w-]|\.\w)")
_FILE = re.compile(r"[^,]*\.\w+(?=, |$)")  # with which a place in a file begins; it keeps its name


def place_in(place: str, language: str) -> str:
    """A place in a source in the words of a language: in Spanish `p. 47, table 1` is `p. 47, tabla 1`."""
    if language != "es":
        return place
    file = _FILE.match(place)
    start = file.end() if file else 0
    return place[:start] + _WORDS.sub(lambda found: _SPANISH[found.group()], place[start:])


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
