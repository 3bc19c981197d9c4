"""Indicators over the interface: definitions with what is here, and the series of a country."""

from ninja import Router

from confianza.cooperation.permissions import permission_table
from confianza.evidence.countries import known_country
from confianza.server.api.schemas import ERRORS
from confianza.server.indicators import documents, selectors
from confianza.server.language import language
from confianza.server.requests import AccountRequest

router = Router(tags=["indicators"])


@router.get("/indicators", response={200: list[documents.Indicator], **ERRORS})
def list_indicators(request: AccountRequest) -> list[documents.Indicator]:
    """Every indicator that is defined or imported, and what each edition has of it."""
    permission_table().require(request.user.actor, "view_indicators")
    return documents.indicator_list(language())


@router.get("/indicators/{code}", response={200: list[documents.Series], **ERRORS})
def show_indicator(
    request: AccountRequest, code: str, country: str, every: bool = False
) -> list[documents.Series]:
    """The series of one indicator and country, derived ones too; `every` adds the older editions."""
    permission_table().require(request.user.actor, "view_indicators")
    selectors.known_indicator(code)
    series_of = selectors.every_release if every else selectors.with_derived
    return [documents.series(item, language()) for item in series_of(known_country(country), code)]
