"""The report's importer: the printed totals are the referee, and a file with a fault stores nothing."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.money import Money
from confianza.errors import ImportRefusal
from confianza.evidence.sources.fmtr import read_report
from confianza.evidence.sources.fmtr.layout import PageLine, Word, centered_rows
from confianza.evidence.sources.fmtr.rows import read_row

PAGES = Path(__file__).parents[1] / "data" / "fmtr"
VOLUMES = sorted(PAGES.glob("mx_*.pdf"))

# As the volumes print them: fiscal year, students and whole dollars of all programs; students of IMET-1 and IMET-X.
PRINTED = {
    2007: (627, 3_509_816, 15),
    2008: (964, 3_232_469, 27),
    2009: (716, 3_858_211, 120),
    2010: (734, 6_931_830, 61),
    2011: (2174, 12_793_998, 49),
    2012: (2656, 15_312_517, 47),
}


@pytest.fixture(scope="module")
def reports():
    return {report.fiscal_year: report for report in map(read_report_of_mexico, VOLUMES)}


def read_report_of_mexico(path):
    return read_report(path, partner_code="MX")


def codes(refusal) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


# --- against what the reports print ---------------------------------------------------------------


def test_every_year_is_read(reports):
    assert sorted(reports) == sorted(PRINTED)


@pytest.mark.parametrize("year", PRINTED)
def test_every_block_and_the_country_reconcile_with_the_printed_totals(reports, year):
    report = reports[year]
    students, dollars, imet_students = PRINTED[year]
    country = [item for item in report.reconciliations if item.program is None]
    assert [(item.printed.student_count, item.printed.cost) for item in country] == [
        (students, Money(100 * dollars))
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert sum(line.student_count for line in report.lines) == students
    imet = [line for line in report.lines if line.program in {"IMET-1", "IMET-X"}]
    assert sum(line.student_count for line in imet) == imet_students


@pytest.mark.parametrize("year", PRINTED)
def test_program_totals_are_never_data(reports, year):
    texts = [f"{line.course_title} {line.location}" for line in reports[year].lines]
    assert not [text for text in texts if "Total" in text or "Fiscal Year" in text]


# Rows copied by eye from the pages, with wrapped cells, both money formats and both sets of columns.
SHOWN = [
    {
        "fiscal_year": 2011,
        "program": "CTFP",
        "course_title": "INTER-AGENCY COORDINATION AND COMBATING TERRORISM",
        "student_count": 2,
        "location": "CTR FOR HEMISPHERIC DEF STUDIES (NDU)",
        "student_unit": "SEMAR",
        "us_unit": "CTR FOR HEMISPHERIC DEF STUDIES - N/A",
        "cost": Money(2_000_000),
        "start_date": date(2011, 6, 6),
        "end_date": date(2011, 6, 24),
    },
    {
        "fiscal_year": 2009,
        "program": "IMET-1",
        "course_title": "AIR INTELLIGENCE",
        "student_count": 1,
        "location": "INTER AMERICAN AIR FORCES ACADEMY, LACKLAND AFB, TX",
        "student_unit": "SEDENA",
        "us_unit": "",
        "cost": Money(285_900),
        "start_date": date(2009, 7, 14),
        "end_date": date(2009, 8, 26),
    },
    {
        "fiscal_year": 2011,
        "program": "CTFP",
        "course_title": "MTT PORT PHYS SEC/VULNERABILITY",
        "student_count": 24,
        "location": "COGARD INTL TRNG DET TRACEN YORKTOWN VA",
        "student_unit": "SEMAR",
        "us_unit": "COGARD INTL TRNG DET TRACEN YORKTOWN VA - N/A",
        "cost": Money(1_451_100),
        "start_date": date(2011, 5, 9),
        "end_date": date(2011, 5, 13),
    },
]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row["course_title"])
def test_a_row_is_what_the_page_shows(reports, row):
    lines = reports[row["fiscal_year"]].lines
    assert row in [{name: getattr(line, name) for name in row} for line in lines]


def test_each_row_keeps_report_volume_page_and_place(reports):
    for report in reports.values():
        assert len({(line.page, line.row) for line in report.lines}) == len(report.lines)
        assert {line.volume for line in report.lines} == {report.volume}
        assert all(line.report == f"{report.fiscal_year}-{report.fiscal_year + 1}" for line in report.lines)


@pytest.mark.slow
def test_all_volumes_reconcile_whole(shared_volumes):
    blocks = 0
    for volume in shared_volumes:
        report = read_report(volume)
        assert [item for item in report.reconciliations if not item.reconciles] == []
        blocks += len(report.reconciliations)
    assert blocks == 1163


# --- faults -----------------------------------------------------------------------------------------


def test_a_truncated_pdf_is_refused(tmp_path):
    whole = VOLUMES[0].read_bytes()
    for share in (0.02, 0.3, 0.9):
        cut = tmp_path / "cut.pdf"
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ImportRefusal) as refusal:
            read_report_of_mexico(cut)
        assert codes(refusal) == {"fmtr-not-a-pdf"}
        assert "cut.pdf" in str(refusal.value)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_damaged_page_is_named(tmp_path, processes):
    damaged = tmp_path / "damaged.pdf"
    whole = VOLUMES[4].read_bytes()
    pages = list(re.finditer(rb"/Type\s*/Page\b", whole))
    at = pages[3].start()
    damaged.write_bytes(whole[:at] + whole[at : at + 12].replace(b"Page", b"Pxge") + whole[at + 12 :])
    report = read_report(damaged, partner_code="MX", processes=processes)
    assert report.lines
    (page,) = {
        problem.page
        for block in report.blocks_set_aside
        for problem in block.problems
        if problem.code == "fmtr-page-not-read"
    }
    assert page == 4
    assert [item.reconciles for item in report.reconciliations if item.program is None] == [False]


def test_a_foreign_pdf_is_refused_with_its_page(tmp_path):
    foreign = tmp_path / "letter.pdf"
    with pdfium.PdfDocument.new() as document:
        document.new_page(595, 842)
        document.save(foreign)
    with pytest.raises(ImportRefusal) as refusal:
        read_report_of_mexico(foreign)
    assert [(problem.code, problem.page) for problem in refusal.value.problems] == [
        ("fmtr-not-this-report", 1)
    ]


def test_a_file_that_is_not_a_pdf_or_not_there_is_refused(tmp_path):
    text = tmp_path / "notes.pdf"
    text.write_text("Course Title, Qty\n")
    for path, code in (
        (text, "fmtr-not-a-pdf"),
        (tmp_path / "missing.pdf", "fmtr-file-missing"),
        (tmp_path, "fmtr-file-missing"),
    ):
        with pytest.raises(ImportRefusal) as refusal:
            read_report_of_mexico(path)
        assert codes(refusal) == {code}
        assert ".." not in str(refusal.value)


def pages_of(volume: Path, pages: list[int], target: Path) -> Path:
    with pdfium.PdfDocument(volume) as whole, pdfium.PdfDocument.new() as cut:
        cut.import_pages(whole, pages)
        cut.save(target)
    return target


def test_missing_last_pages_are_a_cut_off_country(tmp_path):
    cut = pages_of(PAGES / "mx_2011_2012.pdf", [0, 1, 2], tmp_path / "cut.pdf")
    report = read_report_of_mexico(cut)
    assert "fmtr-cut-off" in {problem.code for problem in report.remarks}
    assert [item.program for item in report.reconciliations if item.program is None] == []
    assert report.unchecked[-1].program is None


def test_missing_middle_pages_do_not_reconcile_in_silence(tmp_path):
    volume = PAGES / "mx_2012_2013.pdf"
    cut = pages_of(volume, [0, 1, 2, 3, 5, 6, 7, 8], tmp_path / "cut.pdf")
    report = read_report_of_mexico(cut)
    assert not all(item.reconciles for item in report.reconciliations)


def test_a_country_that_is_not_in_the_file_is_refused():
    with pytest.raises(ImportRefusal) as refusal:
        read_report(VOLUMES[0], partner_code="BR")
    assert codes(refusal) == {"fmtr-nothing-found"}


GOOD = {
    "course_title": "COMMAND AND STAFF COLLEGE",
    "student_count": "2",
    "location": "QUANTICO, VA",
    "student_unit": "SEMAR",
    "cost": "$1,234",
    "start_date": "7/14/2010",
    "end_date": "6/10/2011",
}
PLACE = {
    "report": "2010-2011",
    "volume": "v.pdf",
    "page": 3,
    "row": 7,
    "fiscal_year": 2010,
    "partner_code": "MX",
    "program": "IMET-1",
}


def test_a_good_row_is_read():
    line, problems = read_row(GOOD, **PLACE)
    assert problems == []
    assert (line.student_count, line.cost, line.start_date) == (2, Money(123_400), date(2010, 7, 14))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("student_count", "-2", "fmtr-students-not-a-number"),
        ("student_count", "2.5", "fmtr-students-not-a-number"),
        ("student_count", "", "fmtr-students-not-a-number"),
        ("cost", "-$5", "fmtr-cost-not-an-amount"),
        ("cost", "free", "fmtr-cost-not-an-amount"),
        ("cost", "", "fmtr-cost-not-an-amount"),
        ("start_date", "31/12/2010", "fmtr-date-not-understood"),
        ("end_date", "", "fmtr-date-not-understood"),
        ("end_date", "7/13/2010", "fmtr-dates-reversed"),
    ],
)
def test_a_bad_value_is_named_with_file_page_row_and_field(field, value, code):
    line, problems = read_row(GOOD | {field: value}, **PLACE)
    assert (line is None) == (field in {"student_count", "cost"})
    (problem,) = problems
    assert (problem.code, problem.file, problem.page, problem.row, problem.field) == (
        code,
        "v.pdf",
        3,
        7,
        field,
    )
    for language in ("en", "es"):
        said = problem.in_language(language)
        assert "v.pdf" in said
        assert value in said


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("7/14/10", date(2010, 7, 14)),
        ("11/27/00", date(2000, 11, 27)),
        ("6/1/99", date(1999, 6, 1)),
        ("2/29/2010", None),
    ],
)
def test_a_year_of_two_digits_is_of_this_century_or_the_last(text, day):
    line, _ = read_row(GOOD | {"start_date": text}, **PLACE)
    assert line.start_date == day


def test_a_row_may_count_no_student():
    line, problems = read_row(GOOD | {"student_count": "0"}, **PLACE)
    assert (line.student_count, problems) == (0, [])


def test_every_fault_of_a_row_is_reported():
    _, problems = read_row(GOOD | {"student_count": "-2", "cost": "x", "end_date": "y"}, **PLACE)
    assert [problem.field for problem in problems] == ["student_count", "cost", "end_date"]


# --- the layout ---------------------------------------------------------------------------------------

EDGES = {"course_title": 50.0, "student_count": 200.0, "location": 250.0}


def line_of(baseline: float, **texts: str) -> PageLine:
    words = [Word(EDGES[name], EDGES[name] + 4.0 * len(text), text) for name, text in texts.items()]
    return PageLine(baseline, tuple(sorted(words)))


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 99)), min_size=1, max_size=12),
    st.floats(6.0, 16.0),
)
def test_wrapped_cells_come_back_in_their_rows(rows, pitch):
    """Rows of any height on a grid of any pitch, set as the reports set them, are read as they were written."""
    top, lines, wanted = 700.0, [], []
    for number, (title_lines, place_lines, students) in enumerate(rows):
        height = max(title_lines, place_lines)
        middle = top - height * pitch / 2
        title = [f"T{number}{part}" for part in range(title_lines)]
        place = [f"P{number}{part}" for part in range(place_lines)]
        grid: dict[float, dict[str, str]] = {middle: {"student_count": str(students)}}
        for name, words in (("course_title", title), ("location", place)):
            for part, word in enumerate(words):
                at = middle + ((len(words) - 1) / 2 - part) * pitch
                key = next((known for known in grid if abs(known - at) < 0.1), at)
                grid.setdefault(key, {})[name] = word
        lines += [line_of(at, **texts) for at, texts in sorted(grid.items(), reverse=True)]
        wanted.append(
            {"course_title": " ".join(title), "student_count": str(students), "location": " ".join(place)}
        )
        top -= height * pitch
    headings = 700.0 + pitch / 2
    assert [texts for texts, lost in centered_rows(lines, EDGES, headings) if not lost] == wanted


def test_the_rest_of_a_row_from_another_page_is_not_read_into_the_next_row():
    lines = [
        line_of(690.0, course_title="rest of a row"),
        line_of(680.0, course_title="of the page before"),
        line_of(670.0, course_title="A", student_count="1"),
        line_of(660.0, course_title="B", student_count="2"),
    ]
    assert any(lost for _, lost in centered_rows(lines, EDGES, 700.0))


@pytest.mark.parametrize(("scale", "right", "up"), [(0.7, 60.0, 30.0), (1.4, 5.0, 200.0)])
@pytest.mark.parametrize("volume", [VOLUMES[0], VOLUMES[5]], ids=lambda path: path.stem)
def test_pages_of_another_size_and_place_are_read_alike(tmp_path, volume, scale, right, up):
    moved = tmp_path / volume.name
    with pdfium.PdfDocument(volume) as document:
        for page in document:
            width, height = page.get_size()
            page.set_mediabox(0, 0, 2 * width, 2 * height)
            page.set_cropbox(0, 0, 2 * width, 2 * height)
            matrix = pdfium_c.FS_MATRIX(scale, 0, 0, scale, right, up)
            whole = pdfium_c.FS_RECTF(0, 2 * height, 2 * width, 0)
            pdfium_c.FPDFPage_TransFormWithClip(page.raw, matrix, whole)
            page.close()
        document.save(moved)
    assert read_report_of_mexico(moved) == read_report_of_mexico(volume)


def test_a_line_that_belongs_to_no_row_is_handed_back():
    lines = [
        line_of(690.0, course_title="A", student_count="1"),
        line_of(680.0, course_title="B", student_count="1"),
        line_of(600.0, course_title="stray"),
    ]
    *_, (texts, lost) = centered_rows(lines, EDGES, None)
    assert texts == {}
    assert [line.text for line in lost] == ["stray"]


# --- pages read by several processes ----------------------------------------------------------------


def test_two_processes_read_what_one_reads():
    seen = []
    one = read_report_of_mexico(VOLUMES[3])
    two = read_report(
        VOLUMES[3], partner_code="MX", processes=2, progress=lambda done, count: seen.append((done, count))
    )
    assert one == two
    pages = len(pdfium.PdfDocument(VOLUMES[3]))
    assert seen == [(number, pages) for number in range(1, pages + 1)]


PEAK = """
import re, sys
from pathlib import Path
from confianza.evidence.sources.fmtr.pdf import all_pages
for page in all_pages(Path(sys.argv[1])):
    pass
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_memory_does_not_grow_with_the_pages(tmp_path):
    peaks = []
    for times in (2, 20):
        volume = tmp_path / f"{times}.pdf"
        with pdfium.PdfDocument(VOLUMES[3]) as once, pdfium.PdfDocument.new() as repeated:
            for _ in range(times):
                repeated.import_pages(once)
            repeated.save(volume)
        run = subprocess.run(
            [sys.executable, "-c", PEAK, str(volume)], capture_output=True, check=True, text=True
        )
        peaks.append(int(run.stdout))
    few, many = peaks
    assert many - few < 20  # MB, for ten times as many pages; over 50 when the document stays open
