"""Readers of series: small files made here whole and broken, each fault with file, row and column."""

import gzip
import zipfile
from pathlib import Path

import pytest

from confianza.cooperation.sources import sources
from confianza.errors import ImportRefusal
from confianza.evidence.series import (
    SHIPPED,
    SeriesKey,
    State,
    data_licenses,
    known_measure,
    measure_parts,
    measure_units,
    measures,
    series_of_pair,
    series_sources,
    shipped_bytes,
    state_of_number,
    through_window,
    was_a_state,
    written_table,
)
from confianza.evidence.sources.capabilities import packaged_capabilities, read_capabilities
from confianza.evidence.sources.series import LAYOUTS, read_series
from confianza.evidence.sources.series.armed_forces_trust import weighted_mean

VOTES = "rcid,country_code,vote\n1,US,yes\n1,MX,no\n1,CA,abstain\n2,US,yes\n2,MX,abstain\n3,US,no\n3,MX,no\n3,NA,yes\n"
ROLL_CALLS = "rcid,session,date\n1,1,1946-01-01\n2,1,1946-12-31\n3,2,1947-12-01\n"
AID = (
    '"Country Code","Country Name","Transaction Type Name","Fiscal Year","current_amount","constant_amount"\n'
    "MEX,Mexico,Obligations,1976,100,400\nMEX,Mexico,Obligations,1976tq,-5,-20\nMEX,Mexico,Obligations,1978,7,NA\n"
    "WLD,World,Obligations,1976,9,9\n"
)
AGREEMENTS = (
    "ccode1,ccode2,signYear,DCAid\n2,20,1984,DCADv1.0-0001\n2,20,1984,DCADv1.0-0002\n2,315,1990,DCADv1.0-9\n"
)
CAPABILITIES = "ccode,year,milex,milper,tpop,cinc\n2,1913,9,1,2,0.1\n2,1914,9,1,2,0.2\n70,1914,-9,3,4,0.01\n"


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def values(file, key: SeriesKey) -> dict[object, float | None]:
    return {point.period or point.year: point.value for point in file.series[key]}


def refused(*paths: Path) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(ImportRefusal) as caught:
        read_series(*paths)
    return [(problem.code, problem.row, problem.field) for problem in caught.value.problems]


def test_every_measure_has_a_source_with_terms_and_a_unit():
    assert {measure.source for measure in measures().values()} == set(series_sources())
    assert set(series_sources()) <= set(data_licenses()) <= set(sources())
    assert {measure.unit for measure in measures().values()} == set(measure_units())
    for measure in measures().values():
        assert measure.years[0] <= measure.years[1]
        assert not measure.distance_of or measure.distance_of in measures()
    assert all(entry.ships in {"nothing", "derived", "rows"} for entry in data_licenses().values())
    assert all(entry.address.startswith("http") and entry.citation for entry in data_licenses().values())


def test_agreement_is_the_mean_over_the_roll_calls_in_which_both_voted(tmp_path):
    """1946: |1 − 0| and |1 − ½|, so 1 − ¾; 1947: both no. Canada abstained once: ½ to each."""
    paths = written(tmp_path, "un_votes.csv.gz", VOTES), written(tmp_path, "un_roll_calls.csv", ROLL_CALLS)
    (file,) = read_series(*paths)
    assert (file.source, file.release, file.is_whole) == ("un-votes", "1946–1947", False)
    assert values(file, SeriesKey("un-agreement", "MX", "US")) == {1946: 0.25, 1947: 1.0}
    assert [point.n for point in file.series[SeriesKey("un-agreement", "MX", "US")]] == [2, 1]
    assert values(file, SeriesKey("un-agreement", "CA", "US")) == {1946: 0.5}
    assert file.skipped == ("NA (Namibia, and states without a code)",)


def test_votes_by_state_number_are_read_without_roll_calls(tmp_path):
    text = "rcid,ccode,vote,year\n1,2,1,1946\n1,70,3,1946\n2,2,2,1946\n2,70,8,1946\n3,2,9,1947\n3,70,1,1947\n"
    (file,) = read_series(written(tmp_path, "UNVotes.csv", text))
    assert values(file, SeriesKey("un-agreement", "MX", "US")) == {1946: 0.0}


def test_files_that_belong_together_are_read_from_one_archive_and_refused_apart(tmp_path):
    votes, roll_calls = written(tmp_path, "v.csv", VOTES), written(tmp_path, "r.csv", ROLL_CALLS)
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.write(votes, "v.csv")
        archive.write(roll_calls, "r.csv")
    assert read_series(tmp_path / "both.zip")[0].series == read_series(votes, roll_calls)[0].series
    assert refused(votes) == [("series-companion", None, None)]
    assert refused(roll_calls) == [("series-companion", None, None)]


def test_each_fault_of_votes_is_told_in_its_place(tmp_path):
    text = VOTES + "9,US,yes\n1,US,no\n2,Atlantis,yes\n2,CA,maybe\n2,CA\n"
    found = refused(written(tmp_path, "v.csv", text), written(tmp_path, "r.csv", ROLL_CALLS))
    assert found == [
        ("series-value", 10, "rcid"),
        ("series-value", 11, "country_code"),
        ("series-value", 12, "country_code"),
        ("series-value", 13, "vote"),
        ("series-row", 14, None),
    ]


def test_a_hundred_faults_are_told_and_the_others_counted(tmp_path):
    text = "ccode1,ccode2,signYear,DCAid\n" + "2,20,soon,x\n" * 130
    with pytest.raises(ImportRefusal) as caught:
        read_series(written(tmp_path, "dcad.csv", text))
    assert len(caught.value.problems) == 101
    assert caught.value.problems[-1].params == {"count": 30}
    assert "30" in str(caught.value)


def test_ideal_points_of_both_layouts_are_the_same_quantity(tmp_path):
    earlier = (
        "Row,ccode,session,NVotes,IdealPoint,QO%,Q5%,Q95%,iso3c,Countryname\n"
        "1,2,1,42,1.6754,0.9,1.35,2.03,USA,United States\n2,70,1,40,0.5,0,0.1,0.9,MEX,México\n"
    )
    later = "ccode,session,IdealPointAll,NVotesAll,USAgree\n2,1,1.6754,42,NA\n70,1,0.5,40,0.3\n"
    (old,) = read_series(written(tmp_path, "old.csv", earlier, "iso-8859-1"))
    (new,) = read_series(written(tmp_path, "new.csv", later))
    for file in (old, new):
        assert values(file, SeriesKey("ideal-point", "US")) == {1946: 1.6754}
    (point,) = old.series[SeriesKey("ideal-point", "US")]
    assert (point.low, point.high, point.n) == (1.35, 2.03, 42)
    distance = next(item for item in series_of_pair(old, "US", "MX") if item.key.measure.endswith("distance"))
    assert [(point.year, point.value, point.low) for point in distance.points] == [
        (1946, pytest.approx(1.1754), None)
    ]


def test_aid_has_each_transaction_and_price_apart_and_the_transition_quarter_in_its_own_period(tmp_path):
    (file,) = read_series(written(tmp_path, "aid.csv", AID))
    assert values(file, SeriesKey("us-aid-obligations", "US", "MX")) == {
        1976: 100.0,
        "1976tq": -5.0,
        1978: 7.0,
    }
    assert values(file, SeriesKey("us-aid-obligations", "US", "MX", "constant")) == {
        1976: 400.0,
        "1976tq": -20.0,
    }
    assert file.skipped == ("World",)
    (series,) = (item for item in series_of_pair(file, "MX", "US") if not item.key.part)
    assert [(point.year, point.state) for point in series.points] == [
        (1976, "given"), (1976, "given"), (1977, "missing"), (1978, "given"),
    ]  # fmt: skip
    assert refused(written(tmp_path, "twice.csv", AID + "MEX,Mexico,Obligations,1978,8,8\n")) == [
        ("indicator-twice", 6, "Country Code")
    ]


def test_aid_by_account_adds_up_to_its_total(tmp_path):
    head = (
        "Country Code,Country Name,Funding Account Name,Transaction Type Name,Fiscal Year,Current Dollar Amount,"
        "Constant Dollar Amount\n"
    )
    accounts = ("INCLE", 3, 4), ("IMET", 1, 1), ("INCLE", 2, 2)
    rows = "".join(
        f"MEX,Mexico,{name},Obligations,2010,{current},{constant}\n" for name, current, constant in accounts
    )
    (file,) = read_series(written(tmp_path, "complete.csv", head + rows))
    found = {key.part: values(file, key)[2010] for key in file.series}
    assert found == {"": 6.0, "INCLE": 5.0, "IMET": 1.0, "constant": 7.0}


def test_arms_orders_are_counted_and_their_volume_is_a_bound_where_one_has_none(tmp_path):
    text = (
        "SIPRI Arms Transfers Database\r\n\r\nRecipient;Supplier;Year of order;SIPRI TIV for total order\r\n"
        "Mexico;United States;2015;14.5\r\nMexico;United States;2015;\r\nMexico;Türkiye;2016;\r\n"
        "Hezbollah (Lebanon)*;Iran;2015;1\r\n;0.03;0.36;\r\n"
    )
    (file,) = read_series(written(tmp_path, "register.csv", text, "iso-8859-1"))
    assert values(file, SeriesKey("arms-orders", "US", "MX")) == {2015: 2.0}
    (point,) = file.series[SeriesKey("arms-value", "US", "MX")]
    assert (point.value, point.qualifier, point.n) == (14.5, ">", 1)
    assert point.place == "register.csv, row 4, 5"
    assert values(file, SeriesKey("arms-value", "TR", "MX")) == {2016: None}
    assert file.skipped == ("Hezbollah (Lebanon)*", "row 8 (a fragment)")


def test_a_country_that_no_agreement_names_has_zeros_in_the_window_of_a_whole_file_and_nothing_outside(
    tmp_path,
):
    """Of an extract, what is not named is missing, and there is no series at all of a pair that is not in it."""
    (extract,) = read_series(written(tmp_path, "dcad.csv", AGREEMENTS))
    assert not extract.is_whole
    assert extract.skipped == ("Czechoslovakia (315)",)
    assert series_of_pair(extract, "US", "MX") == []
    many = "".join(
        f"{number},20,1985,DCADv1.0-{number}\n" for number in (*range(40, 1000),) if _is_state(number)
    )
    (whole,) = read_series(written(tmp_path, "whole.csv", AGREEMENTS + many))
    assert whole.is_whole
    (series,) = series_of_pair(whole, "US", "MX")
    assert series.key == SeriesKey("defense-agreements", "MX", "US")
    assert [(point.year, point.value, point.state) for point in series.points] == [
        (1984, 0.0, State.ZERO),
        (1985, 0.0, State.ZERO),
    ]
    (canada,) = series_of_pair(whole, "US", "CA")
    assert next(point for point in canada.points if point.year == 1984).value == 2.0


def _is_state(number: int) -> bool:
    return bool(state_of_number(number, 1985))


def test_a_country_that_was_no_state_yet_has_no_zero():
    measure = known_measure("defense-agreements")
    key = SeriesKey("defense-agreements", "SS", "US")
    points = through_window(measure, key, (), (2009, 2012), is_whole=True)
    assert [point.state for point in points] == ["missing", "missing", "zero", "zero"]
    assert not was_a_state("SS", 2010)


def test_states_by_number_are_those_of_their_years():
    assert [state_of_number(260, year) for year in (1989, 1990)] == ["DE", ""]
    assert [state_of_number(255, year) for year in (1940, 1991)] == ["DE", "DE"]
    assert [state_of_number(345, year) for year in (1985, 2004, 2010)] == ["YU", "CS", "RS"]
    assert state_of_number(315, 1980) == ""
    assert state_of_number(999, 1980) is None


def test_troops_with_two_rows_that_differ_have_no_value(tmp_path):
    text = (
        "countryname,year,ccode,iso3c,troops_ad,total_civilian\nMexico,2009,70,MEX,18,3\nBurma,2009,775,MMR,1,0\n"
        "Myanmar,2009,775,MMR,2,0\nAzores,2009,1040,NA,9,0\nMexico,1950,70,MEX,24,0\n"
    )
    (file,) = read_series(written(tmp_path, "troops.csv", text))
    assert values(file, SeriesKey("us-troops", "US", "MX")) == {2009: 18.0, 1950: 24.0}
    assert values(file, SeriesKey("us-civilians", "US", "MX")) == {2009: 3.0}  # counted from 2007 on
    assert values(file, SeriesKey("us-troops", "US", "MM")) == {2009: None}
    assert file.skipped == ("Azores",)


def test_exercises_count_each_pair_once_an_exercise(tmp_path):
    text = (
        "MMEID,Ex_Name,s.year,StateA,StateB,StateC\nmme1,UNITAS,2004,Mexico,United States,Chile\n"
        "mme2,UNITAS,2004,United States,Mexico,-9\nmme3,X,2005,United States,Canada,\n"
    )
    (file,) = read_series(written(tmp_path, "mme_v7.csv", text))
    assert values(file, SeriesKey("exercises", "MX", "US")) == {2004: 2.0}
    assert file.series[SeriesKey("exercises", "MX", "US")][0].place == "mme_v7.csv, mme1, mme2"
    assert file.skipped == ("-9",)


def test_hostility_is_the_highest_of_a_year_and_disputes_are_counted_once(tmp_path):
    text = (
        "dispnum,ccode1,ccode2,year,dispongoing,hostlev1\n1,2,70,1918,1,4\n1,70,2,1918,1,1\n2,2,70,1918,1,2\n"
        "2,70,2,1918,1,-9\n3,2,70,1919,0,4\n"
    )
    (file,) = read_series(written(tmp_path, "mid.csv", text))
    assert values(file, SeriesKey("disputes", "MX", "US")) == {1918: 2.0}
    assert values(file, SeriesKey("dispute-hostility", "US", "MX")) == {1918: 4.0}
    assert values(file, SeriesKey("dispute-hostility", "MX", "US")) == {1918: 1.0}


def test_alliances_and_organizations_are_read_by_their_own_columns(tmp_path):
    columns = "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul\n"
    atop = columns + "2,70,1942,1,1,0,0,0\n2,70,1943,1,0,0,0,0\n"
    (file,) = read_series(written(tmp_path, "atop.csv", atop))
    assert values(file, SeriesKey("alliance-defense", "US", "MX")) == {1942: 1.0, 1943: 1.0}
    assert values(file, SeriesKey("alliance-offense", "US", "MX")) == {1942: 1.0}
    assert file.windows["alliance-consultation"] == (1942, 1943)
    igo = "ccode1,ccode2,year,dyadigos\n2,70,2014,60\n70,2,2014,61\n"
    assert refused(written(tmp_path, "igo.csv", igo)) == [("series-value", 3, "dyadigos")]


def test_capabilities_are_in_units_and_pounds_are_left_out(tmp_path):
    path = written(tmp_path, "nmc.csv", CAPABILITIES)
    (file,) = read_series(path)
    assert values(file, SeriesKey("military-expenditure-nmc", "US")) == {1914: 9_000.0}
    assert values(file, SeriesKey("military-personnel-nmc", "MX")) == {1914: 3_000.0}
    assert values(file, SeriesKey("military-expenditure-nmc", "MX")) == {1914: None}
    found = {
        (p.indicator_code, p.country_code, p.year): p.value for p in read_capabilities(path).observations
    }
    assert found["population", "US", 1913] == 2_000.0
    with pytest.raises(ImportRefusal, match="no file of National Material Capabilities"):
        read_capabilities(written(tmp_path, "dcad.csv", AGREEMENTS))


def test_a_weighted_mean_and_its_error_are_those_worked_out_by_hand():
    """Two strata of two units, weights 1: mean 2.5; the sums of (y − m) / 8 by unit are −0.25, 0 and 0, 0.25.

    Each stratum: 2/1 · 2 · 0.125² = 0.0625; the variance is 0.125.
    """
    answers = [(1, 1, "a", "1"), (2, 1, "a", "1"), (2, 1, "a", "2"), (3, 1, "a", "2")]
    answers += [(2, 1, "b", "3"), (3, 1, "b", "3"), (3, 1, "b", "4"), (4, 1, "b", "4")]
    mean, error = weighted_mean(answers)
    assert mean == 2.5
    assert error**2 == pytest.approx(0.125)


def test_the_wave_of_a_survey_has_n_error_and_interval(tmp_path):
    rows = "".join(
        f"1,2019,{answer},1,{stratum},{unit}\n" for answer, stratum, unit in ((4, 1, 1), (6, 1, 2), (5, 1, 3))
    )
    text = "pais,year,b12,weight1500,strata,upm\n" + rows + "1,2019,,1,1,1\n"
    (file,) = read_series(written(tmp_path, "lapop.csv", text))
    (point,) = file.series[SeriesKey("armed-forces-trust", "MX")]
    assert (point.value, point.n) == (5.0, 3)
    assert point.standard_error == pytest.approx((2 / 9 * 3 / 2) ** 0.5)
    assert point.low < 5 < point.high
    broken = text.replace("1,2019,4,1", "1,2019,9,0")
    assert refused(written(tmp_path, "broken.csv", broken)) == [
        ("series-value", 2, "b12"),
        ("series-value", 2, "weight1500"),
    ]


def test_opinion_is_secondary_and_names_its_page(tmp_path):
    text = (
        "series,year,direction,percent_favorable,as_reported_by,url,note\n"
        "Pew,2017,MEX_of_US,30,BanderasNews 2017,https://example.org/a,\n"
    )
    (file,) = read_series(written(tmp_path, "opinion.csv", text))
    (point,) = file.series[SeriesKey("favorable-opinion", "MX", "US", "pew")]
    assert (point.value, point.place) == (
        30.0,
        "opinion.csv, row 2: BanderasNews 2017, https://example.org/a",
    )
    assert series_sources()["opinion-secondary"].is_secondary
    assert "pew" in measure_parts()
    assert refused(written(tmp_path, "b.csv", text.replace("30", "130"))) == [
        ("series-value", 2, "percent_favorable")
    ]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x1f\x8b broken", b"PK\x03\x04 broken"])
@pytest.mark.parametrize("suffix", [".csv", ".gz", ".zip"])
def test_a_file_that_is_none_of_these_is_one_message(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    ((code, _, _),) = refused(path)
    assert code in {"series-unknown", "series-unreadable"}


def test_a_table_without_rows_is_refused(tmp_path):
    for columns in LAYOUTS:
        path = written(tmp_path, "empty.csv", ",".join(columns) + "\n")
        assert {code for code, _, _ in refused(path)} <= {"series-empty", "series-companion"}


def test_what_is_written_as_the_one_table_is_read_back_the_same(tmp_path):
    (file,) = read_series(written(tmp_path, "nmc.csv", CAPABILITIES))
    every = series_of_pair(file, "US", "MX")
    (again,) = read_series(written(tmp_path, "table.csv", written_table(every, ["a comment"])))
    assert [item.points for item in series_of_pair(again, "US", "MX")] == [item.points for item in every]
    broken = written_table(every).replace("cow-nmc", "dcad").replace(",given,", ",zero,")
    assert {field for _, _, field in refused(written(tmp_path, "b.csv", broken))} == {"source", "value"}


def test_the_series_that_ship_are_of_sources_whose_terms_allow_it_and_name_them_at_the_head(tmp_path):
    path = tmp_path / SHIPPED.rpartition("/")[2]
    path.write_bytes(shipped_bytes())
    files = read_series(path)
    shipped = {file.source for file in files}
    assert shipped == {key for key, entry in data_licenses().items() if entry.file == SHIPPED}
    assert {data_licenses()[key].ships for key in shipped} <= {"derived", "rows"}
    head = [line for line in shipped_bytes().decode().splitlines() if line.startswith("#")]
    for key in shipped:
        assert any(line.startswith(f"# {key}: {data_licenses()[key].citation}") for line in head)
    assert {code for file in files for key in file.series for code in (key.from_code, key.to_code)} == {
        "US",
        "MX",
        "",
    }


def test_the_capabilities_that_ship_are_figures_of_the_force_profile():
    found = {
        (point.indicator_code, point.country_code, point.year): point.value
        for point in packaged_capabilities().observations
    }
    assert found["personnel", "US", 2012] == 1_569_000  # as printed in the project's file
    assert found["population", "MX", 2012] == 120_847_000
    assert found["expenditure", "US", 2012] == 655_388_000_000


def test_a_last_year_that_has_only_begun_is_left_out(tmp_path):
    roll_calls = ROLL_CALLS.replace("1947-12-01", "1947-05-01")
    (file,) = read_series(written(tmp_path, "v.csv", VOTES), written(tmp_path, "r.csv", roll_calls))
    assert values(file, SeriesKey("un-agreement", "MX", "US")) == {1946: 0.25}
    assert "1947 (roll calls to 1947-05-01 only)" in file.skipped
