"""Pages of the cases."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.case import ATTACH, BASIC
from confianza.cooperation.cases.case import Case as CaseState
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Field
from confianza.cooperation.process.rulebook import Edition, Step
from confianza.errors import RuleRefusal
from confianza.server.cases import documents, selectors, services
from confianza.server.cases.uploads import MOST_BYTES, kept_document
from confianza.server.language import format_day, format_money, language, localized
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.cases.summary import case_head
from confianza.server.web.parts import part_of, parts
from confianza.server.web.record import Recorded, record_context
from confianza.server.web.step_forms import StepForm, field_input, posted_step
from confianza.server.web.submit import submit
from confianza.server.web.summary import due_in_words, offices_in_words


def account_name(account: Account) -> str:
    return {
        Account.APPROPRIATED: _("Appropriated"),
        Account.AVAILABLE: _("Available (drawn from the funds)"),
        Account.COMMITTED: _("Committed"),
        Account.OBLIGATED: _("Obligated"),
        Account.EXPENDED: _("Expended"),
        Account.EXPIRED: _("Expired"),
        Account.CANCELED: _("Canceled"),
        Account.RETURNED: _("Returned"),
    }[account]


def visible_or_404(request: AccountRequest, identifier: str) -> Any:
    row = selectors.visible_cases(request.user.actor).filter(pk=identifier).first()
    if row is None:
        raise Http404(identifier)
    return row


def _shown(value: Any, field: Field, edition: Edition) -> str:
    """A recorded value in words."""
    if field.type == "money":
        return format_money(Money(**value))
    if field.type == "document-kind":
        return localized(edition.documents[value].name)
    if field.type == "date":
        return format_day(date.fromisoformat(value))
    if field.type == "digest":
        return f"{value[:12]}…"
    return localized(field.options[value]) if value in field.options else str(value)


def case_record(row: Any, edition: Edition) -> list[Recorded]:
    """Every event of a case, newest first."""
    return [_recorded(event, edition) for event in selectors.case_events(row).order_by("-sequence")]


def _recorded(event: Any, edition: Edition) -> Recorded:
    if event.action != selectors.STEP:
        names = {"case.open": _("Case opened"), "case.share": _("Sharing changed")}
        day = timezone.localtime(event.at).date()
        return Recorded(event, event.action, names[event.action], day, lambda: "")
    step, details = edition.steps[event.payload["step"]], event.payload["details"]

    def in_words() -> str:
        return "; ".join(
            f"{localized(field.label)}: {_shown(details[field.name], field, edition)}"
            for field in step.fields
            if field.name in details
        )

    return Recorded(event, step.id, localized(step.name), date.fromisoformat(event.payload["on"]), in_words)


def form_field(
    state: CaseState, step: Step, field: Field, value: str, *, on: date, available: Money
) -> dict[str, Any]:
    """One field of a step as the page asks for it: what may be chosen comes from the case."""
    choices = None
    if field.type == "line":
        choices = [(number, f"{number} {line.description}") for number, line in state.lines.items()]
    elif field.type == "entry":
        keys = process.entry_choices(state, step, field, on=on, available=available)
        choices = [(key, key) for key in keys]
    known = list(state.register(field.register)) if field.type == "key" and field.register else []
    return field_input(field, value, choices=choices, known=known)


def case_actions(
    request: AccountRequest,
    row: Any,
    state: CaseState,
    offered: Any,
    available: Any,
    today: date,
    form: StepForm,
) -> list[dict[str, Any]]:
    """The steps on offer; those of the person's offices have a form."""
    mine = request.user.actor.offices_for("record_step")
    dues = {step: due.due_on for step, due in timing.next_deadlines(state, on=today).items()}
    actions = []
    for action in offered:
        step, due_on = action.step, dues.get(action.step.id)
        fields = [
            form_field(state, step, field, form.value(step.id, field.name), on=today, available=available)
            for field in step.fields
        ]
        actions.append(
            {
                "step": step,
                "refusals": action.refusals,
                "offices": offices_in_words(step.actors),
                "url": reverse("case-step", args=[row.identifier, step.id]),
                "is_mine": bool(mine & set(step.actors)),
                "is_ready": process.is_ready(state, step, on=today, available=available),
                "is_main": not step.is_optional or due_on is not None,
                "due_on": due_on,
                "due": due_in_words(due_on, format_day(due_on), today),
                "is_overdue": due_on is not None and due_on < today,
                "concerns": _concerns(step),
                **form.shown(step.id, fields, today),
            }
        )
    return sorted(actions, key=lambda action: (not action["is_mine"], action["due_on"] or date.max))


def _concerns(step: Step) -> set[str]:
    """The parts of the page beside the first that have the form of a step: where its lines or its money stand."""
    concerns = set()
    if any(field.type in ("line", "line-number") or field.register == "deliveries" for field in step.fields):
        concerns.add("lines")
    if any(field.type == "money" for field in step.fields):
        concerns.add("money")
    return concerns


PARTS = {
    "overview": gettext_lazy("Overview"),
    "lines": gettext_lazy("Lines and deliveries"),
    "documents": gettext_lazy("Documents"),
    "money": gettext_lazy("Money"),
    "record": gettext_lazy("Record"),
}


def case_page(
    request: AccountRequest,
    row: Any,
    *,
    refusal: dict[str, Any] | None = None,
    given: Any = None,
    step: str = "",
    part: Any = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a case: its head, and one of its parts; a refused step opens where it was."""
    state = selectors.case_state(row)
    edition = edition_of(row.edition)
    today = timezone.localdate()
    available = selectors.funds_available(row)
    offered = process.next_actions(state, on=today, available=available)
    form = StepForm(step, given or {}, refusal)
    actions = case_actions(request, row, state, offered, available, today, form)
    steps = [action for action in actions if action["step"].id != ATTACH]
    found = documents.case_summary(state, offered, on=today, available=available, language=language())
    head = case_head(found, steps, edition, state.status, today)
    part = part or part_of(request, PARTS)
    of_part = {
        "overview": _overview,
        "lines": _lines,
        "documents": _documents,
        "money": _money,
        "record": _record,
    }[part]
    mine = [action for action in steps if action["is_mine"] and not _is_in_head(action, head)]
    context = {
        "row": row,
        "state": state,
        "edition": edition,
        "today": today,
        "summary": head,
        "part": part,
        "parts": parts(PARTS, part, reverse("case", args=[row.identifier])),
        "mine": mine,
        "actions": [action for action in mine if action["is_main"]],
        "other_actions": [action for action in mine if not action["is_main"]],
        "waiting": [action for action in steps if not action["is_mine"] and action["is_main"]],
        "part_actions": [action for action in mine if part in action["concerns"]],
        "may_attach": any(action["step"].id == ATTACH and action["is_mine"] for action in actions),
        "versions": [BASIC, *state.register("versions")],
        "refusal": None if any(action["is_open"] and action["is_mine"] for action in steps) else refusal,
    }
    return render(
        request, "cases/case.html", context | of_part(request, row, state, edition, today), status=status
    )


def _is_in_head(action: Any, head: Any) -> bool:
    return head.next is not None and head.next.action is action


def _overview(
    request: AccountRequest, row: Any, state: CaseState, edition: Edition, today: date
) -> dict[str, Any]:
    return {
        "phases": process.phases(state),
        "current": process.current_phase(state),
        "clocks": timing.clock_states(state, on=today),
        "deadlines": [
            {"state": due, "is_overdue": due.is_overdue(today), "is_open": due.met_on is None}
            for due in timing.deadline_states(state, on=today)
        ],
        "may_share": request.user.may("share_case"),
    }


def _lines(
    request: AccountRequest, row: Any, state: CaseState, edition: Edition, today: date
) -> dict[str, Any]:
    return {
        "lines": list(state.lines.values()),
        "deliveries": row.deliveries.order_by("planned_on", "name"),
        "causes": _cause_names(edition),
    }


def _documents(
    request: AccountRequest, row: Any, state: CaseState, edition: Edition, today: date
) -> dict[str, Any]:
    return {
        "documents": [
            {**item.details, "kind_name": edition.documents[str(item.details["kind"])].name, "on": item.on}
            for item in state.documents
        ],
        "document_kinds": [kind for kind in edition.documents.values() if not kind.is_excluded],
        "may_download": request.user.may("view_every_case"),
    }


def _money(
    request: AccountRequest, row: Any, state: CaseState, edition: Edition, today: date
) -> dict[str, Any]:
    balances = state.balances
    return {
        "availability": state.funds.availability_on(today),
        "balances": [(account_name(a), balances[a]) for a in Account if a is not Account.APPROPRIATED],
        "balance_sum": Money(sum(amount.minor for amount in balances.values()), state.funds.currency),
    }


def _record(
    request: AccountRequest, row: Any, state: CaseState, edition: Edition, today: date
) -> dict[str, Any]:
    return record_context(request, case_record(row, edition))


def _cause_names(edition: Edition) -> Mapping[str, BilingualText]:
    step = edition.steps.get("record-arrival")
    return next((field.options for field in step.fields if field.name == "cause"), {}) if step else {}


@permitted("view_shared_case")
def case(request: AccountRequest, identifier: str) -> HttpResponse:
    return case_page(request, visible_or_404(request, identifier))


@form_of("case", "identifier")
@permitted("record_step")
def case_step(request: AccountRequest, identifier: str, step: str) -> HttpResponse:
    row = visible_or_404(request, identifier)

    def take(actor: Actor) -> Any:
        services.take_step(identifier=identifier, step=step, actor=actor, **posted_step(request))

    def done(_result: Any) -> HttpResponse:
        name = localized(edition_of(row.edition).steps[step].name)
        messages.success(request, _("Recorded: %(step)s.") % {"step": name}, extra_tags="good")
        return redirect("case", identifier)

    known = edition_of(row.edition).steps.get(step)
    page = partial(case_page, request, row, given=request.POST, step=step, part="overview")
    return submit(request, None, take, page, done, asked=known.fields if known else ())


@form_of("case", "identifier")
@permitted("record_step")
def case_document(request: AccountRequest, identifier: str) -> HttpResponse:
    """Attach an uploaded file."""
    row = visible_or_404(request, identifier)
    upload = request.FILES.get("file")
    if upload is None:
        refusal = {"heading": _("Choose a file to attach.")}
        return case_page(request, row, refusal=refusal, part="documents", status=400)

    def attach(actor: Actor) -> Any:
        posted = posted_step(request)
        services.attach_document(
            identifier=identifier,
            kind=request.POST.get("kind", ""),
            file_name=upload.name or "",
            content=upload.read(MOST_BYTES + 1),
            on=posted["on"],
            actor=actor,
            version=posted["version"],
        )

    def done(_result: Any) -> HttpResponse:
        messages.success(request, _("Attached: %(file)s.") % {"file": upload.name}, extra_tags="good")
        return redirect(f"{reverse('case', args=[identifier])}?part=documents")

    return submit(request, None, attach, partial(case_page, request, row, part="documents"), done)


@permitted("view_every_case")
def case_file(request: AccountRequest, identifier: str, digest: str) -> FileResponse:
    """A document of a case, as a download."""
    state = selectors.case_state(visible_or_404(request, identifier))
    try:
        file_name, path = kept_document(state, digest)
    except RuleRefusal as error:
        raise Http404(digest) from error
    return FileResponse(path.open("rb"), as_attachment=True, filename=file_name)


@form_of("case", "identifier")
@permitted("share_case")
def case_share(request: AccountRequest, identifier: str) -> HttpResponse:
    visible_or_404(request, identifier)
    services.share_case(
        identifier=identifier, is_shared=request.POST.get("is_shared") == "1", actor=request.user.actor
    )
    return redirect("case", identifier)
