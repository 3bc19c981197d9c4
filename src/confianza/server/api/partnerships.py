"""Partnerships, parties, institutions, counterparts and programs over the interface."""

from datetime import date

from ninja import Field, Router, Schema, Status

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.money import Money
from confianza.server.api.schemas import ERRORS
from confianza.server.chosen_partnership import asked_partnership, partnerships_of
from confianza.server.funds import services as funds
from confianza.server.institutions import documents, selectors, services
from confianza.server.requests import AccountRequest

router = Router(tags=["partnerships"])
CODE = "The manual's code, two letters or digits."
ISO = "ISO 3166 alpha-2, or a user-assigned code such as XB."


class NameIn(Schema):
    en: str = Field(max_length=200)
    es: str = Field(max_length=200)

    def text(self) -> BilingualText:
        return BilingualText(self.en, self.es)


class PartyIn(Schema):
    iso_code: str = Field(max_length=2, description=ISO)
    manual_code: str = Field("", max_length=2, description=CODE + " That of ISO when left out.")
    name: NameIn | None = None
    is_fictional: bool = False


class PartnershipIn(Schema):
    host: str = Field(max_length=2, description=ISO)
    partner: str = Field(max_length=2, description=ISO)
    first_year: int | None = Field(None, ge=1000, le=9999)
    last_year: int | None = Field(None, ge=1000, le=9999)
    assessment_date: date | None = None
    program: str = Field("", max_length=60)


class InstitutionIn(Schema):
    code: str = Field(max_length=40)
    party: str = Field(max_length=2, description=CODE)
    name: NameIn
    duty: NameIn = NameIn(en="", es="")
    source: str = Field(max_length=40)
    place: str = Field("", max_length=80)
    parent: str = Field("", max_length=40)
    is_advisory: bool = False
    abbreviation: str = Field("", max_length=20)
    office: str = Field("", max_length=40)


class CounterpartIn(Schema):
    institution: str = Field(max_length=40)
    counterpart: str = Field(max_length=40)
    source: str = Field(max_length=40)
    place: str = Field("", max_length=80)


class ProjectIn(Schema):
    code: str = Field(max_length=40, pattern="^[-a-zA-Z0-9_]+$")
    title: str = Field(min_length=1, max_length=120)
    authority: str = Field(min_length=1, max_length=40)
    partner: str = Field(max_length=2, description=CODE)


class FundsIn(Schema):
    """Funds of one appropriation and year; money in whole minor units."""

    code: str = Field(min_length=1, max_length=60)
    name: NameIn
    amount_minor: int = Field(gt=0, le=10**15)
    currency: str = Field("USD", pattern="^USD$")
    fiscal_year: int = Field(ge=1900, le=2999)
    program_code: str = Field(max_length=2)
    authority: str = Field(max_length=40)
    regime: str = Field(max_length=20)
    partner: str = Field(max_length=2, description=CODE)
    known_from: date
    available_from: date
    available_until: date | None = None
    cancels_on: date | None = None
    reobligate_until: date | None = None


class Added(Schema):
    code: str


@router.get("/partnerships", response={200: list[documents.Partnership], **ERRORS}, summary="Partnerships")
def partnerships(request: AccountRequest) -> list[documents.Partnership]:
    """Those that the account may see, the first one first."""
    return [documents.partnership(one) for one in partnerships_of(request)]


@router.post("/partnerships", response={201: documents.Partnership, **ERRORS}, summary="Add a partnership")
def add_partnership(request: AccountRequest, document: PartnershipIn) -> Status[documents.Partnership]:
    values = document.dict(exclude={"host", "partner"})
    row = services.add_partnership(
        host_code=document.host,
        partner_code=document.partner,
        adds_parties=True,
        actor=request.user.actor,
        **values,
    )
    return Status(201, documents.partnership(row.partnership()))


@router.post("/parties", response={201: documents.Party, **ERRORS}, summary="Add a party")
def add_party(request: AccountRequest, document: PartyIn) -> Status[documents.Party]:
    values = document.dict(exclude={"name"})
    name = document.name.text() if document.name else None
    row = services.add_party(name=name, actor=request.user.actor, **values)
    return Status(201, documents.party(row.party()))


@router.get("/institutions", response={200: list[documents.Institution], **ERRORS}, summary="Institutions")
def institutions(request: AccountRequest) -> list[documents.Institution]:
    """Those of both parties of the partnership, each after the one above it."""
    structure = selectors.command_structure(asked_partnership(request))
    return [documents.institution(item) for item in structure.institutions]


@router.post("/institutions", response={201: Added, **ERRORS}, summary="Add an institution")
def add_institution(request: AccountRequest, document: InstitutionIn) -> Status[Added]:
    values = document.dict(exclude={"party", "parent", "name", "duty"})
    services.add_institution(
        party_code=document.party,
        parent_code=document.parent,
        name=document.name.text(),
        duty=document.duty.text(),
        actor=request.user.actor,
        **values,
    )
    return Status(201, Added(code=document.code))


@router.post("/counterparts", response={201: Added, **ERRORS}, summary="Add a counterpart")
def add_counterpart(request: AccountRequest, document: CounterpartIn) -> Status[Added]:
    services.add_counterpart(
        institution_code=document.institution,
        counterpart_code=document.counterpart,
        source=document.source,
        place=document.place,
        actor=request.user.actor,
    )
    return Status(201, Added(code=document.institution))


@router.post("/projects", response={201: Added, **ERRORS}, summary="Add a project")
def add_project(request: AccountRequest, document: ProjectIn) -> Status[Added]:
    """It is not approved yet."""
    values = document.dict(exclude={"partner"})
    row = funds.add_project(partner_code=document.partner, actor=request.user.actor, **values)
    return Status(201, Added(code=row.code))


@router.post("/funds", response={201: Added, **ERRORS}, summary="Add funds")
def add_funds(request: AccountRequest, document: FundsIn) -> Status[Added]:
    row = funds.add_funds(
        code=document.code,
        name=document.name.text(),
        amount=Money(document.amount_minor, document.currency),
        fiscal_year=document.fiscal_year,
        program_code=document.program_code,
        authority=document.authority,
        regime=document.regime,
        partner_code=document.partner,
        availability=Availability(
            known_from=document.known_from,
            available_from=document.available_from,
            available_until=document.available_until,
            cancels_on=document.cancels_on,
            reobligate_until=document.reobligate_until,
        ),
        actor=request.user.actor,
    )
    return Status(201, Added(code=row.code))
