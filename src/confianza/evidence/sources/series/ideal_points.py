"""Ideal points of the UN General Assembly (Bailey, Strezhnev and Voeten), both layouts of the column names."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of

SOURCE = "un-ideal-points"
EARLIER = ("ccode", "session", "NVotes", "IdealPoint", "Q5%", "Q95%")  # to 2020
LATER = ("ccode", "session", "NVotesAll", "IdealPointAll", "Q5%All", "Q95%All")  # from 2021
PLAIN = ("ccode", "session", "IdealPointAll")  # without the quantiles
LAYOUTS = (EARLIER, LATER, PLAIN)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
ENCODINGS = ("utf-8-sig", "iso-8859-1")
BEFORE_FIRST = 1945  # session 1 is that of 1946
A_SESSION = BilingualText("the number of a session", "el número de una sesión")
ONE_ROW = BilingualText("one row of each state and session", "una fila de cada Estado y sesión")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """The ideal point of each state by session, with its interval of 90 %."""
    reading = Reading()
    layout = next(columns for columns in LAYOUTS if table.has(columns))
    seen: set[tuple[str, int]] = set()
    last = 0
    for number, cells in table.rows(layout, faults, encodings=ENCODINGS):
        row = dict(zip(layout, cells, strict=True))
        session = row["session"]
        if not (session.isascii() and session.isdigit()):
            faults.value(number, "session", session, A_SESSION)
            continue
        year = BEFORE_FIRST + int(session)
        country = states.state(row["ccode"], year, number, "ccode", faults, reading)
        values = {name: number_of(row[name], number, name, faults) for name in layout[2:]}
        if not country:
            continue
        if (country, year) in seen:
            faults.value(number, "ccode", row["ccode"], ONE_ROW)
        seen.add((country, year))
        last = max(last, int(session))
        votes = next((values[name] for name in ("NVotes", "NVotesAll") if name in values), None)
        low, high = (
            next((values[name] for name in (quantile, f"{quantile}All") if name in values), None)
            for quantile in ("Q5%", "Q95%")
        )
        point = next(values[name] for name in ("IdealPoint", "IdealPointAll") if name in values)
        place = f"{table.name}, row {number}"
        reading.add(
            SeriesKey("ideal-point", country),
            SeriesPoint(year, point, place, n=None if votes is None else int(votes), low=low, high=high),
        )
    reading.release = f"sessions 1–{last}"
    return reading
