from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.numbers import (
    COMMA,
    MANUAL,
    POINT,
    UNKNOWN,
    AmbiguousNumberError,
    NumberTextError,
    notation_of,
    read_count,
    read_number,
)

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)


@given(AMOUNTS, st.sampled_from([",", "", " ", "\u00a0", "\u202f", "'"]))
def test_a_number_with_a_decimal_point_is_read_back_whatever_groups_it(number, separator):
    assert read_number(f"{number:,}".replace(",", separator)) == number


@given(AMOUNTS, st.sampled_from([".", "", " ", "\u2009", "’"]))
def test_a_number_with_a_decimal_comma_is_read_back_whatever_groups_it(number, separator):
    text = f"{number:,}".replace(".", "|").replace(",", separator).replace("|", ",")
    assert read_number(text) == number


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(",."))
def test_a_mark_alone_before_three_digits_has_two_readings(whole, part, mark):
    with pytest.raises(AmbiguousNumberError) as refused:
        read_number(f"{whole}{mark}{part:03}")
    assert refused.value.readings == (Decimal(f"{whole}.{part:03}"), Decimal(f"{whole}{part:03}"))


def test_the_notation_decides_what_a_mark_alone_is():
    readings = {
        name: (read_number("1,500", notation), read_number("1.500", notation))
        for name, notation in (("point", POINT), ("comma", COMMA))
    }
    assert readings == {"point": (1500, Decimal("1.5")), "comma": (Decimal("1.5"), 1500)}
    assert read_number("1,500", MANUAL) == 1500


@pytest.mark.parametrize(
    ("texts", "notation"),
    [
        (["1.500", "4.25"], POINT),
        (["1.500", "4,25"], COMMA),
        (["1,500", "2.500.000"], COMMA),
        (["1.500", "12"], UNKNOWN),
        (["4,25", "4.25"], UNKNOWN),
        (["soon", "1.500", "0.5"], POINT),
    ],
)
def test_the_notation_of_a_column_is_told_by_its_numbers_of_one_reading(texts, notation):
    assert notation_of(texts) == notation


@pytest.mark.parametrize(
    "text", ["", "-", "(-3)", "1e3", "½", "5²", "1_000", "1,00,000", "1.500.00", "1 50", "NaN", "5."]
)
def test_what_is_no_number_is_not_made_one(text):
    with pytest.raises(NumberTextError):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1500", 1500),
        ("1,500", 1500),
        ("1 500", 1500),
        ("2.0", 2),
        ("٣", 3),
        ("1.500", None),
        ("1,5", None),
        ("-1", None),
    ],
)
def test_a_count_is_whole_and_read_in_one_way_only(text, count):
    assert read_count(text) == count
