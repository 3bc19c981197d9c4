"""Letters of a cell put right where the volume took them for those of another encoding.

A whole page whose fonts do so is put right when it is read (`pages.py`). What is here is single words of volumes that
were made of several sources: only signs that no word can have at their place are changed, everything else stays.
"""

from __future__ import annotations

import re

SIGNS_OF_CP437 = re.compile(
    r"[\u0370-\u03ff\u2200-\u25ff\u2320\u2321ß]"
)  # Greek, mathematics, boxes; read for Latin letters
BETWEEN_LETTERS = re.compile(
    r"(?<=[a-zé])[¡¢¤](?=[a-zé]|\b|$)"
)  # read as Latin 1, and meant in the other code page
DASH_ALONE = re.compile(r"(?<!\S)[ñû](?!\S)")
QUOTED = re.compile(r"(?<!\w)[ôì](\w[^ôöìî]*)[öî](?!\w)")
APOSTROPHE = re.compile(
    r"(?<=\b[DLN])í(?=[A-Z])|(?<=[a-z]{3}[bcdfgkmnptvwy])í(?=s\b)|(?<=[A-Za-z]{3}rs)í(?!\w)|(?<=[a-z]{3}nts)í(?!\w)"
)
MAC_IN_CAPITALS = re.compile(r"(?<=[^\W\d_a-z])[”“—](?=[A-Z])|(?<=[a-z])—(?=O\b)")
MAC_CAPITAL = re.compile(r"(?<=[a-z])[À-Þ](?=[a-z])")
MAC_ORDINAL = re.compile(r"(?<=\d)™(?!\w)")


def _read_for(sign: str, encoding: str, meant: str) -> str:
    """The letter that was meant by a sign; the sign where that is no letter."""
    try:
        letter = sign.encode(encoding).decode(meant)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return sign
    return letter if letter.isalpha() or letter in "ºª" else sign


def right_letters(text: str) -> str:
    """A cell with single wrong letters put right.

    >>> right_letters("Delegaci≤n JosΘ, Com1║DN"), right_letters("Secretar¡a"), right_letters("Bogotß")
    ('Delegación José, Com1ºDN', 'Secretaría', 'Bogotá')
    >>> right_letters("Officersí ñ NíDjamena"), right_letters("ôCholokiö"), right_letters("MoÁambique")
    ('Officers’ – N’Djamena', '“Choloki”', 'Moçambique')
    >>> right_letters("ESCUADR”N Carre—O 11™"), right_letters("el país, aquí, Guapí, París, sí")
    ('ESCUADRÓN CarreÑO 11ª', 'el país, aquí, Guapí, París, sí')
    """
    if text.isascii():
        return text
    text = SIGNS_OF_CP437.sub(lambda match: _read_for(match[0], "cp437", "latin_1"), text)
    text = BETWEEN_LETTERS.sub(lambda match: _read_for(match[0], "latin_1", "cp437"), text)
    for pattern in (MAC_IN_CAPITALS, MAC_CAPITAL, MAC_ORDINAL):
        text = pattern.sub(lambda match: _read_for(match[0], "mac_roman", "cp1252"), text)
    text = QUOTED.sub(r"“\1”", DASH_ALONE.sub("–", text))
    return APOSTROPHE.sub("’", text)
