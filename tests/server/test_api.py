"""The interface for programs: the same permissions and refusals as the pages."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from confianza.cooperation.permissions import permission_table
from confianza.server.api.api import api
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.people.models import User
from tests.people import PEOPLE

LEGACY, OPEN = "BN-B-SAA", "E7-B-UAD"
STAFF = set(PEOPLE) - {"partner liaison"}
READS = {
    "/api/actions": set(PEOPLE),
    "/api/cases": set(PEOPLE),
    f"/api/cases/{LEGACY}": STAFF,
    f"/api/cases/{LEGACY}/events": STAFF,
    "/api/editions/samm-2026": set(PEOPLE),
    "/api/training-plans": set(PEOPLE),
    "/api/training-plans/waiting": set(PEOPLE),
    "/api/training-plans/BN-2027": STAFF,
    "/api/training-plans/BN-2027/list?form=parquet": STAFF,
    "/api/training-plans/lines/BN-2027-1001A": STAFF,
    "/api/training-reports/rows": set(PEOPLE),
    "/api/training-reports/summary": set(PEOPLE),
}


def send(client, address, given):
    return client.post(address, json.dumps(given), content_type="application/json")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("address", READS)
def test_what_is_read_is_what_the_pages_show(client_of, who, address):
    answer = client_of(who).get(address)
    assert answer.status_code == (200 if who in READS[address] else 404)


def test_a_stranger_is_told_401_at_every_operation():
    for path, operations in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method in operations:
            address = re.sub(r"{\w+}", "x", path)
            answer = getattr(Client(), method)(address, content_type="application/json")
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "not-signed-in"


def test_the_description_of_the_interface_is_the_one_of_the_repository_and_open_to_all():
    kept = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
    assert Client().get("/api/openapi.json").json() == json.loads(kept.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("track/programs", "training-plans"),
        ("track/programs/BN-2027", "training-plans/BN-2027"),
        ("track/lines/BN-2027-1001A", "training-plans/lines/BN-2027-1001A"),
        ("track/waiting", "training-plans/waiting"),
        ("track/programs/BN-2099", "training-plans/BN-2099"),
        ("training/summary?by=category", "training-reports/summary?by=category"),
        ("training/unsettled?field=category", "training-reports/unmatched?field=category"),
    ],
)
def test_a_renamed_address_answers_as_the_new_one_does(client_of, old, new):
    client = client_of("assessor")
    answer, expected = client.get(f"/api/{old}"), client.get(f"/api/{new}")
    assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())
    assert answer["Link"] == f'</api/{new.partition("?")[0]}>; rel="successor-version"'


def test_a_step_is_recorded_at_a_renamed_address_with_the_token_that_the_new_one_asks_for(person):
    given = {"on": "2026-11-20", "fields": {"seats": "3"}}
    for is_strict, status in ((True, {401, 403}), (False, {409})):
        client = Client(enforce_csrf_checks=is_strict)
        client.force_login(
            person("assessor" if is_strict else "security cooperation officer"),
            backend="confianza.server.people.backends.DemoBackend",
        )
        assert send(client, "/api/track/BN-2027-1004A/steps/fly", given).status_code in status


def test_a_program_signs_in_with_name_and_password():
    user = User(username="robot", role="auditor")
    user.set_password("a long phrase of words")
    user.save()
    for password, status in (("a long phrase of words", 200), ("a guess", 401)):
        token = base64.b64encode(f"robot:{password}".encode()).decode()
        answer = Client().get("/api/cases", headers={"authorization": f"Basic {token}"})
        assert answer.status_code == status


def test_a_list_is_narrowed_and_cut(client_of):
    client = client_of("assessor")
    everything = client.get("/api/cases").json()
    assert everything["count"] == len(everything["items"]) == Case.objects.count()
    found = client.get("/api/cases?phase=execution&limit=1&offset=1").json()
    assert found["count"] == 2
    assert [item["identifier"] for item in found["items"]] == [OPEN]
    assert client.get("/api/cases?limit=0").status_code == 400
    overdue = [item["identifier"] for item in client.get("/api/cases?due=overdue").json()["items"]]
    assert overdue == list(
        Case.objects.filter(next_due_on__lt=timezone.localdate()).values_list("pk", flat=True)
    )
    assert overdue


def test_a_case_tells_what_is_next_and_what_blocks_it(client_of):
    case = client_of("assessor").get(f"/api/cases/{LEGACY}").json()
    assert case["document"] == "BN-B-SAA-BASIC"
    assert sum(amount["minor"] for amount in case["balances"].values()) == 0
    actions = {action["step"]: action for action in case["actions"]}
    assert actions["confirm-receipt"]["fields"] == ["delivery", "condition"]
    assert {refusal["rule"] for refusal in actions["confirm-funds"]["refusals"]} == {"commit-before-expiry"}
    assert case["clocks"][0]["is_met"] is True
    assert {due["deadline"] for due in case["deadlines"]} >= {"receipt-in-30-days", "close-by-31-july"}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_case_is_opened_by_those_who_may(client_of, who):
    given = {
        "identifier": "BN-B-SAX",
        "title": "x",
        "partner": "BN",
        "funds": "BN-FY2026",
        "edition": "samm-2026",
    }
    answer = send(client_of(who), "/api/cases", given)
    roles = permission_table().actions["open_case"].roles
    may = User.objects.get(username=PEOPLE[who]).role in roles
    assert answer.status_code == (201 if may else 403)
    assert Case.objects.filter(pk="BN-B-SAX").exists() == may


def test_a_step_is_recorded_with_its_version_and_a_stale_one_refused(client_of):
    client, version = client_of("security cooperation officer"), Case.objects.get(pk=LEGACY).version
    given = {
        "on": "2023-01-10",
        "fields": {"delivery": "Boat 1", "condition": "complete"},
        "version": version,
    }
    answer = send(client, f"/api/cases/{LEGACY}/steps/confirm-receipt", given)
    assert (answer.status_code, answer.json()["version"]) == (201, version + 1)
    answer = send(client, f"/api/cases/{LEGACY}/steps/confirm-receipt", given)
    assert (answer.status_code, answer.json()["code"]) == (409, "case-changed")


LATE = {"on": "2023-10-01", "fields": {"line": "002", "amount": "1"}}
TIMELY = {"on": "2023-01-10", "fields": {"line": "002", "amount": "1"}}
MISTYPED = {"on": "2023-01-10", "fields": {"line": "2", "amount": "1"}}


@pytest.mark.parametrize(
    ("who", "step", "given", "status", "code"),
    [
        ("case manager", "obligate", LATE, 409, "step-refused"),
        ("case manager", "obligate", MISTYPED, 409, "field-not-understood"),
        ("case manager", "dance", {"on": "2023-01-10"}, 409, "step-unknown"),
        ("case manager", "obligate", {"on": "soon"}, 400, "request-not-understood"),
        ("case manager", "obligate", {"on": "2023-01-10", "color": "red"}, 400, "request-not-understood"),
        ("auditor", "obligate", {"on": "2023-01-10"}, 403, "not-permitted"),
        ("resource manager", "obligate", TIMELY, 409, "step-refused"),
    ],
)
def test_a_mistake_is_one_clear_error_and_nothing_is_recorded(client_of, who, step, given, status, code):
    before = AuditEvent.objects.count()
    answer = send(client_of(who), f"/api/cases/{LEGACY}/steps/{step}", given)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert AuditEvent.objects.count() == before


def test_refusals_come_in_the_language_of_the_request(client_of):
    given = {"on": "2023-10-01", "fields": {"line": "002", "amount": "1"}}
    answer = send(client_of("case manager", "es"), f"/api/cases/{LEGACY}/steps/obligate", given).json()
    assert "se rechazó" in answer["message"] or "rechazado" in answer["message"]
    assert [refusal["rule"] for refusal in answer["refusals"]] == ["obligate-before-expiry"]


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "There is no case 'BN-B-ZZZ' here for you"), ("es", "No hay aquí un caso 'BN-B-ZZZ'")],
)
def test_what_is_not_there_is_said_in_a_sentence(client_of, language, says):
    client = client_of("auditor", language)
    answer = client.get("/api/cases/BN-B-ZZZ")
    assert (answer.status_code, answer.json()["code"]) == (404, "case-unknown")
    assert says in answer.json()["message"]
    answer = client.get("/api/cases?limit=0")
    assert answer.status_code == 400
    assert "limit" in answer.json()["message"]
    assert ("No se entendió" in answer.json()["message"]) == (language == "es")


def attach(client, content=b"%PDF-1.7 simulated", name="plan.pdf", **changes):
    given = {"kind": "transportation-plan", "on": "2023-01-10", "file": SimpleUploadedFile(name, content)}
    return client.post(f"/api/cases/{LEGACY}/documents", given | changes)


def test_a_document_is_attached_and_fetched(client_of):
    answer = attach(client_of("case manager"))
    assert answer.status_code == 201, answer.content
    digest = hashlib.sha256(b"%PDF-1.7 simulated").hexdigest()
    reader = client_of("auditor")
    (kept,) = [
        item
        for item in reader.get(f"/api/cases/{LEGACY}").json()["documents"]
        if item["kind"] == "transportation-plan"
    ]
    assert (kept["file_name"], kept["digest"], kept["on"]) == ("plan.pdf", digest, "2023-01-10")
    answer = reader.get(f"/api/cases/{LEGACY}/documents/{digest}")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 simulated"
    assert reader.get(f"/api/cases/{LEGACY}/documents/{'0' * 64}").json()["code"] == "document-unknown"


@pytest.mark.parametrize(
    ("who", "changes", "status", "code"),
    [
        ("case manager", {"name": "plan.exe"}, 409, "upload-type"),
        ("case manager", {"content": b""}, 409, "upload-empty"),
        ("case manager", {"version": 1}, 409, "case-changed"),
        ("case manager", {"kind": "quarterly-bill"}, 409, "step-refused"),
        ("case manager", {"on": "soon"}, 400, "request-not-understood"),
        ("auditor", {}, 403, "not-permitted"),
    ],
)
def test_a_document_that_does_not_fit_is_one_clear_error(client_of, who, changes, status, code):
    before = AuditEvent.objects.count()
    answer = attach(client_of(who), **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert AuditEvent.objects.count() == before


def test_a_sum_alone_is_no_document(client_of):
    """Else a gate that asks for a paper would open to the sum of a file nobody has."""
    client, before = client_of("case manager"), AuditEvent.objects.count()
    fields = {"kind": "transportation-plan", "file_name": "plan.pdf", "digest": "0" * 64}
    given = {"on": "2023-01-10", "fields": fields}
    answer = send(client, f"/api/cases/{LEGACY}/steps/attach-document", given)
    assert (answer.status_code, answer.json()["code"]) == (409, "document-not-kept")
    version = Case.objects.get(pk=LEGACY).version
    for changed in ({}, {"file_name": "plan." + "x" * 5000}, {"digest": "x" * 5000}, {"digest": ""}):
        given = {"on": "2023-01-10", "version": version, **fields, **changed}
        assert client.post(f"/cases/{LEGACY}/attach-document/", given).status_code == 409
    assert AuditEvent.objects.count() == before


def test_a_case_has_its_deliveries(client_of):
    found = {
        item["name"]: item for item in client_of("auditor").get(f"/api/cases/{LEGACY}").json()["deliveries"]
    }
    assert (found["Boat 1"]["planned_on"], found["Boat 1"]["cause"]) == ("2022-11-01", "contract")


def test_a_form_of_another_site_cannot_post(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("case manager"), backend="confianza.server.people.backends.DemoBackend")
    before = AuditEvent.objects.count()
    answer = send(
        client, f"/api/cases/{LEGACY}/steps/hold-review", {"on": "2023-01-10", "fields": {"minutes": "x"}}
    )
    assert answer.status_code in {401, 403}
    assert AuditEvent.objects.count() == before


def test_a_liaison_reads_a_shared_case_of_its_party(client_of, person):
    liaison = person("partner liaison")
    liaison.party_code = "BN"
    liaison.save()
    assert client_of("partner liaison").get(f"/api/cases/{LEGACY}").status_code == 404
    Case.objects.filter(pk=LEGACY).update(is_shared=True)
    assert client_of("partner liaison").get(f"/api/cases/{LEGACY}").status_code == 200
    assert client_of("partner liaison").get("/api/cases").json()["count"] == 1


def test_next_actions_are_those_of_the_page(client_of):
    found = client_of("security cooperation officer").get("/api/actions").json()
    assert (found[0]["case"], found[0]["step"], found[0]["due_on"]) == (
        LEGACY,
        "confirm-receipt",
        "2023-01-18",
    )
