"""The words of the trade in both languages, and what their abbreviations stand for."""

from functools import cache
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.packaged import packaged_table


def glossary() -> dict[str, dict[str, Any]]:
    """Each term by its code: `name` and `meaning` in both languages, `abbreviation` where there is one."""
    terms: dict[str, dict[str, Any]] = packaged_table(__package__, "glossary.toml")["terms"]
    return terms


@cache
def abbreviations() -> dict[str, BilingualText]:
    """What each abbreviation stands for."""
    return {
        abbreviation: BilingualText(term["name"]["en"], term["name"]["es"])
        for term in glossary().values()
        for abbreviation in term.get("abbreviation", "").split(", ")
        if abbreviation
    }
