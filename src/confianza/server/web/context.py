"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from confianza.cooperation.permissions import permission_table
from confianza.server.requests import AccountRequest
from confianza.server.web.unsent import unsent_text

PAGES = [
    ("partnership", _("Partnership"), "view_partnership"),
    ("trust", _("Trust"), "view_trust"),
    ("cases", _("Cases"), "view_shared_case"),
    ("training-reports", _("Training reports"), "view_training"),
    ("training-plans", _("Training plans"), "view_shared_training_plan"),
    ("alumni", _("Alumni"), "view_alumni"),
    ("seat-plan", _("Seat plan"), "view_plan"),
    ("relationship", _("Relationship"), "view_relationship"),
    ("institutions", _("Institutions"), "view_partnership"),
    ("profile", _("Force profile"), "view_indicators"),
    ("events", _("Event data"), "view_events"),
    ("sources", _("Sources"), "view_sources"),
    ("audit", _("Audit"), "view_audit"),
    ("people", _("People"), "manage_people"),
]

# The page of the menu that the pages of an area belong to, by the folder of their views.
AREA_PAGES = {
    "trust": "trust",
    "cases": "cases",
    "funds": "cases",
    "rules": "cases",
    "training_reports": "training-reports",
    "training_plans": "training-plans",
    "alumni": "alumni",
    "planning": "seat-plan",
    "institutions": "institutions",
    "relationship": "relationship",
    "series": "profile",
}


def area_page(request: AccountRequest) -> str | None:
    """The page of the menu that a request's page belongs to."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return None
    names = [name for name, _label, _action in PAGES]
    if match.url_name in names:
        return match.url_name
    if match.url_name in ("person", "person-change"):
        return "people"
    folder = match.func.__module__.removeprefix("confianza.server.web.").partition(".")[0]
    return AREA_PAGES.get(folder)


def navigation(request: AccountRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not hasattr(request, "partnerships"):  # an address that is none
        request.partnership, request.partnerships = None, []
    frame = {"is_demo": settings.DEMO_PASSWORD is not None, "unsent": unsent_text(request)}
    if user is None or not user.is_authenticated:
        return {**frame, "pages": []}
    pages = [(name, label) for name, label, action in PAGES if user.may(action)]
    return {
        **frame,
        "pages": pages,
        "area": next(((name, label) for name, label in pages if name == area_page(request)), None),
        "allowed": [action for action in permission_table().actions if user.may(action)],
        "partnership": request.partnership,
        "partnerships": request.partnerships,
        "chosen_page": "/"
        if request.resolver_match is None or request.resolver_match.kwargs
        else request.path_info,
        "role": permission_table().roles[user.role].name if user.role else "",
    }
