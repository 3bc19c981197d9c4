"""From headings, rows and totals in order to a reconciled Foreign Military Training Report, whatever it is set in.

A report lists countries; a country, program blocks; a block, rows and a line of totals. The totals are checks, never
data: every block and country is reconciled with what the report prints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr.headings import Heading, HeadingKind, split_country
from confianza.evidence.sources.fmtr.report import BlockReconciliation, Report, Totals, UncheckedBlock
from confianza.evidence.sources.fmtr.rows import ReportRows, RowPlace

CONTENTS = re.compile(r"(?P<name>.+?)[\s.…]*\d{0,4}$")  # a country and its page, in a list before the tables
ENOUGH_TOTALS = 6  # printed, to tell a report's own differences from a layout that is not understood


@dataclass
class Position:
    """Where a volume is being read: country, program and block, each with the index of its first row."""

    country: str | None = None
    program: str | None = None
    fiscal_year: int | None = None  # of the open block
    country_start: int = 0
    program_start: int = 0
    block_start: int = 0
    has_block: bool = False  # of the country: a name alone may be of a list before the tables
    is_under_unknown: bool = False  # country: the heading is refused, so that its rows need not be

    @property
    def is_open(self) -> bool:
        """Whether rows may come: a block was headed and its totals have not been read."""
        return self.fiscal_year is not None


class TotalsCheck:
    """The totals of a volume, each held against the rows above it; and the blocks and countries without any."""

    def __init__(self, rows: ReportRows) -> None:
        self.rows = rows
        self.reconciliations: list[BlockReconciliation] = []
        self.without_totals: list[UncheckedBlock] = []

    def reconcile(
        self, country: str | None, program: str | None, start: int, page: int, heading: Heading
    ) -> None:
        """Hold printed totals against the rows from an index on, if they are of a country that is read."""
        if country and heading.printed and (program or heading.kind is HeadingKind.COUNTRY_TOTALS):
            year = heading.fiscal_year if heading.kind is HeadingKind.YEAR_TOTALS else None
            computed = Totals.of(self.rows.lines[start:])
            block = BlockReconciliation(country, program, page, computed, heading.printed, year)
            self.reconciliations.append(block)
            self.rows.judge_not_printed(reconciles=block.reconciles)

    def leave_unchecked(self, country: str | None, program: str | None, start: int, page: int) -> None:
        """Note a block or country that ends without totals, if it is of a country that is read."""
        self.rows.judge_not_printed(reconciles=False)
        if country:
            computed = Totals.of(self.rows.lines[start:])
            self.without_totals.append(UncheckedBlock(country, program, page, computed))


class ReportReader:
    """Takes the headings, rows and totals of a volume in order and makes the report of them."""

    def __init__(self, volume: str, partner_code: str | None) -> None:
        self.partner_code = partner_code
        self.rows = ReportRows(volume)
        self.refuse = self.rows.refuse
        self.totals = TotalsCheck(self.rows)
        self.at = Position()
        self.last_block: tuple[str | None, str | None, int | None] = (None, None, None)
        self.years: set[int] = set()
        self.named: set[str] = set()
        self.prints_totals = False

    @property
    def requested_country(self) -> str | None:
        """The country that is being read; None before the first one, and in one that was not asked for."""
        return self.at.country if self.partner_code in (None, self.at.country) else None

    @property
    def has_begun(self) -> bool:
        """Whether a block was headed; what stands before is contents and prefaces."""
        return bool(self.years)

    def repeats_block(self, heading: Heading) -> bool:
        """Whether the head of a page names the last block: it goes on there, or ended on the page before."""
        block = heading.country, heading.program, heading.fiscal_year
        return heading.is_running and block == self.last_block

    def add_stray(self, text: str, page: int, row: int | None = None) -> None:
        """Take a text that is part of no row, heading or totals: a refusal, once the tables have begun."""
        if not self.has_begun:
            match = CONTENTS.match(text)  # of a list before the tables, which may name a country
            if match and (country := country_of_name(match["name"])):
                self.named.add(country)
        elif self.requested_country or (self.at.country is None and not self.at.is_under_unknown):
            self.refuse("fmtr-line-outside-table", page, row, text=text)

    def add_row(self, texts: Mapping[str, str], page: int, row: int) -> None:
        """Take a row's texts by column."""
        at = self.at
        if at.is_under_unknown or (at.country is not None and not self.requested_country):
            return
        if at.country is None or at.program is None or at.fiscal_year is None:
            if self.has_begun or self.partner_code is None:
                self.refuse("fmtr-table-without-program", page, row)
            return
        place: RowPlace = {
            "report": f"{at.fiscal_year}-{at.fiscal_year + 1}",
            "volume": self.rows.volume,
            "page": page,
            "row": row,
            "fiscal_year": at.fiscal_year,
            "partner_code": at.country,
            "program": at.program,
        }
        self.rows.add(texts, place)

    def add_heading(self, heading: Heading, page: int) -> None:
        """Take a heading or a line of totals."""
        at, country = self.at, self.requested_country
        if heading.printed:
            self.prints_totals = True
        if heading.country:
            self.named.add(heading.country)
        match heading.kind:
            case HeadingKind.COUNTRY:
                self._start_country(heading.country, page)
            case HeadingKind.BLOCK:
                self._start_block(heading, page)
            case HeadingKind.YEAR_TOTALS:
                self.totals.reconcile(country, at.program, at.block_start, page, heading)
                at.fiscal_year = None
            case HeadingKind.PROGRAM_TOTALS:
                self.totals.reconcile(country, at.program, at.program_start, page, heading)
                at.program = at.fiscal_year = None
            case HeadingKind.COUNTRY_TOTALS:
                self._end_country(heading, page)

    def _start_country(self, country: str | None, page: int) -> None:
        if self.at.has_block:
            self._end_block(page)
            self.totals.leave_unchecked(self.requested_country, None, self.at.country_start, page)
        self.at = Position(country, country_start=len(self.rows.lines))

    def _start_block(self, heading: Heading, page: int) -> None:
        self.at.is_under_unknown = heading.is_of_unknown_country
        if heading.is_of_unknown_country:
            self.refuse("fmtr-country-unknown", page, country=heading.text)
        program = heading.program
        if not heading.is_early and self.at.country is None:
            # no country is headed: it may stand before the program
            country, rest = split_country(program, " ")
            if country:
                self._start_country(country, page)
                program = rest
        country = heading.country if heading.is_early else self.at.country
        block = country, program, heading.fiscal_year
        if self.at.is_open and self.last_block == block:
            return  # a block's heading repeated on the next page
        if country != self.at.country:
            self._start_country(country, page)
        if self.at.country is None and not heading.is_early:
            # where one country is read and none was named, it may be of one that pages left out would name
            if self.partner_code is None or self.named:
                self.refuse("fmtr-block-without-country", page, program=program)
            self.at.is_under_unknown = True
        self._end_block(page)
        self.last_block = block
        at, start = self.at, len(self.rows.lines)
        if program != at.program:
            at.program_start = start
        at.program, at.fiscal_year, at.block_start, at.has_block = program, heading.fiscal_year, start, True
        if heading.fiscal_year is not None:
            self.years.add(heading.fiscal_year)
        if len(self.years) > 1 + heading.is_early or max(self.years) - min(self.years) > heading.is_early:
            self.refuse("fmtr-two-fiscal-years", page, first=min(self.years), second=max(self.years))

    def _end_block(self, page: int) -> None:
        if self.at.is_open:
            self.totals.leave_unchecked(self.requested_country, self.at.program, self.at.block_start, page)
            self.at.fiscal_year = None

    def _end_country(self, heading: Heading, page: int) -> None:
        country = self.at.country if heading.is_early else heading.country
        if self.at.has_block and country is None and not heading.is_early:
            self.refuse("fmtr-country-unknown", page, country=heading.text)
        elif self.at.has_block:
            self._end_block(page)
            requested, start = self.requested_country, self.at.country_start
            if country != self.at.country:
                self.totals.leave_unchecked(requested, None, start, page)
            else:
                self.totals.reconcile(requested, None, start, page, heading)
        self.at = Position()

    def finish(self, last_page: int) -> Report:
        """The report, or the refusal with every problem."""
        rows, totals = self.rows, self.totals
        if not self.years:
            raise ImportRefusal([Problem("fmtr-not-this-report", rows.volume, 1)])
        is_unfinished = self.requested_country is not None and self.at.has_block
        if self.prints_totals:
            for block in totals.without_totals:
                program = block.program or block.partner_code
                self.refuse("fmtr-block-without-totals", block.page, program=program)
            if is_unfinished:
                self.refuse("fmtr-cut-off", last_page, country=self.at.country)
        elif is_unfinished:
            self._end_block(last_page)
            totals.leave_unchecked(self.at.country, None, self.at.country_start, last_page)
        if not (totals.reconciliations or rows.lines or rows.problems):
            self.refuse("fmtr-nothing-found", last_page, partner=self.partner_code or "-")
        good, count = sum(block.reconciles for block in totals.reconciliations), len(totals.reconciliations)
        if not rows.problems and count >= ENOUGH_TOTALS and 2 * good < count:
            self.refuse("fmtr-does-not-reconcile", last_page, good=good, count=count)
        if rows.problems:
            raise ImportRefusal(rows.problems)
        year = min(self.years)
        name = f"{year}-{year + 1}"
        return Report(
            name=name,
            volume=rows.volume,
            fiscal_year=year,
            lines=tuple(line if line.report == name else replace(line, report=name) for line in rows.lines),
            reconciliations=tuple(totals.reconciliations),
            remarks=tuple(rows.remarks),
            unchecked=() if self.prints_totals else tuple(totals.without_totals),
            named=tuple(sorted(code for code in self.named if self.partner_code in (None, code))),
        )
