"""Countries as publishers of series write them: by number, by code, by name; states that are no more are left out."""

from __future__ import annotations

from confianza.evidence.countries import country_code, country_of_name
from confianza.evidence.series import state_name, state_of_number
from confianza.evidence.sources.series.tables import A_COUNTRY, A_STATE, Faults, Reading
from confianza.packaged import packaged_table


def state(text: str, year: int, row: int, column: str, faults: Faults, reading: Reading) -> str:
    """The country of a Correlates of War number in a year; empty, and a fault, for a number that is none.

    A state that is no more is empty too, and named as left out.
    """
    code = state_of_number(int(text), year) if text.isascii() and text.isdigit() else None
    if code is None:
        faults.value(row, column, text, A_STATE)
    elif not code:
        reading.skip(f"{state_name(int(text))} ({text})")
    return code or ""


def country(
    text: str, row: int, column: str, faults: Faults, reading: Reading | None = None, *, is_name: bool = False
) -> str:
    """The country of a code or a name; empty, and named as left out, for one that the table says is none of today.

    Without a reading, where nothing is left out, such a one is a fault as any other.
    """
    names = packaged_table("confianza.evidence", "data/series_names.toml")
    if reading is not None and (
        text in names["not_countries"] or text.endswith("*")
    ):  # SIPRI marks what is no state
        reading.skip(text)
        return ""
    code = names["spellings"].get(text) or (country_of_name(text) if is_name else country_code(text))
    if code is None:
        faults.value(row, column, text, A_COUNTRY)
    return code or ""
