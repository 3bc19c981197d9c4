"""Roll calls of the UN General Assembly: agreement of each pair of members by calendar year.

Two layouts: votes by ISO code with the roll calls in a table of their own (`un_votes`, `un_roll_calls`), and Voeten's
one table by state number, year and vote 1 (yes), 2 (abstention), 3 (no), 8 (absent), 9 (no member). In the first, NA
stands for Namibia and for every state without a code: those rows are left out; so is a last year of which the file
ends before October.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import MISSING, Faults, Reading, Table, year_of

SOURCE = "un-votes"
BY_CODE = ("rcid", "country_code", "vote")
AMBIGUOUS = "NA"
MAIN_PART = "10"  # month; a session votes mostly from October to December
ROLL_CALLS = ("rcid", "session", "date")
BY_NUMBER = ("rcid", "ccode", "vote", "year")
LAYOUTS = (BY_CODE, BY_NUMBER)
COMPANIONS = (ROLL_CALLS,)
WORDS: Mapping[str, float | None] = {"yes": 1.0, "abstain": 0.5, "no": 0.0, "absent": None}
NUMBERS: Mapping[str, float | None] = {"1": 1.0, "2": 0.5, "3": 0.0, "8": None, "9": None}
A_VOTE = BilingualText("yes, abstain, no or absent", "yes, abstain, no o absent")
A_VOTE_NUMBER = BilingualText("1, 2, 3, 8 or 9", "1, 2, 3, 8 o 9")
A_ROLL_CALL = BilingualText("a number of the table of roll calls", "un número de la tabla de votaciones")
AN_EARLIER_ROW = BilingualText("one vote of each country", "un voto de cada país")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Agreement by pair and year: mean of 1 − |a − b| over the roll calls in which both voted."""
    reading = Reading()
    votes: dict[int, dict[str, dict[str, float]]] = {}  # by year, roll call and country
    for number, year, roll_call, country, vote in (
        _by_number(table, faults, reading)
        if table.has(BY_NUMBER)
        else _by_code(table, companions, faults, reading)
    ):
        there = votes.setdefault(year, {}).setdefault(roll_call, {})
        if country in there:
            faults.value(number, "country_code" if table.has(BY_CODE) else "ccode", country, AN_EARLIER_ROW)
        there[country] = vote
    for year in sorted(votes):
        _agree(year, votes[year], table.name, reading)
    if votes:
        reading.release = f"{min(votes)}–{max(votes)}"
    return reading


def _by_code(
    table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults, reading: Reading
) -> Iterable[tuple[int, int, str, str, float]]:
    roll_calls = companions.get(ROLL_CALLS)
    if roll_calls is None:
        faults.add("series-companion", columns=", ".join(ROLL_CALLS))
        return
    years: dict[str, int] = {}
    last = ""
    its_faults = Faults(roll_calls.name)
    for number, (roll_call, _, day) in roll_calls.rows(ROLL_CALLS, its_faults):
        year = year_of(day[:4], number, "date", its_faults)
        if year is not None:
            years[roll_call] = year
            last = max(last, day)
    its_faults.refuse()
    begun = int(last[:4]) if last and last[5:7] < MAIN_PART else None
    if begun:
        reading.skip(f"{begun} (roll calls to {last} only)")
    codes: dict[str, str] = {}
    for number, (roll_call, code, word) in table.rows(BY_CODE, faults):
        if code == AMBIGUOUS:
            reading.skip("NA (Namibia, and states without a code)")
            continue
        if code not in codes:
            codes[code] = states.country(code, number, "country_code", faults, reading)
        elif not codes[code]:
            continue
        if word not in WORDS:
            faults.value(number, "vote", word, A_VOTE)
        elif roll_call not in years:
            faults.value(number, "rcid", roll_call, A_ROLL_CALL)
        elif (value := WORDS[word]) is not None and codes[code] and years[roll_call] != begun:
            yield number, years[roll_call], roll_call, codes[code], value


def _by_number(table: Table, faults: Faults, reading: Reading) -> Iterable[tuple[int, int, str, str, float]]:
    for number, (roll_call, state, word, text) in table.rows(BY_NUMBER, faults):
        year = year_of(text, number, "year", faults)
        if word in MISSING:
            continue
        if word not in NUMBERS:
            faults.value(number, "vote", word, A_VOTE_NUMBER)
        elif year is not None and (value := NUMBERS[word]) is not None:
            country = states.state(state, year, number, "ccode", faults, reading)
            if country:
                yield number, year, roll_call, country, value


def _agree(year: int, roll_calls: Mapping[str, Mapping[str, float]], file: str, reading: Reading) -> None:
    """The agreement of all pairs of a year.

    With votes of 0, ½ and 1, |a − b| is the sum over the steps 0→½ and ½→1 of ½ |[a > s] − [b > s]|, so that the
    differences of all pairs are two products of matrices of indicators.
    """
    countries = sorted({country for votes in roll_calls.values() for country in votes})
    column = {country: number for number, country in enumerate(countries)}
    votes = np.full((len(roll_calls), len(countries)), np.nan)
    for row, cast in enumerate(roll_calls.values()):
        for country, value in cast.items():
            votes[row, column[country]] = value
    present = (~np.isnan(votes)).astype(float)
    both = present.T @ present
    apart = np.zeros_like(both)
    for step in (0.25, 0.75):
        above, below = (votes > step).astype(float), (votes < step).astype(float)
        apart += 0.5 * (above.T @ below + below.T @ above)
    agreement = np.round(1 - apart / np.maximum(both, 1), 12).tolist()
    counts = both.astype(int).tolist()
    place = f"{file}, roll calls of {year}"
    for first, one in enumerate(countries):
        for second in range(first + 1, len(countries)):
            if count := counts[first][second]:
                point = SeriesPoint(year, agreement[first][second], place, n=count)
                reading.add(SeriesKey("un-agreement", one, countries[second]), point)
