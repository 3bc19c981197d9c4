"""The partnership a command works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from confianza.cooperation.partnership import Partnership

PartnershipOption = Annotated[
    str,
    typer.Option(
        "--partnership",
        envvar="CONFIANZA_PARTNERSHIP",
        help="Code of the partnership, such as us-co; the first of the workspace when left out.",
    ),
]


def chosen_partnership(code: str) -> Partnership:
    """A partnership of the open workspace by its code; the first one without a code."""
    from confianza.server.institutions.selectors import partnership_of, partnerships

    return partnership_of(code, partnerships())
