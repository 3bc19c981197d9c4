"""Training figures: rows of the reports added up by fiscal year, program, school and category."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from confianza.cooperation.money import total
from confianza.cooperation.training import Category, TrainingFigure, TrainingLine
from confianza.cooperation.training.normalise import normalise, packaged_rules
from confianza.evidence.shipped import shipped_lines


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


@cache
def embedded_figures() -> tuple[TrainingFigure, ...]:
    """The figures of Mexico, FY2007–FY2012, from the rows that ship with the package."""
    return tuple(sorted(aggregate(shipped_lines()), key=lambda figure: figure.fiscal_year))
