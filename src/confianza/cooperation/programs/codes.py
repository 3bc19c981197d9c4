"""Program codes: the authority, regime and versioned dates of the money behind cases."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability, Funds
from confianza.cooperation.periods import fiscal_year_end
from confianza.cooperation.sources import Reference

YEARS_TO_CANCELLATION = 5  # "generally in the fifth year after expiry" (SAMM C15.6)


@dataclass(frozen=True)
class ProgramCode:
    """A program code as its source gives it; `dates` is empty where the source prints none that can be used."""

    code: str
    name: BilingualText
    authority: str
    regime: str
    fiscal_year: int | None
    dates: tuple[Availability, ...]
    reference: Reference
    note: BilingualText | None = None

    def funds(self, currency: str = "USD") -> Funds:
        """Funds under the code. Without dates they cannot be used: `dates` must not be empty."""
        return Funds(
            self.code,
            self.name,
            currency,
            self.dates,
            fiscal_year=self.fiscal_year,
            program_code=self.code,
            authority=self.authority,
            regime=self.regime,
        )


def cancellation_day(available_until: date) -> date:
    """30 September of the fifth year after the fiscal year in which the availability ends (SAMM C15.6).

    >>> cancellation_day(date(2013, 9, 30))
    datetime.date(2018, 9, 30)
    """
    fy = available_until.year + (available_until.month >= 10)
    return fiscal_year_end(fy + YEARS_TO_CANCELLATION)


def _dates(raw: Mapping[str, date]) -> Availability:
    until = raw.get("available_until")
    cancels = raw.get("cancels_on") or (cancellation_day(until) if until else None)
    return Availability(raw["known_from"], raw["available_from"], until, cancels, raw.get("reobligate_until"))


@cache
def program_codes() -> Mapping[str, ProgramCode]:
    """The program codes the product knows, by code."""
    text = resources.files(__package__).joinpath("program-codes.toml").read_text(encoding="utf-8")
    return {
        raw["code"]: ProgramCode(
            raw["code"],
            BilingualText.of(raw["name"]),
            raw["authority"],
            raw["regime"],
            raw.get("fiscal_year"),
            tuple(_dates(dates) for dates in raw["dates"]),
            Reference(raw["source"], raw["place"]),
            BilingualText.of(raw["note"]) if "note" in raw else None,
        )
        for raw in tomllib.loads(text)["codes"]
    }
