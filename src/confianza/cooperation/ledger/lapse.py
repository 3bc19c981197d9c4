"""What becomes of funds that nobody uses: when how much of them expires and is canceled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.ledger import Account, Entry, move
from confianza.cooperation.money import Money


@dataclass(frozen=True)
class Lapse:
    """An amount of funds that leaves `account` at midnight of `on` if nothing changes."""

    funds: str
    on: date
    account: Account
    becomes: Account
    amount: Money


def lapses(
    funds: str,
    balances: Mapping[Account, Money],
    *,
    available_until: date | None,
    cancels_on: date | None,
    on: date,
    reobligate_until: date | None = None,
) -> list[Lapse]:
    """What happens to the balances of funds if nothing changes after `on`.

    What is available or committed expires with the availability, what was released since with the window
    for reobligation; that, and what is obligated and never paid, is canceled with the funds. Funds without
    such a day keep their money.
    """
    lapsing = []
    expiring = [Account.AVAILABLE, Account.COMMITTED]
    if available_until is not None and on <= available_until:
        lapsing += [
            Lapse(funds, available_until, account, Account.EXPIRED, balances[account]) for account in expiring
        ]
    elif reobligate_until is not None and on <= reobligate_until:
        committed = balances[Account.COMMITTED]
        lapsing.append(Lapse(funds, reobligate_until, Account.COMMITTED, Account.EXPIRED, committed))
    if cancels_on is not None and on <= cancels_on:
        rest = [*expiring, Account.EXPIRED, Account.OBLIGATED]
        lapsing += [
            Lapse(funds, cancels_on, account, Account.CANCELED, balances[account]) for account in rest
        ]
    return [lapse for lapse in lapsing if lapse.amount.minor]


def lapse_entries(
    balances: Mapping[Account, Money], *, available_until: date | None, cancels_on: date | None, on: date
) -> list[Entry]:
    """The entries that take what is still available to EXPIRED or CANCELED once its day is over on `on`."""
    available, expired = balances[Account.AVAILABLE], balances[Account.EXPIRED]
    if cancels_on is not None and on > cancels_on:
        moves = [
            (available, Account.AVAILABLE, Account.CANCELED),
            (expired, Account.EXPIRED, Account.CANCELED),
        ]
    elif available_until is not None and on > available_until:
        moves = [(available, Account.AVAILABLE, Account.EXPIRED)]
    else:
        moves = []
    return [move(on, amount, source, target) for amount, source, target in moves if amount.minor]
