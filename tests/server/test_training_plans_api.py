"""Training plans over the interface: what the pages show, refused by the same rules."""

import csv
import io
import json
from datetime import date

import pytest
from django.test import Client

from confianza.server.alumni.models import Student
from confianza.server.audit.models import AuditEvent
from confianza.server.people.models import User
from confianza.server.training_plans.models import PlanLine, StudentEnrollment

LINE = "BN-2027-1004A"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 28))


@pytest.fixture
def client_as():
    """A browser signed in to an account."""

    def of(account: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(
            User.objects.get(username=account), backend="confianza.server.people.backends.DemoBackend"
        )
        return client

    return of


def send(client, code, step, on="2026-11-20", version=None, **fields):
    given = {"on": on, "fields": fields, "version": version}
    return client.post(
        f"/api/training-plans/{code}/steps/{step}", json.dumps(given), content_type="application/json"
    )


def way_of(status):
    return StudentEnrollment.objects.filter(pk__startswith="BN-2027-1001-", status=status).get()


def test_the_plans_are_listed_to_those_who_may_see_them(client_as):
    rows = {row["code"]: row for row in client_as("assessor").get("/api/training-plans").json()}
    assert rows["BN-2027"] == {
        "code": "BN-2027",
        "partner": "BN",
        "fiscal_year": 2027,
        "status": "reviewed",
        "version": 10,
        "ceiling": {"minor": 40_000_000, "currency": "USD"},
        "is_shared": True,
        "is_simulated": True,
    }
    assert {row["code"] for row in client_as("bandaria-liaison").get("/api/training-plans").json()} == set(
        rows
    )
    assert client_as("enlace").get("/api/training-plans").json() == []


def test_a_plan_tells_its_checks_lines_students_and_what_waits(client_as):
    plan = client_as("assessor").get("/api/training-plans/BN-2027").json()
    checks = {check["id"]: check for check in plan["checks"]}
    assert (checks["pme"]["figure"], checks["pme"]["limit"], checks["pme"]["is_met"]) == (0.615, 0.5, True)
    lines = {line["wcn"]: line for line in plan["lines"]}
    assert len(lines) == PlanLine.objects.filter(plan_id="BN-2027").count()
    assert (lines["1001B"]["cost"]["minor"], lines["1001B"]["taken_count"], lines["1001B"]["is_filled"]) == (
        13_000_000,
        2,
        True,
    )
    assert len(plan["students"]) == 6
    assert {"step": "confirm-line", "code": "BN-2027-1003A"}.items() <= plan["waiting"][0].items()
    assert plan["records"][0]["details"] == {"ceiling": {"minor": 40_000_000, "currency": "USD"}}
    closing = next(action for action in plan["actions"] if action["step"] == "close-program")
    assert {refusal["rule"] for refusal in closing["refusals"]} == {
        "close-after-the-year",
        "close-with-students-home",
    }
    shared = client_as("bandaria-liaison").get("/api/training-plans/BN-2027").json()
    assert len(shared["students"]) == 4


def test_a_line_and_a_student_tell_where_they_stand(client_as):
    client, away = client_as("assessor"), way_of("in-training")
    line = client.get(f"/api/training-plans/lines/{LINE}").json()
    assert (line["status"], line["line"]["school"], line["charges"]) == ("confirmed", "IAAFA", [])
    student = client.get(f"/api/training-plans/students/{away.pk}").json()
    assert (student["student"], student["status"]) == (away.student_id, "in-training")
    assert [(course["wcn"], course["begun_on"], course["outcome"]) for course in student["courses"]] == [
        ("1001A", "2026-10-05", ""),
        ("1001B", None, ""),
    ]
    assert (
        send(client_as("case-manager"), LINE, "cancel-line", cause="partner", cancel_reason="x").status_code
        == 201
    )
    (charge,) = client.get(f"/api/training-plans/lines/{LINE}").json()["charges"]
    assert (charge["share"], charge["amount"]["minor"]) == (0.0, 0)  # more than sixty days before
    assert (
        send(
            client_as("cooperation-officer"), away.pk, "withdraw", cause="partner", withdraw_reason="x"
        ).status_code
        == 201
    )
    charges = {
        row["line"]: row["amount"]["minor"]
        for row in client.get(f"/api/training-plans/students/{away.pk}").json()["charges"]
    }
    assert charges == {"1001A": 564_000, "1001B": 2_250_000}


@pytest.mark.parametrize(
    ("address", "language", "says"),
    [
        ("BN-2031", "en", "No training plan, line or student"),
        ("BN-2031", "es", "Ningún plan, línea o alumno"),
        ("nonsense", "en", "is not a code of a training plan"),
        ("lines/BN-2027", "en", "No training plan, line or student"),
        ("students/BN-2027-1001A", "en", "No training plan, line or student"),
        ("BN-2027-1001A/list", "en", "No training plan, line or student"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client_as, address, language, says):
    answer = client_as("assessor", language).get(f"/api/training-plans/{address}")
    assert answer.status_code == 404
    assert says in answer.json()["message"]


def test_a_student_not_shared_is_not_there_for_the_liaison(client_as):
    hidden = StudentEnrollment.objects.filter(student__is_shared=False).first()
    assert client_as("assessor").get(f"/api/training-plans/students/{hidden.pk}").status_code == 200
    assert client_as("bandaria-liaison").get(f"/api/training-plans/students/{hidden.pk}").status_code == 404


def test_a_step_is_recorded_with_its_version_and_a_stale_one_refused(client_as):
    client, version = client_as("cooperation-officer"), PlanLine.objects.get(pk=LINE).version
    answer = send(client, LINE, "change-line", version=version, seats="3")
    assert (answer.status_code, answer.json()) == (
        201,
        {"code": LINE, "status": "confirmed", "version": version + 1},
    )
    answer = send(client, LINE, "change-line", version=version, seats="4")
    assert (answer.status_code, answer.json()["code"]) == (409, "training-changed")
    assert PlanLine.objects.get(pk=LINE).seat_count == 3


@pytest.mark.parametrize(
    ("account", "code", "step", "fields", "status", "error"),
    [
        ("assessor", LINE, "change-line", {"seats": "3"}, 403, "not-permitted"),
        ("enlace", LINE, "agree-line", {}, 404, "training-unknown"),
        ("cooperation-officer", "BN-2031-1001A", "plan-line", {}, 404, "training-unknown"),
        ("cooperation-officer", LINE, "fly", {}, 409, "step-unknown"),
        ("cooperation-officer", LINE, "change-line", {"seats": "many"}, 409, "field-not-understood"),
        ("state-reviewer", LINE, "change-line", {"seats": "3"}, 409, "training-step-refused"),
    ],
)
def test_a_refused_step_changes_nothing(client_as, account, code, step, fields, status, error):
    before = AuditEvent.objects.count()
    answer = send(client_as(account), code, step, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, error)
    assert AuditEvent.objects.count() == before


def test_every_rule_that_refuses_is_told_in_the_language_of_the_request(client_as):
    way = way_of("nominated").pk
    answer = send(
        client_as("cooperation-officer", "es"),
        way,
        "issue-travel-order",
        order_number="7",
        report_by="2026-10-02",
    ).json()
    assert "se rechazó el paso" in answer["message"]
    assert {refusal["rule"] for refusal in answer["refusals"]} >= {
        "human-rights-before-travel-order",
        "medical-before-travel-order",
    }
    assert any("no está aprobada" in refusal["reason"] for refusal in answer["refusals"])


def test_the_training_list_comes_as_a_file(client_as):
    client = client_as("bandaria-liaison")
    answer = client.get("/api/training-plans/BN-2027/list")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="BN-2027.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert {row["wcn"] for row in rows} == {
        line.code[-5:] for line in PlanLine.objects.filter(plan_id="BN-2027")
    }
    assert client.get("/api/training-plans/BN-2027/list?form=doc").status_code == 400


def test_what_waits_is_told_to_the_offices_of_the_account(client_as):
    found = client_as("state-reviewer").get("/api/training-plans/waiting").json()
    assert [(row["code"], row["step"], row["offices"]) for row in found] == [
        (way_of("nominated").pk, "screen-human-rights", ["state"])
    ]
    assert client_as("assessor").get("/api/training-plans/waiting").json() == []


def test_whom_a_student_replaces_is_told_only_to_who_may_see_both(client_as):
    officer, liaison = client_as("cooperation-officer"), client_as("bandaria-liaison")
    replaced = StudentEnrollment.objects.get(pk__startswith="BN-2027-1002-", status="withdrawn").student
    event = AuditEvent.objects.get(payload__details__in_place_of=replaced.pk)
    substitute = StudentEnrollment.objects.get(pk=event.subject.removeprefix("training:"))
    Student.objects.filter(pk=substitute.student_id).update(is_shared=True)
    for is_shared in (True, False):
        Student.objects.filter(pk=replaced.pk).update(is_shared=is_shared)
        for address in (
            f"/api/training-plans/students/{substitute.pk}",
            f"/training-plans/{substitute.pk}/?part=record",
        ):
            assert replaced.pk in officer.get(address).content.decode()
            assert (replaced.pk in liaison.get(address).content.decode()) is is_shared
