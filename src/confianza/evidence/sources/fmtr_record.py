"""What a Foreign Military Training Report says, whatever it is set in: countries, program blocks, rows and totals.

A report lists countries; a country, program blocks; a block, rows and a line of totals. The totals are checks, never
data: every block and country is reconciled with what the report prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from confianza.cooperation.money import Money
from confianza.cooperation.training import TrainingLine
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_of_name

YEAR = r"(?:FY|Fiscal Year) ?(?P<year>\d{4})"
SHORT_YEAR = r"FY ?(?P<year>\d\d)"
TOTALS = r"(?P<students>[\d,]+) ?\$? ?(?P<cost>[\d,]+)$"
BLOCK = re.compile(rf"(?P<program>.+?) -\s?{YEAR} .*Training$")
PROGRAM_TOTALS = re.compile(rf"{YEAR} Program Totals {TOTALS}")
COUNTRY_TOTALS = re.compile(rf"(?P<country>.+?) {YEAR} Totals {TOTALS}")
EARLY_BLOCK = re.compile(
    rf"(?P<department>DO?[A-Z]{{1,2}} )?(?P<region>.+? Region, )?(?P<names>.+?), ?{SHORT_YEAR}$",
    re.IGNORECASE,
)
EARLY_TOTALS = re.compile(
    rf"(?P<of>{SHORT_YEAR}|Program|Country) Totals:(?= ?[\d$])(?: (?P<students>[\d,]+))?(?: \$? ?(?P<cost>[\d,]+))?$"
)
OTHER_TOTALS = re.compile(
    r"\btotals:?$|\bsub-?total:?$|^(?:(?:FY|Fiscal Year) ?\d+ |grand |program |country )*total:?$",
    re.IGNORECASE,
)
COST = re.compile(r"\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
ZEROS = {"student_count": ("0", "fmtr-students-not-a-number"), "cost": ("$", "fmtr-cost-not-an-amount")}
CENT = Decimal("0.01")
CONTENTS = re.compile(r"(?P<name>.+?)[\s.…]*\d{0,4}$")  # a country and its page, in a list before the tables
ENOUGH = 6  # printed totals, to tell a report's own differences from a layout that is not understood
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)$")


Progress = Callable[[int, int], None]  # pages read, pages in all


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
    fiscal_year: int | None = None  # None: all years of the report together

    @property
    def reconciles(self) -> bool:
        """Students agree exactly, and dollars when rounded to whole ones, as the report prints them."""
        return (
            self.computed.student_count == self.printed.student_count
            and 2 * abs((self.computed.cost - self.printed.cost).minor) <= 100
        )


@dataclass(frozen=True)
class Unchecked:
    """A block or country of a report that prints no totals: nothing to reconcile its rows with."""

    partner_code: str
    program: str | None
    page: int
    computed: Totals


@dataclass(frozen=True)
class Report:
    """One volume: its rows and how they reconcile.

    `remarks` name the rows that were kept though something in them cannot be, or is not printed. `named` are the
    countries, by code, that its contents, headings or totals name.
    """

    name: str  # "2011-2012"
    volume: str
    fiscal_year: int  # of the activities; early reports add those planned for the next
    lines: tuple[TrainingLine, ...]
    reconciliations: tuple[Reconciliation, ...]
    remarks: tuple[Problem, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The countries that are named and of which nothing was read."""
        checked = {item.partner_code for items in (self.reconciliations, self.unchecked) for item in items}
        read = checked | {line.partner_code for line in self.lines}
        return tuple(code for code in self.named if code not in read)


# --- rows -----------------------------------------------------------------------------------------


def read_count(text: str) -> int | None:
    """The quantity; early reports have rows of equipment or teams that count no student."""
    return int(text.replace(",", "")) if re.fullmatch(r"\d[\d,]*", text) else None


def read_cost(text: str) -> Money | None:
    """The amount in dollars, to the cent; a bare `$` is how the volume of FY2011 prints zero, as its totals bear out."""
    if text == "$":
        return Money(0)
    if not COST.match(text):
        return None
    amount = Decimal(text.lstrip("$").replace(",", ""))
    return Money(int(amount.quantize(CENT, ROUND_HALF_UP) * 100))


def read_date(text: str) -> date | None:
    """The day written month first; a year of two digits is of 1970 to 2069."""
    match = DATE.match(text)
    if match is None:
        return None
    month, day, year = map(int, match.groups())
    if len(match[3]) == 2:
        year += 2000 if year < 70 else 1900
    try:
        return date(year, month, day)
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
    """The training line of a row's texts by column, with its problems.

    A row is refused (None) when its quantity or cost cannot be read, for then no total can bear it out. A date that
    is none is left out, and one that ends before it starts stays as printed: the row is kept, the problem is a remark.
    """
    problems: list[Problem] = []

    def remark(code: str, field: str) -> None:
        problems.append(Problem(code, volume, page, row, field, {"value": texts.get(field, "")}))

    students, cost = read_count(texts["student_count"]), read_cost(texts["cost"])
    if students is None:
        remark("fmtr-students-not-a-number", "student_count")
    if cost is None:
        remark("fmtr-cost-not-an-amount", "cost")
    dates = {}
    for field in ("start_date", "end_date"):
        dates[field] = read_date(texts.get(field, ""))
        if field in texts and dates[field] is None:
            remark("fmtr-date-not-understood", field)
    start, end = dates["start_date"], dates["end_date"]
    if start and end and end < start:
        remark("fmtr-dates-reversed", "end_date")
    if students is None or cost is None:
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
        location=texts.get("location", ""),
        student_unit=texts.get("student_unit", ""),
        us_unit=texts.get("us_unit", ""),
        cost=cost,
        start_date=start,
        end_date=end,
    )
    return line, problems


# --- headings and totals --------------------------------------------------------------------------


class Kind(StrEnum):
    """What a line between rows says."""

    COUNTRY = "country"
    BLOCK = "block"
    YEAR_TOTALS = "year totals"
    PROGRAM_TOTALS = "program totals"
    COUNTRY_TOTALS = "country totals"


@dataclass(frozen=True)
class Mark:
    """A heading or a line of totals.

    `is_early`: of a report before FY2006, whose blocks name their country; `is_running`: at the head of a page, for
    the block that goes on there.
    """

    kind: Kind
    text: str
    country: str | None = None  # code; None in the totals of an unknown country
    program: str = ""
    fiscal_year: int | None = None
    printed: Totals | None = None
    is_early: bool = False
    is_running: bool = False

    @property
    def is_of_unknown_country(self) -> bool:
        """Whether this heads a block whose country is not known by its spelling."""
        return self.kind is Kind.BLOCK and self.is_early and self.country is None


def _printed(match: re.Match[str]) -> Totals:
    students, dollars = (  # totals of rows without a cost print none either
        int((match[name] or "0").replace(",", "")) for name in ("students", "cost")
    )
    return Totals(students, Money(dollars * 100))


def _early_year(text: str) -> int:
    return int(text) + (2000 if int(text) < 70 else 1900)


def mark_of(text: str, *, is_early: bool = False) -> Mark | None:
    """The heading of a block or the totals that a line prints; None when it is anything else.

    In an early report a heading shows by its form, whatever country it names; in a later one a cell may have that form.
    """
    if "Totals" in text:
        if match := PROGRAM_TOTALS.match(text):
            return Mark(Kind.PROGRAM_TOTALS, text, fiscal_year=int(match["year"]), printed=_printed(match))
        if match := COUNTRY_TOTALS.match(text):
            country = country_of_name(match["country"])
            return Mark(Kind.COUNTRY_TOTALS, match["country"], country, printed=_printed(match))
        if match := EARLY_TOTALS.match(text):
            kinds = {"Program": Kind.PROGRAM_TOTALS, "Country": Kind.COUNTRY_TOTALS}
            kind = kinds.get(match["of"], Kind.YEAR_TOTALS)
            year = _early_year(match["year"]) if match["year"] else None
            return Mark(kind, text, fiscal_year=year, printed=_printed(match), is_early=True)
    elif ("FY" in text or "Fiscal Year" in text) and "$" not in text:
        if match := BLOCK.match(text):
            return Mark(Kind.BLOCK, text, program=match["program"], fiscal_year=int(match["year"]))
        if match := EARLY_BLOCK.match(text):
            mark = _early_block(text, match)
            return mark if is_early or match["region"] or mark.country else None
    return None


def _early_block(text: str, match: re.Match[str]) -> Mark:
    """The block of `country, program`, where either may hold commas itself."""
    year = _early_year(match["year"])
    is_running = match["region"] is not None and match["department"] is None
    country, program = country_and_rest(match["names"])
    if country is None:
        text, program = match["names"], ""
    return Mark(Kind.BLOCK, text, country, program, year, is_early=True, is_running=is_running)


def country_and_rest(text: str) -> tuple[str | None, str]:
    """The code of the country a text starts with, and what stands after the comma; the longest name is meant."""
    parts = [part.strip() for part in text.split(",")]
    for size in range(len(parts) - 1, 0, -1):
        if country := country_of_name(", ".join(parts[:size])):
            return country, ", ".join(parts[size:])
    return None, text


# --- the whole ------------------------------------------------------------------------------------


def _totals(lines: list[TrainingLine]) -> Totals:
    return Totals(sum(line.student_count for line in lines), Money(sum(line.cost.minor for line in lines)))


class Reader:
    """Takes the headings, rows and totals of a volume in order, and keeps where it is: country, program, block."""

    def __init__(self, volume: str, partner: str | None) -> None:
        self.volume, self.partner = volume, partner
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []
        self.lines: list[TrainingLine] = []
        self.reconciliations: list[Reconciliation] = []
        self.without_totals: list[Unchecked] = []
        self.years: set[int] = set()
        self.country: str | None = None
        self.program: str | None = None
        self.fiscal_year: int | None = None  # of the open block
        self.country_from = self.program_from = self.block_from = 0
        self.has_totals = False
        self.has_block = False  # of the country: a name alone may be of a list before the tables
        self.is_under_unknown = False  # country: the heading is refused, so that its rows need not be
        self.named: set[str] = set()
        self.not_printed: list[Problem] = []  # quantities and costs that the totals must bear out to be zero
        self.last_block: tuple[str | None, str | None, int | None] = (None, None, None)

    def refuse(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        """Note a problem that refuses the file."""
        self.problems.append(Problem(code, self.volume, page, row, None, params))

    @property
    def is_wanted(self) -> bool:
        """Whether the rows to come are of a country that was asked for."""
        return self.country is not None and self.partner in (None, self.country)

    @property
    def is_open(self) -> bool:
        """Whether rows may come: a block was headed and its totals have not been read."""
        return self.fiscal_year is not None

    def is_in(self, mark: Mark) -> bool:
        """Whether the head of a page names the last block: it goes on there, or ended on the page before."""
        return mark.is_running and (mark.country, mark.program, mark.fiscal_year) == self.last_block

    @property
    def has_begun(self) -> bool:
        """Whether a block was headed; what stands before is contents and prefaces."""
        return bool(self.years)

    def stray(self, text: str, page: int, row: int | None = None) -> None:
        """Take a text that is part of no row, heading or totals: a refusal, once the tables have begun."""
        if not self.has_begun:
            self.list_country(text)
        elif self.is_wanted or (self.country is None and not self.is_under_unknown):
            self.refuse("fmtr-line-outside-table", page, row, text=text)

    def list_country(self, text: str) -> None:
        """Take a line of a list before the tables, which may name a country."""
        match = CONTENTS.match(text)
        if match and (country := country_of_name(match["name"])):
            self.named.add(country)

    def mark(self, mark: Mark, page: int) -> None:
        """Take a heading or a line of totals."""
        if mark.printed:
            self.has_totals = True
        if mark.country:
            self.named.add(mark.country)
        match mark.kind:
            case Kind.COUNTRY:
                self._start_country(mark.country, page)
            case Kind.BLOCK:
                self._start_block(mark, page)
            case Kind.YEAR_TOTALS:
                self._check(self.program, self.block_from, page, mark, mark.fiscal_year)
                self.fiscal_year = None
            case Kind.PROGRAM_TOTALS:
                self._check(self.program, self.program_from, page, mark)
                self.program = self.fiscal_year = None
            case Kind.COUNTRY_TOTALS:
                self._end_country(mark, page)

    def _start_country(self, country: str | None, page: int) -> None:
        if self.has_block:
            self._leave_block(page)
            self._unchecked(None, self.country_from, page)
        self.country, self.country_from = country, len(self.lines)
        self.program, self.fiscal_year, self.has_block, self.is_under_unknown = None, None, False, False

    def _start_block(self, mark: Mark, page: int) -> None:
        self.is_under_unknown = mark.is_of_unknown_country
        if mark.is_of_unknown_country:
            self.refuse("fmtr-country-unknown", page, country=mark.text)
        if not mark.is_early and self.country is None:
            mark = self._parted(mark, page)
        country = mark.country if mark.is_early else self.country
        block = country, mark.program, mark.fiscal_year
        if self.is_open and self.last_block == block:
            return  # a block's heading repeated on the next page
        if country != self.country:
            self._start_country(country, page)
        if self.country is None and not mark.is_early:
            if self.partner is None or self.named:  # or else of a country that the pages before would name
                self.refuse("fmtr-block-without-country", page, program=mark.program)
            self.is_under_unknown = True
        self._leave_block(page)
        self.last_block = block
        if mark.program != self.program:
            self.program_from = len(self.lines)
        self.program, self.fiscal_year, self.block_from = mark.program, mark.fiscal_year, len(self.lines)
        self.has_block = True
        if mark.fiscal_year is not None:
            self.years.add(mark.fiscal_year)
        if len(self.years) > 1 + mark.is_early or max(self.years) - min(self.years) > mark.is_early:
            self.refuse("fmtr-two-fiscal-years", page, first=min(self.years), second=max(self.years))

    def _parted(self, mark: Mark, page: int) -> Mark:
        """The block of a heading that has the country before the program, where none is headed by itself."""
        words = mark.program.split()
        for size in range(len(words) - 1, 0, -1):
            if country := country_of_name(" ".join(words[:size])):
                self._start_country(country, page)
                return replace(mark, program=" ".join(words[size:]))
        return mark

    def _leave_block(self, page: int) -> None:
        if self.is_open:
            self._unchecked(self.program, self.block_from, page)
            self.fiscal_year = None

    def _end_country(self, mark: Mark, page: int) -> None:
        country = self.country if mark.is_early else mark.country
        if self.has_block and country is None and not mark.is_early:
            self.refuse("fmtr-country-unknown", page, country=mark.text)
        elif self.has_block:
            self._leave_block(page)
            if country == self.country:
                self._check(None, self.country_from, page, mark)
            else:
                self._unchecked(None, self.country_from, page)
        self.country = self.program = self.fiscal_year = None
        self.has_block = self.is_under_unknown = False

    def _check(
        self, program: str | None, since: int, page: int, mark: Mark, fiscal_year: int | None = None
    ) -> None:
        if self.is_wanted and self.country and mark.printed and (program or mark.kind is Kind.COUNTRY_TOTALS):
            computed = _totals(self.lines[since:])
            item = Reconciliation(self.country, program, page, computed, mark.printed, fiscal_year)
            self.reconciliations.append(item)
            self._settle(reconciles=item.reconciles)

    def _settle(self, *, reconciles: bool) -> None:
        """Keep the rows that print no quantity or cost, with a remark, where the totals bear out that it is zero."""
        for problem in self.not_printed:
            if reconciles:
                self.remarks.append(replace(problem, code="fmtr-not-printed"))
            else:
                self.problems.append(problem)
        self.not_printed = []

    def _unchecked(self, program: str | None, since: int, page: int) -> None:
        self._settle(reconciles=False)
        if self.is_wanted and self.country:
            computed = _totals(self.lines[since:])
            self.without_totals.append(Unchecked(self.country, program, page, computed))

    def row(self, texts: Mapping[str, str], page: int, row: int) -> None:
        """Take a row's texts by column."""
        if self.is_under_unknown or (self.country is not None and not self.is_wanted):
            return
        if not self.is_open or self.country is None or self.program is None or self.fiscal_year is None:
            if self.has_begun or self.partner is None:
                self.refuse("fmtr-table-without-program", page, row)
            return
        texts = dict.fromkeys(("course_title", *ZEROS), "") | dict(texts)
        if OTHER_TOTALS.search(texts["course_title"]):
            self.refuse("fmtr-totals-not-understood", page, row, text=" ".join(filter(None, texts.values())))
            return
        if not texts["course_title"]:
            self.refuse("fmtr-title-missing", page, row, text=" ".join(filter(None, texts.values())))
            return
        for field, (zero, code) in ZEROS.items():
            if not texts[field]:
                self.not_printed.append(Problem(code, self.volume, page, row, field, {"value": ""}))
                texts[field] = zero
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
        if read is None:
            self.problems += problems
        else:
            self.remarks += problems
            self.lines.append(read)

    def finish(self, last: int) -> Report:
        """The report, or the refusal with every problem found."""
        if not self.years:
            raise ImportRefusal([Problem("fmtr-not-this-report", self.volume, 1)])
        if self.has_totals:
            for item in self.without_totals:
                self.refuse("fmtr-block-without-totals", item.page, program=item.program or item.partner_code)
            if self.is_wanted and self.has_block:
                self.refuse("fmtr-cut-off", last, country=self.country)
        elif self.is_wanted and self.has_block:
            self._leave_block(last)
            self._unchecked(None, self.country_from, last)
        if not (self.reconciliations or self.lines or self.problems):
            self.refuse("fmtr-nothing-found", last, partner=self.partner or "-")
        good, count = sum(item.reconciles for item in self.reconciliations), len(self.reconciliations)
        if not self.problems and count >= ENOUGH and 2 * good < count:
            self.refuse("fmtr-does-not-reconcile", last, good=good, count=count)
        if self.problems:
            raise ImportRefusal(self.problems)
        year = min(self.years)
        name = f"{year}-{year + 1}"
        lines = tuple(line if line.report == name else replace(line, report=name) for line in self.lines)
        unchecked = () if self.has_totals else tuple(self.without_totals)
        named = sorted(code for code in self.named if self.partner in (None, code))
        return Report(
            name,
            self.volume,
            year,
            lines,
            tuple(self.reconciliations),
            tuple(self.remarks),
            unchecked,
            tuple(named),
        )
