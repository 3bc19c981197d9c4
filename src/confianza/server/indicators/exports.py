"""Figures as files, each with its source, place, file and digest."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.indicators import indicators
from confianza.reports.tables import FORMATS as TABLE_FORMATS
from confianza.reports.tables import table_parts
from confianza.server.indicators.models import Figure

FORMATS = {form: TABLE_FORMATS[form] for form in ("csv", "xlsx", "parquet")}
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


def exported(figures: QuerySet[Figure]) -> Iterator[tuple[Any, ...]]:
    """One tuple a figure, in the order of `COLUMNS`."""
    known = indicators()
    for row in figures.iterator(chunk_size=5_000):
        yield (
            row.indicator_code,
            row.country_code,
            row.year,
            BilingualText.of(row.period).en if row.period else "",
            row.part,
            row.value,
            known[row.indicator_code].unit if row.indicator_code in known else "",
            row.status,
            row.qualifier,
            row.release.source,
            row.release.name,
            row.place,
            row.release.run.file_name,
            row.release.run.digest,
        )


def figure_parts(figures: QuerySet[Figure], form: str) -> Iterator[bytes]:
    """The parts of a file of figures; `form` one of `FORMATS`, what is raised as in `table_parts`."""
    return table_parts(form, COLUMNS, exported(figures), count=figures.count, sheet="indicators")
