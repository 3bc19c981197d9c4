"""The head of a case, plan and person, the parts of their pages, the record by pages, forms where they are used."""

import re
from datetime import date

import lxml.html
import pytest

from confianza.cooperation.actors import Actor
from confianza.server.alumni.models import Tenure
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.cases.services import share_case, take_step
from confianza.server.training_plans.models import StudentEnrollment
from confianza.server.web.templatetags.stacking import stacked
from tests.people import PEOPLE

OPEN, LEGACY, PLAN = "E7-B-UAD", "BN-B-SAA", "BN-2027"
HEAD = "//section[@class='summary']"
PARTS = "//nav[contains(@class, 'parts')]"
OFFICER = Actor(PEOPLE["security cooperation officer"], "security_cooperation_officer")


def root(answer) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(answer.content.decode())


def plain(element) -> str:
    return " ".join(element.text_content().split())


def head(answer) -> dict[str, str]:
    """What the head of a page says, by its terms."""
    rows = root(answer).xpath(f"{HEAD}/dl/div")
    return {plain(row.find("dt")): plain(row.find("dd")) for row in rows}


# --- a case -------------------------------------------------------------------------------------------


def test_the_head_of_a_case_says_state_next_step_with_days_what_blocks_it_hold_and_money(client_of):
    said = head(client_of("case manager").get(f"/cases/{LEGACY}/"))
    assert said["State"].startswith("Case execution · day 1,762, since Feb. 3, 2022")
    assert said["Next"].startswith("Inventory and confirm the receipt · Boat 1 — Security Cooperation Office")
    assert "overdue since Jan. 18, 2023 (1,412 days)" in said["Next"]
    assert "Declare supply and services complete (Implementing agency (IA)): These lines" in said["Blocked"]
    assert said["Hold"] == "none"
    assert said["Money"].startswith("$822,400 cost of all lines obligated 100.0 % ($822,400), paid 7.5 %")
    assert "the funds are canceled after Sept. 30, 2028 (670 days left)" in said["Money"]


def test_the_head_has_the_form_of_the_next_step_for_those_who_take_it_and_leads_the_others_on(client_of):
    mine = root(client_of("security cooperation officer").get(f"/cases/{LEGACY}/"))
    (form,) = mine.xpath(f"{HEAD}//form")
    assert form.get("action") == f"/cases/{LEGACY}/confirm-receipt/"
    assert len(mine.xpath(f"//form[@action='{form.get('action')}']")) == 1, "not listed below again"
    others = root(client_of("case manager").get(f"/cases/{LEGACY}/"))
    assert not others.xpath(f"{HEAD}//form")
    assert others.xpath(f"{HEAD}//a[@href='#steps']")


def test_a_hold_stands_above_all_else(client_of):
    row = Case.objects.get(pk=LEGACY)
    state = Actor(PEOPLE["state reviewer"], "state_reviewer")
    given = {"identifier": LEGACY, "step": "suspend", "on": date(2026, 11, 1), "given": {"why": "Coup"}}
    take_step(**given, version=row.version, actor=state)
    page = root(client_of("auditor").get(f"/cases/{LEGACY}/"))
    (banner,) = page.xpath(f"{HEAD}/div")
    assert plain(banner) == "On hold Assistance is suspended since 2026-11-01."


def test_a_closed_case_says_that_nothing_is_left_to_do(client_of):
    said = head(client_of("assessor").get("/cases/E7-B-UAC/"))
    assert said["State"].startswith("Closed")
    assert said["Next"] == "The case is closed; nothing is left to do."
    assert "Blocked" not in said


def test_the_partner_sees_the_head_of_a_shared_case_and_no_form(client_of, person):
    share_case(identifier=LEGACY, is_shared=True, actor=OFFICER)
    liaison = person("partner liaison")
    type(liaison).objects.filter(pk=liaison.pk).update(party_code="BN")
    page = client_of("partner liaison").get(f"/cases/{LEGACY}/")
    assert head(page)["State"].startswith("Ejecución") or head(page)["State"].startswith("Case execution")
    assert not root(page).xpath("//form[@class='step']")


@pytest.mark.parametrize(
    ("part", "heading"),
    [
        ("", "Where it stands"),
        ("lines", "Lines"),
        ("documents", "Documents"),
        ("money", "Money"),
        ("record", "Record"),
        ("nowhere", "Where it stands"),
    ],
)
def test_a_case_is_shown_in_parts_each_with_the_head(client_of, part, heading):
    page = root(client_of("auditor").get(f"/cases/{LEGACY}/?part={part}"))
    assert plain(page.xpath("//main//h2")[0]) == heading
    assert len(page.xpath(HEAD)) == 1
    links = page.xpath(f"{PARTS}//a/@href")
    assert links == [f"/cases/{LEGACY}/"] + [
        f"/cases/{LEGACY}/?part={name}" for name in ("lines", "documents", "money", "record")
    ]
    assert len(page.xpath(f"{PARTS}//a[@aria-current]")) == 1


def test_a_step_of_lines_and_one_of_money_can_be_recorded_where_these_stand(client_of):
    lines = root(client_of("case manager").get(f"/cases/{LEGACY}/?part=lines"))
    assert lines.xpath(f"//details//form[@action='/cases/{LEGACY}/plan-delivery/']")
    assert not lines.xpath(f"//form[@action='/cases/{LEGACY}/begin-closure/']")


# --- refusals in place ---------------------------------------------------------------------------------


def refused(client, step: str, **given):
    version = Case.objects.get(pk=OPEN).version
    return client.post(f"/cases/{OPEN}/{step}/", {"on": "2013-06-03", "records_seen": version, **given})


def test_a_refusal_stands_at_its_field_in_the_open_form(client_of):
    page = root(refused(client_of("case manager"), "deliver", line="001", quantity="-1"))
    (alert,) = page.xpath("//*[@role='alert']")
    (field,) = page.xpath(f"//*[@aria-describedby='{alert.get('id')}']")
    assert (field.get("name"), field.get("value")) == ("quantity", "-1")
    assert field.get("autofocus") is not None
    assert next(field.iterancestors("details")).get("open") is not None


def test_what_is_no_day_is_refused_at_the_day(client_of):
    page = root(refused(client_of("case manager"), "deliver", line="001", quantity="1", on="yesterday"))
    (field,) = page.xpath("//*[@aria-invalid]")
    assert field.get("name") == "on"


def test_what_rules_refuse_stands_in_the_form_of_the_step(client_of):
    page = root(refused(client_of("case manager"), "obligate", line="002", amount="472000", on="2013-10-01"))
    (alert,) = page.xpath("//*[@role='alert']")
    assert next(alert.iterancestors("form")).get("action") == f"/cases/{OPEN}/obligate/"


def test_a_step_that_is_not_on_offer_is_refused_above_the_parts(client_of):
    page = root(refused(client_of("case manager"), "no-such-step"))
    (alert,) = page.xpath("//*[@role='alert']")
    assert not list(alert.iterancestors("form"))


# --- the record ------------------------------------------------------------------------------------------


def sequences(page) -> list[int]:
    cells = [cell.text_content() for cell in page.xpath("//main//tbody//td[last()]")]
    return [int(cell.split("·")[0]) for cell in cells]


def test_the_record_is_paged_with_the_newest_first(client_of):
    client, events = client_of("auditor"), AuditEvent.objects.filter(subject=f"case:{LEGACY}")
    seen, address = [], f"/cases/{LEGACY}/?part=record"
    while address:
        page = root(client.get(address))
        seen += sequences(page)
        forward = page.xpath("//nav[@class='pager']/a[.='Forward']/@href")
        address = f"/cases/{LEGACY}/{forward[0]}" if forward else None
    assert seen == [event.sequence for event in events.order_by("-sequence")]
    assert len(seen) > 40


def test_the_record_is_narrowed_by_kind_and_by_who_entered_it(client_of):
    client = client_of("auditor")
    account = PEOPLE["country program director"]
    page = root(client.get(f"/cases/{LEGACY}/?part=record&kind=attach-document&actor={account}"))
    events = AuditEvent.objects.filter(subject=f"case:{LEGACY}", account=account)
    wanted = [event.sequence for event in events if event.payload.get("step") == "attach-document"]
    assert sequences(page) == wanted[::-1] != []
    assert {plain(cell) for cell in page.xpath("//main//tbody//td[2]")} == {"Attach a document"}
    wrong = client.get(f"/cases/{LEGACY}/?part=record&kind=nothing")
    assert wrong.status_code == 200
    assert root(wrong).xpath("//p[contains(@class, 'no')]")


def test_a_next_page_keeps_what_the_record_is_narrowed_by(client_of, monkeypatch):
    monkeypatch.setattr("confianza.server.web.record.ON_A_PAGE", 5)
    page = root(client_of("auditor").get(f"/cases/{LEGACY}/?part=record&actor=case-manager"))
    (forward,) = page.xpath("//nav[@class='pager']/a/@href")
    assert forward == "?part=record&actor=case-manager&page=2"


def test_the_record_tells_the_day_of_the_fact_and_the_day_of_the_entry(client_of):
    page = root(client_of("auditor").get(f"/cases/{LEGACY}/?part=record"))
    names = [plain(cell) for cell in page.xpath("//main//thead//th")]
    cells = [plain(cell) for cell in page.xpath("//main//tbody/tr[1]/td")]
    row = dict(zip(names, cells, strict=True))
    event = AuditEvent.objects.filter(subject=f"case:{LEGACY}").last()
    assert row["Entered"].endswith(str(event.at.year))
    assert row["Date"] != row["Entered"]


# --- plans, students, people -----------------------------------------------------------------------------


def test_the_head_of_a_plan_says_state_next_step_and_money_of_the_ceiling(client_of):
    said = head(client_of("security cooperation officer").get(f"/training-plans/{PLAN}/"))
    assert said["State"].startswith("reviewed by the working group · Execution · the fiscal year ends on")
    assert "(in 304 days)" in said["State"]
    assert "Implementing agency" in said["Next"]
    assert "Courses of the year may begin until September 30, 2027" in said["Blocked"]
    assert said["Money"].startswith(
        "$400,000 ceiling priority A 71.2 % ($285,000), PME of every priority 61.5"
    )
    assert said["Money"].endswith("$115,000 left after priority A")


@pytest.mark.parametrize("part", ["", "lines", "students", "checks", "record"])
def test_no_part_of_a_plan_names_a_student_who_is_not_shared(client_of, person, part):
    liaison = person("partner liaison")
    type(liaison).objects.filter(pk=liaison.pk).update(party_code="BN")
    page = client_of("partner liaison").get(f"/training-plans/{PLAN}/?part={part}")
    assert page.status_code == 200
    for row in StudentEnrollment.objects.filter(plan_id=PLAN, student__is_shared=False):
        assert row.student_id not in page.content.decode()


def test_the_head_of_a_student_says_the_course_and_what_is_missing_and_shows_no_money(client_of):
    row = StudentEnrollment.objects.get(plan_id=PLAN, status="nominated")
    said = head(client_of("security cooperation officer").get(f"/training-plans/{row.pk}/"))
    assert said["State"].startswith("nominated")
    assert said["Course"]
    assert "passed" in said["Blocked"]
    assert "Money" not in said


def test_the_head_of_a_person_says_rank_position_last_course_and_what_is_missing(client_of):
    student = Tenure.objects.get(post_id="bn-war-college", to_date=None).student
    page = client_of("security cooperation officer").get(f"/alumni/{student.pk}/")
    said = head(page)
    assert said["Position"] == "Director of the War College"
    assert "Inter-American Defense College" in said["Last course"]
    assert said["Rank"] != ""
    assert said["Personal data"] == "identity seen 0 times; never exported for the person"
    anchors = set(root(page).xpath(f"{PARTS}//a/@href"))
    assert anchors == {"#courses", "#positions", "#classmates", "#identity"}
    assert {f"#{name}" for name in root(page).xpath("//h2/@id")} == anchors


def test_who_may_not_see_identities_reads_nothing_of_the_looks_at_them(client_of):
    student = Tenure.objects.get(post_id="bn-war-college", to_date=None).student
    assert "Personal data" not in head(client_of("assessor").get(f"/alumni/{student.pk}/"))


# --- tables as cards -------------------------------------------------------------------------------------


def test_each_cell_of_a_wide_table_carries_the_name_of_its_column():
    page = stacked(
        '<table class="names stack"><thead><tr><th rowspan="2">Year</th><th colspan="2">Students "all"</th></tr>'
        "<tr><th>PME</th><th>Other <b>ones</b></th></tr></thead>"
        '<tbody><tr><th scope="row">2027</th><td class="n">1</td><td>2</td></tr>'
        '<tr><td colspan="2">both</td><td>3</td></tr></tbody></table>'
    )
    assert '<th scope="row" data-label="Year">2027' in page
    assert '<td class="n" data-label="Students &quot;all&quot;: PME">1' in page
    assert '<td data-label="Students &quot;all&quot;: Other ones">2' in page
    assert '<td colspan="2">both' in page
    assert '<td data-label="Students &quot;all&quot;: Other ones">3' in page


def test_a_table_that_is_no_stack_stays_as_it_is():
    table = "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    assert stacked(table) == table


@pytest.mark.parametrize("address", [f"/cases/{LEGACY}/", "/cases/?phase=execution", "/audit/", "/programs/"])
def test_wide_tables_of_pages_name_their_columns(client_of, address):
    who = "auditor"
    page = client_of(who, "es").get(address).content.decode()
    tables = re.findall(r'<table class="[^"]*stack.*?</table>', page, re.S)
    assert tables
    assert all("data-label=" in table for table in tables if "<tbody>" in table and "<td" in table)
