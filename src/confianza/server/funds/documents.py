"""Projects and funds as commands print them."""

from dataclasses import dataclass
from datetime import date

from confianza.cooperation.ledger.lapse import Lapse as ComingLapse
from confianza.cooperation.money import Money
from confianza.server.documents import made_of
from confianza.server.funds import models
from confianza.server.funds.selectors import Statement as FundsStatement


@dataclass(frozen=True, kw_only=True)
class Project:
    """What several cases belong to; `approved_on` is empty before its approval."""

    code: str
    title: str
    authority: str
    partner: str
    approved_on: date | None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What stands on each account of a case, program code, authority or funds; `sum` is zero when entries balance."""

    name: str
    is_simulated: bool
    balances: dict[str, Money]
    sum: Money


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """An amount of funds that expires or is canceled if nothing changes."""

    funds: str
    program_code: str
    account: str
    becomes: str
    amount: Money
    on: date
    is_simulated: bool


def project(row: models.Project) -> Project:
    """A project."""
    return made_of(Project, row, partner=row.partner_id)


def statement(item: FundsStatement) -> Statement:
    """A statement."""
    return made_of(
        Statement, item, balances={account.value: amount for account, amount in item.balances.items()}
    )


def lapse(item: ComingLapse, row: models.Appropriation) -> Lapse:
    """What lapses of an appropriation."""
    return made_of(
        Lapse,
        item,
        program_code=row.program_code,
        is_simulated=row.is_simulated,
    )
