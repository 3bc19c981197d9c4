"""Writes on parties, partnerships and institutions."""

import re
from datetime import date

import iso3166
from django.db import transaction
from django.db.models import Q

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText, bilingual_json
from confianza.cooperation.institutions import CommandStructure
from confianza.cooperation.partnership import partnership_code, partnership_name
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.evidence.countries import country_names
from confianza.server.audit.services import record
from confianza.server.institutions.models import Counterpart, Institution, Partnership, Party

USER_ASSIGNED = re.compile("AA|Q[M-Z]|X[A-Z]|ZZ")  # codes that ISO 3166 leaves to its users
CODE = re.compile("[A-Z0-9]{2}")


@transaction.atomic
def add_party(
    *,
    iso_code: str,
    manual_code: str = "",
    name: BilingualText | None = None,
    is_fictional: bool = False,
    actor: Actor,
) -> Party:
    """A country that partnerships can be of.

    Parameters
    ----------
    iso_code : str
        ISO 3166 alpha-2; a user-assigned one, such as XB, for a fictional country.
    manual_code : str
        The manual's code, which case identifiers have; that of ISO when left out.
    name : BilingualText, optional
        The territory name of CLDR in both languages when left out.

    Raises
    ------
    RuleRefusal
        `party-code-not-valid`, `party-exists` or `party-without-name`.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_partnerships")
    iso_code = iso_code.strip().upper()
    manual_code = manual_code.strip().upper() or iso_code
    is_assigned = USER_ASSIGNED.fullmatch(iso_code) is not None
    if (iso_code not in iso3166.countries_by_alpha2 and not is_assigned) or not CODE.fullmatch(manual_code):
        raise RuleRefusal("party-code-not-valid", iso_code=iso_code, manual_code=manual_code)
    if Party.objects.filter(Q(pk=manual_code) | Q(iso_code=iso_code)).exists():
        raise RuleRefusal("party-exists", iso_code=iso_code, manual_code=manual_code)
    name = name or country_names().get(iso_code)
    if name is None or not (name.en.strip() and name.es.strip()):
        raise RuleRefusal("party-without-name", iso_code=iso_code)
    row = Party.objects.create(
        manual_code=manual_code, iso_code=iso_code, name=bilingual_json(name), is_fictional=is_fictional
    )
    payload = {"iso_code": iso_code, "name": bilingual_json(name), "is_fictional": is_fictional}
    record(actor=actor, action="party.add", subject=f"party:{manual_code}", payload=payload)
    return row


@transaction.atomic
def add_partnership(
    *,
    host_code: str,
    partner_code: str,
    first_year: int | None = None,
    last_year: int | None = None,
    first_training_fy: int | None = None,
    last_training_fy: int | None = None,
    assessment_date: date | None = None,
    program: str = "",
    program_name: BilingualText | None = None,
    data_set: str = "",
    adds_parties: bool = False,
    actor: Actor,
) -> Partnership:
    """A partnership of two parties of the workspace, given by their ISO codes; it becomes the last one.

    With `adds_parties` a country that is no party yet becomes one, under its ISO code and usual name.

    Raises
    ------
    RuleRefusal
        `party-unknown`, `partnership-of-one`, `partnership-exists` or `trust-years-out-of-order`.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_partnerships")
    host, partner = (
        _party_of_iso(code, adds=adds_parties, actor=actor) for code in (host_code, partner_code)
    )
    if host.pk == partner.pk:
        raise RuleRefusal("partnership-of-one", party=host.pk)
    if first_year and last_year and first_year > last_year:
        raise RuleRefusal("trust-years-out-of-order", first=first_year, last=last_year)
    code = partnership_code(host.iso_code, partner.iso_code)
    if Partnership.objects.filter(pk=code).exists():
        raise RuleRefusal("partnership-exists", partnership=code)
    row = Partnership.objects.create(
        code=code,
        host=host,
        partner=partner,
        name=bilingual_json(partnership_name(host.party().name, partner.party().name)),
        first_year=first_year,
        last_year=last_year,
        first_training_fy=first_training_fy,
        last_training_fy=last_training_fy,
        assessment_date=assessment_date,
        program=program,
        program_name=bilingual_json(program_name) if program_name else None,
        data_set=data_set,
        position=Partnership.objects.count(),
    )
    payload = {"host": host.pk, "partner": partner.pk, "first_year": first_year, "last_year": last_year}
    record(actor=actor, action="partnership.add", subject=f"partnership:{code}", payload=payload)
    return row


def _party_of_iso(iso_code: str, *, adds: bool, actor: Actor) -> Party:
    row = Party.objects.filter(iso_code=iso_code.strip().upper()).first()
    if row is None and adds:
        return add_party(iso_code=iso_code, actor=actor)
    if row is None:
        known = ", ".join(Party.objects.order_by("pk").values_list("iso_code", flat=True)) or "-"
        raise RuleRefusal("party-unknown", party=iso_code, known=known)
    return row


@transaction.atomic
def add_institution(
    *,
    code: str,
    party_code: str,
    name: BilingualText,
    duty: BilingualText,
    source: str,
    place: str,
    parent_code: str = "",
    is_advisory: bool = False,
    abbreviation: str = "",
    office: str = "",
    actor: Actor,
) -> Institution:
    """An institution of a party, below another of the same party or at the top.

    Raises
    ------
    RuleRefusal
        `institution-does-not-fit`: the code is taken or not written in small letters, digits and hyphens, the party
        or the one above is not there, the office is none of the process, or no source is given.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_partnerships")
    parent = Institution.objects.filter(pk=parent_code, party=party_code).first()
    wrong = (
        re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code) is None
        or len(code) > 40
        or Institution.objects.filter(pk=code).exists()
        or not Party.objects.filter(pk=party_code).exists()
        or (parent_code and parent is None)
        or (office and office not in permission_table().offices)
        or not (name.en.strip() and name.es.strip())
        or not source.strip()
    )
    if wrong:
        raise RuleRefusal("institution-does-not-fit", institution=code, party=party_code, parent=parent_code)
    last = Institution.objects.order_by("-position").first()
    row = Institution.objects.create(
        code=code,
        party_id=party_code,
        parent=parent,
        is_advisory=is_advisory,
        name=bilingual_json(name),
        abbreviation=abbreviation,
        duty=bilingual_json(duty),
        office=office,
        source=source,
        place=place,
        position=last.position + 1 if last else 0,
    )
    payload = {
        "party": party_code,
        "parent": parent_code,
        "name": bilingual_json(name),
        "source": source,
        "place": place,
    }
    record(actor=actor, action="institution.add", subject=f"institution:{code}", payload=payload)
    return row


@transaction.atomic
def add_counterpart(
    *, institution_code: str, counterpart_code: str, source: str, place: str, actor: Actor
) -> Counterpart:
    """An office that an institution deals with on the other side.

    Raises
    ------
    RuleRefusal
        `counterpart-does-not-fit`: one of the two is not there, both are of one party, they are recorded already, or
        no source is given.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_partnerships")
    rows = {row.pk: row for row in Institution.objects.filter(pk__in=[institution_code, counterpart_code])}
    one, other = rows.get(institution_code), rows.get(counterpart_code)
    if (
        one is None
        or other is None
        or one.party_id == other.party_id
        or Counterpart.objects.filter(institution=one, counterpart=other).exists()
        or not source.strip()
    ):
        raise RuleRefusal(
            "counterpart-does-not-fit", institution=institution_code, counterpart=counterpart_code
        )
    row = Counterpart.objects.create(institution=one, counterpart=other, source=source, place=place)
    payload = {"counterpart": counterpart_code, "source": source, "place": place}
    record(actor=actor, action="counterpart.add", subject=f"institution:{institution_code}", payload=payload)
    return row


@transaction.atomic
def load_institutions(structure: CommandStructure, *, actor: Actor) -> bool:
    """Store the institutions and counterparts of a partnership as they are told; False when they were there.

    An institution that is told anew, with another parent or another source, is brought up to date.
    """
    stored = {row.code: row for row in Institution.objects.all()}
    changed = []
    for position, item in enumerate(structure.institutions):
        told = {
            "party_id": item.party,
            "parent_id": item.parent,
            "is_advisory": item.is_advisory,
            "name": bilingual_json(item.name),
            "abbreviation": item.abbreviation,
            "duty": bilingual_json(item.duty),
            "office": item.office or "",
            "source": item.reference.source,
            "place": item.reference.place,
            "position": position,
        }
        row = stored.get(item.code)
        if row is None or any(getattr(row, field) != value for field, value in told.items()):
            Institution.objects.update_or_create(code=item.code, defaults=told)
            changed.append(item.code)
    for item in structure.institutions:
        for link in item.links:
            if not link.reference.source:
                raise RuleRefusal(
                    "counterpart-does-not-fit", institution=item.code, counterpart=link.counterpart
                )
            _, is_new = Counterpart.objects.get_or_create(
                institution_id=item.code,
                counterpart_id=link.counterpart,
                defaults={"source": link.reference.source, "place": link.reference.place},
            )
            if is_new and item.code not in changed:
                changed.append(item.code)
    if changed:
        payload = {"codes": changed}
        record(actor=actor, action="institutions.load", subject="institutions", payload=payload)
    return bool(changed)
