"""World Bank downloads in the Bank's own formats, whole and broken.

The figures of Mexico are those the Bank published of MS.MIL.XPND.CN (military expenditure, current local currency).
"""

import csv
import re
import zipfile

import openpyxl
import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.indicators import Status
from confianza.evidence.sources.world_bank import read_world_bank
from tests.evidence.test_table_files import rewritten

CODE, NAME = "MS.MIL.XPND.CN", "Military expenditure (current LCU)"
MEXICO = {1986: "500000000", 1987: "1121000000", 1988: "2232000000", 1989: "2839000000", 1990: "3405700000"}


def row(country: str, code: str, values: list[str], series: str = CODE, name: str = NAME) -> str:
    return ",".join(f'"{cell}"' for cell in (country, code, name, series, *values)) + ",\r\n"


YEARS = [*map(str, MEXICO), "1991"]
HEAD = '"Data Source","World Development Indicators",\r\n\r\n"Last Updated Date","2024-05-30",\r\n\r\n'
HEADER = ",".join(
    f'"{name}"' for name in ("Country Name", "Country Code", "Indicator Name", "Indicator Code", *YEARS)
)
BODY = (
    row("Arab World", "ARB", [""] * 6)
    + row("Mexico", "MEX", [*MEXICO.values(), ""])
    + row("Kosovo", "XKX", [""] * 6)
    + row("European Union", "EUU", ["1"] * 6)
    + row("Channel Islands", "CHI", [""] * 6)
)
WHOLE = "\ufeff" + HEAD + HEADER + ",\r\n" + BODY


def written(tmp_path, text: str, name: str = "API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def of_mexico(file):
    return {point.year: point.value for point in file.observations if point.country_code == "MX"}


EXPECTED = {year: float(value) for year, value in MEXICO.items()} | {1991: None}


def test_the_csv_of_an_indicator_is_read_with_its_release_and_places(tmp_path):
    file = read_world_bank(written(tmp_path, WHOLE))
    assert (file.source, file.release) == ("worldbank-wdi", "2024-05-30")
    assert of_mexico(file) == EXPECTED
    assert {point.country_code for point in file.observations} == {"MX", "QS", "XK"}
    point = next(point for point in file.observations if point.year == 1988)
    assert point.indicator_code == "expenditure-lcu"
    assert point.reference.place == "API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.csv, row 7, 1988"
    assert next(point for point in file.observations if point.year == 1991).status is Status.MISSING


def test_rows_that_are_no_country_are_told_by_name(tmp_path):
    file = read_world_bank(written(tmp_path, WHOLE))
    assert file.skipped == ("Arab World (ARB)", "European Union (EUU)")
    assert "QS" in {point.country_code for point in file.observations}  # the Channel Islands are no group


def test_the_archive_is_read_by_its_table_of_data(tmp_path):
    path = tmp_path / "API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Metadata_Indicator_API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.csv", "x")
        archive.writestr("API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.csv", WHOLE)
        archive.writestr("Metadata_Country_API_MS.MIL.XPND.CN_DS2_en_csv_v2_1.csv", "x")
    assert of_mexico(read_world_bank(path)) == EXPECTED


def test_the_workbook_is_read_by_its_sheet_of_data(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    sheet.append(["Data Source", "World Development Indicators"])
    sheet.append(["Last Updated Date", "2024-05-30"])
    sheet.append([])
    sheet.append(["Country Name", "Country Code", "Indicator Name", "Indicator Code", *YEARS])
    sheet.append(["Mexico", "MEX", NAME, CODE, *map(int, MEXICO.values())])
    book.create_sheet("Metadata - Countries")
    path = tmp_path / "API_MS.MIL.XPND.CN_DS2_en_excel_v2_1.xlsx"
    book.save(path)
    file = read_world_bank(path)
    assert (file.release, of_mexico(file)) == ("2024-05-30", EXPECTED)


def test_a_workbook_is_read_whole_whatever_size_it_says_it_has(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for line in csv.reader(WHOLE.lstrip("\ufeff").splitlines()):
        book.active.append([float(cell) if cell.isdigit() and len(cell) > 4 else cell for cell in line[:10]])
    path = tmp_path / "API.xlsx"
    book.save(path)
    rewritten(path, lambda text: re.sub("<dimension[^>]*/>", '<dimension ref="A1:B6"/>', text))
    assert of_mexico(read_world_bank(path)) == EXPECTED


def test_databanks_table_is_read_with_the_update_below_it(tmp_path):
    years = ",".join(f"{year} [YR{year}]" for year in MEXICO)
    text = (
        f"Country Name,Country Code,Series Name,Series Code,{years}\n"
        f"Mexico,MEX,{NAME},{CODE},{','.join(MEXICO.values())}\n"
        f"Aruba,ABW,{NAME},{CODE},..,..,..,..,..\n\n\n"
        '"Data from database: World Development Indicators"\nLast Updated: 12/18/2023\n'
    )
    file = read_world_bank(written(tmp_path, text))
    assert file.release == "2023-12-18"
    assert of_mexico(file) == {year: float(value) for year, value in MEXICO.items()}
    assert {point.status for point in file.observations if point.country_code == "AW"} == {Status.MISSING}


def test_any_indicator_is_taken_under_the_banks_own_code(tmp_path):
    text = WHOLE.replace(CODE, "SL.TLF.TOTL.IN").replace(NAME, "Labor force, total")
    file = read_world_bank(written(tmp_path, text))
    assert {point.indicator_code for point in file.observations} == {"SL.TLF.TOTL.IN"}
    assert file.names == {"SL.TLF.TOTL.IN": "Labor force, total"}


BROKEN = {
    "a cell with separators": (
        WHOLE.replace('"1121000000"', '"1,121,000,000"'),
        "indicator-not-number",
        7,
        "1987",
    ),
    "a footnote in a cell": (
        WHOLE.replace('"1121000000"', '"1121000000 (e)"'),
        "indicator-not-number",
        7,
        "1987",
    ),
    "cut off in a row": (WHOLE[: WHOLE.index('"3405700000"')], "world-bank-row", 7, None),
    "a row without its code": (WHOLE.replace('"MEX"', '""'), "world-bank-row", 7, None),
    "a country twice": (WHOLE + row("Mexico", "MEX", ["1"] * 6), "indicator-twice", 11, None),
    "no date of update": (WHOLE.replace("Last Updated Date", "Updated"), "world-bank-update", None, None),
    "a date that is none": (WHOLE.replace("2024-05-30", "May 2024"), "world-bank-update", None, None),
    "no years": (WHOLE.replace('"19', '"y19'), "world-bank-layout", None, None),
    "a year twice": (WHOLE.replace('"1991"', '"1990"'), "world-bank-layout", None, None),
    "another table": ("a,b\n1,2\n", "world-bank-layout", None, None),
    "countries only in groups": (
        HEAD + HEADER + ",\r\n" + row("World", "WLD", ["1"] * 6),
        "world-bank-no-country",
        None,
        None,
    ),
    "a page of errors": ("<html>Too many requests</html>", "world-bank-layout", None, None),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_download_is_refused_with_its_place(tmp_path, fault):
    text, code, number, field = BROKEN[fault]
    with pytest.raises(ImportRefusal) as refusal:
        read_world_bank(written(tmp_path, text))
    assert [(problem.code, problem.row, problem.field) for problem in refusal.value.problems] == [
        (code, number, field)
    ]
    assert all(str(problem) and problem.in_language("es") for problem in refusal.value.problems)


def test_what_is_no_file_of_its_kind_is_refused(tmp_path):
    for name in ("a.xlsx", "a.xls", "a.zip"):
        with pytest.raises(ImportRefusal) as refusal:
            read_world_bank(written(tmp_path, WHOLE, name))
        assert [problem.code for problem in refusal.value.problems] == ["indicator-unreadable"]
    with pytest.raises(ImportRefusal):
        read_world_bank(tmp_path / "not-there.csv")
