from confianza.cooperation.institutions import packaged_structure
from confianza.cooperation.permissions import permission_table


def test_the_president_of_mexico_is_above_both_secretariats():
    parents = {item.code: item.parent for item in packaged_structure("us-mexico").institutions}
    assert parents["sedena"] == parents["semar"] == "president"
    assert parents["case-writing"] == "dsca"


def test_parents_come_before_children_on_the_same_side_and_counterparts_on_the_other():
    seen = {}
    structure = packaged_structure("us-mexico")
    party_of = {item.code: item.party for item in structure.institutions}
    for item in structure.institutions:
        assert item.party in structure.parties
        if item.parent:
            assert seen[item.parent] == item.party
        assert all(party_of[other] != item.party for other in item.counterparts)
        seen[item.code] = item.party


def test_every_office_of_the_process_is_an_institution():
    offices = {item.office for item in packaged_structure("us-mexico").institutions if item.office}
    assert offices == set(permission_table().offices) - {"evaluation"}  # the thesis names no such office
