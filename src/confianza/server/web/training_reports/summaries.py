"""Rows of the reports added up by a dimension, under the names that pages show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.training.courses import Place, School, schools
from confianza.evidence.countries import country_names
from confianza.server.language import localized
from confianza.server.training_reports.selectors import SummaryRow, TrainingQuery, training_summary
from confianza.server.training_reports.terms import value_names

DIMENSIONS = {
    "fiscal_year": gettext_lazy("Fiscal year"),
    "partner_code": gettext_lazy("Country"),
    "program_family": gettext_lazy("Program"),
    "school_code": gettext_lazy("School"),
    "institution_code": gettext_lazy("Institution of the partner"),
    "category": gettext_lazy("Category"),
    "level": gettext_lazy("PME level"),
}
MEASURES = {
    "students": gettext_lazy("Students"),
    "courses": gettext_lazy("Courses"),
    "dollars": gettext_lazy("Dollars"),
}


def names_of(dimension: str) -> Mapping[str, BilingualText]:
    """What the values of a dimension are called; a fiscal year has no name."""
    if dimension == "fiscal_year":
        return {}
    return country_names() if dimension == "partner_code" else value_names(dimension)


def name_in(names: Mapping[Any, BilingualText], value: str | int) -> str:
    """The name of a value among some names, or the value itself."""
    return localized(names[value]) if value in names else str(value)


@dataclass(frozen=True)
class Group:
    """Rows added up under one name; `narrowed` are the parameters that ask for just these rows."""

    name: str
    row: SummaryRow
    narrowed: str

    @property
    def school(self) -> School | None:
        """The school that the rows are of, where they are added up by school and a rule names it."""
        return schools().get(str(self.row.values.get("school_code", "")))


def groups_of(query: TrainingQuery, by: str, measure: str = "students") -> list[Group]:
    """The rows of a query by a dimension: years in order, all else the largest first."""
    names, found = names_of(by), []
    for row in training_summary(query, (by,)):
        value = row.values[by]
        found.append(Group(name_in(names, value), row, urlencode(query.narrowed(row.values).parameters())))
    if by != "fiscal_year":
        found.sort(key=lambda group: (-amount(group.row, measure), group.name))
    return found


def amount(row: SummaryRow, measure: str) -> float:
    counted = {"students": row.student_count, "courses": row.course_count}
    return counted[measure] if measure in counted else row.cost.minor / 100


def places_of(query: TrainingQuery, measure: str) -> list[tuple[School, Group]]:
    """The schools whose place is known, as the map draws them, with their rows; the largest first."""
    found = ((group.school, group) for group in groups_of(query, "school_code", measure))
    return [(school, group) for school, group in found if school is not None and school.place is not None]


def place_anchor(place: Place) -> str:
    """Where the table of the map begins to tell of a place."""
    return slugify(f"place {place.city} {place.state or place.country}")


def planned_beside(query: TrainingQuery) -> dict[str, Any] | None:
    """What of a query for what was done was told as planned, with the parameters that ask for it; None without any."""
    query = replace(query, status="planned")
    counts = [row.course_count for row in training_summary(query, ())]
    return {"count": sum(counts), "query": urlencode(query.parameters())} if counts else None


def totals_of(rows: list[SummaryRow]) -> dict[str, Any]:
    by_currency: dict[str, list[Money]] = {}
    for row in rows:
        by_currency.setdefault(row.cost.currency, []).append(row.cost)
    return {
        "students": sum(row.student_count for row in rows),
        "courses": sum(row.course_count for row in rows),
        "costs": [total(costs) for costs in by_currency.values()],
    }
