"""Pages, interface and documents of the relationship as a whole: figures of the library, each opening its records."""

import re
from datetime import date

import lxml.html
import pytest

from confianza.cooperation.relationship.foundations import foundations
from confianza.cooperation.relationship.promises import OUTCOMES, promises
from confianza.cooperation.relationship.safeguards import changes_by_year, in_force
from confianza.evidence.relationship_record import packaged_record
from confianza.server.relationship.models import Record

PAIR = ("US", "MX")
TODAY = date(2026, 11, 30)
PAGES = ("/relationship/", "/promises/", "/safeguards/", "/foundations/", "/levels/")


def read(answer) -> lxml.html.HtmlElement:
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.content.decode())


def words(part) -> str:
    return " ".join(part.text_content().split())


def rows_of(document, place) -> list:
    return document.xpath(f"//*[@id='{place}']/following::table[1]/tbody/tr")


@pytest.mark.parametrize("who", ["assessor", "partner liaison"])
@pytest.mark.parametrize("address", PAGES)
def test_each_page_has_one_heading_in_each_language(client_of, who, address):
    headings = [
        words(read(client_of(who, language).get(address)).xpath("//h1")[0]) for language in ("en", "es")
    ]
    assert all(headings)


def test_marks_chips_and_rows_are_of_the_same_records(client_of):
    client = client_of("assessor")
    document = read(client.get("/relationship/?year=1914"))
    rows = document.xpath("//table/tbody/tr")
    wanted = [record for record in packaged_record("us-mexico") if record.date_from.year == 1914]
    links = {link for row in rows for link in row.xpath(".//a/@href")}
    assert {f"/records/{record.record_id}/" for record in wanted} <= links
    chips = document.xpath("//*[contains(@class, 'chips')][@aria-label='By']//a")
    assert sum(int(words(chip).rpartition(" ")[2]) for chip in chips) == len(rows)
    for chip in chips:
        narrowed = read(client.get(f"/relationship/{chip.get('href')}"))
        assert len(narrowed.xpath("//table/tbody/tr")) == int(words(chip).rpartition(" ")[2])


def test_what_rests_on_memory_is_shown_and_said_to_be_out_of_figures(client_of):
    remembered = Record.objects.filter(verification="memory").count()
    assert remembered == sum(not record.is_used for record in packaged_record("us-mexico"))
    text = words(read(client_of("assessor").get("/relationship/")).get_element_by_id("results"))
    assert f"out of every figure: {remembered}" in text
    assert "never a measure" in text


def test_a_mark_of_the_index_in_a_year_leads_on_to_what_moved_trust(client_of):
    links = read(client_of("assessor").get("/relationship/?year=1914")).xpath("//a/@href")
    assert "/trust/?direction=US&year=1914#moved" in links
    links = read(client_of("partner liaison").get("/relationship/?year=1914")).xpath("//a/@href")
    assert not [link for link in links if link.startswith("/trust/")]


@pytest.mark.parametrize("firm", [False, True])
def test_promises_are_those_of_the_library_and_open_as_many_records(client_of, firm):
    client = client_of("assessor")
    table = read(client.get("/promises/")).xpath("//table")[int(firm)]
    for side in promises(packaged_record("us-mexico"), PAIR, firm_only=firm):
        query = f"actor={side.actor_code}&"
        shown = {
            re.search(r"outcome=(\w*)", link.get("href"))[1]: (link.get("href"), int(words(link)))
            for link in table.iter("a")
            if query in link.get("href") and "outcome=" in link.get("href")
        }
        assert {outcome: count for outcome, (_, count) in shown.items()} == {
            outcome: side.count(outcome) for outcome in OUTCOMES
        }
        for outcome, (address, count) in shown.items():
            listed = rows_of(read(client.get(address)), "commitments") if count else []
            ids = {link for row in listed for link in row.xpath(".//a/@href")}
            assert ids == {f"/records/{one.record_id}/" for one in side.with_outcome(outcome)}


def test_what_is_due_stands_first_and_simulated_deliveries_apart(client_of):
    document = client_of("assessor").get("/api/records/promises").json()
    assert [row["is_due"] for row in document["open"]] == sorted(
        (row["is_due"] for row in document["open"]), reverse=True
    )
    assert document["cases"]["count"] == 0
    assert document["simulated_cases"]["count"] == sum(row["is_simulated"] for row in document["deliveries"])
    assert any(stage["stage"] == "delivered" for stage in document["stages"])


def test_safeguards_in_force_are_those_of_the_library_on_the_day(client_of):
    client, on = client_of("assessor"), date(2021, 12, 31)
    document = client.get(f"/api/records/safeguards?on={on}").json()
    shown = {row["id"] for side in document["sides"] for row in side["rows"]}
    assert shown == {item.added.record_id for item in in_force(packaged_record("us-mexico"), on)}
    page = read(client.get(f"/safeguards/?on={on}"))
    assert {f"/records/{record}/" for record in shown} <= set(page.xpath("//a/@href"))


def test_a_year_of_safeguards_opens_its_changes(client_of):
    client = client_of("assessor")
    counts = changes_by_year(packaged_record("us-mexico"))
    (actor, year), changes = max(counts.items(), key=lambda pair: pair[1]["added"])
    page = read(client.get(f"/safeguards/?year={year}&actor={actor}&change=added"))
    assert len(rows_of(page, "changes")) == changes["added"] > 0


def test_foundations_are_those_of_the_library_and_say_what_is_not_on_record(client_of):
    document = client_of("assessor").get("/api/records/foundations").json()
    found = foundations(packaged_record("us-mexico"), PAIR)
    assert [card["median_lag_days"] for card in document["steps"]] == [
        card.median_lag_days for card in found.steps
    ]
    assert [card["no_surprise_rate"] for card in document["reassurance"]] == [
        card.no_surprise_rate for card in found.reassurance
    ]
    assert document["third_party"]["share"] == found.third_party.share
    cells = [cell for row in document["diagnoses"][0]["rows"] for cell in row]
    assert len(cells) == 9
    assert {cell["state"] for cell in cells} == {"not on record"}
    assert all(len(cell["anchors"]) == 5 for cell in cells)
    assert any(row["differs"] for table in document["cultures"] for row in table["rows"])
    page = client_of("assessor", "es").get("/foundations/").content.decode()
    assert "sin registro" in page


def test_a_day_without_evidence_says_that_nothing_is_on_record(client_of):
    client = client_of("assessor")
    day = client.get("/api/records/levels?on=1915-01-01").json()["day"]
    assert (day["number"], day["name"]) == (None, "nothing is on record")
    assert "nothing is on record" in words(read(client.get("/levels/?on=1915-01-01")))
    years = client.get("/api/records/levels").json()
    levels = {row["year"]: row["number"] for row in years["years"]}
    assert years["years_without_evidence"] == [year for year in sorted(levels) if levels[year] is None]


def test_a_day_that_is_none_is_refused(client_of):
    assert client_of("assessor").get("/levels/?on=x").status_code == 400
    assert client_of("assessor").get("/safeguards/?on=2021-02-30").status_code == 400


def test_the_front_page_leads_to_promises_safeguards_and_levels(client_of):
    document = read(client_of("partner liaison", "es").get("/"))
    links = document.xpath("//main//a/@href")
    assert {"/promises/", "/safeguards/", "/levels/"} <= set(links)
    count = len(in_force(packaged_record("us-mexico"), TODAY))
    assert str(count) in words(document.xpath("//main//a[@href='/safeguards/']")[0])


def test_the_menu_has_one_entry_and_each_page_its_breadcrumb(client_of):
    client = client_of("assessor")
    menu = read(client.get("/")).xpath("//nav[@aria-label='Pages']//a/@href")
    assert "/relationship/" in menu
    assert "/history/" not in menu
    for address in PAGES[1:]:
        crumbs = read(client.get(address)).xpath("//nav[@class='crumbs']//a/@href")
        assert crumbs == ["/relationship/"], address
