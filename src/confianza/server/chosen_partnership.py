"""What an address with a partnership in it narrows the pages and the interface to."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from confianza.cooperation.partnership import Partnership
from confianza.server.institutions.selectors import of_partnership, partnership_of, visible_partnerships
from confianza.server.requests import AccountRequest

Row = TypeVar("Row", bound=Model)


def partnerships_of(request: AccountRequest) -> list[Partnership]:
    """The partnerships that the account of a request may see, read once for the request."""
    if not hasattr(request, "partnerships"):
        may_see = request.user.is_authenticated
        request.partnerships = visible_partnerships(request.user.actor) if may_see else []
    return request.partnerships


def asked_partnership(request: AccountRequest) -> Partnership:
    """The partnership of the address, or the first that the account may see."""
    return partnership_of(request.partnership_code, partnerships_of(request))


def of_chosen(request: AccountRequest, rows: QuerySet[Row], field: str = "partner") -> QuerySet[Row]:
    """Of some rows those of the partner of the partnership that the address names; all where it names none."""
    code = request.partnership_code
    return of_partnership(rows, code, among=partnerships_of(request), field=field) if code else rows
