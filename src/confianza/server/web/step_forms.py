"""Forms of steps, and what was sent with one: the same for cases and for training plans."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest

from confianza.cooperation.process.fields import RESERVED, SEEN, Field
from confianza.errors import RuleRefusal
from confianza.server.language import localized
from confianza.server.web.submit import NOT_A_DAY

INPUTS = {"date": "date", "instant": "datetime-local", "month": "month"}
PLACEHOLDERS = {
    "money": "1234.50",
    "line-number": "001",
    "month": "2026-03",
    "country": "FR",
    "numbers": "12, 15",
}
UNSEEN = -1  # a version nothing has


def field_input(
    field: Field, value: str, *, choices: list[tuple[str, str]] | None = None, known: Iterable[str] = ()
) -> dict[str, Any]:
    """One field of a step as a page asks for it: `choices` are all there are, `known` are proposed."""
    if choices is None and field.options:
        choices = [(key, localized(name)) for key, name in field.options.items()]
    return {
        "name": field.name,
        "label": localized(field.label),
        "value": value,
        "is_required": field.is_required,
        "is_choice": choices is not None,
        "choices": choices or [],
        "known": known,
        "is_long": field.type == "words",
        "input": INPUTS.get(field.type, "text"),
        "placeholder": PLACEHOLDERS.get(field.type, ""),
        "mode": {"money": "decimal", "count": "numeric"}.get(field.type, ""),
    }


def posted_step(request: HttpRequest) -> dict[str, Any]:
    """The day, the version seen and the fields sent with a step; RuleRefusal `step-date` for a day that is none."""
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise RuleRefusal(NOT_A_DAY, value=request.POST.get("on", "")) from error
    seen = request.POST.get(SEEN, "")
    version = int(seen) if seen.isdecimal() else UNSEEN
    given = {key: value for key, value in request.POST.items() if key not in RESERVED}
    return {"on": on, "version": version, "given": given}
