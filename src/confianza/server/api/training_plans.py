"""Training plans, their lines and students over the interface; students by pseudonym."""

from typing import Literal, TypeVar

from django.http import StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training_plans.records import RecordKind
from confianza.errors import RuleRefusal
from confianza.reports import tables
from confianza.server.api.schemas import ERRORS, StepIn
from confianza.server.chosen_partnership import of_chosen
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.training_plans import documents, exports, selectors, services

router = Router(tags=["training plans"])
FILES = {
    "responses": {
        200: {"description": "OK", "content": {tables.FORMATS[name]: {} for name in exports.FORMATS}}
    }
}
Form = Literal[exports.FORMATS]  # type: ignore[valid-type]  # written once, there
Subject = TypeVar("Subject", documents.Plan, documents.Line, documents.Student)


def _subject(request: AccountRequest, code: str, kind: type[Subject]) -> Subject:
    permission_table().require(request.user.actor, "view_shared_training_plan")
    subject = documents.subject(request.user.actor, code, on=timezone.localdate(), language=language())
    if not isinstance(subject, kind):
        raise RuleRefusal("training-unknown", code=code)
    return subject


@router.get(
    "/training-plans",
    response={200: list[documents.PlanRow], **ERRORS},
    summary="Training plans you may see",
)
def list_plans(request: AccountRequest) -> list[documents.PlanRow]:
    permission_table().require(request.user.actor, "view_shared_training_plan")
    return [
        documents.plan_row(row) for row in of_chosen(request, selectors.visible_plans(request.user.actor))
    ]


@router.get(
    "/training-plans/waiting",
    response={200: list[documents.PendingStep], **ERRORS},
    summary="Steps that wait for you",
)
def list_waiting(request: AccountRequest) -> list[documents.PendingStep]:
    permission_table().require(request.user.actor, "view_shared_training_plan")
    actor = request.user.actor
    plans = of_chosen(request, selectors.visible_plans(actor))
    pending = selectors.my_waiting_steps(actor, plans, timezone.localdate())
    return [documents.pending_step(item, language()) for item in pending]


@router.get(
    "/training-plans/lines/{code}",
    response={200: documents.Line, **ERRORS},
    summary="A line of a training list",
)
def get_line(request: AccountRequest, code: str) -> documents.Line:
    return _subject(request, code, documents.Line)


@router.get(
    "/training-plans/students/{code}",
    response={200: documents.Student, **ERRORS},
    summary="A student of a training plan",
)
def get_student(request: AccountRequest, code: str) -> documents.Student:
    return _subject(request, code, documents.Student)


@router.get("/training-plans/{code}", response={200: documents.Plan, **ERRORS}, summary="A training plan")
def get_plan(request: AccountRequest, code: str) -> documents.Plan:
    return _subject(request, code, documents.Plan)


@router.post(
    "/training-plans/{code}/steps/{step}",
    response={201: documents.StepTaken, **ERRORS},
    summary="Record a step",
)
def record_step(
    request: AccountRequest, code: str, step: str, submitted: StepIn
) -> Status[documents.StepTaken]:
    """A step of a plan, line or student; the first one opens it."""
    row = services.take_step(
        code=code,
        step=step,
        on=submitted.on,
        given=submitted.fields,
        actor=request.user.actor,
        version=submitted.version,
    )
    return Status(201, documents.step_taken(row))


@router.get(
    "/training-plans/{code}/list",
    response=ERRORS,
    summary="Its training list as a file",
    openapi_extra=FILES,
)
def get_list(
    request: AccountRequest,
    code: str,
    file_format: Form = Query("csv", alias="form"),  # noqa: B008
) -> StreamingHttpResponse:
    permission_table().require(request.user.actor, "view_shared_training_plan")
    read, row = selectors.visible_code(request.user.actor, code)
    if read.kind is not RecordKind.PLAN:
        raise RuleRefusal("training-unknown", code=code)
    parts = exports.list_parts(file_format, selectors.plan_state(row))
    answer = StreamingHttpResponse(parts, content_type=tables.FORMATS[file_format])
    answer["Content-Disposition"] = f'attachment; filename="{code}.{file_format}"'
    return answer
