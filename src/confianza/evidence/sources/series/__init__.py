"""Readers of series, one a publisher; which one reads a file is told by the columns of its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.series import SeriesFile, SeriesKey, Years, measures, series_sources
from confianza.evidence.sources.series import (
    alliances,
    armed_forces_trust,
    arms,
    capabilities,
    defense_agreements,
    disputes,
    exercises,
    ideal_points,
    one_table,
    opinion,
    organizations,
    troops,
    un_votes,
    us_aid,
)
from confianza.evidence.sources.series.tables import Faults, Reading, Table, tables_of

Columns = tuple[str, ...]


class Reader(Protocol):
    """A module that reads one publisher's tables; any of `LAYOUTS` tells it, `COMPANIONS` are tables it needs beside."""

    @property
    def LAYOUTS(self) -> tuple[Columns, ...]:  # noqa: N802 - a constant of the module
        """The columns of each table it reads."""

    @property
    def COMPANIONS(self) -> tuple[Columns, ...]:  # noqa: N802
        """The columns of the tables that one of its own needs beside it."""

    def source_of(self, table: Table) -> str:
        """The code in `sources.toml` of the publication that a table is of."""

    def read(self, table: Table, companions: Mapping[Columns, Table], faults: Faults) -> Reading:
        """Every series of a table; what is wrong in it goes to `faults`."""


READERS: tuple[Reader, ...] = (
    un_votes,
    ideal_points,
    us_aid,
    arms,
    troops,
    exercises,
    defense_agreements,
    disputes,
    alliances,
    organizations,
    capabilities,
    armed_forces_trust,
    opinion,
)
COMPANIONS = {columns for reader in READERS for columns in reader.COMPANIONS}
LAYOUTS = {columns: reader for reader in READERS for columns in reader.LAYOUTS}
SUFFIXES = (".csv", ".gz", ".zip", ".txt", ".tsv")


def read_series(*paths: Path) -> list[SeriesFile]:
    """The releases that files have, each whole or none of them.

    Files that belong together (roll calls and their votes) are given together, or in one archive.

    Raises
    ------
    ImportRefusal
        A file without a table that is known, or that lacks its companion; rows that cannot be read. All problems of
        all files together, with file, row and column.
    """
    problems: list[Problem] = []
    tables: list[Table] = []
    for path in paths:
        try:
            there = tables_of(path, _is_known)
        except ImportRefusal as refusal:
            problems += refusal.problems
            continue
        if not there:
            params = {"known": ", ".join(series_sources())}
            problems.append(Problem("series-unknown", path.name, params=params))
        tables += there
    companions = {columns: table for table in tables for columns in COMPANIONS if table.has(columns)}
    used: set[str] = set()
    files: list[SeriesFile] = []
    for table in tables:
        faults = Faults(table.name)
        try:
            layout = _layout(table)
            if layout is not None:
                reader = LAYOUTS[layout]
                used |= {companions[columns].name for columns in reader.COMPANIONS if columns in companions}
                reading = reader.read(table, companions, faults)
                made = [] if faults.count else [_whole(reader.source_of(table), reading, table.name)]
            elif table.has(one_table.LAYOUTS[0]):
                made = one_table.read_files(table, faults)
            else:
                continue
            if not made and not faults.count:
                faults.add("series-empty")
            faults.refuse()
            files += made
        except ImportRefusal as refusal:
            problems += refusal.problems
    for columns, table in companions.items():
        if _layout(table) is None and table.name not in used:
            needed = next(reader.LAYOUTS[0] for reader in READERS if columns in reader.COMPANIONS)
            params = {"columns": ", ".join(needed)}
            problems.append(Problem("series-companion", table.name, params=params))
    if problems:
        raise ImportRefusal(problems)
    return files


def _is_known(header: Sequence[str]) -> bool:
    names = set(header)
    return any(set(columns) <= names for columns in (*LAYOUTS, *COMPANIONS, *one_table.LAYOUTS))


def _layout(table: Table) -> Columns | None:
    """The layout of a reader with the most columns that a table has."""
    return max((columns for columns in LAYOUTS if table.has(columns)), key=len, default=None)


def _whole(source: str, reading: Reading, file: str) -> SeriesFile:
    """A reading as a release, with the years it covers and whether it is more than an extract."""
    if not reading.points:
        raise ImportRefusal([Problem("series-empty", file)])
    countries = {code for key in reading.points for code in (key.from_code, key.to_code) if code}
    return SeriesFile(
        source,
        reading.release,
        {key: tuple(points) for key, points in sorted(reading.points.items())},
        _windows(source, reading.points),
        is_whole=len(countries) >= series_sources()[source].least_countries,
        skipped=tuple(reading.skipped),
    )


def _windows(source: str, points: Mapping[SeriesKey, Sequence[object]]) -> dict[str, Years]:
    """The years a file covers, by measure.

    Measures that list every entry there is share the span of their entries: a year between them that has none of one
    has none of it. The others span their own.
    """
    of_source = [
        measure for measure in measures().values() if measure.source == source and not measure.distance_of
    ]
    years: dict[str, set[int]] = {measure.code: set() for measure in of_source}
    for key, series in points.items():
        years[key.measure].update(point.year for point in series)  # type: ignore[attr-defined]
    listed = {year for measure in of_source if measure.is_complete for year in years[measure.code]}
    spans = {measure.code: listed if measure.is_complete else years[measure.code] for measure in of_source}
    return {code: (min(there), max(there)) for code, there in spans.items() if there}
