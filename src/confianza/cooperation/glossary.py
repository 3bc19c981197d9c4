"""The words of the trade in both languages, and what their abbreviations stand for."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from confianza.cooperation.bilingual import BilingualText


@cache
def glossary() -> dict[str, dict[str, Any]]:
    """Each term by its code: `name` and `meaning` in both languages, `abbreviation` where there is one."""
    table = files("confianza.cooperation") / "glossary.toml"
    return tomllib.loads(table.read_text(encoding="utf-8"))["terms"]  # type: ignore[no-any-return]


@cache
def abbreviations() -> dict[str, BilingualText]:
    """What each abbreviation stands for."""
    return {
        abbreviation: BilingualText(term["name"]["en"], term["name"]["es"])
        for term in glossary().values()
        for abbreviation in term.get("abbreviation", "").split(", ")
        if abbreviation
    }
