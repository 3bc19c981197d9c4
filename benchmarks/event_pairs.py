"""Events by pair and month beside polars' count of a late column, the least that reading such a file can cost.

The file has five million rows of GDELT 2.0 made from real ones, where they lie beside the project (or else from a line
made by hand), by repetition with changed numbers; in the last case with changed addresses too, so that no row repeats.
`len()` would be no peer: it counts line ends and cuts no cell. Peak memory is that of a process of its own.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.timing import Row, best_of, size
from confianza.evidence.sources import events

SHARED = Path(__file__).parents[2] / "shared" / "data" / "events" / "gdelt2_15min"
COLUMNS = 61
ADDRESS = f"c{COLUMNS - 1}"
ROWS = size(5_000_000, 20_000)
RUNS = 3
MEMORY = """
import resource, sys
from pathlib import Path
from confianza.evidence.sources import events
events.pairs(Path(sys.argv[1]), keep_repeats=sys.argv[2] == "True")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def real_rows() -> tuple[list[bytes], str]:
    """Rows without their number, and what they are."""
    files = sorted(SHARED.glob("*.export.CSV"))
    rows = [
        line.split(b"\t", 1)[1].rstrip(b"\n") for file in files for line in file.read_bytes().splitlines()
    ]
    if rows:
        return rows, "real rows repeated"
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.evidence.sources.events.gdelt_lines import line

    codes = ("042", "043", "112", "173", "190")
    rows = [
        line(code=code, address=f"http://a.example/{n}").split("\t", 1)[1].encode()
        for n, code in enumerate(codes)
    ]
    return rows, "made rows repeated"


def write(path: Path, rows: list[bytes], *, other_addresses: bool) -> None:
    """ROWS rows, each of the same rows again with another number."""
    with path.open("wb", buffering=1 << 22) as file:
        for number in range(ROWS):
            turn, place = divmod(number, len(rows))
            file.write(b"%d\t%b" % (900_000_000 + number, rows[place]))
            file.write(b"?%d\n" % turn if other_addresses else b"\n")


def count_of_a_late_column(path: Path) -> None:
    """What polars needs to cut every line to its last column, in its streaming engine."""
    schema = {f"c{place}": pl.String for place in range(COLUMNS)}
    scan = pl.scan_csv(path, separator="\t", has_header=False, schema=schema, quote_char=None)
    count = scan.select(pl.col(ADDRESS).count()).collect(engine="streaming").item()
    assert count == ROWS


def peak_megabytes(path: Path, *, keep_repeats: bool) -> int:
    command = [sys.executable, "-c", MEMORY, str(path), str(keep_repeats)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def run() -> Iterator[Row]:
    rows, kind = real_rows()
    with tempfile.TemporaryDirectory() as folder:
        for case, keep_repeats, other_addresses in (
            ("by pair and month", True, False),
            ("repeats removed, mirrored marked", False, False),
            ("the same, no row repeats", False, True),
        ):
            path = Path(folder) / f"{'other' if other_addresses else 'same'}.CSV"
            if not path.exists():
                write(path, rows, other_addresses=other_addresses)
            table = events.pairs(path, keep_repeats=keep_repeats)
            assert table.lines["lines"].item() == ROWS
            ours, peer = best_of(
                RUNS,
                lambda path=path, keep=keep_repeats: events.pairs(path, keep_repeats=keep),
                lambda path=path: count_of_a_late_column(path),
            )
            memory = peak_megabytes(path, keep_repeats=keep_repeats)
            yield Row(
                f"{ROWS:,} rows ({kind}): {case}",
                ours,
                peer,
                f"{ROWS / ours / 1e6:.2f} M rows/s, {memory} MB",
                f"polars count of column {COLUMNS}: {ROWS / peer / 1e6:.2f} M rows/s",
            )
