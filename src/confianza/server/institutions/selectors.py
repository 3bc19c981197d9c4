"""Reads on parties and institutions."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet

from confianza.cooperation import institutions as told
from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.institutions import CommandStructure, packaged_gaps, packaged_images
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.partnership import Party as PartyRecord
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.server.institutions import models
from confianza.server.institutions.models import Counterpart, Institution, Party

Row = TypeVar("Row", bound=Model)


def party_names() -> dict[str, BilingualText]:
    """The name of each party by the manual's code."""
    return {party.pk: BilingualText.of(party.name) for party in Party.objects.order_by("pk")}


def parties() -> list[PartyRecord]:
    """Every party of the workspace, by the manual's code."""
    return [row.party() for row in Party.objects.order_by("pk")]


def party_row(code: str) -> Party:
    """A party by the manual's code; RuleRefusal `party-unknown` when there is none."""
    party = Party.objects.filter(pk=code).first()
    if party is None:
        raise RuleRefusal("party-unknown", party=code, known=", ".join(party_names()) or "-")
    return party


# --- partnerships --------------------------------------------------------------------------------


def partnerships() -> list[Partnership]:
    """Every partnership of the workspace, the first one first."""
    return [row.partnership() for row in models.Partnership.objects.select_related("host", "partner")]


def visible_partnerships(actor: Actor) -> list[Partnership]:
    """The partnerships an account may see: all, or those of its own party."""
    if actor.may("view_every_partnership"):
        return partnerships()
    return [one for one in partnerships() if actor.party_code in {party.manual_code for party in one.parties}]


def partnership_of(code: str, among: list[Partnership]) -> Partnership:
    """One of some partnerships by its code, or the first of them without a code.

    RuleRefusal `partnership-unknown` or, where there is none at all, `partnership-missing`.
    """
    if not among:
        raise RuleRefusal("partnership-missing")
    if not code:
        return among[0]
    found = next((one for one in among if one.code == code.lower()), None)
    if found is None:
        known = ", ".join(one.code for one in among)
        raise RuleRefusal("partnership-unknown", partnership=code, known=known)
    return found


def of_partnership(
    rows: QuerySet[Row], code: str, *, among: list[Partnership], field: str = "partner"
) -> QuerySet[Row]:
    """Of some rows those of the partner of one of some partnerships, by its code; RuleRefusal `partnership-unknown`."""
    return rows.filter(**{field: partnership_of(code, among).partner.manual_code})


def partner_names() -> dict[str, BilingualText]:
    """The name of each party that is the partner of a partnership, by the manual's code."""
    return {one.partner.manual_code: one.partner.name for one in partnerships()}


def partner_institutions(countries: Collection[str] | None = None) -> dict[str, BilingualText]:
    """The name of each institution of the partners of the workspace, or of some countries (ISO codes), by its code."""
    rows = Institution.objects.filter(party__in=models.Partnership.objects.values("partner"))
    if countries is not None:
        rows = rows.filter(party__iso_code__in=countries)
    return {code: BilingualText.of(name) for code, name in rows.values_list("code", "name")}


def hosts_of(partner: Party) -> set[str]:
    """The manual's codes of the hosts that a party is the partner of."""
    return set(partner.partnerships_as_partner.values_list("host_id", flat=True))


# --- command structures --------------------------------------------------------------------------


def _codes(partnership: Partnership) -> list[str]:
    return [party.manual_code for party in partnership.parties]


def counterparts(partnership: Partnership) -> QuerySet[Counterpart]:
    """The counterparts of a partnership that a source names, in the order of the institutions."""
    codes = _codes(partnership)
    links = Counterpart.objects.filter(institution__party__in=codes, counterpart__party__in=codes)
    return links.select_related("institution", "counterpart").order_by(
        "institution__position", "counterpart__position"
    )


def command_structure(partnership: Partnership) -> CommandStructure:
    """Both sides of a partnership as they are stored."""
    links: dict[str, list[Counterpart]] = {}
    for link in counterparts(partnership):
        links.setdefault(link.institution_id, []).append(link)
    rows = Institution.objects.filter(party__in=_codes(partnership))
    return CommandStructure(
        {party.manual_code: party.name for party in partnership.parties},
        tuple(
            told.Institution(
                code=row.code,
                party=row.party_id,
                name=BilingualText.of(row.name),
                duty=BilingualText.of(row.duty),
                reference=Reference(row.source, row.place),
                parent=row.parent_id,
                is_advisory=row.is_advisory,
                abbreviation=row.abbreviation,
                office=row.office or None,
                links=tuple(
                    told.Link(link.counterpart_id, Reference(link.source, link.place))
                    for link in links.get(row.code, [])
                ),
            )
            for row in rows
        ),
        packaged_images(partnership.data_set),
        packaged_gaps(partnership.data_set),
    )
