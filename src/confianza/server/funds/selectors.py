"""Reads on funds: appropriations, what stands on their accounts, statements that balance to the cent, what lapses."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.ledger import Account
from confianza.cooperation.ledger.lapse import Lapse, lapses
from confianza.cooperation.money import Money, total
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.programs import Appropriation as AppropriationRecord
from confianza.cooperation.programs import AppropriationKind
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.server.funds.models import Appropriation, AvailabilityDates, Posting, Project

GROUPS = {
    "case": "entry__case_identifier",
    "program": "entry__appropriation__program",
    "authority": "entry__appropriation__authority",
    "funds": "entry__appropriation",
}


def funds_row(code: str, *, for_update: bool = False) -> Appropriation:
    """An appropriation whose funds have dates; RuleRefusal `funds-unknown` names those there are."""
    rows = Appropriation.objects.select_for_update(no_key=True) if for_update else Appropriation.objects
    row = rows.filter(pk=code).first()
    if row is None or not row.availability.exists():
        known = ", ".join(open_appropriations().values_list("code", flat=True)) or "-"
        raise RuleRefusal("funds-unknown", funds=code, known=known)
    return row


def open_appropriations() -> QuerySet[Appropriation]:
    """The appropriations whose funds have dates, so that a case can be paid from them."""
    dated = AvailabilityDates.objects.values("appropriation")
    return Appropriation.objects.filter(pk__in=dated).prefetch_related("availability")


def appropriations() -> QuerySet[Appropriation]:
    """Every appropriation, those without dates too."""
    return Appropriation.objects.all()


def appropriations_without_dates() -> QuerySet[Appropriation]:
    """Appropriations that no source gives dates for: on the books, and not to be used by a case."""
    dated = AvailabilityDates.objects.values("appropriation")
    return Appropriation.objects.exclude(pk__in=dated)


def appropriations_of(partnership: Partnership) -> list[AppropriationRecord]:
    """The appropriations of a partner: those of the program that its partnership shows first, or all."""
    rows = Appropriation.objects.filter(partner=partnership.partner.manual_code)
    if partnership.program:
        rows = rows.filter(program=partnership.program)
    return [
        AppropriationRecord(
            measure=row.measure,
            account=row.account,
            fiscal_year=row.fiscal_year,
            kind=AppropriationKind(row.kind),
            public_law=row.public_law,
            amount=row.amount,
            partner_code=row.partner.iso_code,
            program=row.program,
            reference=Reference(row.source, row.place),
            note=BilingualText.of(row.note) if row.note else None,
        )
        for row in rows.select_related("partner")
    ]


def account_balances(appropriation: Appropriation) -> dict[Account, Money]:
    """What stands on each account of an appropriation."""
    return _sums(appropriation, Posting.objects.filter(entry__appropriation=appropriation))


def balances_outside_cases(appropriation: Appropriation) -> dict[Account, Money]:
    """What stands on each account without what cases hold; AVAILABLE is what cases left of it."""
    own = Posting.objects.filter(entry__appropriation=appropriation, entry__case_identifier=None)
    left = account_balances(appropriation)[Account.AVAILABLE]
    return _sums(appropriation, own) | {Account.AVAILABLE: left}


def held_by_cases(appropriation: Appropriation, accounts: Collection[Account]) -> dict[str, Money]:
    """What each case holds of an appropriation on some accounts together, by identifier; those that hold something."""
    rows = (
        Posting.objects.filter(entry__appropriation=appropriation, account__in=accounts)
        .exclude(entry__case_identifier=None)
        .values_list("entry__case_identifier")
        .annotate(Sum("amount_minor"))
        .filter(amount_minor__sum__gt=0)
    )
    return {identifier: Money(minor, appropriation.currency) for identifier, minor in rows}


def _sums(appropriation: Appropriation, postings: QuerySet[Posting]) -> dict[Account, Money]:
    sums = dict(postings.values_list("account").annotate(Sum("amount_minor")))
    return {account: Money(sums.get(account.value, 0), appropriation.currency) for account in Account}


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


def statements(by: str, funds: QuerySet[Appropriation] | None = None) -> list[Statement]:
    """A statement each case, program code, authority or funds: of some funds, or of all."""
    if by not in GROUPS:
        raise RuleRefusal("statement-unknown", by=by, known=", ".join(GROUPS))
    key = GROUPS[by]
    postings = Posting.objects.exclude(entry__case_identifier=None) if by == "case" else Posting.objects.all()
    if funds is not None:
        postings = postings.filter(entry__appropriation__in=funds.order_by())
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


def coming_lapses(on: date, funds: QuerySet[Appropriation]) -> list[Lapse]:
    """What of some funds expires and is canceled after a day if nothing changes, the earliest first."""
    held = {statement.name: statement.balances for statement in statements("funds")}
    found = []
    for row in funds:
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


def projects() -> QuerySet[Project]:
    """Every project by code."""
    return Project.objects.select_related("partner")
