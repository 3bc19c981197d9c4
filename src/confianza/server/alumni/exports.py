"""The yearly report of positions of prominence as rows and as a file, in the manual's order of fields (SAMM C10.21)."""

from collections.abc import Iterator, Mapping, Sequence

from confianza.cooperation.bilingual import BilingualText
from confianza.reports.tables import table_parts
from confianza.server.alumni.models import CourseAttended, Tenure
from confianza.server.alumni.selectors import ProminenceRow, school_names

FORMATS = ("csv", "xlsx", "parquet")
FIELDS = {
    "country": BilingualText("Country", "País"),
    "name": BilingualText("Name", "Nombre"),
    "grade": BilingualText("Grade", "Grado"),
    "us_grade": BilingualText("U.S. grade", "Grado equivalente de EE. UU."),
    "prominent_positions": BilingualText("Prominent positions", "Cargos destacados"),
    "current_position": BilingualText("Current position", "Cargo actual"),
    "degree": BilingualText("Degree", "Título académico"),
    "training": BilingualText(
        "Training: course, place, rank, years, source of funding",
        "Adiestramiento: curso, lugar, grado, años, fuente de fondos",
    ),
    "how_obtained": BilingualText("How obtained", "Cómo se obtuvo"),
}


def _position(row: Tenure, language: str) -> str:
    return f"{BilingualText.of(row.post.title).in_language(language)} ({row.from_date}–{row.to_date or ''})"


def _training(row: CourseAttended, language: str) -> str:
    names = school_names()
    place = names[row.school].in_language(language) if row.school in names else row.school
    years = dict.fromkeys([str(row.start_date.year), str(row.end_date.year)])
    return ", ".join(filter(None, [row.title, place, row.rank, "–".join(years), row.funding]))


def report_rows(
    rows: Sequence[ProminenceRow], language: str, names: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The report as texts by field; `names` gives the names of pseudonymous people where they may be told."""
    return [
        {
            "country": BilingualText.of(row.student.partner.name).in_language(language),
            "name": (names or {}).get(row.student.pk, row.student.name),
            "grade": row.grade,
            "us_grade": row.us_grade,
            "prominent_positions": "; ".join(_position(item, language) for item in row.tenures),
            "current_position": "; ".join(
                BilingualText.of(item.post.title).in_language(language) for item in row.current
            ),
            "degree": "; ".join(row.degrees),
            "training": "; ".join(_training(item, language) for item in row.courses),
            "how_obtained": "; ".join(row.sources),
        }
        for row in rows
    ]


def report_parts(form: str, rows: Sequence[Mapping[str, str]], language: str) -> Iterator[bytes]:
    """The parts of the file of the report, in one of `FORMATS`."""
    columns = {name.in_language(language): str for name in FIELDS.values()}
    found = ([row[field] for field in FIELDS] for row in rows)
    return table_parts(form, columns, found, count=lambda: len(rows), sheet="C10.21")
