"""What an address with a partnership in it narrows the pages and the interface to."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from confianza.cooperation.partnership import Partnership
from confianza.server.institutions.selectors import partnership_of, visible_partnerships

Row = TypeVar("Row", bound=Model)


def asked_partnership(request: HttpRequest) -> Partnership:
    """The partnership of the address, or the first that the account may see."""
    return partnership_of(request.partnership_code, visible_partnerships(request.user.actor))


def of_chosen(request: HttpRequest, rows: QuerySet[Row], field: str = "partner") -> QuerySet[Row]:
    """Of some rows those of the partner of the partnership that the address names; all where it names none."""
    if not request.partnership_code:
        return rows
    return rows.filter(**{field: asked_partnership(request).partner.manual_code})
