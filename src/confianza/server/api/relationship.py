"""Records of the relationship over the interface: read, entered, confirmed, contested, coded, published, withdrawn."""

from datetime import date

from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.relationship.standing import State
from confianza.server.api.schemas import ERRORS, Part
from confianza.server.chosen_partnership import asked_partnership
from confianza.server.language import language
from confianza.server.relationship import documents, selectors, services
from confianza.server.requests import AccountRequest

router = Router(tags=["relationship"])


class RecordQuery(Part):
    """Which records are wanted; withdrawn ones only by their state."""

    kind: str = Query("", max_length=40)
    state: State | None = None
    on: date | None = Query(
        None, description="Only what had happened, and was known, by the end of this day."
    )


class RecordList(Schema):
    """A part of the records, and how many there are."""

    count: int
    items: list[documents.RecordRow]


class RecordIn(Schema):
    """A record to enter: its kind, and the fields of the kind by name, as `/records/kinds` lists them."""

    kind: str = Field(max_length=40)
    id: str = Field("", max_length=110, description="Made from year and words when left out.")
    fields: dict[str, str]


class FieldsIn(Schema):
    """The fields of a version or of a coding by name."""

    fields: dict[str, str]


class ReasonIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


SeenRecord = documents.TrackedRecordDocument | documents.RecordDeposit


def _seen(request: AccountRequest, record_id: str) -> SeenRecord:
    item, sight = selectors.visible_record(asked_partnership(request), record_id, request.user.actor)
    return documents.as_seen(item, sight, language())


@router.get("/records", response={200: RecordList, **ERRORS}, summary="Records you may read")
def list_records(request: AccountRequest, query: Query[RecordQuery]) -> RecordList:
    items = selectors.partnership_records(
        asked_partnership(request),
        request.user.actor,
        on=query.on,
        kinds=[query.kind] if query.kind else [],
        states=[query.state] if query.state else selectors.STANDING_STATES,
    )
    rows = [documents.record_row(item, language()) for item in items[query.slice]]
    return RecordList(count=len(items), items=rows)


@router.get(
    "/records/kinds", response={200: list[documents.RecordKindDocument], **ERRORS}, summary="Kinds of records"
)
def list_kinds(request: AccountRequest) -> list[documents.RecordKindDocument]:
    """Every kind of record with its fields."""
    permission_table().require(request.user.actor, "view_relationship")
    return documents.kind_documents(language())


@router.get(
    "/records/deposits",
    response={200: list[documents.RecordDeposit], **ERRORS},
    summary="Deposits of the other side",
)
def list_deposits(request: AccountRequest) -> list[documents.RecordDeposit]:
    """What the other side has deposited with the third party and both have not released."""
    items = selectors.deposits(asked_partnership(request), request.user.actor)
    return [documents.deposit_document(item) for item in items]


@router.get("/records/{record_id}", response={200: SeenRecord, **ERRORS}, summary="A record")
def get_record(request: AccountRequest, record_id: str) -> SeenRecord:
    return _seen(request, record_id)


@router.post("/records", response={201: SeenRecord, **ERRORS}, summary="Enter a record")
def add_record(request: AccountRequest, document: RecordIn) -> Status[SeenRecord]:
    """It is proposed; a second person confirms it."""
    row = services.propose_record(
        partnership=asked_partnership(request),
        kind=document.kind,
        values=document.fields,
        record_id=document.id,
        actor=request.user.actor,
        on=timezone.localdate(),
    )
    return Status(201, _seen(request, row.record_id))


@router.post("/records/{record_id}/confirm", response={201: SeenRecord, **ERRORS}, summary="Confirm a record")
def confirm_record(request: AccountRequest, record_id: str) -> Status[SeenRecord]:
    one = asked_partnership(request)
    services.confirm_records(partnership=one, record_ids=[record_id], actor=request.user.actor)
    return Status(201, _seen(request, record_id))


@router.post("/records/{record_id}/contest", response={201: SeenRecord, **ERRORS}, summary="Contest a record")
def contest_record(request: AccountRequest, record_id: str, document: FieldsIn) -> Status[SeenRecord]:
    """The version of the own side stands beside it."""
    services.contest_record(
        partnership=asked_partnership(request),
        record_id=record_id,
        values=document.fields,
        actor=request.user.actor,
        on=timezone.localdate(),
    )
    return Status(201, _seen(request, record_id))


@router.post("/records/{record_id}/code", response={201: SeenRecord, **ERRORS}, summary="Code a record")
def code_record(request: AccountRequest, record_id: str, document: FieldsIn) -> Status[SeenRecord]:
    services.code_record(
        partnership=asked_partnership(request),
        record_id=record_id,
        values=document.fields,
        actor=request.user.actor,
        on=timezone.localdate(),
    )
    return Status(201, _seen(request, record_id))


@router.post("/records/{record_id}/publish", response={201: SeenRecord, **ERRORS}, summary="Publish a record")
def publish_record(request: AccountRequest, record_id: str) -> Status[SeenRecord]:
    one = asked_partnership(request)
    services.publish_records(partnership=one, record_ids=[record_id], actor=request.user.actor)
    return Status(201, _seen(request, record_id))


@router.post(
    "/records/{record_id}/withdraw", response={201: SeenRecord, **ERRORS}, summary="Withdraw a record"
)
def withdraw_record(request: AccountRequest, record_id: str, document: ReasonIn) -> Status[SeenRecord]:
    services.withdraw_record(
        partnership=asked_partnership(request),
        record_id=record_id,
        reason=document.reason,
        actor=request.user.actor,
    )
    return Status(201, _seen(request, record_id))
