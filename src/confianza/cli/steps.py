"""What the commands that record a step are given: a day, and fields as name=value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import typer

from confianza.errors import RuleRefusal

DateOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day of the step; today when left out.")
]


def day_of(on: datetime | None) -> date:
    return on.date() if on else date.today()  # noqa: DTZ011 - the local calendar day is meant


def given_fields(pairs: Iterable[str] | None) -> dict[str, str]:
    """The fields of a step by name; RuleRefusal `field-not-a-pair`."""
    given = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise RuleRefusal("field-not-a-pair", text=pair)
        given[name] = value
    return given
