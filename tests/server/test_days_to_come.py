"""What tells of something done is refused on a day that has not come, whichever way it comes in."""

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ConfianzaError, RuleRefusal
from confianza.server.alumni import services as students
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.cases.services import lapse_funds, revise_dates, take_step
from confianza.server.funds.services import add_funds, approve_project
from confianza.server.training_plans.services import take_step as take_training_step

TODAY = date(2026, 11, 30)
TOMORROW = TODAY + timedelta(days=1)
LEGACY = "BN-B-SAA"
DIRECTOR = Actor("program-director", "country_program_director")
FINANCE = Actor("resource-manager", "resource_manager")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
STATE = Actor("state-reviewer", "state_reviewer")


@pytest.fixture(autouse=True)
def _nothing_is_recorded():
    """Each test here is of a refusal: the log of audit ends as long as it began."""
    before = AuditEvent.objects.count()
    yield
    assert AuditEvent.objects.count() == before


def test_a_step_of_a_case_is_refused_and_the_case_goes_on_by_command():
    given = {"minutes": "x"}
    with pytest.raises(StepRefused) as refused:
        take_step(identifier=LEGACY, step="hold-review", on=TOMORROW, given=given, actor=OFFICER)
    assert [refusal.rule.id for refusal in refused.value.refusals] == ["day-has-come"]


def test_a_step_of_a_case_is_refused_on_its_page_in_the_language_of_the_reader(client_of):
    client, version = client_of("security cooperation officer", "es"), Case.objects.get(pk=LEGACY).version
    given = {"on": TOMORROW.isoformat(), "records_seen": version, "minutes": "x"}
    answer = client.post(f"/cases/{LEGACY}/hold-review/", given)
    assert answer.status_code == 409
    assert "posterior a hoy" in answer.content.decode()
    assert 'value="x"' in answer.content.decode()


def test_a_step_of_a_case_is_refused_over_the_interface(client_of):
    given = {"on": TOMORROW.isoformat(), "fields": {"minutes": "x"}}
    answer = client_of("security cooperation officer").post(
        f"/api/cases/{LEGACY}/steps/hold-review", json.dumps(given), content_type="application/json"
    )
    assert answer.status_code == 409
    assert [refusal["rule"] for refusal in answer.json()["refusals"]] == ["day-has-come"]


def test_a_document_is_refused(client_of):
    client, version = client_of("case manager"), Case.objects.get(pk=LEGACY).version
    upload = SimpleUploadedFile("plan.txt", b"A plan of tomorrow.")
    given = {"kind": "other", "on": TOMORROW.isoformat(), "records_seen": version, "file": upload}
    answer = client.post(f"/cases/{LEGACY}/documents/", given)
    assert answer.status_code == 409
    assert "day-has-come" in answer.content.decode()


def test_a_step_of_a_training_plan_is_refused():
    with pytest.raises(StepRefused) as refused:
        take_training_step(
            code="BN-2030", step="open-program", on=TOMORROW, given={"ceiling": "1000"}, actor=OFFICER
        )
    assert [refusal.rule.id for refusal in refused.value.refusals] == ["program-day-has-come"]


def dates(known_from):
    return Availability(known_from, date(2026, 10, 1), date(2028, 9, 30), date(2033, 9, 30))


def funds(known_from):
    return add_funds(
        code="BN-NEW",
        name=BilingualText("New", "Nuevos"),
        amount=Money.parse("1000"),
        fiscal_year=2027,
        program_code="BN",
        authority="333",
        regime="title-10",
        partner_code="BN",
        availability=dates(known_from),
        actor=DIRECTOR,
    )


DONE = {
    "the dates of new funds": lambda: funds(TOMORROW),
    "other dates of funds": lambda: revise_dates(
        appropriation_code="BN-FY2026", availability=dates(TOMORROW), actor=DIRECTOR
    ),
    "a lapse of funds": lambda: lapse_funds(on=TOMORROW, actor=FINANCE),
    "the approval of a project": lambda: approve_project(code="BN-X", on=TOMORROW, actor=STATE),
    "a course attended": lambda: students.record_course(
        pseudonym="S-AAAAAAAA",
        school="IADC",
        title="x",
        start_date=TOMORROW,
        end_date=TOMORROW,
        actor=OFFICER,
    ),
    "a post taken": lambda: students.hold_post(
        post_code="x", pseudonym=None, from_date=TOMORROW, source="x", actor=OFFICER
    ),
    "a post left": lambda: students.leave_post(tenure_id=1, to_date=TOMORROW, actor=OFFICER),
    "a report brought up to date": lambda: students.update_report(
        partner_code="BN", on=TOMORROW, actor=OFFICER
    ),
}


@pytest.mark.parametrize("act", DONE.values(), ids=DONE)
def test_what_is_done_is_refused(act):
    with pytest.raises(RuleRefusal) as refused:
        act()
    assert refused.value.code == "day-to-come"
    assert "posterior a hoy" in refused.value.in_language("es")


def test_what_is_only_planned_may_lie_ahead():
    planned = {"delivery": "Boat 9", "line": "002", "quantity": "9", "planned_on": "2099-01-01"}
    with pytest.raises(ConfianzaError) as refused:
        take_step(
            identifier=LEGACY,
            step="plan-delivery",
            on=TODAY,
            given=planned,
            actor=Actor("case-manager", "case_manager"),
        )
    assert [refusal.rule.id for refusal in refused.value.refusals] == ["quantities-in-step"]
