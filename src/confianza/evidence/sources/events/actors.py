"""Actors of events: country and role of a code or a name, or the reason why no pair can be made of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import iso3166

from confianza.evidence.countries import country_code, country_of_name

ROLES = ("military", "police", "government", "private", "organization", "country", "person")
OFFICIAL = ("military", "police", "government")
MISSING = {"", "NA", "N/A", "NONE", "NULL", "NAN", "\\N", "---"}
ACTOR_CODE = re.compile(r"[A-Za-z]{3}(?:[A-Za-z0-9]{3}){0,8}")
LETTERS = 3  # of a chunk
IN_PARENTHESES = re.compile(r"(.+) \(([^()]+)\)")
OWN_ALPHA_3 = {"XK": "XKX", "AN": "ANT", "CS": "SCG", "YU": "YUG"}


@dataclass(frozen=True)
class Actor:
    """Country (ISO 3166-1 alpha-3) and role; without a country, the reason."""

    iso3: str | None
    role: str | None
    reason: str | None = None


NOBODY = Actor(None, None, "no-country")


@cache
def _tables() -> Mapping[str, Any]:
    text = resources.files("confianza.evidence").joinpath("data/events/actors.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def alpha_3_codes() -> frozenset[str]:
    """Countries that a pair can be made of: ISO 3166-1, Kosovo, and states that are no more."""
    return frozenset(
        {country.alpha3 for country in iso3166.countries} | set(_tables()["former"]["codes"]) | {"XKX"}
    )


@cache
def _role_of_chunk() -> Mapping[str, str]:
    return {chunk: role for role, chunks in _tables()["roles"].items() for chunk in chunks}


def _alpha_3(alpha_2: str | None) -> str | None:
    if alpha_2 is None:
        return None
    if alpha_2 in OWN_ALPHA_3:
        return OWN_ALPHA_3[alpha_2]
    country = iso3166.countries_by_alpha2.get(alpha_2)
    return None if country is None else country.alpha3


def _first(roles: set[str], default: str) -> str:
    return next((role for role in ROLES if role in roles), default)


@lru_cache(maxsize=65536)
def actor_of_code(text: str | None) -> Actor:
    """An actor of CAMEO: chunks of three letters, the first country among them and the first role of `ROLES`.

    Chunks in small letters are peoples: `UKR` is Ukraine, `ukr` Ukrainians anywhere, who have no country by that.

    `USAGOV` is the United States' government, `MNCUSA` a company of theirs, `CHRCTH` is of no country, `IGOEUREEC` of a
    region.
    """
    code = (text or "").strip()
    if code.upper() in MISSING:
        return NOBODY
    if not ACTOR_CODE.fullmatch(code):
        return Actor(None, None, "country-unknown")
    chunks = [code[place : place + 3] for place in range(0, len(code), 3)]
    roles = {_role_of_chunk()[chunk] for chunk in chunks if chunk in _role_of_chunk()}
    role = _first(roles, "country" if len(chunks) == 1 else "organization")
    for chunk in chunks:
        if chunk in _tables()["regions"]["codes"]:
            return Actor(None, role, "region")
        country = _tables()["countries"].get(chunk, chunk if chunk in iso3166.countries_by_alpha3 else None)
        if country is not None:
            return Actor(country, role)
    former = next((chunk for chunk in chunks if chunk in _tables()["former"]["in_cameo"]), None)
    return Actor(former, role, None if former else "no-country")


@lru_cache(maxsize=65536)
def actor_of_weis_code(text: str | None) -> Actor:
    """An actor as the Kansas project wrote it before CAMEO: its own country codes, then roles."""
    code = (text or "").strip().upper()
    if code in MISSING:
        return NOBODY
    country = _tables()["weis"].get(code[:3])
    chunk = code[3:6]
    role = _role_of_chunk().get(chunk, "government" if chunk in {"EXE", "POL"} else "organization")
    if country is None:
        is_organization = code[:3] in _tables()["weis_organizations"]["codes"]
        return Actor(None, role, "no-country" if is_organization else "country-unknown")
    return Actor(country, role if chunk else "country")


@lru_cache(maxsize=4096)
def country_of_cow(text: str | None) -> Actor:
    """A country by the abbreviation of the Correlates of War project."""
    code = (text or "").strip().upper()
    country = _tables()["cow"].get(code, code)
    known = country in alpha_3_codes()
    return Actor(country if known else None, "country", None if known else "country-unknown")


@lru_cache(maxsize=65536)
def country_of_icews(name: str | None) -> tuple[str | None, str | None]:
    """The country of ICEWS' name of it, and the reason when there is none."""
    given = (name or "").strip()
    if given.upper() in MISSING:
        return None, "no-country"
    if given in _tables()["regions"]["names"]:
        return None, "region"
    country = _tables()["names"].get(given) or _alpha_3(country_of_name(given))
    return country, None if country else "country-unknown"


@lru_cache(maxsize=65536)
def actor_of_icews(name: str | None, country: str | None, sectors: str | None) -> Actor:
    """An actor of ICEWS: its country by name, its role by sectors (`Military,Government`)."""
    iso3, reason = country_of_icews(country)
    given = {sector.strip() for sector in (sectors or "").split(",")}
    roles = {role for role, words in _tables()["sectors"].items() if given & set(words)}
    if (name or "").strip() == (country or "").strip():
        return Actor(iso3, "country", reason)
    return Actor(iso3, _first(roles, "organization" if given - {"", "NA"} else "person"), reason)


@lru_cache(maxsize=65536)
def actor_of_icews_name(name: str | None) -> Actor:
    """An actor of ICEWS by name alone: `Police (France)` or `France`; a person's name has no country."""
    given = (name or "").strip()
    if match := IN_PARENTHESES.fullmatch(given):
        iso3, reason = country_of_icews(match[2])
        roles = {role for role, words in _tables()["generic"].items() if match[1] in words}
        return Actor(
            iso3, _first(roles, "organization"), "no-country" if reason == "country-unknown" else reason
        )
    iso3, reason = country_of_icews(given)
    if iso3 is None:
        return Actor(None, "person", "region" if reason == "region" else "no-country")
    return Actor(iso3, "country")


@lru_cache(maxsize=65536)
def actor_of_polecat(country: str | None, sector: str | None) -> Actor:
    """An actor of POLECAT: ISO codes of its countries, `;` between them, and its primary sector."""
    codes = {code.strip().upper() for code in re.split(r"[;,]", country or "")} - MISSING
    role = _role_of_chunk().get((sector or "").strip().upper()[:3], "organization")
    if (sector or "").strip().upper() in MISSING:
        role = "country"
    if not codes:
        return Actor(None, role, "no-country")
    if len(codes) > 1:
        return Actor(None, role, "several-countries")
    code = codes.pop()
    return Actor(code, role) if code in alpha_3_codes() else Actor(None, role, "country-unknown")


@lru_cache(maxsize=65536)
def actor_of_text(text: str | None, role: str | None = None) -> Actor:
    """An actor of a table that somebody made: a code of CAMEO or of ISO 3166, or a country's name."""
    given = (text or "").strip()
    if given.upper() in MISSING:
        return NOBODY
    own = (role or "").strip()
    chunk = own.lower() if own.lower() in ROLES else _role_of_chunk().get(own.upper())
    by_code = (
        actor_of_code(given.upper() if len(given) == LETTERS else given)
        if ACTOR_CODE.fullmatch(given)
        else None
    )
    if by_code is not None and (by_code.iso3 or by_code.reason == "region"):
        return Actor(by_code.iso3, chunk or by_code.role, by_code.reason)
    iso3 = _tables()["names"].get(given) or _alpha_3(country_code(given))
    if iso3 is None and given in _tables()["regions"]["names"]:
        return Actor(None, chunk, "region")
    if iso3 is None and by_code is not None and by_code.role not in (None, "country"):
        return Actor(None, chunk or by_code.role, "no-country")
    return Actor(iso3, chunk or "country", None if iso3 else "country-unknown")
