"""Random requests against the interface's own description: never a server error, never an undescribed answer."""

import json
from datetime import date

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import RecordKind
from confianza.server.api.api import api
from confianza.server.people.models import User
from confianza.server.wsgi import application
from tests.searches import search

SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))
SCHEMA.app = application


# a program, line or student with a step of its rulebook, and the step's fields with their choices
MOVE = st.sampled_from(
    [
        (code, step.id, [(field.name, list(field.options)) for field in step.fields])
        for kind, codes in {
            RecordKind.PLAN: ["BN-2028", "BN-2029", "BN-1900", "BN-2099"],
            RecordKind.LINE: ["BN-2027-1003A", "BN-2028-1101A", "BN-2028-1104A"],
            RecordKind.STUDENT: ["BN-2027-1004-S-AAAAAAAA", "BN-2028-1101-x"],
        }.items()
        for code in codes
        for step in rulebook(kind).steps.values()
    ]
)


@pytest.fixture(autouse=True)
def _connection_stays_open():
    """A request through WSGI would close the connection whose transaction the test rolls back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def signed_in():
    """Cookies and the form token of an account that may open cases and record steps."""
    client = Client()
    client.force_login(
        User.objects.get(username="program-director"),
        backend="confianza.server.people.backends.DemoBackend",
    )
    token = "a" * 32
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": token}
    return {"cookies": cookies, "headers": {"X-CSRFToken": token}}


@SCHEMA.parametrize()
@search(full=25, quick=4)
def test_no_request_makes_a_server_error(case, signed_in):
    answer = case.call(**signed_in)
    assert answer.status_code not in {401, 403} or "not-permitted" in answer.text
    case.validate_response(answer, checks=[not_a_server_error, status_code_conformance])


@search(full=60, quick=15)
@given(move=MOVE, on=st.dates() | st.dates(date(2026, 11, 1), date(2027, 12, 31)), data=st.data())
def test_no_step_of_the_training_track_makes_a_server_error_or_a_plan_that_cannot_be_read(
    signed_in, move, on, data
):
    code, step, fields = move
    text = st.text(max_size=40) | st.sampled_from(["1", "99", "9" * 20, "2027-01-10", "A", "passed", "IADC"])
    given_ = {name: data.draw(st.sampled_from(options) if options else text) for name, options in fields}
    client = Client()
    client.force_login(
        User.objects.get(username=data.draw(st.sampled_from(["cooperation-officer", "case-manager"]))),
        backend="confianza.server.people.backends.DemoBackend",
    )
    with transaction.atomic():
        answer = client.post(
            f"/api/training-plans/{code}/steps/{step}",
            json.dumps({"on": on.isoformat(), "fields": given_}),
            content_type="application/json",
        )
        assert answer.status_code in {201, 400, 403, 404, 409}
        for kind in (code[:7], f"lines/{code}", "waiting"):
            assert client.get(f"/api/training-plans/{kind}").status_code in {200, 404}
        transaction.set_rollback(True)


@search(full=120, quick=30)
@given(
    address=st.sampled_from(
        [
            "/cases/open/",
            "/cases/search/",
            "/cases/import/",
            "/programs/add/",
            "/cases/E7-B-UAD/deliver/",
            "/cases/BN-B-SAA/documents/",
        ]
    ),
    form=st.dictionaries(
        st.sampled_from(
            [
                "identifier",
                "title",
                "partner",
                "funds",
                "edition",
                "on",
                "version",
                "line",
                "quantity",
                "name",
                "query",
                "code",
                "authority",
                "store",
            ]
        ),
        st.text(max_size=40) | st.sampled_from(["2013-05-20", "001", "1", "-1", "14"]),
    ),
    content=st.binary(max_size=64)
    | st.text(max_size=64).map(lambda text: f"identifier,title,partner,funds,edition\n{text}".encode()),
    name=st.text(min_size=1, max_size=20) | st.sampled_from(["cases.csv", "cases.xlsx", "plan.txt"]),
)
def test_no_form_or_upload_makes_a_server_error(signed_in, address, form, content, name):
    client = Client()
    for key, value in signed_in["cookies"].items():
        client.cookies[key] = value
    if "documents" in address or "import" in address:
        form = {**form, "file": SimpleUploadedFile(name.replace("\x00", "") or "x", content), "kind": "other"}
    assert client.post(address, form).status_code < 500
