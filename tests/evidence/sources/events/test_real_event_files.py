"""Files that the publishers and others have made, where they lie beside the project; counted without the reader."""

import csv
import gzip
import subprocess
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.sources import events
from confianza.evidence.sources.events import pair_table
from confianza.evidence.sources.events.actors import actor_of_code, country_of_cow
from confianza.evidence.sources.events.codes import event_code, goldstein_tables

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "events"
pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the publishers' event files are not beside the project"
)

GDELT = (
    "gdelt1_rows/20151105.export.first1940.CSV",
    "gdelt1_rows/reed_events_57_58col.csv",
    "gdelt2_15min/20161013151500.export.CSV",
    "gdelt2_15min/20180101000000.export.CSV",
    "gdelt2_15min/spark_events.csv",
    "gdelt2_15min/spark_eventsT.csv",
)


def awk(program, path):
    done = subprocess.run(["awk", "-F", "\t", program, path], capture_output=True, text=True, check=True)
    return done.stdout.split()


def counts(table):
    (row,) = table.lines.rows(named=True)
    return row


@pytest.mark.parametrize("name", GDELT)
def test_the_pairs_of_gdelt_are_those_that_awk_counts(name):
    path = FOLDER / name
    table = events.pairs(path, period="year", keep_repeats=True)
    left_out = "ROU", "TWN"  # codes of actors that GDELT gives a country in some rows and none in others
    regions = (
        "AFR ASA BLK CAS CAU CEU CFR CRB EAF EEU EIN EUR LAM MDT MEA NAF NMR PGS SAF SAM SAS SCN SEA WAF WST"
    )
    program = (
        f'BEGIN {{ split("{regions}", names, " "); for (n in names) region[names[n]] = 1 }} '
        '$8 != "" && $18 != "" && $8 != $18 && !($8 in region) && !($18 in region) && $6 $16 !~ /ROU|TWN/ '
        "{ pairs++; class[$30]++ } END { print NR, pairs + 0, class[1] + 0, class[2] + 0, class[3] + 0 }"
    )
    lines, pairs, *classes = map(int, awk(program, path))
    without = table.table.filter(
        ~pl.col("source_iso3").is_in(left_out) & ~pl.col("target_iso3").is_in(left_out)
    )
    assert counts(table)["lines"] == lines
    assert without["events"].sum() == pairs
    assert [
        without[name].sum() for name in ("verbal_cooperation", "material_cooperation", "verbal_conflict")
    ] == classes


@pytest.mark.parametrize("name", GDELT)
def test_countries_and_roles_of_gdelt_are_those_of_its_own_columns(name):
    with (FOLDER / name).open(encoding="utf-8", errors="replace", newline="") as file:
        for cells in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for place in (5, 15):
                actor = actor_of_code(cells[place])
                country = cells[place + 2]
                if actor.iso3 is not None and country:
                    assert actor.iso3 == actor_of_code(country).iso3
                assert (actor.iso3 is None) == (actor_of_code(country).iso3 is None) or cells[place] in (
                    "ROU",
                    "TWN",
                )
                assert (actor.role == "military") == ("MIL" in cells[place + 7 : place + 10])


@pytest.mark.parametrize("name", GDELT)
def test_goldstein_of_gdelt_is_what_its_rows_print(name):
    with (FOLDER / name).open(encoding="utf-8", errors="replace", newline="") as file:
        for cells in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if cells[30] and cells[26] in goldstein_tables()["gdelt"]:
                assert goldstein_tables()["gdelt"][cells[26]] == pytest.approx(float(cells[30]), abs=0.051)
    assert events.files_of(FOLDER / name)[0].layout.notes == ()


@pytest.mark.parametrize("name", GDELT)
def test_rows_once_are_those_that_awk_keeps(name):
    path = FOLDER / name
    table = events.pairs(path, period="year")
    kept = set()
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for cells in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            pair = [actor_of_code(cells[place]).iso3 for place in (5, 15)]
            if None not in pair and pair[0] != pair[1] and event_code(cells[26], "cameo").code:
                address = cells[-1] if len(cells) in (58, 61) else ""
                kept.add((cells[1], cells[5], cells[15], cells[26], address or cells[0]))
    assert table.table["events"].sum() == len(kept) == counts(table)["read"]


@pytest.mark.parametrize("name", GDELT[2:])
def test_a_regular_file_of_gdelt_is_counted_as_its_texts(name, monkeypatch):
    table = events.pairs(FOLDER / name)
    monkeypatch.setattr(pair_table, "is_regular", lambda layout: False)
    assert events.pairs(FOLDER / name).table.equals(table.table)


def test_a_copy_with_a_wrong_header_is_read_by_its_contents():
    path = FOLDER / "gdelt_daily_mislabelled" / "20201113.csv"
    table = events.pairs(path, keep_repeats=True)
    with path.open(encoding="utf-8", newline="") as file:
        pairs = Counter((cells[8], cells[18]) for cells in csv.reader(file))
    both = (
        table.table.filter(source_iso3="USA", target_iso3="MEX"),
        table.table.filter(source_iso3="MEX", target_iso3="USA"),
    )
    assert [frame["events"].sum() for frame in both] == [pairs["USA", "MEX"], pairs["MEX", "USA"]]
    assert sum(frame["events"].sum() for frame in both) == 28
    assert [note.code for note in table.notes] == ["events-header-differs"]
    assert counts(table)["lines"] == 2825


def test_copies_by_scripts_are_read():
    table = events.pairs(FOLDER / "gdelt1_rows" / "andeek_blocked_1985.csv.gz", period="year")
    assert (counts(table)["lines"], counts(table)["header"]) == (2860, 1)
    table = events.pairs(FOLDER / "gdelt1_rows" / "jaime_20130402.csv")
    assert (counts(table)["lines"], counts(table)["date"]) == (45, 1)
    with (FOLDER / "gdelt1_rows" / "reed_5k_orig.csv").open(encoding="utf-8") as file:
        rows = [cells for cells in csv.reader(file, delimiter="\x01") if cells[1:3] == ["USA", "GBR"]]
    table = events.pairs(FOLDER / "gdelt1_rows" / "reed_5k_orig.csv", period="year")
    assert table.table.filter(source_iso3="USA", target_iso3="GBR")["events"].sum() >= sum(
        int(cells[7]) for cells in rows
    )
    (note,) = events.pairs(
        FOLDER / "gdelt_dyad_year" / "raw" / "2007_gdelt_first_rows.csv.gz", period="year"
    ).notes
    assert note.code == "events-layout-of-2007"


def test_mentions_are_refused():
    with pytest.raises(ImportRefusal, match="mentions"):
        events.pairs(FOLDER / "gdelt2_15min" / "20170101073000.mentions.CSV")


def test_icews_of_two_days():
    path = FOLDER / "icews_day" / "events.2018.sample.tab"
    table = events.pairs(path, keep_repeats=True)
    with path.open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs = Counter((row["Source Country"], row["Target Country"]) for row in rows)
    assert counts(table)["lines"] == len(rows) + 1
    for names, codes in (
        (("United States", "North Korea"), ("USA", "PRK")),
        (("Mexico", "United States"), ("MEX", "USA")),
        (("Russian Federation", "Syria"), ("RUS", "SYR")),
    ):
        assert table.table.filter(source_iso3=codes[0], target_iso3=codes[1])["events"].sum() == pairs[names]
    apart = sum(
        row["Source Country"] != row["Target Country"]
        and "NA" not in (row["Source Country"], row["Target Country"])
        for row in rows
    )
    assert counts(table)["read"] == apart
    assert counts(table)["country-unknown"] == 0
    for row in rows:
        assert goldstein_tables()["icews"][row["CAMEO Code"]] == pytest.approx(float(row["Intensity"]))


def test_icews_names_and_relations_of_a_year():
    path = FOLDER / "icews_tkg" / "icews14_full_year.tsv.gz"
    table = events.pairs(path, period="year")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

    def side(name):
        return {"United States": "USA", "Mexico": "MEX"}.get(name) or (
            "USA" if name.endswith("(United States)") else "MEX" if name.endswith("(Mexico)") else None
        )

    pairs = Counter((side(row["source"]), side(row["target"])) for row in rows)
    for one, other in (("USA", "MEX"), ("MEX", "USA")):
        assert table.table.filter(source_iso3=one, target_iso3=other)["events"].sum() == pairs[one, other]
    assert counts(table)["code-unknown"] == 0


def test_icews_by_pair_and_year_is_its_own_sum():
    path = FOLDER / "icews_dyad_year" / "icews_dyad_year_2002_2014.csv.gz"
    table = events.pairs(path, period="year")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (counts(table)["read"], table.table.height) == (len(rows), len(rows))
    for name, column in (("verbal_cooperation", "verbCoop"), ("material_conflict", "matlConf")):
        assert table.table[name].sum() == sum(int(row[column]) for row in rows)
    assert table.table.filter(source_iso3="USA", target_iso3="MEX")["material_conflict"].to_list()[0] == 52


def test_files_of_the_kansas_project():
    table = events.pairs(FOLDER / "keds" / "levant.cameo.tsv.gz", period="year")
    assert counts(table)["lines"] == 145_710
    assert (
        sum(counts(table)[name] for name in ("code-unknown", "date", "column-count", "country-unknown")) == 0
    )
    with gzip.open(FOLDER / "keds" / "levant.cameo.tsv.gz", "rt") as file:
        rows = Counter((cells[1][:3], cells[2][:3]) for cells in csv.reader(file, delimiter="\t"))
    found = table.table.filter(source_iso3="EGY", target_iso3="SYR")["events"].sum()
    assert found == rows["EGY", "SYR"]
    assert events.files_of(FOLDER / "keds" / "casia.weis.tsv.gz")[0].layout.code_list == "weis"


def test_abbreviations_of_the_correlates_of_war_are_those_of_a_published_list():
    path = FOLDER / "country_codes" / "countrycode_codelist_without_cldr.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["cowc"] not in ("", "NA") and row["iso3c"] not in ("", "NA")
        ]
    assert len(rows) > 180
    assert [row["cowc"] for row in rows if country_of_cow(row["cowc"]).iso3 != row["iso3c"]] == []
