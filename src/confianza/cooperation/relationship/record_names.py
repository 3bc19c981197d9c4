"""What records name in one language, written out in both."""

from __future__ import annotations

import re

from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.packaged import packaged_table

BETWEEN = re.compile(r"[,;] ")


def institution_name(short: str) -> BilingualText:
    """The institutions of a record, written out; one that is not in the table stands as the record has it.

    >>> institution_name("State, DEA").es
    'Departamento de Estado, DEA'
    """
    return join_texts(_name("institutions", name) for name in BETWEEN.split(short) if name)


def detail_name(text: str) -> BilingualText:
    """An activity or a cultural trait of a record; one that is not in the table stands as the record has it.

    >>> detail_name("extradition").es
    'extradición'
    """
    return _name("details", text)


def _name(part: str, text: str) -> BilingualText:
    table: dict[str, dict[str, str]] = packaged_table(__package__, "record_names.toml")[part]
    return BilingualText.of(table.get(text, text))
