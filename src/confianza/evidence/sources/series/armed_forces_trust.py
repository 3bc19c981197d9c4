"""Trust in the armed forces of the AmericasBarometer (LAPOP): means by country and wave, with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, sqrt

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series.tables import MISSING, Faults, Reading, Table, number_of, year_of
from confianza.packaged import packaged_table

SOURCE = "lapop"
COLUMNS = ("pais", "year", "b12", "weight1500", "strata", "upm")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
Z_90 = 1.6448536269514722
AN_ANSWER = BilingualText("an answer from 1 to 7", "una respuesta de 1 a 7")
A_NUMBER_OF_LAPOP = BilingualText("a country's number of LAPOP", "el número de un país de LAPOP")
A_WEIGHT = BilingualText("a weight above zero", "un peso mayor que cero")
A_UNIT = BilingualText("a stratum and a sampling unit", "un estrato y una unidad de muestreo")
Answer = tuple[float, float, str, str]  # answer, weight, stratum, sampling unit


def weighted_mean(answers: Sequence[Answer]) -> tuple[float, float]:
    """The weighted mean of answers and its standard error by strata and sampling units.

    m = Σ w y / Σ w;  u[h, c] = Σ w (y − m) / Σ w over unit c of stratum h;
    v = Σ_h n_h / (n_h − 1) Σ_c (u[h, c] − ū[h])²; a stratum of one unit enters with u², since the u of all add up to 0.

    References
    ----------
    Lumley (2010), Complex Surveys: A Guide to Analysis Using R, ch. 2 (linearization; `lonely.psu = "adjust"`).
    """
    total = fsum(weight for _, weight, _, _ in answers)
    mean = fsum(weight * value for value, weight, _, _ in answers) / total
    units: dict[str, dict[str, float]] = {}
    for value, weight, stratum, unit in answers:
        there = units.setdefault(stratum, {})
        there[unit] = there.get(unit, 0.0) + weight * (value - mean) / total
    variance = 0.0
    for sums in units.values():
        count = len(sums)
        if count == 1:
            variance += next(iter(sums.values())) ** 2
            continue
        center = fsum(sums.values()) / count
        variance += count / (count - 1) * fsum((each - center) ** 2 for each in sums.values())
    return mean, sqrt(variance)


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Mean trust by country and year of interview, with n, standard error and interval of 90 %."""
    reading = Reading()
    countries = packaged_table("confianza.evidence", "data/series_names.toml")["lapop"]
    answers: dict[tuple[str, int], list[Answer]] = {}
    years = set()
    for number, (country_text, year_text, text, weight_text, stratum, unit) in table.rows(COLUMNS, faults):
        year = year_of(year_text, number, "year", faults)
        country = countries.get(country_text)
        if country is None:
            faults.value(number, "pais", country_text, A_NUMBER_OF_LAPOP)
        if text in MISSING:
            continue
        answer = number_of(text, number, "b12", faults)
        if answer is not None and answer not in range(1, 8):
            faults.value(number, "b12", text, AN_ANSWER)
        weight = number_of(weight_text, number, "weight1500", faults)
        if weight is None or weight <= 0:
            faults.value(number, "weight1500", weight_text, A_WEIGHT)
        if stratum in MISSING or unit in MISSING:
            faults.value(number, "strata" if stratum in MISSING else "upm", "", A_UNIT)
        if year is None or country is None or answer is None or weight is None:
            continue
        years.add(year)
        answers.setdefault((country, year), []).append((answer, weight, stratum, unit))
    faults.refuse()
    for (country, year), given in sorted(answers.items()):
        mean, error = weighted_mean(given)
        point = SeriesPoint(
            year, mean, f"{table.name}, b12 of {year}", n=len(given), standard_error=error,
            low=mean - Z_90 * error, high=mean + Z_90 * error,
        )  # fmt: skip
        reading.add(SeriesKey("armed-forces-trust", country), point)
    reading.release = ", ".join(map(str, sorted(years)))
    return reading
