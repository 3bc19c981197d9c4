"""Figures as files, each with its source, place, file and digest."""

from collections.abc import Iterator
from tempfile import TemporaryFile

from django.db.models import QuerySet

from confianza.cooperation.texts import Text
from confianza.errors import RuleRefusal
from confianza.evidence.indicators import indicators
from confianza.reports.tables import csv_parts, write_parquet, write_xlsx
from confianza.server.evidence.exports import FORMS as TABLE_FORMS
from confianza.server.evidence.exports import MOST_IN_SHEET, PART
from confianza.server.indicators.models import Figure

FORMS = {form: TABLE_FORMS[form] for form in ("csv", "xlsx", "parquet")}
COLUMNS = {
    "indicator": str,
    "country": str,
    "year": int,
    "period": str,
    "part": str,
    "value": float,
    "unit": str,
    "status": str,
    "qualifier": str,
    "source": str,
    "edition": str,
    "place": str,
    "file": str,
    "digest": str,
}


def exported(figures: QuerySet[Figure]) -> Iterator[tuple]:
    """One tuple a figure, in the order of `COLUMNS`."""
    known = indicators()
    for row in figures.iterator(chunk_size=5_000):
        yield (
            row.indicator_code,
            row.country_code,
            row.year,
            Text.of(row.period).en if row.period else "",
            row.part,
            row.value,
            known[row.indicator_code].unit if row.indicator_code in known else "",
            row.status,
            row.qualifier,
            row.edition.source,
            row.edition.edition,
            row.place,
            row.edition.run.file_name,
            row.edition.run.digest,
        )


def figure_parts(figures: QuerySet[Figure], form: str) -> Iterator[bytes]:
    """The parts of a file of figures, in one of `FORMS`.

    Raises
    ------
    RuleRefusal
        `export-sheet-full`: more figures than a sheet of a workbook holds.
    """
    if form == "xlsx" and (count := figures.count()) > MOST_IN_SHEET:
        raise RuleRefusal("export-sheet-full", count=count, most=MOST_IN_SHEET)
    return csv_parts(COLUMNS, exported(figures)) if form == "csv" else _whole(figures, form)


def _whole(figures: QuerySet[Figure], form: str) -> Iterator[bytes]:
    """Files that are written whole before their first byte is known."""
    with TemporaryFile() as file:
        if form == "xlsx":
            write_xlsx(file, COLUMNS, exported(figures), sheet="indicators")
        else:
            write_parquet(file, COLUMNS, exported(figures))
        file.seek(0)
        yield from iter(lambda: file.read(PART), b"")
