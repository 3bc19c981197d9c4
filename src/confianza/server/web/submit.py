"""What becomes of a form that was sent: the page again with what is wrong with it, or on to the next page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse

from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ConfianzaError
from confianza.server.language import language
from confianza.server.requests import AccountRequest

NOT_A_DAY = "step-date"
FIELDS = {NOT_A_DAY: "on", "day-to-come": "on", "line-unknown": "line"}  # what a refusal is about by its code


def submit(
    request: AccountRequest,
    form: forms.Form | None,
    action: Callable[..., Any],
    page: Callable[..., HttpResponse],
    done: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Check the form, take the action with its fields and the actor, and go on.

    `page` shows the form again with a `status` and, where the action was refused, the `refusal`; `done` answers with
    what the action returned. Without a form the action reads the request itself.
    """
    if form is not None and not form.is_valid():
        return page(status=400)
    fields = {} if form is None else form.cleaned_data
    try:
        result = action(actor=request.user.actor, **fields)
    except ConfianzaError as error:
        return page(status=status_of(error), refusal=refusal_of(error))
    return done(result)


def refusal_of(error: ConfianzaError) -> dict[str, Any]:
    """What a page says of a refusal: the heading, and each rule that refuses a step, or the field it is about."""
    if isinstance(error, StepRefused):
        return {"heading": error.heading(language()), "reasons": error.refusals}
    field = FIELDS.get(error.code, error.params.get("field", ""))
    return {"heading": error.in_language(language()), "field": str(field)}


def status_of(error: ConfianzaError) -> int:
    """The status of the answer: 400 for a form that cannot be read, 409 for what the rules refuse."""
    return 400 if error.code == NOT_A_DAY else 409
