"""What expires and is canceled when nobody acts, against balances added by hand."""

from datetime import date

import pytest

from confianza.cooperation.ledger import Account, balances, move
from confianza.cooperation.ledger.lapse import lapse_entries, lapses
from confianza.cooperation.money import Money

UNTIL, CANCELS = date(2013, 9, 30), date(2018, 9, 30)
HELD = {account: Money(0) for account in Account} | {
    Account.AVAILABLE: Money(700),
    Account.COMMITTED: Money(200),
    Account.OBLIGATED: Money(100),
}


def told(on, held=HELD, until=UNTIL, cancels=CANCELS):
    found = lapses("E7", held, available_until=until, cancels_on=cancels, on=on)
    return [(lapse.on, lapse.account.value, lapse.becomes.value, lapse.amount.minor) for lapse in found]


def test_if_nothing_changes_what_is_left_expires_and_then_is_canceled():
    assert told(UNTIL) == [
        (UNTIL, "available", "expired", 700),
        (UNTIL, "committed", "expired", 200),
        (CANCELS, "available", "cancelled", 700),
        (CANCELS, "committed", "cancelled", 200),
        (CANCELS, "obligated", "cancelled", 100),
    ]


def test_after_the_last_day_only_the_cancellation_is_left():
    assert {row[0] for row in told(date(2013, 10, 1))} == {CANCELS}
    assert told(date(2018, 10, 1)) == []


def test_what_was_released_in_the_window_for_reobligation_expires_with_it():
    window = date(2017, 9, 30)
    found = lapses(
        "P8",
        HELD,
        available_until=UNTIL,
        reobligate_until=window,
        cancels_on=CANCELS,
        on=date(2015, 1, 1),
    )
    assert next((lapse.on, lapse.account.value, lapse.amount.minor) for lapse in found) == (
        window,
        "committed",
        200,
    )


def test_no_year_money_does_not_lapse():
    assert told(UNTIL, until=None, cancels=None) == []


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (UNTIL, {"available": 700}),
        (date(2013, 10, 1), {"expired": 700}),
        (CANCELS, {"expired": 700}),
        (date(2018, 10, 1), {"cancelled": 700}),
    ],
)
def test_the_entries_of_a_lapse_balance_and_move_everything_available(on, expected):
    opening = move(date(2012, 10, 1), Money(700), Account.APPROPRIATED, Account.AVAILABLE)
    entries = [opening]
    for day in sorted({date(2013, 10, 1), on}):
        if day <= on:
            held = balances(entries)
            entries += lapse_entries(held, available_until=UNTIL, cancels_on=CANCELS, on=day)
    held = {account.value: money.minor for account, money in balances(entries).items() if money.minor > 0}
    assert held == expected
