"""Institutions written out."""

import pytest

from confianza.cooperation.relationship.institution_names import BETWEEN, institution_name
from confianza.evidence.relationship_record import packaged_record
from confianza.packaged import packaged_table


@pytest.mark.parametrize(
    ("short", "english", "spanish"),
    [
        ("", "", ""),
        ("State", "Department of State", "Departamento de Estado"),
        (
            "US Navy, Marines",
            "U.S. Navy, U.S. Marines",
            "Marina de Estados Unidos, Infantería de Marina de Estados Unidos",
        ),
        ("Somebody else", "Somebody else", "Somebody else"),
    ],
)
def test_institutions_are_written_out(short, english, spanish):
    assert (institution_name(short).en, institution_name(short).es) == (english, spanish)


def test_the_table_has_those_that_the_packaged_record_names_and_no_other():
    named = {
        name
        for record in packaged_record("us-mexico")
        for short in (record.institution_actor, record.institution_target)
        for name in BETWEEN.split(short)
        if name
    }
    assert named == set(packaged_table("confianza.cooperation.relationship", "institution_names.toml"))
