"""Any partnership: a workspace made for another pair of countries, several pairs in one, and who sees which."""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.errors import PermissionRefusal, RuleRefusal
from confianza.server.funds.models import Appropriation
from confianza.server.institutions import selectors, services
from confianza.server.institutions.models import Institution, Partnership, Party
from confianza.server.people.models import User
from confianza.server.web.context import PAGES
from confianza.server.workspace import init_workspace
from tests.addresses import routes
from tests.server.test_empty_workspace import UNSAFE

DIRECTOR = Actor("ana", "country_program_director")
MEXICO = re.compile(r"Mexic|México|Mérida|SEDENA|SEMAR|Bandaria")
# The thesis is a source of the ladder and of an edition of the rules in every workspace; its title names Mexico.
THESIS = "Building Trust: The Challenge of Building Partnership Capacity in U.S.-Mexico Military Relations"


@pytest.fixture
def emptied():
    """Every table without rows; the test's end puts them back."""
    for model in reversed(apps.get_models(include_auto_created=True)):
        model._base_manager.all()._raw_delete(connection.alias)


@pytest.fixture
def colombia(emptied):
    """A workspace of the United States and Colombia."""
    assert init_workspace(host="US", partner="Colombia") == ["parties and partnership"]


def signed_in(role: str, *, party: str = "US", language: str = "en") -> Client:
    user = User.objects.create(username=f"{role}-{party}", role=role, party_code=party, language=language)
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages(prefix: str) -> list[str]:
    """The addresses of pages that name nothing in particular."""
    return [prefix + route for route in routes() if "<" not in route and route not in UNSAFE | {"api/"}]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_of_another_partnership_knows_mexico(colombia, language):
    client = signed_in("assessor", language=language)
    opened = 0
    for address in pages("/p/us-co/"):
        answer = client.get(address)
        assert answer.status_code in {200, 302, 403, 404}, address
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            text = answer.content.decode().replace(THESIS, "")
            assert not MEXICO.search(text), (address, MEXICO.search(text))
            opened += 1
    assert opened > 20


def test_the_first_page_bears_the_names_of_the_pair_in_both_languages(colombia):
    assert "<h1>United States–Colombia</h1>" in signed_in("assessor").get("/").content.decode()
    text = signed_in("auditor", language="es").get("/").content.decode()
    assert "<h1>Estados Unidos–Colombia</h1>" in text


def test_an_empty_partnership_says_what_brings_each_thing(colombia):
    client = signed_in("assessor")
    for name in (
        "trust",
        "relationship",
        "promises",
        "levels",
        "seat-plan",
        "institutions",
        "training-reports-imet",
    ):
        assert "<code>confianza " in client.get(reverse(name)).content.decode(), name


def test_every_link_of_a_page_stays_in_its_partnership(client_of):
    text = client_of("assessor").get("/p/us-xb/").content.decode()
    links = re.findall(r'(?:href|action|src|srcset)="(/[^"]*)"', text)
    assert len(links) > 12
    assert all(link.startswith(("/p/us-xb/", "/static/")) for link in links)
    assert "<h1>United States–Bandaria (fictional)</h1>" in text


def test_the_last_partnership_is_remembered_and_an_address_without_one_is_of_the_first(client_of):
    client = client_of("assessor")
    assert "United States–Mexico</h1>" in client.get("/").content.decode()
    assert client.get("/p/us-xb/trust/").status_code == 200
    assert client.get("/").headers["Location"] == "/p/us-xb/"
    assert client.get("/trust/").status_code == 200
    client.get("/choose/?partnership=us-mx&page=/relationship/")
    assert (
        client.get("/choose/?partnership=us-mx&page=/relationship/").headers["Location"]
        == "/p/us-mx/relationship/"
    )


@pytest.mark.parametrize("page", ["//elsewhere.example/", "https://elsewhere.example/", "trust/"])
def test_the_chooser_leads_nowhere_else(client_of, page):
    answer = client_of("assessor").get("/choose/", {"partnership": "us-mx", "page": page})
    assert answer.headers["Location"] == "/p/us-mx/"


def test_lists_under_a_partnership_are_of_its_partner(client_of):
    client = client_of("assessor")
    assert "E7-B-UAD" in client.get("/p/us-xb/cases/").content.decode()
    assert "E7-B-UAD" in client.get("/cases/").content.decode()
    assert "E7-B-UAD" not in client.get("/p/us-mx/cases/").content.decode()


def test_a_liaison_sees_only_partnerships_of_the_own_party(client_of, person):
    mine, other = (
        [one.code for one in selectors.visible_partnerships(person("partner liaison").actor)],
        "us-xb",
    )
    assert mine == ["us-mx"]
    client = client_of("partner liaison")
    assert client.get("/p/us-mx/").status_code == 200
    assert client.get(f"/p/{other}/").status_code == 404
    assert "Bandaria" not in client.get("/partnerships/").content.decode()
    assert [row["code"] for row in client.get("/api/partnerships").json()] == mine
    assert client.get(f"/p/{other}/api/institutions").status_code == 404


def test_bandaria_keeps_the_manuals_code_and_has_an_iso_code_of_its_own():
    party = Party.objects.get(pk="BN")
    assert (party.iso_code, party.is_fictional) == ("XB", True)
    brunei = services.add_party(iso_code="BN", manual_code="BX", actor=DIRECTOR)
    assert brunei.party().name == BilingualText("Brunei", "Brunéi")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"iso_code": "MX"}, "party-exists"),
        ({"iso_code": "GB", "manual_code": "BN"}, "party-exists"),
        ({"iso_code": "EU"}, "party-code-not-valid"),
        ({"iso_code": "GB", "manual_code": "U"}, "party-code-not-valid"),
        ({"iso_code": "XZ"}, "party-without-name"),
        ({"iso_code": "XZ", "name": BilingualText("Zed", " ")}, "party-without-name"),
    ],
)
def test_a_party_that_does_not_fit_is_refused(values, code):
    with pytest.raises(RuleRefusal) as refused:
        services.add_party(**values, actor=DIRECTOR)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"host_code": "US", "partner_code": "US"}, "partnership-of-one"),
        ({"host_code": "US", "partner_code": "MX"}, "partnership-exists"),
        ({"host_code": "US", "partner_code": "CO"}, "party-unknown"),
        (
            {"host_code": "MX", "partner_code": "US", "first_year": 2000, "last_year": 1999},
            "trust-years-out-of-order",
        ),
    ],
)
def test_a_partnership_that_does_not_fit_is_refused(values, code):
    with pytest.raises(RuleRefusal) as refused:
        services.add_partnership(**values, actor=DIRECTOR)
    assert refused.value.code == code
    assert Partnership.objects.count() == 2


INSTITUTION = {
    "code": "mindefensa",
    "party_code": "CO",
    "name_en": "Ministry of National Defense",
    "name_es": "Ministerio de Defensa Nacional",
    "source": "Constitution, art. 216",
}
FUNDS = {
    "code": "co-333-2026",
    "name_en": "Section 333, Colombia",
    "name_es": "Sección 333, Colombia",
    "partner_code": "CO",
    "amount": "1000000.00",
    "fiscal_year": "2026",
    "program_code": "E7",
    "authority": "333",
    "regime": "title-10",
    "known_from": "2026-01-01",
    "available_from": "2026-01-01",
    "available_until": "2027-09-30",
    "cancels_on": "2032-09-30",
}


def test_everything_of_a_partnership_is_added_by_the_page(emptied):
    client = signed_in("country_program_director")
    for kind, form in (
        ("partnership", {"host_code": "US", "partner_code": "CO"}),
        ("institution", INSTITUTION),
        ("institution", {**INSTITUTION, "code": "southcom", "party_code": "US"}),
        (
            "counterpart",
            {"institution_code": "southcom", "counterpart_code": "mindefensa", "source": "Posture statement"},
        ),
    ):
        answer = client.post(f"/partnerships/{kind}/add/", form)
        assert answer.status_code == 302, (kind, answer.content.decode()[-1500:])
    assert 'href="/programs/"' in client.get("/partnerships/").content.decode()
    assert client.post("/programs/funds/add/", FUNDS).status_code == 302
    again = client.post("/programs/funds/add/", FUNDS)
    assert again.status_code == 409
    assert 'value="co-333-2026"' in again.content.decode()
    assert set(Party.objects.values_list("pk", flat=True)) == {"US", "CO"}
    assert Institution.objects.get(pk="southcom").counterpart_links.get().counterpart_id == "mindefensa"
    assert Appropriation.objects.get().amount.minor == 100_000_000
    text = client.get("/p/us-co/institutions/").content.decode()
    assert "Ministry of National Defense" in text
    assert "$1,000,000" in client.get("/p/us-co/").content.decode()
    refused = client.post("/partnerships/party/add/", {"iso_code": "CO"})
    assert refused.status_code == 409
    assert "is of a party of this workspace already" in refused.content.decode()


def test_everything_of_a_partnership_is_added_over_the_interface(emptied):
    client = signed_in("country_program_director")
    name = {"en": "Ministry of National Defense", "es": "Ministerio de Defensa Nacional"}
    office = {"party": "CO", "name": name, "source": "Constitution, art. 216"}
    for path, document in (
        ("partnerships", {"host": "US", "partner": "CO", "first_year": 1950}),
        ("parties", {"iso_code": "GB", "manual_code": "UK"}),
        ("institutions", {"code": "mindefensa", **office}),
        ("institutions", {"code": "southcom", **office, "party": "US"}),
        (
            "counterparts",
            {"institution": "southcom", "counterpart": "mindefensa", "source": "Posture statement"},
        ),
        ("projects", {"code": "co-1", "title": "Rivers", "authority": "333", "partner": "CO"}),
        (
            "funds",
            {
                key: value
                for key, value in FUNDS.items()
                if "name" not in key and key not in {"amount", "partner_code"}
            }
            | {"name": name, "amount_minor": 100, "fiscal_year": 2026, "partner": "CO"},
        ),
    ):
        answer = client.post(f"/api/{path}", document, content_type="application/json")
        assert answer.status_code == 201, answer.content
    listed = client.get("/api/institutions").json()
    assert [(item["code"], item["counterparts"]) for item in listed] == [
        ("mindefensa", []),
        ("southcom", ["mindefensa"]),
    ]
    again = client.post("/api/partnerships", {"host": "US", "partner": "CO"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "partnership-exists")


@pytest.mark.parametrize("kind", ["partnership", "party", "institution", "counterpart"])
def test_whoever_may_not_manage_partnerships_adds_nothing(client_of, kind):
    client = client_of("assessor")
    assert client.post(f"/partnerships/{kind}/add/", {}).status_code == 403
    assert client.post("/programs/funds/add/", {}).status_code == 403
    assert "/programs/funds/add/" not in client.get("/programs/").content.decode()
    with pytest.raises(PermissionRefusal):
        services.add_party(iso_code="CO", actor=Actor("assessor", "assessor"))


def test_every_page_of_the_menu_opens_under_a_partnership(client_of):
    client = client_of("administrator")
    user = User.objects.get(username="administrator")
    for name, _, action in PAGES:
        answer = client.get("/p/us-xb" + reverse(name))
        assert answer.status_code == (200 if user.may(action) else 403), name


# --- read once, narrowed everywhere ------------------------------------------------------------------------------


def partnership_reads(client, address: str) -> int:
    """How often the partnerships were read for an address."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return sum('FROM "institutions_partnership"' in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/partnerships/", 1),
        ("/p/us-xb/cases/", 1),
        ("/p/us-xb/actions/", 1),
        ("/api/cases", 0),
        ("/p/us-xb/api/cases", 1),
    ],
)
def test_the_partnerships_are_read_once_a_request_and_only_where_they_are_needed(client_of, address, most):
    assert partnership_reads(client_of("assessor"), address) <= most


def test_what_waits_is_narrowed_to_the_partnership_of_the_address(client_of):
    client = client_of("security cooperation officer")
    every = [item["code"] for item in client.get("/api/training-plans/waiting").json()]
    assert {code[:2] for code in every} == {"BN"}
    assert client.get("/p/us-mx/api/training-plans/waiting").json() == []
    assert [item["code"] for item in client.get("/p/us-xb/api/training-plans/waiting").json()] == every
    assert "BN-2027" in client.get("/p/us-xb/actions/").content.decode()
    assert "BN-2027" not in client.get("/p/us-mx/actions/").content.decode()


def test_a_page_and_the_interface_tell_the_same_institutions(client_of):
    client = client_of("assessor")
    page = client.get("/p/us-mx/institutions/").content.decode()
    listed = client.get("/p/us-mx/api/institutions").json()
    assert len(listed) > 20
    for item in listed:
        assert f'href="/p/us-mx/institutions/{item["code"]}/"' in page, item["code"]
        assert item["name"]["en"].replace("'", "&#x27;") in page
