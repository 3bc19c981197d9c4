"""Pages of the cases."""

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.cases import process, timing
from confianza.cooperation.cases.case import ATTACH, BASIC
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.server.cases import selectors, services
from confianza.server.cases.uploads import MOST_BYTES, kept_document
from confianza.server.language import format_day, format_money, localized
from confianza.server.web.access import form_of, permitted
from confianza.server.web.step_forms import field_input, posted_step
from confianza.server.web.submit import submit


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


def visible_or_404(request, identifier: str):
    row = selectors.visible_cases(request.user.actor).filter(pk=identifier).first()
    if row is None:
        raise Http404(identifier)
    return row


def _shown(value, field, edition) -> str:
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


def case_record(row, state, edition):
    """Every event of a case, newest first, in words."""
    table = permission_table()
    lines = []
    for event in selectors.case_events(row).order_by("-sequence"):
        details = ""
        if event.action == selectors.STEP:
            step = edition.steps[event.payload["step"]]
            name, on = localized(step.name), date.fromisoformat(event.payload["on"])
            given = event.payload["details"]
            details = "; ".join(
                f"{localized(field.label)}: {_shown(given[field.name], field, edition)}"
                for field in step.fields
                if field.name in given
            )
        else:
            name = {"case.open": _("Case opened"), "case.share": _("Sharing changed")}[event.action]
            on = event.at.date()
        lines.append(
            {
                "on": on,
                "name": name,
                "details": details,
                "by": f"{event.account} · {localized(table.roles[event.role].name)}",
                "sequence": event.sequence,
                "digest": event.digest,
            }
        )
    return lines


def form_field(state, step, field, value: str, *, on: date, available: Money) -> dict:
    """One field of a step as the page asks for it: what may be chosen comes from the case."""
    choices = None
    if field.type == "line":
        choices = [(number, f"{number} {line.description}") for number, line in state.lines.items()]
    elif field.type == "entry":
        keys = process.entry_choices(state, step, field, on=on, available=available)
        choices = [(key, key) for key in keys]
    known = list(state.register(field.register)) if field.type == "key" and field.register else []
    return field_input(field, value, choices=choices, known=known)


def case_actions(request, row, state, today, given, step) -> list[dict]:
    """What the process offers now; those of the person's offices with a form."""
    table = permission_table()
    mine = request.user.actor.offices_for("record_step")
    available = selectors.funds_available(row)
    dues: dict[str, date] = {}
    for due in timing.open_deadlines(state, on=today):
        dues.setdefault(due.deadline.satisfied_by, due.due_on)
    actions = [
        {
            "step": action.step,
            "refusals": action.refusals,
            "offices": localized(join_texts([table.offices[office] for office in action.step.actors])),
            "url": reverse("case-step", args=[row.identifier, action.step.id]),
            "is_mine": bool(mine & set(action.step.actors)),
            "is_open": action.step.id == step,
            "is_ready": process.is_ready(state, action.step, on=today, available=available),
            "is_main": not action.step.is_optional or action.step.id in dues,
            "due_on": dues.get(action.step.id),
            "is_overdue": action.step.id in dues and dues[action.step.id] < today,
            "on": given.get("on") if action.step.id == step else today.isoformat(),
            "fields": [
                form_field(
                    state,
                    action.step,
                    field,
                    given.get(field.name, "") if action.step.id == step else "",
                    on=today,
                    available=available,
                )
                for field in action.step.fields
            ],
        }
        for action in process.next_actions(state, on=today, available=available)
    ]
    return sorted(actions, key=lambda action: (not action["is_mine"], action["due_on"] or date.max))


def case_page(request, row, *, refusal=None, given=None, step=None, status=200):
    state = selectors.case_state(row)
    edition = edition_of(row.edition)
    today = timezone.localdate()
    actions = case_actions(request, row, state, today, given or {}, step)
    steps = [action for action in actions if action["step"].id != ATTACH]
    balances = state.balances
    may_attach = any(action["step"].id == ATTACH and action["is_mine"] for action in actions)
    context = {
        "row": row,
        "state": state,
        "edition": edition,
        "today": today,
        "phases": process.phases(state),
        "current": process.current_phase(state),
        "actions": [action for action in steps if action["is_mine"] and action["is_main"]],
        "other_actions": [action for action in steps if action["is_mine"] and not action["is_main"]],
        "waiting": [action for action in steps if not action["is_mine"] and action["is_main"]],
        "clocks": timing.clock_states(state, on=today),
        "deadlines": [
            {"state": due, "is_overdue": due.is_overdue(today), "is_open": due.met_on is None}
            for due in timing.deadline_states(state, on=today)
        ],
        "lines": list(state.lines.values()),
        "deliveries": row.deliveries.order_by("planned_on", "name"),
        "causes": _cause_names(edition),
        "documents": [
            {**item.details, "kind_name": edition.documents[str(item.details["kind"])].name, "on": item.on}
            for item in state.documents
        ],
        "document_kinds": [kind for kind in edition.documents.values() if not kind.is_excluded],
        "may_attach": may_attach,
        "may_download": request.user.may("view_every_case"),
        "versions": [BASIC, *state.register("versions")],
        "availability": state.funds.availability_on(today),
        "balances": [(account_name(a), balances[a]) for a in Account if a is not Account.APPROPRIATED],
        "balance_sum": Money(sum(amount.minor for amount in balances.values()), state.funds.currency),
        "may_share": request.user.may("share_case"),
        "record": case_record(row, state, edition),
        "refusal": refusal,
    }
    return render(request, "cases/case.html", context, status=status)


def _cause_names(edition) -> dict:
    step = edition.steps.get("record-arrival")
    return next((field.options for field in step.fields if field.name == "cause"), {}) if step else {}


@permitted("view_shared_case")
def case(request, identifier):
    return case_page(request, visible_or_404(request, identifier))


@form_of("case", "identifier")
@permitted("record_step")
def case_step(request, identifier, step):
    row = visible_or_404(request, identifier)

    def take(actor):
        services.take_step(identifier=identifier, step=step, actor=actor, **posted_step(request))

    def done(_result):
        name = localized(edition_of(row.edition).steps[step].name)
        messages.success(request, _("Recorded: %(step)s.") % {"step": name}, extra_tags="good")
        return redirect("case", identifier)

    known = edition_of(row.edition).steps.get(step)
    page = partial(case_page, request, row, given=request.POST, step=step)
    return submit(request, None, take, page, done, asked=known.fields if known else ())


@form_of("case", "identifier")
@permitted("record_step")
def case_document(request, identifier):
    """Attach an uploaded file."""
    row = visible_or_404(request, identifier)
    upload = request.FILES.get("file")
    if upload is None:
        return case_page(request, row, refusal={"heading": _("Choose a file to attach.")}, status=400)

    def attach(actor):
        posted = posted_step(request)
        services.attach_document(
            identifier=identifier,
            kind=request.POST.get("kind", ""),
            file_name=upload.name,
            content=upload.read(MOST_BYTES + 1),
            on=posted["on"],
            actor=actor,
            version=posted["version"],
        )

    def done(_result):
        messages.success(request, _("Attached: %(file)s.") % {"file": upload.name}, extra_tags="good")
        return redirect("case", identifier)

    return submit(request, None, attach, partial(case_page, request, row), done)


@permitted("view_every_case")
def case_file(request, identifier, digest):
    """A document of a case, as a download."""
    state = selectors.case_state(visible_or_404(request, identifier))
    try:
        file_name, path = kept_document(state, digest)
    except RuleRefusal as error:
        raise Http404(digest) from error
    return FileResponse(path.open("rb"), as_attachment=True, filename=file_name)


@form_of("case", "identifier")
@permitted("share_case")
def case_share(request, identifier):
    visible_or_404(request, identifier)
    services.share_case(
        identifier=identifier, is_shared=request.POST.get("is_shared") == "1", actor=request.user.actor
    )
    return redirect("case", identifier)
