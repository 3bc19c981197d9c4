"""Authorities in a workspace: what opens under them, what is refused, and what earlier workspaces had entered."""

from datetime import date
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money
from confianza.errors import RuleRefusal
from confianza.server.cases.services import open_case, revise_dates
from confianza.server.funds import documents
from confianza.server.funds.models import Appropriation, Project
from confianza.server.funds.selectors import appropriations_without_dates
from confianza.server.funds.services import add_funds, add_project

DIRECTOR = Actor("program-director", "country_program_director")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
START, UNTIL, CANCELS = date(2025, 10, 1), date(2026, 9, 30), date(2031, 9, 30)


def funds(**changes):
    given = {
        "code": "BN-NEW",
        "name": BilingualText("New", "Nuevos"),
        "amount": Money.parse("1000"),
        "fiscal_year": 2026,
        "program_code": "BN",
        "authority": "333",
        "regime": "title-10",
        "partner_code": "BN",
        "availability": Availability(START, START, UNTIL, CANCELS),
        "actor": DIRECTOR,
    }
    return add_funds(**(given | changes))


def test_funds_and_projects_are_stored_under_the_code_of_their_authority():
    assert funds(authority="Section 333").authority == "333"
    project = add_project(
        code="BN-COAST", title="Coast", authority=" 10 usc 333 ", partner_code="BN", actor=DIRECTOR
    )
    assert project.authority == "333"


def test_nothing_opens_under_what_is_no_authority():
    with pytest.raises(RuleRefusal, match=r"'pizza' is no authority on record.*333"):
        funds(authority="pizza")
    with pytest.raises(RuleRefusal, match="no authority on record"):
        add_project(code="BN-X", title="X", authority="", partner_code="BN", actor=DIRECTOR)
    assert not Appropriation.objects.filter(pk="BN-NEW").exists()
    assert not Project.objects.filter(pk="BN-X").exists()


def test_every_reason_against_funds_is_said_at_once_and_nothing_is_stored():
    with pytest.raises(RuleRefusal) as error:
        funds(
            authority="1206",
            regime="title-22",
            amount=Money.parse("0"),
            availability=Availability(START, START, UNTIL, date(2040, 9, 30)),
        )
    assert error.value.code == "funds-refused"
    for part in ("4 reasons", "not above zero", "title-10", "FY2026", "2031-09-30"):
        assert part in error.value.in_language("en")
    assert "4 razones" in error.value.in_language("es")
    assert not Appropriation.objects.filter(pk="BN-NEW").exists()


def test_dates_revised_are_held_to_the_authority_too():
    funds()
    late = Availability(date(2026, 9, 1), START, date(2027, 9, 30), date(2033, 9, 30))
    with pytest.raises(RuleRefusal, match="on 2032-09-30 at the latest"):
        revise_dates(appropriation_code="BN-NEW", availability=late, actor=DIRECTOR)


def test_no_case_opens_on_money_that_cases_do_not_spend():
    funds(authority="IMET", regime="title-22")
    with pytest.raises(RuleRefusal, match="not carried out by cases"):
        open_case(
            identifier="BN-B-SAX",
            edition="samm-2012-legacy",
            title="English",
            partner_code="BN",
            appropriation_code="BN-NEW",
            actor=OFFICER,
        )


def test_appropriations_without_dates_are_shown_with_the_law_of_their_account():
    rows = {item.code: item for item in documents.undated_funds(appropriations_without_dates())}
    told = rows["FY2009-INCLE"]
    assert (told.authority, told.public_law, told.amount) == ("INCLE", "P.L. 111-8", Money(24_600_000_000))
    assert told.available == told.amount
    assert rows["FY2013-request-ESF"].available is None
    assert not [code for code in rows if code.startswith("BN-")]


def test_what_earlier_workspaces_entered_is_mapped_or_kept_as_not_on_record():
    funds()
    for code, entered in (("A", "Section 333"), ("B", "pizza"), ("C", "333")):
        Project.objects.create(code=code, title=code, authority=entered, partner_id="BN")
    Appropriation.objects.filter(pk="BN-NEW").update(authority="Mérida")
    name = "0005_authorities_on_record"
    then = MigrationLoader(connection).project_state(("funds", name)).apps
    import_module(f"confianza.server.funds.migrations.{name}").name_authorities(then, None)
    kept = dict.fromkeys("ABC")
    kept |= {row.code: (row.authority, row.authority_as_entered) for row in Project.objects.all()}
    assert kept == {"A": ("333", ""), "B": ("", "pizza"), "C": ("333", "")}
    assert Appropriation.objects.get(pk="BN-NEW").authority == "MERIDA"
    assert documents.project(Project.objects.get(pk="B")).authority_as_entered == "pizza"
