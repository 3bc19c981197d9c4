"""Money as whole minor units of one currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass

from confianza.cooperation.numbers import (
    MANUAL,
    AmbiguousNumberError,
    NumberTextError,
    decimals_of,
    read_number,
)
from confianza.errors import LedgerError

MINOR_PLACES = {"USD": 2, "MXN": 2}
SYMBOLS = {"USD": "$", "MXN": "MX$"}
WRITTEN = {  # how people mark an amount of the currency; `$` is the peso's too where pesos are asked for
    "USD": ("$", "US$", "U.S.$", "USD"),
    "MXN": ("$", "MX$", "Mex$", "MXN", "M.N."),
}
MOST_DIGITS = 15  # of whole units


@dataclass(frozen=True, order=False)
class Money:
    """An amount in whole minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str = "USD"

    @classmethod
    def parse(cls, text: str, currency: str = "USD") -> Money:
        """The amount as written with a decimal point or a decimal comma: `1,234.50`, `1234,5`, `US$1.234,50`.

        A comma alone before three digits groups, as the manual writes thousands (`1,500`); a point there is refused.

        Raises
        ------
        LedgerError
            `money-ambiguous`: a text with two readings, such as `1.500`. `money-not-whole-minor-units`: not a decimal
            number, of another currency, too long, or with more decimals than the minor unit.
        """
        places = MINOR_PLACES[currency]
        try:
            number = read_number(text, MANUAL, marks=WRITTEN[currency])
            if abs(number) < 10**MOST_DIGITS and decimals_of(number) <= places:
                return cls(int(number.scaleb(places)), currency)
        except AmbiguousNumberError as error:
            less, more = error.readings
            params = {"text": text, "less": less, "more": more, "currency": currency, "places": places}
            raise LedgerError("money-ambiguous", **params) from error
        except NumberTextError:
            pass
        raise LedgerError(
            "money-not-whole-minor-units", text=text, currency=currency, digits=MOST_DIGITS, places=places
        )

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
