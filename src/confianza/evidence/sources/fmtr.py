"""The Foreign Military Training Report: country training activities, read from the official PDF volumes.

A report lists countries; a country, program blocks; a block, rows and a line of program totals. The totals are
checks, never data: every block and country is reconciled with what the report prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pypdfium2 as pdfium

from confianza.cooperation.money import Money
from confianza.cooperation.training import TrainingLine
from confianza.errors import ImportRefusal, LedgerError, Problem
from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr_layout import LINE_PITCH, Line, column_edges, page_lines, table_rows

MARK = re.compile(r"Volume I Section IV")
YEAR = r"(?:FY|Fiscal Year) ?(?P<year>\d{4})"
BLOCK = re.compile(rf"(?P<program>.+?) - {YEAR} .*Training$")
BLOCK_TOTAL = re.compile(rf"{YEAR} Program Totals (?P<students>[\d,]+)(?: ?\$| )(?P<cost>[\d,]+)$")
COUNTRY_TOTAL = re.compile(rf"(?P<country>.+?) {YEAR} Totals (?P<students>[\d,]+)(?: ?\$| )(?P<cost>[\d,]+)$")
PAGE_NUMBER = re.compile(r"\d{1,3}$")
FOOT, MARGIN = 40.0, 45.0  # points: page numbers stand below, names of countries left of it


@dataclass(frozen=True)
class Totals:
    """Students and whole dollars, as printed or as computed from the rows."""

    student_count: int
    cost: Money


@dataclass(frozen=True)
class Reconciliation:
    """A block (`program` given) or a country: what its rows add up to, beside what the report prints."""

    partner_code: str
    program: str | None
    page: int
    computed: Totals
    printed: Totals

    @property
    def reconciles(self) -> bool:
        """Students agree exactly, and dollars when rounded to whole ones, as the report prints them."""
        return (
            self.computed.student_count == self.printed.student_count
            and 2 * abs((self.computed.cost - self.printed.cost).minor) <= 100
        )


@dataclass(frozen=True)
class Report:
    """One volume: its rows and how they reconcile."""

    name: str  # "2011-2012"
    volume: str
    fiscal_year: int
    lines: tuple[TrainingLine, ...]
    reconciliations: tuple[Reconciliation, ...]


def _count(text: str) -> int | None:
    return int(text.replace(",", "")) if re.fullmatch(r"-?[\d,]+", text) else None


def _cost(text: str) -> Money | None:
    """The amount; a bare `$` is how the volume of FY2011 prints zero (its program totals bear that out)."""
    if text == "$":
        return Money(0)
    try:
        cost = Money.parse(text)
    except LedgerError:
        return None
    return cost if cost.minor >= 0 else None


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        return None


def read_row(
    texts: Mapping[str, str],
    *,
    report: str,
    volume: str,
    page: int,
    row: int,
    fiscal_year: int,
    partner_code: str,
    program: str,
) -> tuple[TrainingLine | None, list[Problem]]:
    """The training line of a row's texts by column, or every problem it has."""
    problems: list[Problem] = []

    def refuse(code: str, field: str) -> None:
        problems.append(Problem(code, volume, page, row, field, {"value": texts.get(field, "")}))

    students, cost = _count(texts["student_count"]), _cost(texts["cost"])
    start, end = _date(texts["start_date"]), _date(texts["end_date"])
    if students is None or students < 1:
        refuse("fmtr-students-not-positive", "student_count")
    if cost is None:
        refuse("fmtr-cost-not-an-amount", "cost")
    for field, value in (("start_date", start), ("end_date", end)):
        if value is None:
            refuse("fmtr-date-not-understood", field)
    if problems or students is None or cost is None:
        return None, problems
    line = TrainingLine(
        report=report,
        volume=volume,
        page=page,
        row=row,
        fiscal_year=fiscal_year,
        partner_code=partner_code,
        program=program,
        course_title=texts["course_title"],
        student_count=students,
        location=texts["location"],
        student_unit=texts["student_unit"],
        us_unit=texts.get("us_unit", ""),
        cost=cost,
        start_date=start,
        end_date=end,
    )
    return line, []


def _totals(lines: list[TrainingLine]) -> Totals:
    return Totals(sum(line.student_count for line in lines), Money(sum(line.cost.minor for line in lines)))


def _printed(match: re.Match[str]) -> Totals:
    return Totals(int(match["students"].replace(",", "")), Money(int(match["cost"].replace(",", "")) * 100))


class _Reader:
    """Walks the lines of a volume and keeps where it is: country, block, table."""

    def __init__(self, volume: str, partner: str | None) -> None:
        self.volume, self.partner = volume, partner
        self.problems: list[Problem] = []
        self.lines: list[TrainingLine] = []
        self.reconciliations: list[Reconciliation] = []
        self.country: str | None = None
        self.country_from = 0
        self.program: str | None = None
        self.block_from = 0
        self.fiscal_year: int | None = None
        self.edges: Mapping[str, float] = {}

    def refuse(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        self.problems.append(Problem(code, self.volume, page, row, None, params))

    @property
    def wanted(self) -> bool:
        return self.country is not None and self.partner in (None, self.country)

    def page(self, page: int, lines: list[Line]) -> None:
        """Read one page. A table goes on across pages, whether or not its headings are repeated."""
        table: list[Line] = []
        top: float | None = None
        row = 0
        for line in lines:
            text = line.text
            if MARK.match(text) or (PAGE_NUMBER.fullmatch(text) and line.baseline < FOOT) or not text:
                continue
            edges = column_edges(line) if text.startswith("Course Title") else {}
            if not edges and not self.is_mark(line):
                if self.edges:
                    table.append(line)
                elif self.wanted:
                    self.refuse("fmtr-line-outside-table", page, text=text)
                continue
            row = self.table(page, row, top, table)
            self.edges, top, table = edges, line.baseline - LINE_PITCH / 2, []
            if not edges:
                self.mark(page, text)
        self.table(page, row, top, table)

    def is_mark(self, line: Line) -> bool:
        text = line.text
        return bool(
            BLOCK.match(text)
            or BLOCK_TOTAL.match(text)
            or COUNTRY_TOTAL.match(text)
            or (country_of_name(text) is not None and line.characters[0][0] < MARGIN)
        )

    def mark(self, page: int, text: str) -> None:
        if match := BLOCK_TOTAL.match(text):
            self.end_block(page, match)
        elif match := COUNTRY_TOTAL.match(text):
            self.end_country(page, match)
        elif match := BLOCK.match(text):
            if self.fiscal_year not in (None, int(match["year"])):
                self.refuse("fmtr-two-fiscal-years", page, first=self.fiscal_year, second=match["year"])
            if self.program is not None and self.wanted:
                if self.program == match["program"]:
                    return  # a block's heading repeated on the next page
                self.refuse("fmtr-block-without-totals", page, program=self.program)
            self.fiscal_year = int(match["year"])
            self.program, self.block_from = match["program"], len(self.lines)
        else:
            self.country, self.country_from = country_of_name(text), len(self.lines)

    def end_block(self, page: int, match: re.Match[str]) -> None:
        if self.wanted and self.country and self.program:
            rows = self.lines[self.block_from :]
            self.reconciliations.append(
                Reconciliation(self.country, self.program, page, _totals(rows), _printed(match))
            )
        self.program = None

    def end_country(self, page: int, match: re.Match[str]) -> None:
        code = country_of_name(match["country"])
        if code is None:
            self.refuse("fmtr-country-unknown", page, country=match["country"])
        elif self.wanted and code == self.country:
            if self.program is not None:
                self.refuse("fmtr-block-without-totals", page, program=self.program)
            rows = self.lines[self.country_from :]
            self.reconciliations.append(Reconciliation(code, None, page, _totals(rows), _printed(match)))
        self.country = self.program = None

    def table(self, page: int, row: int, top: float | None, lines: list[Line]) -> int:
        if not self.wanted or not lines:
            return row
        if self.program is None or self.country is None or self.fiscal_year is None:
            self.refuse("fmtr-table-without-program", page)
            return row
        for texts, lost in table_rows(lines, self.edges, top):
            for line in lost:
                self.refuse("fmtr-line-outside-table", page, text=line.text)
            if not texts:
                continue
            row += 1
            read, problems = read_row(
                texts,
                report=f"{self.fiscal_year}-{self.fiscal_year + 1}",
                volume=self.volume,
                page=page,
                row=row,
                fiscal_year=self.fiscal_year,
                partner_code=self.country,
                program=self.program,
            )
            self.problems.extend(problems)
            if read:
                self.lines.append(read)
        return row


def _pages(path: Path) -> Iterator[list[Line]]:
    if not path.is_file():
        raise ImportRefusal([Problem("fmtr-file-missing", str(path))])
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        detail = str(error).strip(" .")
        raise ImportRefusal([Problem("fmtr-not-a-pdf", path.name, params={"detail": detail})]) from error
    for number, page in enumerate(document, start=1):
        lines = page_lines(page)
        if not any(MARK.match(line.text) for line in lines):
            raise ImportRefusal([Problem("fmtr-not-this-report", path.name, page=number)])
        yield lines


def read_report(path: Path, *, partner_code: str | None = None) -> Report:
    """A volume of the report, or of one country in it.

    Parameters
    ----------
    path : Path
        A PDF of Volume I, Section IV (country training activities), whole or the pages of a country.
    partner_code : str, optional
        ISO 3166 alpha-2 code; only this country is read and checked.

    Returns
    -------
    Report
        Rows with report, volume, page and row; costs in whole dollars. `reconciliations` holds every block and
        country; those that do not reconcile are the report's own differences, both figures shown.

    Raises
    ------
    ImportRefusal
        Every problem found, with file, page, row and field: no such file, not a PDF, not this report, cut off in the
        middle, a row whose quantity, cost or dates cannot be read.

    References
    ----------
    U.S. Department of State and Department of Defense, Foreign Military Training and DoD Engagement Activities of
    Interest, joint report to Congress, yearly.
    """
    reader = _Reader(path.name, partner_code)
    last = 0
    for last, lines in enumerate(_pages(path), start=1):
        reader.page(last, lines)
    if reader.wanted:
        reader.refuse("fmtr-cut-off", last, country=reader.country)
    if not reader.reconciliations and not reader.problems:
        reader.refuse("fmtr-nothing-found", last, partner=partner_code or "-")
    if reader.problems or reader.fiscal_year is None:
        raise ImportRefusal(reader.problems)
    year = reader.fiscal_year
    return Report(f"{year}-{year + 1}", path.name, year, tuple(reader.lines), tuple(reader.reconciliations))
