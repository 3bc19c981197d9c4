"""Records of the relationship on pages and over the interface, as both sides have them, in both languages."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from confianza.cooperation.relationship.records import record_kinds
from confianza.server.institutions.selectors import partnership_of, partnerships
from confianza.server.relationship import models
from tests.people import PEOPLE
from tests.records import TOLD, VERSION, proposed

ACT = "martinez-2014-2013-single-window"


@pytest.fixture
def one():
    return partnership_of("us-mx", partnerships())


FILE = (
    "id,kind,date_from,actor,summary_en,sign,domain,source,change,severity_a,method_a,version_a,coded_on_a\n"
    "2001-vetting,hedge,2001-05,US,Units are vetted.,-1,defense,law-2001,added,0.6,automated,1,2026-11-30\n"
    "2002-talks,exchange,2002,both,Talks begin.,1,defense,law-2001,,,,,\n"
)


# --- pages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_contest_on_the_page_sets_both_versions_side_by_side(client_of, language):
    client = client_of("partner liaison", "es")
    answer = client.post(f"/records/{ACT}/contest/", VERSION)
    assert answer.status_code == 302, answer.content.decode()
    page = client_of("security cooperation officer", language).get(f"/records/{ACT}/").content.decode()
    versions = re.search(r'id="versions".*?</ul>', page, re.DOTALL)[0]
    assert versions.count('class="card"') == 2
    assert VERSION["summary_es"] in versions
    assert "enlace" in versions


@pytest.mark.parametrize(("language", "words"), [("en", "cannot be read"), ("es", "no se puede leer")])
def test_a_form_names_every_wrong_field_at_the_field(client_of, language, words):
    form = {"date_from": "20-05-2012", "actor": "MX", "sign": "1", "domain": "defense", "known_since": "x"}
    answer = client_of("partner liaison", language).post("/records/new/hedge/", form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert page.count(words) >= 2
    for field in ("date_from", "known_since", "source", "change", "summary_en"):
        assert re.search(rf'id="entry-{field}_error"', page), field
    assert 'value="20-05-2012"' in page


def test_a_field_that_is_left_is_checked_alone_and_nothing_is_stored(client_of):
    before = models.Record.objects.count()
    client = client_of("partner liaison", "es")
    form = {**TOLD, "date_from": "2027"}
    headers = {"Checked-Field": "date_from", "HX-Target": "entry-date_from_problem"}
    page = client.post("/records/new/exchange/", form, headers=headers).content.decode()
    assert "posterior" in page
    good = client.post("/records/new/exchange/", TOLD, headers=headers).content.decode()
    assert "posterior" not in good
    assert models.Record.objects.count() == before


def test_a_record_is_entered_confirmed_and_published_on_pages(client_of):
    answer = client_of("partner liaison", "es").post("/records/new/exchange/", TOLD)
    address = answer["Location"]
    assert "/records/2012-la-otra-parte" in address
    assert client_of("security cooperation officer").post(f"{address}confirm/").status_code == 302
    assert client_of("partner liaison").post(f"{address}publish/").status_code == 302
    assert client_of("country program director").post(f"{address}publish/").status_code == 302
    again = client_of("country program director").post(f"{address}publish/")
    assert again.status_code == 409
    page = client_of("partner liaison", "es").get(address).content.decode()
    assert "confirmado" in page
    assert "Publicado" in page


@pytest.mark.parametrize("kind", list(record_kinds()))
def test_each_kind_has_its_form_with_the_fields_of_the_table(client_of, kind):
    page = client_of("assessor").get(f"/records/new/{kind}/").content.decode()
    for field in record_kinds()[kind].fields:
        assert f'name="{field.name}"' in page


@pytest.mark.parametrize("who", [name for name in PEOPLE if name != "partner liaison"])
def test_no_page_of_the_other_side_shows_a_deposit(client_of, one, who):
    deposit = proposed(one, kind="third_party", is_deposited="yes", summary_es="Secreto de la Armada.")
    for address in (
        "/records/",
        f"/records/{deposit}/",
        f"/api/records/{deposit}",
        "/api/records",
        "/audit/",
    ):
        assert "secreto" not in client_of(who).get(address).content.decode().casefold()
    assert "Secreto" in client_of("partner liaison").get(f"/records/{deposit}/").content.decode()


def test_the_list_is_narrowed(client_of):
    client = client_of("assessor")
    page = client.get("/records/?q=tampico&year=1914&actor=MX").content.decode()
    assert "1914-tampico-arrest" in page
    assert "single-window" not in page
    assert client.get("/records/?year=x").status_code == 400
    assert "martinez" not in client.get("/records/?state=withdrawn").content.decode()


def test_a_record_that_is_not_there_is_not_found(client_of):
    for address in ("/records/no-such/", "/records/new/rumor/", "/api/records/no-such"):
        assert client_of("assessor").get(address).status_code == 404


# --- the interface -------------------------------------------------------------------------------------


def send(client, address, given=None):
    return client.post(f"/api/records{address}", json.dumps(given or {}), content_type="application/json")


def test_a_program_enters_confirms_contests_codes_publishes_and_withdraws(client_of):
    liaison, officer = client_of("partner liaison", "es"), client_of("security cooperation officer")
    answer = send(liaison, "", {"kind": "exchange", "id": "2012-seats", "fields": TOLD})
    assert (answer.status_code, answer.json()["state"]) == (201, "proposed")
    assert send(liaison, "", {"kind": "exchange", "id": "2012-seats", "fields": TOLD}).status_code == 409
    refused = send(liaison, "", {"kind": "hedge", "fields": {"sign": "9"}})
    assert refused.json()["code"] == "record-entry-refused"
    assert refused.json()["message"].count("\n") >= 5
    assert send(officer, "/2012-seats/confirm").json()["state"] == "confirmed"
    version = {"fields": {"sign": "0", "source": "Note 1", "summary_en": "No seats were asked for."}}
    assert send(officer, "/2012-seats/contest", version).json()["state"] == "contested"
    coded = send(officer, "/2012-seats/code", {"fields": {"severity": "0.4"}}).json()["codings"]
    assert [(item["coder"], item["method"]) for item in coded] == [("cooperation-officer", "reader")]
    assert send(liaison, "/2012-seats/publish").json()["published_by"] == ["MX"]
    document = liaison.get("/api/records/2012-seats").json()
    assert [item["side"] for item in document["versions"]] == ["US"]
    assert document["state_name"] == "impugnado"
    assert send(liaison, "/2012-seats/withdraw", {"reason": "dos veces"}).json()["state"] == "withdrawn"
    listed = liaison.get("/api/records?kind=exchange").json()
    assert "2012-seats" not in {item["id"] for item in listed["items"]}
    kinds = {kind["code"]: kind for kind in officer.get("/api/records/kinds").json()}
    assert set(kinds) == set(record_kinds())


def test_a_file_of_records_is_queued_on_the_page_of_imports(client_of):
    file = SimpleUploadedFile("records.csv", FILE.encode())
    answer = client_of("assessor").post("/jobs/add/", {"kind": "records", "file": file})
    assert answer.status_code == 302
