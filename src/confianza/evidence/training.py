"""Training figures: rows of the reports added up by fiscal year, program, school and category.

The figures of Mexico ship with the package, made by `make_figures` from the reports; the reports do not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from confianza.cooperation.money import Money, total
from confianza.cooperation.training import Category, TrainingFigure, TrainingLine
from confianza.cooperation.training.normalise import normalise, packaged_rules
from confianza.evidence.sources.fmtr import read_report

EMBEDDED = "data/fmtr_mexico_figures.csv"
COLUMNS = [
    "report",
    "pages",
    "fiscal_year",
    "partner_code",
    "program",
    "school_code",
    "category",
    "student_count",
    "cost_minor",
    "currency",
    "rules_version",
]


def aggregate(lines: Iterable[TrainingLine]) -> list[TrainingFigure]:
    """Students and cost by report, program, school and category; `pages` are those of the volume."""
    groups: dict[tuple[str, int, str, str, str, Category], list[TrainingLine]] = {}
    for line in lines:
        found = normalise(line)
        school, category = found.school_code.value, Category(found.category.value)
        key = (line.report, line.fiscal_year, line.partner_code, line.program, school, category)
        groups.setdefault(key, []).append(line)
    return [
        TrainingFigure(
            report=report,
            pages=" ".join(map(str, sorted({line.page for line in found}))),
            fiscal_year=fiscal_year,
            partner_code=partner_code,
            program=program,
            school_code=school_code,
            category=category,
            student_count=sum(line.student_count for line in found),
            cost=total([line.cost for line in found]),
            rules_version=packaged_rules().version,
        )
        for (report, fiscal_year, partner_code, program, school_code, category), found in sorted(
            groups.items()
        )
    ]


def figures_csv(figures: Iterable[TrainingFigure]) -> str:
    """The figures as CSV, one a row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for figure in figures:
        row = {name: getattr(figure, name, "") for name in COLUMNS}
        row |= {"cost_minor": figure.cost.minor, "currency": figure.cost.currency}
        writer.writerow(row | {"category": figure.category.value})
    return text.getvalue()


def make_figures(volumes: Iterable[Path], partner_code: str) -> list[TrainingFigure]:
    """The figures of one partner from volumes of the report (ImportRefusal as `read_report`)."""
    figures = []
    for path in volumes:
        figures.extend(aggregate(read_report(path, partner_code=partner_code).lines))
    return sorted(figures, key=lambda figure: figure.fiscal_year)


def embedded_csv() -> bytes:
    """The shipped figures as they lie in the package."""
    return resources.files(__package__).joinpath(EMBEDDED).read_bytes()


@cache
def embedded_figures() -> tuple[TrainingFigure, ...]:
    """The figures of Mexico, FY2007–FY2012, that ship with the package."""
    return tuple(
        TrainingFigure(
            report=row["report"],
            pages=row["pages"],
            fiscal_year=int(row["fiscal_year"]),
            partner_code=row["partner_code"],
            program=row["program"],
            school_code=row["school_code"],
            category=Category(row["category"]),
            student_count=int(row["student_count"]),
            cost=Money(int(row["cost_minor"]), row["currency"]),
            rules_version=row["rules_version"],
        )
        for row in csv.DictReader(io.StringIO(embedded_csv().decode("utf-8")))
    )
