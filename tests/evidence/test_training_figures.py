"""The shipped figures: made from the reports, beside the thesis's table, with every difference."""

from dataclasses import replace
from pathlib import Path

import pytest

from confianza.cooperation.training.imet import compare_with_thesis, thesis_table_2
from confianza.evidence.shipped import lines_csv, shipped_csv, shipped_lines
from confianza.evidence.sources.fmtr import read_report
from confianza.evidence.training import aggregate, embedded_figures

PAGES = sorted((Path(__file__).parents[1] / "data" / "fmtr").glob("mx_*.pdf"))


def as_printed(lines):
    """Rows without the place they were read from, which differs between a volume and the pages cut from it."""
    return [replace(line, volume="", page=0) for line in lines]


def test_the_shipped_rows_are_those_of_the_reports():
    read = [line for path in PAGES for line in read_report(path, partner_code="MX").lines]
    assert as_printed(shipped_lines()) == as_printed(read)


def test_the_shipped_file_is_made_again_byte_for_byte(shared_volumes):
    read = [line for path in shared_volumes for line in read_report(path, partner_code="MX").lines]
    assert lines_csv(read).encode() == shipped_csv()
    assert read == list(shipped_lines())


def test_nothing_is_lost_in_adding_up():
    for path in PAGES:
        lines = read_report(path, partner_code="MX").lines
        figures = aggregate(lines)
        assert sum(f.student_count for f in figures) == sum(line.student_count for line in lines)
        assert sum(f.cost.minor for f in figures) == sum(line.cost.minor for line in lines)


@pytest.fixture
def years():
    return {row.reports.fiscal_year: row for row in compare_with_thesis(embedded_figures())}


def test_imet_students_are_those_of_the_thesis(years):
    found = {year: years[year].reports.student_count for year in range(2008, 2013)}
    assert found == {2008: 27, 2009: 120, 2010: 61, 2011: 49, 2012: 47}
    assert sum(found.values()) == 304
    assert all(years[year].student_difference == 0 for year in found)


def test_a_year_the_thesis_lacks_has_no_difference(years):
    assert years[2007].thesis is None
    assert years[2007].student_difference is None
    assert years[2007].cost_difference is None


def test_the_thesis_table_adds_up_to_what_it_prints():
    table = thesis_table_2()
    for name in ("military_assistance", "imet", "students", "pme_students"):
        assert sum(row[name] for row in table["years"]) == table["printed_totals"][name]


def test_the_thesis_text_does_not_agree_with_its_table():
    table = thesis_table_2()
    share = 100 * table["printed_totals"]["pme_students"] / table["printed_totals"]["students"]
    assert round(share, 1) == table["printed_totals"]["pme_share_percent"] == 35.9
    assert share > table["text"]["pme_share_below_percent"]


def test_differences_are_shown_and_not_smoothed(years):
    assert [years[year].pme_difference for year in range(2008, 2013)] == [-2, 14, 6, 2, -1]
    assert all(years[year].cost_difference.minor > 0 for year in range(2008, 2013))
