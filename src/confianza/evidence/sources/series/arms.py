"""SIPRI's arms-transfer register: orders of major arms by supplier, recipient and year of order.

The register is in ISO 8859-1, separated by semicolons, below some lines of preamble. A row without a
recipient is a fragment of another and is named as left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from confianza.evidence.series import SeriesKey, SeriesPoint
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import Faults, Reading, Table, number_of, year_of

SOURCE = "sipri-arms"
COLUMNS = ("Recipient", "Supplier", "Year of order", "SIPRI TIV for total order")
LAYOUTS = (COLUMNS,)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
ENCODINGS = ("utf-8-sig", "iso-8859-1")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Orders and their volume by supplier, recipient and year; the volume is a lower bound where one has none."""
    reading = Reading()
    names: dict[str, str] = {}
    orders: dict[tuple[str, str, int], list[tuple[int, float | None]]] = {}
    last = 0
    for number, (recipient, supplier, year_text, volume) in table.rows(COLUMNS, faults, encodings=ENCODINGS):
        if not recipient:
            reading.skip(f"row {number} (a fragment)")
            continue
        for name, column in ((recipient, "Recipient"), (supplier, "Supplier")):
            if name not in names:
                names[name] = states.country(name, number, column, faults, reading, is_name=True)
        year = year_of(year_text, number, "Year of order", faults)
        value = number_of(volume, number, "SIPRI TIV for total order", faults)
        if year is not None and names[recipient] and names[supplier]:
            orders.setdefault((names[supplier], names[recipient], year), []).append((number, value))
            last = max(last, year)
    for (supplier, recipient, year), rows in orders.items():
        place = f"{table.name}, row " + ", ".join(str(number) for number, _ in rows)
        reading.add(SeriesKey("arms-orders", supplier, recipient), SeriesPoint(year, float(len(rows)), place))
        values = [value for _, value in rows if value is not None]
        total = round(sum(values), 6) if values else None
        bound = ">" if values and len(values) < len(rows) else ""
        reading.add(
            SeriesKey("arms-value", supplier, recipient),
            SeriesPoint(year, total, place, qualifier=bound, n=len(values)),
        )
    reading.release = f"orders to {last}"
    return reading
