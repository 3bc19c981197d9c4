"""Authorities: the laws that assistance is given under, what they may pay for, and when their funds lapse."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from functools import cache
from typing import Any

from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.cooperation.money import Money
from confianza.cooperation.names import name_key
from confianza.cooperation.periods import fiscal_year, fiscal_year_end, fiscal_year_start
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.packaged import packaged_table

TABLE = "authorities.toml"
OF_THE_CODE = re.compile(r"\d+ U\.S\.C\. \d+")


@dataclass(frozen=True)
class Act:
    """A law that holds several authorities."""

    code: str
    name: BilingualText
    citation: str
    reference: Reference
    from_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One thing that a law says of its money, with the place it was read at.

    `provides` are keys of what it may pay for; `days` those of a notification; `percent` the share withheld; the
    years are counted from the end of availability. What is not verified was read nowhere.
    """

    subject: str
    sentence: BilingualText
    reference: Reference
    is_verified: bool = True
    provides: tuple[str, ...] = ()
    days: int | None = None
    percent: int | None = None
    years_to_cancel: int | None = None
    years_to_reobligate: int | None = None
    from_fy: int | None = None


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authority, or a program that rests on several accounts.

    `runs_on_cases` is None where no source says it. `partners` are the countries (ISO codes) it is for; empty: any.
    """

    code: str
    name: BilingualText
    kind: str
    act: str
    regime: str
    citation: str
    reference: Reference
    provisions: tuple[Provision, ...]
    aliases: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    runs_on_cases: bool | None = None
    is_appropriated: bool = True

    def is_for_any(self, countries: Collection[str]) -> bool:
        """Whether it may be used for one of the countries (ISO codes)."""
        return not self.partners or not set(self.partners).isdisjoint(countries)

    def told(self, subject: str, *, unverified: bool = False) -> tuple[Provision, ...]:
        """What is said of a subject; with `unverified` also what was read nowhere."""
        return tuple(
            item for item in self.provisions if item.subject == subject and (item.is_verified or unverified)
        )

    def provides(self, *, unverified: bool = False) -> tuple[str, ...]:
        """The keys of what it may pay for; empty where no source says it."""
        return tuple(key for item in self.told("pays", unverified=unverified) for key in item.provides)

    def pays_line(self, kind: str, *, unverified: bool = False) -> bool:
        """Whether it may pay a case line of a kind; True where no source says what it pays for."""
        provided = self.provides(unverified=unverified)
        return not provided or any(kind in provided_lines()[key] for key in provided)

    def paid(self, *, unverified: bool = False) -> BilingualText:
        """The names of what it may pay for, as one list."""
        names = provided_names()
        return join_texts(names[key] for key in self.provides(unverified=unverified))

    def is_in_force(self, on: date) -> bool:
        """Whether it is on the books on a day; an open end counts as in force."""
        return (self.from_date is None or self.from_date <= on) and (
            self.to_date is None or on <= self.to_date
        )

    def last_reobligation(self, available_until: date, fy: int) -> date | None:
        """The last day on which what was deobligated may be obligated again; None where the law knows no such window."""
        years = _years(self, "years_to_reobligate", fy)
        return _years_after(available_until, years) if years else None

    def last_cancellation(self, ends_on: date, fy: int) -> date | None:
        """The day by which funds cancel: 30 September of so many years after their last window ended."""
        years = _years(self, "years_to_cancel", fy)
        return _years_after(ends_on, years) if years else None


@dataclass(frozen=True)
class Delivery:
    """What a source says was appropriated for a program and handed over."""

    program: str
    partner_code: str
    fiscal_years: tuple[int, int]
    appropriated: Money
    delivered: Money
    sentence: BilingualText
    reference: Reference


@dataclass(frozen=True)
class Misfit:
    """Why funds cannot be opened under an authority: an error code with its parameters."""

    code: str
    params: Mapping[str, object]


def _years(authority: Authority, field: str, fy: int) -> int | None:
    found = [
        getattr(item, field)
        for item in authority.told("availability")
        if getattr(item, field) is not None and (item.from_fy is None or item.from_fy <= fy)
    ]
    return max(found, default=None)


def _years_after(day: date, years: int) -> date:
    fy = fiscal_year(day) + years
    return fiscal_year_end(fy) if fy <= MAXYEAR else date.max


def _table() -> Mapping[str, Any]:
    return packaged_table(__package__, TABLE)


def _reference(raw: Mapping[str, Any]) -> Reference:
    return Reference(raw["source"], raw["place"])


NOT_OF_PROVISION = {"sentence", "source", "place", "provides", "regimes"}


def _provision(raw: Mapping[str, Any]) -> Provision:
    return Provision(
        sentence=BilingualText.of(raw["sentence"]),
        reference=_reference(raw),
        provides=tuple(raw.get("provides", ())),
        **{key: value for key, value in raw.items() if key not in NOT_OF_PROVISION},
    )


@cache
def provided_names() -> Mapping[str, BilingualText]:
    """The name of each thing that a law may pay for."""
    return {key: BilingualText.of(item["name"]) for key, item in _table()["provides"].items()}


@cache
def provided_lines() -> Mapping[str, frozenset[str]]:
    """The kinds of case lines that each thing a law may pay for stands for."""
    return {key: frozenset(item["lines"]) for key, item in _table()["provides"].items()}


@cache
def subject_names() -> Mapping[str, BilingualText]:
    """The name of each subject of provisions, in the order to show them."""
    return {key: BilingualText.of(name) for key, name in _table()["subjects"].items()}


@cache
def acts() -> Mapping[str, Act]:
    """The laws that hold the authorities, by code."""
    return {
        raw["code"]: Act(
            raw["code"], BilingualText.of(raw["name"]), raw["citation"], _reference(raw), raw.get("from_date")
        )
        for raw in _table()["acts"]
    }


@cache
def authorities() -> Mapping[str, Authority]:
    """The authorities the product knows, by code, each with what holds for all of its title."""
    found = {}
    for raw in _table()["authorities"]:
        common = [item for item in _table()["common"] if raw["regime"] in item["regimes"]]
        found[raw["code"]] = Authority(
            code=raw["code"],
            name=BilingualText.of(raw["name"]),
            kind=raw["kind"],
            act=raw["act"],
            regime=raw["regime"],
            citation=raw["citation"],
            reference=_reference(raw),
            provisions=tuple(map(_provision, (*raw.get("provisions", ()), *common))),
            aliases=tuple(raw.get("aliases", ())),
            accounts=tuple(raw.get("accounts", ())),
            partners=tuple(raw.get("partners", ())),
            from_date=raw.get("from_date"),
            to_date=raw.get("to_date"),
            runs_on_cases=raw.get("runs_on_cases"),
            is_appropriated=raw.get("is_appropriated", True),
        )
    return found


def authority_named(text: str) -> Authority | None:
    """The authority of a code or another name of it, however it is written; None where no source names it.

    >>> authority_named("Section 333").code
    '333'
    >>> authority_named("pizza") is None
    True
    """
    return _by_name().get(name_key(text.strip()))


@cache
def _by_name() -> Mapping[str, Authority]:
    return {name_key(name): item for item in authorities().values() for name in _names(item)}


def _names(item: Authority) -> Iterator[str]:
    """What an authority is called: its code, its other names, a number as a section, and its section of the Code."""
    yield from (item.code, *item.aliases)
    if item.code.isdigit():
        yield from (f"Section {item.code}", f"S{item.code}")
    if OF_THE_CODE.fullmatch(item.citation):
        yield from (item.citation, item.citation.replace(".", ""))


def known_authority(text: str) -> Authority:
    """The authority of a code or another name of it.

    Raises
    ------
    RuleRefusal
        `authority-unknown`, with those there are.
    """
    found = authority_named(text)
    if found is None:
        raise RuleRefusal("authority-unknown", authority=text, known=", ".join(authorities()))
    return found


def misfits(
    authority: Authority,
    *,
    funds: str,
    regime: str,
    fy: int,
    partner_code: str,
    available_until: date | None,
    reobligate_until: date | None,
    cancels_on: date | None,
) -> list[Misfit]:
    """Why funds with these dates do not fit their authority, every reason; empty where they do.

    Only what was read in a source counts. `partner_code` is the ISO code of the country.
    """
    told = {"funds": funds, "authority": authority.code, "section": authority.citation}
    found = []
    if not authority.is_appropriated:
        found.append(Misfit("authority-not-appropriated", told))
    if regime != authority.regime:
        found.append(Misfit("authority-of-other-regime", {**told, "regime": regime, "own": authority.regime}))
    if not authority.is_for_any({partner_code}):
        allowed = ", ".join(authority.partners)
        found.append(
            Misfit("authority-for-other-partner", {**told, "partner": partner_code, "known": allowed})
        )
    first, last = fiscal_year_start(fy), fiscal_year_end(fy)
    starts_late = authority.from_date is not None and last < authority.from_date
    ended_before = authority.to_date is not None and authority.to_date < first
    if starts_late or ended_before:
        params = {"from_date": authority.from_date or "-", "to_date": authority.to_date or "-"}
        found.append(Misfit("authority-not-in-force", {**told, "fiscal_year": fy, **params}))
    if available_until is not None:
        window = authority.last_reobligation(available_until, fy)
        if reobligate_until is not None and (window is None or reobligate_until > window):
            limit = window or available_until
            found.append(
                Misfit("authority-reobligation-late", {**told, "day": reobligate_until, "limit": limit})
            )
        latest = authority.last_cancellation(reobligate_until or available_until, fy)
        if cancels_on is not None and latest is not None and cancels_on > latest:
            found.append(Misfit("authority-cancellation-late", {**told, "day": cancels_on, "limit": latest}))
    return found


@cache
def published_deliveries() -> tuple[Delivery, ...]:
    """What sources say was handed over of what was appropriated."""
    return tuple(
        Delivery(
            raw["program"],
            raw["partner_code"],
            (raw["from_fy"], raw["to_fy"]),
            Money(raw["appropriated_dollars"] * 100, raw["currency"]),
            Money(raw["delivered_dollars"] * 100, raw["currency"]),
            BilingualText.of(raw["sentence"]),
            _reference(raw),
        )
        for raw in _table()["deliveries"]
    )
