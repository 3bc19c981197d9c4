"""Money as whole minor units of one currency; never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass

from confianza.errors import LedgerError

MINOR_PLACES = {"USD": 2, "MXN": 2}
SYMBOLS = {"USD": "$", "MXN": "MX$"}
MOST_DIGITS = 15  # of whole units


@dataclass(frozen=True, order=False)
class Money:
    """An amount in whole minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str = "USD"

    @classmethod
    def parse(cls, text: str, currency: str = "USD") -> Money:
        """The amount written as `1234.5`, `1,234.50` or `$1,234.50`.

        Raises
        ------
        LedgerError
            `money-not-whole-minor-units`: not a decimal number, too long, or finer than the minor unit.
        """
        places = MINOR_PLACES[currency]
        plain = text.strip().removeprefix(SYMBOLS[currency]).replace(",", "")
        match = re.fullmatch(rf"(-?)(\d{{1,{MOST_DIGITS}}})(?:\.(\d{{1,{places}}}))?", plain)
        if match is None:
            raise LedgerError(
                "money-not-whole-minor-units", text=text, currency=currency, digits=MOST_DIGITS, places=places
            )
        sign, whole, fraction = match.groups()
        minor = int(whole) * 10**places + int((fraction or "").ljust(places, "0"))
        return cls(-minor if sign else minor, currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise LedgerError("money-currency-mismatch", left=self, right=other)

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        places = MINOR_PLACES[self.currency]
        whole, fraction = divmod(abs(self.minor), 10**places)
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{SYMBOLS[self.currency]}{whole:,}.{fraction:0{places}d}"


def total(amounts: list[Money], currency: str = "USD") -> Money:
    """The sum of the amounts; zero of `currency` when there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
