"""The partnership a command works on, or narrows a list to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from confianza.cooperation.actors import Actor
    from confianza.cooperation.partnership import Partnership

    Row = TypeVar("Row", bound=Model)

ENVIRONMENT = "CONFIANZA_PARTNERSHIP"
PartnershipOption = Annotated[
    str,
    typer.Option(
        "--partnership",
        envvar=ENVIRONMENT,
        help="Code of the partnership, such as us-co; the first of the workspace when left out.",
    ),
]
OnlyPartnershipOption = Annotated[
    str,
    typer.Option(
        "--partnership",
        envvar=ENVIRONMENT,
        help="Only what is of this partnership, by its code, such as us-co; of every one when left out.",
    ),
]


def chosen_partnership(code: str) -> Partnership:
    """A partnership of the open workspace by its code; the first one without a code."""
    from confianza.server.institutions.selectors import partnership_of, partnerships

    return partnership_of(code, partnerships())


def narrowed(rows: QuerySet[Row], code: str, actor: Actor, field: str = "partner") -> QuerySet[Row]:
    """Of some rows those of a partnership that whoever looks may see, by its code; all of them without a code."""
    from confianza.server.institutions.selectors import of_partnership, visible_partnerships

    return of_partnership(rows, code, among=visible_partnerships(actor), field=field) if code else rows
