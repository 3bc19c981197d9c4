"""Rows of the public training reports over the interface."""

from typing import Literal

from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.normalize import FIELDS
from confianza.evidence.countries import known_country
from confianza.server.api.schemas import ERRORS, Part
from confianza.server.requests import AccountRequest
from confianza.server.training_reports import documents, selectors, services

router = Router(tags=["training reports"])
Dimension = Literal[selectors.DIMENSIONS]  # type: ignore[valid-type]  # written once, there
TermField = Literal[FIELDS]  # type: ignore[valid-type]  # written once, there


class ReportFilter(Schema):
    """What rows are narrowed by; empty values do not narrow."""

    partner_code: str = Field("", description="ISO 3166 code or name of the country.")
    from_fy: str = Field("", description="First fiscal year, such as 2008.")
    to_fy: str = Field("", description="Last fiscal year.")
    program_family: str = Field("", description="Such as imet-1, or imet for all of IMET.")
    school_code: str = ""
    institution_code: str = ""
    category: str = ""
    level: str = ""
    status: str = Field("", description="executed (what was done; when left out), planned or both.")

    def query(self) -> selectors.TrainingQuery:
        return selectors.TrainingQuery.of({name: getattr(self, name) for name in ReportFilter.model_fields})


class ReportPart(ReportFilter, Part):
    """What rows are narrowed by, and which part of them is wanted."""


class ReportRowList(Schema):
    """A part of the rows, and how many there are."""

    count: int
    items: list[documents.ReportRow]


class UnmatchedList(Schema):
    """A part of the texts that no rule fits, and how many there are."""

    count: int
    items: list[selectors.UnmatchedText]


class ClassificationIn(Schema):
    """What a text means, and how one knows. An empty value takes the last classification back."""

    model_config = ConfigDict(extra="forbid")

    field: TermField
    text: str = Field(max_length=400)
    value: str = Field(max_length=40)
    level: str = Field("", max_length=40, description="Of a course that is PME.")
    partner_code: str = Field("", description="Country of an institution: ISO 3166 code or name.")
    reason: str = Field(max_length=400)


@router.get("/training-reports/rows", response={200: ReportRowList, **ERRORS}, summary="Training rows")
def list_rows(request: AccountRequest, filters: Query[ReportPart]) -> ReportRowList:
    permission_table().require(request.user.actor, "view_training")
    rows = selectors.training_rows(filters.query())
    items = [documents.report_row(row) for row in rows.select_related("run")[filters.slice]]
    return ReportRowList(count=rows.count(), items=items)


@router.get(
    "/training-reports/files",
    response={200: list[documents.ImportedFile], **ERRORS},
    summary="Training reports imported",
)
def list_files(request: AccountRequest) -> list[documents.ImportedFile]:
    permission_table().require(request.user.actor, "view_training")
    return [documents.imported_file(item) for item in selectors.training_imports()]


@router.get(
    "/training-reports/set-aside",
    response={200: list[documents.SetAsideBlock], **ERRORS},
    summary="Blocks that could not be read",
)
def list_set_aside(request: AccountRequest, filters: Query[ReportFilter]) -> list[documents.SetAsideBlock]:
    permission_table().require(request.user.actor, "view_training")
    return [documents.set_aside_block(block) for block in selectors.blocks_set_aside(filters.query())]


@router.get(
    "/training-reports/summary",
    response={200: list[documents.Summary], **ERRORS},
    summary="Training added up",
)
def summary(
    request: AccountRequest,
    filters: Query[ReportFilter],
    by: list[Dimension] = Query(["fiscal_year"]),  # noqa: B008
) -> list[documents.Summary]:
    permission_table().require(request.user.actor, "view_training")
    return documents.summaries(filters.query(), tuple(dict.fromkeys(by)))


@router.get(
    "/training-reports/unmatched", response={200: UnmatchedList, **ERRORS}, summary="Texts that no rule fits"
)
def list_unmatched(
    request: AccountRequest, part: Query[Part], field: TermField, partner_code: str = ""
) -> UnmatchedList:
    permission_table().require(request.user.actor, "classify_training")
    texts = selectors.unmatched_texts(field, known_country(partner_code) if partner_code else None)
    return UnmatchedList(count=len(texts), items=texts[part.slice])


@router.post(
    "/training-reports/classifications",
    response={201: documents.Classification, **ERRORS},
    summary="Classify a text",
)
def classify(request: AccountRequest, submitted: ClassificationIn) -> Status[documents.Classification]:
    fields = submitted.model_dump()
    if submitted.partner_code:
        fields["partner_code"] = known_country(submitted.partner_code)
    classification, count = services.classify_text(**fields, actor=request.user.actor)
    return Status(201, documents.Classification(rule_id=classification.rule_id, row_count=count))
