"""Who may see a page, and where the forms of a page lead."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from confianza.cooperation.permissions import permission_table


def permitted(action: str):
    """Let an account in when its role may take the action; 403 with the reason otherwise."""
    permission_table().actions[action]  # a name that is not in the table fails at import

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if not request.user.may(action):
                raise PermissionDenied(action)
            return view(request, *args, **kwargs)

        wrapped.action = action
        return wrapped

    return decorate


def form_of(page: str, *names: str):
    """A view that only takes a form of `page`; opened by its address, it leads to that page.

    `names` are the parts of the address that the two have in common.
    """

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            address = reverse(page, args=[kwargs[name] for name in names])
            query = request.GET.urlencode()
            return redirect(f"{address}?{query}" if query else address)

        wrapped.form_of = page
        return wrapped

    return decorate
