"""Codes of events: the lists of CAMEO, WEIS and PLOVER, the class of each code, and the Goldstein table of each source.

Goldstein's scale is not one: GDELT's rows, ICEWS and the Kansas project's scale 0.5B1 differ in 016, 022, 124, 163, 164
and 166. `data/events/cameo.csv` has a column for each, checked against the rows of the source; of WEIS and PLOVER
no list could be checked, so they have none.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

VERBAL_COOPERATION, MATERIAL_COOPERATION, VERBAL_CONFLICT, MATERIAL_CONFLICT = CLASSES = (
    "verbal_cooperation",
    "material_cooperation",
    "verbal_conflict",
    "material_conflict",
)
LAW_BORDER = "law_border"
MISSING = {"", "---", "NA", "NONE", "NULL", "NAN", "\\N", "0", "000"}
# Arrests and expulsions of persons: CAMEO 173 and 174, WEIS 201, 202 and 212, modes of PLOVER's COERCE.
LAW_CODES = {
    "cameo": ("173", "174"),
    "weis": ("201", "202", "212"),
    "plover": ("COERCE:arrest", "COERCE:deport"),
}
PLOVER = {
    "AGREE": VERBAL_COOPERATION,
    "CONSULT": VERBAL_COOPERATION,
    "SUPPORT": VERBAL_COOPERATION,
    "CONCEDE": VERBAL_COOPERATION,
    "COOPERATE": MATERIAL_COOPERATION,
    "AID": MATERIAL_COOPERATION,
    "RETREAT": MATERIAL_COOPERATION,
    "DEMAND": VERBAL_CONFLICT,  # of drafts of the ontology; POLECAT has REQUEST
    "REQUEST": VERBAL_CONFLICT,
    "ACCUSE": VERBAL_CONFLICT,
    "REJECT": VERBAL_CONFLICT,
    "THREATEN": VERBAL_CONFLICT,
    "PROTEST": MATERIAL_CONFLICT,
    "SANCTION": MATERIAL_CONFLICT,
    "MOBILIZE": MATERIAL_CONFLICT,
    "COERCE": MATERIAL_CONFLICT,
    "ASSAULT": MATERIAL_CONFLICT,
}
WEIS_MATERIAL_COOPERATION = {1, 6, 7}
WEIS_VERBAL_CONFLICT = range(11, 18)


@dataclass(frozen=True)
class EventCode:
    """What a code of a file means: the code with its leading zeros, or the reason why it is none."""

    code: str | None
    event_class: str | None
    goldstein: float | None
    is_law: bool
    reason: str | None = None


@cache
def goldstein_tables() -> Mapping[str, Mapping[str, float]]:
    """The Goldstein values of CAMEO's codes by source: `gdelt`, `icews`, `keds`."""
    text = resources.files("confianza.evidence").joinpath("data/events/cameo.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        source: {row["code"]: float(row[source]) for row in rows if row[source]}
        for source in ("gdelt", "icews", "keds")
    }


@cache
def cameo_codes() -> frozenset[str]:
    """Every code of CAMEO, roots of two digits included."""
    text = resources.files("confianza.evidence").joinpath("data/events/cameo.csv").read_text("utf-8")
    return frozenset(row["code"] for row in csv.DictReader(text.splitlines()))


@cache
def icews_texts() -> Mapping[str, str]:
    """The CAMEO code of ICEWS' event texts, in small letters."""
    text = resources.files("confianza.evidence").joinpath("data/events/icews_texts.csv").read_text("utf-8")
    return {row["text"]: row["code"] for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=8192)
def event_code(
    text: str | None, code_list: str, scale: str | None = None, *, has_roots: bool = False
) -> EventCode:
    """The event code of a cell, its leading zeros restored where a spreadsheet took them.

    Parameters
    ----------
    code_list : str
        `cameo`, `weis`, `plover` or `icews-text`.
    scale : str
        Whose Goldstein table: `gdelt`, `icews`, `keds`, or None for none.
    has_roots : bool
        Whether the file may have codes of two digits, so that `10` may be DEMAND or, without its zero, 010.
    """
    given = (text or "").strip()
    if given.upper() in MISSING:
        return EventCode(None, None, None, False, "code-missing")
    if code_list == "plover":
        return _plover(given)
    if code_list == "icews-text":
        found = icews_texts().get(given.casefold())
        return _known(found, "cameo", scale) if found else _unknown()
    code = given[:-2] if given.endswith(".0") else given
    if not code.isascii() or not code.isdecimal():
        return _unknown()
    if code_list == "weis":
        code = code.zfill(3)
        return _known(code, "weis", None) if len(code) == 3 and 1 <= int(code[:2]) <= 22 else _unknown()
    if len(code) == 2 and code[0] != "0" and "0" + code in cameo_codes():
        if has_roots and code in cameo_codes():
            return EventCode(None, None, None, False, "code-ambiguous")
        code = "0" + code
    elif code not in cameo_codes():
        code = "0" + code
    return _known(code, "cameo", scale) if code in cameo_codes() else _unknown()


def _unknown() -> EventCode:
    return EventCode(None, None, None, False, "code-unknown")


def _plover(given: str) -> EventCode:
    event, _, mode = given.partition(":")
    event, mode = event.strip().upper(), mode.strip().lower()
    if event not in PLOVER:
        return _unknown()
    code = f"{event}:{mode}" if mode and mode != "none" else event
    return EventCode(code, PLOVER[event], None, code in LAW_CODES["plover"])


def _known(code: str, code_list: str, scale: str | None) -> EventCode:
    root = int(code[:2])
    if code_list == "weis":
        place = (
            1
            if root in WEIS_MATERIAL_COOPERATION
            else 2
            if root in WEIS_VERBAL_CONFLICT
            else 3
            if root >= WEIS_VERBAL_CONFLICT.stop
            else 0
        )
    else:
        place = (root > 5) + (root > 9) + (root > 14)
    value = goldstein_tables()[scale].get(code) if scale else None
    return EventCode(code, CLASSES[place], value, code.startswith(LAW_CODES[code_list]))
