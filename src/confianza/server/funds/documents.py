"""Projects and funds as commands print them and pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.ledger import Account
from confianza.cooperation.ledger.lapse import Lapse as ComingLapse
from confianza.cooperation.money import Money
from confianza.cooperation.programs.authorities import authority_named
from confianza.server.documents import made_of
from confianza.server.funds import models
from confianza.server.funds.selectors import Statement as FundsStatement
from confianza.server.funds.selectors import statements


@dataclass(frozen=True, kw_only=True)
class Project:
    """What several cases belong to; `approved_on` is empty before its approval."""

    code: str
    title: str
    authority: str
    authority_as_entered: str
    partner: str
    partner_name: BilingualText
    approved_on: date | None


@dataclass(frozen=True, kw_only=True)
class Funds:
    """Funds with their dates as known on a day; `available` is empty where nothing was posted yet."""

    code: str
    name: BilingualText
    partner: str
    fiscal_year: int
    program_code: str
    authority: str
    authority_as_entered: str
    regime: str
    amount: Money
    available: Money | None
    available_until: date | None
    reobligate_until: date | None
    cancels_on: date | None
    version_count: int
    is_simulated: bool


@dataclass(frozen=True, kw_only=True)
class UndatedFunds:
    """An appropriation, or a request, whose dates no source gives: no case can be paid from it.

    `authority` is the code of the law of its account, empty where none is on record.
    """

    code: str
    name: BilingualText
    partner: str
    program: str
    account: str
    measure: str
    kind: str
    fiscal_year: int
    public_law: str
    amount: Money
    available: Money | None
    authority: str
    source: str
    place: str


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
    return made_of(Project, row, partner=row.partner_id, partner_name=BilingualText.of(row.partner.name))


def funds(rows: Iterable[models.Appropriation], on: date) -> list[Funds]:
    """Some funds on a day."""
    held = {statement.name: statement.balances for statement in statements("funds")}
    return [_funds(row, held.get(row.code, {}).get(Account.AVAILABLE), on) for row in rows]


def undated_funds(rows: Iterable[models.Appropriation]) -> list[UndatedFunds]:
    """Appropriations without dates, with what stands available on the books."""
    held = {statement.name: statement.balances for statement in statements("funds")}
    return [
        made_of(
            UndatedFunds,
            row,
            name=BilingualText.of(row.name),
            partner=row.partner_id,
            available=held.get(row.code, {}).get(Account.AVAILABLE),
            authority=law.code if (law := authority_named(row.authority or row.account)) else "",
        )
        for row in rows
    ]


def _funds(row: models.Appropriation, available: Money | None, on: date) -> Funds:
    versions = row.funds.availability
    dates = row.funds.availability_on(on)
    return made_of(
        Funds,
        row,
        name=BilingualText.of(row.name),
        partner=row.partner_id,
        available=available,
        available_until=dates.available_until,
        reobligate_until=dates.reobligate_until,
        cancels_on=dates.cancels_on,
        version_count=len(versions),
    )


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
