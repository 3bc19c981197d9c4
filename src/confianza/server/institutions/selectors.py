"""Reads on parties and institutions."""

from confianza.cooperation import institutions as told
from confianza.cooperation.bilingual import Text
from confianza.cooperation.institutions import CommandStructure, us_mexico
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.server.institutions.models import Counterpart, Institution, Party


def party_names() -> dict[str, Text]:
    """The name of each party by code."""
    return {party.code: Text.of(party.name) for party in Party.objects.all()}


def party_row(code: str) -> Party:
    """A party; RuleRefusal `party-unknown` when there is none."""
    party = Party.objects.filter(pk=code).first()
    if party is None:
        raise RuleRefusal("party-unknown", party=code, known=", ".join(party_codes()))
    return party


def party_codes() -> list[str]:
    """The code of each party, in their order."""
    return list(Party.objects.order_by("code").values_list("code", flat=True))


def has_institutions() -> bool:
    """Whether a command structure is stored."""
    return Institution.objects.exists()


def command_trees() -> list[tuple[Party, list[dict]]]:
    """Each real party with its institutions as trees of `row` and `children`."""
    nodes = {row.code: {"row": row, "children": []} for row in Institution.objects.all()}
    for node in nodes.values():
        if node["row"].parent_id:
            nodes[node["row"].parent_id]["children"].append(node)
    roots = [node for node in nodes.values() if not node["row"].parent_id]
    return [
        (party, [node for node in roots if node["row"].party_id == party.code])
        for party in Party.objects.filter(is_fictional=False).order_by("code")
    ]


def counterparts():
    """The counterparts a source names, in the order of the institutions."""
    return Counterpart.objects.select_related("institution", "counterpart").order_by(
        "institution__position", "counterpart__position"
    )


def command_structure() -> CommandStructure:
    """Both sides of the real partnership as they are stored."""
    links: dict[str, list[Counterpart]] = {}
    for link in counterparts():
        links.setdefault(link.institution_id, []).append(link)
    rows = Institution.objects.filter(party__is_fictional=False)
    return CommandStructure(
        {
            party.code: Text.of(party.name)
            for party in Party.objects.filter(is_fictional=False).order_by("code")
        },
        tuple(
            told.Institution(
                code=row.code,
                party=row.party_id,
                name=Text.of(row.name),
                duty=Text.of(row.duty),
                reference=Reference(row.source, row.place),
                parent=row.parent_id,
                is_advisory=row.is_advisory,
                abbreviation=row.abbreviation,
                office=row.office or None,
                counterparts=tuple(link.counterpart_id for link in links.get(row.code, [])),
                counterparts_reference=next(
                    (Reference(link.source, link.place) for link in links.get(row.code, [])), None
                ),
            )
            for row in rows
        ),
        us_mexico().images,
    )
