"""Alliance obligations of ATOP by directed pair and year: what the first has promised the second."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, year_of

SOURCE = "atop"
KINDS = {
    "defense": "alliance-defense",
    "offense": "alliance-offense",
    "neutral": "alliance-neutrality",
    "nonagg": "alliance-nonaggression",
    "consul": "alliance-consultation",
}
PREFIXED = ("ccode1", "ccode2", "year", *(f"atop_{kind}" for kind in KINDS))
OWN = ("stateA", "stateB", "year", *KINDS)  # the project's directed file by pair and year
LAYOUTS = (PREFIXED, OWN)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
YES_OR_NO = BilingualText("0 or 1", "0 o 1")
ONE_ROW = BilingualText("one row of each pair and year", "una fila de cada par y año")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Each obligation in force; a year in which it is not is left to the window."""
    reading = Reading()
    layout = PREFIXED if table.has(PREFIXED) else OWN
    seen: set[tuple[str, str, int]] = set()
    last = 0
    for number, (one, other, year_text, *cells) in table.rows(layout, faults):
        year = year_of(year_text, number, "year", faults)
        for column, cell in zip(layout[3:], cells, strict=True):
            if cell not in {"0", "1"}:
                faults.value(number, column, cell, YES_OR_NO)
        if year is None:
            continue
        first = states.state(one, year, number, layout[0], faults, reading)
        second = states.state(other, year, number, layout[1], faults, reading)
        if not first or not second or first == second:
            continue
        if (first, second, year) in seen:
            faults.value(number, layout[0], one, ONE_ROW)
        seen.add((first, second, year))
        last = max(last, year)
        for measure, cell in zip(KINDS.values(), cells, strict=True):
            if cell == "1":
                reading.add(
                    SeriesKey(measure, first, second), SeriesPoint(year, 1.0, f"{table.name}, row {number}")
                )
    reading.release = f"to {last}"
    return reading
