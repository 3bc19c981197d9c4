"""The report's importer: the printed totals are the referee, and a file with a fault stores nothing."""

from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.money import Money
from confianza.errors import ImportRefusal
from confianza.evidence.sources.fmtr import read_report, read_row
from confianza.evidence.sources.fmtr_layout import LINE_PITCH, Line, table_rows

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
    with pytest.raises(ImportRefusal) as refusal:
        read_report_of_mexico(cut)
    assert "fmtr-cut-off" in codes(refusal)


def test_missing_middle_pages_do_not_reconcile_in_silence(tmp_path):
    volume = PAGES / "mx_2012_2013.pdf"
    cut = pages_of(volume, [0, 1, 2, 3, 5, 6, 7, 8], tmp_path / "cut.pdf")
    try:
        report = read_report_of_mexico(cut)
    except ImportRefusal:
        return
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
        ("student_count", "-2", "fmtr-students-not-positive"),
        ("student_count", "0", "fmtr-students-not-positive"),
        ("student_count", "2.5", "fmtr-students-not-positive"),
        ("student_count", "", "fmtr-students-not-positive"),
        ("cost", "-$5", "fmtr-cost-not-an-amount"),
        ("cost", "free", "fmtr-cost-not-an-amount"),
        ("start_date", "31/12/2010", "fmtr-date-not-understood"),
        ("end_date", "", "fmtr-date-not-understood"),
    ],
)
def test_a_bad_value_is_named_with_file_page_row_and_field(field, value, code):
    line, problems = read_row(GOOD | {field: value}, **PLACE)
    assert line is None
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


def test_every_fault_of_a_row_is_reported():
    _, problems = read_row(GOOD | {"student_count": "-2", "cost": "x", "end_date": "y"}, **PLACE)
    assert [problem.field for problem in problems] == ["student_count", "cost", "end_date"]


# --- the layout ---------------------------------------------------------------------------------------

EDGES = {"course_title": 50.0, "student_count": 200.0, "location": 250.0}


def line_of(baseline: float, **texts: str) -> Line:
    characters = [
        (EDGES[name] + 4.0 * at, character)
        for name, text in texts.items()
        for at, character in enumerate(text)
    ]
    return Line(baseline, tuple(sorted(characters)))


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 99)), min_size=1, max_size=12))
def test_wrapped_cells_come_back_in_their_rows(rows):
    """Rows of any height, set as the reports set them, are read as they were written."""
    top, lines, wanted = 700.0, [], []
    for number, (title_lines, place_lines, students) in enumerate(rows):
        height = max(title_lines, place_lines)
        middle = top - height * LINE_PITCH / 2
        title = [f"T{number}{part}" for part in range(title_lines)]
        place = [f"P{number}{part}" for part in range(place_lines)]
        grid: dict[float, dict[str, str]] = {middle: {"student_count": str(students)}}
        for name, words in (("course_title", title), ("location", place)):
            for part, word in enumerate(words):
                at = middle + ((len(words) - 1) / 2 - part) * LINE_PITCH
                key = next((known for known in grid if abs(known - at) < 0.1), at)
                grid.setdefault(key, {})[name] = word
        lines += [line_of(at, **texts) for at, texts in sorted(grid.items(), reverse=True)]
        wanted.append(
            {"course_title": " ".join(title), "student_count": str(students), "location": " ".join(place)}
        )
        top -= height * LINE_PITCH
    assert [texts for texts, lost in table_rows(lines, EDGES, 700.0) if not lost] == wanted


def test_a_line_that_belongs_to_no_row_is_handed_back():
    lines = [line_of(690.0, course_title="A", student_count="1"), line_of(600.0, course_title="stray")]
    *_, (texts, lost) = table_rows(lines, EDGES, None)
    assert texts == {}
    assert [line.text for line in lost] == ["stray"]
