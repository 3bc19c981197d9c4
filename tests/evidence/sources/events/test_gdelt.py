"""GDELT's files: layouts, traps and repeats, counted by hand."""

import csv
import gzip
import io
import zipfile
from datetime import date

import polars as pl
import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.sources import events
from confianza.evidence.sources.events import pair_table
from tests.evidence.sources.events.gdelt_lines import line, text

# Five of the United States towards Mexico: one is repeated, one an arrest; one back on the same day; three make no pair.
ROWS = (
    line(1, code="042", address="http://a.example/1"),
    line(2, code="042", address="http://a.example/1"),
    line(3, code="112", source="USAGOV", target="MEXMIL", address="http://a.example/2"),
    line(4, code="173", source="USACOP", target="MEXCVL", address="http://a.example/3"),
    line(5, code="190", source="USACOP", target="MEXCVL", address="http://a.example/4"),
    line(6, code="043", source="MEX", target="USA", address="http://a.example/5"),
    line(7, code="010", source="USA", target="", address="http://a.example/6"),
    line(8, code="010", source="USA", target="EUR", address="http://a.example/7"),
    line(9, code="010", source="USA", target="USAGOV", address="http://a.example/8"),
)
LINES = {"lines": 9, "read": 5, "repeated": 1, "no-country": 1, "region": 1, "one-country": 1}


def counted(table):
    (row,) = table.lines.rows(named=True)
    return {name: value for name, value in row.items() if value and name not in {"file", "form"}}


def pair(table, source="USA", target="MEX"):
    (row,) = table.table.filter(source_iso3=source, target_iso3=target).rows(named=True)
    return row


@pytest.fixture
def file(tmp_path):
    def write(content, name="20200102.export.CSV"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_rows_are_counted_by_pair_class_role_and_period(file):
    table = events.pairs(file(text(*ROWS)))
    assert counted(table) == LINES
    row = pair(table)
    assert row["period"] == date(2020, 1, 1)
    assert row["events"] == 4
    assert (row["verbal_cooperation"], row["verbal_conflict"], row["law_border"]) == (1, 1, 2)
    assert (row["material_cooperation"], row["material_conflict"]) == (
        0,
        0,
    )  # police against citizens is apart
    assert (
        row["source_government"],
        row["source_police"],
        row["target_private"],
        row["target_military"],
    ) == (1, 2, 2, 1)
    assert (row["official"], row["military"]) == (1, 0)
    assert (row["mirrored"], row["repeated"], row["dated_back"]) == (1, 1, 0)
    assert (row["goldstein_sum"], row["goldstein_count"]) == (pytest.approx(1.9 - 2.0 - 5.0 - 10.0), 4)
    assert row["covered_share"] == pytest.approx(1 / 31)
    assert pair(table, "MEX", "USA")["mirrored"] == 1


def test_rows_that_repeat_can_be_kept(file):
    table = events.pairs(file(text(*ROWS)), keep_repeats=True)
    assert counted(table) == {"lines": 9, "read": 6, "no-country": 1, "region": 1, "one-country": 1}
    row = pair(table)
    assert (row["events"], row["verbal_cooperation"], row["repeated"], row["mirrored"]) == (5, 2, None, None)


def test_a_row_of_another_address_is_no_repeat(file):
    table = events.pairs(
        file(text(line(1, address="http://a.example/1"), line(2, address="http://b.example/1")))
    )
    assert pair(table)["events"] == 2


def test_without_addresses_only_the_same_number_repeats(file):
    rows = [line(1, columns=57), line(1, columns=57), line(2, columns=57)]
    assert counted(events.pairs(file(text(*rows)))) == {"lines": 3, "read": 2, "repeated": 1}


def test_rows_repeat_across_files_and_the_later_file_has_the_repeat(file):
    first, second = file(text(ROWS[0]), "b.CSV"), file(text(ROWS[0], ROWS[5]), "a.CSV")
    lines = events.pairs([first, second]).lines
    assert lines["read"].to_list() == [1, 1]
    assert lines["repeated"].to_list() == [0, 1]


@pytest.mark.parametrize("columns", [57, 58, 61])
def test_each_number_of_columns_is_known(file, columns):
    table = events.pairs(file(text(line(1, columns=columns), line(2, code="190", columns=columns))))
    assert table.lines["form"].to_list() == ["gdelt-2" if columns == 61 else "gdelt-1"]
    assert (pair(table)["events"], pair(table)["material_conflict"]) == (2, 1)


def test_rows_of_57_and_58_columns_may_stand_in_one_file(file):
    table = events.pairs(file(text(line(1, columns=57), line(2, columns=58))))
    assert counted(table) == {"lines": 2, "read": 2}


@pytest.mark.parametrize("pack", ["gz", "zip", "zip of gz", "utf-8-sig", "utf-16", "utf-16-le", "crlf", "cr"])
def test_the_same_rows_in_any_packing_and_encoding(file, pack):
    whole = text(*ROWS)
    content = {
        "gz": lambda: gzip.compress(whole.encode()),
        "zip": lambda: zipped(whole.encode()),
        "zip of gz": lambda: zipped(gzip.compress(whole.encode())),
        "crlf": lambda: whole.replace("\n", "\r\n").encode(),
        "cr": lambda: whole.replace("\n", "\r").encode(),
    }.get(pack, lambda: whole.encode(pack))()
    table = events.pairs(file(content, "named.otherwise"))
    assert counted(table) == LINES
    assert pair(table)["law_border"] == 2


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/rows", content)
    return packed.getvalue()


def test_rejected_rows_are_counted_by_reason_and_the_first_are_shown(file):
    rows = [
        ROWS[0],
        "",
        line(2, code="---"),
        line(3, code="0999"),
        line(4, day="20200231"),
        line(5, day="20200301", added="20200102001500"),
        line(6) + "\tand one more",
        line(7, source="XQZ"),
        "\t".join(line(8).split("\t")[:40]),
    ]
    table = events.pairs(file(text(*rows) + "\n\n"))
    assert counted(table) == {
        "lines": 11,
        "blank": 3,
        "read": 1,
        "code-missing": 1,
        "code-unknown": 1,
        "date": 1,
        "date-after-file": 1,
        "column-count": 2,
        "no-country": 1,
    }
    shown = {(problem.code, problem.row, problem.field) for problem in table.problems}
    assert shown == {
        ("event-code-missing", 3, "code"),
        ("event-code-unknown", 4, "code"),
        ("event-date", 5, "date"),
        ("event-date-after-file", 6, "date"),
        ("event-column-count", 7, None),
        ("event-column-count", 9, None),
    }
    assert "row 5, field date: '20200231' is no day" in str(
        next(p for p in table.problems if p.code == "event-date")
    )


def test_a_last_line_that_is_cut_off_is_rejected_and_a_whole_one_without_line_end_is_read(file):
    cut = text(*ROWS)[:-60]
    assert counted(events.pairs(file(cut)))["column-count"] == 1
    assert counted(events.pairs(file(text(*ROWS).rstrip("\n")))) == LINES


def test_days_long_before_the_file_are_marked(file):
    rows = [
        line(1),
        line(2, day="20100102", added="20200102001500"),
        line(3, day="20191226", added="20200102001500"),
    ]
    table = events.pairs(file(text(*rows)), period="year")
    assert table.table["period"].to_list() == [date(2010, 1, 1), date(2019, 1, 1), date(2020, 1, 1)]
    assert table.table["dated_back"].to_list() == [1, 1, 0]
    assert table.table["covered_share"].to_list() == [None, None, pytest.approx(1 / 366)]


def test_days_of_the_archive_of_2013_are_not_dated_back(file):
    table = events.pairs(file(text(line(1, day="19850101", added="20130203", columns=57))), period="year")
    assert (pair(table)["dated_back"], pair(table)["covered_share"]) == (0, pytest.approx(1 / 365))


HEADER = ["GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"]
HEADER += [
    f"Actor{number}{name}" for number in (1, 2) for name in ("Code", "Name", "CountryCode", *"abcdefg")
]
HEADER += ["IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale"]
HEADER += [f"column{number}" for number in range(len(HEADER), 61)]


def saved_again(rows, separator, *, index=False, header=HEADER, change=lambda cells: cells):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    if header:
        writer.writerow([*([""] if index else []), *header])
    for number, row in enumerate(rows):
        writer.writerow([*([number] if index else []), *change(row.split("\t"))])
    return written.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("index", [False, True])
def test_a_copy_saved_by_a_spreadsheet_is_read(file, separator, index):
    def without_zeros(cells):
        cells[26:29] = [str(int(cell)) for cell in cells[26:29]]
        return [*cells[:59], "2.02E+13", *cells[60:]]

    table = events.pairs(file(saved_again(ROWS, separator, index=index, change=without_zeros)))
    assert counted(table) == LINES | {"lines": 10, "header": 1}
    assert pair(table)["verbal_cooperation"] == 1  # 42 is 042
    assert table.notes == ()


def test_a_wrong_header_is_not_believed(file):
    wrong = [*HEADER[:5], "Actor_1_Country_Code", "Actor_1_Name", "Code", *HEADER[8:]]
    table = events.pairs(file(saved_again(ROWS, ",", header=wrong)))
    assert counted(table) == LINES | {"lines": 10, "header": 1}
    (note,) = table.notes
    assert note.code == "events-header-differs"
    assert "Actor_1_Country_Code (6)" in str(note)


def test_some_columns_of_gdelt_are_read_by_their_names(file):
    rows = "SQLDATE,Actor1Code,Actor2Code,EventCode,QuadClass,SOURCEURL\n20200102,USAGOV,MEX,042,1,http://a.example\n"
    table = events.pairs(file(rows))
    assert table.lines["form"].to_list() == ["gdelt-columns"]
    assert pair(table)["source_government"] == 1


def test_counts_by_year_with_control_a_are_weighed(file):
    rows = "".join(
        "\x01".join(cells) + "\n"
        for cells in (
            ["1979", "USA", "MEX", "043", "043", "04", "2.8", "5"],
            ["1979", "USAMIL", "MEXMIL", "190", "190", "19", "-10.0", "2"],
            ["1980", "USA", "MEX", "---", "---", "--", "", "1"],
            ["1980", "USA", "MEX", "010", "010", "01", "0.0", "many"],
        )
    )
    path = file(rows)
    with pytest.raises(ImportRefusal, match="year of its rows and no month"):
        events.pairs(path)
    table = events.pairs(path, period="year")
    assert counted(table) == {"lines": 4, "read": 2, "code-missing": 1, "count": 1}
    row = pair(table)
    assert (row["events"], row["material_conflict"], row["military"]) == (7, 2, 2)


def test_the_layout_of_2007_has_a_volume_and_no_classes(file):
    rows = (
        "Actor1CountryCode,Actor2CountryCode,Actor1CountryCode,Actor2CountryCode,AlternateGoldsteinScale,SQLDATE,"
        "QuadClass,GoldsteinScale,NumArticles,AvgTone,NumberOfRowsBetweenCountries\n"
        "USA,MEX,USA,MEX,-2.1,20071220,4,-1.8,342,3.8,7057\n"
        "USA,AFR,USA,AFR,7.0,20070305,1,7.0,4,1.7,2\n"
    )
    table = events.pairs(file(rows), period="year")
    row = pair(table)
    assert row["events"] == 7057
    assert [row[name] for name in ("verbal_cooperation", "material_conflict", "law_border", "mirrored")] == [
        None
    ] * 4
    assert [note.code for note in table.notes] == ["events-layout-of-2007"]
    assert counted(table) == {"lines": 3, "header": 1, "read": 1, "region": 1}


def test_other_tables_of_gdelt_are_refused_by_name(file):
    mentions = "1\t20170101073000\t20170101073000\t1\ta.com\thttp://a.com\t7\t1\t2\t3\t1\t100\t9\t-4.9\t\t\n"
    with pytest.raises(ImportRefusal, match="mentions, not of events"):
        events.pairs(file(mentions * 3))


def test_another_goldstein_value_than_the_table_is_told(file):
    assert events.pairs(file(text(*(line(n, goldstein="1.9") for n in range(3))))).notes == ()
    (note,) = events.pairs(file(text(*(line(n, goldstein="-7.4") for n in range(3))))).notes
    assert note.code == "events-goldstein-differs"
    assert "042: -7.4 (1.9)" in str(note)


def test_rows_have_what_they_print(file):
    (frame,) = events.read(file(text(*ROWS, line(10, code="---"))))
    first = frame.row(0, named=True)
    assert (first["event_id"], first["date"], first["file_date"]) == ("1", date(2020, 1, 2), date(2020, 1, 2))
    assert (first["source_iso3"], first["source_role"], first["code"]) == ("USA", "country", "042")
    assert (first["goldstein"], first["mentions"], first["address"]) == (1.9, 3, "http://a.example/1")
    assert frame["reason"].to_list() == [None] * 6 + ["no-country", "region", "one-country", "code-missing"]
    assert frame["row"].to_list() == list(range(1, 11))


def test_a_regular_file_is_counted_as_one_that_is_read_as_texts(file, monkeypatch):
    path = file(
        text(*ROWS, *(line(n, day=f"201901{n:02}", code="1821", source="MNCUSA") for n in range(10, 28)))
    )
    tables = [events.pairs(path, keep_repeats=keep) for keep in (True, False)]
    monkeypatch.setattr(pair_table, "is_regular", lambda layout: False)
    for keep, table in zip((True, False), tables, strict=True):
        other = events.pairs(path, keep_repeats=keep)
        assert other.table.equals(table.table)
        assert other.lines.equals(table.lines)


def test_the_table_is_written_as_parquet_with_its_source(file, tmp_path):
    table = events.pairs(file(text(*ROWS)))
    table.write(tmp_path / "pairs.parquet")
    assert pl.read_parquet(tmp_path / "pairs.parquet").equals(table.table)
    assert "gdeltproject.org" in pl.read_parquet_metadata(tmp_path / "pairs.parquet")["citation"]
