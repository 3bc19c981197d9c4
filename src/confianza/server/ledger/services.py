"""Posting to the ledger, and what stands on its accounts."""

from django.db.models import Sum

from confianza.cooperation import ledger
from confianza.cooperation.money import Money
from confianza.server.audit.models import AuditEvent
from confianza.server.ledger.models import LedgerEntry, Posting
from confianza.server.programs.models import Appropriation


def post(entry: ledger.Entry, *, appropriation: Appropriation, event: AuditEvent, case=None) -> None:
    """Store a balanced entry."""
    row = LedgerEntry.objects.create(appropriation=appropriation, case=case, event=event, on=entry.on)
    Posting.objects.bulk_create(
        Posting(entry=row, account=account.value, amount_minor=amount.minor)
        for account, amount in entry.postings
    )


def account_balances(appropriation: Appropriation) -> dict[ledger.Account, Money]:
    """What stands on each account of an appropriation."""
    return _sums(appropriation, Posting.objects.filter(entry__appropriation=appropriation))


def balances_outside_cases(appropriation: Appropriation) -> dict[ledger.Account, Money]:
    """What stands on each account without what cases hold; AVAILABLE is what cases left of it."""
    own = Posting.objects.filter(entry__appropriation=appropriation, entry__case=None)
    left = account_balances(appropriation)[ledger.Account.AVAILABLE]
    return _sums(appropriation, own) | {ledger.Account.AVAILABLE: left}


def _sums(appropriation: Appropriation, postings) -> dict[ledger.Account, Money]:
    sums = dict(postings.values_list("account").annotate(Sum("amount_minor")))
    return {account: Money(sums.get(account.value, 0), appropriation.currency) for account in ledger.Account}
