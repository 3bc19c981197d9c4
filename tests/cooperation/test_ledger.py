from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.ledger import Account, Entry, balances, move
from confianza.cooperation.money import Money
from confianza.errors import LedgerError

ON = date(2012, 11, 1)


def test_an_entry_that_does_not_balance_is_refused():
    with pytest.raises(LedgerError) as refused:
        Entry(ON, ((Account.AVAILABLE, Money(-100)), (Account.COMMITTED, Money(99))))
    assert refused.value.code == "entry-does-not-balance"


def test_an_account_cannot_be_overdrawn():
    opening = move(ON, Money(100), Account.APPROPRIATED, Account.AVAILABLE)
    with pytest.raises(LedgerError, match=r"'available' would hold -\$0\.01"):
        balances([opening, move(ON, Money(101), Account.AVAILABLE, Account.COMMITTED)])


@given(
    st.lists(st.tuples(st.integers(1, 500), st.sampled_from(Account), st.sampled_from(Account)), max_size=30)
)
def test_the_accounts_always_sum_to_zero(moves):
    entries = [move(ON, Money(minor), source, target) for minor, source, target in moves]
    held = balances(entries, drawn_from=frozenset(Account))
    assert sum(amount.minor for amount in held.values()) == 0
