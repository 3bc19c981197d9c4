"""Double-entry money of one appropriation: every entry balances, corrections are new entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from confianza.cooperation.money import Money
from confianza.errors import LedgerError


class Account(StrEnum):
    """Where the money of an appropriation stands. APPROPRIATED is the source and runs negative."""

    APPROPRIATED = "appropriated"
    AVAILABLE = "available"
    COMMITTED = "committed"
    OBLIGATED = "obligated"
    EXPENDED = "expended"
    EXPIRED = "expired"
    CANCELED = "cancelled"
    RETURNED = "returned"


@dataclass(frozen=True)
class Entry:
    """Postings of one day that sum to zero.

    Raises
    ------
    LedgerError
        `entry-does-not-balance`: the postings sum to something else.
    """

    on: date
    postings: tuple[tuple[Account, Money], ...]

    def __post_init__(self) -> None:
        rest = self.postings[0][1]
        for _, amount in self.postings[1:]:
            rest += amount
        if rest.minor:
            raise LedgerError("entry-does-not-balance", on=self.on, rest=rest)


def move(on: date, amount: Money, source: Account, target: Account) -> Entry:
    """The entry that takes `amount` from one account to another."""
    return Entry(on, ((source, -amount), (target, amount)))


def balances(
    entries: Iterable[Entry],
    currency: str = "USD",
    *,
    drawn_from: frozenset[Account] = frozenset({Account.APPROPRIATED}),
) -> Mapping[Account, Money]:
    """What stands on each account. The accounts the money is drawn from may run negative.

    Raises
    ------
    LedgerError
        `account-overdrawn`: another account holds less than nothing after an entry.
    """
    result = {account: Money(0, currency) for account in Account}
    for entry in entries:
        for account, amount in entry.postings:
            result[account] += amount
        for account, _ in entry.postings:
            if result[account].minor < 0 and account not in drawn_from:
                raise LedgerError(
                    "account-overdrawn", account=account.value, on=entry.on, balance=result[account]
                )
    return result
