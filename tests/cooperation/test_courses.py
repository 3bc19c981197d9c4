"""Course categories and schools: explicit rules, each with a reason, over every title of six years of reports."""

import re

import pytest

from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import (
    category_rules,
    classify_course,
    rules_version,
    school_of,
    schools,
)

PME = [
    "AIR WAR COLLEGE",
    "AIR COMD & STAFF COLLEGE",
    "ARMY WAR COLLEGE (RESIDENT COURSE)",
    "NAVAL COMMAND COLLEGE",
    "CAPTAINS CAREER COMMON CORE",
    "ARMOR BASIC OFFICER LEADER-BRANCH",
    "United States Naval Academy, Academic Year 2010-2011",
]
TECHNICAL = [
    "AIR INTELLIGENCE",
    "C-130B/E/H PROPELLER TECHN",
    "ALC/SPECIALIZED ENGLISH ONLY",
    "ADVANCED ENGLISH LANGUAGE INSTRUCTOR COURSE",
    "MTT PORT PHYS SEC/VULNERABILITY",
    "BOARDING TEAM MEMBER EIMET",
]


@pytest.mark.parametrize("title", PME)
def test_courses_of_a_career_are_pme(title):
    assert classify_course(title).category is Category.PME


@pytest.mark.parametrize("title", TECHNICAL)
def test_language_equipment_and_unit_courses_are_technical(title):
    assert classify_course(title).category is Category.TECHNICAL


def test_every_verdict_says_which_rule_decided_and_why():
    verdict = classify_course("AIR WAR COLLEGE")
    assert verdict.rule_id == "war-and-staff-colleges"
    assert verdict.reason.en
    assert verdict.reason.es
    assert verdict.version == rules_version()


def test_the_last_rule_and_the_last_school_take_every_title():
    assert category_rules()[-1][0].search("anything")
    assert school_of("SOMEWHERE", "") is schools()["TECHNICAL"]


def test_rules_have_ids_of_their_own():
    ids = [verdict.rule_id for _, verdict in category_rules()]
    assert len(set(ids)) == len(ids)


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
    assert school_of(location, "").code == code


def test_the_three_platforms_of_the_thesis_are_marked():
    assert {school.code for school in schools().values() if school.is_platform} == {
        "IADC",
        "WHINSEC",
        "IAAFA",
    }


def test_a_rule_matches_whole_words_only():
    assert not re.search(category_rules()[3][0], "MUSNADY")
