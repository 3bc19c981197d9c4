"""Records of the relationship on pages and over the interface, as both sides have them, in both languages."""

import json
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from confianza.cooperation.actors import Actor
from confianza.cooperation.relationship.records import record_kinds
from confianza.cooperation.relationship.standing import Sight, State
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.institutions.selectors import partnership_of, partnerships
from confianza.server.jobs.kinds import KINDS
from confianza.server.relationship import models, selectors, services
from confianza.server.relationship.exports import record_parts
from tests.people import PEOPLE

ACT = "martinez-2014-2013-single-window"
DAY = date(2026, 11, 30)
ASSESSOR = Actor("assessor", "assessor", "US")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer", "US")
DIRECTOR = Actor("program-director", "country_program_director", "US")
LIAISON = Actor("enlace", "partner_liaison", "MX")
COLLEAGUE = Actor("enlace-2", "partner_liaison", "MX")
STRANGER = Actor("bandaria-liaison", "partner_liaison", "BN")
TOLD = {
    "date_from": "2012-05",
    "actor": "MX",
    "summary_es": "La otra parte recibe plazas en el colegio de la Armada.",
    "sign": "1",
    "domain": "defense",
    "source": "Boletín 12",
    "place": "p. 3",
}
VERSION = {
    "summary_es": "La ventanilla única ordena el trato.",
    "sign": "1",
    "severity": "0.2",
    "source": "Nota",
}


@pytest.fixture
def one():
    return partnership_of("us-mx", partnerships())


def proposed(one, actor=LIAISON, kind="exchange", **changed) -> str:
    row = services.propose_record(partnership=one, kind=kind, values={**TOLD, **changed}, actor=actor, on=DAY)
    return row.record_id


def state_of(one, record_id) -> State:
    return selectors.visible_record(one, record_id, ASSESSOR)[0].state


# --- services ------------------------------------------------------------------------------------------


def test_a_record_goes_from_proposed_over_contested_to_withdrawn_each_with_its_audit_event(one):
    before = AuditEvent.objects.count()
    name = proposed(one)
    assert state_of(one, name) is State.PROPOSED
    with pytest.raises(RuleRefusal, match="second person"):
        services.confirm_records(partnership=one, record_ids=[name], actor=LIAISON)
    services.confirm_records(partnership=one, record_ids=[name], actor=OFFICER)
    services.contest_record(
        partnership=one, record_id=name, values={"sign": "0", "source": "Note"}, actor=ASSESSOR, on=DAY
    )
    services.code_record(partnership=one, record_id=name, values={"severity": "0.3"}, actor=ASSESSOR, on=DAY)
    with pytest.raises(RuleRefusal, match="entered by the other side"):
        services.withdraw_record(partnership=one, record_id=name, reason="x", actor=ASSESSOR)
    services.withdraw_record(partnership=one, record_id=name, reason="dos veces", actor=LIAISON)
    assert state_of(one, name) is State.WITHDRAWN
    row = selectors.record_row(one, name)
    steps = ["proposed", "confirmed", "contested", "coded", "withdrawn"]
    assert [event.step for event in row.events.all()] == steps
    assert AuditEvent.objects.count() == before + len(steps)
    assert [event.audit.action.partition(".")[0] for event in row.events.all()] == ["record"] * len(steps)
    verify_log()
    assert name not in {item.record.record_id for item in selectors.partnership_records(one, LIAISON)}


def test_nothing_on_record_is_changed_or_deleted(one):
    for row in (models.Record.objects.first(), models.Event.objects.first()):
        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()


def test_what_one_side_holds_back_the_liaison_of_the_other_does_not_see(one):
    name = proposed(one, actor=ASSESSOR)
    mine = proposed(one, summary_es="Otra cosa.")
    seen = {item.record.record_id for item in selectors.partnership_records(one, LIAISON)}
    assert mine in seen
    assert name not in seen
    with pytest.raises(RuleRefusal, match="There is no record"):
        services.confirm_records(partnership=one, record_ids=[name], actor=LIAISON)
    services.publish_records(partnership=one, record_ids=[name], actor=DIRECTOR)  # offered
    item, sight = selectors.visible_record(one, name, LIAISON)
    assert (sight, item.is_public) == (Sight.WHOLE, False)
    services.publish_records(partnership=one, record_ids=[name], actor=LIAISON)
    assert selectors.visible_record(one, name, LIAISON)[0].is_public


def test_a_liaison_of_another_partnership_sees_and_does_nothing(one):
    name = proposed(one)
    assert selectors.partnership_records(one, STRANGER) == []
    for action in (
        lambda: selectors.visible_record(one, name, STRANGER),
        lambda: proposed(one, actor=STRANGER),
        lambda: services.publish_records(partnership=one, record_ids=[ACT], actor=STRANGER),
    ):
        with pytest.raises(RuleRefusal):
            action()


def test_the_vault_is_opened_by_both_sides_together(one):
    deposit = proposed(one, kind="third_party", is_deposited="yes", summary_es="Secreto de la Armada.")
    for actor in (ASSESSOR, OFFICER, DIRECTOR, Actor("auditor", "auditor", "US")):
        assert selectors.visible_record(one, deposit, actor)[1] is Sight.OUTSIDE
        assert deposit not in {item.record.record_id for item in selectors.partnership_records(one, actor)}
    assert [item.record_id for item in selectors.deposits(one, ASSESSOR)] == [deposit]
    assert "Secreto" not in json.dumps(list(AuditEvent.objects.values_list("payload", flat=True)))
    with pytest.raises(RuleRefusal):
        services.contest_record(partnership=one, record_id=deposit, values=VERSION, actor=ASSESSOR, on=DAY)
    services.confirm_records(partnership=one, record_ids=[deposit], actor=COLLEAGUE)
    services.publish_records(partnership=one, record_ids=[deposit], actor=DIRECTOR)
    assert selectors.visible_record(one, deposit, ASSESSOR)[1] is Sight.OUTSIDE
    services.publish_records(partnership=one, record_ids=[deposit], actor=LIAISON)
    assert selectors.visible_record(one, deposit, ASSESSOR)[1] is Sight.WHOLE


def test_several_are_confirmed_together_or_none(one):
    first, second = proposed(one), proposed(one, actor=OFFICER, summary_es="Otra.")
    with pytest.raises(RuleRefusal):
        services.confirm_records(partnership=one, record_ids=[first, second], actor=OFFICER)
    assert state_of(one, first) is State.PROPOSED
    assert services.confirm_records(partnership=one, record_ids=[first, second, first], actor=ASSESSOR) == 2


@pytest.mark.parametrize("role", ["auditor", "case_manager", "country_program_director"])
def test_who_may_not_import_records_does_not(one, tmp_path, role):
    with pytest.raises(PermissionRefusal):
        services.import_records(tmp_path / "x.csv", partnership=one, actor=Actor("x", role, "US"), on=DAY)


FILE = (
    "id,kind,date_from,actor,summary_en,sign,domain,source,change,severity_a,method_a,version_a,coded_on_a\n"
    "2001-vetting,hedge,2001-05,US,Units are vetted.,-1,defense,law-2001,added,0.6,automated,1,2026-11-30\n"
    "2002-talks,exchange,2002,both,Talks begin.,1,defense,law-2001,,,,,\n"
)


def test_a_file_is_proposed_whole_and_twice_changes_nothing(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    before = AuditEvent.objects.count()
    done = services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert (done.new_count, done.same_count) == (2, 0)
    assert AuditEvent.objects.count() == before + 1
    item, _ = selectors.visible_record(one, "2001-vetting", LIAISON)
    assert (item.state, item.record.severity, item.standing.side) == (State.PROPOSED, 0.6, "MX")
    done = services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert (done.new_count, done.same_count) == (0, 2)
    assert AuditEvent.objects.count() == before + 1

    path.write_text(FILE.replace("Talks begin", "Talks end") + "2003-x,act,2003,US,x,1,defense,s,,,,,\n")
    with pytest.raises(ImportRefusal, match=r"row 3.*2002-talks"):
        services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert not models.Record.objects.filter(record_id="2003-x").exists()


def test_an_export_is_imported_again_without_a_change(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    for form in ("csv", "xlsx"):
        out = tmp_path / f"out.{form}"
        out.write_bytes(b"".join(record_parts(selectors.partnership_records(one, ASSESSOR), form)))
        assert services.import_records(out, partnership=one, actor=ASSESSOR, on=DAY).new_count == 0


def test_the_page_of_imports_takes_records(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    run = KINDS["records"].run
    told = run(path, {"partnership": "us-mx"}, ASSESSOR, lambda _done, _total: None)
    assert "2 records proposed" in told.en
    assert "2 registros propuestos" in told.es
    assert state_of(one, "2002-talks") is State.PROPOSED


def test_the_index_reads_the_acts_it_read_before_and_none_that_was_withdrawn(one):
    events = selectors.history_events(("US", "MX"))
    assert len(events) == 27
    assert {event.event_id for event in events} >= {"1914-tampico", "2013-single-window"}
    period = next(event for event in events if "/" in event.date)
    assert period.year is None
    services.withdraw_record(partnership=one, record_id=ACT, reason="x", actor=ASSESSOR)
    assert len(selectors.history_events(("US", "MX"))) == 26


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
        assert "Secreto" not in client_of(who).get(address).content.decode()
    assert "Secreto" in client_of("partner liaison").get(f"/records/{deposit}/").content.decode()


def test_the_list_is_narrowed(client_of):
    client = client_of("assessor")
    page = client.get("/records/?q=tampico&year=1914&actor=US").content.decode()
    assert "martinez-2014-1914-tampico" in page
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
