"""Every address for every person, both ways: the permission table says who gets in."""

import pytest
from django.urls import get_resolver

from confianza.cooperation.permissions import permission_table
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from tests.people import PEOPLE

OPEN = "E7-B-UAD"
EVERYBODY = set(PEOPLE)
STAFF = EVERYBODY - {"partner liaison"}
# address, method, who gets in; a page that was not shared is a 404 for those outside
PAGES = [
    ("/", EVERYBODY),
    ("/trust/", STAFF),
    ("/training/", EVERYBODY),
    ("/plan/", STAFF),
    ("/history/", EVERYBODY),
    ("/institutions/", EVERYBODY),
    ("/sources/", EVERYBODY),
    ("/cases/", EVERYBODY),
    ("/cases/?phase=execution", EVERYBODY),
    ("/actions/", EVERYBODY),
    ("/portfolio/", STAFF),
    ("/programs/", STAFF),
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
    (f"/cases/{OPEN}/", STAFF),
    ("/charts/trust-wide.svg", STAFF),
    ("/charts/seats-wide.svg", STAFF),
    ("/charts/share-narrow.svg", EVERYBODY),
    ("/charts/students-narrow.svg", EVERYBODY),
    ("/charts/money-wide.svg", EVERYBODY),
]
WITHOUT_LOGIN = {"login", "set_language"}


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
    }
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "api/":  # answers 401 itself: test_api.py
            continue
        wanted = {key: arguments[key] for key in pattern.pattern.converters}
        address = "/" + str(pattern.pattern)
        for key, value in wanted.items():
            for converter in ("str", "slug"):
                address = address.replace(f"<{converter}:{key}>", value)
        answer = client_of("stranger").get(address)
        if pattern.name in WITHOUT_LOGIN:
            assert not answer.get("Location", "").startswith("/login/")
        elif pattern.name != "logout":
            assert answer["Location"].startswith("/login/?next="), address


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
    given = {"on": "2013-06-03", "version": row.version, **GIVEN[step]}
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
    assert (
        '<form class="step"' not in page.content.decode()
        or "Registrar este paso" not in page.content.decode()
    )


def test_the_trust_index_and_the_plan_stay_on_one_side(client_of):
    """The partner's liaison sees no figure of the index and no link to it."""
    page = client_of("partner liaison").get("/").content.decode()
    assert "/trust/" not in page
    assert "/plan/" not in page
    assert "trust-wide" not in page
    assert "95 % interval" not in page


def test_a_refusal_says_who_may(client_of):
    page = client_of("partner liaison", "es").get("/trust/")
    assert page.status_code == 403
    assert "Evaluador" in page.content.decode()


def test_every_action_of_the_table_is_of_known_roles():
    table = permission_table()
    assert {role for action in table.actions.values() for role in action.roles} <= set(table.roles)
