from confianza.cooperation.institutions import packaged_structure
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.sources import sources


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


def test_each_side_has_one_root():
    roots = [item.code for item in packaged_structure("us-mexico").institutions if item.parent is None]
    assert roots == ["president-us", "president"]


def test_every_institution_and_counterpart_names_a_source_and_a_place():
    for item in packaged_structure("us-mexico").institutions:
        for reference in (item.reference, *(link.reference for link in item.links)):
            assert reference.source in sources(), item.code
            assert reference.place, item.code
        assert len(item.code) <= 40
        assert len(item.reference.place) <= 80
        assert item.name.es
        assert item.duty.es


def test_the_twelve_military_regions_stand_with_the_zones_a_source_places_in_them():
    above = {item.code: item.parent for item in packaged_structure("us-mexico").institutions}
    assert {above[f"military-region-{number}"] for number in range(1, 13)} == {"mexican-army"}
    assert above["military-zone-5"] == above["military-zone-6"] == "military-region-11"
    assert "military-zone-21" not in above  # not on record


def test_an_office_without_a_counterpart_is_told_as_such_on_neither_end():
    structure = packaged_structure("us-mexico")
    alone = {item.code for item in structure.without_counterpart()}
    linked = {
        code for item in structure.institutions for code in (item.code, *item.counterparts) if item.links
    }
    assert alone | linked == {item.code for item in structure.institutions}
    assert not alone & linked
    assert {"sedena", "semar", "navy-staff", "army-north"} <= linked
    assert {item.party for item in structure.not_on_record} == {"US", "MX"}
