"""Services: each change is whole, has a named actor, can be repeated, and is checked by the audit chain."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from confianza.cooperation.actors import Actor
from confianza.cooperation.audit import seal
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ConfianzaError, PermissionRefusal, RuleRefusal
from confianza.server.assessment import assess
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.cases.models import Case
from confianza.server.cases.selectors import case_row, case_state
from confianza.server.cases.services import open_case, share_case, take_step
from confianza.server.demo import DEMO_CASE, OPEN_CASE, build_workspace, simulated_records
from confianza.server.funds.models import Appropriation, Posting
from confianza.server.funds.selectors import account_balances
from confianza.server.institutions.selectors import partnerships
from confianza.server.people.services import add_person

MANAGER = Actor("case-manager", "case_manager")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
LIAISON = Actor("enlace", "partner_liaison")
DIRECTOR = Actor("program-director", "country_program_director")


# --- the workspace --------------------------------------------------------------------------------


def test_building_again_changes_nothing():
    before = AuditEvent.objects.count()
    assert build_workspace() == []
    assert AuditEvent.objects.count() == before


def test_an_assessment_reads_the_training_of_the_partner_once():
    with CaptureQueriesContext(connection) as queries:
        assess(partnerships()[0], case=DEMO_CASE, today=date(2026, 11, 30))
    reads = [query for query in queries.captured_queries if "_reportrow" in query["sql"]]
    assert len(reads) == 1


def test_the_assessment_has_its_parts():
    document = assess(partnerships()[0], case=DEMO_CASE, today=date(2026, 11, 30))
    assert {year: row["students"] for year, row in document["training"].items()} == {
        "2008": 27,
        "2009": 120,
        "2010": 61,
        "2011": 49,
        "2012": 47,
    }
    assert all(row["reconciles"] for row in document["appropriations"].values())
    assert {name: len(years) for name, years in document["trust"].items()} == {"US->MX": 100, "MX->US": 100}
    assert all(
        row["lower"] < row["mean"] < row["upper"] for years in document["trust"].values() for row in years
    )
    assert document["case"]["ledger_balances"] is True
    assert all(phase["started"] and phase["completed"] for phase in document["case"]["phases"])
    assert document["plan"]["status"] == "optimal"
    assert sum(document["plan"]["seats"].values()) == 47


def test_the_simulated_case_enters_no_evidence():
    """Bandaria's money and case are in the workspace, and in none of the figures of the assessment."""
    document = assess(partnerships()[0], case=DEMO_CASE, today=date(2026, 11, 30))
    assert document["appropriations_total"]["dollars"] == 1_930_100_000
    assert not any(record.program == "E7" for record in Appropriation.objects.filter(is_simulated=False))
    assert document["case"]["simulated"] is True


def test_the_stored_postings_are_those_of_the_replayed_case():
    for identifier in (DEMO_CASE, OPEN_CASE):
        row = case_row(identifier)
        state = case_state(row)
        stored: dict[str, int] = {}
        for posting in Posting.objects.filter(entry__case_identifier=row.pk):
            stored[posting.account] = stored.get(posting.account, 0) + posting.amount_minor
        replayed = {account.value: amount.minor for account, amount in state.balances.items()}
        assert {name: minor for name, minor in stored.items() if minor} == {
            name: minor for name, minor in replayed.items() if minor
        }
        assert sum(stored.values()) == 0


def test_the_appropriation_balances_over_its_cases():
    appropriation = Appropriation.objects.get(pk="BN-FY2013")
    balances = account_balances(appropriation)
    assert sum(amount.minor for amount in balances.values()) == 0
    # 2,500,000 less 690,000 drawn by each of two cases; 12,600 came back from the closed one
    assert balances[Account.AVAILABLE] + balances[Account.RETURNED] == Money(
        250_000_000 - 2 * 69_000_000 + 1_260_000
    )


# --- the audit chain --------------------------------------------------------------------------------


def test_the_chain_of_the_workspace_holds():
    assert verify_log() == AuditEvent.objects.count() > 50


@pytest.mark.parametrize(
    "tampering",
    [
        "update audit_auditevent set account = 'nobody' where sequence = 2",
        "delete from audit_auditevent where sequence = 2",
        "update audit_auditevent set sequence = 100000 where sequence = 2",
    ],
)
def test_an_altered_log_is_found(tampering):
    with connection.cursor() as cursor:
        cursor.execute(tampering)
    with pytest.raises(ConfianzaError):
        verify_log()


def test_a_last_event_that_was_sealed_anew_is_found():
    event = AuditEvent.objects.order_by("-sequence").first().sealed()
    covered = {name: getattr(event, name) for name in event.__dataclass_fields__ if name != "digest"}
    forged = seal(**(covered | {"account": "nobody"}))
    AuditEvent.objects.filter(pk=event.sequence).update(account=forged.account, digest=forged.digest)
    with pytest.raises(ConfianzaError, match=f"event {event.sequence} "):
        verify_log()


def test_events_are_neither_changed_nor_deleted_by_the_product():
    event = AuditEvent.objects.first()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_every_event_names_its_actor():
    assert not AuditEvent.objects.filter(account="").exists()
    assert not AuditEvent.objects.filter(role="").exists()


# --- cases ----------------------------------------------------------------------------------------------


def new_case(**changes):
    given = {
        "identifier": "E7-B-UAZ",
        "edition": "thesis-2013",
        "title": "Radios",
        "partner_code": "BN",
        "appropriation_code": "BN-FY2013",
        "actor": OFFICER,
    }
    return open_case(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identifier": DEMO_CASE}, "case-exists"),
        ({"appropriation_code": "NONE"}, "funds-unknown"),
        ({"appropriation_code": "FY2009-FMF"}, "funds-unknown"),  # published, without dates of funds
        ({"partner_code": "XX"}, "party-unknown"),
        ({"partner_code": "MX"}, "partner-does-not-fit"),  # simulated funds, real partner
        ({"actor": LIAISON}, "not-permitted"),
        ({"actor": MANAGER}, "not-permitted"),
    ],
)
def test_a_case_that_does_not_fit_is_not_opened(changes, code):
    before = AuditEvent.objects.count()
    with pytest.raises(ConfianzaError) as refusal:
        new_case(**changes)
    assert refusal.value.code == code
    assert AuditEvent.objects.count() == before
    assert Case.objects.count() == len(simulated_records()["cases"])


def test_a_case_of_simulated_funds_is_simulated():
    assert new_case().is_simulated


def test_a_refused_step_leaves_no_trace():
    row = case_row(OPEN_CASE)
    before = AuditEvent.objects.count(), Posting.objects.count(), row.version
    with pytest.raises(StepRefused):
        take_step(
            identifier=OPEN_CASE,
            step="obligate",
            on=date(2013, 10, 1),
            given={"line": "002", "amount": "472000"},
            actor=MANAGER,
        )
    assert (AuditEvent.objects.count(), Posting.objects.count(), case_row(OPEN_CASE).version) == before


def test_two_cases_cannot_draw_the_same_money():
    """1,120,000 of the appropriation are left; a case that asks for more is refused."""
    left = account_balances(Appropriation.objects.get(pk="BN-FY2013"))[Account.AVAILABLE]
    new_case()
    walk = [
        ("define-requirement", OFFICER, {"objective": "x"}),
        ("evaluate-solution", MANAGER, {"finding": "x"}),
        ("submit-request", OFFICER, {"request_reference": "x"}),
        (
            "add-line",
            MANAGER,
            {"line": "001", "description": "x", "quantity": "1", "unit_cost": f"{left.minor // 100}"},
        ),
        ("prepare-loa", MANAGER, {}),
        ("review-quality", Actor("case-writer", "case_writer"), {}),
        ("approve-dsca", DIRECTOR, {}),
        ("approve-state", Actor("state-reviewer", "state_reviewer"), {}),
        ("inform-partner", MANAGER, {}),
        ("accept-offer", MANAGER, {}),
    ]
    for step, actor, given in walk:
        take_step(identifier="E7-B-UAZ", step=step, on=date(2013, 1, 7), given=given, actor=actor)
    with pytest.raises(StepRefused) as refusal:
        take_step(
            identifier="E7-B-UAZ",
            step="transfer-funds",
            on=date(2013, 1, 8),
            given={"amount": f"{left.minor // 100 + 1}"},
            actor=DIRECTOR,
        )
    assert str(left) in str(refusal.value)


def test_an_unknown_case_is_one_clear_error():
    with pytest.raises(RuleRefusal) as refusal:
        share_case(identifier="XX-X-XXX", is_shared=True, actor=OFFICER)
    assert refusal.value.code == "case-unknown"


# --- people ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"role": "king"}, "role-unknown"),
        ({"account": "assessor"}, "account-exists"),
        ({"party_code": "XX"}, "party-unknown"),
        ({"language": "fr"}, "language-unknown"),
        ({"password": "short"}, "password-weak"),
        ({"password": "password1234"}, "password-weak"),
    ],
)
def test_an_account_that_does_not_fit_is_not_added(changes, code):
    given = {
        "account": "ana",
        "role": "assessor",
        "party_code": "MX",
        "language": "es",
        "password": "una-frase-larga-4",
        "actor": Actor("command-line", "operator"),
    }
    with pytest.raises(PermissionRefusal) as refusal:
        add_person(**(given | changes))
    assert refusal.value.code == code
