"""When two spellings are one name: of a person, a unit, a code, a course.

Capitals, the width and number of spaces, invisible characters, typographic apostrophes and hyphens do not matter, nor
whether an accent is one character with its letter or follows it. An accent itself does: José and Jose are two names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

APOSTROPHES = re.compile("[\u0060\u00b4\u02b9\u02bc\u2018\u2019\u201b\u2032\uff07]")
HYPHENS = re.compile("[\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d]")

NUL = "\x00"  # no text has it, and PostgreSQL cannot store it


def spelled(text: str) -> str:
    """The text as it is stored: composed, with single spaces, without invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(letter for letter in composed if unicodedata.category(letter) != "Cf").split())


def name_key(text: str) -> str:
    """What all spellings of a name have in common; two names are one when their keys are equal."""
    plain = HYPHENS.sub("-", APOSTROPHES.sub("'", unicodedata.normalize("NFKC", spelled(text))))
    return spelled(unicodedata.normalize("NFKC", plain.casefold()))


def near_names(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The names that differ in accents only, together; each once."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        key = name_key(name)
        letters = unicodedata.normalize("NFD", key)
        bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
        groups[bare].setdefault(key, name)
    return [tuple(group.values()) for group in groups.values() if len(group) > 1]


def same_spelling(text: str, others: Iterable[str]) -> str:
    """How one of others spells the same name, exactly this spelling first; the text itself where none does."""
    listed = list(others)
    if text in listed:
        return text
    key = name_key(text)
    return next((other for other in listed if name_key(other) == key), text)
