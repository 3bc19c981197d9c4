"""Training records: what was attended, by how many, where, at what cost, and whether it is PME."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from confianza.cooperation.money import Money


class Category(StrEnum):
    """Professional military education, or technical training (the thesis's division of IMET, p. 51)."""

    PME = "pme"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class TrainingLine:
    """One row of a Foreign Military Training Report, with the place it was read from."""

    report: str  # "2011-2012"
    volume: str  # file read
    page: int  # page of that file, from 1
    row: int  # row of that page, from 1
    fiscal_year: int
    partner_code: str  # ISO 3166 alpha-2, "MX"
    program: str  # "IMET-1"
    course_title: str
    student_count: int
    location: str
    student_unit: str
    us_unit: str
    cost: Money
    start_date: date | None
    end_date: date | None


@dataclass(frozen=True)
class TrainingFigure:
    """Students and cost of one fiscal year × program × school × category."""

    report: str
    pages: str  # "75-81"
    fiscal_year: int
    partner_code: str
    program: str
    school_code: str
    category: Category
    student_count: int
    cost: Money
    rules_version: str
