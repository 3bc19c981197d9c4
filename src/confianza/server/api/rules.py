"""Editions of the process and authorities of assistance over the interface."""

from ninja import Router

from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.programs.authorities import known_authority
from confianza.reports import authorities as law
from confianza.server import documents
from confianza.server.api.schemas import ERRORS
from confianza.server.language import language
from confianza.server.requests import AccountRequest

router = Router(tags=["cases"])


@router.get(
    "/editions/{name}", response={200: documents.Edition, **ERRORS}, summary="An edition of the process"
)
def get_edition(request: AccountRequest, name: str) -> documents.Edition:
    permission_table().require(request.user.actor, "view_sources")
    return documents.edition(edition_of(name), language())


@router.get(
    "/authorities", response={200: list[law.Authority], **ERRORS}, summary="Authorities of assistance"
)
def get_authorities(request: AccountRequest) -> list[law.Authority]:
    """The laws that assistance is given under, each with what it may pay for and the source of every provision."""
    permission_table().require(request.user.actor, "view_sources")
    return law.authority_documents()


@router.get("/authorities/{code}", response={200: law.Authority, **ERRORS}, summary="An authority")
def get_authority(request: AccountRequest, code: str) -> law.Authority:
    permission_table().require(request.user.actor, "view_sources")
    return law.authority_document(known_authority(code))
