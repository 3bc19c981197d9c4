"""Multinational military exercises (MME): how many name both countries of a pair, by year of their first day."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from confianza.evidence.series import SeriesKey, SeriesPoint, mutual
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, year_of

SOURCE = "mme"
COLUMNS = ("MMEID", "Ex_Name", "s.year", "StateA", "StateB")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
ENCODINGS = ("utf-8-sig", "cp1252")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Exercises of each pair by year, with their numbers as place."""
    reading = Reading()
    columns = [*COLUMNS[:3], *(name for name in table.header if name.startswith("State"))]
    names: dict[str, str] = {}
    exercises: dict[tuple[str, str, int], list[str]] = {}
    for number, (identifier, _, year_text, *cells) in table.rows(columns, faults, encodings=ENCODINGS):
        year = year_of(year_text, number, "s.year", faults)
        there = set()
        for column, name in zip(columns[3:], cells, strict=True):
            if name and name not in names:
                names[name] = states.country(name, number, column, faults, reading, is_name=True)
            if name and names[name]:
                there.add(names[name])
        if year is not None:
            for pair in combinations(sorted(there), 2):
                exercises.setdefault((*mutual(*pair), year), []).append(identifier)
    for (one, other, year), identifiers in exercises.items():
        place = f"{table.name}, {', '.join(identifiers)}"
        reading.add(SeriesKey("exercises", one, other), SeriesPoint(year, float(len(identifiers)), place))
    reading.release = table.name.partition(".")[0]
    return reading
