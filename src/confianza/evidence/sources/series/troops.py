"""U.S. military personnel abroad by country and year (`troopdata`, from the reports of the Department of Defense)."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.evidence.series import SeriesKey, SeriesPoint, measures
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import MISSING, Faults, Reading, Table, number_of, year_of

SOURCE = "troopdata"
COLUMNS = ("countryname", "year", "iso3c", "troops_ad", "total_civilian")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
MEASURES = {"troops_ad": "us-troops", "total_civilian": "us-civilians"}


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Active-duty personnel and civilians of the Department by country and year.

    A place to which the publisher gives no code is left out. Where two spellings of a country have a row of one year,
    and the rows differ, the year has no value: which is right, or whether they add up, is not said.
    """
    reading = Reading()
    rows: dict[tuple[str, int], dict[int, dict[str, float | None]]] = {}
    givers = {measures()[code].giver for code in MEASURES.values()}
    last = 0
    for number, (name, year_text, code, *cells) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        values = {
            column: number_of(text, number, column, faults)
            for column, text in zip(COLUMNS[3:], cells, strict=True)
        }
        if code in MISSING:
            reading.skip(name)
            continue
        country = states.country(code, number, "iso3c", faults, reading)
        if year is not None and country and country not in givers:
            rows.setdefault((country, year), {})[number] = values
            last = max(last, year)
    for (country, year), found in rows.items():
        place = f"{table.name}, row {', '.join(map(str, found))}"
        for column, measure in MEASURES.items():
            values_there = {values[column] for values in found.values()}
            if year >= measures()[measure].years[0]:
                value = values_there.pop() if len(values_there) == 1 else None
                reading.add(
                    SeriesKey(measure, measures()[measure].giver, country), SeriesPoint(year, value, place)
                )
    reading.release = f"to {last}"
    return reading
