"""Files kept one after the other come to the same tables as all of them read together."""

import zipfile

import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.sources import events
from confianza.evidence.sources.events import files, pair_table
from tests.evidence.sources.events.gdelt_lines import line, text

FIRST = text(
    *(
        line(n, f"202001{1 + n % 28:02}", *pair, code, address=f"http://a.example/{n % 40}")
        for n in range(120)
        for pair in (("USA", "MEX"), ("MEX", "USAGOV"), ("USACOP", "MEXCVL"))
        for code in ("042", "173", "190")
    ),
    line(code="---"),
)
LATER = text(
    *(
        line(n, f"2020{1 + n % 2:02}11", "USA", "MEX", "042", address=f"http://a.example/{n}", added=added)
        for n in range(60)
        for added in ("20200301001500",)
    ),
    line(1, "20200103", "COL", "USA", "112"),
)
KANSAS = "1979-04-15\tUSAGOV\tMEXMIL\t010\n1979-04-15\tISRMIL\tPAL\t190\n" * 3
YEARS = "2005\tUSA\tMEX\t042\t042\t04\t1.9\t7\n2005\tMEX\tUSA\t190\t190\t19\t-10.0\t2\n".replace("\t", "\x01")


@pytest.fixture
def paths(tmp_path):
    found = []
    for name, content in (("first", FIRST), ("later", LATER), ("kansas", KANSAS), ("years", YEARS)):
        path = tmp_path / name
        path.write_text(content)
        found.append(path)
    return found


def kept_files(paths, folder):
    kept, found = [], []
    for number, path in enumerate(paths):
        rows, counts = folder / f"{number}.rows", folder / f"{number}.counts"
        one = events.keep(path, rows=rows, counts=counts)
        assert (rows.exists(), counts.exists()) == (one.has_rows, one.has_counts)
        found.append(one)
        kept.append(
            events.KeptFile(rows if one.has_rows else None, counts if one.has_counts else None, one.days)
        )
    return found, kept


def test_kept_files_come_to_the_tables_of_all_read_together(paths, tmp_path):
    found, kept = kept_files(paths, tmp_path)
    together = events.pairs(paths, period="year")
    by_month = events.pairs(paths[:3])
    combined = events.combine(kept, partners=[("USA", "MEX"), ("MEX", "USA")])
    assert combined.tables["year"].equals(together.table)
    assert combined.tables["month"].equals(by_month.table)
    assert list(combined.repeated) == together.lines["repeated"].to_list()
    assert sum(combined.repeated) > 0
    for one, repeated, row in zip(
        found, combined.repeated, together.lines.iter_rows(named=True), strict=True
    ):
        assert one.lines["read"] - repeated == row["read"]
        assert one.lines["lines"] == row["lines"]
    assert combined.coverage["events"].sum() == together.table["events"].sum()
    of_partners = together.table.filter(source_iso3="USA", target_iso3="MEX")["events"].sum()
    of_partners += together.table.filter(source_iso3="MEX", target_iso3="USA")["events"].sum()
    assert combined.coverage["events_of_partners"].sum() == of_partners


def test_a_file_is_kept_as_the_same_bytes_however_it_is_cut(paths, tmp_path, monkeypatch):
    one, other = tmp_path / "one", tmp_path / "other"
    events.keep(paths[0], rows=one, counts=tmp_path / "x")
    monkeypatch.setattr(files, "BLOCK", 20_000)
    monkeypatch.setattr(pair_table, "BLOCKS_TOGETHER", 2)
    events.keep(paths[0], rows=other, counts=tmp_path / "x")
    assert one.read_bytes() == other.read_bytes()


def test_rows_that_went_to_disk_are_kept_too(paths, tmp_path, monkeypatch):
    _, kept = kept_files(paths, tmp_path)
    expected = events.combine(kept)
    monkeypatch.setattr(files, "BLOCK", 20_000)
    monkeypatch.setattr(pair_table, "MOST_ROWS", 50)
    _, kept = kept_files(paths, tmp_path)
    combined = events.combine(kept)
    assert combined.tables["month"].equals(expected.tables["month"])
    assert combined.repeated == expected.repeated


def test_progress_comes_to_the_whole_file_and_may_end_the_work(paths, tmp_path):
    archive = tmp_path / "both.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(paths[0], "first.CSV")
        file.write(paths[1], "later.CSV")
    told = []
    where = {"rows": tmp_path / "rows", "counts": tmp_path / "counts"}
    events.keep(archive, **where, progress=lambda done, total: told.append((done, total)))
    size = len(FIRST) + len(LATER)
    assert told[-1] == (size, size)
    where["rows"].unlink()

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        events.keep(archive, **where, progress=stop)
    assert not where["rows"].exists()


def test_a_file_without_a_row_that_can_be_read_is_not_kept(tmp_path):
    path = tmp_path / "rows"
    path.write_text(text(*(line(n, code="---") for n in range(5))))
    with pytest.raises(ImportRefusal, match="rows"):
        events.keep(path, rows=tmp_path / "kept", counts=tmp_path / "counts")
    assert not (tmp_path / "kept").exists()


def test_every_publisher_of_a_layout_is_described():
    assert {"gdelt", "icews", "polecat", "keds", "plain", *pair_table.PUBLISHERS_OF_COUNTS} == set(
        events.publishers()
    )
