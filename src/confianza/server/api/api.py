"""The interface at /api/: signed in by password or with the session of the pages, errors in one form."""

from importlib.metadata import version
from typing import Any

from django.contrib.auth import authenticate
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBasicAuth, SessionAuth

from confianza.cooperation.names import NUL
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ConfianzaError, PermissionRefusal, RulebookError, sentence
from confianza.server.api import (
    alumni,
    cases,
    events,
    indicators,
    overviews,
    partnerships,
    relationship,
    rules,
    series,
    training_plans,
    training_reports,
)
from confianza.server.api.schemas import ErrorOut
from confianza.server.documents import refusal
from confianza.server.language import language


class Password(HttpBasicAuth):
    """Name and password of an account, for programs."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        account = username.replace(NUL, "\N{REPLACEMENT CHARACTER}")  # PostgreSQL cannot look for one
        user = authenticate(request, username=account, password=password)
        if user is not None:
            if user.password_is_temporary:
                raise PermissionRefusal("password-temporary")
            request.user = user
        return user


api = NinjaAPI(
    title="Confianza",
    version=version("confianza"),
    description="Cases of defense cooperation. Permissions are those of the pages; messages come in the "
    "language of the request.",
    auth=[Password(), SessionAuth(csrf=True)],
    docs_url=None,
    urls_namespace="api",
)
for area in (
    cases,
    partnerships,
    rules,
    alumni,
    training_reports,
    training_plans,
    indicators,
    events,
    series,
    overviews,  # before a record by its identifier
    relationship,
):
    api.add_router("", area.router)


NOT_THERE = {
    "authority-unknown", "case-unknown", "document-unknown", "events-pair-hidden", "indicator-unknown",
    "partnership-missing", "partnership-unknown", "party-unknown", "record-unknown", "series-measure-unknown",
    "training-code-form", "training-unknown",
}  # fmt: skip


def _answer(request: HttpRequest, error: ErrorOut, status: int) -> HttpResponse:
    return api.create_response(request, error.model_dump(), status=status)


def error_document(code: str, **params: object) -> ErrorOut:
    return ErrorOut(code=code, message=sentence(code, params, language()))


@api.exception_handler(StepRefused)
def _step_refused(request: HttpRequest, error: StepRefused) -> HttpResponse:
    refusals = [refusal(item, language()) for item in error.refusals]
    message = error.heading(language())
    return _answer(request, ErrorOut(code=error.code, message=message, refusals=refusals), 409)


@api.exception_handler(ConfianzaError)
def _refused(request: HttpRequest, error: ConfianzaError) -> HttpResponse:
    is_missing = isinstance(error, RulebookError) or error.code in NOT_THERE
    status = 403 if isinstance(error, PermissionRefusal) else 404 if is_missing else 409
    return _answer(request, ErrorOut(code=error.code, message=error.in_language(language())), status)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _answer(request, error_document("not-signed-in"), 401)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return _answer(request, error_document("not-found"), 404)


@api.exception_handler(ValidationError)
def _not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ", ".join(dict.fromkeys(".".join(map(str, item["loc"][1:])) or "body" for item in error.errors))
    details = "; ".join(item["msg"] for item in error.errors)
    return _answer(request, error_document("request-not-understood", places=places, details=details), 400)
