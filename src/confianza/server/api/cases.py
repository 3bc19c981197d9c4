"""Cases over the interface."""

from datetime import date
from typing import Any, Literal

from django.http import FileResponse
from django.utils import timezone
from ninja import Field, File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import ConfigDict

from confianza.cooperation.permissions import permission_table
from confianza.server.api.schemas import ERRORS, MOST, Part, StepIn
from confianza.server.cases import documents, selectors, services
from confianza.server.cases.uploads import MOST_BYTES, kept_document
from confianza.server.chosen_partnership import of_chosen
from confianza.server.language import language
from confianza.server.requests import AccountRequest

router = Router(tags=["cases"])


class CaseQuery(Part):
    """What the list is narrowed by."""

    q: str = ""
    phase: str = ""
    edition: str = ""
    partner: str = ""
    due: Literal["", "overdue"] = ""


class CaseList(Schema):
    """A part of the cases, and how many there are."""

    count: int
    simulated_count: int = Field(description="How many of them are of a fictional country.")
    items: list[documents.CaseRow]


class CaseIn(Schema):
    """What a case begins with."""

    model_config = ConfigDict(extra="forbid")

    identifier: str = Field(max_length=20)
    title: str = Field(min_length=1, max_length=120)
    partner: str = Field(max_length=2)
    funds: str = Field(max_length=60)
    edition: str = Field(max_length=40)
    project: str = Field("", max_length=40)
    category: str = Field("", max_length=1)


class DocumentIn(Schema):
    """What is stated of a file that is attached. `version` as for a step."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=80)
    on: date
    version: int | None = None


def _visible(request: AccountRequest, identifier: str) -> Any:
    permission_table().require(request.user.actor, "view_shared_case")
    return selectors.visible_case(request.user.actor, identifier)


@router.get("/cases", response={200: CaseList, **ERRORS}, summary="The cases you may see")
def list_cases(request: AccountRequest, query: Query[CaseQuery]) -> CaseList:
    permission_table().require(request.user.actor, "view_shared_case")
    search = selectors.Search(query.q, query.phase, query.edition, query.partner, query.due)
    found = of_chosen(request, selectors.found_cases(request.user.actor, search, timezone.localdate()))
    rows = found.order_by("identifier")
    count = selectors.count_cases(rows)
    items = [documents.case_row(row) for row in rows[query.slice]]
    return CaseList(count=count.every, simulated_count=count.simulated, items=items)


@router.post("/cases", response={201: documents.CaseRow, **ERRORS}, summary="Open a case")
def open_case(request: AccountRequest, submitted: CaseIn) -> Status[documents.CaseRow]:
    row = services.open_case(
        identifier=submitted.identifier,
        title=submitted.title,
        partner_code=submitted.partner,
        appropriation_code=submitted.funds,
        edition=submitted.edition,
        project_code=submitted.project,
        category=submitted.category,
        actor=request.user.actor,
    )
    return Status(201, documents.case_row(row))


@router.get("/cases/{identifier}", response={200: documents.Case, **ERRORS}, summary="A case")
def get_case(request: AccountRequest, identifier: str) -> documents.Case:
    return documents.case(_visible(request, identifier), on=timezone.localdate(), language=language())


@router.get(
    "/cases/{identifier}/events", response={200: list[documents.Event], **ERRORS}, summary="Its history"
)
def list_events(request: AccountRequest, identifier: str) -> list[documents.Event]:
    return [documents.event(row) for row in selectors.case_events(_visible(request, identifier))]


@router.post(
    "/cases/{identifier}/steps/{step}", response={201: documents.CaseRow, **ERRORS}, summary="Record a step"
)
def record_step(
    request: AccountRequest, identifier: str, step: str, submitted: StepIn
) -> Status[documents.CaseRow]:
    permission_table().require(request.user.actor, "record_step")
    _visible(request, identifier)
    row = services.take_step(
        identifier=identifier,
        step=step,
        on=submitted.on,
        given=submitted.fields,
        actor=request.user.actor,
        version=submitted.version,
    )
    return Status(201, documents.case_row(row))


@router.post(
    "/cases/{identifier}/documents", response={201: documents.CaseRow, **ERRORS}, summary="Attach a document"
)
def attach_document(
    request: AccountRequest, identifier: str, submitted: Form[DocumentIn], file: File[UploadedFile]
) -> Status[documents.CaseRow]:
    permission_table().require(request.user.actor, "record_step")
    _visible(request, identifier)
    row = services.attach_document(
        identifier=identifier,
        kind=submitted.kind,
        file_name=file.name or "",
        content=file.read(MOST_BYTES + 1),
        on=submitted.on,
        actor=request.user.actor,
        version=submitted.version,
    )
    return Status(201, documents.case_row(row))


@router.get("/cases/{identifier}/documents/{digest}", response=ERRORS, summary="The file of a document")
def get_document(request: AccountRequest, identifier: str, digest: str) -> FileResponse:
    permission_table().require(request.user.actor, "view_every_case")
    file_name, path = kept_document(selectors.case_state(_visible(request, identifier)), digest)
    return FileResponse(path.open("rb"), as_attachment=True, filename=file_name)


@router.get("/actions", response={200: list[documents.OpenAction], **ERRORS}, summary="Your next actions")
def list_actions(
    request: AccountRequest, limit: int = Query(MOST, ge=1, le=MOST)
) -> list[documents.OpenAction]:
    permission_table().require(request.user.actor, "view_shared_case")
    rows = of_chosen(request, selectors.open_actions(request.user.actor), "case__partner")
    return [documents.open_action(row) for row in rows[:limit]]
