"""Authorities: every provision with its source, and what the law lets funds and lines be.

Referee: the sections and manual pages that `authorities.toml` names; the dates of program code P8 (DSCA 17-16).
"""

from dataclasses import replace
from datetime import date

import pytest

from confianza.cooperation.money import Money
from confianza.cooperation.programs.authorities import (
    acts,
    authorities,
    authority_named,
    known_authority,
    misfits,
    provided_lines,
    provided_names,
    published_deliveries,
    subject_names,
)
from confianza.cooperation.programs.codes import program_codes
from confianza.cooperation.sources import sources
from confianza.errors import RuleRefusal, sentence
from tests.cooperation.manual_case import LEGACY, funds_of, new_case


def test_every_authority_and_provision_names_a_source_a_law_and_a_subject():
    for item in authorities().values():
        assert item.act in acts()
        assert item.provisions
        for account in item.accounts:
            assert account in authorities()
        for told in (item, *item.provisions):
            assert told.reference.source in sources(), item.code
        for told in item.provisions:
            assert told.subject in subject_names()
            assert set(told.provides) <= set(provided_names()) == set(provided_lines())
    assert all(act.reference.source in sources() for act in acts().values())


def test_no_name_means_two_authorities():
    names = [name.casefold() for item in authorities().values() for name in (item.code, *item.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("written", "code"),
    [("333", "333"), (" section 333 ", "333"), ("Mérida", "MERIDA"), ("ctfp", "345"), ("FAA 541", "IMET")],
)
def test_an_authority_is_known_by_its_other_names(written, code):
    assert known_authority(written).code == code


def test_what_no_source_names_is_refused_with_those_there_are():
    assert authority_named("pizza") is None
    with pytest.raises(RuleRefusal, match=r"'pizza' is no authority on record.*IMET, INCLE.*333"):
        known_authority("pizza")


def test_every_program_code_with_an_authority_is_under_one_on_record():
    named = [code.authority for code in program_codes().values() if code.authority]
    assert named
    assert all(authority_named(name) for name in named)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("333", {"article", "service", "training", "training-grant"}),
        ("332", {"service", "training", "training-grant"}),
        ("1206", {"article", "training", "training-grant"}),
        ("IMET", {"training", "training-grant"}),
        ("311", set()),
    ],
)
def test_a_law_pays_for_the_lines_its_section_names(code, kinds):
    every = {"article", "service", "training", "training-grant"}
    assert {kind for kind in every if authorities()[code].pays_line(kind)} == kinds


def test_what_was_read_nowhere_binds_only_when_asked():
    law = authorities()["ESF"]
    assert law.pays_line("article")
    assert not law.pays_line("article", unverified=True)
    assert authorities()["341"].pays_line("article", unverified=True)  # no source says what it pays for


def test_merida_withholds_fifteen_percent_by_the_law_of_fy2009():
    (told,) = authorities()["MERIDA"].told("withholding")
    assert (told.percent, told.reference.source) == (15, "pl-111-8")


def test_what_was_handed_over_of_merida_is_told_with_its_page():
    (told,) = published_deliveries()
    assert (told.appropriated, told.delivered) == (Money(210_000_000_000), Money(130_000_000_000))
    assert (told.reference.source, told.reference.place) == ("martinez-2014", "p. 47")


FITTING = {
    "funds": "X",
    "regime": "title-22",
    "fy": 2017,
    "partner_code": "MX",
    "available_until": date(2018, 9, 30),
    "reobligate_until": date(2022, 9, 30),
    "cancels_on": date(2027, 9, 30),
}


def test_the_dates_of_p8_are_the_last_that_the_law_allows():
    law = authorities()["PKO"]
    assert not misfits(law, **FITTING)
    later = {"reobligate_until": date(2023, 9, 30), "cancels_on": date(2028, 9, 30)}
    found = {item.code for item in misfits(law, **FITTING | {"reobligate_until": later["reobligate_until"]})}
    assert found == {"authority-reobligation-late"}
    found = {item.code for item in misfits(law, **FITTING | {"cancels_on": later["cancels_on"]})}
    assert found == {"authority-cancellation-late"}


def test_every_reason_is_given_at_once_in_both_languages():
    law = authorities()["MERIDA"]
    wrong = {"regime": "title-10", "fy": 2007, "partner_code": "CO", "cancels_on": date(2030, 9, 30)}
    found = misfits(law, **FITTING | wrong)
    assert {item.code for item in found} == {
        "authority-of-other-regime",
        "authority-for-other-partner",
        "authority-not-in-force",
        "authority-reobligation-late",
        "authority-cancellation-late",
    }
    for item in found:
        for language in ("en", "es"):
            assert "P.L. 110-252" in sentence(item.code, item.params, language)


def test_what_is_sold_is_not_appropriated():
    assert {item.code for item in misfits(authorities()["FMS"], **FITTING)} == {"authority-not-appropriated"}


def test_a_day_far_off_has_a_last_cancellation():
    assert authorities()["333"].last_cancellation(date.max, 2026) == date.max


def test_money_of_imet_is_not_spent_by_cases():
    funds = replace(funds_of(2022, regime="title-22"), authority="IMET")
    with pytest.raises(RuleRefusal, match="not carried out by cases"):
        new_case(LEGACY, funds)
