"""National Material Capabilities of the Correlates of War: expenditure, personnel, population and their share (CINC)."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint, measures
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of, year_of

SOURCE = "cow-nmc"
COLUMNS = ("ccode", "year", "milex", "milper", "tpop", "cinc")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
MEASURES = {
    "milex": ("military-expenditure-nmc", 1_000),
    "milper": ("military-personnel-nmc", 1_000),
    "tpop": ("population-nmc", 1_000),
    "cinc": ("capability-share", 1),
}  # measure, and what its unit is in that of the file
ONE_ROW = BilingualText("one row of each state and year", "una fila de cada Estado y año")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """The figures of each state and year; -9 is the publisher's mark of a missing one."""
    reading = Reading()
    seen: set[tuple[str, int]] = set()
    last = 0
    for number, (text, year_text, *cells) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        values = {
            column: number_of(cell, number, column, faults)
            for column, cell in zip(COLUMNS[2:], cells, strict=True)
        }
        if year is None or not (country := states.state(text, year, number, "ccode", faults, reading)):
            continue
        if (country, year) in seen:
            faults.value(number, "ccode", text, ONE_ROW)
        seen.add((country, year))
        last = max(last, year)
        for column, value in values.items():
            measure, factor = MEASURES[column]
            if year < measures()[measure].years[0]:
                continue
            given = None if value is None or value < 0 else value * factor
            reading.add(SeriesKey(measure, country), SeriesPoint(year, given, f"{table.name}, row {number}"))
    reading.release = f"to {last}"
    return reading
