"""Records as files that can be imported again."""

from collections.abc import Iterator, Sequence

from confianza.cooperation.relationship.entries import record_values
from confianza.cooperation.relationship.standing import TrackedRecord
from confianza.evidence.sources.relationship_file import column_rows
from confianza.reports.tables import FORMATS as TABLE_FORMATS
from confianza.reports.tables import table_parts

FORMATS = {form: TABLE_FORMATS[form] for form in ("csv", "xlsx", "parquet", "json")}


def record_parts(items: Sequence[TrackedRecord], form: str) -> Iterator[bytes]:
    """The parts of a file of records with every coding; what is raised as in `table_parts`.

    A file that is imported again has the columns of the table of kinds; what was done with each record stays here.
    """
    heading, rows = column_rows((item.record, record_values(item.record)) for item in items)
    columns: dict[str, type] = dict.fromkeys(heading, str)
    return table_parts(form, columns, rows, count=lambda: len(items), sheet="records")
