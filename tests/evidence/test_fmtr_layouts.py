"""Layouts of the years that are not at hand as volumes: pages set again from the record, read, and reconciled."""

import ctypes
import random
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from confianza.cooperation.money import Money
from confianza.errors import ImportRefusal
from confianza.evidence.sources.fmtr import pdf, read_report
from confianza.evidence.sources.fmtr.headings import HeadingKind, read_heading
from confianza.evidence.sources.fmtr.layout import PageLine, Word, column_edges
from confianza.evidence.sources.fmtr.pdf import all_pages, with_headings
from confianza.evidence.sources.fmtr.report import Totals
from confianza.evidence.sources.fmtr.rows import read_cost

LAYOUTS = Path(__file__).parents[1] / "data" / "fmtr" / "layouts"
PIXELS = 1.5  # to a point
SIZES = {"2000_2001": (918, 1188), "2002_2003": (1512, 918)}


def placed(name: str) -> list[tuple[int, int, int, str]]:
    """Top, left, width and text of each piece of a page."""
    lines = (LAYOUTS / f"{name}.tsv").read_text("utf-8").splitlines()
    pieces = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(int(top), int(left), int(width), text) for top, left, width, text in pieces]


def set_text(document, page, text: str, *, left: float, bottom: float, width: float) -> None:
    """Set a text with its left edge, baseline and greatest width given, in points."""
    item = pdfium_c.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", 7.0)
    letters = (text + "\0").encode("utf-16-le")
    pdfium_c.FPDFText_SetText(item, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
    bounds = [ctypes.c_float() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetBounds(item, *bounds)
    natural = bounds[2].value - bounds[0].value
    pdfium_c.FPDFPageObj_Transform(item, min(width / natural, 1.0), 0, 0, 1, left, bottom)
    pdfium_c.FPDFPage_InsertObject(page.raw, item)


def volume_of(path: Path, pages: list[list[tuple[int, int, int, str]]], size=(1188, 918)) -> Path:
    """A PDF volume with these pages."""
    width, height = (side / PIXELS for side in size)
    with pdfium.PdfDocument.new() as document:
        for pieces in pages:
            page = document.new_page(width, height)
            for top, left, wide, text in pieces:
                set_text(
                    document,
                    page,
                    text,
                    left=left / PIXELS,
                    bottom=height - (top + 10) / PIXELS,
                    width=wide / PIXELS,
                )
            pdfium_c.FPDFPage_GenerateContent(page.raw)
            page.close()
        document.save(path)
    return path


@pytest.fixture
def volume(tmp_path):
    """Sets named layouts as one volume."""

    def setting(*names: str) -> Path:
        return volume_of(
            tmp_path / f"{names[0]}.pdf", [placed(name) for name in names], SIZES.get(names[0], (1188, 918))
        )

    return setting


def summary(report) -> list[tuple]:
    return [
        (
            line.partner_code,
            line.fiscal_year,
            line.course_title,
            line.student_count,
            line.location,
            line.student_unit,
            line.us_unit,
            line.cost.minor // 100,
        )
        for line in report.lines
    ]


def test_two_columns_of_text_and_two_fiscal_years(volume):
    report = read_report(volume("2000_2001"))
    assert (report.name, report.fiscal_year) == ("2000-2001", 2000)
    assert {line.report for line in report.lines} == {"2000-2001"}
    assert [line.fiscal_year for line in report.lines] == [2000] * 3 + [2001] * 3 + [2000] + [2001] * 3
    assert report.lines[6].program == "Miscellaneous, DoS/DoD, Non-Security Assistance"
    assert [line.start_date for line in report.lines] == [None] * 10
    assert report.remarks == ()
    assert [(item.program, item.fiscal_year, item.printed.student_count) for item in report.reconciliations][
        :3
    ] == [
        ("Asia-Pacific Center", 2000, 9),
        ("Asia-Pacific Center", 2001, 12),
        ("Asia-Pacific Center", None, 21),
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert len(report.reconciliations) == 8


def test_rows_from_the_top_and_a_row_that_goes_on_over_the_page(volume):
    report = read_report(volume("2001_2002", "2001_2002_2"))
    assert summary(report) == [
        (
            "AO",
            2001,
            "Senior Leader Seminar",
            2,
            "Libreville Gabon",
            "Ministry of Foreign Affairs MOD",
            "",
            9667,
        ),
        (
            "BJ",
            2001,
            "AIRBORNE",
            1,
            "FT BENNING GA 31905-5468",
            "Army, Ground Forces, 1st Batallion, Combined-Arms",
            "",
            1296,
        ),
        (
            "BJ",
            2001,
            "MET REGIONAL DIILS",
            45,
            "Benin",
            "Navy (2), Air Force (2), National Gendarmerie (8), Ground Forces",
            "",
            32329,
        ),
        ("BJ", 2001, "OJT COMM/ELECT TNG-CONUS", 1, "", "Air Force, on training in the US", "", 2903),
        (
            "BJ",
            2001,
            "SPECIALIZED ENG LANG TNG",
            1,
            "LACKLAND AFB, TX 78236",
            "Army, Posted at Ministry of National Defense",
            "",
            8708,
        ),
        ("BJ", 2001, "ACRI FT-4", 634, "BENIN", "ARMY", "3RD SFGA", 450000),
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert (report.lines[3].start_date, report.lines[3].end_date) == (date(2000, 10, 30), date(2000, 11, 24))


def test_pages_without_column_headings_show_their_columns(volume):
    report = read_report(volume("2003_2004"))
    assert summary(report)[3] == (
        "DZ",
        2003,
        "Senior Leader Seminar",
        2,
        "Addis Ababa, Ethiopia",
        "Ministry of Defense/Ministry of Foreign Affairs",
        "OSD, Joint Staff, NDU, USCENTCOM, MARFOREUR, FSI, COEDMHA",
        27775,
    )
    assert [item.printed.student_count for item in report.reconciliations] == [158] * 3 + [7] * 3
    assert all(item.reconciles for item in report.reconciliations)


def test_a_page_shifted_to_the_right_and_a_row_pushed_out_of_its_columns(volume):
    report = read_report(volume("2002_2003"))
    pushed = report.lines[-1]
    assert summary(report)[-1] == (
        "AR",
        2002,
        "CHDS Programs",
        4,
        "Washington, DC",
        "Techint Organization, Universidad de la Plata",
        "Center for Hemispheric Defense Studies",
        31996,
    )
    assert (pushed.start_date, pushed.end_date) == (date(2002, 1, 28), date(2002, 2, 15))
    assert report.lines[2].student_count == 0
    assert report.lines[2].course_title == "10 POS STUDENT CONSOLES"
    assert report.lines[3].course_title == "MANAGING ENG LANG TNG(MELT"
    assert all(item.reconciles for item in report.reconciliations)


def test_another_grid_and_a_name_too_long_for_its_cell(volume):
    report = read_report(volume("2015_2016"))
    assert summary(report)[0] == (
        "AG",
        2015,
        "Boarding Officer Basic EIMET",
        1,
        "Charleston, SC, US",
        "ABDF Coast Guard",
        "USCG Maritime Law Enforcement ACAD FLETC CHAR",
        8366,
    )
    assert [
        (item.partner_code, item.program, item.printed.student_count) for item in report.reconciliations
    ] == [
        ("AG", "IMET-1", 7),
        ("AG", "Regional Centers", 2),
        ("AG", None, 9),
        ("CD", "IMET-1", 1),
        ("CD", None, 1),
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert report.lines[-1].cost == Money(71_900)


def test_cells_that_touch_are_two_cells(tmp_path):
    pieces = placed("2015_2016")
    at = next(number for number, piece in enumerate(pieces) if piece[:2] == (214, 729))
    unit = "COGARD Training Center Yorktown Virginia United States"
    pieces[at] = (214, 729, 189, unit)  # as wide as its column
    line = read_report(volume_of(tmp_path / "touching.pdf", [pieces])).lines[3]
    assert (line.us_unit, line.cost) == (unit, Money(176_800))


# --- faults ---------------------------------------------------------------------------------------


def changed(name: str, **texts: str) -> list[tuple[int, int, int, str]]:
    """A layout with some of its texts replaced; the keys are `at_` and the place of the piece."""
    pieces = placed(name)
    for key, text in texts.items():
        at = int(key.removeprefix("at_"))
        pieces[at] = (*pieces[at][:3], text)
    return pieces


def codes(refusal) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def place_of(name: str, text: str) -> int:
    return [piece[3] for piece in placed(name)].index(text)


def read_changed(tmp_path, name: str, old: str, new: str):
    pieces = changed(name, **{f"at_{place_of(name, old)}": new})
    return read_report(volume_of(tmp_path / "changed.pdf", [pieces], SIZES.get(name, (1188, 918))))


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "field"),
    [
        ("2015_2016", "11/7/2014", "2/30/2015", "fmtr-date-not-understood", "end_date"),
        ("2015_2016", "11/7/2014", "9/7/2014", "fmtr-dates-reversed", "end_date"),
        ("2003_2004", "1/8/2003", "1/38/2003", "fmtr-date-not-understood", "end_date"),
    ],
)
def test_a_row_is_kept_when_only_a_date_is_wrong_and_the_report_says_so(
    tmp_path, name, old, new, code, field
):
    report = read_changed(tmp_path, name, old, new)
    assert [(item.code, item.row, item.field, item.params["value"]) for item in report.remarks] == [
        (code, 1, field, new)
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert (report.lines[0].end_date is None) == (code == "fmtr-date-not-understood")


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (
            "2015_2016",
            "Antigua and Barbuda Fiscal Year 2015 Totals",
            "Argentina Fiscal Year 2015 Totals",
            "fmtr-totals-of-another-country",
        ),
        ("2015_2016", "$8,366", "free", "fmtr-cost-not-an-amount"),
        ("2015_2016", "Total Cost", "Price", "fmtr-headings-not-understood"),
        (
            "2003_2004",
            "DOD Near East Region, Algeria, DoD Regional Centers for Strategic Studies,FY03",
            "DOD Near East Region, Ruritania, DoD Regional Centers for Strategic Studies,FY03",
            "fmtr-country-unknown",
        ),
        ("2003_2004", "Country Totals:", "Region Totals:", "fmtr-table-without-program"),
    ],
)
def test_a_block_that_is_not_understood_is_set_aside_with_its_page_totals_and_text(
    tmp_path, name, old, new, code
):
    whole = read_report(volume_of(tmp_path / "whole.pdf", [placed(name)], SIZES.get(name, (1188, 918))))
    report = read_changed(tmp_path, name, old, new)
    aside = report.blocks_set_aside
    assert code in {problem.code for block in aside for problem in block.problems}
    assert {block.page for block in aside} == {1}
    assert all(block.text and str(block.problems[0]) for block in aside)
    printed = [block.printed for block in aside if block.printed]
    assert len(report.lines) < len(whole.lines) or new == "Region Totals:"
    assert sum(total.student_count for total in printed) + sum(
        line.student_count for line in report.lines
    ) == (sum(line.student_count for line in whole.lines))


def test_the_totals_of_a_country_name_it_where_its_heading_is_lost(tmp_path):
    report = read_changed(tmp_path, "2015_2016", "Antigua and Barbuda", "Ruritania")
    assert {line.partner_code for line in report.lines} == {"AG", "CD"}
    assert all(item.reconciles for item in report.reconciliations)
    assert report.blocks_set_aside == ()


def test_totals_of_a_country_not_known_that_agree_are_those_of_the_one_above(tmp_path):
    report = read_changed(
        tmp_path,
        "2015_2016",
        "Antigua and Barbuda Fiscal Year 2015 Totals",
        "Oz Fiscal Year 2015 Totals",
    )
    assert [problem.code for problem in report.remarks] == ["fmtr-country-unknown"]
    assert all(item.reconciles for item in report.reconciliations)


def test_a_course_on_totals_is_a_course(tmp_path):
    report = read_changed(tmp_path, "2003_2004", "Bi-lateral seminar", "TOTAL QUALITY MANAGEMENT")
    assert report.lines[0].course_title == "TOTAL QUALITY MANAGEMENT"


def test_a_row_without_a_cost_is_not_read_into_the_row_above(tmp_path):
    (block,) = read_changed(tmp_path, "2003_2004", "$4,893", "-").blocks_set_aside
    assert ("fmtr-cost-not-an-amount", 3) in [(problem.code, problem.row) for problem in block.problems]
    assert {problem.row for problem in block.problems} == {3}


def test_a_heading_in_two_lines_is_one(tmp_path):
    """The first line ends with a number, as the name of a program may."""
    pieces = placed("2003_2004")
    heading = "DOD South Asia Region, Afghanistan, DoD Regional Centers for Strategic Studies,FY03"
    at = [piece[3] for piece in pieces].index(heading)
    pieces[at : at + 1] = [
        (242, 61, 500, "DOD South Asia Region, Afghanistan, Section 1004"),
        (255, 61, 200, "Counter-Drug,FY03"),
    ]
    report = read_report(volume_of(tmp_path / "wrapped.pdf", [pieces]))
    assert {line.program for line in report.lines if line.partner_code == "AF"} == {
        "Section 1004 Counter-Drug"
    }
    assert all(item.reconciles for item in report.reconciliations)


def test_names_of_countries_before_the_tables_are_no_headings(tmp_path):
    front = [
        (100, 27, 100, "Angola"),
        (120, 27, 100, "Benin"),
        (140, 27, 300, "Africa Fiscal Year 2015 Totals 9 $76,856"),
    ]
    report = read_report(volume_of(tmp_path / "whole.pdf", [front, placed("2015_2016")]))
    assert [item.partner_code for item in report.reconciliations if item.program is None] == ["AG", "CD"]
    assert {line.page for line in report.lines} == {2}


def test_blocks_of_a_report_whose_totals_are_mostly_wrong_are_set_aside(tmp_path):
    pieces = [
        (
            top,
            left,
            width,
            "$1" if text.startswith("$") and top not in {209, 221, 233, 292, 304, 316} else text,
        )
        for top, left, width, text in placed("2003_2004")
    ]
    report = read_report(volume_of(tmp_path / "wrong.pdf", [pieces]))
    assert report.lines == ()
    assert {problem.code for block in report.blocks_set_aside for problem in block.problems} == {
        "fmtr-does-not-reconcile"
    }
    assert report.coverage.missing == ("AF", "DZ")


def test_a_picture_of_a_page_is_set_aside(tmp_path):
    volume = volume_of(tmp_path / "text.pdf", [placed("2015_2016"), []])
    picture = tmp_path / "picture.pdf"
    with pdfium.PdfDocument(volume) as document:
        image = pdfium.PdfImage.new(document)
        image.set_bitmap(pdfium.PdfBitmap.new_native(4, 4, pdfium_c.FPDFBitmap_BGR))
        page = document[1]
        page.insert_obj(image)
        page.gen_content()
        page.close()
        document.save(picture)
    assert read_report(volume).lines  # an empty page says nothing
    report = read_report(picture)
    assert summary(report) == summary(read_report(volume))
    assert [(block.problems[0].code, block.page, block.text) for block in report.blocks_set_aside] == [
        ("fmtr-page-without-text", 2, "")
    ]


def test_a_total_that_differs_is_listed_with_both_figures(tmp_path):
    report = read_changed(tmp_path, "2015_2016", "$572", "$573")
    wrong = [item for item in report.reconciliations if not item.reconciles]
    assert [(item.program, item.computed.cost, item.printed.cost) for item in wrong] == [
        ("Regional Centers", Money(57_300), Money(57_200)),
        (None, Money(7_685_700), Money(7_685_600)),
    ]


def test_a_report_without_totals_says_that_nothing_could_be_checked(tmp_path):
    pieces = placed("2003_2004")
    totals = {top for top, _, _, text in pieces if "Totals" in text}
    report = read_report(
        volume_of(tmp_path / "bare.pdf", [[piece for piece in pieces if piece[0] not in totals]])
    )
    assert report.reconciliations == ()
    assert [(item.partner_code, item.program, item.computed.student_count) for item in report.unchecked] == [
        ("DZ", "DoD Regional Centers for Strategic Studies", 158),
        ("DZ", None, 158),
        ("AF", "DoD Regional Centers for Strategic Studies", 7),
        ("AF", None, 7),
    ]


# --- countries named and read ---------------------------------------------------------------------


def test_countries_of_the_contents_that_are_not_read_are_named(tmp_path):
    contents = [
        (100, 27, 100, "Antigua and Barbuda ........ 2"),
        (120, 27, 300, "Congo, Democratic Republic of 2"),
        (140, 27, 100, "Viet Nam 31"),
    ]
    report = read_report(volume_of(tmp_path / "whole.pdf", [contents, placed("2015_2016")]))
    assert report.named == ("AG", "CD", "VN")
    assert report.coverage.missing == ("VN",)


def test_every_country_that_is_headed_is_named_and_read(volume):
    report = read_report(volume("2003_2004"))
    assert (report.named, report.coverage.missing) == (("AF", "DZ"), ())


@pytest.mark.parametrize("name", ["Ruritania", "Ruritania, Kingdom of"])
@pytest.mark.parametrize("region", ["", "DOD Near East Region, ", "Near East Region, "])
def test_an_early_heading_of_an_unknown_country_is_set_aside_with_or_without_its_region(
    tmp_path, region, name
):
    heading = "DOD Near East Region, Algeria, DoD Regional Centers for Strategic Studies,FY03"
    report = read_changed(tmp_path, "2003_2004", heading, f"{region}{name}, DoD Regional Centers,FY03")
    (block,) = report.blocks_set_aside
    (problem,) = block.problems
    assert (problem.code, problem.page) == ("fmtr-country-unknown", 1)
    assert name in problem.params["country"]
    assert {line.partner_code for line in report.lines} == {"AF"}


def test_an_unknown_country_over_two_lines_is_set_aside_by_its_name(tmp_path):
    pieces = placed("2003_2004")
    heading = "DOD South Asia Region, Afghanistan, DoD Regional Centers for Strategic Studies,FY03"
    at = [piece[3] for piece in pieces].index(heading)
    pieces[at : at + 1] = [
        (242, 61, 500, "Ruritania, International Military Education"),
        (255, 61, 200, "and Training (IMET), FY 03"),
    ]
    assert [
        (code, params["country"].partition(",")[0])
        for code, params in aside_of(volume_of(tmp_path / "wrapped.pdf", [pieces]))
    ] == [("fmtr-country-unknown", "Ruritania")]


def test_an_unknown_country_is_named_when_another_is_asked_for(tmp_path):
    """It might be a spelling of the one that was asked for."""
    pieces = [(*piece[:3], piece[3].replace("Algeria", "Ruritania")) for piece in placed("2003_2004")]
    report = read_report(volume_of(tmp_path / "other.pdf", [pieces]), partner_code="AF")
    assert [block.problems[0].code for block in report.blocks_set_aside] == ["fmtr-country-unknown"]
    assert {line.partner_code for line in report.lines} == {"AF"}


@pytest.mark.parametrize(("text", "is_remark"), [("Ruritania", True), ("A COURSE 3 $400", False)])
def test_text_between_the_tables_is_not_left_out_in_silence(tmp_path, text, is_remark):
    """Figures are set aside, in case they are of a row; other words are a remark."""
    pieces = [*placed("2015_2016"), (580, 27, 100, text)]
    report = read_report(volume_of(tmp_path / "more.pdf", [pieces]))
    problems = report.remarks if is_remark else report.blocks_set_aside[0].problems
    assert [(problem.code, problem.params["text"]) for problem in problems] == [
        ("fmtr-line-outside-table", text)
    ]
    assert all(item.reconciles for item in report.reconciliations)


# --- what volumes do ------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [90, 180, 270])
@pytest.mark.parametrize("names", [("2001_2002", "2001_2002_2"), ("2015_2016",)])
def test_a_page_that_is_turned_is_read_as_it_is_shown(volume, tmp_path, names, angle):
    upright = volume(*names)
    turned = tmp_path / "turned" / upright.name
    turned.parent.mkdir()
    with pdfium.PdfDocument(upright) as document:
        for page in document:
            width, height = page.get_size()
            right_angle = {
                90: (0, 1, -1, 0, height, 0),
                180: (-1, 0, 0, -1, width, height),
                270: (0, -1, 1, 0, 0, width),
            }[angle]
            for item in page.get_objects():
                pdfium_c.FPDFPageObj_Transform(item.raw, *right_angle)
            if angle != 180:
                page.set_mediabox(0, 0, height, width)
            page.set_rotation(angle)
            pdfium_c.FPDFPage_GenerateContent(page.raw)
            page.close()
        document.save(turned)
    report, other = read_report(turned), read_report(upright)
    assert summary(report) == summary(other) != []
    assert report.reconciliations == other.reconciliations


@pytest.mark.parametrize("unit", ["Unit -", "Unit-"])
def test_a_hyphen_may_touch_a_word_of_the_headings(unit):
    columns = [
        "Course Title",
        "Qty",
        "Training Location",
        "Student's Unit",
        f"US {unit} US Qty",
        "Total Cost",
    ]
    words = [word for column in columns for word in re.split(r" (?!-)", column)]
    line = PageLine(0.0, tuple(Word(at * 40.0, at * 40.0 + 20, word) for at, word in enumerate(words)))
    assert list(column_edges(line)) == [
        "course_title",
        "student_count",
        "location",
        "student_unit",
        "us_unit",
        "cost",
    ]


def test_no_space_before_the_year_of_a_heading_is_needed():
    heading = read_heading("IMET-1 -FY 2008 DoS Training")
    assert (heading.kind, heading.program, heading.fiscal_year) == (HeadingKind.BLOCK, "IMET-1", 2008)


def test_costs_are_read_to_the_cent():
    assert read_cost("275967.625") == Money(27_596_763)
    assert read_cost("$1,234") == Money(123_400)
    for text in ("1.234,5", "12,34", "$-5", "free", ""):
        assert read_cost(text) is None


def test_a_unit_that_begins_with_its_country_is_part_of_its_row():
    """The totals come right below it, and its name once more below them."""
    lines = [
        PageLine(20.0, (Word(0.0, 9.0, "Antigua and Barbuda, 1st Battalion"),)),
        PageLine(10.0, (Word(0.0, 9.0, "Fiscal Year 2015 Program Totals 7 $35"),)),
        PageLine(0.0, (Word(0.0, 9.0, "Antigua and Barbuda"),)),
    ]
    assert [heading and heading.kind for _, heading in with_headings(lines)] == [
        None,
        HeadingKind.PROGRAM_TOTALS,
        None,
    ]


def test_a_blank_page_says_nothing(tmp_path):
    blank = [(400, 300, 200, "This page intentionally left blank.")]
    report = read_report(volume_of(tmp_path / "blank.pdf", [placed("2015_2016"), blank]))
    assert all(item.reconciles for item in report.reconciliations)


def test_a_row_of_a_cost_alone_is_set_aside_and_no_crash(tmp_path):
    pieces = [piece for piece in placed("2001_2002") if piece[0] != 323 or piece[3] in {"1", "$1,296"}]
    report = read_report(volume_of(tmp_path / "bare.pdf", [pieces, placed("2001_2002_2")]))
    assert "fmtr-title-missing" in {
        problem.code for block in report.blocks_set_aside for problem in block.problems
    }


LAYOUT_NAMES = [("2000_2001",), ("2001_2002", "2001_2002_2"), ("2002_2003",), ("2003_2004",), ("2015_2016",)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("names", LAYOUT_NAMES, ids=lambda names: names[0])
def test_a_damaged_page_is_read_with_all_its_totals_or_says_what_it_lacks(tmp_path, names, seed):
    """Whatever pieces a page has lost: no other error, and no total that it prints is left out."""
    chance = random.Random(f"{names}{seed}")  # noqa: S311 - not for secrets
    pages = [placed(name) for name in names]
    for pieces in pages:
        for _ in range(chance.randint(1, 4)):
            del pieces[chance.randrange(len(pieces))]
    path = volume_of(tmp_path / "damaged.pdf", pages, SIZES.get(names[0], (1188, 918)))
    try:
        report = read_report(path)
    except ImportRefusal:
        return
    totals = sum("Totals" in text for pieces in pages for *_, text in pieces)
    said = report.blocks_set_aside or report.remarks
    assert said or len(report.reconciliations) == totals
    assert all(block.problems and block.page for block in report.blocks_set_aside)
    if not said:
        assert report.coverage.missing == ()


@pytest.mark.parametrize("seed", range(6))
def test_lines_dropped_repeated_and_garbled_never_end_in_another_error(seed, monkeypatch, tmp_path):
    """Every line of a real volume's pages may be gone, twice, or of other letters; the others are still read."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    volume = sorted((LAYOUTS.parent).glob("mx_*.pdf"))[seed]
    pages = list(all_pages(volume))

    def damaged(line: PageLine) -> list[PageLine]:
        kind = chance.random()
        if kind < 0.02:
            return []
        if kind < 0.04:
            return [line, replace(line, baseline=line.baseline - 0.7)]
        if kind < 0.06:
            words = [
                word._replace(text="".join(chance.sample(word.text, len(word.text)))) for word in line.words
            ]
            return [replace(line, words=tuple(words))]
        return [line]

    lost = [
        replace(page, lines=tuple(other for line in page.lines for other in damaged(line))) for page in pages
    ]
    monkeypatch.setattr(pdf, "all_pages", lambda path, processes=1: iter(lost))
    report = read_report(volume)
    assert report.lines or report.blocks_set_aside
    assert all(str(problem) for block in report.blocks_set_aside for problem in block.problems)
    wrong = [item for item in report.reconciliations if not item.reconciles]
    assert report.blocks_set_aside or wrong or report.remarks


COLUMN = [
    (80, "Africa Region, {country}, IMET, FY 00"),
    (95, "Title of # Cost"),
    (112, "COURSE A 3 $100"),
    (129, "COURSE B 1 $200"),
    (146, "FY 00 Totals: 4 $300"),
    (163, "Program Totals: 4 $300"),
    (180, "Country Totals: 4 $300"),
]


def columns_of_text(shift: int) -> list[tuple[int, int, int, str]]:
    """A page in two columns of text, the right one a little lower than the left."""
    pieces = []
    for left, lower, country in ((80, 0, "Benin"), (490, shift, "Chad")):
        for top, text in COLUMN:
            *words, count, cost = text.format(country=country).split()
            if top == 80:
                pieces.append((top + lower, left, 300, text.format(country=country)))
                continue
            pieces.append((top + lower, left, 200, " ".join(words)))
            pieces.append((top + lower, left + 230, 8, count))
            pieces.append((top + lower, left + 290, 30, cost))
    return pieces


@pytest.mark.parametrize("shift", [0, 2, 7])
def test_columns_of_text_need_not_stand_on_the_same_lines(tmp_path, shift):
    report = read_report(volume_of(tmp_path / "columns.pdf", [columns_of_text(shift)], (918, 1188)))
    assert [(row[0], row[2], row[3], row[7]) for row in summary(report)] == [
        ("BJ", "COURSE A", 3, 100),
        ("BJ", "COURSE B", 1, 200),
        ("TD", "COURSE A", 3, 100),
        ("TD", "COURSE B", 1, 200),
    ]
    assert all(item.reconciles for item in report.reconciliations)


# --- web pages ------------------------------------------------------------------------------------


def test_a_web_page_with_headed_tables_and_cents():
    report = read_report(LAYOUTS / "2006_2007.html")
    assert (report.name, report.fiscal_year, len(report.lines)) == ("2006-2007", 2006, 12)
    assert [(item.printed.student_count, item.reconciles) for item in report.reconciliations] == [
        (7, True),
        (5, True),
        (12, True),
    ]
    line = report.lines[1]
    assert (line.program, line.student_unit, line.us_unit) == (
        "CTFP",
        "Gendarmerie (Director of Internal and External Security)",
        "-",
    )
    assert (line.start_date, line.end_date) == (date(2006, 7, 24), date(2006, 7, 28))
    assert report.lines[7].cost == Money(1_555_926)


def test_a_web_page_without_headings_and_with_two_fiscal_years():
    report = read_report(LAYOUTS / "1999_2000.html")
    assert (report.name, report.fiscal_year) == ("1999-2000", 1999)
    assert [(line.fiscal_year, line.program, line.course_title) for line in report.lines] == [
        (1999, "International Narcotics And Law Enforcement (INL)", "MTT COMERC CTRL,INFRAS DEV"),
        (2000, "Section 1004 - DoD Drug Interdiction", "CDTS"),
        (1999, "Miscellaneous DoD-DoS Activities", "JCET: SOF METL TNG: ANTIGUA:"),
        (1999, "Miscellaneous DoD-DoS Activities", "JCET: SOF METL TNG: NCO LEADER"),
    ]
    assert all(item.reconciles for item in report.reconciliations)
    assert report.reconciliations[-1].printed.student_count == 186


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<TD><P>GHANA</P></TD>", "", "fmtr-line-outside-table"),
        ("<P>1325</P>", "<P>?</P>", "fmtr-cost-not-an-amount"),
        ("Togo FY 2006 Totals", "-", "fmtr-cut-off"),
        ("FY 2006 Program Totals", "FY 2006 Subtotal", "fmtr-totals-not-understood"),
        ("FY 2006", "Year", "fmtr-not-this-report"),
    ],
)
def test_what_a_web_page_lacks_is_set_aside_or_said(tmp_path, old, new, code):
    page = tmp_path / "page.htm"
    page.write_text((LAYOUTS / "2006_2007.html").read_text("utf-8").replace(old, new), "utf-8")
    if code == "fmtr-not-this-report":
        with pytest.raises(ImportRefusal) as refusal:
            read_report(page)
        assert codes(refusal) == {code}
        return
    report = read_report(page)
    problems = [problem for block in report.blocks_set_aside for problem in block.problems]
    assert code in {problem.code for problem in [*problems, *report.remarks]}
    assert not all(item.reconciles for item in report.reconciliations if item.program is None) or code == (
        "fmtr-cut-off"
    )


def test_a_country_and_its_first_program_in_one_heading(tmp_path):
    page = tmp_path / "page.htm"
    text = (LAYOUTS / "2006_2007.html").read_text("utf-8")
    text = text.replace("<U>Togo</U>", "").replace("<B>CTFP - FY", "<B>Togo CTFP - FY")
    page.write_text(text, "utf-8")
    report = read_report(page)
    assert {line.program for line in report.lines} == {"CTFP", "Regional Centers"}
    assert all(item.reconciles for item in report.reconciliations)


EARLY = """<HTML><BODY><TABLE>
<TR><TD><B>Mexico, IMET, FY 99</B></TD></TR>
<TR><TD>ORIENT TOUR</TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>FY 99 Totals: </TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>Program Totals: </TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>Country Totals: </TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD><B>{heading}</B></TD></TR>
{rows}
<TR><TD>FY 99 Totals: </TD><TD>500</TD><TD>$4,000,000</TD></TR>
<TR><TD>Program Totals: </TD><TD>500</TD><TD>$4,000,000</TD></TR>
<TR><TD>Country Totals: </TD><TD>500</TD><TD>$4,000,000</TD></TR>
</TABLE></BODY></HTML>"""
PILOTS = "<TR><TD>PILOT TRAINING</TD><TD>500</TD><TD>$4,000,000</TD></TR>"


def early_page(
    tmp_path, *, heading: str = "Korea, Foreign Military Sales, FY 99", rows: str = PILOTS
) -> Path:
    page = tmp_path / "page.htm"
    page.write_text(EARLY.format(heading=heading, rows=rows), "utf-8")
    return page


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea", "KR"),
        ("Viet Nam", "VN"),
        ("Myanmar", "MM"),
        ("Holy See", "VA"),
        ("Netherlands Antilles (NE)", "AN"),
        ("East Asia and Pacific Region, Korea, Republic of", "KR"),
        ("Congo, Democratic Republic of", "CD"),
    ],
)
def test_a_country_of_a_web_page_is_read_under_any_of_its_names(tmp_path, name, code):
    report = read_report(early_page(tmp_path, heading=f"{name}, Foreign Military Sales, FY 99"))
    assert [(line.partner_code, line.student_count) for line in report.lines] == [("MX", 1), (code, 500)]
    assert report.named == tuple(sorted(("MX", code)))
    assert report.coverage.missing == ()


def aside_of(path: Path) -> list[tuple]:
    """Code and parameters of what the blocks that were set aside are for."""
    return [
        (problem.code, problem.params)
        for block in read_report(path).blocks_set_aside
        for problem in block.problems
    ]


def test_a_country_of_a_web_page_does_not_vanish(tmp_path):
    page = early_page(tmp_path, heading="Ruritania, Foreign Military Sales, FY 99")
    assert aside_of(page) == [("fmtr-country-unknown", {"country": "Ruritania, Foreign Military Sales"})]
    (block,) = read_report(page).blocks_set_aside
    assert (block.partner_code, block.printed.student_count) == ("", 500)
    assert "PILOT TRAINING 500 $4,000,000" in block.text
    assert [line.partner_code for line in read_report(page).lines] == ["MX"]


@pytest.mark.parametrize(("before", "heading"), [("Papua New", "Guinea"), ("Some text", "Korea")])
def test_a_text_between_the_tables_of_a_web_page_may_begin_a_heading_and_sets_it_aside(
    tmp_path, before, heading
):
    heading = f"{before}</B></TD></TR><TR><TD><B>{heading}, Foreign Military Sales, FY 99"
    assert {params["text"] for _, params in aside_of(early_page(tmp_path, heading=heading))} == {before}


def test_rows_of_a_web_page_under_no_heading_are_set_aside(tmp_path):
    page = early_page(tmp_path, heading="Korea")
    assert "fmtr-table-without-program" in {code for code, _ in aside_of(page)}
    (block,) = read_report(page).blocks_set_aside
    assert (block.partner_code, block.printed.student_count) == ("KR", 500)


@pytest.mark.parametrize(
    ("rows", "titles", "remarked"),
    [
        (
            f"{PILOTS}<TR><TD>In Country Team</TD><TD>0</TD></TR>",
            ["PILOT TRAINING", "In Country Team"],
            ["cost"],
        ),
        (PILOTS.replace("</TR>", "<TD></TD></TR>"), ["PILOT TRAINING"], []),
        (PILOTS.replace("PILOT TRAINING", "CONTRACTS - TOTAL"), ["CONTRACTS - TOTAL"], []),
    ],
)
def test_odd_rows_of_a_web_page_are_read_when_the_totals_bear_them_out(tmp_path, rows, titles, remarked):
    report = read_report(early_page(tmp_path, rows=rows))
    assert [line.course_title for line in report.lines[1:]] == titles
    assert [(item.code, item.field) for item in report.remarks] == [
        ("fmtr-not-printed", name) for name in remarked
    ]
    assert all(item.reconciles for item in report.reconciliations)


def test_a_row_without_a_cost_is_set_aside_when_the_totals_do_not_bear_it_out(tmp_path):
    (block,) = read_report(
        early_page(tmp_path, rows=PILOTS.replace("<TD>$4,000,000</TD>", ""))
    ).blocks_set_aside
    assert [(item.code, item.field) for item in block.problems] == [("fmtr-cost-not-an-amount", "cost")]


def test_totals_that_print_no_cost_are_of_rows_without_one(tmp_path):
    page = early_page(tmp_path, rows="<TR><TD>Team</TD><TD>500</TD></TR>")
    page.write_text(page.read_text().replace("<TD>$4,000,000</TD>", ""))
    report = read_report(page)
    assert [(line.student_count, line.cost) for line in report.lines[1:]] == [(500, Money(0))]
    assert all(item.reconciles for item in report.reconciliations)


def test_totals_printed_over_a_row_set_their_block_aside(tmp_path):
    """What the row had under the totals is lost; the other block and the country's totals are still read."""
    page = tmp_path / "page.htm"
    rows = re.split(r"(?i)(?=<TR)", (LAYOUTS / "2006_2007.html").read_text("utf-8"))
    at = next(number for number, row in enumerate(rows) if "FY 2006 Program Totals" in row)
    dates = "<TD>6/22/2006</TD><TD>6/26/2006</TD>"
    over = (
        "<TR><TD>FY 2006 Program Totals</TD><TD>7</TD><TD>MONTEREY, CA</TD><TD>MOD</TD><TD>-</TD><TD>$9</TD>"
    )
    page.write_text("".join([*rows[: at - 1], f"{over}{dates}</TR>", *rows[at + 1 :]]), "utf-8")
    report = read_report(page)
    (block,) = report.blocks_set_aside
    assert (block.program, block.printed) == ("CTFP", Totals(7, Money(900)))
    assert "fmtr-totals-with-cells" in {problem.code for problem in block.problems}
    assert {line.program for line in report.lines} == {"Regional Centers"}
    (country,) = [item for item in report.reconciliations if item.program is None]
    assert (country.set_aside_count, country.reconciles) == (1, False)


def test_blocks_under_one_line_of_totals_are_checked_together(tmp_path):
    """The totals of the first block and the heading's own were lost; those below are of both."""
    rows = f"""{PILOTS}
    <TR><TD><B>Korea, Other Training, FY 99</B></TD></TR>
    <TR><TD>SECOND</TD><TD>0</TD><TD>$0</TD></TR>"""
    report = read_report(early_page(tmp_path, rows=rows))
    assert report.blocks_set_aside == ()
    assert [(line.program, line.course_title) for line in report.lines[1:]] == [
        ("Foreign Military Sales", "PILOT TRAINING"),
        ("Other Training", "SECOND"),
    ]
    assert all(item.reconciles for item in report.reconciliations)
