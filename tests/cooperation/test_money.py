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


@pytest.mark.parametrize(
    "text",
    ["", "12.3456", "1500.000", "1e3", "twelve", "12,5 dollars", "MXN 5", "--3", "1.2.3", "1,2,3", "9" * 16],
)
def test_a_text_that_is_no_amount_is_refused_with_its_value(text):
    with pytest.raises(LedgerError) as refused:
        Money.parse(text)
    assert refused.value.code == "money-not-whole-minor-units"
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1500,75", 150_075),
        ("12,50", 1_250),
        ("0,75", 75),
        (",5", 50),
        ("1.500,75", 150_075),
        ("1,500.75", 150_075),
        ("1 500 000,75", 150_000_075),
        ("1\u202f500\u00a0000.75", 150_000_075),
        ("1'500.75", 150_075),
        ("1’500’000", 150_000_000),
        ("1.500.000", 150_000_000),
        ("US$ 1.500,75", 150_075),
        ("$1,500.75 USD", 150_075),
        ("1500,75 usd", 150_075),
        ("(1,500.75)", -150_075),
        ("−$5", -500),
        ("$-5", -500),
        ("5-", -500),
        ("１５００，７５", 150_075),
        ("١٬٥٠٠٫٧٥", 150_075),
        ("1,500", 150_000),
    ],
)
def test_an_amount_of_either_locale_is_read_as_meant(text, minor):
    assert Money.parse(text) == Money(minor)


@pytest.mark.parametrize("text", ["1.500", "12.345", "$1.500", "001.500"])
def test_an_amount_with_two_readings_is_refused_with_both(text):
    with pytest.raises(
        LedgerError, match=r"may mean .* or .*\. Write the amount in USD with 2 decimals"
    ) as refused:
        Money.parse(text)
    assert refused.value.code == "money-ambiguous"


def test_the_peso_sign_is_of_the_currency_that_is_asked_for():
    assert Money.parse("$1,500.75 M.N.", "MXN") == Money(150_075, "MXN")
    with pytest.raises(LedgerError):
        Money.parse("US$1,500.75", "MXN")


def test_currencies_do_not_mix():
    with pytest.raises(LedgerError, match="one currency"):
        Money(1, "USD") + Money(1, "MXN")


def test_the_total_of_nothing_is_zero():
    assert total([]) == Money(0)
