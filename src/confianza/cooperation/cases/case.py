"""A case: how it was opened, the steps recorded since, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.fields import Value
from confianza.cooperation.ledger import Account, Entry, balances
from confianza.cooperation.money import Money
from confianza.cooperation.texts import Text

CASE_IDENTIFIER = r"[A-Z0-9]{2}-[A-Z]-[A-Z]{3}"  # program code, implementing agency, designator (SAMM C15.3)


@dataclass(frozen=True)
class Availability:
    """When funds may be used, as known from `known_from` on (a continuing resolution revises it)."""

    known_from: date
    available_from: date
    available_until: date
    cancels_on: date


@dataclass(frozen=True)
class Funds:
    """One appropriation of one year, the only money of a case."""

    code: str
    name: Text
    currency: str
    availability: tuple[Availability, ...]

    def availability_on(self, on: date) -> Availability:
        """The dates as they were known on a day; before any was known, the first ones."""
        known = [dates for dates in self.availability if dates.known_from <= on]
        return max(known or self.availability[:1], key=lambda dates: dates.known_from)


@dataclass(frozen=True)
class StepRecord:
    """A step that was taken: by whom, on which day, with which details."""

    step: str
    on: date
    actor: Actor
    details: Mapping[str, Value]


@dataclass(frozen=True)
class Line:
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

    @property
    def cost(self) -> Money:
        """Quantity × unit cost."""
        return Money(self.quantity * self.unit_cost.minor, self.unit_cost.currency)

    @property
    def unpaid(self) -> Money:
        """Obligated and not yet paid."""
        return self.obligated - self.paid


@dataclass(frozen=True)
class Case:
    """The state of a case: a fold of its records, never stored beside them."""

    identifier: str
    edition: str
    title: str
    partner_code: str
    funds: Funds
    records: tuple[StepRecord, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    def record_of(self, step: str) -> StepRecord | None:
        """The first record of a step, or None."""
        return next((record for record in self.records if record.step == step), None)

    @property
    def balances(self) -> Mapping[Account, Money]:
        """What the case holds on each account; what it drew from its funds stands negative on AVAILABLE."""
        return balances(self.entries, self.funds.currency, drawn_from=frozenset({Account.AVAILABLE}))

    @property
    def cost(self) -> Money:
        """The cost of all lines."""
        return Money(sum(line.cost.minor for line in self.lines.values()), self.funds.currency)
