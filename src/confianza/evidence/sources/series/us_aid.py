"""U.S. foreign assistance (ForeignAssistance.gov) by country and year, or by account; each kind of transaction apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.series import SeriesKey, SeriesPoint, measures
from confianza.evidence.sources.series import states
from confianza.evidence.sources.series.tables import MISSING, Faults, Reading, Table, number_of

SOURCE = "us-foreign-aid"
BY_COUNTRY = (
    "Country Code",
    "Country Name",
    "Transaction Type Name",
    "Fiscal Year",
    "current_amount",
    "constant_amount",
)
BY_ACCOUNT = (
    "Country Code", "Country Name", "Transaction Type Name", "Fiscal Year", "Current Dollar Amount",
    "Constant Dollar Amount", "Funding Account Name",
)  # fmt: skip
LAYOUTS = (BY_ACCOUNT, BY_COUNTRY)
COMPANIONS: tuple[tuple[str, ...], ...] = ()
MEASURES = {
    "Obligations": "us-aid-obligations",
    "Disbursements": "us-aid-disbursements",
    "Appropriated and Planned": "us-aid-appropriated",
    "President's Budget Requests": "us-aid-requests",
    "Initial Allocations": "us-aid-allocations",
}
FISCAL_YEAR = re.compile(r"(\d{4})(tq)?")
TRANSITION = "1976tq"  # July to September 1976
OWN_YEAR = BilingualText("a fiscal year, or 1976tq", "un año fiscal, o 1976tq")
REGIONS = re.compile(r"\b(?:Region|World)\b")


def source_of(table: Table) -> str:
    """The source that every table of this layout is of."""
    return SOURCE


def read(table: Table, companions: Mapping[tuple[str, ...], Table], faults: Faults) -> Reading:
    """Amounts by country, fiscal year, transaction and prices; by account beside their total where the file has them."""
    reading = Reading()
    layout = BY_ACCOUNT if table.has(BY_ACCOUNT) else BY_COUNTRY
    sums: dict[tuple[SeriesKey, int, str], tuple[float, int, int]] = {}  # total, rows, first row
    countries: dict[tuple[str, str], str] = {}
    last = 0
    for number, (code, name, kind, fiscal, current, constant, *account) in table.rows(layout, faults):
        match = FISCAL_YEAR.fullmatch(fiscal)
        if match is None or (match[2] and fiscal != TRANSITION):
            faults.value(number, "Fiscal Year", fiscal, OWN_YEAR)
        if kind not in MEASURES:
            faults.value(number, "Transaction Type Name", kind, ", ".join(MEASURES))
        if (code, name) not in countries:
            countries[code, name] = _country(code, name, number, faults, reading)
        country = countries[code, name]
        amounts = {
            part: number_of(text, number, column, faults)
            for part, text, column in (("", current, layout[4]), ("constant", constant, layout[5]))
        }
        if match is None or kind not in MEASURES or not country:
            continue
        year, giver = int(match[1]), measures()[MEASURES[kind]].giver
        last = max(last, year)
        for part, amount in amounts.items():
            for of in ("", account[0]) if account and not part else ("",):
                if amount is None:
                    continue
                key = SeriesKey(MEASURES[kind], giver, country, part or of)
                total, count, first = sums.get((key, year, fiscal), (0.0, 0, number))
                if count and not account:
                    faults.add("indicator-twice", number, "Country Code", earlier=first)
                sums[key, year, fiscal] = (total + amount, count + 1, first)
    for (key, year, fiscal), (total, count, first) in sums.items():
        place = f"{table.name}, row {first}" + (f" and {count - 1} more" if count > 1 else "")
        reading.add(key, SeriesPoint(year, total, place, period=fiscal if fiscal == TRANSITION else ""))
    reading.release = f"fiscal years to {last}"
    return reading


def _country(code: str, name: str, number: int, faults: Faults, reading: Reading) -> str:
    """The country of a row; regions and the world are named as left out."""
    if REGIONS.search(name):
        reading.skip(name)
        return ""
    if code in MISSING or code == "CS-KM":
        return states.country(name, number, "Country Name", faults, reading, is_name=True)
    return states.country(code, number, "Country Code", faults, reading)
