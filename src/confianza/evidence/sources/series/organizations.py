"""Joint memberships of international organizations by pair and year (Correlates of War)."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint, mutual
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of, year_of

SOURCE = "cow-igo"
COLUMNS = ("ccode1", "ccode2", "year", "dyadigos")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
THE_SAME = BilingualText("the same number in both directions", "el mismo número en ambas direcciones")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Organizations of which both are members; both directions of a pair must agree."""
    reading = Reading()
    values: dict[tuple[str, str, int], float] = {}
    last = 0
    for number, (one, other, year_text, text) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        value = number_of(text, number, "dyadigos", faults)
        if year is None or value is None:
            continue
        first = states.state(one, year, number, "ccode1", faults, reading)
        second = states.state(other, year, number, "ccode2", faults, reading)
        if not first or not second or first == second:
            continue
        last = max(last, year)
        key = (*mutual(first, second), year)
        if key in values:
            if values[key] != value:
                faults.value(number, "dyadigos", text, THE_SAME)
            continue
        values[key] = value
        point = SeriesPoint(year, value, f"{table.name}, row {number}")
        reading.add(SeriesKey("joint-organizations", key[0], key[1]), point)
    reading.release = f"to {last}"
    return reading
