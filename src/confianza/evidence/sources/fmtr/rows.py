"""Rows of a Foreign Military Training Report: from texts by column to training lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict, Unpack

from confianza.cooperation.money import Money
from confianza.cooperation.training import ReportRow
from confianza.errors import Problem
from confianza.evidence.sources.fmtr.headings import OTHER_TOTALS
from confianza.evidence.sources.fmtr.letters import right_letters

# Not `cooperation.numbers`: the report writes the U.S. notation only, and where that reader takes a space for a mark of
# thousands, a space in a cell of the report is the seam of two cells, which must not make one number.
COUNT = re.compile(r"\d[\d,]*")
COST = re.compile(r"\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)$")
CENT = Decimal("0.01")
ZEROS = {"student_count": ("0", "fmtr-students-not-a-number"), "cost": ("$", "fmtr-cost-not-an-amount")}


def read_count(text: str) -> int | None:
    """The quantity; early reports have rows of equipment or teams that count no student."""
    return int(text.replace(",", "")) if COUNT.fullmatch(text) else None


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


class RowPlace(TypedDict):
    """Where a row stands: in the files, and under which headings."""

    report: str
    volume: str
    page: int
    row: int
    fiscal_year: int
    partner_code: str
    program: str


def read_row(texts: Mapping[str, str], **place: Unpack[RowPlace]) -> tuple[ReportRow | None, list[Problem]]:
    """The training line of a row's texts by column, with its problems.

    A row is refused (None) when its quantity or cost cannot be read, for then no total can bear it out. A date that
    is none is left out, and one that ends before it starts stays as printed: the line is there, the problem a remark.
    """
    problems: list[Problem] = []

    def remark(code: str, field: str) -> None:
        params = {"value": texts.get(field, "")}
        problems.append(Problem(code, place["volume"], place["page"], place["row"], field, params))

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
    line = ReportRow(
        **place,
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


class BlockRows:
    """The rows of a block so far, with what is wrong with them.

    `faults` are of what could not be read; `doubts` of what the block's totals may still bear out, in which case they
    become remarks; `remarks` change no figure.
    """

    def __init__(self, volume: str) -> None:
        self.volume = volume
        self.lines: list[ReportRow] = []
        self.faults: list[Problem] = []
        self.doubts: list[Problem] = []
        self.remarks: list[Problem] = []

    def fault(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        """Note what keeps the block from being read."""
        self.faults.append(Problem(code, self.volume, page, row, None, params))

    def doubt(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        """Note what the totals must bear out."""
        self.doubts.append(Problem(code, self.volume, page, row, None, params))

    def add(self, printed: Mapping[str, str], place: RowPlace) -> None:
        """Read a row's texts by column."""
        page, row = place["page"], place["row"]
        cells = {name: right_letters(text) for name, text in printed.items()}
        texts = dict.fromkeys(("course_title", *ZEROS), "") | cells
        is_total = OTHER_TOTALS.search(texts["course_title"])
        if is_total or not texts["course_title"]:
            code = "fmtr-totals-not-understood" if is_total else "fmtr-title-missing"
            self.fault(code, page, row, text=" ".join(filter(None, texts.values())))
            return
        for field, (zero, code) in ZEROS.items():
            if not texts[field]:
                self.doubts.append(Problem(code, self.volume, page, row, field, {"value": ""}))
                texts[field] = zero
        line, problems = read_row(texts, **place)
        if line is None:
            self.faults += problems
        else:
            self.remarks += problems
            self.lines.append(line)

    def bear_out(self) -> None:
        """Make remarks of the doubts: the totals agree with the rows."""
        zeros = {code for _, code in ZEROS.values()}
        self.remarks += [
            replace(problem, code="fmtr-not-printed") if problem.code in zeros else problem
            for problem in self.doubts
        ]
        self.doubts = []
