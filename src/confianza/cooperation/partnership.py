"""A partnership: a host, a partner, and what their relation is assessed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from confianza.cooperation.bilingual import BilingualText


@dataclass(frozen=True)
class Party:
    """A country of a partnership.

    `iso_code` is its ISO 3166 alpha-2 code, or one that ISO leaves to its users (XA–XZ), which public records name it
    by; `manual_code` is the manual's, which stands in case identifiers and training lists. The two differ for some: the
    manual's BN is fictional Bandaria, ISO's BN is Brunei.
    """

    manual_code: str
    iso_code: str
    name: BilingualText
    is_fictional: bool = False


@dataclass(frozen=True)
class Partnership:
    """Two parties, the host's cooperation with its partner, and the years and day it is assessed by.

    Parameters
    ----------
    first_year, last_year : int or None
        Years of the acts that trust is measured by; None for those of the record, up to the day it is read on.
    first_training_fy, last_training_fy : int or None
        Fiscal years of training that seats are planned from; None for those of the record.
    assessment_date : date or None
        The day the partnership is assessed on; None for the day it is read on.
    program : str
        The family of appropriations that is shown first, as they name it; empty for all of the partner.
    program_name : BilingualText or None
        What that family is called in both languages.
    data_set : str
        Name of the published data that belong to it: assessed levels, images of its sources; empty for none.
    """

    host: Party
    partner: Party
    name: BilingualText
    first_year: int | None = None
    last_year: int | None = None
    first_training_fy: int | None = None
    last_training_fy: int | None = None
    assessment_date: date | None = None
    program: str = ""
    program_name: BilingualText | None = None
    data_set: str = ""

    @property
    def code(self) -> str:
        """The code of the pair, as in its addresses: `us-co`."""
        return partnership_code(self.host.iso_code, self.partner.iso_code)

    @property
    def pair(self) -> tuple[str, str]:
        """The ISO codes of host and partner."""
        return self.host.iso_code, self.partner.iso_code

    @property
    def parties(self) -> tuple[Party, Party]:
        """The host and the partner."""
        return self.host, self.partner

    @property
    def names(self) -> dict[str, BilingualText]:
        """The name of each party by ISO code."""
        return {party.iso_code: party.name for party in self.parties}

    @property
    def money_name(self) -> BilingualText:
        """What the appropriations shown first are of."""
        return self.program_name or self.name

    def plans_from(self, fiscal_year: int) -> bool:
        """Whether seats are planned from the training of a fiscal year."""
        first, last = self.first_training_fy or fiscal_year, self.last_training_fy or fiscal_year
        return first <= fiscal_year <= last

    def day(self, today: date) -> date:
        """The day it is assessed on, when it is read on `today`."""
        return self.assessment_date or today

    def years(self, recorded: list[int], today: date) -> tuple[int, int]:
        """First and last year that trust is measured for, from the years of acts on record."""
        last = self.last_year or today.year
        return self.first_year or min([*recorded, last]), last


def partnership_code(host_iso: str, partner_iso: str) -> str:
    """The code of a pair of countries: `us-co`."""
    return f"{host_iso}-{partner_iso}".lower()


def partnership_name(host: BilingualText, partner: BilingualText) -> BilingualText:
    """The name of a pair of countries, the host first."""
    return BilingualText(f"{host.en}–{partner.en}", f"{host.es}–{partner.es}")
