import unicodedata

import pytest

from confianza.cooperation.names import name_key, near_names, same_spelling, spelled


@pytest.mark.parametrize(
    "other",
    [
        unicodedata.normalize("NFD", "Núñez O'Brien-Peña"),
        "NÚÑEZ O'BRIEN-PEÑA",
        "núñez  o'brien-peña",
        " Núñez\u00a0O'Brien-Peña ",
        "Núñez\u202fO’Brien‑Peña",
        "\ufeffNú\u200bñez O'Brien-Pe\u00adña",
        "Núñez O'Brien-Peña".translate({ord("N"): "\uff2e"}),
    ],
)
def test_spellings_of_one_name_are_one(other):
    assert name_key(other) == name_key("Núñez O'Brien-Peña")


def test_an_accent_makes_another_name_and_is_told():
    assert name_key("José") != name_key("Jose")
    assert near_names(["José", "Ana", "Jose", "JOSÉ", "Anna"]) == [("José", "Jose")]


def test_a_name_is_stored_composed_and_shown_as_it_was_first_written():
    assert spelled("  1\u0301st\u00a0 Bn\u200b ") == unicodedata.normalize("NFC", "1\u0301st Bn")
    assert same_spelling("1ST bn", ["2nd Bn", "1st Bn"]) == "1st Bn"
    assert same_spelling("3rd Bn", ["1st Bn"]) == "3rd Bn"
