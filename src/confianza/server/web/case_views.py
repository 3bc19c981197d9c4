"""Pages of the cases."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from confianza.cooperation.cases import process
from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.cases.gates import joined
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError
from confianza.server.cases import selectors, services
from confianza.server.institutions.selectors import party_names
from confianza.server.programs.selectors import open_appropriations
from confianza.server.web.access import permitted
from confianza.server.web.templatetags.formats import language, money, said


def account_name(account: Account) -> str:
    return {
        Account.APPROPRIATED: _("Appropriated"),
        Account.AVAILABLE: _("Available (drawn from the funds)"),
        Account.COMMITTED: _("Committed"),
        Account.OBLIGATED: _("Obligated"),
        Account.EXPENDED: _("Expended"),
        Account.EXPIRED: _("Expired"),
        Account.CANCELLED: _("Cancelled"),
        Account.RETURNED: _("Returned"),
    }[account]


def visible_or_404(request, identifier: str):
    row = selectors.visible_cases(request.user).filter(pk=identifier).first()
    if row is None:
        raise Http404(identifier)
    return row


class OpenForm(forms.Form):
    """What a case begins with."""

    identifier = forms.CharField(label=gettext_lazy("Case"), max_length=20)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"))
    funds = forms.ChoiceField(label=gettext_lazy("Funds"))
    edition = forms.ChoiceField(label=gettext_lazy("Edition of the process"))

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["partner"].choices = [(code, said(name)) for code, name in party_names().items()]
        self.fields["funds"].choices = [(row.code, said(row.name)) for row in open_appropriations()]
        self.fields["edition"].choices = [
            (edition.id, said(edition.title)) for edition in editions().values()
        ]
        self.fields["identifier"].widget.attrs["placeholder"] = "E7-B-UAE"


@require_POST
@permitted("open_case")
def case_open(request):
    form = OpenForm(request.POST)
    if not form.is_valid():
        return case_list_page(request, form, status=400)
    asked = form.cleaned_data
    try:
        services.open_case(
            identifier=asked["identifier"],
            edition=asked["edition"],
            title=asked["title"],
            partner_code=asked["partner"],
            appropriation_code=asked["funds"],
            actor=request.user.actor,
        )
    except ConfianzaError as error:
        return case_list_page(request, form, refusal=error.in_language(language()), status=409)
    return redirect("case", asked["identifier"])


@permitted("view_shared_case")
def case_list(request):
    return case_list_page(request, OpenForm())


def case_list_page(request, form, *, refusal=None, status=200):
    rows = []
    for row in selectors.visible_cases(request.user):
        edition = edition_of(row.edition)
        phase = next((phase for phase in edition.phases if phase.id == row.phase), None)
        rows.append((row, phase, edition))
    context = {"cases": rows, "form": form if request.user.may("open_case") else None, "refusal": refusal}
    return render(request, "web/cases.html", context, status=status)


def case_record(row, state, edition):
    """Every event of a case, newest first, in words."""
    table = permission_table()
    lines = []
    for event in selectors.case_events(row).order_by("-sequence"):
        details = ""
        if event.action == selectors.STEP:
            step = edition.steps[event.payload["step"]]
            name, on = said(step.name), date.fromisoformat(event.payload["on"])
            labels = {field.name: said(field.label) for field in step.fields}
            details = "; ".join(
                f"{labels[key]}: {money(Money(**value)) if isinstance(value, dict) else value}"
                for key, value in event.payload["details"].items()
            )
        else:
            name = {"case.open": _("Case opened"), "case.share": _("Sharing changed")}[event.action]
            on = event.at.date()
        lines.append(
            {
                "on": on,
                "name": name,
                "details": details,
                "by": f"{event.account} · {said(table.roles[event.role].name)}",
                "sequence": event.sequence,
                "digest": event.digest,
            }
        )
    return lines


def case_page(request, row, *, refusal=None, given=None, step=None, status=200):
    state = selectors.case_state(row)
    edition = edition_of(row.edition)
    table = permission_table()
    today = timezone.localdate()
    given = given or {}
    mine = table.roles[request.user.role].acts_for if request.user.may("record_step") else frozenset()
    actions = [
        {
            "step": action.step,
            "refusals": action.refusals,
            "offices": said(joined([table.offices[office] for office in action.step.actors])),
            "is_mine": bool(mine & set(action.step.actors)),
            "on": given.get("on") if action.step.id == step else today.isoformat(),
            "fields": [
                (field, given.get(field.name, "") if action.step.id == step else "")
                for field in action.step.fields
            ],
        }
        for action in process.next_actions(state, on=today, available=selectors.funds_available(row))
    ]
    actions.sort(key=lambda action: not action["is_mine"])
    balances = state.balances
    context = {
        "row": row,
        "state": state,
        "edition": edition,
        "phases": process.phases(state),
        "current": process.current_phase(state),
        "actions": actions,
        "lines": list(state.lines.values()),
        "availability": state.funds.availability_on(today),
        "balances": [(account_name(a), balances[a]) for a in Account if a is not Account.APPROPRIATED],
        "balance_sum": Money(sum(amount.minor for amount in balances.values()), state.funds.currency),
        "may_share": request.user.may("share_case"),
        "record": case_record(row, state, edition),
        "refusal": refusal,
    }
    return render(request, "web/case.html", context, status=status)


@permitted("view_shared_case")
def case(request, identifier):
    return case_page(request, visible_or_404(request, identifier))


@require_POST
@permitted("record_step")
def case_step(request, identifier, step):
    row = visible_or_404(request, identifier)
    given = {
        key: value
        for key, value in request.POST.items()
        if key not in {"csrfmiddlewaretoken", "on", "version"}
    }
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
        version = int(request.POST.get("version", ""))
    except ValueError:
        refusal = {"heading": _("The date is not a date. Write it as year-month-day.")}
        return case_page(request, row, refusal=refusal, given=request.POST, step=step, status=400)
    try:
        services.take_step(
            identifier=identifier, step=step, on=on, given=given, actor=request.user.actor, version=version
        )
    except process.StepRefused as error:
        refusal = {"heading": error.heading(language()), "reasons": error.refusals}
        return case_page(request, row, refusal=refusal, given=request.POST, step=step, status=409)
    except ConfianzaError as error:
        refusal = {"heading": error.in_language(language())}
        return case_page(request, row, refusal=refusal, given=request.POST, step=step, status=409)
    name = said(edition_of(row.edition).steps[step].name)
    messages.success(request, _("Recorded: %(step)s.") % {"step": name}, extra_tags="good")
    return redirect("case", identifier)


@require_POST
@permitted("share_case")
def case_share(request, identifier):
    visible_or_404(request, identifier)
    services.share_case(
        identifier=identifier, is_shared=request.POST.get("is_shared") == "1", actor=request.user.actor
    )
    return redirect("case", identifier)
