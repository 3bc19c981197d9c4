"""A case: how it was opened, the steps recorded since, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.ledger import Account, Entry, balances
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.records import StepRecord, Subject

CASE_IDENTIFIER = r"[A-Z0-9]{2}-[A-Z]-[A-Z]{3}"  # program code, implementing agency, designator (SAMM C15.3)
ATTACH = "attach-document"  # the step that attaches a document
BASIC = "BASIC"
DOCUMENT_VERSION = rf"{BASIC}|[AM](?!00)\d{{2}}"  # amendments A01…, modifications M01… (SAMM table C5.T10)


class FundState(StrEnum):
    """What may be done with funds on a day."""

    NOT_YET = "not-yet"
    AVAILABLE = "available"  # new obligations
    REOBLIGATION = "reobligation"  # what was deobligated may be obligated again
    EXPIRED = "expired"  # adjust and pay only
    CANCELED = "cancelled"  # nothing


@dataclass(frozen=True)
class Availability:
    """When funds may be used, as known from `known_from` on (a continuing resolution revises it).

    Each date is the last day, to midnight; None where there is no such day. Funds without
    `available_until` are no-year funds.
    """

    known_from: date
    available_from: date
    available_until: date | None
    cancels_on: date | None
    reobligate_until: date | None = None

    @property
    def is_in_order(self) -> bool:
        """Whether no day comes before the one it follows; no-year funds have no day but the first."""
        if self.available_until is None:
            return self.reobligate_until is None and self.cancels_on is None
        days = [self.available_from, self.available_until, self.reobligate_until, self.cancels_on]
        known = [day for day in days if day is not None]
        return known == sorted(known)

    def state_on(self, on: date) -> FundState:
        """What may be done with the funds on a day (SAMM C15.6; DSCA 12-45 for the middle window)."""
        if on < self.available_from:
            return FundState.NOT_YET
        if self.cancels_on is not None and on > self.cancels_on:
            return FundState.CANCELED
        if self.available_until is None or on <= self.available_until:
            return FundState.AVAILABLE
        if self.reobligate_until is not None and on <= self.reobligate_until:
            return FundState.REOBLIGATION
        return FundState.EXPIRED


@dataclass(frozen=True)
class Funds:
    """One appropriation of one year, the only money of a case.

    `regime` is a key of the rulebooks (title-10, title-22); empty where the source names none.
    """

    code: str
    name: BilingualText
    currency: str
    availability: tuple[Availability, ...]
    fiscal_year: int | None = None
    program_code: str = ""
    authority: str = ""
    regime: str = ""

    def availability_on(self, on: date) -> Availability:
        """The dates as they were known on a day; before any was known, the first ones."""
        known = [dates for dates in self.availability if dates.known_from <= on]
        return max(known or self.availability[:1], key=lambda dates: dates.known_from)

    def state_on(self, on: date) -> FundState:
        """What may be done with the funds on a day, by the dates known then."""
        return self.availability_on(on).state_on(on)


@dataclass(frozen=True)
class CaseLine:
    """A line of the letter and how far it has come."""

    number: str
    description: str
    quantity: int
    unit_cost: Money
    obligated: Money
    paid: Money
    delivered: int = 0
    inventoried: int = 0
    transferred: int = 0
    details: Mapping[str, Value] = field(default_factory=dict)  # what else the edition asks of a line

    @property
    def cost(self) -> Money:
        """Quantity × unit cost."""
        return Money(self.quantity * self.unit_cost.minor, self.unit_cost.currency)

    @property
    def unpaid(self) -> Money:
        """Obligated and not yet paid."""
        return self.obligated - self.paid


@dataclass(frozen=True)
class Case(Subject):
    """The state of a case: a fold of its records, never stored beside them."""

    identifier: str
    edition: str
    title: str
    partner_code: str
    funds: Funds
    is_approved_above: bool = True  # the project the case belongs to, when it has one
    lines: Mapping[str, CaseLine] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    version: str = BASIC  # document version the steps work on
    other_events: tuple[int, ...] = ()  # numbers of what is on record of the case and is no step

    @property
    def numbers(self) -> set[int]:
        """The numbers of all that is on record of the case, which a conclusion may cite."""
        return {*self.other_events, *(record.number for record in self.records)}

    @property
    def regime(self) -> str:
        """The regime of the funds."""
        return self.funds.regime

    @property
    def documents(self) -> list[StepRecord]:
        """Every document attached, also where two have one content."""
        return self.records_of(ATTACH)

    @property
    def document(self) -> str:
        """The identifier of the document version in work, such as `BN-B-SAA-A01`."""
        return f"{self.identifier}-{self.version}"

    @property
    def balances(self) -> Mapping[Account, Money]:
        """What the case holds on each account; what it drew from its funds stands negative on AVAILABLE."""
        return balances(self.entries, self.funds.currency, drawn_from=frozenset({Account.AVAILABLE}))

    @property
    def cost(self) -> Money:
        """The cost of all lines."""
        return Money(sum(line.cost.minor for line in self.lines.values()), self.funds.currency)
