"""Training records: what was attended, by how many, where, at what cost, and whether it is PME."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from confianza.cooperation.money import Money


class Category(StrEnum):
    """What a course is for. The thesis (p. 51) divides IMET into PME and the rest, which it calls technical."""

    PME = "pme"
    ENGLISH = "english-language"
    E_IMET = "e-imet"
    MOBILE_TEAM = "mobile-team"
    GRADUATE = "graduate-education"
    SECURITY_STUDIES = "security-studies"
    CONFERENCE = "conference"
    EXERCISE = "exercise"
    ON_THE_JOB = "on-the-job"
    TECHNICAL = "technical"
    OTHER = "other"
    UNMATCHED = "unmatched"

    @property
    def is_pme(self) -> bool:
        """Whether the course counts as professional military education."""
        return self is Category.PME


class PmeLevel(StrEnum):
    """The stage of a career a PME course belongs to."""

    CADET = "cadet"
    BASIC = "basic"
    CAPTAIN = "captain"
    STAFF = "staff"
    WAR_COLLEGE = "war-college"
    NCO = "nco"
    SENIOR = "senior"


@dataclass(frozen=True)
class ReportRow:
    """One row of a Foreign Military Training Report, with the place it was read from."""

    report: str  # "2011-2012"
    volume: str  # file read
    page: int  # page of that file, from 1
    row: int  # row of that page, from 1
    fiscal_year: int
    partner_code: str  # ISO 3166 alpha-2
    program: str  # "IMET-1"
    course_title: str
    student_count: int
    location: str
    student_unit: str
    us_unit: str
    cost: Money
    start_date: date | None
    end_date: date | None

    @property
    def is_planned(self) -> bool:
        """Whether the row tells what was planned for the year after that of its report; early reports do."""
        return self.fiscal_year > int(self.report[:4])


@dataclass(frozen=True)
class TrainingFigure:
    """Students and cost of one fiscal year × program × school × category."""

    report: str
    volumes: tuple[str, ...]  # files read
    pages: str  # of these, "75 76 81"
    fiscal_year: int
    partner_code: str
    program: str
    school_code: str
    category: Category
    student_count: int
    cost: Money
    rules_version: str
