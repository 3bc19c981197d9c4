"""Who may see a page, and where the forms of a page lead."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from confianza.cooperation.permissions import permission_table
from confianza.server.requests import AccountRequest

Parts = ParamSpec("Parts")  # of an address
Answer = TypeVar("Answer")


def permitted(
    action: str,
) -> Callable[
    [Callable[Concatenate[AccountRequest, Parts], Answer]],
    Callable[Concatenate[AccountRequest, Parts], Answer],
]:
    """Let an account in when its role may take the action; 403 with the reason otherwise."""
    permission_table().actions[action]  # a name that is not in the table fails at import

    def decorate(
        view: Callable[Concatenate[AccountRequest, Parts], Answer],
    ) -> Callable[Concatenate[AccountRequest, Parts], Answer]:
        @wraps(view)
        def wrapped(request: AccountRequest, /, *args: Parts.args, **kwargs: Parts.kwargs) -> Answer:
            if not request.user.may(action):
                raise PermissionDenied(action)
            return view(request, *args, **kwargs)

        wrapped.action = action  # type: ignore[attr-defined]  # a note on the view, which the tests read
        return wrapped

    return decorate


def form_of(
    page: str, *names: str
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view that only takes a form of `page`; opened by its address, it leads to that page.

    `names` are the parts of the address that the two have in common.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            address = reverse(page, args=[kwargs[name] for name in names])
            query = request.GET.urlencode()
            return redirect(f"{address}?{query}" if query else address)

        wrapped.form_of = page  # type: ignore[attr-defined]  # a note on the view, which the tests read
        return wrapped

    return decorate
