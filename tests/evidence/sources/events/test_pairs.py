"""Counts by pair against a reader of our own that knows only the csv module; damaged files, parts, disk, memory."""

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.errors import ImportRefusal, RuleRefusal
from confianza.evidence.sources import events
from confianza.evidence.sources.events import files, pair_table
from tests.evidence.sources.events.gdelt_lines import line, text
from tests.searches import search

COUNTRIES = {"USA": "USA", "USAGOV": "USA", "USACOP": "USA", "MEX": "MEX", "MEXCVL": "MEX", "ROM": "ROU"}
CLASSES = {
    "042": "verbal_cooperation",
    "070": "material_cooperation",
    "112": "verbal_conflict",
    "190": "material_conflict",
}
KNOWN = {**CLASSES, "173": "law_border"}

rows = st.tuples(
    st.sampled_from(["20200102", "20200103", "20200205", "20200231"]),
    st.sampled_from([*COUNTRIES, "EUR", "CHRCTH", ""]),
    st.sampled_from([*COUNTRIES, "GOV"]),
    st.sampled_from([*KNOWN, "---", "998"]),
    st.sampled_from(["http://a.example/1", "http://a.example/2", ""]),
)


def by_the_csv_module(content):
    """Counts by pair and month, and the numbers of rows read, repeated and rejected."""
    seen, kept = set(), []
    numbers = Counter()
    for cells in csv.reader(io.StringIO(content), delimiter="\t", quoting=csv.QUOTE_NONE):
        number, day, source, target, code, address = (cells[place] for place in (0, 1, 5, 15, 26, 60))
        pair = COUNTRIES.get(source), COUNTRIES.get(target)
        if day == "20200231" or code not in KNOWN or None in pair or pair[0] == pair[1]:
            numbers["rejected"] += 1
        elif (key := (day, source, target, code, address or number)) in seen:
            numbers["repeated"] += 1
        else:
            seen.add(key)
            kept.append((day, source, target, code, pair))
            numbers["read"] += 1
    actors = {(day, source, target) for day, source, target, *_ in kept}
    found = Counter()
    for day, source, target, code, pair in kept:
        kind = KNOWN[code]
        if (source, target, kind) == ("USACOP", "MEXCVL", "material_conflict"):
            kind = "law_border"
        for name in ("events", kind, *(["mirrored"] if (day, target, source) in actors else [])):
            found[*pair, day[:6], name] += 1
    return found, numbers


def counted_or_refused(path, **asked):
    try:
        return events.pairs(path, **asked), None
    except ImportRefusal as refusal:
        return None, refusal


@search(full=150, quick=20)
@given(st.lists(rows, min_size=1, max_size=40), st.booleans())
def test_counts_are_those_of_the_csv_module(tmp_path_factory, drawn, is_in_many_blocks):
    content = text(*(line(n, d, s, t, c, address=a) for n, (d, s, t, c, a) in enumerate(drawn)))
    path = tmp_path_factory.mktemp("events") / "rows"
    path.write_text(content)
    found, numbers = by_the_csv_module(content)
    with pytest.MonkeyPatch.context() as patch:
        if is_in_many_blocks:
            patch.setattr(files, "BLOCK", 1500)
        table, refusal = counted_or_refused(path)
    if table is None:
        assert not numbers["read"] + numbers["repeated"]
        assert refusal.problems[0].code in {"events-no-row", "events-not-known"}
        return
    counts = table.lines.row(0, named=True)
    assert (counts["read"], counts["repeated"]) == (numbers["read"], numbers["repeated"])
    assert counts["lines"] == len(drawn)
    assert {
        (row["source_iso3"], row["target_iso3"], f"{row['period']:%Y%m}", name): row[name]
        for row in table.table.iter_rows(named=True)
        for name in ("events", *CLASSES.values(), "law_border", "mirrored")
        if row[name]
    } == found


WHOLE = text(*(line(n, code=code, address=f"http://a.example/{n}") for n, code in enumerate(KNOWN)))
PLAIN = "date,source,target,code,note\n" + '2020-01-02,USA,MEX,042,"a, b"\n2020-01-03,MEX,USA,190,\n' * 3
KANSAS = "1979-04-15\tUSAGOV\tMEXMIL\t010\n1979-04-15\tISRMIL\tPAL\t190\n" * 3


@search(full=400, quick=60)
@given(st.data())
def test_a_damaged_file_is_counted_line_by_line_or_refused(tmp_path_factory, data):
    content = bytearray(data.draw(st.sampled_from([WHOLE, PLAIN, KANSAS])).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 30))
        content[place : place + length] = data.draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from([b"\n", b"\t", b'"', b"\r\n", b",", b"\x00", b"\xff", b"---", b""]),
            )
        )
    path = tmp_path_factory.mktemp("events") / "rows"
    path.write_bytes(content)
    table, refusal = counted_or_refused(path, period="year")
    if table is None:
        assert all(str(problem) for problem in refusal.problems)
        return
    frames = list(events.read(path))
    (counts,) = table.lines.rows(named=True)
    parts = sum(value for name, value in counts.items() if name not in {"file", "form", "lines"})
    assert counts["lines"] == parts
    assert counts["lines"] - counts["header"] - counts["blank"] == sum(frame.height for frame in frames)
    if b'"' not in content and b"\r" not in content:
        assert counts["lines"] == content.count(b"\n") + (not content.endswith(b"\n"))
    assert counts["read"] == table.table["events"].sum()
    assert all(str(problem) for problem in table.problems)


MANY = text(
    *(
        line(n, f"202001{1 + n % 28:02}", source, target, code, address=f"http://a.example/{n % 50}")
        for n in range(200)
        for source, target in (("USA", "MEX"), ("MEX", "USAGOV"))
        for code in ("042", "173")
    ),
    line(code="---"),
)


@pytest.fixture
def many(tmp_path):
    path = tmp_path / "rows"
    path.write_text(MANY)
    return path


def same(table, other):
    assert other.table.equals(table.table)
    assert other.lines.equals(table.lines)
    assert other.problems == table.problems


def test_parts_on_many_workers_come_to_the_same(many, monkeypatch):
    tables = [events.pairs(many, keep_repeats=keep) for keep in (True, False)]
    monkeypatch.setattr(pair_table, "PART_BYTES", 30_000)
    with ThreadPoolExecutor(2) as pool:
        for keep, table in zip((True, False), tables, strict=True):
            same(table, events.pairs(many, keep_repeats=keep, over=pool.map))


@pytest.mark.parametrize("keep_repeats", [True, False])
def test_slices_of_many_files_on_dask_come_to_the_same(many, tmp_path, monkeypatch, keep_repeats):
    pytest.importorskip("dask", reason="the extra `parallel` is not installed")
    other = tmp_path / "other"
    other.write_text(text(*(line(n, "20200105", address=f"http://b.example/{n}") for n in range(50))) + MANY)
    table = events.pairs([many, other], keep_repeats=keep_repeats)
    monkeypatch.setattr(pair_table, "PART_BYTES", 30_000)
    over = events.on_dask("processes", num_workers=2)
    same(table, events.pairs([many, other], keep_repeats=keep_repeats, over=over))


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(RuleRefusal, match=r"confianza\[parallel\]"):
        events.on_dask()


def test_rows_that_went_to_disk_come_to_the_same(many, monkeypatch):
    table = events.pairs(many)
    monkeypatch.setattr(files, "BLOCK", 20_000)
    monkeypatch.setattr(pair_table, "MOST_ROWS", 50)
    same(table, events.pairs(many))


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 1 << 19)
    path = tmp_path / "rows"
    path.write_text(WHOLE + "x" * (3 << 19) + "\n")
    with pytest.raises(ImportRefusal, match="No line ends within"):
        events.pairs(path)


MEASURE = r"""
import re, sys
from pathlib import Path
from confianza.evidence.sources import events
table = events.pairs(Path(sys.argv[1]), keep_repeats=sys.argv[2] == "kept")
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
print(table.lines["lines"].item(), int(peak[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kept", "removed"])
def test_memory_does_not_grow_with_the_file(tmp_path, kind):
    def megabytes(copies):
        path = tmp_path / "rows"
        with path.open("w") as file:
            for _ in range(copies):
                file.write(MANY)
        count = (MANY.count("\n")) * copies
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, path, kind],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "POLARS_MAX_THREADS": "2"},
        )
        lines, peak = map(int, done.stdout.split())
        assert lines == count
        return peak

    small, large = megabytes(1200), megabytes(3600)  # 400 and 1,200 MB
    assert large < small + 150
    assert large < 1000


def test_the_reference_names_every_column_and_reason():
    page = (Path(__file__).parents[4] / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    names = [*pair_table.KEY, *pair_table.SUMS, "covered_share", *events.REASONS, *events.SCHEMA]
    assert [name for name in names if f"`{name}`" not in page] == []
