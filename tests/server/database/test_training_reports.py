"""Training reports in the workspace: imported whole and once, said in common terms, settled by people, exported."""

import csv
import html
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training import normalize
from confianza.errors import ConfianzaError, ImportRefusal, PermissionRefusal, Problem, RuleRefusal
from confianza.evidence.archive import digest_of
from confianza.evidence.bundled import bundled_rows
from confianza.evidence.imet import imet_years
from confianza.evidence.sources.fmtr import CountryCoverage, Report, Totals, UncheckedBlock, read_reports
from confianza.evidence.training_reports import aggregate, pme_shares
from confianza.reports import tables
from confianza.server.audit.models import AuditEvent
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archived
from confianza.server.institutions.services import add_institution
from confianza.server.training_reports import exports, selectors, services
from confianza.server.training_reports.models import Classification, PrintedTotal, ReportRow, RuleReason
from confianza.server.training_reports.selectors import TrainingQuery
from confianza.server.training_reports.terms import institution_codes, known_values
from confianza.server.web.training_reports.forms import SHARED_OUT_BY

PAGES = Path(__file__).parents[2] / "data" / "fmtr"
MANAGER = Actor("case-manager", "case_manager")
ASSESSOR = Actor("assessor", "assessor")
LIAISON = Actor("enlace", "partner_liaison")
UNIT = "Batallón de ejemplo"


@pytest.fixture(autouse=True)
def _archive_in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ARCHIVE_FOLDER", tmp_path / "archive")


def import_mexico(name="mx_2011_2012.pdf", actor=ASSESSOR, folder=PAGES):
    (report,), is_new = services.import_training_reports(folder / name, partner_code="MX", actor=actor)
    return report, is_new


def rows_of(fiscal_year=2011):
    return ReportRow.objects.filter(fiscal_year=fiscal_year)


def printed(row) -> tuple:
    """What a row says but where it was read."""
    line = row.line() if isinstance(row, ReportRow) else row
    return tuple(
        value for name, value in vars(line).items() if name not in {"volume", "page", "row", "report"}
    )


# --- import -------------------------------------------------------------------------------------------


def test_a_workspace_begins_with_the_rows_that_ship():
    assert [printed(row) for row in ReportRow.objects.all()] == [printed(line) for line in bundled_rows()]
    sums = selectors.training_summary(TrainingQuery("MX", 2008, 2012, program_family="imet-1"), ())
    assert sums == selectors.training_summary(TrainingQuery("MX", 2008, 2012, program_family="imet-1"), ())


def test_an_imported_volume_takes_the_place_of_the_rows_that_ship():
    before = sorted(map(printed, rows_of()))
    figures = selectors.training_figures("MX")
    report, is_new = import_mexico()
    assert is_new
    assert sorted(map(printed, rows_of())) == before
    assert set(rows_of().values_list("run__file_name", flat=True)) == {"mx_2011_2012.pdf"}
    told = AuditEvent.objects.get(subject="file:mx_2011_2012.pdf").payload
    assert told["shipped_rows_replaced"] == told["records"] == len(report.lines)
    now = selectors.training_figures("MX")
    assert [(f.fiscal_year, f.program, f.school_code, f.student_count, f.cost) for f in now] == [
        (f.fiscal_year, f.program, f.school_code, f.student_count, f.cost) for f in figures
    ]


def test_figures_of_the_workspace_are_those_of_the_library():
    def told(figures):
        return sorted(
            (f.report, f.pages, f.program, f.school_code, f.category, f.student_count, f.cost.minor)
            for f in figures
        )

    assert told(selectors.training_figures("MX")) == told(aggregate(bundled_rows()))


def test_building_a_workspace_leaves_imported_years_alone():
    import_mexico()
    ImportRun.objects.filter(source=services.BUNDLED).update(digest="of an earlier release")
    services.load_bundled_rows(bundled_rows(), file_name="rows.csv", content=b"rows", actor=ASSESSOR)
    assert ReportRow.objects.count() == len(bundled_rows())
    assert set(rows_of().values_list("run__file_name", flat=True)) == {"mx_2011_2012.pdf"}
    assert set(rows_of(2010).values_list("run__file_name", flat=True)) == {"rows.csv"}


def test_every_printed_total_is_kept_beside_what_the_rows_add_up_to():
    report, _ = import_mexico()
    kept = PrintedTotal.objects.filter(run__file_name="mx_2011_2012.pdf")
    assert kept.count() == len(report.reconciliations) == 8
    for total in kept:
        rows = rows_of().filter(program=total.program) if total.program else rows_of()
        assert total.computed_student_count == sum(row.student_count for row in rows)
        assert total.computed_cost_minor == sum(row.cost_minor for row in rows)
        assert total.reconciles
    assert not selectors.printed_totals("MX", only_differences=True).exists()
    kept.filter(program="IMET-1").update(reconciles=False)
    assert [total.program for total in selectors.printed_totals("MX", only_differences=True)] == ["IMET-1"]
    bundled, imported = selectors.training_imports()
    assert imported == selectors.ImportedFile(
        kept.first().run, 230, 1, 2011, 2011, 8, 7, CountryCoverage(("MX",), ())
    )
    assert (bundled.from_fy, bundled.to_fy, bundled.total_count) == (1999, 2020, 0)
    assert bundled.row_count == len(bundled_rows()) - 230


def test_the_raw_file_is_kept_by_its_hash(tmp_path):
    import_mexico()
    kept = [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [(PAGES / "mx_2011_2012.pdf").read_bytes()]
    digest = ImportRun.objects.get(file_name="mx_2011_2012.pdf").digest
    assert digest in str(kept[0])
    assert archived(digest) == kept[0]
    assert archived("*") is None


def test_the_same_file_again_changes_nothing():
    import_mexico()
    before = AuditEvent.objects.count(), ReportRow.objects.count(), PrintedTotal.objects.count()
    _, is_new = import_mexico()
    assert not is_new
    assert (
        AuditEvent.objects.count(),
        ReportRow.objects.count(),
        PrintedTotal.objects.count(),
    ) == before


DAMAGED = """<HTML><BODY><TABLE>
<TR><TD><B>Brazil, IMET, FY 99</B></TD></TR>
<TR><TD>ORIENT TOUR</TD><TD>2</TD><TD>$20</TD></TR>
<TR><TD>FY 99 Totals: </TD><TD>2</TD><TD>$20</TD></TR>
<TR><TD>Program Totals: </TD><TD>2</TD><TD>$20</TD></TR>
<TR><TD><B>Brazil, Foreign Military Sales, FY 99</B></TD></TR>
<TR><TD>PILOT TRAINING</TD><TD>?</TD><TD>$30</TD></TR>
<TR><TD>FY 99 Totals: </TD><TD>3</TD><TD>$30</TD></TR>
<TR><TD>Program Totals: </TD><TD>3</TD><TD>$30</TD></TR>
<TR><TD>Country Totals: </TD><TD>5</TD><TD>$50</TD></TR>
</TABLE></BODY></HTML>"""


def test_a_damaged_block_is_stored_as_printed_and_named_beside_the_figures(tmp_path, client_of):
    path = tmp_path / "damaged.html"
    path.write_text(DAMAGED)
    services.import_training_reports(path, actor=ASSESSOR)
    assert [row.student_count for row in ReportRow.objects.filter(partner_code="BR")] == [2]
    (block,) = selectors.blocks_set_aside(TrainingQuery("BR"))
    assert (block.program, block.printed_student_count, block.printed_cost_minor) == (
        "Foreign Military Sales",
        3,
        3000,
    )
    assert "PILOT TRAINING ? $30" in block.text
    (reason,) = selectors.set_aside_problems(block)
    assert (reason.code, reason.field) == ("fmtr-students-not-a-number", "student_count")
    lack = selectors.set_aside(TrainingQuery("BR", 1999, 1999))
    assert (lack.block_count, lack.student_count) == (1, 3)
    for other in (TrainingQuery("MX"), TrainingQuery("BR", 2001), TrainingQuery("BR", program_family="imet")):
        assert selectors.set_aside(other) is None
    client = client_of("assessor")
    for address in ("", "rows/", "schools/"):
        assert "Without 1 block of the reports" in words(
            client.get(f"/training-reports/{address}?partner_code=BR")
        )
    page = words(client.get("/training-reports/reconciliation/?partner_code=BR"))
    assert "PILOT TRAINING ? $30" in page
    (listed,) = client.get("/api/training-reports/set-aside?partner_code=BR").json()
    assert (listed["program"], listed["page"]) == ("Foreign Military Sales", 1)
    (file,) = [item for item in selectors.training_imports() if item.run.file_name == "damaged.html"]
    assert (file.set_aside_count, file.total_count, file.reconciled_count) == (1, 3, 2)


def test_two_parts_of_a_report_may_share_a_country_that_one_cuts_off(tmp_path):
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    whole = DAMAGED.replace("<TD>?</TD>", "<TD>3</TD>")
    head, tail = whole.split("<TR><TD><B>Brazil, Foreign")
    first.write_text(f"{head}</TABLE></BODY></HTML>")
    second.write_text(f"<HTML><BODY><TABLE><TR><TD><B>Brazil, Foreign{tail}")
    for path in (first, second):
        services.import_training_reports(path, actor=ASSESSOR)
    assert [row.student_count for row in ReportRow.objects.filter(partner_code="BR")] == [2, 3]
    again = tmp_path / "again.html"
    again.write_text(second.read_text() + " ")
    with pytest.raises(ImportRefusal) as refusal:
        services.import_training_reports(again, actor=ASSESSOR)
    assert refusal.value.problems[0].code == "fmtr-year-imported"


def test_the_table_is_rebuilt_with_what_was_imported(tmp_path):
    path = tmp_path / "damaged.html"
    path.write_text(DAMAGED)
    services.import_training_reports(path, actor=ASSESSOR)
    before = selectors.training_table()
    table = services.rebuild_training_table(actor=ASSESSOR)
    assert selectors.training_table() == table != before
    (entry,) = [item for item in table.entries if (item.partner_code, item.fiscal_year) == ("BR", 1999)]
    assert (entry.student_count, entry.dollars) == (2, 20)
    (cover,) = [
        item for item in table.coverage if (item.fiscal_year, item.region) == (1999, "western-hemisphere")
    ]
    assert "damaged.html" in cover.volumes
    assert cover.set_aside_count >= 1
    with pytest.raises(PermissionRefusal):
        services.rebuild_training_table(actor=LIAISON)


def test_another_file_of_the_same_year_is_refused(tmp_path):
    import_mexico()
    before = ReportRow.objects.count()
    other = tmp_path / "other.pdf"
    shutil.copy(PAGES / "mx_2011_2012.pdf", other)
    with other.open("ab") as file:
        file.write(b"\n% another copy\n")
    with pytest.raises(ImportRefusal) as refusal:
        import_mexico("other.pdf", folder=tmp_path)
    assert refusal.value.problems[0].code == "fmtr-year-imported"
    assert "FY2011 of MX were already imported from mx_2011_2012.pdf" in str(refusal.value)
    assert ReportRow.objects.count() == before


def test_a_truncated_volume_stores_nothing(tmp_path):
    cut = tmp_path / "cut.pdf"
    cut.write_bytes((PAGES / "mx_2011_2012.pdf").read_bytes()[:100_000])
    before = AuditEvent.objects.count(), ReportRow.objects.count()
    with pytest.raises(ImportRefusal):
        import_mexico("cut.pdf", folder=tmp_path)
    assert (AuditEvent.objects.count(), ReportRow.objects.count()) == before
    assert not (tmp_path / "archive").exists()


def test_a_whole_volume_brings_every_country_and_each_adds_up_to_what_is_printed(shared_volumes):
    """The referee is the report itself: the total it prints below each country."""
    volume = next(path for path in shared_volumes if "2007_2008" in path.name)
    (report,), _ = services.import_training_reports(volume, actor=ASSESSOR)
    sums = {
        row.values["partner_code"]: (row.student_count, row.cost.minor)
        for row in selectors.training_summary(TrainingQuery(from_fy=2007, to_fy=2007), ("partner_code",))
    }
    countries = PrintedTotal.objects.filter(program="")
    assert countries.count() == len(sums) > 25
    for total in countries:
        students, cost_minor = sums[total.partner_code]
        assert students == total.printed_student_count
        assert abs(cost_minor - total.printed_cost_minor) <= 50  # printed in whole dollars
    assert rows_of(2007).count() == len(report.lines) > 2000


@pytest.fixture
def early_report(monkeypatch, tmp_path):
    """A report as those before FY2001 are: two years, no printed totals, a row of equipment, a date that is none."""
    lines = [
        replace(
            bundled_rows()[0], partner_code="BR", report="1999-2000", volume="early.pdf", page=1, **changes
        )
        for changes in (
            {"fiscal_year": 1999, "student_count": 0, "row": 1, "end_date": None},
            {"fiscal_year": 2000, "student_count": 1, "row": 2},
        )
    ]
    remark = Problem("fmtr-date-not-understood", "early.pdf", 1, 1, "end_date", {"value": "2/30/00"})
    unchecked = UncheckedBlock("BR", None, 1, Totals(1, lines[0].cost + lines[1].cost))
    lost = Problem("fmtr-cost-not-an-amount", "early.pdf", 2, 9, "cost", {"value": "n/a"})
    report = Report("1999-2000", "early.pdf", 1999, tuple(lines), (), (remark, lost), (unchecked,))
    monkeypatch.setattr(services, "read_reports", lambda path, **_: (report,))
    path = tmp_path / "early.pdf"
    path.write_bytes(b"early")
    return path


def test_what_was_planned_is_kept_and_not_counted_as_done(early_report, client_of):
    services.import_training_reports(early_report, actor=ASSESSOR)
    done, planned = (
        selectors.training_summary(TrainingQuery("BR", status=status), ("fiscal_year",))
        for status in ("executed", "planned")
    )
    assert [(row.values["fiscal_year"], row.student_count) for row in done] == [(1999, 0)]
    assert [(row.values["fiscal_year"], row.student_count) for row in planned] == [(2000, 1)]
    both = selectors.training_summary(TrainingQuery("BR", status="both"), ("fiscal_year",))
    assert both == [*done, *planned]
    assert TrainingQuery.of(TrainingQuery("BR", status="planned").parameters()).status == "planned"
    assert [share.student_count for share in selectors.pme_shares(TrainingQuery("BR"), ())] == [0]
    assert [figure.fiscal_year for figure in selectors.training_figures("BR")] == [1999]
    row = ReportRow.objects.get(partner_code="BR", is_planned=True)
    assert "Planned" in words(client_of("assessor").get(f"/training-reports/rows/{row.pk}/"))


@pytest.mark.parametrize(
    "address", ["/training-reports/", "/training-reports/pme/", "/training-reports/rows/"]
)
def test_pages_say_what_of_it_is_planned(early_report, client_of, address):
    services.import_training_reports(early_report, actor=ASSESSOR)
    assessor, asked = client_of("assessor"), f"{address}?partner_code=BR&program_family="
    left_out = assessor.get(asked).content.decode()
    assert "1 course that a report states as planned is left out" in left_out
    (link,) = re.findall(r'href="([^"]*)">\s*1 course that', left_out)
    assert "1 result" in words(assessor.get(html.unescape(link)))
    assert "not what was done" in words(assessor.get(f"{asked}&status=planned"))
    assert "added to what was done" in words(assessor.get(f"{asked}&status=both"))
    assert "left out" not in words(assessor.get(f"{address}?partner_code=MX"))


def test_the_interface_tells_planned_rows_only_when_asked(early_report, client_of):
    services.import_training_reports(early_report, actor=ASSESSOR)
    found = {}
    for status in ("", "executed", "planned", "both"):
        rows = (
            client_of("assessor")
            .get(f"/api/training-reports/rows?partner_code=BR&status={status}")
            .json()["items"]
        )
        found[status] = [(row["fiscal_year"], row["is_planned"]) for row in rows]
    assert found[""] == found["executed"] == [(1999, False)]
    assert found["planned"] == [(2000, True)]
    assert found["both"] == [(1999, False), (2000, True)]
    assert client_of("assessor").get("/api/training-reports/summary?status=done").status_code >= 400


def test_a_text_on_planned_rows_alone_is_settled_like_any_other(early_report):
    services.import_training_reports(early_report, actor=ASSESSOR)
    ReportRow.objects.filter(partner_code="BR", is_planned=True).update(
        student_unit=UNIT, institution_code="unmatched"
    )
    texts = selectors.unmatched_texts("institution_code", "BR")
    assert [(item.text, item.row_count) for item in texts] == [(UNIT, 1)]


def test_a_row_keeps_what_was_remarked_on_it(early_report, client_of):
    services.import_training_reports(early_report, actor=ASSESSOR)
    row = ReportRow.objects.get(partner_code="BR", fiscal_year=1999)
    assert "'2/30/00' is not a date" in words(client_of("assessor").get(f"/training-reports/rows/{row.pk}/"))
    told = exported("csv", TrainingQuery("BR")).decode("utf-8-sig")
    assert "end_date=fmtr-date-not-understood" in told


def test_a_row_that_was_left_out_is_named(early_report, client_of):
    services.import_training_reports(early_report, actor=ASSESSOR)
    said = words(client_of("assessor").get("/training-reports/reconciliation/"))
    assert "1 row of early.pdf was left out" in said
    assert "early.pdf, page 2, row 9, field cost: the cost 'n/a' is not" in said
    assert [(problem.row, problem.code) for problem in selectors.import_remarks()] == [
        (9, "fmtr-cost-not-an-amount"),
        (1, "fmtr-date-not-understood"),
    ]


def test_a_tidy_file_is_imported_as_a_volume_is_and_not_beside_one():
    tidy = PAGES / "tidy_mexico_2012_2013.tsv"
    (report,), _ = services.import_training_reports(tidy, actor=ASSESSOR)
    assert rows_of(2012).count() == len(report.lines) == 29
    with pytest.raises(ImportRefusal) as refusal:
        import_mexico("mx_2012_2013.pdf")
    assert "already imported from tidy_mexico_2012_2013.tsv" in str(refusal.value)


def test_a_report_that_prints_no_totals_is_not_called_reconciled(early_report, client_of):
    services.import_training_reports(early_report, actor=ASSESSOR)
    (total,) = PrintedTotal.objects.filter(partner_code="BR")
    assert (total.reconciles, total.printed_cost, total.fiscal_year) == (None, None, None)
    assert not selectors.printed_totals("BR", only_differences=True).exists()
    said = words(client_of("assessor").get("/training-reports/reconciliation/?all=1&partner_code=BR"))
    assert "1999-2000 Brazil whole country 1 — " in said
    assert "nothing printed" in said
    assert "no totals to compare with" in said


@pytest.mark.parametrize("actor", [LIAISON, MANAGER])
def test_only_those_who_may_import(actor):
    with pytest.raises(PermissionRefusal):
        import_mexico(actor=actor)
    assert not rows_of().exclude(run__source=services.BUNDLED).exists()


@pytest.mark.parametrize("role", permission_table().roles)
def test_each_role_normalizes_and_settles_if_the_table_says_so(role):
    actor, title = Actor("x", role), ReportRow.objects.first().course_title
    for action, change in (
        ("import_training", lambda: services.normalize_training(actor=actor)),
        ("classify_training", lambda: settle("category", title, "technical", actor=actor)),
    ):
        if permission_table().may(role, action):
            change()
        else:
            with pytest.raises(PermissionRefusal):
                change()


# --- reading ------------------------------------------------------------------------------------------


QUERIES = [
    TrainingQuery(),
    TrainingQuery("MX", 2009, 2011),
    TrainingQuery(category="pme"),
    TrainingQuery(school_code="WHINSEC", institution_code="semar"),
    TrainingQuery("BR"),
    TrainingQuery(program_family="imet"),
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("by", [(), ("fiscal_year",), ("category", "program_family"), ("school_code",)])
def test_sums_are_those_of_the_rows(query, by):
    wanted: dict = {}
    for row in selectors.training_rows(query):
        found = wanted.setdefault(tuple(getattr(row, name) for name in by), [0, 0, 0])
        for place, value in enumerate((row.student_count, 1, row.cost_minor)):
            found[place] += value
    found = {
        tuple(row.values.values()): [row.student_count, row.course_count, row.cost.minor]
        for row in selectors.training_summary(query, by)
    }
    assert found == wanted


@pytest.mark.parametrize("query", [TrainingQuery(), *QUERIES[1:4]])
@pytest.mark.parametrize(
    "by",
    [
        *((name,) for name in selectors.DIMENSIONS),
        *((name, "category") for name in SHARED_OUT_BY),
        ("school_code", "fiscal_year"),
        (),
    ],
)
def test_sums_are_read_from_an_index_without_the_rows(query, by):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite is led to its index by how the sum is asked for")
    with CaptureQueriesContext(connection) as queries:
        selectors.training_summary(query, by)
    (asked,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked['sql']}")
        plan = [step[-1] for step in cursor.fetchall()]
    assert "COVERING INDEX" in plan[0]
    if query == TrainingQuery():
        assert len(plan) == 1, "the sums of all rows need no sorting"


def test_shares_of_pme_are_those_of_the_thesis_year_by_year():
    """IMET students of Mexico as table 2 of the thesis counts them, whatever families the reports divide IMET into."""
    shares = selectors.pme_shares(TrainingQuery("MX", 2008, 2012, program_family="imet"), ("fiscal_year",))
    students = {share.group[0]: share.student_count for share in shares}
    assert students == {2008: 27, 2009: 120, 2010: 61, 2011: 49, 2012: 47}


@pytest.mark.parametrize("by", [("fiscal_year",), ("school_code", "program_family"), ()])
def test_shares_of_the_workspace_are_those_of_the_library(by):
    """Two ways to the same numbers: the database's sums, and the rows normalized one by one."""
    assert selectors.pme_shares(TrainingQuery("MX"), by) == pme_shares(bundled_rows(), by)


def test_there_is_no_pme_in_what_is_asked_to_be_something_else():
    (share,) = selectors.pme_shares(TrainingQuery("MX", category="technical"), ())
    assert (share.pme_student_count, share.student_share) == (0, 0.0)


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ({}, TrainingQuery()),
        ({"partner_code": "MEX", "page": "3"}, TrainingQuery("MX")),
        ({"partner_code": " méxico ", "from_fy": "2008", "to_fy": ""}, TrainingQuery("MX", 2008)),
        ({"program_family": "IMET"}, TrainingQuery(program_family="imet")),
        ({"status": "both"}, TrainingQuery(status="both")),
        ({"school_code": "whinsec", "level": "STAFF"}, TrainingQuery(school_code="WHINSEC", level="staff")),
    ],
)
def test_a_query_is_read_from_an_address_and_written_to_one(given, query):
    assert TrainingQuery.of(given) == query
    assert TrainingQuery.of(query.parameters()) == query


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [
        ({"partner_code": "Atlantis"}, "country-unknown", "Atlantis"),
        ({"from_fy": "08"}, "training-year-not-valid", "08"),
        ({"to_fy": "２０１２"}, "training-year-not-valid", "２０１２"),
        ({"from_fy": "2012", "to_fy": "2008"}, "training-years-reversed", "2012"),
        ({"school_code": "WHINSECK"}, "training-term-unknown", "Nearest are: WHINSEC"),
        ({"level": "general"}, "training-term-unknown", "general"),
    ],
)
def test_what_no_query_can_ask_is_refused(given, code, named):
    with pytest.raises(RuleRefusal) as refusal:
        TrainingQuery.of(given)
    assert refusal.value.code == code
    assert named in str(refusal.value)


# --- common terms -------------------------------------------------------------------------------------


def test_every_row_keeps_its_rules_and_every_rule_its_reason():
    for row in ReportRow.objects.all()[::100]:
        verdicts = normalize.normalize(row.line())
        terms = selectors.terms_of(row)
        assert [term.field for term in terms] == list(normalize.FIELDS)
        for term in terms:
            verdict = getattr(verdicts, term.field)
            assert (term.value, term.rule_id, term.reason) == (verdict.value, verdict.rule_id, verdict.reason)
        assert row.level == verdicts.level.value
        assert row.rules_version == verdicts.category.version


@pytest.fixture
def other_rules(monkeypatch):
    """A later version of the tables, in which nobody is of SEMAR."""
    packaged = normalize.packaged_rules()
    rules = [rule for rule in packaged.by_field["institution_code"] if rule.value != "semar"]
    later = normalize.Rules("9999-1", {**packaged.by_field, "institution_code": tuple(rules)})
    monkeypatch.setattr("confianza.server.training_reports.terms.packaged_rules", lambda: later)


def test_rows_are_said_again_when_the_tables_change_and_the_change_is_told(other_rules):
    of_semar = ReportRow.objects.filter(institution_code="semar").count()
    assert of_semar
    changes = services.normalize_training(actor=ASSESSOR)
    assert sum(change.row_count for change in changes if change.before == "semar") == of_semar
    assert {change.field for change in changes} == {"institution_code"}
    assert not ReportRow.objects.filter(institution_code="semar").exists()
    assert set(ReportRow.objects.values_list("rules_version", flat=True)) == {"9999-1"}
    assert RuleReason.objects.filter(rules_version="9999-1", field="school_code").exists()
    event = AuditEvent.objects.get(action="training.normalize")
    assert sum(change["row_count"] for change in event.payload["changes"]) == sum(
        change.row_count for change in changes
    )
    assert services.normalize_training(actor=ASSESSOR) == []
    assert AuditEvent.objects.filter(action="training.normalize").count() == 1


# --- settling -----------------------------------------------------------------------------------------


def settle(field, text, value, *, actor=ASSESSOR, **more):
    return services.classify_text(
        field=field, text=text, value=value, actor=actor, **({"reason": "known"} | more)
    )


@pytest.fixture
def unmatched():
    """Two rows of Mexico and one of Brazil from a unit that no rule knows."""
    found = list(ReportRow.objects.order_by("pk")[:3])
    for row, code, unit in zip(found, ("MX", "MX", "BR"), (UNIT, f"  {UNIT.upper()} ", UNIT), strict=True):
        row.partner_code, row.student_unit, row.institution_code = code, unit, "unmatched"
        row.save()
    return found


@pytest.fixture
def own_institution():
    """An institution that a person of this workspace added to the partner."""
    add_institution(
        code="river-school",
        party_code="MX",
        name=BilingualText("River School", "Escuela Fluvial"),
        duty=BilingualText("", ""),
        source="Decree 1",
        place="",
        actor=Actor("program-director", "country_program_director"),
    )


def test_an_institution_of_the_workspace_is_offered_and_taken_like_one_that_ships(
    client_of, unmatched, own_institution
):
    client, address = client_of("assessor"), "/training-reports/unmatched/?field=institution_code"
    page = client.get(f"{address}&text={UNIT}&partner_code=MX").content.decode()
    assert '<option value="river-school">River School</option>' in page
    asked = {
        "field": "institution_code",
        "text": UNIT,
        "value": "river-school",
        "partner_code": "MX",
        "reason": "x",
    }
    answer = client.post("/api/training-reports/classifications", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["row_count"]) == (201, 2), answer.content
    page = client.get("/training-reports/?by=institution_code&institution_code=river-school").content.decode()
    assert page.count("River School") >= 2
    assert "River School" in client.get(f"/training-reports/rows/{unmatched[0].pk}/").content.decode()
    rows = client.get("/api/training-reports/rows?institution_code=river-school").json()
    assert rows["count"] == 2


def test_rules_of_the_workspace_may_name_its_institutions(tmp_path, monkeypatch, unmatched, own_institution):
    rules = tmp_path / "ours.toml"
    rules.write_text(
        'version = "our-1"\n[[institution_code]]\nid = "river"\nvalue = "river-school"\n'
        'partner_code = "MX"\npattern = "^batall.*ejemplo"\nreason = { en = "It is.", es = "Lo es." }\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(settings, "TRAINING_RULES", str(rules))
    services.normalize_training(actor=ASSESSOR)
    query = TrainingQuery.of({"institution_code": "River-School"})
    assert {row.pk for row in selectors.training_rows(query)} == {row.pk for row in unmatched[:2]}


def test_an_institution_of_a_party_that_is_no_partner_is_not_offered(client_of, own_institution):
    assert "river-school" in institution_codes({"MX"})
    assert "river-school" not in institution_codes({"CO"})
    assert "usnorthcom" not in known_values("institution_code")


def test_the_source_of_imet_names_the_region_of_its_volume():
    row = ReportRow.objects.filter(partner_code="MX", program_family="imet-1", fiscal_year=2011).first()
    ReportRow.objects.exclude(pk=row.pk).delete()
    for volume, region in (("2011_2012_Near_East_fmtrpt.tsv", "Near East, "), ("volume.pdf", "")):
        ReportRow.objects.update(volume=volume)
        (year,) = imet_years(selectors.training_figures("MX"))
        assert year.source == f"fmtr {row.report}, {region}p. {row.page}"


def test_what_no_rule_fits_is_listed_with_what_hangs_on_it(unmatched):
    listed = {
        (item.text.casefold(), item.partner_code): item
        for item in selectors.unmatched_texts("institution_code")
    }
    mine = listed[UNIT.casefold(), "MX"]
    assert mine.row_count == 2
    assert mine.student_count == sum(row.student_count for row in unmatched[:2])
    assert listed[UNIT.casefold(), "BR"].example == unmatched[2].pk
    assert sum(item.row_count for item in listed.values()) == selectors.unmatched_counts()["institution_code"]


def test_a_settlement_holds_for_its_text_in_its_country_now_and_later(unmatched):
    settlement, count = settle(
        "institution_code", UNIT, "semar", partner_code="MX", reason="Its commander said."
    )
    assert count == 2
    for row in unmatched:
        row.refresh_from_db()
    assert [row.institution_code for row in unmatched] == ["semar", "semar", "unmatched"]
    term = next(term for term in selectors.terms_of(unmatched[0]) if term.field == "institution_code")
    assert (term.classification, term.classification.reason) == (settlement, "Its commander said.")
    assert unmatched[0].rules_version.endswith(f"+settled-{settlement.pk}")
    later = services.NormalizedTerms().columns(unmatched[0].line())
    assert (later["institution_code"], later["rules"]["institution_code"]) == ("semar", settlement.rule_id)
    event = AuditEvent.objects.get(action="training.settle")
    assert (event.account, event.payload["rows"], event.payload["reason"]) == (
        "assessor",
        2,
        "Its commander said.",
    )


def test_the_last_settlement_counts_and_an_empty_one_gives_back_to_the_rules(unmatched):
    settle("institution_code", UNIT, "semar", partner_code="MX")
    settle("institution_code", UNIT.upper(), "sedena", partner_code="MX")
    unmatched[1].refresh_from_db()
    assert unmatched[1].institution_code == "sedena"
    settle("institution_code", UNIT, "", partner_code="MX")
    unmatched[1].refresh_from_db()
    assert unmatched[1].institution_code == normalize.normalize(unmatched[1].line()).institution_code.value
    assert Classification.objects.count() == 3  # nothing is deleted


def test_a_course_settled_as_pme_has_a_level():
    title = ReportRow.objects.filter(category="technical").first().course_title
    settle("category", title, "pme", level="staff")
    rows = ReportRow.objects.filter(course_title=title)
    assert set(rows.values_list("category", "level")) == {("pme", "staff")}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"field": "cost"}, "classification-field-unknown"),
        ({"text": "no row says so"}, "classification-text-unknown"),
        ({"partner_code": "AR"}, "classification-text-unknown"),
        ({"value": "marines-of-mars"}, "classification-value-unknown"),
        ({"reason": "  "}, "classification-reason-missing"),
        ({"level": "staff"}, "classification-level-unknown"),
        ({"field": "category", "value": "pme"}, "classification-level-unknown"),
        ({"field": "category", "value": "pme", "level": "general"}, "classification-level-unknown"),
    ],
)
def test_a_settlement_that_does_not_fit_changes_nothing(unmatched, changes, code):
    before = AuditEvent.objects.count()
    given = {"field": "institution_code", "text": UNIT, "value": "semar", "partner_code": "MX", "reason": "x"}
    with pytest.raises(ConfianzaError) as refusal:
        services.classify_text(**(given | changes), actor=ASSESSOR)
    assert refusal.value.code == code
    assert AuditEvent.objects.count() == before
    assert not Classification.objects.exists()


# --- files out ----------------------------------------------------------------------------------------


def exported(form, query=None) -> bytes:
    return b"".join(
        exports.training_parts(selectors.training_rows(query or TrainingQuery("MX", 2011, 2011)), form)
    )


def test_every_form_tells_the_same_rows_each_with_its_provenance():
    import_mexico()
    rows = list(rows_of())
    told = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    frame = polars.read_parquet(io.BytesIO(exported("parquet")))
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx"))).active
    objects = json.loads(exported("json"))
    assert len(told) == frame.height == sheet.max_row - 1 == len(objects) == len(rows) == 230
    digest = digest_of(PAGES / "mx_2011_2012.pdf")
    for number, row in enumerate(rows):
        found = told[number]
        assert (found["volume"], found["digest"]) == ("mx_2011_2012.pdf", digest)
        assert (int(found["page"]), int(found["row"])) == (row.page, row.row)
        assert Decimal(found["cost"]) == Decimal(row.cost_minor) / 100
        typed = frame.row(number, named=True)
        assert (typed["cost"], typed["start_date"]) == (Decimal(row.cost_minor) / 100, row.start_date)
        cells = dict(zip([cell.value for cell in sheet[1]], sheet[number + 2], strict=True))
        assert cells["cost"].value == row.cost_minor / 100
        assert cells["start_date"].value.date() == row.start_date
        assert cells["course_title"].value == row.course_title
        assert objects[number]["course_title"] == row.course_title
        assert f"category={row.rules['category']}" in found["rules"]
    assert list(told[0]) == frame.columns == list(objects[0]) == [cell.value for cell in sheet[1]]


@pytest.mark.parametrize("form", tables.FORMATS)
def test_no_rows_make_a_file_with_its_headings(form):
    content = exported(form, TrainingQuery("BR"))
    if form == "parquet":
        frame = polars.read_parquet(io.BytesIO(content))
        assert (frame.height, frame.columns, frame.schema["page"]) == (0, list(exports.COLUMNS), polars.Int64)
    elif form == "json":
        assert json.loads(content) == []
    elif form == "csv":
        assert content.decode("utf-8-sig").strip() == ",".join(exports.COLUMNS)
    else:
        assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row == 1


def test_a_formula_in_a_title_stays_text():
    row = rows_of().first()
    row.course_title = "=1+1"
    row.save()
    query = TrainingQuery("MX", 2011, 2011)
    assert "'=1+1" in exported("csv", query).decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx", query))).active
    titles = [cell for line in sheet.iter_rows(min_row=2) for cell in line if cell.value == "=1+1"]
    assert [cell.data_type for cell in titles] == ["s"]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_SHEET", 229)
    with pytest.raises(RuleRefusal) as refusal:
        exported("xlsx")
    assert refusal.value.code == "export-sheet-full"
    assert "230" in str(refusal.value)


# --- pages --------------------------------------------------------------------------------------------


def words(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_rows_are_listed_as_the_query_asks_a_part_at_a_time(client_of):
    page = client_of("partner liaison").get(
        "/training-reports/rows/?partner_code=MEX&from_fy=2011&to_fy=2011&page=2"
    )
    text = page.content.decode()
    rows = list(rows_of()[50:100])
    assert re.findall(r'href="/training-reports/rows/(\d+)/"', text) == [str(row.pk) for row in rows]
    assert words(page).startswith("Rows of the training reports")
    assert "230 results" in words(page)
    assert "/training-reports/rows.csv?partner_code=MX&amp;from_fy=2011&amp;to_fy=2011" in text
    assert "No imported row matches the filters." in words(
        client_of("assessor").get("/training-reports/rows/?from_fy=1990&to_fy=1990")
    )
    assert client_of("assessor").get("/training-reports/rows/?from_fy=x").status_code == 400


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_row_is_shown_with_its_place_and_its_reasons(client_of, language):
    import_mexico()
    row = rows_of().filter(category="pme").first()
    page = client_of("assessor", language).get(f"/training-reports/rows/{row.pk}/")
    said = words(page)
    reason = normalize.normalize(row.line()).category.reason.in_language(language)
    assert row.course_title in said
    assert reason in said
    address = f'href="/training-reports/files/{row.run.digest}/#page={row.page}"'
    assert address in page.content.decode()
    assert ("Change the classification" if language == "en" else "Cambiar la clasificación") in said
    assert "Change the classification" not in words(
        client_of("auditor").get(f"/training-reports/rows/{row.pk}/")
    )
    assert client_of("assessor").get("/training-reports/rows/999999999/").status_code == 404


def test_rows_that_are_listed_open_their_page_where_the_file_is_kept(client_of):
    asked = "/training-reports/rows/?partner_code=MX&from_fy=2011&to_fy=2011"
    assert "/training-reports/files/" not in client_of("assessor").get(asked).content.decode()
    import_mexico()
    row, page = rows_of().first(), client_of("assessor").get(asked).content.decode()
    assert f'<a href="/training-reports/files/{row.run.digest}/#page={row.page}">' in page


def test_the_file_of_a_row_opens_in_the_browser(client_of):
    report, _ = import_mexico()
    digest = ImportRun.objects.get(file_name=report.volume).digest
    answer = client_of("partner liaison").get(f"/training-reports/files/{digest}/")
    assert b"".join(answer.streaming_content) == (PAGES / "mx_2011_2012.pdf").read_bytes()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    bundled = ImportRun.objects.get(source=services.BUNDLED)
    for absent in (bundled.digest, "0" * 64, "x"):
        assert client_of("assessor").get(f"/training-reports/files/{absent}/").status_code == 404


def test_totals_that_do_not_reconcile_are_listed_with_both_figures(client_of):
    import_mexico()
    page = client_of("assessor").get("/training-reports/reconciliation/")
    assert "Every printed total reconciles." in words(page)
    total = PrintedTotal.objects.get(program="IMET-1")
    total.printed_student_count, total.reconciles = 98_765, False
    total.save()
    said = words(client_of("assessor").get("/training-reports/reconciliation/?partner_code=MEX"))
    assert "7 of 8" in said
    assert f"IMET-1 {total.computed_student_count} 98,765" in said
    assert "whole country" not in said
    assert "whole country" in words(client_of("assessor").get("/training-reports/reconciliation/?all=1"))
    assert (
        client_of("assessor").get("/training-reports/reconciliation/?partner_code=Atlantis").status_code
        == 400
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1 of 2 named ✗ not read: South Korea"), ("es", "1 de 2 nombrados ✗ no leídos: Corea del Sur")],
)
def test_a_country_that_a_report_names_and_was_not_read_is_stated(client_of, monkeypatch, language, said):
    (report,) = read_reports(PAGES / "mx_2011_2012.pdf", partner_code="MX")
    monkeypatch.setattr(services, "read_reports", lambda path, **_: (replace(report, named=("KR", "MX")),))
    import_mexico()
    assert said in words(client_of("assessor", language).get("/training-reports/reconciliation/"))
    (file,) = [
        item
        for item in client_of("assessor").get("/api/training-reports/files").json()
        if item["total_count"]
    ]
    assert (file["named_countries"], file["missing_countries"]) == (["KR", "MX"], ["KR"])
    assert (file["reconciled_count"], file["file_name"]) == (8, "mx_2011_2012.pdf")


def test_countries_named_and_read_are_stated_when_none_is_missing(client_of):
    import_mexico()
    page = words(client_of("assessor").get("/training-reports/reconciliation/"))
    assert "1 of 1 named" in page
    assert "not read" not in page


def test_an_unmatched_value_is_settled_on_its_page(client_of, unmatched):
    client = client_of("security cooperation officer", "es")
    listed = client.get("/training-reports/unmatched/?field=institution_code").content.decode()
    address = re.search(
        r'(?i)href="(/training-reports/unmatched/\?field=institution_code&amp;text=batall[^"]+partner_code=MX)"',
        listed,
    )
    form = address[1].replace("&amp;", "&")
    assert "Razón" in words(client.get(form))
    refused = client.post(form, {"value": "semar", "reason": ""})
    assert refused.status_code == 400
    assert not Classification.objects.exists()
    answer = client.post(form, {"value": "semar", "reason": "Lo dice su página."}, follow=True)
    assert "2 filas" in words(answer)
    assert "Lo dice su página." in words(answer)
    unmatched[0].refresh_from_db()
    assert unmatched[0].institution_code == "semar"
    assert "cooperation-officer" in words(client.get(f"/training-reports/rows/{unmatched[0].pk}/"))


def test_a_settlement_that_is_refused_says_why(client_of):
    title = ReportRow.objects.filter(category="technical").first().course_title
    answer = client_of("assessor").post(
        f"/training-reports/unmatched/?field=category&text={title}", {"value": "pme", "reason": "x"}
    )
    assert answer.status_code == 409
    assert "has one of the levels" in words(answer)
    assert client_of("assessor").get("/training-reports/unmatched/?field=cost").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_rows_are_exported_from_the_pages_as_the_query_asks(client_of, form):
    answer = client_of("partner liaison").get(
        f"/training-reports/rows.{form}?partner_code=MX&from_fy=2011&to_fy=2011"
    )
    assert f'filename="training-rows.{form}"' in answer["Content-Disposition"]
    if form == "csv":
        assert b"".join(answer.streaming_content) == exported(form)
    refused = client_of("assessor", "es").get(f"/training-reports/rows.{form}?from_fy=x")
    assert refused.status_code == 400
    assert "cuatro cifras" in words(refused)


# --- the interface for programs -----------------------------------------------------------------------


def test_rows_and_sums_over_the_interface_are_those_of_the_pages(client_of):
    client = client_of("partner liaison")
    answer = client.get(
        "/api/training-reports/rows?partner_code=MEX&from_fy=2011&to_fy=2011&offset=3&limit=2"
    ).json()
    rows = list(rows_of()[3:5])
    assert answer["count"] == 230
    assert [item["id"] for item in answer["items"]] == [row.pk for row in rows]
    first = answer["items"][0]
    assert first["cost"] == {"minor": rows[0].cost_minor, "currency": "USD"}
    assert first["start_date"] == date.isoformat(rows[0].start_date)
    assert first["digest"] == rows[0].run.digest
    sums = client.get("/api/training-reports/summary?partner_code=MX&by=fiscal_year&by=category").json()
    wanted = selectors.training_summary(TrainingQuery("MX"), ("fiscal_year", "category"))
    assert [(item["values"], item["student_count"], item["cost"]["minor"]) for item in sums] == [
        (dict(row.values), row.student_count, row.cost.minor) for row in wanted
    ]


def test_the_interface_refuses_what_no_query_can_ask(client_of):
    client = client_of("assessor")
    for address, status, code in (
        ("/api/training-reports/rows?partner_code=Atlantis", 409, "country-unknown"),
        ("/api/training-reports/rows?limit=0", 400, "request-not-understood"),
        ("/api/training-reports/summary?by=cost", 400, "request-not-understood"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_text_is_listed_and_settled_over_the_interface(client_of, unmatched):
    client = client_of("assessor")
    listed = client.get("/api/training-reports/unmatched?field=institution_code&partner_code=Mexico").json()
    mine = next(item for item in listed["items"] if item["text"].casefold() == UNIT.casefold())
    assert (mine["row_count"], mine["partner_code"]) == (2, "MX")
    assert mine["example"] in {row.pk for row in unmatched[:2]}
    assert listed["count"] == len(selectors.unmatched_texts("institution_code", "MX"))
    given = {"field": "institution_code", "text": mine["text"], "partner_code": "MX", "reason": "Its page."}

    def sent(value):
        return client.post(
            "/api/training-reports/classifications", given | {"value": value}, content_type="application/json"
        )

    refused = sent("marines-of-mars")
    assert (refused.status_code, refused.json()["code"]) == (409, "classification-value-unknown")
    settled = sent("semar")
    assert settled.status_code == 201
    assert settled.json() == {"rule_id": Classification.objects.get().rule_id, "row_count": 2}
    unmatched[0].refresh_from_db()
    assert unmatched[0].institution_code == "semar"
