"""The partnership of a request: `/p/us-co/trust/` is the page `/trust/` of the partnership us-co.

An address without that prefix is of the workspace as a whole: its lists show every partnership, and a page that is of
one shows the first that its reader may see. The prefix is the script name of the request, so every link that a page
makes with `{% url %}` or `reverse` stays in the partnership, and a link that is passed on opens the same one.
"""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import get_script_prefix, set_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme

from confianza.cooperation.partnership import Partnership
from confianza.server.chosen_partnership import partnerships_of
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted

ADDRESS = re.compile(r"/p/(?P<code>[a-z]{2}-[a-z]{2})(?P<page>/.*)", re.DOTALL)
REMEMBERED = "partnership"  # in the session: the last one looked at


def address_in(code: str, page: str) -> str:
    """The address of a page, which begins with a slash, in a partnership."""
    return f"/p/{code}{page}"


def enter(request: AccountRequest, path: str) -> None:
    """Point a request to a path: to a partnership where it names one, and to the page in it."""
    found = ADDRESS.fullmatch(path)
    request.partnership_code = found["code"] if found else ""
    request.path_info = found["page"] if found else path
    set_script_prefix(address_in(found["code"], "/") if found else "/")


def find_partnership(request: AccountRequest) -> None:
    """Give a request the partnerships its reader may see and the one it is of; 404 when that is not among them."""
    if not request.user.is_authenticated:  # the sign-in page is of the workspace as a whole
        set_script_prefix("/")
    code = request.partnership_code
    vars(request).pop("partnerships", None)  # of whoever read the request before it was signed in
    request.partnership = next(
        (one for one in partnerships_of(request) if not code or one.code == code), None
    )
    if code and request.user.is_authenticated and request.partnership is None:
        raise Http404(code)


def partnership_or_404(request: AccountRequest) -> Partnership:
    """The partnership of a request; Http404 where the workspace has none that its reader may see."""
    if request.partnership is None:
        raise Http404("partnership")
    return request.partnership


class PartnershipAddress:
    """Reads the partnership from the address, and remembers it for the next sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: AccountRequest) -> HttpResponseBase:
        before = get_script_prefix()
        enter(request, request.path_info)
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)

    def process_view(
        self,
        request: AccountRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if request.path_info.startswith("/api/"):
            return None  # the interface reads it where it needs it, for whom its password names
        find_partnership(request)
        code, remembered = request.partnership_code, request.session.get(REMEMBERED)
        if code and code != remembered and request.partnership:
            request.session[REMEMBERED] = code
        if request.path == "/" and remembered in [one.code for one in partnerships_of(request)[1:]]:
            return redirect(address_in(remembered, "/"))
        return None


@permitted("view_partnership")
def choose(request: AccountRequest) -> HttpResponse:
    """To the page asked for, or else the first page, of the partnership that was chosen in the header."""
    code, page = request.GET.get("partnership", ""), request.GET.get("page", "/")
    if code not in [one.code for one in partnerships_of(request)]:
        raise Http404(code)
    if not page.startswith("/") or not url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        page = "/"
    return redirect(address_in(code, page))
