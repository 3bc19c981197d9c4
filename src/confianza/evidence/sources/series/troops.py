"""U.S. military personnel abroad by country and year (`troopdata`, from the reports of the Department of Defense)."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint, measures
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import MISSING, Faults, Reading, Table, number_of, year_of

SOURCE = "troopdata"
COLUMNS = ("countryname", "year", "iso3c", "troops_ad", "total_civilian")
LAYOUTS = (COLUMNS,)
COMPANIONS = ()
MEASURES = {"troops_ad": "us-troops", "total_civilian": "us-civilians"}
ONE_ROW = BilingualText("one row of each country and year", "una fila de cada país y año")


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Active-duty personnel and civilians of the Department by country and year."""
    reading = Reading()
    seen: set[tuple[str, int]] = set()
    last = 0
    for number, (name, year_text, code, troops, civilians) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        country = (
            states.country(name, number, "countryname", faults, reading, is_name=True)
            if code in MISSING
            else states.country(code, number, "iso3c", faults, reading)
        )
        values = {
            column: number_of(text, number, column, faults)
            for column, text in (("troops_ad", troops), ("total_civilian", civilians))
        }
        if year is None or not country:
            continue
        if (country, year) in seen:
            faults.value(number, "countryname", name, ONE_ROW)
        seen.add((country, year))
        last = max(last, year)
        for column, value in values.items():
            if year >= measures()[MEASURES[column]].years[0] and country != "US":
                point = SeriesPoint(year, value, f"{table.name}, row {number}")
                reading.add(SeriesKey(MEASURES[column], "US", country), point)
    reading.release = f"to {last}"
    return reading
