"""The editions of the case process: those the product ships with, and an office's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from confianza.cooperation.cases.effects import EFFECTS
from confianza.cooperation.cases.gates import GATES
from confianza.cooperation.process.editions import read_edition
from confianza.cooperation.process.rulebook import Edition
from confianza.errors import RulebookError

SHIPPED = Path(__file__).parent / "rules"


def read_case_edition(path: Path) -> Edition:
    """An edition of the case process from a TOML file, as `read_edition` reads it."""
    return read_edition(path, gates=GATES, effects=EFFECTS, bundled=[SHIPPED])


@cache
def editions() -> Mapping[str, Edition]:
    """Every edition by id: those the product ships with, and those of the folder `CONFIANZA_RULES` names.

    What the shipped editions mark as unverified is set otherwise by an edition of one's own that `extends`
    one of them and names only what differs.

    Raises
    ------
    RulebookError
        As `read_case_edition`; `edition-twice` when two files have one id.
    """
    own = os.environ.get("CONFIANZA_RULES")
    by_id: dict[str, Edition] = {}
    for folder in [SHIPPED, *([Path(own)] if own else [])]:
        for path in sorted(folder.glob("*.toml")):
            edition = read_case_edition(path)
            if edition.id in by_id:
                raise RulebookError("edition-twice", edition=edition.id, file=path.name)
            by_id[edition.id] = edition
    return by_id


def edition_of(edition_id: str) -> Edition:
    """A shipped edition; RulebookError `edition-unknown` names those there are."""
    try:
        return editions()[edition_id]
    except KeyError:
        raise RulebookError(
            "edition-unknown", edition=edition_id, known=", ".join(sorted(editions()))
        ) from None
