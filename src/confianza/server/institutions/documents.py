"""Partnerships, parties, institutions and counterparts as the interface returns them, commands print and pages show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from confianza.cooperation import institutions as told
from confianza.cooperation import partnership as pair
from confianza.cooperation.bilingual import BilingualText
from confianza.server.institutions import models


@dataclass(frozen=True, kw_only=True)
class Party:
    """A country that partnerships can be of; cases name it by the manual's code."""

    manual_code: str
    iso_code: str
    name: BilingualText
    is_fictional: bool


@dataclass(frozen=True, kw_only=True)
class Partnership:
    """A host and its partner, with the years and the day it is assessed by."""

    code: str
    name: BilingualText
    host: Party
    partner: Party
    first_year: int | None
    last_year: int | None
    assessment_date: date | None
    program: str


@dataclass(frozen=True, kw_only=True)
class Institution:
    """An institution of a party, the one above it, and those it deals with on the other side."""

    code: str
    party: str
    name: BilingualText
    abbreviation: str
    duty: BilingualText
    parent: str | None
    is_advisory: bool
    source: str
    place: str
    counterparts: list[str]


@dataclass(frozen=True, kw_only=True)
class Counterpart:
    """Two institutions that deal with each other, and where it is said."""

    institution: str
    institution_name: BilingualText
    counterpart: str
    counterpart_name: BilingualText
    source: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Branch:
    """An institution with those below it, each with its own."""

    top: Institution
    below: "list[Branch]"


@dataclass(frozen=True, kw_only=True)
class PlaceInStructure:
    """An institution with its party's name, what is above it, below it and beside it, and where the last is said."""

    institution: Institution
    party_name: BilingualText
    parent: Institution | None
    children: list[Institution]
    counterparts: list[Institution]
    sources: list[Counterpart]


def party(item: pair.Party) -> Party:
    """A party."""
    return Party(
        manual_code=item.manual_code, iso_code=item.iso_code, name=item.name, is_fictional=item.is_fictional
    )


def partnership(item: pair.Partnership) -> Partnership:
    """A partnership."""
    return Partnership(
        code=item.code,
        name=item.name,
        host=party(item.host),
        partner=party(item.partner),
        first_year=item.first_year,
        last_year=item.last_year,
        assessment_date=item.assessment_date,
        program=item.program,
    )


def institution(item: told.Institution) -> Institution:
    """An institution of a command structure."""
    return Institution(
        code=item.code,
        party=item.party,
        name=item.name,
        abbreviation=item.abbreviation,
        duty=item.duty,
        parent=item.parent,
        is_advisory=item.is_advisory,
        source=item.reference.source,
        place=item.reference.place,
        counterparts=list(item.counterparts),
    )


def counterpart(row: models.Counterpart) -> Counterpart:
    """Two institutions that deal with each other."""
    return Counterpart(
        institution=row.institution_id,
        institution_name=BilingualText.of(row.institution.name),
        counterpart=row.counterpart_id,
        counterpart_name=BilingualText.of(row.counterpart.name),
        source=row.source,
        place=row.place,
    )


def place_in_structure(
    structure: told.CommandStructure, code: str, links: Iterable[models.Counterpart]
) -> PlaceInStructure | None:
    """The place of an institution; None where the structure has none of that code. `links` are of the partnership."""
    by_code = {item.code: institution(item) for item in structure.institutions}
    if (item := by_code.get(code)) is None:
        return None
    return PlaceInStructure(
        institution=item,
        party_name=structure.parties[item.party],
        parent=by_code.get(item.parent or ""),
        children=[other for other in by_code.values() if other.parent == code],
        counterparts=[
            other
            for other in by_code.values()
            if other.code in item.counterparts or code in other.counterparts
        ],
        sources=[counterpart(row) for row in links if code in (row.institution_id, row.counterpart_id)],
    )


def branches(items: Iterable[told.Institution], party_code: str) -> list[Branch]:
    """The institutions of a party as trees, those that nothing is above at the top."""
    own = [institution(item) for item in items if item.party == party_code]

    def below(parent: str | None) -> list[Branch]:
        return [Branch(top=item, below=below(item.code)) for item in own if item.parent == parent]

    return below(None)
