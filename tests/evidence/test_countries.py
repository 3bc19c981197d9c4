"""Codes and names of countries: the spellings found in the reports, beside the codes the public record gives them."""

import csv
from pathlib import Path

import pytest

from confianza.evidence.countries import country_code, country_name, country_names, country_of_name

SPELLINGS = Path(__file__).parents[1] / "data" / "fmtr" / "countries.tsv"


def spellings() -> list[list[str]]:
    with SPELLINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))


def test_every_spelling_of_the_reports_is_the_country_of_the_record():
    assert [
        (name, country_of_name(name)) for name, alpha_3 in spellings() if country_of_name(name) is None
    ] == []
    assert [
        (name, alpha_3) for name, alpha_3 in spellings() if country_of_name(name) != country_code(alpha_3)
    ] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MX", "MX"),
        ("MEX", "MX"),
        ("mex", "MX"),
        ("Mexico", "MX"),
        ("México", "MX"),
        ("Alemania", "DE"),
        ("Netherlands Antilles", "AN"),
        ("Zaire", "CD"),
        ("Kosovo", "XK"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Guinea", "GN"),
        ("Guinea - Bissau", "GW"),
        ("Indochina", "QM"),
        ("NATO", "QN"),
        ("Ruritania", None),
        ("", None),
        ("And", "AD"),
        ("Viet Nam", "VN"),
        ("Myanmar", "MM"),
        ("Burma (Myanmar)", "MM"),
        ("Holy See", "VA"),
        ("Netherlands Antilles (NE)", "AN"),
        ("Bermuda (UK)", "BM"),
        ("Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Republic of Korea", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Democratic Republic of Korea", None),
        ("Republic of China", "TW"),
        ("Cabo Verde, Republic of", "CV"),
        ("Macedonia", "MK"),
        ("North Macedonia, Republic of", "MK"),
        ("Republic of North Macedonia", "MK"),
        ("Swaziland", "SZ"),
        ("Eswatini, Kingdom of", "SZ"),
        ("Congo, Republic of the", "CG"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Timor-Leste, Democratic Republic of", "TL"),
        ("African Union (AU)", "QP"),
        ("Samoa (US)", "AS"),
        ("Saint Martin (NL)", "SX"),
        ("Cayman Islands (UK)", "KY"),
        ("Congo (CD)", None),
        ("Republic of", None),
    ],
)
def test_a_country_is_known_by_code_and_name(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize("apostrophe", list("'’‘`´ʼ"))
def test_any_apostrophe_is_one(apostrophe):
    assert country_of_name(f"Côte d{apostrophe}Ivoire") == "CI"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Cote DÍIvoire, Republic of", "CI"),
        ("Cote DíIvoire, Republic of", "CI"),
        ("Cote DÕIvoire", "CI"),
        ("C\ufffdte d\ufffdIvoire", "CI"),
        ("CÃ´te dâ€™Ivoire", "CI"),
        ("S\ufffdo Tom\ufffd and Pr\ufffdncipe", "ST"),
        ("Cura?ao", "CW"),
        ("Côté", None),
        ("é", None),
        ("M\ufffdl\ufffd", None),
    ],
)
def test_letters_lost_to_a_wrong_encoding_do_not_lose_the_country(text, code):
    assert country_of_name(text) == code


def test_a_name_is_not_a_code():
    assert country_of_name("AND") is None


def test_names_are_in_both_languages():
    assert (country_name("DE").en, country_name("DE").es) == ("Germany", "Alemania")
    assert country_name("AN").es == "Antillas Neerlandesas"


def test_every_name_leads_back_to_its_code():
    for code, name in country_names().items():
        assert {country_of_name(name.en), country_of_name(name.es), country_code(code)} == {code}
