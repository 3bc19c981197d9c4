"""Rows of training reports and what they add up to: returned by the interface, printed by commands, shown on pages."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from confianza.cooperation.money import Money
from confianza.evidence.training_reports import PmeShare
from confianza.server.documents import Digest, made_of
from confianza.server.training_reports import models, selectors


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """A row of a report as printed, what it means in common terms, and where it was read."""

    id: int
    fiscal_year: int
    is_planned: Annotated[
        bool, Field(description="Told as planned for the year, by the report of the year before.")
    ]
    partner_code: str
    program: str
    course_title: str
    student_count: int
    cost: Money
    start_date: date | None
    end_date: date | None
    location: str
    student_unit: str
    us_unit: str
    program_family: str
    school_code: str
    institution_code: str
    category: str
    level: str
    rules: Annotated[dict[str, str], Field(description="The rule that decided, by field.")]
    rules_version: str
    report: str
    volume: str
    page: int
    row: int
    digest: Annotated[str, Field(description="SHA-256 of the file the row was read from.")]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Rows added up: `values` says by what; a course is a row of a report; shares of PME are of 0-1."""

    values: dict[str, str | int]
    student_count: int
    course_count: int
    cost: Money
    pme_student_count: int
    pme_course_count: int
    pme_cost: Money
    pme_student_share: float | None
    pme_course_share: float
    pme_cost_share: float | None


@dataclass(frozen=True, kw_only=True)
class ImportedFile:
    """An imported file of training reports, and how it reconciles."""

    file_name: str
    source: str
    address: Annotated[str, Field(description="Where it was fetched; empty for a file of one's own.")]
    digest: Digest
    imported_at: datetime
    account: str
    from_fy: int
    to_fy: int
    partner_count: int
    row_count: int
    total_count: Annotated[int, Field(description="Totals that the file prints.")]
    reconciled_count: Annotated[int, Field(description="Those that the rows add up to.")]
    named_countries: Annotated[
        list[str],
        Field(description="ISO 3166 codes of the countries the file names; empty if not kept."),
    ]
    missing_countries: Annotated[list[str], Field(description="Those of which nothing was read.")]
    set_aside_count: Annotated[int, Field(description="Blocks that could not be read and are in no figure.")]

    @property
    def read_count(self) -> int:
        """How many of the countries named were read."""
        return len(self.named_countries) - len(self.missing_countries)


@dataclass(frozen=True, kw_only=True)
class SetAsideBlock:
    """A block of a report that could not be read, as it is printed: it is in no row and in no sum."""

    id: int
    fiscal_year: int
    partner_code: Annotated[str, Field(description="Empty where the country is not known.")]
    program: str
    report: str
    file_name: str
    digest: Digest
    page: int
    last_page: int
    printed_student_count: int | None
    printed_cost: Money | None
    reasons: list[str]
    text: str


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The rule a classified text is on its rows, and how many these are."""

    rule_id: str
    row_count: int


def report_row(row: models.ReportRow) -> ReportRow:
    """A row of a report."""
    return made_of(ReportRow, row, cost=Money(row.cost_minor, row.currency), digest=row.run.digest)


def summaries(query: selectors.TrainingQuery, by: tuple[str, ...]) -> list[Summary]:
    """The rows that fit added up by some dimensions, in the order of their values; one summary without any."""
    return [_summary(share, by) for share in selectors.pme_shares(query, by)]


def _summary(share: PmeShare, by: tuple[str, ...]) -> Summary:
    return made_of(
        Summary,
        share,
        values=dict(zip(by, share.group, strict=True)),
        pme_student_share=share.student_share,
        pme_course_share=share.course_share,
        pme_cost_share=share.cost_share,
    )


def set_aside_block(block: models.SetAsideBlock, language: str = "en") -> SetAsideBlock:
    """A block that was set aside, with the reasons in a language."""
    problems = selectors.set_aside_problems(block)
    return made_of(
        SetAsideBlock,
        block,
        file_name=block.run.file_name,
        digest=block.run.digest,
        reasons=[problem.in_language(language) for problem in problems],
    )


def imported_file(item: selectors.ImportedFile) -> ImportedFile:
    """A file of training reports."""
    run: dict[str, Any] = {
        name: getattr(item.run, name)
        for name in ("file_name", "source", "address", "digest", "account", "named_countries")
    }
    return made_of(
        ImportedFile, item, **run, imported_at=item.run.at, missing_countries=list(item.coverage.missing)
    )
