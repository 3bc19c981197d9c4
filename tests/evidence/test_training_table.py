"""The table of every volume: it agrees with the rows, and says what it is of."""

from dataclasses import replace

from confianza.cooperation.money import Money
from confianza.errors import Problem
from confianza.evidence.bundled import bundled_rows
from confianza.evidence.sources.fmtr import BlockSetAside, Report, Totals
from confianza.evidence.training_table import (
    build_table,
    bundled_table,
    coverage_text,
    entries_of,
    merge_tables,
    read_table,
    region_of_country,
    table_bytes,
)

LINES = [line for line in bundled_rows() if line.fiscal_year == 2011]
BLOCK = BlockSetAside(
    "BR",
    "IMET-1",
    2011,
    7,
    8,
    Totals(9, Money(1_200_00)),
    "as printed",
    (Problem("fmtr-cut-off", "v.pdf", 7, params={"country": "BR"}),),
)
REPORT = Report("2011-2012", "v.pdf", 2011, tuple(LINES), (), named=("BR", "MX"), blocks_set_aside=(BLOCK,))


def test_the_table_of_a_partner_is_what_its_rows_add_up_to():
    of_partner = [entry for entry in bundled_table().entries if entry.partner_code == "MX"]
    assert of_partner == entries_of(bundled_rows())


def test_what_a_report_sets_aside_is_in_its_coverage_and_in_the_sentence():
    table = build_table([REPORT])
    (item,) = table.coverage
    assert (item.fiscal_year, item.region, item.countries, item.missing) == (
        2011,
        "western-hemisphere",
        ("BR", "MX"),
        ("BR",),
    )
    assert (item.set_aside_count, item.set_aside_students, item.set_aside_dollars) == (1, 9, 1200)
    said = coverage_text(table)
    assert "Western Hemisphere FY2011; without 1 blocks set aside (9 students, $1,200 printed)" in said.en
    assert "sin 1 bloques apartados (9 alumnos, US$1,200 impresos)" in said.es
    assert "No volume at hand" in coverage_text(table, years=[1990]).en


def test_of_two_volumes_of_a_year_that_is_taken_which_is_read_better():
    worse = replace(REPORT, volume="a.pdf", lines=tuple(LINES[1:]))
    assert build_table([worse, REPORT]).entries == build_table([REPORT]).entries
    damaged = replace(REPORT, volume="a.pdf", blocks_set_aside=(replace(BLOCK, partner_code="MX"),))
    assert build_table([damaged, worse]).entries == tuple(entries_of(LINES[1:]))


def test_what_was_imported_takes_the_place_of_its_years_and_countries_alone():
    other = replace(LINES[0], partner_code="CO", student_count=5)
    newer = build_table([Report("2011-2012", "w.pdf", 2011, (other,), (), named=("CO",))])
    merged = merge_tables(build_table([REPORT]), newer)
    assert {entry.partner_code for entry in merged.entries} == {"CO", "MX"}
    (item,) = merged.coverage
    assert (item.countries, item.missing, item.volumes) == (("BR", "CO", "MX"), ("BR",), ("v.pdf", "w.pdf"))
    assert item.set_aside_count == 1
    assert merge_tables(merged, newer) == merged


def test_a_table_is_the_same_after_its_file():
    table = build_table([REPORT])
    assert read_table(table_bytes(table)) == table
    assert table_bytes(bundled_table()) == table_bytes(read_table(table_bytes(bundled_table())))


def test_every_country_of_the_table_is_of_a_region():
    unknown = {
        entry.partner_code
        for entry in bundled_table().entries
        if region_of_country(entry.partner_code) == "other"
    }
    assert unknown == set()
