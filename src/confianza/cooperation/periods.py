"""United States fiscal years: FY2012 runs from 1 October 2011 to 30 September 2012."""

from __future__ import annotations

from datetime import date


def fiscal_year(on: date) -> int:
    """The fiscal year a date falls in (31 U.S.C. 1102).

    >>> fiscal_year(date(2011, 10, 1))
    2012
    """
    return on.year + (on.month >= 10)


def fiscal_year_start(fy: int) -> date:
    """First day of a fiscal year."""
    return date(fy - 1, 10, 1)


def fiscal_year_end(fy: int) -> date:
    """Last day of a fiscal year."""
    return date(fy, 9, 30)
