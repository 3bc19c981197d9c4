"""Addresses of the version before: each leads to the new one, for one more version."""

from django.http import HttpRequest
from django.urls import get_script_prefix

# The beginning of an old address and that of the new one; the first that fits counts.
RENAMED = {
    "training/plans/": "training-plans/",
    "training/settle/": "training-reports/unmatched/",
    "training/": "training-reports/",
    "plan/": "seat-plan/",
    "evidence/": "training-reports/",
    "history/": "relationship/",
}


def new_address(request: HttpRequest) -> str | None:
    """The address a request for an old one leads to, with its query; None for any other."""
    path = request.path_info.removeprefix("/")
    for old, new in RENAMED.items():
        if path.startswith(old):
            query = request.META.get("QUERY_STRING", "")
            return get_script_prefix() + new + path.removeprefix(old) + (f"?{query}" if query else "")
    return None
