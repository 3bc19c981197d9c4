"""Training rows of the public reports over the interface."""

from datetime import date
from typing import Literal

from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.normalise import FIELDS
from confianza.evidence.countries import known_country
from confianza.server.api.cases import ERRORS, MOST
from confianza.server.api.schemas import MoneyOut
from confianza.server.evidence import selectors, services

router = Router(tags=["training"])
Dimension = Literal[selectors.DIMENSIONS]
TermField = Literal[FIELDS]


class TrainingFilter(Schema):
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
        return selectors.TrainingQuery.of({name: getattr(self, name) for name in TrainingFilter.model_fields})


class TrainingPart(TrainingFilter):
    """What rows are narrowed by, and which part of them is wanted."""

    offset: int = Query(0, ge=0, le=10_000_000)
    limit: int = Query(50, ge=1, le=MOST)


class TrainingRowOut(Schema):
    """A row of a report as printed, what it means in common terms, and where it was read."""

    id: int
    fiscal_year: int
    is_planned: bool = Field(description="Told as planned for the year, by the report of the year before.")
    partner_code: str
    program: str
    course_title: str
    student_count: int
    cost: MoneyOut
    start_date: date | None
    end_date: date | None
    location: str
    student_unit: str
    us_unit: str
    program_family: str
    school_code: str
    institution_code: str
    category: str
    level: str
    rules: dict[str, str] = Field(description="The rule that decided, by field.")
    rules_version: str
    report: str
    volume: str
    page: int
    row: int
    digest: str = Field(description="SHA-256 of the file the row was read from.")


class TrainingRowList(Schema):
    """A part of the rows, and how many there are."""

    count: int
    items: list[TrainingRowOut]


class SummaryOut(Schema):
    """Rows added up: `values` says by what; a course is a row of a report."""

    values: dict[str, str | int]
    student_count: int
    course_count: int
    cost: MoneyOut


@router.get("/training/rows", response={200: TrainingRowList, **ERRORS}, summary="Training rows")
def list_rows(request, given: Query[TrainingPart]):
    permission_table().require(request.user.actor, "view_training")
    rows = selectors.training_rows(given.query())
    part = rows.select_related("run")[given.offset : given.offset + given.limit]
    names = set(TrainingRowOut.model_fields) - {"cost", "digest"}
    items = [
        TrainingRowOut(
            cost=MoneyOut(minor=row.cost_minor, currency=row.currency),
            digest=row.run.digest,
            **{name: getattr(row, name) for name in names},
        )
        for row in part
    ]
    return TrainingRowList(count=rows.count(), items=items)


class TrainingFileOut(Schema):
    """An imported file of training reports, and how it reconciles."""

    file_name: str
    digest: str = Field(description="SHA-256 of the file.")
    from_fy: int
    to_fy: int
    row_count: int
    total_count: int = Field(description="Totals that the file prints.")
    reconciled_count: int = Field(description="Those that the rows add up to.")
    named_countries: list[str] = Field(
        description="ISO 3166 codes of the countries the file names; empty if not kept."
    )
    missing_countries: list[str] = Field(description="Those of which nothing was read.")


@router.get(
    "/training/files", response={200: list[TrainingFileOut], **ERRORS}, summary="Training reports imported"
)
def list_files(request):
    permission_table().require(request.user.actor, "view_training")
    return [
        TrainingFileOut(
            file_name=item.run.file_name,
            digest=item.run.digest,
            named_countries=item.run.named_countries,
            missing_countries=list(item.coverage.missing),
            **{
                name: getattr(item, name)
                for name in ("from_fy", "to_fy", "row_count", "total_count", "reconciled_count")
            },
        )
        for item in selectors.training_imports()
    ]


@router.get("/training/summary", response={200: list[SummaryOut], **ERRORS}, summary="Training added up")
def summary(request, given: Query[TrainingFilter], by: list[Dimension] = Query(["fiscal_year"])):  # noqa: B008
    permission_table().require(request.user.actor, "view_training")
    return [
        SummaryOut(
            values=row.values,
            student_count=row.student_count,
            course_count=row.course_count,
            cost=MoneyOut(minor=row.cost.minor, currency=row.cost.currency),
        )
        for row in selectors.training_summary(given.query(), tuple(dict.fromkeys(by)))
    ]


class UnsettledOut(Schema):
    """A text of the reports that no rule fits, and how much hangs on it."""

    text: str
    partner_code: str = Field(description="Empty where the country does not matter.")
    row_count: int
    student_count: int
    from_fy: int
    to_fy: int
    example: int = Field(description="Id of a row that prints it.")


class UnsettledList(Schema):
    """A part of the texts, and how many there are."""

    count: int
    items: list[UnsettledOut]


class SettlementIn(Schema):
    """What a text means, and how one knows. An empty value takes the last settlement back."""

    model_config = ConfigDict(extra="forbid")

    field: TermField
    text: str = Field(max_length=400)
    value: str = Field(max_length=40)
    level: str = Field("", max_length=40, description="Of a course that is PME.")
    partner_code: str = Field("", description="Country of an institution: ISO 3166 code or name.")
    reason: str = Field(max_length=400)


class SettlementOut(Schema):
    """The rule a settlement is on its rows, and how many these are."""

    rule_id: str
    row_count: int


@router.get("/training/unsettled", response={200: UnsettledList, **ERRORS}, summary="Texts that no rule fits")
def list_unsettled(
    request,
    field: TermField,
    partner_code: str = "",
    offset: int = Query(0, ge=0, le=10_000_000),
    limit: int = Query(50, ge=1, le=MOST),
):
    permission_table().require(request.user.actor, "settle_training")
    found = selectors.unmatched_texts(field, known_country(partner_code) if partner_code else None)
    items = [UnsettledOut(**vars(item)) for item in found[offset : offset + limit]]
    return UnsettledList(count=len(found), items=items)


@router.post("/training/settlements", response={201: SettlementOut, **ERRORS}, summary="Settle a text")
def settle(request, given: SettlementIn):
    said = given.model_dump() | {
        "partner_code": known_country(given.partner_code) if given.partner_code else ""
    }
    settlement, count = services.settle_text(**said, actor=request.user.actor)
    return Status(201, SettlementOut(rule_id=settlement.rule_id, row_count=count))
