"""The one table that series are written in (`confianza series show --format csv`, and what ships with the package)."""

from __future__ import annotations

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import (
    COLUMNS,
    SeriesFile,
    SeriesKey,
    SeriesPoint,
    Shape,
    State,
    measures,
    mutual,
    series_sources,
)
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Table, number_of, year_of

LAYOUTS = (COLUMNS,)
A_VALUE = BilingualText(
    "a number for what is given, 0 for zero, none for missing",
    "un número para given, 0 para zero, nada para missing",
)
OTHER_COUNTRY = BilingualText(
    "the other country, or none for a measure of one", "el otro país, o ninguno si la medida es de uno solo"
)
ITS_SOURCE = BilingualText("the source of the measure: {source}", "la fuente de la medida: {source}")
ONE_ROW = BilingualText("one row of each series, year and period", "una fila de cada serie, año y periodo")


def read_files(table: Table, faults: Faults) -> list[SeriesFile]:
    """The releases of a table, one a source and release; years without a value stand in it as what they are."""
    series: dict[tuple[str, str], dict[SeriesKey, list[SeriesPoint]]] = {}
    seen: set[tuple[str, str, SeriesKey, int, str]] = set()
    for number, cells in table.rows(COLUMNS, faults):
        row = dict(zip(COLUMNS, cells, strict=True))
        if row["measure"] in measures() and measures()[row["measure"]].distance_of:
            continue  # made of two others when it is shown
        before = faults.count
        key = _key(row, number, faults)
        year = year_of(row["year"], number, "year", faults)
        numbers = {
            column: number_of(row[column], number, column, faults)
            for column in ("value", "n", "standard_error", "low", "high")
        }
        state, value = row["state"], numbers["value"]
        if state not in list(State):
            faults.value(number, "state", state, ", ".join(State))
        elif (state == State.MISSING) != (value is None) or (state == State.ZERO and value):
            faults.value(number, "value", row["value"], A_VALUE)
        if row["qualifier"] not in {"", ">"}:
            faults.value(number, "qualifier", row["qualifier"], ">")
        if faults.count > before or key is None or year is None:
            continue
        mark = (row["source"], row["release"], key, year, row["period"])
        if mark in seen:
            faults.value(number, "year", row["year"], ONE_ROW)
        seen.add(mark)
        count = numbers.pop("n")
        point = SeriesPoint(
            year, value, row["reference"], row["period"], row["qualifier"],
            n=None if count is None else int(count), standard_error=numbers["standard_error"],
            low=numbers["low"], high=numbers["high"], state=State(state),
        )  # fmt: skip
        series.setdefault((row["source"], row["release"]), {}).setdefault(key, []).append(point)
    files = []
    for (source, release), by_key in series.items():
        years: dict[str, set[int]] = {}
        for key, points in by_key.items():
            years.setdefault(key.measure, set()).update(point.year for point in points)
        files.append(
            SeriesFile(
                source,
                release,
                {key: tuple(points) for key, points in by_key.items()},
                {measure: (min(there), max(there)) for measure, there in years.items()},
                is_whole=False,
            )
        )
    return files


def _key(row: dict[str, str], number: int, faults: Faults) -> SeriesKey | None:
    measure = measures().get(row["measure"])
    if measure is None:
        faults.value(number, "measure", row["measure"], ", ".join(measures()))
    elif row["source"] not in series_sources() or row["source"] != measure.source:
        faults.value(number, "source", row["source"], ITS_SOURCE.format(source=measure.source))
    one = states.country(row["from"], number, "from", faults)
    other = states.country(row["to"], number, "to", faults) if row["to"] else ""
    if measure is None:
        return None
    if (measure.shape is Shape.COUNTRY) == bool(other) or other == one:
        faults.value(number, "to", row["to"], OTHER_COUNTRY)
    if measure.giver not in ("", one):
        faults.value(number, "from", row["from"], measure.giver)
    pair = mutual(one, other) if measure.shape is Shape.MUTUAL else (one, other)
    return SeriesKey(measure.code, *pair, part=row["part"])
