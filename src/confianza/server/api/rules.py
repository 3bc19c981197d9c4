"""Editions of the process over the interface."""

from ninja import Router

from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.permissions import permission_table
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
