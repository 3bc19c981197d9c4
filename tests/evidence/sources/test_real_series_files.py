"""The readers of series on publishers' files as people downloaded them, recomputed another way."""

import csv
import gzip
import statistics
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from confianza.evidence.series import SeriesKey, series_of_pair, shipped_bytes
from confianza.evidence.sources.series import one_table, read_series
from confianza.evidence.sources.series.tables import Faults, tables_of

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "events"
pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the publishers' files are not beside the project"
)


def table(name: str) -> list[dict[str, str]]:
    opener = gzip.open if name.endswith(".gz") else open
    with opener(FOLDER / name, "rt", encoding="iso-8859-1", newline="") as file:
        first = file.readline()
        file.seek(0)
        return list(csv.DictReader(file, delimiter=";" if first.count(";") > first.count(",") else ","))


def values(file, key: SeriesKey) -> dict[int, float | None]:
    return {point.year: point.value for point in file.series[key] if not point.period}


def shipped(source: str, key: SeriesKey, folder: Path) -> dict[int, float | None]:
    """The values of a series of the file that comes with the package."""
    path = folder / "shipped.csv"
    path.write_bytes(shipped_bytes())
    (only,) = tables_of(path, lambda header: set(one_table.COLUMNS) <= set(header))
    (file,) = (item for item in one_table.read_files(only, Faults(path.name)) if item.source == source)
    return {
        point.year: point.value for point in file.series[key] if not point.period and point.value is not None
    }


def test_the_agreement_that_ships_is_that_counted_vote_by_vote(tmp_path):
    years = {row["rcid"]: int(row["date"][:4]) for row in table("un_votes/un_roll_calls.csv.gz")}
    worth = {"yes": 1.0, "abstain": 0.5, "no": 0.0}
    with gzip.open(FOLDER / "un_votes/un_votes.csv.gz", "rt") as file:
        cast = [line.strip().split(",") for line in file if ",US," in line or ",MX," in line]
    ours, theirs = ({rcid: worth[vote] for rcid, code, vote in cast if code == own} for own in ("US", "MX"))
    by_year: dict[int, list[float]] = {}
    for rcid in set(ours) & set(theirs):
        by_year.setdefault(years[rcid], []).append(1 - abs(ours[rcid] - theirs[rcid]))
    wanted = {
        year: statistics.fmean(found) for year, found in by_year.items() if year < 2020
    }  # it ends in January
    found = shipped("un-votes", SeriesKey("un-agreement", "MX", "US"), tmp_path)
    assert found.keys() == wanted.keys()
    assert len(found) == 73
    assert all(found[year] == pytest.approx(wanted[year], abs=1e-9) for year in wanted)


@pytest.mark.slow
def test_the_agreement_of_every_pair_is_that_of_polars(tmp_path):
    """Pairs of five members, joined and averaged by another library."""
    (file,) = read_series(FOLDER / "un_votes/un_votes.csv.gz", FOLDER / "un_votes/un_roll_calls.csv.gz")
    members = ["BR", "CA", "CU", "MX", "US"]
    votes = pl.read_csv(FOLDER / "un_votes/un_votes.csv.gz", infer_schema_length=0)
    votes = votes.filter(pl.col("country_code").is_in(members)).with_columns(
        pl.col("vote").replace_strict({"yes": 1.0, "abstain": 0.5, "no": 0.0}, return_dtype=pl.Float64)
    )
    calls = pl.DataFrame(table("un_votes/un_roll_calls.csv.gz")).select(
        "rcid", pl.col("date").str.slice(0, 4)
    )
    both = (
        votes.join(votes, on="rcid")
        .filter(pl.col("country_code") < pl.col("country_code_right"))
        .join(calls, on="rcid")
    )
    means = both.group_by("country_code", "country_code_right", "date").agg(
        (1 - (pl.col("vote") - pl.col("vote_right")).abs()).mean().alias("mean")
    )
    for one, other, year, mean in means.filter(pl.col("date") < "2020").iter_rows():
        assert values(file, SeriesKey("un-agreement", one, other))[int(year)] == pytest.approx(mean, abs=1e-9)


def test_ideal_points_are_the_figures_of_their_rows(tmp_path):
    name = "un_ideal_points/IdealpointestimatesAll_Apr2020.csv"
    (file,) = read_series(FOLDER / name)
    for number, code in (("2", "US"), ("70", "MX")):
        wanted = {
            1945 + int(row["session"]): float(row["IdealPoint"])
            for row in table(name)
            if row["ccode"] == number
        }
        assert values(file, SeriesKey("ideal-point", code)) == wanted
        assert shipped("un-ideal-points", SeriesKey("ideal-point", code), tmp_path) == wanted
    assert values(file, SeriesKey("ideal-point", "US"))[1946] == 1.675486


def test_aid_to_mexico_adds_up_to_the_rows_of_the_file(tmp_path):
    name = "us_aid/us_foreign_aid_country_2022.csv.gz"
    rows = [
        row
        for row in table(name)
        if row["Country Code"] == "MEX" and row["Transaction Type Name"] == "Obligations"
    ]
    wanted = {
        int(row["Fiscal Year"]): float(row["current_amount"])
        for row in rows
        if "tq" not in row["Fiscal Year"]
    }
    (file,) = read_series(FOLDER / name)
    assert values(file, SeriesKey("us-aid-obligations", "US", "MX")) == wanted
    assert shipped("us-foreign-aid", SeriesKey("us-aid-obligations", "US", "MX"), tmp_path) == wanted


def test_mexico_signed_no_defense_agreement_from_1980_to_2010_and_nothing_is_said_of_other_years():
    (file,) = read_series(FOLDER / "dcad/DCAD-v1.0-main.csv")
    assert not any("70" in (row["ccode1"], row["ccode2"]) for row in table("dcad/DCAD-v1.0-main.csv"))
    (series,) = series_of_pair(file, "US", "MX")
    assert [point.year for point in series.points] == list(range(1980, 2011))
    assert {(point.value, point.state.value) for point in series.points} == {(0.0, "zero")}
    wanted = Counter(
        int(row["signYear"])
        for row in table("dcad/DCAD-v1.0-main.csv")
        if (row["ccode1"], row["ccode2"]) == ("2", "20")
    )
    assert values(file, SeriesKey("defense-agreements", "CA", "US")) == dict(wanted)


def test_arms_orders_are_the_rows_of_the_register():
    name = "sipri/sipri_trade_register_edited.csv.gz"
    (file,) = read_series(FOLDER / name)
    wanted = Counter(
        int(row["Year of order"])
        for row in table(name)
        if (row["Recipient"], row["Supplier"]) == ("Mexico", "United States")
    )
    assert values(file, SeriesKey("arms-orders", "US", "MX")) == dict(wanted)
    assert sum("fragment" in name for name in file.skipped) == 4


def test_troops_exercises_and_disputes_are_as_the_notes_on_the_files_say():
    (troops,) = read_series(FOLDER / "us_troops_exercises/troopdata-rebuild-country-year.csv.gz")
    found = values(troops, SeriesKey("us-troops", "US", "MX"))
    assert {year: found[year] for year in (1950, 1979, 2009, 2024)} == {
        1950: 24,
        1979: 23,
        2009: 18,
        2024: 88,
    }
    (exercises,) = read_series(FOLDER / "us_troops_exercises/mme_v7.csv")
    assert sum(values(exercises, SeriesKey("exercises", "MX", "US")).values()) == 4
    (disputes,) = read_series(FOLDER / "cow_ir/cow_mid_dirdisps.csv.gz")
    assert max(values(disputes, SeriesKey("disputes", "MX", "US"))) == 1920
    assert values(disputes, SeriesKey("dispute-hostility", "US", "MX"))[1918] == 4


@pytest.mark.slow
def test_the_defense_promised_of_both_is_in_force_every_year_from_1942():
    (file,) = read_series(FOLDER / "cow_ir/atop_alliance.csv.gz")
    for pair in (("US", "MX"), ("MX", "US")):
        assert sorted(values(file, SeriesKey("alliance-defense", *pair))) == list(range(1942, 2019))
        assert sorted(values(file, SeriesKey("alliance-nonaggression", *pair)))[0] == 1947
        assert sorted(values(file, SeriesKey("alliance-consultation", *pair)))[0] == 1945


def test_trust_in_the_armed_forces_is_the_mean_and_its_error_that_of_matrices(tmp_path):
    """The same estimator from scores in a table of another library, and the unweighted mean that the notes print."""
    name = "survey/lapop_ym23_trust_armed_forces.csv.gz"
    frame = pl.read_csv(FOLDER / name, infer_schema_length=0).filter(
        (pl.col("pais") == "1") & (pl.col("year") == "2019")
    )
    frame = frame.filter(pl.col("b12").is_not_null()).with_columns(
        pl.col("b12").cast(pl.Float64), w=pl.col("weight1500").cast(pl.Float64)
    )
    total = frame["w"].sum()
    mean = (frame["w"] * frame["b12"]).sum() / total
    units = frame.group_by("strata", "upm").agg(
        (pl.col("w") * (pl.col("b12") - mean) / total).sum().alias("u")
    )
    strata = units.group_by("strata").agg((pl.len() * pl.col("u").var()).alias("v"), pl.len().alias("n"))
    assert strata["n"].min() > 1
    (file,) = read_series(FOLDER / name)
    (point,) = file.series[SeriesKey("armed-forces-trust", "MX")]
    assert (point.value, point.n) == (pytest.approx(mean), frame.height)
    assert point.standard_error == pytest.approx(strata["v"].sum() ** 0.5)
    assert round(frame["b12"].mean(), 2) == 4.94
    assert shipped("lapop", SeriesKey("armed-forces-trust", "MX"), tmp_path) == {2019: pytest.approx(mean)}


def test_capabilities_are_the_rows_of_the_file(tmp_path):
    name = "cow_ir/cow_nmc.csv.gz"
    (file,) = read_series(FOLDER / name)
    for number, code in (("2", "US"), ("70", "MX")):
        wanted = {
            int(row["year"]): 1000 * float(row["milper"]) if row["milper"] else None
            for row in table(name)
            if row["ccode"] == number
        }
        assert values(file, SeriesKey("military-personnel-nmc", code)) == wanted
        given = {year: value for year, value in wanted.items() if value is not None}
        assert shipped("cow-nmc", SeriesKey("military-personnel-nmc", code), tmp_path) == given
