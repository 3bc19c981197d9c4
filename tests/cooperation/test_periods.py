from datetime import date

import pytest

from confianza.cooperation.periods import (
    federal_holidays,
    fiscal_year,
    fiscal_year_end,
    fiscal_year_start,
    months_later,
    working_days_later,
)


def test_a_fiscal_year_begins_on_the_first_of_october():
    assert fiscal_year(date(2011, 9, 30)) == 2011
    assert fiscal_year(date(2011, 10, 1)) == 2012
    assert (fiscal_year_start(2012), fiscal_year_end(2012)) == (date(2011, 10, 1), date(2012, 9, 30))


def test_months_after_the_last_day_there_is_end_with_it():
    assert months_later(date(2012, 8, 31), 6) == date(2013, 2, 28)
    assert months_later(date(9999, 11, 30), 2) == date(9999, 12, 31)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2010, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
    ],
)
def test_federal_holidays_are_those_the_office_of_personnel_management_lists(year, days):
    assert [f"{day:%m-%d}" for day in sorted(federal_holidays(year))] == days.split()


def test_business_days_leave_out_weekends_and_holidays_over_the_turn_of_the_year():
    assert working_days_later(date(2010, 12, 23), 1) == date(2010, 12, 27)
    assert working_days_later(date(2021, 12, 30), 1) == date(2022, 1, 3)
