"""The bundled figures: made from the reports, beside the thesis's table, with every difference."""

import runpy
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from confianza.cooperation.money import Money
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training.normalize import normalize
from confianza.errors import RuleRefusal
from confianza.evidence.bundled import bundled_csv, bundled_rows, rows_file
from confianza.evidence.imet import compare_with_thesis, is_imet, table_explanations, thesis_table_2
from confianza.evidence.sources.fmtr import read_report
from confianza.evidence.training_reports import aggregate, bundled_figures, pme_shares
from confianza.evidence.training_table import build_table, bundled_table, read_table, table_bytes

PAGES = sorted((Path(__file__).parents[1] / "data" / "fmtr").glob("mx_*.pdf"))


def as_printed(lines):
    """Rows without the place they were read from, which differs between a volume and the pages cut from it."""
    return [replace(line, volume="", page=0) for line in lines]


def test_the_bundled_rows_are_those_of_the_reports():
    read = [line for path in PAGES for line in read_report(path, partner_code="MX").lines]
    reports = {line.report for line in read}
    assert as_printed(line for line in bundled_rows() if line.report in reports) == as_printed(read)


# Printed country totals: students and dollars, as SOURCE.md beside the volumes lists them.
PRINTED_OF_MEXICO = {
    2007: (627, 3_509_816),
    2008: (964, 3_232_469),
    2009: (716, 3_858_211),
    2010: (734, 6_931_830),
    2011: (2174, 12_793_998),
    2012: (2656, 15_312_517),
    2013: (2656, 11_774_423),
}


def test_the_bundled_rows_add_up_to_the_printed_totals_of_their_country():
    for year, (students, dollars) in PRINTED_OF_MEXICO.items():
        lines = [line for line in bundled_rows() if line.fiscal_year == year]
        assert sum(line.student_count for line in lines) == students, year
        assert abs(sum(line.cost.minor for line in lines) - 100 * dollars) <= 50, year


def test_the_bundled_rows_are_of_every_year_from_1999_to_2020():
    assert sorted({line.fiscal_year for line in bundled_rows()}) == list(range(1999, 2021))
    imet = {
        year: sum(
            line.student_count
            for line in bundled_rows()
            if line.fiscal_year == year and line.program in {"IMET-1", "IMET-X"}
        )
        for year in (2008, 2009, 2010, 2011, 2012, 2018, 2020)
    }
    assert imet == {2008: 27, 2009: 120, 2010: 61, 2011: 49, 2012: 47, 2018: 76, 2020: 99}


@pytest.mark.slow
def test_what_ships_is_made_again_byte_for_byte(shared_reports):
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "bundle_training_rows.py"))
    reports = [read_report(path) for path in shared_reports]
    assert rows_file(script["partner_rows"](reports)) == bundled_csv()
    table = build_table(reports)
    assert table == bundled_table()
    assert read_table(table_bytes(table)) == table


def test_nothing_is_lost_in_adding_up():
    for path in PAGES:
        lines = read_report(path, partner_code="MX").lines
        figures = aggregate(lines)
        assert sum(f.student_count for f in figures) == sum(line.student_count for line in lines)
        assert sum(f.cost.minor for f in figures) == sum(line.cost.minor for line in lines)


@pytest.fixture
def years():
    return {row.reports.fiscal_year: row for row in compare_with_thesis(bundled_figures())}


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
    assert [years[year].pme_difference for year in range(2008, 2013)] == [-2, 14, 6, 2, 0]
    assert all(years[year].cost_difference.minor > 0 for year in range(2008, 2013))


def test_each_difference_is_explained_in_both_languages(years):
    assert years[2007].explanations == ()
    students, dollars, pme = years[2009].explanations
    assert students.en.startswith("Students agree")
    assert "327,282 dollars more: about 59 for each of 5,546 student-days" in dollars.en
    assert "20 students by the rules and 34 in the thesis" in pme.en
    assert "with the 8 students of expanded-IMET courses at schools it would be 28" in pme.en
    assert "sería de 28" in pme.es
    assert years[2008].explanations[2].en == "PME is 15 students by the rules and 13 in the thesis."
    assert years[2012].explanations[2].en == "PME agrees: 18 students by the rules and in the thesis."
    assert all("{" not in text.en + text.es for text in table_explanations())


@pytest.fixture(scope="module")
def imet_lines():
    """Rows of IMET of the years of the thesis's table, by fiscal year."""
    lines = [line for path in PAGES for line in read_report(path, partner_code="MX").lines]
    return {
        year: [line for line in lines if is_imet(line.program) and line.fiscal_year == year]
        for year in range(2008, 2013)
    }


def is_given_by_a_team(found):
    return schools()[found.school_code.value].kind == "mobile"


def test_the_student_days_of_the_explanations_are_those_of_the_rows(imet_lines):
    for row in thesis_table_2()["years"]:
        days = sum(
            line.student_count * ((line.end_date - line.start_date).days + 1)
            for line in imet_lines[row["fiscal_year"]]
            if not is_given_by_a_team(normalize(line))
        )
        assert days == row["student_days"], row["fiscal_year"]


def test_no_sum_of_blocks_comes_to_the_dollars_of_the_thesis():
    for row in thesis_table_2()["years"]:
        blocks: dict[str, int] = {}
        for figure in bundled_figures():
            if figure.fiscal_year == row["fiscal_year"]:
                blocks[figure.program] = blocks.get(figure.program, 0) + figure.cost.minor
        for size in range(1, len(blocks) + 1):
            for chosen in combinations(blocks.values(), size):
                assert abs(sum(chosen) - 100 * row["imet"]) > 50_000, row["fiscal_year"]


def test_no_choice_of_whole_groups_gives_the_pme_counts_of_the_thesis(imet_lines):
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for place, year in enumerate(range(2008, 2013)):
        for line in imet_lines[year]:
            found = normalize(line)
            key = (found.category.value, found.level.value, is_given_by_a_team(found))
            groups.setdefault(key, [0] * 5)[place] += line.student_count
    wanted = [row["pme_students"] for row in thesis_table_2()["years"]]
    off = [
        sum(
            abs(sum(column) - target)
            for column, target in zip(zip(*chosen, strict=True), wanted, strict=True)
        )
        for size in range(1, len(groups) + 1)
        for chosen in combinations(groups.values(), size)
    ]
    assert 2 ** len(groups) == 4096
    assert min(off) == 10
    assert groups["english-language", "none", False][1] == 6  # FY2009: 20 + 8 + 6 = 34


# --- shares -------------------------------------------------------------------------------------------------


def test_shares_are_those_of_the_figures(imet_lines):
    lines = [line for year in imet_lines.values() for line in year]
    shares = {share.group: share for share in pme_shares(lines)}
    for row in compare_with_thesis(bundled_figures()):
        if row.thesis:
            share = shares[row.reports.fiscal_year,]
            assert share.student_count == row.reports.student_count
            assert share.pme_student_count == row.reports.pme_student_count
            assert share.student_share == row.reports.pme_share
            assert share.cost_share == row.reports.pme_cost_share
            assert share.meets_policy is None  # the reports print no ceiling
            assert share.ceiling_share is None


def test_shares_of_small_rows_by_hand(imet_lines):
    war_college = next(line for line in imet_lines[2012] if line.course_title == "Air War College")
    english = next(line for line in imet_lines[2012] if "English" in line.course_title)
    rows = [
        replace(war_college, student_count=1, cost=Money(4999)),
        replace(english, student_count=3, cost=Money(1)),
        replace(english, student_count=4, cost=Money(0), partner_code="BN"),
    ]
    mexico, bandaria = pme_shares(rows[::-1], by=("partner_code",))[::-1]
    assert (mexico.group, bandaria.group) == (("MX",), ("BN",))
    assert (mexico.student_share, mexico.course_share, mexico.cost_share) == (0.25, 0.5, 0.9998)
    assert (bandaria.student_share, bandaria.course_share, bandaria.cost_share) == (0, 0, None)
    by_level = pme_shares(rows, by=("category", "level"))
    assert [share.group for share in by_level] == [("english-language", "none"), ("pme", "war-college")]


@pytest.mark.parametrize(("ceiling", "met"), [(9998, True), (9999, False), (10000, False)])
def test_half_of_the_ceiling_is_a_half_and_not_49_99_percent(imet_lines, ceiling, met):
    line = next(line for line in imet_lines[2012] if line.course_title == "Air War College")
    key = ("MX", 2012)
    (share,) = pme_shares(
        [replace(line, cost=Money(4999))],
        by=("partner_code", "fiscal_year"),
        ceilings={key: Money(ceiling)},
    )
    assert share.meets_policy is met
    assert share.ceiling_share == 4999 / ceiling


def test_shares_refuse_what_they_cannot_use(imet_lines):
    with pytest.raises(RuleRefusal, match="Training totals cannot be grouped by 'planet'"):
        pme_shares([], by=("planet",))
    with pytest.raises(RuleRefusal, match="ceiling"):
        pme_shares([], ceilings={(2012,): Money(0)})


# --- how much is matched ------------------------------------------------------------------------------------


def matched(lines, field):
    return sum(getattr(normalize(line), field).value != "unmatched" for line in lines) / len(lines)


def test_of_mexico_everything_is_matched_but_a_title():
    lines = [line for path in PAGES for line in read_report(path, partner_code="MX").lines]
    assert len(lines) == 2624
    unmatched = {line.course_title for line in lines if normalize(line).unmatched()}
    assert unmatched == {"NORTH CAROLINA NMX2007NT001W"}


@pytest.mark.slow
def test_of_all_countries_as_much_is_matched_as_the_page_says(shared_volumes):
    lines = [line for path in shared_volumes for line in read_report(path).lines]
    page = (Path(__file__).parents[2] / "docs/algorithms/course-categories.md").read_text()
    assert f"({len(lines):,}; 2,624 of Mexico)" in page
    for name, field, least in (
        ("program family", "program_family", 1.0),
        ("school", "school_code", 1.0),
        ("institution", "institution_code", 0.97),
        ("category", "category", 0.999),
    ):
        share = matched(lines, field)
        assert share >= least
        assert f"| {name} | {100 * share:.1f} % |" in page


def test_what_was_planned_is_in_no_figure():
    done = replace(bundled_rows()[0], report="1999-2000", fiscal_year=1999, student_count=2)
    planned = replace(done, fiscal_year=2000, student_count=5)
    assert [figure.student_count for figure in aggregate([done, planned])] == [2]
    assert [share.student_count for share in pme_shares([done, planned], ())] == [2]
