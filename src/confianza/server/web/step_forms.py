"""Forms of steps, and what was sent with one: the same for cases and for training plans."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from confianza.cooperation.process.fields import RESERVED, SEEN, Field
from confianza.errors import RuleRefusal
from confianza.server.language import localized
from confianza.server.requests import AccountRequest
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
    asked: Field, value: str, *, choices: list[tuple[str, str]] | None = None, known: Iterable[str] = ()
) -> dict[str, Any]:
    """One field of a step as a page asks for it: `choices` are all there are, `known` are proposed."""
    if choices is None and asked.options:
        choices = [(key, localized(name)) for key, name in asked.options.items()]
    return {
        "name": asked.name,
        "label": localized(asked.label),
        "value": value,
        "is_required": asked.is_required,
        "is_choice": choices is not None,
        "choices": choices or [],
        "known": known,
        "is_long": asked.type == "words",
        "input": INPUTS.get(asked.type, "text"),
        "placeholder": PLACEHOLDERS.get(asked.type, ""),
        "mode": {"money": "decimal", "count": "numeric"}.get(asked.type, ""),
    }


@dataclass(frozen=True)
class StepForm:
    """What was sent with a step and refused; empty where a page shows its forms for the first time."""

    step: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    refusal: Mapping[str, Any] | None = None

    def value(self, step: str, name: str) -> str:
        """What was typed in a field of a step."""
        return self.given.get(name, "") if step == self.step else ""

    def shown(self, step: str, fields: Sequence[dict[str, Any]], today: date) -> dict[str, Any]:
        """A form as the page shows it: open with what was typed and what is wrong with it, at its field where
        the refusal names one, or closed with today's date."""
        is_open = bool(self.step) and step == self.step
        refusal = self.refusal if is_open else None
        wrong = refusal.get("field", "") if refusal else ""
        if wrong not in {"on", *(item["name"] for item in fields)}:
            wrong = ""
        return {
            "is_open": is_open,
            "on": self.given.get("on", today.isoformat()) if is_open else today.isoformat(),
            "fields": fields,
            "refusal": refusal,
            "wrong_field": wrong,
        }


def posted_step(request: AccountRequest) -> dict[str, Any]:
    """The day, the version seen and the fields sent with a step; RuleRefusal `step-date` for a day that is none."""
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise RuleRefusal(NOT_A_DAY, value=request.POST.get("on", "")) from error
    seen = request.POST.get(SEEN, "")
    version = int(seen) if seen.isdecimal() else UNSEEN
    given = {key: value for key, value in request.POST.items() if key not in RESERVED}
    return {"on": on, "version": version, "given": given}
