"""The readers of indicators on files that people downloaded from the publishers; read one by one, without the reader."""

import csv
from pathlib import Path

import openpyxl
import pytest

from confianza.evidence.sources.sipri import read_sipri
from confianza.evidence.sources.world_bank import read_world_bank

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "indicators"
pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the publishers' files are not beside the project"
)


def by_year(file, code, country):
    return {
        item.year: item.value
        for item in file.observations
        if (item.indicator_code, item.country_code) == (code, country) and item.value is not None
    }


@pytest.mark.parametrize(
    ("name", "country", "code"),
    [
        ("API_MEX_DS2_en_csv_v2_1219898.csv", "MEX", "MX"),
        ("API_COL_DS2_en_csv_v2_1226896.csv", "COL", "CO"),
        ("API_SP.POP.TOTL_DS2_en_csv_v2_1976634.csv", "MEX", "MX"),
    ],
)
def test_the_population_of_a_world_bank_download_is_that_of_its_row(name, country, code):
    rows = list(csv.reader((FOLDER / name).read_text(encoding="utf-8-sig").splitlines()))
    header = next(row for row in rows if row[:1] == ["Country Name"])
    (printed,) = (row for row in rows if row[1:2] == [country] and row[3] == "SP.POP.TOTL")
    wanted = {
        int(year): float(value)
        for year, value in zip(header, printed, strict=False)
        if year.isdecimal() and value
    }
    file = read_world_bank(FOLDER / name)
    assert file.source == "worldbank-wdi"
    assert by_year(file, "population", code) == wanted
    assert len(wanted) > 55


def test_the_channel_islands_are_read_though_iso_3166_has_no_code_for_both():
    name = "API_CHI_DS2_en_csv_v2_1229415.csv"
    rows = list(csv.reader((FOLDER / name).read_text(encoding="utf-8-sig").splitlines()))
    header = next(row for row in rows if row[:1] == ["Country Name"])
    (printed,) = (row for row in rows if row[3:4] == ["SP.POP.TOTL"])
    wanted = {
        int(year): float(value)
        for year, value in zip(header, printed, strict=False)
        if year.isdecimal() and value
    }
    file = read_world_bank(FOLDER / name)
    assert by_year(file, "population", "QS") == wanted
    assert len(wanted) > 55


def test_every_row_of_a_world_bank_download_that_is_left_out_is_of_a_group():
    """The groups are those that have no region in the Bank's own list; all but these words of a group are countries."""
    file = read_world_bank(FOLDER / "API_SP.POP.TOTL_DS2_en_csv_v2_1976634.csv")
    words = (
        "income", "dividend", "states", "area", "Union", "World", "Asia", "Africa", "America", "Europe", "OECD",
        "IDA", "IBRD", "HIPC", "situations", "classif", "Baltics",
    )  # fmt: skip
    assert [name for name in file.skipped if not any(word in name for word in words)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sipri-2022.xlsx", "sipri-2023.xlsx"])
def test_the_shares_of_gdp_of_a_sipri_workbook_are_those_of_its_rows(name):
    sheet = openpyxl.load_workbook(FOLDER / name, data_only=True, read_only=True)["Share of GDP"]
    rows = list(sheet.iter_rows(values_only=True))
    header = next(row for row in rows if row[0] == "Country")
    file = read_sipri(FOLDER / name)
    for country, code in (("Mexico", "MX"), ("United States of America", "US")):
        (printed,) = (row for row in rows if row[0] == country)
        wanted = {
            int(year): value
            for year, value in zip(header, printed, strict=False)
            if str(year).isdecimal() and isinstance(value, int | float)
        }
        found = by_year(file, "expenditure-gdp", code)
        assert found.keys() == wanted.keys()
        assert all(found[year] == pytest.approx(100 * wanted[year]) for year in wanted)
        assert len(wanted) > 60
