"""Event logs: what is written is read again, and a foreign file is refused with every problem."""

import gzip
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.cases.conformance import LogEvent
from confianza.errors import ImportRefusal
from confianza.evidence.sources.event_log import read_log
from confianza.reports.event_log import write_csv, write_xes

AT = datetime.fromisoformat("2013-05-20T14:30")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
EVENTS = st.lists(
    st.builds(LogEvent, WORDS, WORDS, st.dates(date(1950, 1, 1)), WORDS | st.just(""), WORDS | st.just("")),
    min_size=1,
    max_size=8,
)


@given(events=EVENTS, writer=st.sampled_from([(write_csv, "log.csv"), (write_xes, "log.xes")]))
def test_a_log_that_was_written_is_read_again(events, writer, tmp_path_factory):
    write, name = writer
    events = sorted(events, key=lambda event: event.case)
    text = io.StringIO()
    write(events, text)
    path = tmp_path_factory.mktemp("log") / name
    path.write_text(text.getvalue(), encoding="utf-8")
    found = [(item.case, item.activity, item.on, item.role, item.about) for item in read_log(path)]
    assert found == [(item.case, item.activity, item.on, item.role, item.about) for item in events]


TWO_MISTAKES = "case,activity,on\nA,,2013-01-01\nB,pay,soon\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("log.csv", "case,when\nA,2013-01-01\n", "lacks the column.* activity, on"),
        ("log.csv", TWO_MISTAKES, "row 2, field activity(.|\n)*row 3, field on: 'soon'"),
        ("log.csv", "case,activity,on\n", "no event"),
        ("log.csv", "case,activity,on,case\nA,pay,2013-01-01,B\n", "column.* case stand there more than once"),
        ("log.csv", "case,activity,on\nA,pay, or not,2013-01-01\n", "row 2: the row has 4 values under 3"),
        ("log.csv", 'case,activity,on\nA,"pay,2013-01-01\n', "not a CSV"),
        ("log.csv", b"\xff\xfe\x00", "not a CSV"),
        ("log.xes", "<?xml version='1.0' encoding='foo'?><log/>", "not a CSV in UTF-8 or an XES log"),
        ("log.xes", "<?xml version='1.0' encoding='utf-7'?><log/>", "not a CSV in UTF-8 or an XES log"),
        ("log.xes", "<log><trace>", "not a CSV in UTF-8 or an XES log"),
        ("log.xes", '<!DOCTYPE log [<!ENTITY a "b">]><log>&a;</log>', "document type declaration is refused"),
        ("log.xes", "<log><trace><event><string key='concept:name' value='pay'/></event></trace></log>", "field case"),
    ],
)  # fmt: skip
def test_a_foreign_log_is_refused_by_name_row_and_field(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ImportRefusal, match=says):
        read_log(path)


@pytest.mark.parametrize("at", [AT, AT.replace(tzinfo=UTC), None], ids=["local", "UTC", "unknown"])
def test_the_hour_of_an_event_is_kept_where_it_is_known(at, tmp_path):
    event = LogEvent("A", "MILAP", date(2013, 5, 20), at=at)
    for write, name in ((write_csv, "log.csv"), (write_xes, "log.xes")):
        text = io.StringIO()
        write([event], text)
        (tmp_path / name).write_text(text.getvalue(), encoding="utf-8")
        (found,) = read_log(tmp_path / name)
        assert found.on == event.on
        assert at is None if found.at is None else found.at.replace(tzinfo=None) == AT


def test_a_log_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(ImportRefusal, match="No such file"):
        read_log(tmp_path / "none.csv")


def test_a_csv_that_a_spreadsheet_saved_with_a_mark_is_read(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,activity,on\nA,pay,2013-05-20T14:30\n", encoding="utf-8-sig")
    assert read_log(path) == [LogEvent("A", "pay", date(2013, 5, 20), "", "", 2, AT)]


def events_of(path):
    return [(item.case, item.activity, item.on.isoformat(), item.transition) for item in read_log(path)]


FOREIGN = {
    "pm4py": "concept:name,time:timestamp,case:concept:name,lifecycle:transition\n"
    "pay,2021-10-14 09:00:00+00:00,A,COMPLETE\n",
    "Disco": "Case ID,Activity,Complete Timestamp,lifecycle:transition\nA,pay,2021/10/14 09:00:00.000,complete\n",
    "semicolons": "case;activity;on;transition\nA;pay;2021-10-14;complete\n;;;\n",
    "tabs": "case\tactivity\ton\ttransition\nA\tpay\t2021-10-14\tcomplete\n",
    "blank last rows": "case,activity,on,transition\nA,pay,2021-10-14,complete\n,,,\n,,,\n\n",
}


@pytest.mark.parametrize("tool", FOREIGN)
def test_a_csv_of_another_tool_is_read(tmp_path, tool):
    path = tmp_path / "log.csv"
    path.write_text(FOREIGN[tool], encoding="utf-8-sig")
    assert events_of(path) == [("A", "pay", "2021-10-14", "complete")]


def test_a_packed_log_is_read_and_a_broken_one_refused(tmp_path):
    text = io.StringIO()
    write_xes([LogEvent("A", "pay", date(2021, 10, 14), at=AT)], text)
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress(text.getvalue().encode()))
    assert events_of(path) == [("A", "pay", "2013-05-20", "")]
    for content in (path.read_bytes()[:-20], b"PK", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff"):
        path.write_bytes(content)
        with pytest.raises(ImportRefusal):
            read_log(path)


def test_midnight_of_another_offset_is_an_instant(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,activity,on\nA,pay,2021-10-14T00:00-05:00\nA,pay,2021-10-14T00:00+00:00\n")
    assert [item.at is None for item in read_log(path)] == [False, True]
