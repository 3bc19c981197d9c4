"""Rows of training reports in common terms: every verdict by a rule with its reason."""

from datetime import date

import pytest

from confianza.cooperation.money import Money
from confianza.cooperation.training import Category, TrainingLine
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training.normalise import normalise, packaged_rules


def line(**changed):
    facts = {
        "report": "2011-2012",
        "volume": "v.pdf",
        "page": 1,
        "row": 1,
        "fiscal_year": 2011,
        "partner_code": "MX",
        "program": "IMET-1",
        "course_title": "AIR WAR COLLEGE",
        "student_count": 1,
        "location": "MAXWELL AFB, AL",
        "student_unit": "SEMAR",
        "us_unit": "",
        "cost": Money(100),
        "start_date": date(2011, 7, 1),
        "end_date": date(2012, 6, 1),
    }
    return TrainingLine(**(facts | changed))


def test_every_verdict_says_which_rule_decided_and_why():
    verdict = normalise(line()).category
    assert (verdict.value, verdict.rule_id) == (Category.PME, "war-and-staff-colleges")
    assert verdict.reason.en
    assert verdict.reason.es
    assert verdict.version == packaged_rules().version


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("INTER AMERICAN AIR FORCES ACADEMY, LACKLAND AFB, TX", "IAAFA"),
        ("WESTERN HEMISPHERE INSTITUTE FOR SECURITY COOPERATION", "WHINSEC"),
        ("IADC FT MCNAIR", "IADC"),
        ("MAXWELL AFB, AL", "AIR-UNIVERSITY"),
        ("DLIELC, LACKLAND AFB TX", "DLIELC"),
        ("MEXICO (IN COUNTRY TRAINING)", "IN-COUNTRY"),
    ],
)
def test_a_location_belongs_to_its_school(location, code):
    assert normalise(line(location=location)).school_code.value == code


def test_the_three_platforms_of_the_thesis_are_marked():
    assert {school.code for school in schools().values() if school.is_platform} == {
        "IADC",
        "WHINSEC",
        "IAAFA",
    }


def test_a_value_no_rule_fits_is_unmatched_and_told():
    found = normalise(line(program="UNHEARD OF"))
    assert found.program_family.value == "unmatched"
    assert found.program_family.rule_id == "none"
    assert "program_family" in found.unmatched()
