"""Opinion of the other country as news pages report it: secondary, each row with the page it was read from."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of, year_of

SOURCE = "opinion-secondary"
COLUMNS = ("series", "year", "direction", "percent_favorable", "as_reported_by", "url")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
POLLSTERS = {"Pew": "pew", "Gallup": "gallup"}
A_PERCENTAGE = BilingualText("a percentage from 0 to 100", "un porcentaje de 0 a 100")
A_DIRECTION = BilingualText("two countries, as in AAA_of_BBB", "dos países, como en AAA_of_BBB")
ONE_ROW = BilingualText("one row of each survey and direction", "una fila de cada encuesta y dirección")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """The share with a favorable opinion, by whose public it is and of whom."""
    reading = Reading()
    seen: set[tuple[SeriesKey, int]] = set()
    last = 0
    for number, (survey, year_text, direction, text, reported, url) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        value = number_of(text, number, "percent_favorable", faults)
        sides = direction.split("_of_")
        if survey not in POLLSTERS:
            faults.value(number, "series", survey, ", ".join(POLLSTERS))
        if len(sides) != 2:
            faults.value(number, "direction", direction, A_DIRECTION)
        if value is None or not 0 <= value <= 100:
            faults.value(number, "percent_favorable", text, A_PERCENTAGE)
        if year is None or survey not in POLLSTERS or len(sides) != 2:
            continue
        one, other = (states.country(side, number, "direction", faults, reading) for side in sides)
        if not one or not other:
            continue
        key = SeriesKey("favorable-opinion", one, other, POLLSTERS[survey])
        if (key, year) in seen:
            faults.value(number, "year", year_text, ONE_ROW)
        seen.add((key, year))
        last = max(last, year)
        reading.add(key, SeriesPoint(year, value, f"{table.name}, row {number}: {reported}, {url}"))
    reading.release = f"to {last}"
    return reading
