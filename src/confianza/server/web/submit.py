"""What becomes of a form that was sent: the page again with what is wrong with it, or on to the next page.

A form whose field was just left is sent with the header `CHECKED`, by the attributes of `check_when_left`. It is then
only checked: what it would write is taken back.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from confianza.cooperation.process.fields import Field, read_details
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import ConfianzaError, RuleRefusal
from confianza.server.language import language, told, written
from confianza.server.requests import AccountRequest

NOT_A_DAY = "step-date"
# What a refusal is about, by its code; a form without that field says it above its fields.
FIELDS = {
    NOT_A_DAY: "on",
    "day-to-come": "on",
    "line-unknown": "line",
    "account-exists": "account",
    "password-weak": "password",
    "case-exists": "identifier",
    "case-identifier-form": "identifier",
    "party-code-not-valid": "iso_code",
    "party-exists": "iso_code",
    "party-without-name": "name_en",
    "partnership-of-one": "partner_code",
    "partnership-exists": "partner_code",
    "trust-years-out-of-order": "last_year",
    "student-source-missing": "public_source",
    "course-school-group": "school",
    "course-dates": "end_date",
    "post-twice": "code",
    "post-dates": "to_date",
    "post-held": "from_date",
}
CHECKED = "Checked-Field"  # the header with the name of the field that was left


def submit(
    request: AccountRequest,
    form: forms.Form | None,
    action: Callable[..., Any],
    page: Callable[..., HttpResponse],
    done: Callable[[Any], HttpResponse],
    *,
    asked: Iterable[Field] = (),
) -> HttpResponse:
    """Check the form, take the action with its fields and the actor, and go on.

    `page` shows the form again with a `status` and, where the action was refused, the `refusal`, or what is wrong
    beside the field that the refusal is about; `done` answers with what the action returned. Without a form the action
    reads the request itself, of a step the fields `asked`.
    """
    if CHECKED in request.headers:
        return _checked(request, form, action, {field.name: field for field in asked})
    if form is not None and not form.is_valid():
        _begin_at_fault(form)
        return page(status=400)
    fields = {} if form is None else form.cleaned_data
    try:
        result = action(actor=request.user.actor, **fields)
    except ConfianzaError as error:
        refusal, status = refusal_of(error), status_of(error)
        if form is not None and refusal.get("field") in form.fields:
            form.add_error(refusal["field"], refusal["heading"])
            _begin_at_fault(form)
            return page(status=status)
        return page(status=status, refusal=refusal)
    return done(result)


def _begin_at_fault(form: forms.Form) -> None:
    """The cursor is in the first field that something is wrong with."""
    if name := next((name for name in form.fields if name in form.errors), None):
        form.fields[name].widget.attrs["autofocus"] = True


def _checked(
    request: AccountRequest, form: forms.Form | None, action: Callable[..., Any], asked: dict[str, Field]
) -> HttpResponse:
    """What is wrong with the field that was left and, once all can be read, what the rules refuse."""
    name = request.headers[CHECKED]
    problems: list[str] = []
    refusal = None
    misread = {key: _misread(field, request.POST.get(key, "")) for key, field in asked.items()}
    if form is not None and not form.is_valid():
        problems = [str(text) for text in form.errors.get(name, ())]
    elif any(misread.values()):
        problems = [text for key, text in misread.items() if text and key == name]
    elif (form is not None or asked) and not request.FILES:  # a file is stored beside the database
        fields = {} if form is None else form.cleaned_data
        error = _refused(partial(action, actor=request.user.actor, **fields))
        refusal = refusal_of(error) if error else None
        if refusal and refusal.get("field") == name:
            problems, refusal = [refusal["heading"]], None
    target = request.headers.get("HX-Target", "")
    context = {
        "problem_of": target.removesuffix("_problem"),
        "problems": problems,
        "refusal": refusal,
        "address": request.get_full_path(),
    }
    return render(request, "components/checked.html", context)


def _misread(field: Field, text: str) -> str:
    try:
        read_details([field], {field.name: text})
    except RuleRefusal as error:
        return told(error)
    return ""


def _refused(action: Callable[[], Any]) -> ConfianzaError | None:
    """What the action is refused for; what it wrote is taken back."""
    try:
        with transaction.atomic():
            action()
            transaction.set_rollback(True)
    except ConfianzaError as error:
        return error
    return None


def refusal_of(error: ConfianzaError) -> dict[str, Any]:
    """What a page says of a refusal: the heading, and each rule that refuses a step, or the field it is about."""
    if isinstance(error, StepRefused):
        refused = error.rewritten(written)
        return {"heading": refused.heading(language()), "reasons": refused.refusals}
    field = FIELDS.get(error.code, error.params.get("field", ""))
    return {"heading": told(error), "field": str(field)}


def status_of(error: ConfianzaError) -> int:
    """The status of the answer: 400 for a form that cannot be read, 409 for what the rules refuse."""
    return 400 if error.code == NOT_A_DAY else 409
