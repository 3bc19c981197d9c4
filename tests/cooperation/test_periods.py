from datetime import date

from confianza.cooperation.periods import fiscal_year, fiscal_year_end, fiscal_year_start


def test_a_fiscal_year_begins_on_the_first_of_october():
    assert fiscal_year(date(2011, 9, 30)) == 2011
    assert fiscal_year(date(2011, 10, 1)) == 2012
    assert (fiscal_year_start(2012), fiscal_year_end(2012)) == (date(2011, 10, 1), date(2012, 9, 30))
