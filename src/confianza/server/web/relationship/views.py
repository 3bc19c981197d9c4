"""Pages of the records of a relationship: the list, one record with both sides' versions, and the entry of a new one."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.actors import Actor
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.relationship.entries import (
    Entry,
    EntryRefusal,
    check_record,
    read_coding,
    read_version,
)
from confianza.cooperation.relationship.records import (
    coding_fields,
    common_fields,
    record_kinds,
    version_fields,
)
from confianza.cooperation.relationship.standing import Sight, State, Step, TrackedRecord
from confianza.errors import Problem, RuleRefusal
from confianza.server.language import language, localized
from confianza.server.relationship import documents, selectors, services
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.empty import filled
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.relationship.forms import ReasonForm, RecordSearch, TableForm
from confianza.server.web.submit import submit

ON_A_PAGE = 50
Values = Mapping[str, str]


def _matches(item: TrackedRecord, asked: Mapping[str, Any]) -> bool:
    record = item.record
    words = f"{record.record_id} {record.summary.en} {record.summary.es} {record.note}".casefold()
    years = range(record.date_from.year, (record.date_to or record.date_from).year + 1)
    return (
        asked["q"].casefold() in words
        and asked["kind"] in ("", record.kind)
        and asked["actor"] in ("", record.actor_code)
        and asked["state"] in ("", item.state.value)
        and (asked["year"] is None or asked["year"] in years)
    )


@permitted("view_relationship")
@filled("records")
def records(request: AccountRequest) -> HttpResponse:
    """The records that the account may read, by date, narrowed by what is asked for."""
    one, actor = partnership_or_404(request), request.user.actor
    form = RecordSearch(request.GET, partnership=one)
    found: list[TrackedRecord] = []
    items: list[TrackedRecord] = []
    if form.is_valid():
        states = tuple(State) if form.cleaned_data["state"] else selectors.STANDING_STATES
        items = selectors.partnership_records(one, actor, states=states)
        found = [item for item in items if _matches(item, form.cleaned_data)]
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "count": len(found),
        "is_empty": form.is_valid() and not items and not form.cleaned_data["state"],
        "rows": [documents.record_row(item, language()) for item in page],
        "deposits": [documents.deposit_document(item) for item in selectors.deposits(one, actor)],
        "names": _names(one),
        "may_enter": request.user.may("enter_record") and bool(selectors.side_of(actor, one)),
    }
    return render(request, "relationship/records.html", context, status=200 if form.is_valid() else 400)


def _names(one: Partnership) -> dict[str, str]:
    return {"both": _("both sides together"), **{code: localized(name) for code, name in one.names.items()}}


# --- one record ------------------------------------------------------------------------------------


def _record_or_404(request: AccountRequest, record_id: str) -> tuple[Partnership, TrackedRecord, Sight]:
    one = partnership_or_404(request)
    try:
        item, sight = selectors.visible_record(one, record_id, request.user.actor)
    except RuleRefusal as error:
        raise Http404(record_id) from error
    return one, item, sight


def _problems(read: Callable[[Values], Any]) -> Callable[[Values], tuple[Problem, ...]]:
    """What a reader refuses texts for."""

    def found(values: Values) -> tuple[Problem, ...]:
        try:
            read(values)
        except EntryRefusal as refusal:
            return refusal.problems
        return ()

    return found


def _contest_form(one: Partnership, item: TrackedRecord, data: Mapping[str, Any] | None = None) -> TableForm:
    entry = Entry(one.pair, timezone.localdate(), {})
    read = partial(read_version, record=item.record, entry=entry)
    fields = version_fields(item.record.kind)
    return TableForm(data, fields, partnership=one, problems_of=_problems(read), name="contest")


def _coding_form(
    one: Partnership, request: AccountRequest, data: Mapping[str, Any] | None = None
) -> TableForm:
    entry = Entry(one.pair, timezone.localdate(), {})
    read = partial(read_coding, coder=request.user.username, entry=entry)
    return TableForm(data, coding_fields(), partnership=one, problems_of=_problems(read), name="code")


def _record_page(request: AccountRequest, record_id: str, *, status: int = 200, **more: Any) -> HttpResponse:
    one, item, sight = _record_or_404(request, record_id)
    actor = request.user.actor
    steps = selectors.open_steps(item, one, actor)
    context: dict[str, Any] = {
        "id": record_id,
        "names": _names(one),
        "side": selectors.side_of(actor, one),
        "may_confirm": Step.CONFIRMED in steps,
        "may_publish": Step.PUBLISHED in steps,
    }
    if sight is Sight.OUTSIDE:
        context["deposit"] = documents.deposit_of(item)
        return render(request, "relationship/deposit.html", {**context, **more}, status=status)
    document = documents.record_document(item, language())
    same = [
        documents.record_row(other, language())
        for other in selectors.partnership_records(one, actor, happening=item.record.happening)
        if other.record.record_id != record_id
    ]
    context |= {
        "record": document,
        "steps": document.steps[::-1],
        "same": same,
        "contest_form": _contest_form(one, item) if Step.CONTESTED in steps else None,
        "code_form": _coding_form(one, request) if Step.CODED in steps else None,
        "reason_form": ReasonForm() if Step.WITHDRAWN in steps else None,
    }
    return render(request, "relationship/record.html", {**context, **more}, status=status)


@permitted("view_relationship")
def record(request: AccountRequest, record_id: str) -> HttpResponse:
    """One record: both sides' versions side by side, its codings, what was done with it."""
    return _record_page(request, record_id)


def _done(request: AccountRequest, record_id: str, said: str) -> Callable[[Any], HttpResponse]:
    def done(_result: Any) -> HttpResponse:
        messages.success(request, said, extra_tags="good")
        return redirect("record", record_id)

    return done


@form_of("record", "record_id")
@permitted("confirm_record")
def record_confirm(request: AccountRequest, record_id: str) -> HttpResponse:
    one, *_rest = _record_or_404(request, record_id)
    confirm = partial(services.confirm_records, partnership=one, record_ids=[record_id])
    done = _done(request, record_id, _("The record is confirmed."))
    return submit(request, None, confirm, partial(_record_page, request, record_id), done)


@form_of("record", "record_id")
@permitted("contest_record")
def record_contest(request: AccountRequest, record_id: str) -> HttpResponse:
    """Set the version of the own side beside a record."""
    one, item, _sight = _record_or_404(request, record_id)
    form = _contest_form(one, item, request.POST)

    def contest(*, values: Values, actor: Actor) -> None:
        services.contest_record(
            partnership=one, record_id=record_id, values=values, actor=actor, on=timezone.localdate()
        )

    page = partial(_record_page, request, record_id, contest_form=form)
    done = _done(request, record_id, _("The version of your side stands beside the record."))
    return submit(request, form, contest, page, done)


@form_of("record", "record_id")
@permitted("enter_record")
def record_code(request: AccountRequest, record_id: str) -> HttpResponse:
    """Code how severe a record is, by the anchors."""
    one, *_rest = _record_or_404(request, record_id)
    form = _coding_form(one, request, request.POST)

    def code(*, values: Values, actor: Actor) -> None:
        services.code_record(
            partnership=one, record_id=record_id, values=values, actor=actor, on=timezone.localdate()
        )

    page = partial(_record_page, request, record_id, code_form=form)
    return submit(request, form, code, page, _done(request, record_id, _("The coding is on record.")))


@form_of("record", "record_id")
@permitted("withdraw_record")
def record_withdraw(request: AccountRequest, record_id: str) -> HttpResponse:
    one, *_rest = _record_or_404(request, record_id)
    form = ReasonForm(request.POST)
    withdraw = partial(services.withdraw_record, partnership=one, record_id=record_id)
    page = partial(_record_page, request, record_id, reason_form=form)
    done = _done(request, record_id, _("The record is withdrawn; it stays to be read."))
    return submit(request, form, withdraw, page, done)


@form_of("record", "record_id")
@permitted("publish_record")
def record_publish(request: AccountRequest, record_id: str) -> HttpResponse:
    """Publish a record for the own side, or release a deposit."""
    one, *_rest = _record_or_404(request, record_id)
    publish = partial(services.publish_records, partnership=one, record_ids=[record_id])
    done = _done(request, record_id, _("Your side has published the record."))
    return submit(request, None, publish, partial(_record_page, request, record_id), done)


# --- a new one -------------------------------------------------------------------------------------


@permitted("enter_record")
def record_new(request: AccountRequest) -> HttpResponse:
    """Which kind of record is entered."""
    partnership_or_404(request)
    return render(request, "relationship/kinds.html", {"kinds": record_kinds()})


@permitted("enter_record")
def record_add(request: AccountRequest, kind: str) -> HttpResponse:
    """Enter a record of a kind: the fields of every record, and those of the kind."""
    one = partnership_or_404(request)
    if kind not in record_kinds():
        raise Http404(kind)
    today = timezone.localdate()

    def problems_of(values: Values) -> tuple[Problem, ...]:
        entry = selectors.entry_for(one, today)
        return check_record(values, kind=kind, record_id="new", entry=entry)[1]

    fields = (*common_fields(), *record_kinds()[kind].fields)
    data = request.POST if request.method == "POST" else None
    form = TableForm(data, fields, partnership=one, problems_of=problems_of, name="entry")

    def page(status: int = 200, **more: Any) -> HttpResponse:
        context = {"form": form, "kind": record_kinds()[kind], **more}
        return render(request, "relationship/entry.html", context, status=status)

    if request.method != "POST":
        return page()

    def propose(*, values: Values, actor: Actor) -> Any:
        return services.propose_record(partnership=one, kind=kind, values=values, actor=actor, on=today)

    def done(row: Any) -> HttpResponse:
        messages.success(
            request, _("The record is proposed; a second person confirms it."), extra_tags="good"
        )
        return redirect("record", row.record_id)

    return submit(request, form, propose, page, done)
