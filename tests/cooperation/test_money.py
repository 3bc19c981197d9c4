from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.money import Money, total
from confianza.errors import LedgerError


@given(st.integers(-(10**15), 10**15))
def test_an_amount_written_out_is_read_back_exactly(minor):
    assert Money.parse(str(Money(minor)).replace("-$", "-").replace("$", "")) == Money(minor)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_parsing_agrees_with_decimal(amount):
    assert Money.parse(f"{amount:,}").minor == int(amount * Decimal(100))


@pytest.mark.parametrize("text", ["", "12.345", "1e3", "twelve", "12,5 dollars", "--3", "1.2.3", "9" * 16])
def test_a_text_that_is_no_amount_is_refused_with_its_value(text):
    with pytest.raises(LedgerError) as refused:
        Money.parse(text)
    assert refused.value.code == "money-not-whole-minor-units"
    assert repr(text) in str(refused.value)


def test_currencies_do_not_mix():
    with pytest.raises(LedgerError, match="one currency"):
        Money(1, "USD") + Money(1, "MXN")


def test_the_total_of_nothing_is_zero():
    assert total([]) == Money(0)
