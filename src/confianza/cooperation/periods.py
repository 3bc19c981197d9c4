"""United States fiscal years: FY2012 runs from 1 October 2011 to 30 September 2012."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


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


def months_later(on: date, months: int) -> date:
    """The same day so many months later, or the last day of that month.

    >>> months_later(date(2012, 8, 31), 6)
    datetime.date(2013, 2, 28)
    """
    year, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + year, month + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def working_days_later(on: date, days: int) -> date:
    """So many days later, Saturdays and Sundays not counted. Holidays are counted, so it is never too late.

    >>> working_days_later(date(2026, 11, 20), 3)
    datetime.date(2026, 11, 25)
    """
    for _ in range(days):
        on += timedelta(days=1)
        while on.weekday() >= 5:
            on += timedelta(days=1)
    return on
