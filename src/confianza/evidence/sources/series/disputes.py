"""Militarized disputes by directed pair and year, of the Correlates of War and of Gibler, Miller and Little."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint, mutual
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of, year_of

COW = ("dispnum", "ccode1", "ccode2", "year", "dispongoing", "hostlev1")
GML = ("dispnum", "ccode1", "ccode2", "year", "midongoing", "hostlev1")
LAYOUTS = (COW, GML)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
MEASURES = {COW: ("disputes", "dispute-hostility"), GML: ("disputes-gml", "dispute-hostility-gml")}
SOURCES = {COW: "cow-mid", GML: "gml-mid"}
A_LEVEL = BilingualText("a level from 1 to 5, or -9", "un nivel de 1 a 5, o -9")
UNKNOWN = "-9"


def source_of(table: Table) -> str:
    """Which of the two sources a table is of."""
    return SOURCES[COW if table.has(COW) else GML]


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Disputes under way by pair, and the highest hostility of each side, by year."""
    reading = Reading()
    layout = COW if table.has(COW) else GML
    counted, level_of = MEASURES[layout]
    going: dict[tuple[str, str, int], dict[str, int]] = {}
    levels: dict[tuple[str, str, int], tuple[float | None, int]] = {}
    last = 0
    for number, (dispute, one, other, year_text, is_going, level_text) in table.rows(layout, faults):
        year = year_of(year_text, number, "year", faults)
        level = None if level_text == UNKNOWN else number_of(level_text, number, "hostlev1", faults)
        if level is not None and level not in {1, 2, 3, 4, 5}:
            faults.value(number, "hostlev1", level_text, A_LEVEL)
        if year is None or is_going != "1":
            continue
        first = states.state(one, year, number, "ccode1", faults, reading)
        second = states.state(other, year, number, "ccode2", faults, reading)
        if not first or not second or first == second:
            continue
        last = max(last, year)
        going.setdefault((*mutual(first, second), year), {}).setdefault(dispute, number)
        before = levels.get((first, second, year))
        if before is None or (level is not None and (before[0] is None or level > before[0])):
            levels[first, second, year] = (level, number)
    for (one, other, year), disputes in going.items():
        place = f"{table.name}, dispute {', '.join(disputes)}"
        reading.add(SeriesKey(counted, one, other), SeriesPoint(year, float(len(disputes)), place))
    for (one, other, year), (level, number) in levels.items():
        reading.add(SeriesKey(level_of, one, other), SeriesPoint(year, level, f"{table.name}, row {number}"))
    reading.release = f"to {last}"
    return reading
