"""Cases under the manual's editions in a workspace: objects around them, lists, files in and out."""

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.cases.conformance import conform
from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.evidence.sources.event_log import read_log
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.cases import bulk, exports, selectors
from confianza.server.cases.models import Case, ClockRow, Delivery, OpenAction, SavedSearch
from confianza.server.cases.selectors import case_row, case_state
from confianza.server.cases.services import (
    attach_document,
    lapse_funds,
    open_case,
    refresh_derived_rows,
    revise_dates,
    take_step,
)
from confianza.server.funds.models import Appropriation
from confianza.server.funds.selectors import account_balances, coming_lapses, open_appropriations, statements
from confianza.server.funds.services import add_funds, add_project, approve_project
from confianza.server.people.models import User
from confianza.server.web.cases import board, forms
from tests.cooperation.manual_case import WALK
from tests.evidence.test_table_files import rewritten

LEGACY, CURRENT = "BN-B-SAA", "BN-P-SAB"
MANAGER = Actor("case-manager", "case_manager")
DIRECTOR = Actor("program-director", "country_program_director")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
STATE = Actor("state-reviewer", "state_reviewer")
FINANCE = Actor("resource-manager", "resource_manager")
ASSESSOR = Actor("assessor", "assessor")
TODAY = date(2023, 1, 10)


def user(name="program-director"):
    return User.objects.get(username=name).actor


# --- what lists find cases by -----------------------------------------------------------------------


def test_the_rows_of_lists_are_those_of_the_replayed_case():
    row = case_row(LEGACY)
    state = case_state(row)
    assert (row.phase, row.status, row.version) == ("execution", "Implemented", len(state.records))
    assert row.cost_minor == state.cost.minor == 82_240_000
    before = sorted(OpenAction.objects.filter(case=row).values_list("step", "office", "due_on"))
    refresh_derived_rows(row, state, on=row.last_step_on)
    assert sorted(OpenAction.objects.filter(case=row).values_list("step", "office", "due_on")) == before
    (clock,) = ClockRow.objects.filter(case=row)
    assert (clock.started_on, clock.stopped_on) == (date(2021, 10, 18), date(2021, 12, 10))
    boat = Delivery.objects.get(case=row, name="Boat 1")
    assert (boat.planned_on, boat.arrived_on, boat.cause) == (
        date(2022, 11, 1),
        date(2022, 12, 19),
        "contract",
    )


def test_my_next_actions_are_those_of_my_offices_the_earliest_first():
    mine = list(selectors.open_actions(user("cooperation-officer")))
    assert mine[0].step == "confirm-receipt"
    assert (mine[0].about, mine[0].due_on) == ("Boat 1", date(2023, 1, 18))
    assert {action.office for action in mine} <= {"sco", "requesting_authority"}
    assert not selectors.open_actions(user("auditor"))
    assert not selectors.open_actions(user("enlace"))


def test_a_form_offers_only_the_deliveries_it_is_for(client_of):
    page = client_of("security cooperation officer").get(f"/cases/{LEGACY}/").content.decode()
    form = page[page.index(f'action="/cases/{LEGACY}/confirm-receipt/"') :].split("</form>")[0]
    assert re.findall(r'<option value="([^"]*)"', form) == ["Boat 1"]


def test_a_step_that_nothing_is_ready_for_is_no_next_action(client_of):
    """Boat 1 has arrived and boat 2 is not sent: no arrival can be recorded."""
    assert "record-arrival" not in {
        action.step for action in selectors.open_actions(user("cooperation-officer"))
    }
    page = client_of("security cooperation officer").get(f"/cases/{LEGACY}/").content.decode()
    form = page[page.index(f'action="/cases/{LEGACY}/record-arrival/"') :].split("</form>")[0]
    assert "is ready for this step" in form
    assert "<button" not in form
    given = {"delivery": "Boat 2", "transport": "TCN 1"}
    take_step(identifier=LEGACY, step="ship-delivery", on=TODAY, given=given, actor=MANAGER)
    assert "record-arrival" in {action.step for action in selectors.open_actions(user("cooperation-officer"))}


def test_timeliness_and_causes_are_counted():
    cases = selectors.visible_cases(user())
    found = {
        row.edition: (row.met, row.missed, row.running) for row in selectors.clock_standards(cases, TODAY)
    }
    assert found == {"samm-2012-legacy": (1, 0, 0), "samm-2026": (0, 0, 1)}
    later = {row.edition: row.missed for row in selectors.clock_standards(cases, date(2026, 1, 4))}
    assert later["samm-2026"] == 1
    found = selectors.delivery_punctuality(cases, TODAY)
    assert (found.in_time, found.late, found.overdue, found.to_come) == (1, 1, 0, 1)
    assert found.causes == {"contract": 1}
    found = selectors.cases_of_canceling_funds(cases, TODAY, date(2034, 9, 30))
    assert [(row.pk, row.cancels_on.year) for row in found] == [(LEGACY, 2028), (CURRENT, 2032)]
    assert not selectors.cases_of_canceling_funds(cases, TODAY, date(2028, 9, 29))


def test_the_portfolio_lists_no_more_than_a_page_of_cases_and_says_how_many_more(client_of, monkeypatch):
    days = Appropriation.objects.get(pk="BN-FY2022").availability
    days.update(cancels_on=timezone.localdate() + timedelta(days=30))
    monkeypatch.setattr(board, "MOST_CANCELING", 1)
    open_some("A")
    page = client_of("auditor").get("/portfolio/").content.decode()
    assert f">{LEGACY}</a>" in page
    assert "BN-Q-QAA" not in page
    assert "and 1 more" in page


def test_the_portfolio_marks_a_standard_that_was_missed(client_of):
    page = client_of("auditor").get("/portfolio/?simulated=1").content.decode()
    assert len(re.findall(r'class="n ok"[^>]*>\s*100', page)) == 1
    ClockRow.objects.filter(case=LEGACY).update(stopped_on=date(2022, 6, 1))
    page = client_of("auditor").get("/portfolio/?simulated=1").content.decode()
    assert re.search(r'class="n no"[^>]*>\s*0', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "uad"}, ["E7-B-UAD"]),
        ({"q": "third"}, [CURRENT]),
        ({"q": "THÍRD"}, [CURRENT]),
        ({"q": "saa coast"}, [LEGACY]),
        ({"q": "%"}, []),
        ({"phase": "execution", "edition": "thesis-2013"}, ["E7-B-UAD"]),
        ({"phase": "closed"}, ["E7-B-UAC"]),
        ({"partner": "MX"}, []),
        ({"due": "overdue"}, [LEGACY, CURRENT]),
    ],
)
def test_the_board_finds_what_is_asked(query, expected):
    rows = selectors.found_cases(user(), selectors.Search(**query), date(2026, 6, 1))
    assert [row.pk for row in rows] == expected


def test_a_phase_of_an_edition_of_ones_own_has_its_column(client_of, monkeypatch):
    """Else its cases would be counted and shown nowhere."""
    edition = edition_of("thesis-2013")
    review = replace(edition.path[0], id="review", name=BilingualText("Review", "Examen"))
    own = replace(
        edition,
        id="own",
        phases=(*edition.phases, review),
        statuses={"Asleep": BilingualText("Asleep", "Dormido")},
    )
    for module in (board, forms):
        monkeypatch.setattr(module, "editions", lambda: {**editions(), "own": own})
    Case.objects.filter(pk=LEGACY).update(phase="review", status="Asleep")
    page = client_of("auditor", "es").get("/cases/").content.decode()
    column = page[page.index('id="phase-review"') :].split("</section>")[0]
    assert LEGACY in column
    assert "Dormido" in column


def test_a_search_is_kept_and_forgotten_by_its_person(client_of):
    client = client_of("case manager")
    client.post("/cases/search/", {"name": "mine", "query": "phase=execution"})
    assert "phase=execution" in client.get("/cases/").content.decode()
    assert ">mine</a>" in client.get("/cases/").content.decode()
    assert ">mine</a>" not in client_of("assessor").get("/cases/").content.decode()
    client.post("/cases/search/", {"name": "mine", "forget": "1"})
    assert not SavedSearch.objects.exists()


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


LISTS = ["/cases/", "/cases/?phase=planning", "/cases/export.csv", "/cases/export.xlsx", "/cases/export.xes"]
LISTS += ["/actions/", "/portfolio/", "/programs/", "/api/cases", "/api/actions"]


def open_some(letters):
    for letter in letters:
        for funds, program, edition in (
            ("BN-FY2022", "BN", "samm-2012-legacy"),
            ("BN-FY2013", "E7", "thesis-2013"),
        ):
            open_case(
                identifier=f"{program}-Q-QA{letter}",
                edition=edition,
                title="x",
                partner_code="BN",
                appropriation_code=funds,
                actor=OFFICER,
            )


@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_many_cases_asks_no_more_queries_than_one_of_few(client_of, address):
    client = client_of("security cooperation officer")
    open_some("A")  # so that no phase is empty that is not at the end
    before = queries(client, address)
    open_some("BCDEFGHIJKLMNOPQRST")
    assert queries(client, address) <= before <= 20


@pytest.mark.parametrize(
    "address", [f"/cases/{LEGACY}/", f"/api/cases/{LEGACY}", f"/api/cases/{LEGACY}/events"]
)
def test_a_case_asks_no_more_queries_the_longer_its_history(client_of, address):
    client = client_of("security cooperation officer")
    before = queries(client, address)
    for _ in range(10):
        take_step(identifier=LEGACY, step="hold-review", on=TODAY, given={"minutes": "x"}, actor=OFFICER)
    assert queries(client, address) <= before <= 20


# --- documents --------------------------------------------------------------------------------------


def attach(content=b"%PDF-1.7 simulated", name="plan.pdf", kind="transportation-plan", actor=MANAGER):
    return attach_document(
        identifier=LEGACY, kind=kind, file_name=name, content=content, on=TODAY, actor=actor
    )


def test_a_document_is_kept_by_its_sum_and_can_be_fetched(client_of):
    attach()
    digest = hashlib.sha256(b"%PDF-1.7 simulated").hexdigest()
    answer = client_of("auditor").get(f"/cases/{LEGACY}/documents/{digest}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 simulated"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client_of("auditor").get(f"/cases/{LEGACY}/documents/{'0' * 64}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "plan.pdf", "upload-empty"),
        (b"MZ\x90", "plan.exe", "upload-type"),
        (b"MZ\x90", "plan.pdf", "upload-type"),
        (b"\xff\xfe\x00", "plan.txt", "upload-type"),
        (b"%PDF-" + b"x" * (20 * 2**20), "plan.pdf", "upload-too-large"),
    ],
)
def test_a_file_that_may_not_be_kept_is_refused_and_nothing_recorded(content, name, code):
    before = AuditEvent.objects.count()
    with pytest.raises(RuleRefusal) as refusal:
        attach(content, name)
    assert refusal.value.code == code
    assert AuditEvent.objects.count() == before


def test_a_document_is_not_recorded_without_its_file():
    given = {"kind": "transportation-plan", "file_name": "plan.pdf", "digest": "0" * 64}
    before = AuditEvent.objects.count()
    with pytest.raises(RuleRefusal, match="only with its file"):
        take_step(identifier=LEGACY, step="attach-document", on=TODAY, given=given, actor=MANAGER)
    assert AuditEvent.objects.count() == before
    attach()
    kept = given | {"digest": hashlib.sha256(b"%PDF-1.7 simulated").hexdigest()}
    take_step(identifier=LEGACY, step="attach-document", on=TODAY, given=kept, actor=MANAGER)


def test_a_paper_that_has_no_place_here_is_not_kept(tmp_path, settings):
    settings.ARCHIVE_FOLDER = tmp_path / "archive"
    with pytest.raises(StepRefused):
        attach(kind="quarterly-bill")
    assert not settings.ARCHIVE_FOLDER.exists()


def test_a_document_is_attached_on_the_page(client_of):
    client = client_of("case manager")
    version = Case.objects.get(pk=LEGACY).version
    upload = SimpleUploadedFile("plan.txt", b"simulated plan")
    given = {"kind": "transportation-plan", "on": "2023-01-10", "records_seen": version, "file": upload}
    assert client.post(f"/cases/{LEGACY}/documents/", given).status_code == 302
    assert "plan.txt" in client.get(f"/cases/{LEGACY}/").content.decode()
    assert (
        client.post(f"/cases/{LEGACY}/documents/", {"on": "2023-01-10", "records_seen": 1}).status_code == 400
    )
    stranger = SimpleUploadedFile("x.exe", b"MZ")
    answer = client.post(
        f"/cases/{LEGACY}/documents/",
        {"kind": "other", "on": "2023-01-10", "records_seen": version + 1, "file": stranger},
    )
    assert answer.status_code == 409


# --- projects, dates, lapses ------------------------------------------------------------------------


def test_a_project_is_approved_by_a_second_person_and_its_cases_wait_for_that():
    add_project(code="BN-COAST", title="Coast", authority="333", partner_code="BN", actor=DIRECTOR)
    with pytest.raises(RuleRefusal, match="second person"):
        approve_project(code="BN-COAST", on=TODAY, actor=DIRECTOR)
    opening = {
        "identifier": "BN-B-SAX",
        "edition": "samm-2026",
        "title": "x",
        "partner_code": "BN",
        "appropriation_code": "BN-FY2026",
        "actor": OFFICER,
    }
    with pytest.raises(RuleRefusal, match="NONE"):
        open_case(**opening, project_code="NONE")
    add_project(code="BN-PKO", title="Peace", authority="PKO", partner_code="BN", actor=DIRECTOR)
    with pytest.raises(RuleRefusal, match="another authority than the funds"):
        open_case(**opening, project_code="BN-PKO")
    open_case(**opening, project_code="BN-COAST")
    assert case_state(case_row("BN-B-SAX")).is_approved_above is False
    approve_project(code="BN-COAST", on=TODAY, actor=STATE)
    assert case_state(case_row("BN-B-SAX")).is_approved_above is True
    with pytest.raises(RuleRefusal, match="approved already"):
        approve_project(code="BN-COAST", on=TODAY, actor=STATE)
    with pytest.raises(PermissionRefusal):
        approve_project(code="BN-COAST", on=TODAY, actor=MANAGER)


def test_a_project_is_added_and_approved_on_the_page(client_of):
    director, state = client_of("country program director"), client_of("state reviewer")
    given = {"code": "BN-COAST", "title": "Coast", "authority": "333", "partner": "BN"}
    assert director.post("/programs/add/", given).status_code == 302
    assert director.post("/programs/add/", given).status_code == 409
    assert director.post("/programs/add/", {**given, "code": "no good"}).status_code == 400
    assert director.post("/programs/BN-COAST/approve/").status_code == 409
    assert state.post("/programs/BN-COAST/approve/").status_code == 302
    assert "Coast" in state.get("/programs/").content.decode()
    assert client_of("case manager").post("/programs/add/", given).status_code == 403


def funds(**changes):
    given = {
        "code": "BN-NEW",
        "name": BilingualText("New", "Nuevos"),
        "amount": Money.parse("1000"),
        "fiscal_year": 2026,
        "program_code": "BN",
        "authority": "333",
        "regime": "title-10",
        "partner_code": "BN",
        "availability": Availability(
            date(2025, 10, 1), date(2025, 10, 1), date(2026, 9, 30), date(2031, 9, 30)
        ),
        "actor": DIRECTOR,
    }
    return add_funds(**(given | changes))


def test_funds_are_opened_with_their_dates_and_money():
    row = funds()
    assert row.is_simulated
    held = {statement.name: statement.balances for statement in statements("funds")}
    assert held["BN-NEW"][Account.AVAILABLE] == Money.parse("1000")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "BN-FY2026"},
        {"partner_code": "XX"},
        {"amount": Money(0)},
        {"regime": "title-99"},
        {"program_code": "bn"},
        {"availability": Availability(date(2025, 10, 1), date(2025, 10, 1), date(2024, 9, 30), None)},
        {
            "availability": Availability(
                date(2025, 10, 1), date(2025, 10, 1), date(2026, 9, 30), date(2026, 1, 1)
            )
        },
    ],
)
def test_funds_that_do_not_fit_are_not_opened(changes):
    before = AuditEvent.objects.count()
    with pytest.raises(RuleRefusal, match="nothing was stored"):
        funds(**changes)
    assert AuditEvent.objects.count() == before


def test_table_1_stands_in_the_ledger_and_reconciles():
    (merida,) = [statement for statement in statements("program") if statement.name == "Mérida Initiative"]
    assert merida.balances[Account.AVAILABLE] == Money.parse("1930100000")
    assert merida.sum.minor == 0


def test_dates_of_funds_are_revised_by_adding_later_ones():
    funds = Appropriation.objects.get(pk="BN-FY2026")
    dates = funds.funds.availability[0]
    longer = Availability(date(2026, 1, 15), dates.available_from, date(2028, 9, 30), date(2033, 9, 30))
    revise_dates(appropriation_code="BN-FY2026", availability=longer, actor=DIRECTOR)
    funds = Appropriation.objects.get(pk="BN-FY2026")
    assert funds.funds.availability_on(date(2026, 1, 14)).available_until == date(2027, 9, 30)
    assert funds.funds.availability_on(date(2026, 1, 15)).available_until == date(2028, 9, 30)
    with pytest.raises(RuleRefusal, match="added, never changed"):
        revise_dates(appropriation_code="BN-FY2026", availability=longer, actor=DIRECTOR)


def test_funds_that_expired_are_available_again_when_a_resolution_is_revised():
    row = funds(
        availability=Availability(date(2025, 10, 1), date(2025, 10, 1), date(2025, 11, 21), date(2031, 9, 30))
    )
    assert "BN-NEW: $1,000.00 expired" in lapse_funds(on=date(2025, 11, 22), actor=FINANCE)
    longer = Availability(date(2025, 12, 5), date(2025, 10, 1), date(2026, 9, 30), date(2031, 9, 30))
    backwards = Availability(date(2025, 12, 5), date(2025, 10, 1), date(2026, 9, 30), date(2026, 9, 29))
    with pytest.raises(RuleRefusal, match="out of order"):
        revise_dates(appropriation_code="BN-NEW", availability=backwards, actor=DIRECTOR)
    revise_dates(appropriation_code="BN-NEW", availability=longer, actor=DIRECTOR)
    held = account_balances(row)
    assert (held[Account.AVAILABLE], held[Account.EXPIRED]) == (Money.parse("1000"), Money(0))
    assert lapse_funds(on=date(2025, 12, 6), actor=FINANCE) == []


def test_what_is_due_on_a_case_follows_the_revised_dates_of_its_funds():
    dates = Appropriation.objects.get(pk="BN-FY2022").funds.availability[0]
    sooner = replace(dates, known_from=TODAY, cancels_on=date(2027, 9, 30))
    due = OpenAction.objects.filter(case=LEGACY, deadline="close-by-31-july")
    assert due.get().due_on == date(2028, 7, 31)
    revise_dates(appropriation_code="BN-FY2022", availability=sooner, actor=DIRECTOR)
    assert due.get().due_on == date(2027, 7, 31)


def test_what_a_case_holds_is_canceled_once():
    row = Appropriation.objects.get(pk="BN-FY2022")
    lapse_funds(on=date(2023, 10, 1), actor=FINANCE)
    lapse_funds(on=date(2028, 10, 1), actor=FINANCE, today=date(2028, 10, 1))
    held = account_balances(row)
    # 3,160,000 nobody took; of the case, 17,600 that expired and 760,500 obligated and never paid
    assert held[Account.CANCELED] == Money.parse("3938100")
    assert held[Account.EXPIRED] == held[Account.AVAILABLE] == held[Account.OBLIGATED] == Money(0)
    assert held[Account.EXPENDED] == Money.parse("61900")


def test_what_lapses_is_told_before_and_recorded_after_and_everything_balances():
    told = [
        (lapse.account, lapse.becomes, lapse.amount.minor)
        for lapse in coming_lapses(date(2023, 9, 30), open_appropriations())
        if lapse.funds == "BN-FY2022"
    ]
    assert told[:2] == [
        (Account.AVAILABLE, Account.EXPIRED, 316_000_000),
        (Account.COMMITTED, Account.EXPIRED, 1_760_000),
    ]
    posted = lapse_funds(on=date(2023, 10, 1), actor=FINANCE)
    assert f"{LEGACY}: record-expiry" in posted
    assert "BN-FY2022: $3,160,000.00 expired" in posted
    assert lapse_funds(on=date(2023, 10, 1), actor=FINANCE) == []
    state = case_state(case_row(LEGACY))
    assert state.balances[Account.EXPIRED] == Money.parse("17600")
    for by in ("case", "program", "authority", "funds"):
        assert all(statement.sum.minor == 0 for statement in statements(by))
    with pytest.raises(RuleRefusal, match="There are: case"):
        statements("moon")
    with pytest.raises(PermissionRefusal):
        lapse_funds(on=date(2023, 10, 1), actor=MANAGER)
    verify_log()


# --- files in -----------------------------------------------------------------------------------------

HEADER = ["identifier", "title", "partner", "funds", "edition", "category"]
ROWS = [
    ["BN-B-SBA", "One", "BN", "BN-FY2022", "samm-2012-legacy", "D"],
    ["BN-B-SBB", "Two\u00a0and «más»", "BN", "BN-FY2026", "samm-2026", ""],
]


def write(path, rows, header=HEADER):
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in [header, *rows]:
            book.active.append(row)
        book.save(path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize("dimension", ['<dimension ref="A1:F2"/>', ""])
def test_every_row_of_a_workbook_is_opened_whatever_size_it_says_it_has(tmp_path, dimension):
    path = write(tmp_path / "cases.xlsx", ROWS)
    rewritten(path, lambda text: re.sub("<dimension[^>]*/>", dimension, text))
    assert bulk.import_cases(path, actor=DIRECTOR, dry_run=True)[0] == ["BN-B-SBA", "BN-B-SBB"]


def test_cases_are_read_from_a_csv_with_semicolons_and_blank_last_rows(tmp_path):
    path = tmp_path / "cases.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, *ROWS, [""] * len(HEADER)])
    assert bulk.import_cases(path, actor=DIRECTOR, dry_run=True)[0] == ["BN-B-SBA", "BN-B-SBB"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_cases_are_opened_from_a_file_all_or_none_and_twice_changes_nothing(tmp_path, suffix):
    path = write(tmp_path / f"cases{suffix}", ROWS)
    before = AuditEvent.objects.count()
    assert bulk.import_cases(path, actor=DIRECTOR, dry_run=True) == (["BN-B-SBA", "BN-B-SBB"], [])
    assert AuditEvent.objects.count() == before
    assert bulk.import_cases(path, actor=DIRECTOR) == (["BN-B-SBA", "BN-B-SBB"], [])
    assert Case.objects.get(pk="BN-B-SBB").edition == "samm-2026"
    before = AuditEvent.objects.count()
    assert bulk.import_cases(path, actor=DIRECTOR) == ([], ["BN-B-SBA", "BN-B-SBB"])
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("rows", "header", "says"),
    [
        (
            [["BN-B-SBA", "One", "BN", "BN-FY2022", "samm-2012-legacy", "A"]],
            HEADER,
            "row 2: 'A' is not the category",
        ),
        (
            [*ROWS, ["rescue", "x", "BN", "BN-FY2022", "samm-2012-legacy", ""]],
            HEADER,
            "row 4: 'rescue' is not a case",
        ),
        ([*ROWS, ROWS[0]], HEADER, "row 4: .*BN-B-SBA"),
        ([["BN-B-SBA", "", "BN", "BN-FY2022", "samm-2012-legacy", ""]], HEADER, "row 2, field title"),
        ([["BN-B-SBA", "x", "BN", "BN-FY2022", "samm-2026", ""]], HEADER, "is not for Simulated Title 10"),
        (ROWS, [*HEADER[:4], "issue", "category"], "Missing: edition; not known, or twice: issue"),
        ([], HEADER, "no case"),
        (ROWS, [*HEADER[:5], "title"], "twice: title"),
        ([[*ROWS[0], "more"]], HEADER, "row 2: the row has values beyond its columns"),
        ([["BN-B-SBA", "x" * 121, "BN", "BN-FY2022", "samm-2012-legacy", ""]], HEADER, "longer than 120"),
        ([[ROWS[0][0], "a\x00b", *ROWS[0][2:]]], HEADER, "row 2, field title: the value holds a NUL"),
        ([["BN-B-SBA\x00", *ROWS[0][1:]]], HEADER, "row 2, field identifier: the value holds a NUL"),
    ],
)
def test_a_file_with_a_mistake_opens_nothing_and_names_row_and_field(tmp_path, rows, header, says):
    before = AuditEvent.objects.count(), Case.objects.count()
    with pytest.raises(ImportRefusal, match=says):
        bulk.import_cases(write(tmp_path / "cases.csv", rows, header), actor=DIRECTOR)
    assert (AuditEvent.objects.count(), Case.objects.count()) == before


@pytest.mark.parametrize("name", ["cases.csv", "cases.xlsx"])
def test_a_foreign_file_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00\x01 no table")
    with pytest.raises(ImportRefusal, match="Save it anew"):
        bulk.import_cases(path, actor=DIRECTOR)


SHEET = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{}</sheetData></worksheet>"
BROKEN_PARTS = [
    ("xl/worksheets/sheet1.xml", "<not xml"),
    ("xl/worksheets/sheet1.xml", SHEET.format("<row r='1'><c r='A1' t='s'><v>99</v></c></row>")),
    ("xl/worksheets/sheet1.xml", SHEET.format("<row r='1'><c r='A1' t='n'><v>abc</v></c></row>")),
    ("xl/workbook.xml", "<not xml"),
    (
        "xl/workbook.xml",
        "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheets/></workbook>",
    ),
    ("xl/styles.xml", "<not xml"),
    ("[Content_Types].xml", "<not xml"),
]


def rebuilt(path, part, text):
    """The workbook with the text of one of its parts exchanged."""
    whole = io.BytesIO(write(path, ROWS).read_bytes())
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return path


@pytest.mark.parametrize(("part", "text"), BROKEN_PARTS)
def test_a_broken_workbook_is_refused_whatever_part_is_broken(tmp_path, part, text):
    with pytest.raises(ImportRefusal, match="Save it anew"):
        bulk.import_cases(rebuilt(tmp_path / "cases.xlsx", part, text), actor=DIRECTOR)


def test_a_file_that_is_too_large_packed_or_unpacked_is_refused(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_bytes(b"x" * (20 * 2**20 + 1))
    with pytest.raises(ImportRefusal, match="larger than 20 MiB"):
        bulk.import_cases(path, actor=DIRECTOR)
    path = rebuilt(tmp_path / "cases.xlsx", "xl/styles.xml", "x" * (401 * 2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(ImportRefusal, match="larger than 20 MiB"):
        bulk.import_cases(path, actor=DIRECTOR)


def test_a_file_of_too_many_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_ROWS", 1)
    for suffix in (".csv", ".xlsx"):
        with pytest.raises(ImportRefusal, match="more than 1 rows"):
            bulk.import_cases(write(tmp_path / f"cases{suffix}", ROWS), actor=DIRECTOR)


def test_only_those_who_may_import_cases(tmp_path):
    with pytest.raises(PermissionRefusal):
        bulk.import_cases(write(tmp_path / "cases.csv", ROWS), actor=MANAGER)


def test_the_import_page_checks_first_and_then_opens(client_of):
    client = client_of("country program director")
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *ROWS])

    def send(**more):
        file = SimpleUploadedFile("cases.csv", text.getvalue().encode())
        return client.post("/cases/import/", {"file": file, **more})

    assert "2 cases would be opened" in send().content.decode()
    assert not Case.objects.filter(pk="BN-B-SBA").exists()
    assert "2 cases opened" in send(store="1").content.decode()
    assert Case.objects.filter(pk="BN-B-SBA").exists()
    assert client.post("/cases/import/", {}).status_code == 400
    odd = SimpleUploadedFile("cases.pdf", b"%PDF-")
    assert client.post("/cases/import/", {"file": odd}).status_code == 400


# --- files out ------------------------------------------------------------------------------------------


def test_cases_leave_as_csv_and_xlsx_with_the_same_values():
    cases = exports.exportable_cases(user())
    rows = list(csv.DictReader(io.StringIO(exports.cases_csv(cases).decode("utf-8-sig"))))
    assert [row["identifier"] for row in rows] == [LEGACY, CURRENT, "E7-B-UAC", "E7-B-UAD"]
    assert (rows[0]["cost"], rows[0]["next_due_on"], rows[0]["is_simulated"]) == (
        "822400.00",
        "2023-01-18",
        "True",
    )
    sheet = load_workbook(io.BytesIO(exports.cases_xlsx(cases))).active
    assert [cell.value for cell in sheet[1]] == list(exports.COLUMNS)
    assert sheet["A2"].value == LEGACY
    assert sheet["J2"].value == 822400
    assert sheet["M2"].value.date() == date(2023, 1, 18)


TITLES = ["=HYPERLINK(1)", "{=HYPERLINK(1)}", "https://example.org/", "internal:cases!A1", "mailto:a@b.c"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_a_spreadsheet_would_run_or_follow_is_only_text(title):
    Case.objects.filter(pk=LEGACY).update(title=title)
    cases = exports.exportable_cases(user())
    assert b",=" not in exports.cases_csv(cases)
    cell = load_workbook(io.BytesIO(exports.cases_xlsx(cases))).active["C2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (title, "s", None)


def test_the_exported_history_conforms_to_the_edition_it_was_made_under(tmp_path):
    for edition in ("thesis-2013", "samm-2012-legacy", "samm-2026"):
        cases = exports.exportable_cases(user()).filter(edition=edition)
        path = tmp_path / f"{edition}.xes"
        path.write_bytes(exports.history_xes(cases))
        events = read_log(path)
        assert len(events) == sum(row.version for row in cases)
        deviations = conform(events, edition_of(edition), today=date(2026, 11, 30))
        assert deviations == []


def test_exports_hold_only_what_a_person_may_see(client_of):
    with pytest.raises(PermissionRefusal):
        exports.exportable_cases(user("enlace"))
    page = client_of("auditor").get("/cases/export.csv?phase=execution")
    assert page.content.decode("utf-8-sig").count("\n") == 3
    assert page["Content-Disposition"] == 'attachment; filename="cases.csv"'


@pytest.mark.parametrize("form", ["csv", "xlsx", "xes"])
def test_a_search_that_is_not_understood_exports_nothing(client_of, form):
    answer = client_of("auditor").get(f"/cases/export.{form}?phase=dreaming")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()


# --- the audit page ---------------------------------------------------------------------------------------


def test_the_audit_page_finds_the_changes_of_a_case(client_of):
    page = client_of("auditor").get(f"/audit/?subject=case:{LEGACY}").content.decode()
    assert page.count(f">case:{LEGACY}</td>") == Case.objects.get(pk=LEGACY).version + 1
    assert "{&quot;details&quot;: {" in page
    assert client_of("auditor").get("/audit/?account=nobody").content.decode().count("<td") == 0


def test_a_step_on_a_day_in_between_keeps_the_order(client_of):
    with pytest.raises(StepRefused):
        take_step(
            identifier=LEGACY,
            step="hold-review",
            on=date(2022, 12, 19) - timedelta(days=1),
            given={"minutes": "x"},
            actor=OFFICER,
        )


# --- what a conclusion rests on -----------------------------------------------------------------------


def closed_case():
    """A case closed step by step in the workspace, and the number of an event of another case."""
    walk = [row for row in WALK if row[0] in editions()["samm-2012-legacy"].steps]
    people = {
        office: Actor(role, role)
        for role, entry in permission_table().roles.items()
        for office in entry.acts_for
    }
    open_case(
        identifier="BN-B-ZZY",
        edition="samm-2012-legacy",
        title="Evidence",
        partner_code="BN",
        appropriation_code="BN-FY2022",
        actor=OFFICER,
    )
    on = date(2021, 11, 10)
    for step, given, days in walk:
        on += timedelta(days=days)
        if step in {"report-final", "conclude"}:
            continue
        fill = {"day": on, "year": on.year + 1, "later": on + timedelta(days=60)}
        given = {name: value.format(**fill) for name, value in given.items()}
        actor = people[editions()["samm-2012-legacy"].steps[step].actors[0]]
        if step == "attach-document":
            attach_document(
                identifier="BN-B-ZZY",
                kind=given["kind"],
                file_name="x.txt",
                content=step.encode(),
                on=on,
                actor=actor,
            )
        else:
            take_step(identifier="BN-B-ZZY", step=step, on=on, given=given, actor=actor)
    return on


def test_a_conclusion_cites_events_of_its_own_case_on_the_page_and_over_the_interface(client_of):
    on = closed_case()
    other = AuditEvent.objects.filter(subject=f"case:{LEGACY}").last().sequence
    own = [event.sequence for event in AuditEvent.objects.filter(subject="case:BN-B-ZZY")]
    client, version = client_of("assessor", "es"), Case.objects.get(pk="BN-B-ZZY").version
    given = {"on": on, "records_seen": version, "conclusion": "x"}
    for wrong in (other, 3, 10**6 - 1):
        answer = client.post("/cases/BN-B-ZZY/conclude/", {**given, "evidence": f"{own[5]}, {wrong}"})
        assert answer.status_code == 409
        assert f"Ningún registro de este caso tiene el número {wrong}." in answer.content.decode()
        fields = {"conclusion": "x", "evidence": str(wrong)}
        answer = client.post(
            "/api/cases/BN-B-ZZY/steps/conclude",
            json.dumps({"on": on.isoformat(), "fields": fields}),
            content_type="application/json",
        )
        assert [item["rule"] for item in answer.json()["refusals"]] == ["conclusion-cites-evidence"]
    cited = f"{own[0]}, {own[5]}"
    assert client.post("/cases/BN-B-ZZY/conclude/", {**given, "evidence": cited}).status_code == 302
    assert verify_log()


def test_files_of_one_content_are_listed_each(client_of):
    for name in ("one.txt", "two.txt", "three.txt"):
        attach_document(
            identifier=LEGACY, kind="other", file_name=name, content=b"one content", on=TODAY, actor=MANAGER
        )
    page = client_of("case manager").get(f"/cases/{LEGACY}/?part=documents").content.decode()
    assert [name for name in ("one.txt", "two.txt", "three.txt") if name in page] == [
        "one.txt",
        "two.txt",
        "three.txt",
    ]
    papers = client_of("case manager").get(f"/api/cases/{LEGACY}").json()["documents"]
    assert [paper["file_name"] for paper in papers][-3:] == ["one.txt", "two.txt", "three.txt"]
