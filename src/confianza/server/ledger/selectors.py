"""Reads on the ledger: statements that balance to the cent, and what lapses if nothing changes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from confianza.cooperation.ledger import Account
from confianza.cooperation.ledger.lapse import Lapse, lapses
from confianza.cooperation.money import Money, total
from confianza.errors import RuleRefusal
from confianza.server.ledger.models import Posting
from confianza.server.programs.selectors import open_appropriations

GROUPS = {
    "case": "entry__case",
    "program": "entry__appropriation__program",
    "authority": "entry__appropriation__authority",
    "funds": "entry__appropriation",
}


@dataclass(frozen=True)
class Statement:
    """What stands on each account of a case, program code or authority; `sum` is zero when entries balance.

    Simulated money has statements of its own.
    """

    name: str
    is_simulated: bool
    balances: dict[Account, Money]

    @property
    def sum(self) -> Money:
        return total(list(self.balances.values()), next(iter(self.balances.values())).currency)


def statements(by: str) -> list[Statement]:
    """A statement each case, program code, authority or funds."""
    if by not in GROUPS:
        raise RuleRefusal("statement-unknown", by=by, known=", ".join(GROUPS))
    key = GROUPS[by]
    postings = Posting.objects.exclude(entry__case=None) if by == "case" else Posting.objects
    rows = (
        postings.values_list(
            key, "entry__appropriation__is_simulated", "entry__appropriation__currency", "account"
        )
        .annotate(Sum("amount_minor"))
        .order_by(key)
    )
    sums: dict[tuple[str, bool, str], dict[str, int]] = defaultdict(dict)
    for name, is_simulated, currency, account, minor in rows:
        sums[name or "-", is_simulated, currency][account] = minor
    return [
        Statement(
            name, is_simulated, {account: Money(found.get(account.value, 0), currency) for account in Account}
        )
        for (name, is_simulated, currency), found in sums.items()
    ]


def coming_lapses(on: date, *, is_simulated: bool | None = None) -> list[Lapse]:
    """What expires and is cancelled after a day if nothing changes, the earliest first.

    `is_simulated` asks only for simulated funds, or only for true ones.
    """
    held = {statement.name: statement.balances for statement in statements("funds")}
    found = []
    for row in open_appropriations():
        if is_simulated is not None and row.is_simulated is not is_simulated:
            continue
        dates = row.funds.availability_on(on)
        if row.code in held:
            found += lapses(
                row.code,
                held[row.code],
                available_until=dates.available_until,
                cancels_on=dates.cancels_on,
                on=on,
                reobligate_until=dates.reobligate_until,
            )
    return sorted(found, key=lambda lapse: (lapse.on, lapse.funds))
