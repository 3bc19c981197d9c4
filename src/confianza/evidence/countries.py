"""Countries by ISO 3166 code and by name: CLDR's names in both languages, ISO's own, and the reports' spellings."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import iso3166
from babel import Locale
from babel.core import get_global

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import RuleRefusal

NOT_COUNTRIES = {"EZ", "QO", "XA", "XB", "ZZ"}  # CLDR's own codes: areas and tests
OWNER = re.compile(r"\s*\([A-Z]{2}\)$")  # of a dependency, as in `Cayman Islands (UK)`
DESIGNATION = re.compile(
    r"\b(?:(?:democratic|federal|islamic|people's|socialist|united)\s+)*"
    r"(?:commonwealth|kingdom|principality|republic|state|sultanate|union) of(?: the)?\b",
    re.IGNORECASE,
)
MOST_LOST = 2  # letters of ASCII that are left for each gap, at least
SHARED = {"china", "congo", "korea"}  # two countries bear the name: the designation tells which


@cache
def _own() -> Mapping[str, Any]:
    text = resources.files("confianza.evidence").joinpath("data/countries.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def country_names() -> Mapping[str, BilingualText]:
    """Names in English and Spanish by alpha-2 code: CLDR's, those that ISO has withdrawn, and the reports' groups."""
    english, spanish = (Locale(language).territories for language in ("en", "es"))
    names = {
        code: BilingualText(english[code], spanish[code])
        for code in sorted(set(english) & set(spanish) - NOT_COUNTRIES)
        if re.fullmatch("[A-Z]{2}", code)
    }
    own = _own()["withdrawn"] | _own()["others"]
    return names | {code: BilingualText.of(entry["name"]) for code, entry in own.items()}


def _key(text: str) -> str:
    """A name without what spellings differ in: capitals, accents, signs, `the`, `Saint` for `St`."""
    plain = unicodedata.normalize("NFKD", text).replace("&", " and ").casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = re.findall(r"\w+", re.sub(r"['’‘`´ʼ′.]", "", plain))
    return " ".join("st" if word == "saint" else word for word in words if word != "the")


@cache
def _codes_by_name() -> Mapping[str, str]:
    iso = {
        _key(name): country.alpha2
        for country in iso3166.countries
        for name in (country.name, country.apolitical_name)
    }
    cldr = {_key(name): code for code, text in country_names().items() for name in (text.en, text.es)}
    own = {_key(spelling): code for code, spellings in _own()["spellings"].items() for spelling in spellings}
    return iso | cldr | own


@cache
def _codes_by_code() -> Mapping[str, str]:
    names = country_names()
    aliases = {
        alias: codes[0]
        for alias, codes in get_global("territory_aliases").items()
        if alias.isalpha() and len(codes) == 1 and codes[0] in names
    }
    withdrawn = {entry["alpha_3"]: code for code, entry in _own()["withdrawn"].items()}
    return aliases | withdrawn | {code: code for code in names}


@lru_cache(maxsize=4096)
def country_of_name(name: str) -> str | None:
    """The alpha-2 code of a country's name, English or Spanish, or a report's spelling of it.

    The owner of a dependency, (UK), and a designation, `Republic of`, may stand with the name, and letters may have
    been lost to a wrong encoding when only one country is left that the others spell.
    """
    codes = _codes_by_name()
    bare = OWNER.sub("", name)
    if code := codes.get(_key(name)):
        return code
    if bare != name and _key(bare) in SHARED:  # the letters tell which of the two, and are no owner's
        return None
    if code := codes.get(_key(bare)):
        return code
    plain = DESIGNATION.sub(" ", bare)
    return _of_damaged(plain) if _key(plain) in SHARED else codes.get(_key(plain)) or _of_damaged(plain)


def _of_damaged(name: str) -> str | None:
    """The only country whose name has the letters of ASCII that are left, and at most two for each that is lost."""
    parts = re.split(r"[^\x00-\x7f]+|\?+", name)
    if len(parts) == 1 or len("".join(parts)) < MOST_LOST * len(parts):
        return None
    pattern = re.compile(".{0,2}".join(re.escape(_key(part)) for part in parts))
    codes = {code for key, code in _codes_by_name().items() if pattern.fullmatch(key)}
    return codes.pop() if len(codes) == 1 else None


def country_code(text: str) -> str | None:
    """The alpha-2 code of an alpha-2 or alpha-3 code or a name; None when it is none known."""
    return _codes_by_code().get(text.strip().upper()) or country_of_name(text)


def known_country(text: str) -> str:
    """The alpha-2 code of a country written as a code or a name; RuleRefusal `country-unknown` when there is none."""
    code = country_code(text)
    if code is None:
        raise RuleRefusal("country-unknown", country=text)
    return code


def country_name(code: str) -> BilingualText:
    """The name of a country by its alpha-2 code, from CLDR.

    Raises
    ------
    KeyError
        No such code; `country_code` gives only codes that have a name.
    """
    return country_names()[code]
