"""Event files kept as Parquet, so that files of other days join in later without reading the old ones again.

`keep` writes what a file comes to: its rows of pairs, each event once and as numbers, and counts that others made.
`combine` makes of such files the tables by pair, as `pairs` would of the files themselves in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from confianza.errors import Problem
from confianza.evidence.sources.events.detection import files_of
from confianza.evidence.sources.events.files import unpacked_size
from confianza.evidence.sources.events.pair_table import (
    KEY,
    SUMS,
    Part,
    Partial,
    Period,
    RowStore,
    first_examples,
    lines_of,
    of_file,
    pair_rows,
    partials,
    refuse_empty,
)

SLICE = 1_000_000  # rows read back at once
Days = Mapping[str, Sequence[tuple[date, date]]]  # of each publisher, first and last day of each run of days


@dataclass(frozen=True)
class Kept:
    """What a file came to.

    `lines` adds up: lines, header, blank, read, repeated (of tables that know only years) and each reason; rows that
    repeat others, of this file or an earlier one, are among `read` until `combine` tells them.
    """

    forms: tuple[str, ...]
    publishers: tuple[str, ...]
    lines: Mapping[str, int]
    days: Days
    has_rows: bool
    has_counts: bool
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


@dataclass(frozen=True)
class KeptFile:
    """Where a kept file is, and the days it covers."""

    rows: Path | None
    counts: Path | None
    days: Days


@dataclass(frozen=True)
class Combined:
    """The table by pair of each period, the repeated rows of each file, and what each file adds.

    `coverage` has for each file (by its place), publisher and year `events`, and those of `partners` among them.
    """

    tables: Mapping[Period, pl.DataFrame]
    repeated: tuple[int, ...]
    coverage: pl.DataFrame


def keep(path: Path, *, rows: Path, counts: Path, progress: Callable[[int, int], None] | None = None) -> Kept:
    """Write what a file comes to: `rows` and `counts`, each only when there are any.

    Parameters
    ----------
    progress : callable
        Told after each block how many bytes of how many were read; what it raises ends the work.

    Raises
    ------
    ImportRefusal
        The file is no table of events that is known, or has no row that can be read.
    """
    files = files_of(path)
    total = sum(unpacked_size(file.source) for file in files)
    done = 0
    with ExitStack() as stack:
        dated, yearly = RowStore(stack), RowStore(stack)
        for number, file in enumerate(files):
            is_by_year = file.layout.is_by_year
            part = Part(file, number, 0, None, "year" if is_by_year else "month", keep_repeats=False)
            for partial in partials(part):
                done += partial.bytes
                (yearly if is_by_year else dated).add(partial)
                if progress is not None:
                    progress(min(done, total), total)
        found = Partial()
        for store in (dated, yearly):
            found.lines.update(store.total.lines)
            found.days += store.total.days
            found.examples += store.total.examples
        refuse_empty(files, found)
        sums, repeated = yearly.finish()
        tables = [
            *(frame.with_columns(is_by_year=pl.lit(value=False)) for frame in dated.total.sums),
            *([] if sums is None else [sums.with_columns(is_by_year=pl.lit(value=True))]),
        ]
        has_counts = sum(frame.height for frame in tables) > 0
        if has_counts:
            shown = [frame.select(*KEY, *SUMS, "is_by_year") for frame in tables]
            pl.concat(shown).sort("is_by_year", *KEY).write_parquet(counts)
        has_rows = dated.write_rows(rows)
    if progress is not None:
        progress(total, total)
    lines = lines_of(files, found.lines, repeated).drop("file", "form").sum().row(0, named=True)
    return Kept(
        forms=tuple(dict.fromkeys(file.layout.form for file in files)),
        publishers=tuple(dict.fromkeys(file.layout.publisher for file in files)),
        lines=lines,
        days=_runs(found.days),
        has_rows=has_rows,
        has_counts=has_counts,
        problems=tuple(first_examples(found.examples)),
        notes=tuple(note for file in files for note in file.layout.notes),
    )


def _runs(frames: Sequence[pl.DataFrame]) -> dict[str, list[tuple[date, date]]]:
    """The days of each publisher as runs of days that follow each other."""
    runs: dict[str, list[tuple[date, date]]] = {}
    if not frames:
        return runs
    days = pl.concat(frames).drop_nulls().unique().sort("publisher", "day")
    for publisher, day in days.iter_rows():
        own = runs.setdefault(publisher, [])
        if own and day - own[-1][1] == timedelta(days=1):
            own[-1] = own[-1][0], day
        else:
            own.append((day, day))
    return runs


def combine(files: Sequence[KeptFile], *, partners: Collection[tuple[str, str]] = ()) -> Combined:
    """The tables by pair of kept files; an event that several files have belongs to the first of them.

    Parameters
    ----------
    partners : collection of pairs
        Countries (source, target) whose events `coverage` counts apart.
    """
    coverage: list[pl.DataFrame] = []

    def count(events: pl.DataFrame) -> None:
        coverage.append(_coverage(events, pl.col("day").dt.year(), "weight", partners))

    yearly: list[pl.DataFrame] = []
    with ExitStack() as stack:
        store = RowStore(stack)
        for number, file in enumerate(files):
            for partial in _partials(file, number):
                store.add(partial)
            if file.counts is not None:
                frame = pl.read_parquet(file.counts).with_columns(file=pl.lit(number, pl.Int32))
                coverage.append(_coverage(frame, pl.col("period").dt.year(), "events", partners))
                is_by_year = pl.col("is_by_year")
                store.add(Partial(sums=[frame.filter(~is_by_year).select(*KEY, *SUMS)]))
                yearly.append(frame.filter(is_by_year).select(*KEY, *SUMS))
        sums, repeated = store.finish(seen=count)
    by_month = [] if sums is None else [sums.select(*KEY, *SUMS)]
    by_year = [frame.with_columns(pl.col("period").dt.truncate("1y")) for frame in by_month]
    added = pl.concat([*by_year, *yearly]).group_by(KEY).sum() if by_year or yearly else None
    days = [_days(file.days) for file in files if file.days]
    columns = ("file", "publisher", "year")
    schema: dict[str, Any] = {"file": pl.Int32, "publisher": pl.String, "year": pl.Int32}
    schema |= {"events": pl.Int64, "events_of_partners": pl.Int64}
    return Combined(
        tables={
            "month": pair_rows(sums, days, "month", keep_repeats=False),
            "year": pair_rows(added, days, "year", keep_repeats=False),
        },
        repeated=tuple(repeated.get(number, 0) for number in range(len(files))),
        coverage=pl.concat([pl.DataFrame(schema=schema), *coverage]).group_by(columns).sum().sort(columns),
    )


def _partials(file: KeptFile, number: int) -> Iterable[Partial]:
    if file.rows is None:
        return
    scan = pl.scan_parquet(file.rows, glob=False)
    height = scan.select(pl.len()).collect().item()
    for start in range(0, height, SLICE):
        yield Partial(rows=[of_file(scan.slice(start, SLICE).collect(), number, "month")])


def _coverage(
    frame: pl.DataFrame, year: pl.Expr, weight: str, partners: Collection[tuple[str, str]]
) -> pl.DataFrame:
    pair = pl.concat_str(pl.col("source_iso3", "target_iso3").cast(pl.String), separator=" ")
    is_partner = pair.is_in([" ".join(names) for names in partners])
    events = pl.col(weight).cast(pl.Int64)
    return frame.group_by("file", pl.col("publisher").cast(pl.String), year.cast(pl.Int32).alias("year")).agg(
        events=events.sum(), events_of_partners=events.filter(is_partner).sum()
    )


def _days(days: Days) -> pl.DataFrame:
    return pl.concat(
        [
            pl.select(publisher=pl.lit(publisher), day=pl.date_range(pl.lit(first), pl.lit(last), "1d"))
            for publisher, runs in days.items()
            for first, last in runs
        ]
    )
