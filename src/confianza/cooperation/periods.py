"""United States fiscal years: FY2012 runs from 1 October 2011 to 30 September 2012."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta
from functools import cache

from confianza.errors import RuleRefusal


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


def refuse_day_to_come(on: date, *, today: date) -> None:
    """Refuse a day on which something is said to have been done, and which has not come.

    Raises
    ------
    RuleRefusal
        `day-to-come`.
    """
    if on > today:
        raise RuleRefusal("day-to-come", on=on, today=today)


def months_later(on: date, months: int) -> date:
    """The same day so many months later, or the last day of that month; the last day there is when none comes later.

    >>> months_later(date(2012, 8, 31), 6)
    datetime.date(2013, 2, 28)
    """
    year, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + year, month + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def _weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth weekday (Monday is 0) of a month; with nth = 0 the last one of the month before."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The legal public holidays of a year as they are observed (5 U.S.C. 6103): Friday for a Saturday, Monday for a
    Sunday. New Year's Day of the year after is among them when it is observed on 31 December.

    >>> date(2026, 7, 3) in federal_holidays(2026)
    True
    """
    fixed = [(year, 1, 1), (year, 7, 4), (year, 11, 11), (year, 12, 25), (year + 1, 1, 1)]
    if year >= 2021:
        fixed.append((year, 6, 19))
    observed = {
        day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in (date(*parts) for parts in fixed)
    }
    moving = [(1, 0, 3), (2, 0, 3), (6, 0, 0), (9, 0, 1), (10, 0, 2), (11, 3, 4)]
    return frozenset({day for day in observed if day.year == year} | {_weekday(year, *nth) for nth in moving})


def working_days_later(on: date, days: int) -> date:
    """So many days later, Saturdays, Sundays and federal holidays not counted.

    >>> working_days_later(date(2026, 11, 20), 5)
    datetime.date(2026, 11, 30)
    """
    for _ in range(days):
        on += timedelta(days=1)
        while on.weekday() >= 5 or on in federal_holidays(on.year):
            on += timedelta(days=1)
    return on
