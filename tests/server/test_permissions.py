"""Every address for every person, both ways: the permission table says who gets in."""

import json
import re
from datetime import date

import pytest
from django.test import Client

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import PermissionRefusal
from confianza.reports import charts
from confianza.server.alumni.models import Student
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.cases.services import lapse_funds
from confianza.server.funds.services import add_project
from tests.addresses import routes
from tests.people import PEOPLE

OPEN = "E7-B-UAD"
EVERYBODY = set(PEOPLE)
STAFF = EVERYBODY - {"partner liaison"}
ENTERING = {"assessor", "security cooperation officer", "partner liaison"}
OVERVIEWS = ("relationship", "promises", "safeguards", "foundations", "levels")
ACT = "martinez-2014-2013-single-window"
# address, method, who gets in; a page that was not shared is a 404 for those outside
PAGES = [
    ("/", EVERYBODY),
    ("/trust/", STAFF),
    ("/training-reports/", EVERYBODY),
    ("/training-reports/imet/", EVERYBODY),
    ("/training-reports/pme/", EVERYBODY),
    ("/training-reports/schools/", EVERYBODY),
    ("/training-reports/schools/WHINSEC/", EVERYBODY),
    ("/charts/training-wide.svg", EVERYBODY),
    ("/charts/places-narrow.svg", EVERYBODY),
    ("/charts/pme-wide.svg?partner_code=MX", EVERYBODY),
    ("/training-reports/rows/", EVERYBODY),
    ("/training-reports/rows/1/", EVERYBODY),
    ("/training-reports/rows.csv", EVERYBODY),
    ("/training-reports/rows.xlsx", EVERYBODY),
    ("/training-reports/rows.parquet", EVERYBODY),
    ("/training-reports/unmatched/", {"assessor", "security cooperation officer"}),
    ("/training-reports/reconciliation/", EVERYBODY),
    ("/training-plans/", EVERYBODY),
    ("/training-plans/BN-2027/", STAFF),
    ("/training-plans/BN-2027/combined/", STAFF),
    ("/training-plans/BN-2027/list.csv", STAFF),
    ("/training-plans/BN-2027-1001A/", STAFF),
    ("/training-plans/BN-2027/lines/", {"security cooperation officer"}),
    ("/seat-plan/", STAFF),
    ("/relationship/", EVERYBODY),
    ("/promises/", EVERYBODY),
    ("/safeguards/", EVERYBODY),
    ("/foundations/", EVERYBODY),
    ("/levels/", EVERYBODY),
    ("/charts/relationship-wide.svg", EVERYBODY),
    ("/records/", EVERYBODY),
    (f"/records/{ACT}/", EVERYBODY),
    ("/records/new/", ENTERING),
    ("/records/new/hedge/", ENTERING),
    ("/institutions/", EVERYBODY),
    ("/institutions/sedena/", EVERYBODY),
    ("/profile/", EVERYBODY),
    ("/profile/indicators.csv", EVERYBODY),
    ("/charts/profile-wide.svg?indicator=desertions&part=sedena", EVERYBODY),
    ("/series/", EVERYBODY),
    ("/charts/series-wide.svg?measure=un-agreement", EVERYBODY),
    ("/events/", EVERYBODY),
    ("/sources/", EVERYBODY),
    ("/jobs/", STAFF),
    ("/charts/trust-wide.json", STAFF),
    ("/charts/money-narrow.json", EVERYBODY),
    ("/cases/", EVERYBODY),
    ("/cases/?phase=execution", EVERYBODY),
    ("/actions/", EVERYBODY),
    ("/portfolio/", STAFF),
    ("/programs/", STAFF),
    ("/authorities/", EVERYBODY),
    ("/authorities/333/", EVERYBODY),
    ("/cases/export.csv", STAFF),
    ("/cases/export.xlsx", STAFF),
    ("/cases/export.xes", STAFF),
    ("/cases/import/", {"country program director", "security cooperation officer"}),
    ("/rules/", EVERYBODY),
    ("/rules/samm-2026/", EVERYBODY),
    ("/rules/samm-2026/process.bpmn", EVERYBODY),
    ("/rules/samm-2012-legacy/to/samm-2026/", EVERYBODY),
    ("/audit/", {"auditor", "administrator"}),
    ("/people/", {"administrator"}),
    ("/people/1/", {"administrator"}),
    ("/password/", EVERYBODY),
    (f"/cases/{OPEN}/", STAFF),
    ("/charts/trust-wide.svg", STAFF),
    ("/charts/seats-wide.svg", STAFF),
    ("/charts/share-narrow.svg", EVERYBODY),
    ("/charts/students-narrow.svg", EVERYBODY),
    ("/charts/money-wide.svg", EVERYBODY),
    ("/alumni/", EVERYBODY),
    ("/alumni/graph/", EVERYBODY),
    ("/alumni/posts/", EVERYBODY),
    ("/alumni/report/", EVERYBODY),
    ("/alumni/report.csv", EVERYBODY),
    ("/alumni/report.xlsx", EVERYBODY),
    ("/alumni/report.parquet", EVERYBODY),
    ("/alumni/import/", {"country program director", "security cooperation officer"}),
    ("/charts/alumni-wide.svg", EVERYBODY),
]
WITHOUT_LOGIN = {"login", "set_language"}


@pytest.fixture(autouse=True)
def _charts_are_not_drawn(monkeypatch):
    """Who may see a chart is asked here; what it shows is drawn in tests/reports."""
    monkeypatch.setattr(charts, "to_svg", lambda chart, language: "<svg/>")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("address", "allowed"), PAGES)
def test_a_page_opens_for_those_who_may_and_for_nobody_else(client_of, who, address, allowed):
    status = client_of(who).get(address).status_code
    assert status == 200 if who in allowed else status in {403, 404}


@pytest.mark.parametrize(("address", "allowed"), PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(client_of, address, allowed):
    answer = client_of("stranger").get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")


def test_every_address_needs_a_login_unless_listed(client_of):
    """Addresses not in the list above would otherwise be forgotten here."""
    arguments = {
        "identifier": OPEN,
        "step": "deliver",
        "name": "trust",
        "width": "wide",
        "other": "samm-2026",
        "digest": "a",
        "code": "x",
        "pseudonym": STUDENT,
        "number": "1",
        "change": "close",
        "form": "csv",
        "kind": "party",
        "record_id": ACT,
    }
    for route, name in routes().items():
        if route == "api/":  # answers 401 itself: test_api.py
            continue
        address = "/" + re.sub(r"<\w+:(\w+)>", lambda part: arguments[part[1]], route)
        answer = client_of("stranger").get(address)
        if name in WITHOUT_LOGIN:
            assert not answer.get("Location", "").startswith("/login/")
        elif name != "logout":
            assert answer["Location"].startswith("/login/?next="), address


# What each action of the table lets a person send to the pages: method, address, form.
FORM = {"on": "2023-01-10", "records_seen": "0"}
LEGACY = "BN-B-SAA"
STUDENT = "S-AAAAAAAA"
SENT = {
    "view_partnership": [("get", "/", {}), ("get", "/institutions/", {})],
    "view_trust": [("get", "/trust/", {})],
    "view_plan": [("get", "/seat-plan/", {})],
    "view_training": [
        ("get", "/training-reports/", {}),
        ("get", "/training-reports/rows/", {}),
        ("get", "/training-reports/rows/1/", {}),
        ("get", "/training-reports/rows.csv", {}),
        ("get", "/training-reports/reconciliation/", {}),
    ],
    "classify_training": [
        ("get", "/training-reports/unmatched/", {}),
        ("post", "/training-reports/unmatched/?field=category&text=x", {"value": "pme", "reason": "x"}),
    ],
    "view_sources": [("get", "/sources/", {}), ("get", "/rules/", {})],
    "view_indicators": [
        ("get", "/profile/", {}),
        ("get", "/profile/indicators.parquet", {}),
        ("get", "/series/", {}),
    ],
    "view_events": [("get", "/events/", {})],
    "view_every_case": [("get", f"/cases/{OPEN}/", {})],
    "view_shared_case": [
        ("get", "/cases/", {}),
        ("get", "/actions/", {}),
        ("post", "/cases/search/", {"name": "x", "query": "q=x"}),
    ],
    "open_case": [
        (
            "post",
            "/cases/open/",
            {
                "identifier": "BN-B-SAX",
                "title": "x",
                "partner": "BN",
                "funds": "BN-FY2026",
                "edition": "samm-2026",
            },
        )
    ],
    "record_step": [
        ("post", f"/cases/{LEGACY}/hold-review/", {**FORM, "minutes": "x"}),
        ("post", f"/cases/{LEGACY}/documents/", {**FORM, "kind": "other"}),
    ],
    "share_case": [("post", f"/cases/{OPEN}/share/", {"is_shared": "1"})],
    "manage_programs": [
        ("post", "/programs/add/", {"code": "BN-NEW", "title": "x", "authority": "333", "partner": "BN"}),
        ("post", "/programs/funds/add/", {}),
    ],
    "approve_project": [("post", "/programs/BN-COAST/approve/", {})],
    "import_cases": [("get", "/cases/import/", {}), ("post", "/cases/import/", {})],
    "export_cases": [("get", f"/cases/export.{form}", {}) for form in ("csv", "xlsx", "xes")],
    "view_portfolio": [("get", "/portfolio/", {}), ("get", "/programs/", {})],
    "view_audit": [("get", "/audit/", {})],
    "view_jobs": [("get", "/jobs/", {}), ("post", "/jobs/add/", {"kind": "training-report"})],
    "manage_people": [
        ("get", "/people/", {}),
        (
            "post",
            "/people/",
            {
                "account": "ana",
                "role": "auditor",
                "party": "US",
                "language": "en",
                "password": "una-frase-larga-4",
            },
        ),
        ("get", "/people/1/", {}),
        ("post", "/people/1/role/", {"role": "auditor"}),
        ("post", "/people/1/password/", {"password": "otra-frase-larga-5"}),
        ("post", "/people/1/close/", {}),
        ("post", "/people/1/reopen/", {"password": "otra-frase-larga-5"}),
    ],
    "change_own_password": [("get", "/password/", {}), ("post", "/password/", {"old_password": "x"})],
}
SENT |= {
    "view_every_partnership": [("get", "/p/us-xb/", {})],
    "manage_partnerships": [("post", "/partnerships/party/add/", {"iso_code": "CO"})],
    "view_training_plans": [
        ("get", f"/training-plans/{page}", {})
        for page in ("BN-2027/", "BN-2027/combined/", "BN-2027/list.xlsx", "BN-2027-1001A/")
    ],
    "view_shared_training_plan": [("get", "/training-plans/", {})],
    "record_training_step": [
        ("post", "/training-plans/open/", {**FORM, "partner": "BN", "fiscal_year": "2029"})
    ],
    "view_alumni": [
        ("get", f"/alumni/{page}", {}) for page in ("", "graph/", "posts/", "report/", "report.csv")
    ],
    "view_every_student": [("get", f"/alumni/{STUDENT}/", {})],
    "keep_students": [
        ("get", "/alumni/import/", {}),
        ("post", "/alumni/import/", {}),
        ("post", "/alumni/enroll/", {"partner": "BN"}),
        ("post", "/alumni/posts/add/", {"code": "bn-new"}),
        ("post", "/alumni/posts/other/", {"post_code": "bn-minister"}),
        ("post", "/alumni/posts/leave/", {}),
        ("post", "/alumni/report/update/", {}),
        ("post", f"/alumni/{STUDENT}/course/", {"school": "IADC"}),
        ("post", f"/alumni/{STUDENT}/post/", {}),
        ("post", f"/alumni/{STUDENT}/withdraw/", {"kind": "course", "row": "1"}),
        ("post", f"/alumni/{STUDENT}/share/", {"is_shared": "1"}),
    ],
    "see_identity": [
        ("post", f"/alumni/{STUDENT}/identity/", {"reason": "request"}),
        ("post", f"/alumni/{STUDENT}/identity/", {"surname": "X", "given_names": "Y"}),
        ("post", f"/alumni/{STUDENT}/export/", {}),
    ],
    "view_relationship": [
        ("get", "/records/", {}),
        ("get", f"/records/{ACT}/", {}),
        *(("get", f"/{page}/", {}) for page in OVERVIEWS),
    ],
    "enter_record": [
        ("get", "/records/new/", {}),
        ("get", "/records/new/act/", {}),
        ("post", f"/records/{ACT}/code/", {"severity": "0.4"}),
        ("post", "/records/new/act/", {"date_from": "2012"}),
    ],
    "confirm_record": [("post", f"/records/{ACT}/confirm/", {})],
    "contest_record": [("post", f"/records/{ACT}/contest/", {"source": "x", "note": "x"})],
    "withdraw_record": [("post", f"/records/{ACT}/withdraw/", {"reason": "x"})],
    "publish_record": [("post", f"/records/{ACT}/publish/", {})],
    "erase_person": [("post", f"/alumni/{STUDENT}/erase/", {"again": STUDENT})],
}
ON_THE_COMMAND_LINE = {
    "import_events",
    "import_indicators",
    "import_records",
    "import_training",
    "lapse_funds",
}  # its own test, and below


def test_every_action_of_the_table_is_tried_here():
    assert set(SENT) | ON_THE_COMMAND_LINE == set(permission_table().actions)


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
@pytest.mark.parametrize("action", SENT)
def test_each_role_may_do_what_the_table_says_and_nothing_else(client_of, person, who, action):
    """A refusal is 403 (404 for a case that was not shared) and changes nothing; a stranger is asked to sign in."""
    director = Actor("another-director", "country_program_director")
    add_project(code="BN-COAST", title="Coast", authority="333", partner_code="BN", actor=director)
    Student.objects.create(pseudonym=STUDENT, partner_id="BN", is_simulated=True)
    account = person(who)
    may = account is not None and permission_table().may(account.role, action)
    for method, address, form in SENT[action]:
        before = AuditEvent.objects.count()
        answer = getattr(client_of(who), method)(address, form)
        asks_to_sign_in = answer.get("Location", "").startswith("/login/?next=")
        asks_to_sign_in |= answer.status_code == 403 and 'class="login"' in answer.content.decode()
        assert asks_to_sign_in == (account is None)
        assert (answer.status_code in {200, 302, 400, 409} and not asks_to_sign_in) == may, address
        assert may or AuditEvent.objects.count() == before


@pytest.mark.parametrize("role", permission_table().roles)
def test_each_role_lapses_funds_if_the_table_says_so(role):
    actor = Actor("x", role)
    if permission_table().may(role, "lapse_funds"):
        lapse_funds(on=date(2020, 1, 1), actor=actor)
    else:
        with pytest.raises(PermissionRefusal):
            lapse_funds(on=date(2020, 1, 1), actor=actor)


API = {
    "manage_partnerships": [("post", "/api/parties", {"iso_code": "CO"})],
    "view_shared_case": [("get", "/api/cases", {}), ("get", "/api/actions", {})],
    "view_every_case": [
        ("get", f"/api/cases/{OPEN}", {}),
        ("get", f"/api/cases/{OPEN}/events", {}),
        ("get", f"/api/cases/{OPEN}/documents/x", {}),
    ],
    "open_case": [("post", "/api/cases", SENT["open_case"][0][2])],
    "record_step": [("post", f"/api/cases/{OPEN}/steps/pay", {"on": "2013-06-03"})],
    "view_sources": [("get", "/api/editions/samm-2026", {})],
    "view_alumni": [("get", f"/api/alumni{part}", {}) for part in ("", "/graph", "/posts", "/report")],
    "view_training": [
        ("get", "/api/training-reports/rows", {}),
        ("get", "/api/training-reports/summary", {}),
        ("get", "/api/training-reports/files", {}),
        ("get", "/api/training-reports/set-aside", {}),
    ],
    "classify_training": [
        ("get", "/api/training-reports/unmatched", {"field": "school_code"}),
        (
            "post",
            "/api/training-reports/classifications",
            {"field": "category", "text": "x", "value": "pme", "level": "staff", "reason": "x"},
        ),
    ],
    "view_relationship": [
        ("get", f"/api/records{part}", {})
        for part in (
            "",
            "/kinds",
            "/deposits",
            f"/{ACT}",
            *(f"/{name}" for name in ("timeline", *OVERVIEWS[1:])),
        )
    ],
    "enter_record": [
        ("post", "/api/records", {"kind": "act", "fields": {}}),
        ("post", f"/api/records/{ACT}/code", {"fields": {"severity": "0.4"}}),
    ],
    "confirm_record": [("post", f"/api/records/{ACT}/confirm", {})],
    "contest_record": [("post", f"/api/records/{ACT}/contest", {"fields": {"source": "x", "note": "x"}})],
    "withdraw_record": [("post", f"/api/records/{ACT}/withdraw", {"reason": "x"})],
    "publish_record": [("post", f"/api/records/{ACT}/publish", {})],
    "view_events": [
        ("get", "/api/events/files", {}),
        ("get", "/api/events/pairs", {"actor": "US", "target": "MX"}),
    ],
    "view_indicators": [
        ("get", "/api/indicators", {}),
        ("get", "/api/indicators/desertions", {"country": "MX"}),
        ("get", "/api/series", {"a": "US", "b": "MX", "measure": "un-agreement"}),
        ("get", "/api/series/measures", {}),
    ],
}


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
@pytest.mark.parametrize("action", API)
def test_each_role_may_do_over_the_interface_what_the_table_says(client_of, person, who, action):
    account = person(who)
    may = account is not None and permission_table().may(account.role, action)
    for method, address, given in API[action]:
        before = AuditEvent.objects.count()
        answer = getattr(client_of(who), method)(
            address, given if method == "get" else json.dumps(given), content_type="application/json"
        )
        said = "" if answer.status_code in {200, 201} else answer.json()["code"]
        assert (said not in {"not-permitted", "not-signed-in", "case-unknown"}) == may, (address, said)
        assert (said == "not-signed-in") == (account is None)
        assert may or AuditEvent.objects.count() == before


@pytest.mark.parametrize("action", [action for action in SENT if SENT[action][-1][0] == "post"])
def test_no_form_of_another_site_is_taken(person, action):
    """Each POST of the pages without the token of its form is refused, whoever is signed in."""
    table = permission_table()
    who = next(name for name in PEOPLE if table.may(person(name).role, action))
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(who), backend="confianza.server.people.backends.DemoBackend")
    for method, address, form in SENT[action]:
        if method == "post":
            before = AuditEvent.objects.count()
            answer = client.post(address, form)
            assert answer.status_code == 403
            assert "no longer valid" in answer.content.decode()
            assert AuditEvent.objects.count() == before


STEPS = {
    "deliver": {"case manager"},
    "pay": {"resource manager"},
    "obligate": {"case manager"},
}
GIVEN = {
    "deliver": {"line": "001", "quantity": "10"},
    "pay": {"line": "001", "amount": "100"},
    "obligate": {"line": "002", "amount": "472000"},
}


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_recorded_for_its_office_only(client_of, who, step):
    before = AuditEvent.objects.count()
    row = Case.objects.get(pk=OPEN)
    given = {"on": "2013-06-03", "records_seen": row.version, **GIVEN[step]}
    answer = client_of(who).post(f"/cases/{OPEN}/{step}/", given)
    recorded = AuditEvent.objects.count() - before
    if who in STEPS[step]:
        assert (answer.status_code, recorded) == (302, 1), answer.content.decode()
    else:
        assert recorded == 0
        assert answer.status_code in {302, 403, 404, 409}
        assert answer.status_code != 302 or answer["Location"].startswith("/login/")


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
def test_a_case_is_opened_by_those_who_may(client_of, who):
    opening = {
        "identifier": "E7-B-UAE",
        "title": "x",
        "partner": "BN",
        "funds": "BN-FY2013",
        "edition": "thesis-2013",
    }
    client_of(who).post("/cases/open/", opening)
    opened = Case.objects.filter(pk="E7-B-UAE").exists()
    assert opened == (who in {"security cooperation officer", "country program director"})


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
def test_only_the_security_cooperation_officer_shares_a_case(client_of, who):
    client_of(who).post(f"/cases/{OPEN}/share/", {"is_shared": "1"})
    assert Case.objects.get(pk=OPEN).is_shared == (who == "security cooperation officer")


def test_a_shared_case_is_seen_by_the_liaison_of_its_partner_only(client_of, person):
    liaison = person("partner liaison")
    Case.objects.filter(pk=OPEN).update(is_shared=True)
    assert client_of("partner liaison").get(f"/cases/{OPEN}/").status_code == 404
    liaison.party_code = "BN"
    liaison.save()
    page = client_of("partner liaison", "es").get(f"/cases/{OPEN}/")
    assert page.status_code == 200
    assert "Registrar este paso" not in page.content.decode()
    assert "/documents/" not in page.content.decode()


HIDDEN = [LEGACY, "BN-P-SAB", "E7-B-UAC", "second stage", "third stage"]
LOOKED_AT = ["/", "/cases/", "/cases/?phase=execution", "/cases/?q=rescue", "/cases/?q=second", "/actions/"]
LOOKED_AT += [
    "/training-reports/",
    "/relationship/",
    "/institutions/",
    "/sources/",
    "/rules/samm-2012-legacy/",
]
LOOKED_AT += ["/portfolio/", "/programs/", "/audit/", "/people/", "/cases/export.csv", "/cases/export.xes"]
LOOKED_AT += [f"/audit/?subject=case:{LEGACY}", "/api/cases", "/api/cases?q=rescue", "/api/actions"]
LOOKED_AT += [f"/cases/{OPEN}/", f"/api/cases/{OPEN}", f"/api/cases/{OPEN}/events"]


@pytest.mark.parametrize("address", LOOKED_AT)
def test_nothing_of_a_case_that_was_not_shared_reaches_the_liaison(client_of, person, address):
    """Bandaria's liaison with one of its four cases shared: no list, count, file or history tells of the others."""
    liaison = person("partner liaison")
    liaison.party_code = "BN"
    liaison.save()
    Case.objects.filter(pk=OPEN).update(is_shared=True)
    text = client_of("partner liaison", "es").get(address).content.decode()
    asked = address if "q=" in address or "subject=" in address else ""
    assert [name for name in HIDDEN if name in text and name not in asked] == []


@pytest.mark.parametrize(
    "address", [f"/cases/{LEGACY}/", f"/api/cases/{LEGACY}", f"/api/cases/{LEGACY}/events"]
)
def test_a_case_that_was_not_shared_answers_as_one_that_is_not_there(client_of, address):
    client = client_of("partner liaison", "es")
    hidden, absent = client.get(address), client.get(address.replace(LEGACY, "BN-B-SZZ"))
    assert hidden.status_code == absent.status_code == 404
    told = hidden.content.decode().replace(LEGACY, "BN-B-SZZ")
    hidden_field = r'name="csrfmiddlewaretoken" value="\w+"'
    assert re.sub(hidden_field, "", told) == re.sub(hidden_field, "", absent.content.decode())


def test_the_liaison_counts_only_shared_cases(client_of, person):
    liaison = person("partner liaison")
    liaison.party_code = "BN"
    liaison.save()
    Case.objects.filter(pk=OPEN).update(is_shared=True)
    client = client_of("partner liaison")
    assert client.get("/api/cases").json()["count"] == 1
    board = client.get("/cases/").content.decode()
    counts = re.findall(r'<span class="quiet">([^<]+)</span>\s*</h2>', board)
    assert counts == ["0", "0", "0", "0 + 1 simulated", "0", "0"]


def test_the_trust_index_and_the_plan_stay_on_one_side(client_of):
    """The partner's liaison sees no figure of the index and no link to it."""
    page = client_of("partner liaison").get("/").content.decode()
    assert "/trust/" not in page
    assert "/seat-plan/" not in page
    assert "trust-wide" not in page
    assert "95 % interval" not in page


def test_a_refusal_says_who_may(client_of):
    page = client_of("partner liaison", "es").get("/trust/")
    assert page.status_code == 403
    assert "Evaluador" in page.content.decode()


def test_every_action_of_the_table_is_of_known_roles():
    table = permission_table()
    assert {role for action in table.actions.values() for role in action.roles} <= set(table.roles)
