"""What a record of the relationship is: its dates, its kinds and fields."""

from datetime import date

import pytest

from confianza.cooperation.relationship.records import PartialDate, record_fields, record_kinds


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("1914", "year", date(1914, 1, 1), date(1914, 12, 31)),
        ("2012-02", "month", date(2012, 2, 1), date(2012, 2, 29)),
        ("1914-04-21", "day", date(1914, 4, 21), date(1914, 4, 21)),
    ],
)
def test_a_date_is_as_precise_as_its_source(text, precision, first, last):
    when = PartialDate.parse(text)
    assert when is not None
    assert (when.precision, when.first_day, when.last_day, when.year) == (precision, first, last, first.year)


@pytest.mark.parametrize("text", ["", "14", "1914-4", "1914-13", "2013-02-29", "1914/1915", "0000"])
def test_what_is_no_date_is_none(text):
    assert PartialDate.parse(text) is None


def test_every_field_of_a_kind_is_in_the_table_and_in_both_languages():
    for kind in record_kinds().values():
        assert all(field.name in record_fields() for field in kind.fields), kind.code
    for field in record_fields().values():
        assert field.label.en
        assert field.label.es
        assert field.type != "choice" or field.options, field.name
