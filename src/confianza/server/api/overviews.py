"""What is computed from the records of the relationship, over the interface."""

from datetime import date

from django.utils import timezone
from ninja import Query, Router, Schema

from confianza.cooperation.relationship.timeline import RecordFilter
from confianza.server.api.schemas import ERRORS
from confianza.server.assessment import promises_of
from confianza.server.chosen_partnership import asked_partnership
from confianza.server.language import language
from confianza.server.relationship import overviews
from confianza.server.relationship.selectors import partnership_records
from confianza.server.requests import AccountRequest

router = Router(tags=["relationship"])


class TimelineQuery(Schema):
    """Which records are wanted along time; a record is of the year and decade it begins in."""

    words: str = Query("", max_length=80)
    kind: str = Query("", max_length=40)
    actor: str = Query("", max_length=4, description="ISO code of a side, or `both`.")
    domain: str = Query("", max_length=40)
    source: str = Query("", max_length=80)
    decade: int | None = Query(None, description="Its first year, such as 1990.")
    year: int | None = None
    is_contested: bool = False


class DayQuery(Schema):
    """The day that is asked about."""

    on: date | None = None


@router.get(
    "/records/timeline", response={200: overviews.Timeline, **ERRORS}, summary="The relationship along time"
)
def get_timeline(request: AccountRequest, query: Query[TimelineQuery]) -> overviews.Timeline:
    one = asked_partnership(request)
    every = partnership_records(one, request.user.actor)
    wanted = RecordFilter(**query.dict())
    return overviews.timeline_document(
        one,
        [item for item in every if wanted.matches(item)],
        every=every,
        today=timezone.localdate(),
        language=language(),
    )


@router.get(
    "/records/promises", response={200: overviews.PromisesDocument, **ERRORS}, summary="Promises by side"
)
def get_promises(request: AccountRequest, query: Query[DayQuery]) -> overviews.PromisesDocument:
    """What was promised and what became of it; due on a day, today when left out."""
    on = query.on or timezone.localdate()
    return promises_of(asked_partnership(request), request.user.actor, on, language())


@router.get(
    "/records/safeguards",
    response={200: overviews.SafeguardsDocument, **ERRORS},
    summary="Safeguards in force on a day",
)
def get_safeguards(request: AccountRequest, query: Query[DayQuery]) -> overviews.SafeguardsDocument:
    """Those in force on a day, today when left out, and what was added and lifted by year."""
    one = asked_partnership(request)
    items = partnership_records(one, request.user.actor, kinds=["hedge"])
    on = query.on or timezone.localdate()
    return overviews.safeguards_document(one, items, on=on, language=language())


@router.get(
    "/records/foundations",
    response={200: overviews.FoundationsDocument, **ERRORS},
    summary="Foundations of trust",
)
def get_foundations(request: AccountRequest) -> overviews.FoundationsDocument:
    one = asked_partnership(request)
    return overviews.foundations_document(
        one, partnership_records(one, request.user.actor), language=language()
    )


@router.get("/records/levels", response={200: overviews.LevelsDocument, **ERRORS}, summary="Level by year")
def get_levels(request: AccountRequest, query: Query[DayQuery]) -> overviews.LevelsDocument:
    """The level of cooperation by year, and on a day: that of the assessment when left out."""
    one, today = asked_partnership(request), timezone.localdate()
    items = partnership_records(one, request.user.actor)
    on = query.on or one.day(today)
    return overviews.levels_document(one, items, on=on, today=today, language=language())
