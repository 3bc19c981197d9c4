"""Event data over the interface: the imported files, and the counts of a pair by period."""

from ninja import Query, Router

from confianza.cooperation.permissions import permission_table
from confianza.evidence.sources.events import Period
from confianza.server.api.schemas import ERRORS
from confianza.server.events import documents, selectors
from confianza.server.language import language
from confianza.server.requests import AccountRequest

router = Router(tags=["events"])


@router.get("/events/files", response={200: list[documents.File], **ERRORS})
def list_event_files(request: AccountRequest) -> list[documents.File]:
    """Every imported file of events: what became of each of its lines, and the days it covers."""
    permission_table().require(request.user.actor, "view_events")
    return [documents.file(row, language()) for row in selectors.event_files()]


@router.get("/events/pairs", response={200: list[documents.PairPeriod], **ERRORS})
def show_pair(
    request: AccountRequest,
    actor: str,
    target: str,
    period: Period = "month",
    year: int | None = Query(None, ge=1, le=9999),
    publisher: str = "",
) -> list[documents.PairPeriod]:
    """Events of one country toward another by month or year, by publisher; a liaison sees the own party's pairs."""
    permission_table().require(request.user.actor, "view_events")
    pair = selectors.pair_of(request.user.actor, actor, target)
    return documents.pair_periods(selectors.pair_counts(*pair, period, year=year, publisher=publisher))
