"""Cases over the interface."""

from typing import Literal

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile

from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.server.api.schemas import (
    CaseIn,
    CaseList,
    CaseOut,
    CaseRow,
    DocumentIn,
    ErrorOut,
    EventOut,
    MoneyOut,
    OpenActionOut,
    RefusalOut,
    StepIn,
)
from confianza.server.cases import selectors, services
from confianza.server.cases.uploads import MOST_BYTES, kept_document
from confianza.server.web.partnership_address import of_chosen
from confianza.server.web.templatetags.formats import language, said

router = Router(tags=["cases"])
ERRORS = {400: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut, 429: ErrorOut}
MOST = 200


class CaseQuery(Schema):
    """What the list is narrowed by."""

    q: str = ""
    phase: str = ""
    edition: str = ""
    partner: str = ""
    due: Literal["", "overdue"] = ""
    offset: int = Query(0, ge=0, le=10_000_000)
    limit: int = Query(50, ge=1, le=MOST)


def refusal_out(refusal) -> RefusalOut:
    """A refusal in the language of the request."""
    return RefusalOut(
        rule=refusal.rule.id,
        reason=said(refusal.reason),
        remedy=said(refusal.remedy),
        reference=str(refusal.rule.reference),
        is_verified=refusal.rule.is_verified,
    )


def action_out(action) -> dict:
    """A step on offer, and what blocks it."""
    return {
        "step": action.step.id,
        "name": said(action.step.name),
        "offices": list(action.step.actors),
        "fields": [field.name for field in action.step.fields],
        "is_optional": action.step.is_optional,
        "refusals": [refusal_out(refusal) for refusal in action.refusals],
    }


def _row(row) -> dict:
    return {
        "identifier": row.identifier,
        "document": row.document,
        "title": row.title,
        "partner": row.partner_id,
        "edition": row.edition,
        "phase": row.phase,
        "status": row.status,
        "version": row.version,
        "next_due_on": row.next_due_on,
        "is_simulated": row.is_simulated,
    }


def _money(amount) -> MoneyOut:
    return MoneyOut(minor=amount.minor, currency=amount.currency)


def _visible(request: HttpRequest, identifier: str):
    permission_table().require(request.user.actor, "view_shared_case")
    row = selectors.visible_cases(request.user).filter(pk=identifier).first()
    if row is None:
        raise RuleRefusal("case-unknown", case=identifier)
    return row


@router.get("/cases", response={200: CaseList, **ERRORS}, summary="The cases you may see")
def list_cases(request, query: Query[CaseQuery]):
    permission_table().require(request.user.actor, "view_shared_case")
    search = selectors.Search(query.q, query.phase, query.edition, query.partner, query.due)
    found = of_chosen(request, selectors.found_cases(request.user, search, timezone.localdate()))
    rows = found.order_by("identifier")
    items = [CaseRow(**_row(row)) for row in rows[query.offset : query.offset + query.limit]]
    count = selectors.count_cases(rows)
    return CaseList(count=count.every, simulated_count=count.simulated, items=items)


@router.post("/cases", response={201: CaseRow, **ERRORS}, summary="Open a case")
def open_case(request, given: CaseIn):
    row = services.open_case(
        identifier=given.identifier,
        title=given.title,
        partner_code=given.partner,
        appropriation_code=given.funds,
        edition=given.edition,
        project_code=given.project,
        category=given.category,
        actor=request.user.actor,
    )
    return Status(201, CaseRow(**_row(row)))


@router.get("/cases/{identifier}", response={200: CaseOut, **ERRORS}, summary="A case")
def get_case(request, identifier: str):
    row = _visible(request, identifier)
    state, today = selectors.case_state(row), timezone.localdate()
    actions = process.next_actions(state, on=today, available=selectors.funds_available(row))
    return {
        **_row(row),
        "phases": [
            {"phase": item.phase.id, "started_on": item.started_on, "completed_on": item.completed_on}
            for item in process.phases(state)
        ],
        "lines": [
            {
                "number": line.number,
                "description": line.description,
                "quantity": line.quantity,
                "cost": _money(line.cost),
                "obligated": _money(line.obligated),
                "paid": _money(line.paid),
                "delivered": line.delivered,
                "inventoried": line.inventoried,
                "transferred": line.transferred,
            }
            for line in state.lines.values()
        ],
        "deliveries": list(row.deliveries.order_by("planned_on", "name").values()),
        "documents": [{**item.details, "on": item.on} for item in state.documents],
        "balances": {account.value: _money(amount) for account, amount in state.balances.items()},
        "actions": [action_out(action) for action in actions],
        "clocks": [
            {
                "clock": clock.clock.id,
                "started_on": clock.started_on,
                "stopped_on": clock.stopped_on,
                "elapsed_days": clock.elapsed_days,
                "excluded_days": clock.excluded_days,
                "due_on": clock.due_on,
                "is_met": clock.is_met,
            }
            for clock in timing.clock_states(state, on=today)
        ],
        "deadlines": [
            {"deadline": due.deadline.id, "about": due.about, "due_on": due.due_on, "met_on": due.met_on}
            for due in timing.deadline_states(state, on=today)
        ],
    }


@router.get("/cases/{identifier}/events", response={200: list[EventOut], **ERRORS}, summary="Its history")
def list_events(request, identifier: str):
    row = _visible(request, identifier)
    return [
        EventOut(
            sequence=event.sequence,
            at=event.at,
            account=event.account,
            role=event.role,
            action=event.action,
            payload=event.payload,
            digest=event.digest,
        )
        for event in selectors.case_events(row)
    ]


@router.post("/cases/{identifier}/steps/{step}", response={201: CaseRow, **ERRORS}, summary="Record a step")
def record_step(request, identifier: str, step: str, given: StepIn):
    permission_table().require(request.user.actor, "record_step")
    _visible(request, identifier)
    row = services.take_step(
        identifier=identifier,
        step=step,
        on=given.on,
        given=given.fields,
        actor=request.user.actor,
        version=given.version,
    )
    return Status(201, CaseRow(**_row(row)))


@router.post("/cases/{identifier}/documents", response={201: CaseRow, **ERRORS}, summary="Attach a document")
def attach_document(request, identifier: str, given: Form[DocumentIn], file: File[UploadedFile]):
    permission_table().require(request.user.actor, "record_step")
    _visible(request, identifier)
    row = services.attach_document(
        identifier=identifier,
        kind=given.kind,
        file_name=file.name,
        content=file.read(MOST_BYTES + 1),
        on=given.on,
        actor=request.user.actor,
        version=given.version,
    )
    return Status(201, CaseRow(**_row(row)))


@router.get("/cases/{identifier}/documents/{digest}", response=ERRORS, summary="The file of a document")
def get_document(request, identifier: str, digest: str):
    permission_table().require(request.user.actor, "view_every_case")
    file_name, path = kept_document(selectors.case_state(_visible(request, identifier)), digest)
    return FileResponse(path.open("rb"), as_attachment=True, filename=file_name)


@router.get("/actions", response={200: list[OpenActionOut], **ERRORS}, summary="Your next actions")
def list_actions(request, limit: int = Query(MOST, ge=1, le=MOST)):
    permission_table().require(request.user.actor, "view_shared_case")
    return [
        OpenActionOut(
            case=action.case_id,
            step=action.step,
            office=action.office,
            deadline=action.deadline,
            about=action.about,
            due_on=action.due_on,
            is_offered=action.is_offered,
        )
        for action in of_chosen(request, selectors.open_actions(request.user), "case__partner")[:limit]
    ]


class RuleOut(Schema):
    id: str
    steps: list[str]
    sentence: str
    reference: str
    is_verified: bool


class EditionOut(Schema):
    """An edition of the process."""

    id: str
    title: str
    note: str
    phases: list[str]
    steps: list[str]
    rules: list[RuleOut]


@router.get("/editions/{name}", response={200: EditionOut, **ERRORS}, summary="An edition of the process")
def get_edition(request, name: str):
    permission_table().require(request.user.actor, "view_sources")
    edition = edition_of(name)
    return EditionOut(
        id=edition.id,
        title=said(edition.title),
        note=said(edition.note),
        phases=[phase.id for phase in edition.phases],
        steps=list(edition.steps),
        rules=[
            RuleOut(
                id=rule.id,
                steps=list(rule.steps),
                sentence=rule.sentence.in_language(language()),
                reference=str(rule.reference),
                is_verified=rule.is_verified,
            )
            for rule in edition.rules
        ],
    )
