"""What records name, written out."""

import pytest

from confianza.cooperation.relationship.record_names import BETWEEN, institution_name
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
    table = packaged_table("confianza.cooperation.relationship", "record_names.toml")
    assert named == set(table["institutions"])
    said = {
        record.details[name]
        for record in packaged_record("us-mexico")
        for name in ("activity", "value")
        if name in record.details
    }
    assert said == set(table["details"])
