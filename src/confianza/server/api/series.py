"""Series of a pair over the interface: the measures with their terms, and the values of two countries."""

from ninja import Router

from confianza.cooperation.permissions import permission_table
from confianza.evidence.countries import known_country
from confianza.server.api.schemas import ERRORS
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.series import documents, selectors

router = Router(tags=["series"])


@router.get("/series", response={200: list[documents.SeriesOfPair], **ERRORS})
def list_series(
    request: AccountRequest, a: str, b: str, measure: str | None = None
) -> list[documents.SeriesOfPair]:
    """What the sources say of two countries by year: of all measures, or one."""
    permission_table().require(request.user.actor, "view_indicators")
    found = selectors.series_between(known_country(a), known_country(b), measure)
    return [documents.series_of_pair(item) for item in found]


@router.get("/series/measures", response={200: list[documents.SeriesMeasure], **ERRORS})
def list_measures(request: AccountRequest) -> list[documents.SeriesMeasure]:
    """Every measure with its source, window and terms, and the releases that are here."""
    permission_table().require(request.user.actor, "view_indicators")
    return documents.measure_list(language())
