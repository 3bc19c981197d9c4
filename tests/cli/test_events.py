"""`confianza events`: import, pairs, files, as people run it; real files where they lie beside the project."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from tests.evidence.sources.events.gdelt_lines import line, text

REAL = (
    Path(__file__).parents[2].parent
    / "shared"
    / "data"
    / "events"
    / "gdelt2_15min"
    / "20161013151500.export.CSV"
)
MADE = text(
    line(1, "20200102", "USA", "MEX", "042", address="http://a.example/1"),
    line(2, "20200102", "USA", "MEX", "042", address="http://a.example/1"),
    line(3, "20200203", "USACOP", "MEXCVL", "173", address="http://a.example/3"),
    line(5, "20200103", code="---"),
)


def test_files_are_imported_shown_and_written(shell):
    path = shell.folder / "20200102.export.CSV"
    path.write_text(MADE)
    said = shell.run("events", "import", path, "--as", "assessor", "--source", "gdelt", "--simulated").stdout
    assert "gdelt-2, 4 lines: 2 read, 1 repeated, 1 rejected" in said
    assert "code-missing: 1" in said
    assert "nothing changed" in shell.run("events", "import", path, "--as", "assessor").stdout

    pair = ["events", "pairs", "--actor", "US", "--target", "Mexico"]
    shown = json.loads(shell.run(*pair, "--format", "json").stdout)
    assert [(row["period"], row["events"], row["law_border"]) for row in shown] == [
        ("2020-01-01", 1, 0),
        ("2020-02-01", 1, 1),
    ]
    assert all(row["is_simulated"] for row in shown)
    (year,) = csv.DictReader(shell.run(*pair, "--by", "year", "--format", "csv").stdout.splitlines())
    assert (year["events"], year["repeated"], year["verbal_cooperation"]) == ("2", "1", "1")
    assert "verbal cooperation" in shell.run(*pair).stdout
    for form in ("csv", "parquet", "xlsx"):
        shell.run(*pair, "--out", shell.folder / f"pair.{form}")
    assert pl.read_parquet(shell.folder / "pair.parquet")["events"].to_list() == [1, 1]

    (file,) = json.loads(shell.run("events", "files", "--format", "json").stdout)
    assert (file["lines"], file["read"], file["rejected"]) == (4, 2, {"code-missing": 1})
    assert "as it was written" in shell.run("events", "files", "--check").stdout
    folder = shell.folder / "confianza.sqlite3.archive" / "events"
    if folder.exists():
        next(folder.glob("*.rows.parquet")).unlink()
        assert "lost or damaged" in shell.run("events", "files", "--check", code=1).stderr
        shell.run("events", "import", path, "--as", "assessor")
        shell.run("events", "files", "--check")


def test_what_cannot_be_used_is_one_message_and_exit_status_1(shell):
    path, other = shell.folder / "rows.CSV", shell.folder / "letter.txt"
    path.write_text(MADE)
    other.write_text("no table\n")
    for arguments in (
        ("import", path, other, "--as", "assessor"),
        ("import", path, "--as", "enlace"),
        ("import", path, "--as", "assessor", "--source", "icews"),
        ("pairs", "--actor", "US", "--target", "US"),
        ("pairs", "--actor", "US", "--target", "Atlantis"),
        ("pairs", "--actor", "US", "--target", "CO", "--as", "enlace"),
        ("pairs", "--actor", "US", "--target", "MX", "--out", shell.folder / "x.pdf"),
    ):
        refused = shell.run("events", *arguments, code=1)
        assert "Traceback" not in refused.stderr
        assert refused.stderr.strip()
    assert json.loads(shell.run("events", "files", "--format", "json").stdout) == []


@pytest.mark.skipif(not REAL.exists(), reason="the real file of GDELT does not lie beside the project")
def test_a_real_file_adds_up_line_by_line(shell):
    shell.run("events", "import", REAL, "--as", "assessor")
    (file,) = json.loads(shell.run("events", "files", "--format", "json").stdout)
    assert file["lines"] == REAL.read_bytes().count(b"\n")
    assert file["lines"] == file["read"] + file["repeated"] + file["rejected_count"]
