"""Who gets in, and the headers every page carries."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from confianza.cooperation.names import NUL
from confianza.errors import sentence
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.web.submit import CHECKED
from confianza.server.web.unsent import UnsentForm, sign_in_page

GetResponse = Callable[[HttpRequest], HttpResponseBase]
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


class PlainText:
    """Refuses the NUL character, which no text here has and PostgreSQL cannot store."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        texts = [request.path, *(value for _, values in request.GET.lists() for value in values)]
        if request.content_type == "application/json":
            is_odd = b"\\u0000" in request.body
        else:
            texts += [value for _, values in request.POST.lists() for value in values]
            is_odd = False
        if is_odd or any(NUL in text for text in texts):
            if request.path_info.startswith("/api/"):
                return _refusal("text-with-nul", 400)
            message = sentence("text-with-nul", {}, language())
            return HttpResponseBadRequest(message, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


def _refusal(code: str, status: int) -> JsonResponse:
    """A refusal at /api/, in the form of its other errors."""
    body = {"code": code, "message": sentence(code, {}, language()), "refusals": []}
    return JsonResponse(body, status=status)


class LoginRequired(LoginRequiredMiddleware):
    """Every page asks to sign in; the interface for programs answers 401 itself."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if request.path_info.startswith("/api/"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # also another answer than a redirect
        self, request: AccountRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """To the sign-in page; a form that was sent waits there for the sign-in."""
        if request.method == "GET" and "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Refresh": "true"})  # the page then leads to the sign-in page
        if CHECKED in request.headers:
            return HttpResponse(status=204)  # of the field; the form itself will wait for the sign-in
        form = UnsentForm.of(request) if request.method == "POST" else None
        if form is None:
            return super().handle_no_permission(request, view_func)
        answer = sign_in_page(request, form)
        answer.status_code = 403
        return answer


class MethodPage:
    """A page, with a way on, for what an address does not take; the interface for programs answers itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if answer.status_code != 405 or request.path_info.startswith("/api/"):
            return answer
        context = {
            "heading": _("Request not accepted"),
            "sentence": _("This address does not accept this request. Nothing was recorded."),
        }
        page = render(request, "error.html", context, status=405)
        page["Allow"] = answer["Allow"]
        return page


class OwnPasswordFirst:
    """Whoever signed in with a password that somebody else set chooses another before anything else."""

    OPEN = frozenset({"password", "logout", "set_language"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: AccountRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated or not request.user.password_is_temporary:
            return None
        if request.path_info.startswith("/api/"):
            return _refusal("password-temporary", 403)
        return (
            None
            if request.resolver_match and request.resolver_match.url_name in self.OPEN
            else redirect("password")
        )


class ContentSecurityPolicy:
    """Nothing is loaded from elsewhere, and no script runs but our own files."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
