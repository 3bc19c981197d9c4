"""The tidy file of others beside the volumes: both must say the same, row for row, or the difference is shown."""

import dataclasses
from pathlib import Path

import pytest

from confianza.cooperation.money import Money
from confianza.errors import ImportRefusal
from confianza.evidence.sources.fmtr import read_report
from confianza.evidence.sources.fmtr.comparison import compare_rows
from confianza.evidence.sources.fmtr.tidy import read_tidy

DATA = Path(__file__).parents[1] / "data" / "fmtr"
TIDY = DATA / "tidy_mexico_2012_2013.tsv"
RELEASE_2019 = {
    "training:country": "country",
    "qa:training_country_iso_3166_1": "iso_3166_1",
    "training:program": "program",
    "training:course_title": "course_title",
    "training:delivery_unit": "us_unit",
    "training:recipient_unit": "student_unit",
    "training:start_date_raw": "start_date",
    "training:end_date_raw": "end_date",
    "training:location": "location",
    "training:quantity": "quantity",
    "training:total_cost": "total_cost",
    "qa:training_group": "group",
}


@pytest.fixture(scope="module")
def volume():
    """Mexico in the volume itself: the programs of which the tidy excerpt holds the end."""
    lines = read_report(DATA / "mx_2012_2013.pdf", partner_code="MX").lines
    first = next(at for at, line in enumerate(lines) if line.cost == Money(1_221_200))
    last = next(at for at, line in enumerate(lines) if line.program == "IMET-1")
    return lines[first:last]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tidy.tsv"
    path.write_text(text, "utf-8")
    return path


def codes(refusal) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_the_tidy_file_and_the_volume_agree_row_for_row(volume):
    (report,) = read_tidy(TIDY)
    assert (report.name, report.fiscal_year, len(report.lines)) == ("2012-2013", 2012, 29)
    comparison = compare_rows(volume, report.lines)
    assert comparison.differences == ()
    assert comparison.same_count == 29


def test_the_columns_of_an_earlier_release_are_read_too(tmp_path, volume):
    text = TIDY.read_text("utf-8")
    for new, old in RELEASE_2019.items():
        text = text.replace(f'"{new}"', f'"{old}"', 1)
    (report,) = read_tidy(written(tmp_path, text.replace('"training:page_number"', '"notes"', 1)))
    assert compare_rows(volume, report.lines).differences == ()
    assert {line.page for line in report.lines} == {1}


def test_every_differing_row_is_shown_with_both_values(volume):
    (report,) = read_tidy(TIDY)
    theirs = list(report.lines)
    theirs[0] = dataclasses.replace(theirs[0], student_count=3, location="MONTEREY")
    del theirs[5]
    theirs.append(
        dataclasses.replace(
            theirs[-1],
            course_title="Another",
            location="Elsewhere",
            start_date=None,
            end_date=None,
            student_unit="X",
            us_unit="Y",
        )
    )
    comparison = compare_rows(volume, theirs)
    assert comparison.same_count == 27
    changed, only_ours, only_theirs = comparison.differences
    assert changed.fields == ("student_count", "location")
    assert (changed.ours.student_count, changed.theirs.student_count) == (2, 3)
    assert (only_ours.theirs, only_ours.ours.student_unit) == (None, "Confidence Bureau & Integral Services")
    assert (only_theirs.ours, only_theirs.theirs.course_title) == (None, "Another")


def test_rows_alike_are_counted_as_often_as_they_stand(volume):
    comparison = compare_rows([volume[0]] * 3, [volume[0]] * 2)
    assert comparison.same_count == 2
    assert [(item.ours is None, item.theirs is None) for item in comparison.differences] == [(False, True)]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('"Mexico"\t"MEX"', '"COLOR VISION"\t"NaN"', "fmtr-tidy-country", "country"),
        ("CTFP - Fiscal Year 2012 Department of Defense Training", "CTFP", "fmtr-tidy-program", "program"),
        ("2012_2013_Western_Hemisphere_fmtrpt.tsv", "unknown", "fmtr-tidy-report", "group"),
        ('"2"\t"12212"', '""\t"12212"', "fmtr-students-not-a-number", "student_count"),
        ('"2"\t"12212"', '"2"\t"9/28/2012"', "fmtr-cost-not-an-amount", "cost"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_named(tmp_path, old, new, code, field):
    (report,) = read_tidy(written(tmp_path, TIDY.read_text("utf-8").replace(old, new, 1)))
    assert len(report.lines) == 28
    assert [(problem.code, problem.row, problem.field) for problem in report.remarks] == [(code, 2, field)]


def test_a_row_with_an_impossible_date_is_kept_and_named(tmp_path):
    text = TIDY.read_text("utf-8").replace('"9/28/2012"', '"9/38/2012"', 1)
    (report,) = read_tidy(written(tmp_path, text))
    assert len(report.lines) == 29
    assert report.lines[0].end_date is None
    assert [problem.code for problem in report.remarks] == ["fmtr-date-not-understood"]


def test_printed_totals_among_the_rows_are_no_rows(tmp_path):
    text = TIDY.read_text("utf-8")
    row = text.splitlines()[-1].replace(
        "Sexual Violence and Gender in PKOs", "Fiscal Year 2012 Program Totals"
    )
    (report,) = read_tidy(written(tmp_path, f"{text}{row}\n"))
    assert len(report.lines) == 29
    assert [(item.partner_code, item.computed.student_count) for item in report.unchecked] == [("MX", 62)]


def test_an_early_program_names_its_region_and_country(tmp_path):
    text = TIDY.read_text("utf-8").splitlines()
    row = text[1].replace(
        "CTFP - Fiscal Year 2012 Department of Defense Training",
        "DOS Africa Region, Congo, Democratic Republic of (Kinshasa), Enhanced Training (ET), FY02",
    )
    row = row.replace("Mexico", "Congo, Democratic Republic of (Kinshasa)").replace("MEX", "COD")
    row = row.replace("2012_2013", "2002_2003")
    reports = read_tidy(written(tmp_path, "\n".join([*text, row])))
    assert [report.name for report in reports] == ["2002-2003", "2012-2013"]
    (line,) = reports[0].lines
    assert (line.partner_code, line.program, line.fiscal_year) == ("CD", "Enhanced Training (ET)", 2002)


def test_one_country_is_read(tmp_path):
    assert len(read_tidy(TIDY, partner_code="MX")[0].lines) == 29
    with pytest.raises(ImportRefusal) as refusal:
        read_tidy(TIDY, partner_code="BR")
    assert codes(refusal) == ["fmtr-nothing-found"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:5cd9\nsize 8726312\n", "fmtr-lfs-pointer"),
        (b'"country"\t"program"\n', "fmtr-tidy-columns"),
        (b"\xff\xfe\x00\x00", "fmtr-tidy-unreadable"),
    ],
)
def test_what_is_not_the_tidy_file_is_refused(tmp_path, content, code):
    path = tmp_path / "tidy.tsv"
    path.write_bytes(content)
    with pytest.raises(ImportRefusal) as refusal:
        read_tidy(path)
    assert codes(refusal) == [code]


def test_the_pointer_of_a_volume_is_refused_too(tmp_path):
    path = tmp_path / "volume.pdf"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:5cd9\nsize 8726312\n")
    with pytest.raises(ImportRefusal) as refusal:
        read_report(path)
    assert codes(refusal) == ["fmtr-lfs-pointer"]


def test_a_missing_tidy_file_is_refused(tmp_path):
    with pytest.raises(ImportRefusal) as refusal:
        read_tidy(tmp_path / "none.tsv")
    assert codes(refusal) == ["fmtr-file-missing"]
