"""Files of records: read whole or refused whole, every problem with file, row, field and remedy."""

import csv
import string
from datetime import date
from io import StringIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.relationship.entries import record_values
from confianza.errors import ImportRefusal
from confianza.evidence.sources.relationship_file import (
    column_rows,
    kinds_in,
    read_relationship_file,
    read_sources_file,
)
from tests.conftest import ROOT
from tests.searches import search

DAY = date(2026, 11, 30)
PAIR = ("US", "MX")
HEAD = (
    "id,kind,date_from,actor,summary_en,summary_es,sign,domain,source,change,safeguard,"
    "severity_a,coder_a,method_a,version_a,coded_on_a"
)
ROWS = [
    "2001-vetting,hedge,2001-05,US,Units are vetted.,,-1,defense,law-2001,added,,0.6,a,automated,1,2026-11-30",
    "2005-vetting-ended,hedge,2005,US,,Termina la revisión.,1,defense,law-2005,lifted,2001-vetting,,,,,",
]


def written(tmp_path, *rows, head=HEAD, name="records.csv"):
    path = tmp_path / name
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def read(path, **more):
    return read_relationship_file(path, pair=PAIR, on=DAY, **more)


def problems(path, **more):
    with pytest.raises(ImportRefusal) as refused:
        read(path, **more)
    for problem in refused.value.problems:
        assert problem.in_language("es") != problem.in_language("en")
    return {(problem.code, problem.row, problem.field) for problem in refused.value.problems}


def test_rows_are_read_with_their_codings(tmp_path):
    first, second = read(written(tmp_path, *ROWS))
    assert (first.record_id, first.target_code, first.severity) == ("2001-vetting", "MX", 0.6)
    assert first.codings[0].method == "automated"
    assert second.details == {"change": "lifted", "safeguard": "2001-vetting"}
    assert kinds_in([first, second]) == {"hedge": 2}


def test_a_workbook_says_the_same_as_its_csv(tmp_path):
    book = openpyxl.Workbook()
    for line in csv.reader([HEAD, *ROWS]):
        book.active.append([int(value) if value in {"-1", "1", "2005"} else value for value in line])
    path = tmp_path / "records.xlsx"
    book.save(path)
    assert read(path) == read(written(tmp_path, *ROWS))


def test_what_is_written_is_read_again_the_same(tmp_path):
    records = read(written(tmp_path, *ROWS))
    heading, rows = column_rows((record, record_values(record)) for record in records)
    text = StringIO()
    csv.writer(text).writerows([heading, *rows])
    path = tmp_path / "again.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    assert read(path) == records


def test_every_problem_of_a_file_is_named_together(tmp_path):
    broken = [
        ROWS[0].replace("US", "GB").replace(",0.6,", ",6,"),
        ROWS[1].replace("2001-vetting", "no-such"),
        ROWS[0],
        ROWS[0] + ",more",
    ]
    assert problems(written(tmp_path, *broken)) == {
        ("record-side-unknown", 2, "actor"),
        ("record-coding-misread", 2, "severity_a"),
        ("record-safeguard-unknown", 3, "safeguard"),
        ("record-id-twice", 4, "id"),
        ("record-file-row-length", 5, None),
    }


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (HEAD.replace("actor", "who"), "record-file-column-missing"),
        (HEAD + ",rumor", "record-file-column-unknown"),
        (HEAD + ",id", "record-file-column-unknown"),
    ],
)
def test_columns_are_those_of_the_table(tmp_path, head, code):
    path = written(tmp_path, ROWS[0] + ("," if head.count(",") > HEAD.count(",") else ""), head=head)
    assert code in {found for found, _, _ in problems(path)}


def test_a_file_without_rows_or_that_is_none_is_refused(tmp_path):
    assert problems(written(tmp_path)) == {("record-file-empty", None, None)}
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK no workbook")
    assert problems(path) == {("record-file-unreadable", None, None)}
    latin = tmp_path / "latin.csv"
    latin.write_bytes(f"{HEAD}\n{ROWS[1]}".encode("latin-1"))
    assert problems(latin) == {("record-file-unreadable", None, None)}


def test_sources_are_those_of_their_file(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text("source_key,title,publisher,date,address,license\nlaw-2001,Law,Congress,2001,,free\n")
    (source,) = read_sources_file(path)
    assert (source.key, source.title, source.rights) == ("law-2001", "Law", "free")
    found = problems(written(tmp_path, *ROWS), cited=[source.key])
    assert found == {("record-source-unknown", 3, "source")}
    path.write_text("source_key,title\nlaw-2001,\nlaw-2001,x\n")
    with pytest.raises(ImportRefusal) as refused:
        read_sources_file(path)
    assert {problem.code for problem in refused.value.problems} == {"record-field-missing", "record-id-twice"}


def test_the_coded_record_beside_the_project_is_read_whole():
    folder = ROOT.parent / "shared" / "data" / "record"
    if not folder.exists():
        pytest.skip("the coded record is not beside the project: only the rows made here were read")
    cited = [source.key for source in read_sources_file(folder / "sources.csv")]
    records = read(folder / "us_mx_record.csv", cited=cited)
    assert len(records) == 378
    counts = kinds_in(records)
    assert (counts["act"], counts["hedge"], counts["commitment"], counts["third_party"]) == (129, 58, 49, 4)
    hedges = [record for record in records if record.kind == "hedge"]
    added = {
        code: sum(r.details["change"] == "added" for r in hedges if r.actor_code == code) for code in PAIR
    }
    assert added == {"US": 22, "MX": 22}  # its table of hedges
    firm = [r for r in records if r.kind == "commitment" and r.details["is_firm"] == "yes"]
    assert [sum(r.actor_code == side for r in firm) for side in ("US", "MX", "both")] == [21, 9, 10]
    assert sum(record.severity for record in records) / 378 == pytest.approx((0.407 + 0.392) / 2, abs=5e-4)
    assert {record.verification for record in records} == {"verified", "thesis", "memory"}


CELLS = st.one_of(
    st.text(alphabet=string.printable + "áñ¿\0'", max_size=12),
    st.sampled_from([*",".join(ROWS).split(","), "both", "-1", "1914-04-21", "act", "commitment", '"']),
)


@search(full=300, quick=40)
@given(
    rows=st.lists(st.lists(CELLS, min_size=14, max_size=18), min_size=1, max_size=4), is_quoted=st.booleans()
)
def test_any_file_is_read_or_refused_in_words(tmp_path_factory, rows, is_quoted):
    text = StringIO()
    if is_quoted:
        csv.writer(text).writerows([HEAD.split(","), *rows])
    else:
        text.write("\n".join([HEAD, *(",".join(row) for row in rows)]))
    path = tmp_path_factory.mktemp("fuzz") / "records.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    try:
        records = read(path)
    except ImportRefusal as refusal:
        records, told = (), refusal.in_language("es")
    else:
        told = ""
    assert records or "\n" in told
    heading, lines = column_rows((record, record_values(record)) for record in records)
    assert all(len(line) == len(heading) for line in lines)
