"""Event data: GDELT 1.0 and 2.0, ICEWS, POLECAT, the Kansas Event Data System and plain tables, in one form.

`read(paths)` gives rows, `pairs(paths)` counts by directed pair of countries and period; `keep(path)` and
`combine(files)` do the same for files that come one after the other. Layouts, traps, reasons and
columns: `docs/reference/events.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from confianza.evidence.sources.events.codes import CLASSES, LAW_BORDER
from confianza.evidence.sources.events.detection import EventFile, files_of
from confianza.evidence.sources.events.kept import Combined, Kept, KeptFile, combine, keep
from confianza.evidence.sources.events.pair_table import PairTable, Period, pairs, write_pairs
from confianza.evidence.sources.events.parallel import on_dask
from confianza.evidence.sources.events.publishers import Publisher, publishers
from confianza.evidence.sources.events.rows import REASONS, SCHEMA, event_rows

__all__ = [
    "CLASSES",
    "LAW_BORDER",
    "REASONS",
    "SCHEMA",
    "Combined",
    "EventFile",
    "Kept",
    "KeptFile",
    "PairTable",
    "Period",
    "Publisher",
    "combine",
    "files_of",
    "keep",
    "on_dask",
    "pairs",
    "publishers",
    "read",
    "write_pairs",
]


def read(paths: Path | Sequence[Path]) -> Iterator[pl.DataFrame]:
    """The rows of event files in one form (`SCHEMA`), in frames that each fit in memory.

    A row that cannot be read, or is of no pair of countries, is there with its `reason`.

    Raises
    ------
    ImportRefusal
        A file is no table of events that is known; all such files together, before any row is given.
    """
    files = files_of(paths)
    return (frame for file in files for frame in event_rows(file))
