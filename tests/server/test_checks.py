"""A form is checked when a field of it is left: as the form itself would be, and nothing is written."""

from itertools import chain

import lxml.html
import pytest
from django.apps import apps
from django.test import Client

from confianza.server.alumni.models import Student
from confianza.server.web.submit import CHECKED

PERSON = {
    "account": "ana",
    "role": "assessor",
    "party": "US",
    "language": "es",
    "password": "una-frase-larga-4",
}
CASE = {
    "identifier": "E7-B-UAE",
    "title": "Radios",
    "partner": "BN",
    "funds": "BN-FY2013",
    "edition": "thesis-2013",
}

POST = {
    "code": "bn-new",
    "title_en": "Chief",
    "title_es": "Jefe",
    "kind": "flag",
    "source": "Decree",
}
PLAN = {"partner": "BN", "fiscal_year": "2029", "ceiling": "1000.00", "on": "2026-01-05"}


def stored() -> dict[str, int]:
    """How many rows every table has."""
    return {model.__name__: model.objects.count() for model in apps.get_models()}


def check(client, address: str, name: str, given: dict, **more):
    headers = {CHECKED: name, "HX-Request": "true", "HX-Target": f"id_{name}_problem"}
    return client.post(address, given, headers=headers, **more)


def said(answer) -> str:
    return " ".join(lxml.html.fragment_fromstring(answer.content.decode(), "div").text_content().split())


def test_a_check_tells_what_is_wrong_with_the_field_and_nothing_of_the_others(client_of):
    client = client_of("administrator")
    answer = check(client, "/people/", "account", {"account": "a b"})
    assert answer.status_code == 200
    refused = client.post("/people/", {"account": "a b"})
    page = lxml.html.document_fromstring(refused.content.decode())
    beside = page.get_element_by_id("id_account_problem").text_content()
    assert refused.status_code == 400
    assert beside.strip()
    assert said(answer) == " ".join(beside.split())
    assert 'id="id_account_error"' in answer.content.decode()
    assert said(check(client, "/people/", "account", {"account": "ana"})) == ""


def test_a_form_that_is_filled_in_is_told_what_the_rules_refuse(client_of):
    client = client_of("administrator")
    assert said(check(client, "/people/", "password", PERSON | {"password": "corta"}))
    assert said(check(client, "/people/", "password", PERSON)) == ""
    answer = check(client, "/partnerships/party/add/", "iso_code", {"iso_code": "MX"})
    refused = client.post("/partnerships/party/add/", {"iso_code": "MX"})
    page = lxml.html.document_fromstring(refused.content.decode())
    beside = page.get_element_by_id("partyform-iso_code_problem").text_content()
    assert refused.status_code == 409
    assert said(answer) == " ".join(beside.split())
    field = page.get_element_by_id("partyform-iso_code")
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "partyform-iso_code_error")
    assert field.get("autofocus") is not None
    assert page.get_element_by_id("partyform-iso_code_error").text_content().strip() == beside.strip()
    assert 'hx-swap-oob="innerHTML"' in answer.content.decode()


def test_a_step_is_checked_field_by_field_and_then_by_its_gates(client_of):
    client = client_of("case manager")
    page = lxml.html.document_fromstring(client.get("/cases/E7-B-UAD/").content.decode())
    form = next(form for form in page.forms if form.action.endswith("/obligate/"))
    address = form.action
    assert {part.get("hx-post") for part in form.xpath(".//*[@hx-post]")} == {address}
    given = {item.name: item.value or "" for item in form.inputs if item.name}
    before = stored()
    assert "1234.50" in said(check(client, address, "amount", given | {"amount": "much"}))
    assert said(check(client, address, "line", given | {"amount": ""})) == "", "the amount is still to come"
    late = given | {"amount": "472000", "line": "002", "on": "2013-10-01"}
    assert "Sept. 30, 2013" in said(check(client, address, "amount", late))
    assert said(check(client, address, "amount", late | {"on": "2013-03-04"})) == ""
    assert stored() == before


@pytest.mark.parametrize(
    ("who", "address", "name", "given"),
    [
        ("administrator", "/people/", "account", PERSON),
        ("administrator", "/partnerships/party/add/", "iso_code", {"iso_code": "PE"}),
        (
            "administrator",
            "/partnerships/partnership/add/",
            "host_code",
            {"host_code": "US", "partner_code": "PE"},
        ),
        ("security cooperation officer", "/cases/open/", "identifier", CASE),
        ("security cooperation officer", "/alumni/enroll/", "partner", {"partner": "BN"}),
        ("security cooperation officer", "/alumni/posts/add/?partner=BN", "code", POST),
        ("security cooperation officer", "/training-plans/open/", "ceiling", PLAN),
    ],
)
def test_a_check_writes_nothing(client_of, who, address, name, given):
    client = client_of(who)
    before = stored()
    answer = check(client, address, name, given)
    assert answer.status_code == 200
    assert stored() == before
    assert said(answer) == "", "the form itself would be taken"
    assert client.post(address, given).status_code == 302
    assert stored()["AuditEvent"] > before["AuditEvent"]


def test_the_forms_of_funds_and_of_a_project_are_checked_at_their_own_addresses(client_of):
    page = lxml.html.document_fromstring(
        client_of("country program director").get("/programs/").content.decode()
    )
    for address in ("/programs/funds/add/", "/programs/add/"):
        form = next(form for form in page.forms if form.action == address)
        assert {part.get("hx-post") for part in form.xpath(".//*[*[@class='problem']]")} == {address}


def test_every_form_to_fill_in_is_checked_at_its_own_address(client_of):
    officer = client_of("security cooperation officer")
    person = Student.objects.filter(partner="BN", erased_on=None).first().pk
    pages = {
        "/alumni/": ["/alumni/enroll/"],
        "/alumni/posts/?partner=BN": ["/alumni/posts/add/?partner=BN", "/alumni/posts/other/?partner=BN"],
        f"/alumni/{person}/": [f"/alumni/{person}/course/", f"/alumni/{person}/post/"],
        "/training-plans/": ["/training-plans/open/"],
        "/training-plans/BN-2027/?part=students": ["/training-plans/BN-2027/students/?part=students"],
    }
    for address, forms in pages.items():
        page = lxml.html.document_fromstring(officer.get(address).content.decode())
        for action in forms:
            form = next(form for form in page.forms if form.action == action)
            fields = form.xpath(".//*[*[@class='problem']]")
            assert {field.get("hx-post") for field in fields} == {action}
            assert all(field.xpath(".//input | .//select | .//textarea") for field in fields)


def test_a_plan_and_a_nomination_are_told_what_is_wrong_beside_the_field(client_of):
    officer = client_of("security cooperation officer")
    opening, nominating = "/training-plans/open/", "/training-plans/BN-2027/students/"
    assert "1234.50" in said(check(officer, opening, "ceiling", PLAN | {"ceiling": "much"}))
    answer = officer.post(opening, PLAN | {"ceiling": "much"})
    field = lxml.html.document_fromstring(answer.content.decode()).get_element_by_id("open-ceiling")
    assert (answer.status_code, field.value) == (409, "much")
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "open-ceiling_error")
    before = stored()
    student = Student.objects.filter(partner="BN", erased_on=None).first().pk
    given = {"number": "1002", "student": student, "on": "2026-01-05"}
    assert "1002A" in said(check(officer, nominating, "number", given)), "no seat is left"
    assert said(check(officer, nominating, "on", given | {"on": ""}))
    assert stored() == before


def test_sealing_an_identity_is_checked_without_a_key(client_of, settings, tmp_path):
    settings.IDENTITY_KEY = tmp_path / "identity.key"
    officer = client_of("security cooperation officer")
    person = Student.objects.filter(partner="BN", erased_on=None).first().pk
    given = {"surname": "Example", "given_names": "Ana", "birth_date": "1980-12-31"}
    before = stored()
    assert said(check(officer, f"/alumni/{person}/identity/", "surname", given)) == ""
    assert said(check(officer, f"/alumni/{person}/identity/", "surname", given | {"surname": ""}))
    assert stored() == before
    assert not settings.IDENTITY_KEY.exists()


def test_a_check_asks_for_the_permission_and_the_token_of_the_form(client_of, person):
    assert check(client_of("assessor"), "/people/", "account", PERSON).status_code == 403
    assert check(client_of("partner liaison"), "/cases/open/", "identifier", CASE).status_code == 403
    assert check(Client(), "/people/", "account", PERSON).status_code == 204  # signed out: nothing to say
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("administrator"), backend="confianza.server.people.backends.DemoBackend")
    assert check(strict, "/people/", "account", PERSON).status_code == 403


def test_what_is_no_form_to_fill_in_is_not_tried(client_of):
    """A share, a withdrawal, an erasure: a check of them does nothing at all."""
    client = client_of("security cooperation officer")
    student = Student.objects.filter(partner="BN").first()
    before, was_shared = stored(), student.is_shared
    for shared in ({}, {"is_shared": "1"}):
        answer = check(client, f"/alumni/{student.pk}/share/", "is_shared", shared)
        assert (answer.status_code, said(answer)) == (200, "")
    student.refresh_from_db()
    assert student.is_shared == was_shared
    assert stored() == before


# --- searches ------------------------------------------------------------------------------------------

SEARCHES = [
    ("/training-reports/", "partner_code=MX"),
    ("/training-reports/rows/", "partner_code=MX"),
    ("/training-reports/schools/", "kind=war-college"),
    ("/training-reports/pme/", "partner_code=MX"),
    ("/alumni/", "partner=BN"),
    ("/alumni/graph/", "partner=BN"),
    ("/relationship/", "year=1914"),
    ("/promises/", "actor=US"),
    ("/safeguards/", "on=2021-12-31"),
    ("/institutions/", "levels=1"),
    ("/cases/", "q=radio"),
    ("/cases/BN-B-SAA/", "part=record"),
]


@pytest.mark.parametrize(("address", "query"), SEARCHES)
def test_a_search_exchanges_its_results_and_says_how_many(client_of, address, query):
    document = lxml.html.document_fromstring(client_of("assessor").get(f"{address}?{query}").content.decode())
    form = document.xpath("//form[@role='search']")[0]
    assert form.get("hx-get") == form.action == address
    assert form.get("hx-push-url") == "true"
    target = document.get_element_by_id(form.get("hx-target").removeprefix("#"))
    assert target.text_content().strip()
    assert not target.xpath(".//form[@role='search']"), "the field that is typed in stays"
    count = document.get_element_by_id("result-count")
    assert count.get("role") == "status"
    assert count.text_content().strip()
    assert not list(chain(target.iterdescendants("h1"), target.xpath(".//*[@id='result-count']")))


def test_a_wrong_search_says_so_among_its_results(client_of):
    answer = client_of("assessor").get("/training-reports/rows/?from_fy=20")
    document = lxml.html.document_fromstring(answer.content.decode())
    assert answer.status_code == 400
    assert document.xpath("//*[@id='results']//*[@role='alert']")


def test_a_search_after_the_session_ended_leads_to_the_sign_in_page():
    answer = Client(headers={"HX-Request": "true"}).get("/training-reports/rows/?partner_code=MX")
    assert answer["HX-Refresh"] == "true"
