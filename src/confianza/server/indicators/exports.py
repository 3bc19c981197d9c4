"""Figures as files, each with its source, place, file and digest."""

from collections.abc import Iterator
from io import BytesIO

from confianza.errors import RuleRefusal
from confianza.reports.tables import csv_parts, write_parquet, write_xlsx
from confianza.server.indicators.selectors import COLUMNS, exported

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
MOST_IN_SHEET = 2**20 - 1  # rows of a sheet, less that of the headings


def _counted(rows: Iterator[tuple]) -> Iterator[tuple]:
    for number, row in enumerate(rows, start=1):
        if number > MOST_IN_SHEET:
            raise RuleRefusal("indicator-sheet-full", most=MOST_IN_SHEET)
        yield row


def written(form: str, *, country: str | None = None, indicator: str | None = None) -> bytes:
    """The file of a form (`FORMS`; RuleRefusal for any other, or for more rows than a sheet holds)."""
    if form not in FORMS:
        raise RuleRefusal("indicator-form", form=form, known=", ".join(FORMS))
    rows = exported(country, indicator)
    if form == "csv":
        return b"".join(csv_parts(COLUMNS, rows))
    file = BytesIO()
    if form == "xlsx":
        write_xlsx(file, COLUMNS, _counted(rows), sheet="indicators")
    else:
        write_parquet(file, COLUMNS, rows)
    return file.getvalue()
