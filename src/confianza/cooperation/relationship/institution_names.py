"""The institutions that records name, written out in both languages."""

from __future__ import annotations

import re

from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.packaged import packaged_table

BETWEEN = re.compile(r"[,;] ")


def institution_name(short: str) -> BilingualText:
    """The institutions of a record, written out; one that is not in the table stands as the record has it.

    >>> institution_name("State, SEMAR").es
    'Departamento de Estado, SEMAR'
    """
    table: dict[str, dict[str, str] | str] = packaged_table(__package__, "institution_names.toml")
    return join_texts(BilingualText.of(table.get(name, name)) for name in BETWEEN.split(short) if name)
