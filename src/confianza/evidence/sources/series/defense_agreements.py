"""Kinne's Defense Cooperation Agreement Dataset, one agreement a row: how many a pair signed in a year."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.evidence.series import SeriesKey, SeriesPoint, mutual
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, year_of

SOURCE = "dcad"
COLUMNS = ("ccode1", "ccode2", "signYear", "DCAid")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Agreements by pair and year of signature, with their numbers as place."""
    reading = Reading()
    signed: dict[tuple[str, str, int], list[str]] = {}
    versions: dict[str, None] = {}
    for number, (one, other, year_text, identifier) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "signYear", faults)
        if year is None:
            continue
        first = states.state(one, year, number, "ccode1", faults, reading)
        second = states.state(other, year, number, "ccode2", faults, reading)
        versions[identifier.partition("-")[0]] = None
        if first and second and first != second:
            signed.setdefault((*mutual(first, second), year), []).append(identifier)
    for (one, other, year), identifiers in signed.items():
        place = f"{table.name}, {', '.join(identifiers)}"
        point = SeriesPoint(year, float(len(identifiers)), place)
        reading.add(SeriesKey("defense-agreements", one, other), point)
    reading.release = ", ".join(versions)
    return reading
