"""Referee: the totals printed in table 1 of the thesis, p. 47."""

from dataclasses import replace

from confianza.cooperation.money import Money
from confianza.cooperation.programs import AppropriationKind, published_appropriations, reconcile


def test_every_total_of_table_1_reconciles_with_the_printed_one():
    checked = {item.name: item for item in reconcile(published_appropriations())}
    assert all(item.reconciles for item in checked.values())
    assert checked["all"].computed == Money(193_010_000_000)
    assert checked["INCLE"].computed == Money(140_000_000_000)
    assert len(checked) == 9 + 4


def test_a_changed_amount_no_longer_reconciles():
    first, *rest = published_appropriations()
    changed = [replace(first, amount=first.amount + Money(1)), *rest]
    broken = {item.name for item in reconcile(changed) if not item.reconciles}
    assert broken == {first.measure, first.account, "all"}


def test_what_is_not_applicable_has_no_record_and_requests_are_not_money():
    records = published_appropriations()
    assert not [item for item in records if item.account == "FMF" and item.fiscal_year >= 2012]
    assert {item.fiscal_year for item in records if item.kind is AppropriationKind.REQUEST} == {2013, 2014}
    assert all(item.public_law for item in records if item.kind is AppropriationKind.APPROPRIATION)
