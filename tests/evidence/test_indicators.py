"""Indicators: the bundled records against their printed sums, derived ratios against hand-computed ones."""

from pathlib import Path

import pytest

from confianza.cooperation.sources import Reference, sources
from confianza.errors import ImportRefusal
from confianza.evidence.indicators import (
    Observation,
    Series,
    Status,
    best_series,
    derive,
    gaps,
    indicators,
    packaged_records,
    part_names,
    read_records,
    series_of,
    unit_names,
)


def packaged(code: str, source: str, part: str = "") -> dict[int, float]:
    """The dated values of a packaged series."""
    return {
        point.year: point.value
        for file in packaged_records()
        if file.source == source
        for point in file.observations
        if (point.indicator_code, point.part) == (code, part) and point.year
    }


def every_series() -> list[Series]:
    return [
        series
        for file in packaged_records()
        for series in series_of(file.observations, source=file.source, release=file.release)
        if series.country_code == "MX"
    ]


def test_every_definition_names_known_units_sources_and_parts_of_its_formula():
    known = indicators()
    for indicator in known.values():
        assert indicator.unit in unit_names()
        assert {*indicator.preferred, *(item.source for item in indicator.substitutes)} <= set(sources())
        if indicator.formula:
            assert {indicator.formula.numerator, indicator.formula.denominator} <= set(known)
        else:
            assert indicator.preferred, indicator.code
    used = {point.part for file in packaged_records() for point in file.observations}
    assert used - {""} <= set(part_names())


def test_the_newspapers_total_of_desertions_is_the_sum_of_its_years():
    """La Jornada, 16 July 2007: 123,218 soldiers left the Army in the last seven years."""
    years = packaged("desertions", "jornada-2007", "sedena")
    assert (min(years), max(years), sum(years.values())) == (2000, 2006, 123_218)


def test_two_papers_on_complaints_agree_on_2013_and_2014():
    """The paper of 2021 prints 1,406 for both years together and 697 for 2019 and 2020."""
    earlier = packaged("complaints", "sedena-complaints-2016", "sedena")
    assert earlier[2013] + earlier[2014] == 1_406
    assert sum(packaged("complaints", "sedena-complaints-2021", "sedena").values()) == 697


def test_the_rate_derived_from_sedenas_figures_is_about_the_thesiss_eight_percent():
    """16,405 deserters in 2006 of some 191,000 soldiers."""
    made = derive(indicators()["desertion-rate"], every_series())
    point = next(series for series in made if series.part == "sedena").by_year[2006]
    assert point.value == pytest.approx(100 * 16_405 / 191_000)
    assert round(point.value) == 9
    assert point.qualifier == "~"  # the personnel are
    assert "jornada-2007, p. 18" in point.reference.place


def test_the_militarization_of_2014_continues_figure_1():
    """120,607,000 inhabitants and 265,812 soldiers: 453.73 civilians a soldier, 2.2040 soldiers in 1,000."""
    made = {
        code: derive(indicators()[code], every_series())[0].by_year[2014].value
        for code in ("civilians-per-soldier", "personnel-per-thousand", "defence-budget-gdp")
    }
    assert made["civilians-per-soldier"] == pytest.approx(453.7305, abs=5e-5)
    assert made["personnel-per-thousand"] == pytest.approx(2.203952, abs=5e-7)
    assert made["defence-budget-gdp"] == pytest.approx(0.566922, abs=5e-7)


def test_the_thesiss_own_ratios_of_figure_1_are_kept_in_its_order():
    drawn = [
        (point.value, point.reference.place)
        for file in packaged_records()
        for point in file.observations
        if point.indicator_code == "civilians-per-soldier"
    ]
    assert [value for value, _ in drawn] == [500, 117, 376, 530, 160]
    assert all("figure 1" in place for _, place in drawn)
    assert {gap.figure for gap in gaps()} == {f"figure {number}" for number in (1, 3, 4, 5, 7)}


def observed(code: str, values: dict[int, float | None], source: str = "x", part: str = "") -> Series:
    points = tuple(
        Observation(
            code,
            "MX",
            year,
            value,
            Reference(source),
            Status.MISSING if value is None else Status.GIVEN,
            part,
        )
        for year, value in values.items()
    )
    return Series(code, "MX", part, source, "1", points)


def test_a_ratio_needs_both_figures_of_the_same_year_and_part():
    found = [
        observed("population", {2000: 100, 2001: 110, 2003: 130}),
        observed("personnel", {2000: 4, 2001: None, 2002: 5, 2003: 0}),
        observed("personnel", {2001: 2}, part="sedena"),
    ]
    (series,) = derive(indicators()["civilians-per-soldier"], found)
    assert {year: point.value for year, point in series.by_year.items()} == {2000: 25}


def test_the_preferred_source_is_taken_even_where_another_has_more():
    found = [
        observed("population", {2014: 1, 2015: 2}, "resdal-atlas-2014"),
        observed("population", {2014: 3}, "worldbank-wdi"),
        observed("population", {2014: None}, "worldbank-wdi"),
    ]
    assert best_series(found, "population", "").source == "worldbank-wdi"
    assert best_series([], "population", "") is None


def test_missing_years_are_those_between_and_those_the_publisher_calls_missing():
    series = observed("population", {2000: 1, 2003: 2, 2005: None})
    assert series.missing_years == (2001, 2002, 2005)
    assert series.latest.year == 2003


HEADER = "indicator,country,year,period,part,value,qualifier,source,place,note\n"


def test_records_of_a_table_are_read_as_those_of_the_package(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "complaints,MEX,2012,,sedena,1450,,sedena-complaints-2016,p. 1,as told\n")
    (file,) = read_records(path)
    (point,) = file.observations
    assert (file.release, point.country_code, point.year, point.value) == ("mine", "MX", 2012, 1450)
    assert point.note.es == "as told"


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1.500", "4.25"], [1.5, 4.25]),
        (["1.500", "4,25"], [1500, 4.25]),
        (["1500,75", "1 450"], [1500.75, 1450]),
        (["1.5e3", "0.750"], [1500, 0.75]),
    ],
)
def test_figures_of_a_table_are_read_in_its_own_notation(tmp_path, texts, values):
    path = tmp_path / "mine.csv"
    lines = [f"complaints;MX;{2011 + place};;;{text};;martinez-2014;;" for place, text in enumerate(texts)]
    path.write_text("\n".join([HEADER.strip().replace(",", ";"), *lines, ";;;;;;;;;", ""]))
    (file,) = read_records(path)
    assert [point.value for point in file.observations] == values


def test_a_figure_with_two_readings_is_refused_with_both(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "complaints,MX,2011,,,1.450,,martinez-2014,,\n")
    with pytest.raises(ImportRefusal, match=r"it may be 1\.450 or 1450"):
        read_records(path)


BROKEN = [
    ("complaint,MX,2012,,,1,,martinez-2014,,", "indicator"),
    ("complaints,Atlantis,2012,,,1,,martinez-2014,,", "country"),
    ("complaints,MX,,,,1,,martinez-2014,,", "year"),
    ("complaints,MX,20 12,,,1,,martinez-2014,,", "year"),
    ('complaints,MX,2012,,,"1,450",,martinez-2014,,', "value"),
    ("complaints,MX,2012,,,nan,,martinez-2014,,", "value"),
    ("complaints,MX,2012,,marines,1,,martinez-2014,,", "part"),
    ("complaints,MX,2012,,,1,!,martinez-2014,,", "qualifier"),
    ("complaints,MX,2012,,,1,,hearsay,,", "source"),
]


@pytest.mark.parametrize(("line", "field"), BROKEN)
def test_a_record_that_cannot_be_used_is_named_by_row_and_field(tmp_path, line, field):
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "complaints,MX,2011,,,1,,martinez-2014,,\n" + line + "\n")
    with pytest.raises(ImportRefusal) as refusal:
        read_records(path)
    assert [(problem.row, problem.field) for problem in refusal.value.problems] == [(2, field)]


def test_two_records_of_the_same_figure_are_a_refusal(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + 2 * "complaints,MX,2011,,,1,,martinez-2014,,\n")
    with pytest.raises(ImportRefusal) as refusal:
        read_records(path)
    assert [problem.code for problem in refusal.value.problems] == ["indicator-twice"]


def test_a_file_that_is_no_table_of_records_is_a_refusal(tmp_path):
    for name, content in (("a.toml", "= 1"), ("b.csv", b"\xff\xfe"), ("c.csv", HEADER), ("d.toml", "x = 1")):
        path = Path(tmp_path / name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ImportRefusal):
            read_records(path)


def test_the_worked_figures_of_the_page_are_those_of_the_code():
    page = (Path(__file__).parents[2] / "docs/algorithms/force-profile.md").read_text(encoding="utf-8")
    made = {
        code: derive(indicators()[code], every_series())[0].by_year[2014].value
        for code in ("civilians-per-soldier", "personnel-per-thousand", "defence-budget-gdp")
    }
    assert f"**{made['civilians-per-soldier']:.1f}** civilians" in page
    assert f"**{made['personnel-per-thousand']:.3f}** soldiers" in page
    assert f"**{made['defence-budget-gdp']:.3f} %** of GDP" in page
