"""SIPRI's workbook in its own layout, whole and broken.

The layout is that of the workbook for 1949–2025 (© SIPRI 2026); the figures of Sweden, Iceland, the United States and
Kuwait are the publisher's, the rest are made up for the marks they show.
"""

import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.styles.colors import Color

from confianza.errors import ImportRefusal
from confianza.evidence.indicators import Status
from confianza.evidence.sources.sipri import country_of_row, read_sipri
from tests.evidence.test_table_files import rewritten

LEGEND = ["Figures in blue are SIPRI estimates. Figures in red indicate highly uncertain data."]
MARKS = ['". ." = data unavailable. "xxx" = country did not exist or was not independent']
SWEDEN = {"constant": 14954.07135864315, "current": 16473.47720649671, "gdp": 0.02471184849540041}
USA_2012 = 0.044617099699335


def workbook(tmp_path, change=lambda book: None, name: str = "SIPRI-Milex-data-1949-2025_v1.2.xlsx"):
    """A workbook of three sheets and its front page; `change` spoils it."""
    book = openpyxl.Workbook()
    book.active.title = "Front page"
    share = book.create_sheet("Share of GDP")
    share.append(
        ["Military expenditure by country as percentage of gross domestic product, 1949-2025 © SIPRI 2026"]
    )
    share.append(["Countries are grouped by region and subregion"])
    share.append(LEGEND)
    share.append(MARKS)
    share.append([])
    share.append(["Country", "Notes", 1990, 1991, 2012, 2025])
    share.delete_cols(3, 2)
    share.append([])
    share.append(["Americas"])
    share.append(["Mexico", "§4", 0.0052, "..."])
    share.append(["United States of America", None, USA_2012, 0.033])
    share.append(["European Union", None, 0.013, 0.019])
    share["C6"], share["D6"] = 2011, "2012"
    share["C10"], share["D10"] = 0.0466, USA_2012
    current = book.create_sheet("Current US$")
    for line in (
        ["Military expenditure by country, in millions of US$ at current prices, 1949-2025"],
        LEGEND,
        MARKS,
    ):
        current.append(line)
    current.append(["Country", "Notes", 2024, 2025])
    current.append(["Europe"])
    current.append(["Sweden", None, "...", SWEDEN["current"]])
    current.append(["Iceland", "§", "xxx", 0])
    current.append(["Kosovo", None, 100, 200])
    current["C8"].font = Font(color=Color(indexed=12))
    current["D8"].font = Font(color="FFFF0000")
    constant = book.create_sheet("Constant (2024) US$")
    for line in (
        ["Military expenditure by country, in constant (2024) US$ m., 1949-2025 © SIPRI 2026"],
        LEGEND,
    ):
        constant.append(line)
    constant.append(["Country", "", "Notes", 2025])
    constant.append(["Sweden", "", None, SWEDEN["constant"]])
    change(book)
    path = tmp_path / name
    book.save(path)
    return path


def value(file, code, country, year):
    (point,) = [
        point
        for point in file.observations
        if (point.indicator_code, point.country_code, point.year) == (code, country, year)
    ]
    return point


def test_the_sheets_are_found_by_name_and_read_in_their_units(tmp_path):
    file = read_sipri(workbook(tmp_path))
    assert (file.source, file.release) == ("sipri-milex", "2025")
    assert value(file, "expenditure-constant", "SE", 2025).note.en == "prices of 2024"
    assert value(file, "expenditure", "SE", 2025).value == pytest.approx(16_473_477_206.49671)
    assert value(file, "expenditure-constant", "SE", 2025).value == pytest.approx(14_954_071_358.64315)
    assert value(file, "expenditure-gdp", "US", 2012).value == pytest.approx(4.4617099699335)
    assert value(file, "expenditure", "IS", 2025).value == 0


def test_a_figure_leads_to_its_sheet_and_cell(tmp_path):
    file = read_sipri(workbook(tmp_path))
    place = value(file, "expenditure-gdp", "US", 2012).reference.place
    assert place == "SIPRI-Milex-data-1949-2025_v1.2.xlsx, sheet Share of GDP, cell D10"


def test_marks_and_colors_say_what_is_missing_and_what_is_estimated(tmp_path):
    file = read_sipri(workbook(tmp_path))
    assert value(file, "expenditure", "SE", 2024).status is Status.MISSING
    assert value(file, "expenditure", "IS", 2024).status is Status.NOT_EXISTING
    assert value(file, "expenditure", "XK", 2024).status is Status.ESTIMATE
    assert value(file, "expenditure", "XK", 2025).status is Status.UNCERTAIN
    assert value(file, "expenditure", "SE", 2025).status is Status.GIVEN


def test_headings_are_no_rows_and_unions_are_told_by_name(tmp_path):
    file = read_sipri(workbook(tmp_path))
    assert file.skipped == ("European Union",)


def test_shares_above_one_hundred_percent_are_kept(tmp_path):
    """Kuwait in 1991: 117.3 % of GDP."""

    def kuwait(book):
        book["Share of GDP"].append(["Kuwait", None, 1.173498232086904, 0.3178602444709137])

    assert value(
        read_sipri(workbook(tmp_path, kuwait)), "expenditure-gdp", "KW", 2011
    ).value == pytest.approx(117.35, abs=0.01)


def test_a_sheet_formatted_as_percentages_holds_shares_whatever_their_size(tmp_path):
    def formatted(book):
        sheet = book["Share of GDP"]
        for cell in ("C9", "C10", "D10"):
            sheet[cell], sheet[cell].number_format = 0.5, "0.0%"

    assert value(read_sipri(workbook(tmp_path, formatted)), "expenditure-gdp", "US", 2012).value == 50


def test_an_older_release_writes_usd_and_years_as_text(tmp_path):
    def older(book):
        book["Current US$"].title = "Current USD"
        book["Constant (2024) US$"].title = "Constant (2019) USD"
        book["Share of GDP"]["A1"] = "Military expenditure as percentage of GDP © SIPRI 2021"
        book["Constant (2019) USD"]["A1"] = "in constant (2019) US$ m. © SIPRI 2021"
        book["Current USD"]["C4"], book["Current USD"]["D4"] = "2024.0", "2025"

    file = read_sipri(workbook(tmp_path, older))
    assert value(file, "expenditure-constant", "SE", 2025).note.es == "precios de 2019"
    assert value(file, "expenditure", "SE", 2025).value == pytest.approx(16_473_477_206.49671)


def spoil(sheet, cell, content):
    def change(book):
        book[sheet][cell] = content

    return change


def without_sheets(book):
    for name in ("Share of GDP", "Current US$", "Constant (2024) US$"):
        del book[name]


BROKEN = {
    "words in a cell": (spoil("Current US$", "D6", "16 473"), "sipri-cell", "Current US$!D6"),
    "a negative figure": (spoil("Current US$", "D6", -5), "sipri-cell", "Current US$!D6"),
    "no header": (spoil("Share of GDP", "A6", "State"), "sipri-header", "Share of GDP"),
    "a year left out": (spoil("Share of GDP", "D6", 2013), "sipri-header", "Share of GDP"),
    "a year twice": (spoil("Share of GDP", "D6", 2011), "sipri-header", "Share of GDP"),
    "no unit": (spoil("Current US$", "A1", "Military expenditure by country"), "sipri-unit", "Current US$"),
    "a country twice": (spoil("Current US$", "A7", "Sweden"), "sipri-country-twice", "Current US$"),
    "no known sheet": (without_sheets, "sipri-sheets", None),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_workbook_is_refused_with_its_place(tmp_path, fault):
    change, code, field = BROKEN[fault]
    with pytest.raises(ImportRefusal) as refusal:
        read_sipri(workbook(tmp_path, change))
    assert [(problem.code, problem.field) for problem in refusal.value.problems] == [(code, field)]


def test_local_currency_is_read_where_its_unit_is_told_and_left_out_by_name_where_it_is_not(tmp_path):
    def local(words):
        def change(book):
            sheet = book.create_sheet("Local currency calendar years")
            sheet.append([f"Military expenditure by country{words}"])
            sheet.append(["Country", "Currency", "Notes", 2025])
            sheet.append(["Mexico", "Pesos", "§", 150000])

        return change

    told = read_sipri(workbook(tmp_path, local(", in millions of local currency")))
    assert value(told, "expenditure-lcu", "MX", 2025).value == 150e9
    untold = read_sipri(workbook(tmp_path, local("")))
    assert "Local currency calendar years (no unit)" in untold.skipped
    assert value(untold, "expenditure", "SE", 2025).value == pytest.approx(16_473_477_206.49671)


def test_the_release_is_the_last_year_with_figures_whatever_copyright_it_carries(tmp_path):
    def older(book):
        for sheet in book.worksheets[1:]:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value in (2024, 2025):
                        cell.value -= 2

    newer = read_sipri(workbook(tmp_path))
    assert (read_sipri(workbook(tmp_path, older)).release, newer.release) == ("2023", "2025")


def test_a_last_year_without_a_figure_is_no_release(tmp_path):
    def unfinished(book):
        for sheet in book.worksheets[1:]:
            for column in sheet.iter_cols():
                if any(cell.value == 2025 for cell in column):
                    for cell in column:
                        if isinstance(cell.value, int | float) and cell.value != 2025:
                            cell.value = ". ."

    assert read_sipri(workbook(tmp_path, unfinished)).release == "2024"


def test_a_sheet_that_says_it_is_shorter_than_it_is_is_read_whole(tmp_path):
    path = workbook(tmp_path)
    whole = read_sipri(path)
    rewritten(path, lambda text: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:B2"', text))
    assert read_sipri(path).observations == whole.observations


@pytest.mark.parametrize(("name", "release"), [("sipri-2022.xlsx", "2021"), ("sipri-2023.xlsx", "2023")])
def test_two_real_workbooks_with_one_year_of_copyright_are_two_releases(name, release):
    path = Path(__file__).parents[3] / "shared" / "data" / "indicators" / name
    if not path.exists():
        pytest.skip("SIPRI's workbooks are not beside the project: they may not be shipped")
    assert read_sipri(path).release == release


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "sipri.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ImportRefusal) as refusal:
        read_sipri(path)
    assert [problem.code for problem in refusal.value.problems] == ["indicator-unreadable"]


NAMES = """Algeria|Libya|Cape Verde|Central African Republic|Congo, Republic|Congo, DR|Côte d'Ivoire|Cote d'Ivoire|
Gambia, The|Guinea-Bissau|eSwatini|Tanzania|Dominican Republic|Trinidad & Tobago|United States of America|Bolivia|
Venezuela|Korea, North|Korea, South|Taiwan|Brunei|Laos|Myanmar|Timor Leste|Viet Nam|Kyrgyz Republic|
Bosnia and Herzegovina|Bosnia-Herzegovina|Czechia|Kosovo|North Macedonia|Moldova|Russia|Türkiye|Turkey|UK|
United Kingdom|Iran|Syria|UAE|United Arab Emirates|Yemen|Mexico"""
OTHERS = "Africa|North Africa|sub-Saharan Africa|Central America and the Caribbean|Asia & Oceania|Middle East|World"
OTHERS += "|European Union|USSR|German Democratic Republic|Czechoslovakia|Yemen, North"


def test_the_publishers_spellings_are_countries_and_its_regions_are_not():
    names = [name.strip() for name in NAMES.split("|")]
    assert [name for name in names if country_of_row(name) is None] == []
    assert [name for name in OTHERS.split("|") if country_of_row(name)] == []
