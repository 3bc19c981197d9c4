"""Dates that are no more precise than their source: a day, a month or a year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, order=True)
class PartialDate:
    """A day, month or year, no more precise than its source.

    >>> PartialDate.parse("1914-04").last_day
    datetime.date(1914, 4, 30)
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> PartialDate | None:
        """The date of `1914`, `1914-04` or `1914-04-21`; None for any other text."""
        match = PARTIAL_DATE.fullmatch(text.strip())
        if not match:
            return None
        try:
            date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        except ValueError:
            return None
        return cls(match[0])

    @property
    def precision(self) -> str:
        """`year`, `month` or `day`."""
        return ("year", "month", "day")[self.text.count("-")]

    @property
    def first_day(self) -> date:
        """The first day it can be."""
        year, month, day = [*map(int, self.text.split("-")), 1, 1][:3]
        return date(year, month, day)

    @property
    def last_day(self) -> date:
        """The last day it can be."""
        year, month, *day = [int(part) for part in self.text.split("-")] + [12] * (self.precision == "year")
        return date(year, month, day[0] if day else calendar.monthrange(year, month)[1])

    @property
    def year(self) -> int:
        """Its year."""
        return int(self.text[:4])

    def __str__(self) -> str:
        return self.text
