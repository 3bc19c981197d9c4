"""Addresses of the interface that were renamed: the old ones answer for one more version, as the new ones do."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, resolve
from django.views.decorators.csrf import csrf_exempt

RENAMED = {
    "track/programs": "training-plans",
    "track": "training-plans",
    "training/unsettled": "training-reports/unmatched",
    "training/settlements": "training-reports/classifications",
    "training": "training-reports",
}


def _answer_as(new: str) -> Callable[..., HttpResponseBase]:
    @csrf_exempt  # the interface asks for the token itself
    def view(request: HttpRequest, rest: str = "") -> HttpResponseBase:
        address = f"/api/{new}/{rest}".rstrip("/")
        match = resolve(address)
        response = match.func(request, *match.args, **match.kwargs)
        response["Link"] = f'<{address}>; rel="successor-version"'
        return response

    return view


urlpatterns = [
    pattern
    for old, new in RENAMED.items()
    for pattern in (path(old, _answer_as(new)), path(f"{old}/<path:rest>", _answer_as(new)))
]
