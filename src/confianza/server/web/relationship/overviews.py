"""Pages of the relationship as a whole: along time, promises, safeguards, foundations, levels."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.partnership import Partnership
from confianza.cooperation.relationship.records import BOTH, record_fields, record_kinds
from confianza.cooperation.relationship.standing import TrackedRecord
from confianza.cooperation.relationship.timeline import RecordFilter, decade_of
from confianza.reports import charts
from confianza.server.assessment import index_acts, promises_of
from confianza.server.language import language, localized
from confianza.server.relationship import overviews as documents
from confianza.server.relationship.documents import record_row
from confianza.server.relationship.selectors import cited_sources, index_records, partnership_records, side_of
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.relationship.overview_forms import (
    DayForm,
    PromiseFilter,
    SafeguardFilter,
    TimelineForm,
)
from confianza.trust.index import entering_acts

ON_A_PAGE = 50


# --- along time ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chip:
    """A filter of one click: how many records it would leave, and the rest of the address that sets or clears it."""

    name: str
    count: int
    query: str
    is_chosen: bool


def _query(request: HttpRequest, **changed: object) -> str:
    """The query of a request with some of it set, or left out where empty."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = str(value)
    return query.urlencode()


def _chips(
    request: HttpRequest,
    items: Iterable[TrackedRecord],
    wanted: RecordFilter,
    *,
    field: str,
    names: Mapping[Any, str],
    value_of: Callable[[TrackedRecord], Any],
) -> list[Chip]:
    """The chips of one field, counted among the records that all other fields leave."""
    chosen = getattr(wanted, field)
    default: Any = type(wanted).__dataclass_fields__[field].default
    others = replace(wanted, **{field: default})
    counts = Counter(value_of(item) for item in items if others.matches(item))
    address = {"is_contested": "contested"}.get(field, field)
    return [
        Chip(
            name,
            counts[value],
            _query(request, **{address: "" if value == chosen else value}),
            value == chosen,
        )
        for value, name in names.items()
        if counts[value] or value == chosen
    ]


def _chip_groups(
    request: HttpRequest, one: Partnership, items: list[TrackedRecord], wanted: RecordFilter
) -> list[tuple[str, list[Chip]]]:
    kinds = {code: localized(kind.name) for code, kind in record_kinds().items()}
    domains = {code: localized(name) for code, name in record_fields()["domain"].options.items()}
    decades = sorted({decade_of(item.record.date_from.year) for item in items})
    groups: list[tuple[str, str, Mapping[Any, str], Callable[[TrackedRecord], Any]]] = [
        (_("By"), "actor", documents.side_names(one, language()), lambda item: item.record.actor_code),
        (_("Kind"), "kind", kinds, lambda item: item.record.kind),
        (
            _("Decade"),
            "decade",
            {year: f"{year}–{year + 9}" for year in decades},
            lambda item: decade_of(item.record.date_from.year),
        ),
        (_("Domain"), "domain", domains, lambda item: item.record.domain),
        (_("State"), "is_contested", {True: _("contested")}, lambda item: item.is_contested),
    ]
    made = [
        (label, _chips(request, items, wanted, field=field, names=names, value_of=value_of))
        for label, field, names, value_of in groups
    ]
    return [(label, chips) for label, chips in made if chips]


def _source_names(items: Iterable[TrackedRecord]) -> dict[str, str]:
    """The sources of records by key, with their titles where the workspace knows them, in the order of the titles."""
    references = [reference for item in items for reference in item.record.references]
    titles = {key: one.title for key, one in cited_sources(references).items()}
    names = {one.source: titles.get(one.source) or one.source for one in references}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


@dataclass(frozen=True)
class _Wanted:
    """What the page along time is asked for: every record it chooses from, the form, those that it shows."""

    every: list[TrackedRecord]
    form: TimelineForm
    filter: RecordFilter
    shown: list[TrackedRecord]


def _wanted(request: AccountRequest, one: Partnership) -> _Wanted:
    actor, today = request.user.actor, timezone.localdate()
    every = partnership_records(one, actor)
    form = TimelineForm(request.GET, partnership=one, sources=_source_names(every))
    if not form.is_valid():
        return _Wanted(every, form, RecordFilter(), [])
    if form.cleaned_data["entering"]:
        events, years = index_acts(one, today)
        entering = entering_acts(events, years=years, pair=one.pair)
        every = index_records(one, actor, [event.event_id for event in entering])
    wanted = form.record_filter()
    return _Wanted(every, form, wanted, [item for item in every if wanted.matches(item)])


def _has_marks(items: Iterable[TrackedRecord]) -> bool:
    """Whether a record has a mark of its own: evidence of a level stands in the lane of levels."""
    return any(item.record.kind != "level" for item in items)


@permitted("view_relationship")
@filled("relationship")
def relationship(request: AccountRequest) -> HttpResponse:
    """One time line with a lane each side, and the records on it as a table; narrowed by chips and a form."""
    one, today = partnership_or_404(request), timezone.localdate()
    wanted = _wanted(request, one)
    page = Paginator(wanted.shown, ON_A_PAGE).get_page(request.GET.get("page"))
    year = wanted.filter.year
    measured, last = index_acts(one, today)[1]
    document = documents.timeline_document(
        one, wanted.shown, every=wanted.every, today=today, language=language()
    )
    context = {
        "form": wanted.form,
        "timeline": document,
        "has_marks": _has_marks(wanted.shown),
        "chip_groups": _chip_groups(request, one, wanted.every, wanted.filter),
        "page": page,
        "query": _query(request),
        "rows": [record_row(item, language()) for item in page],
        "contested": {item.record.record_id for item in page if item.is_contested},
        "names": documents.side_names(one, language()),
        "parties": one.names,
        "year": year,
        "is_measured": year is not None and measured <= year <= last,
        "may_enter": request.user.may("enter_record") and bool(side_of(request.user.actor, one)),
    }
    status = 200 if wanted.form.is_valid() else 400
    return render(request, "relationship/relationship.html", context, status=status)


def relationship_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    """The records that the page along time is narrowed to, and the levels of cooperation."""
    one = partnership_or_404(request)
    wanted = _wanted(request, one)
    if not _has_marks(wanted.shown):
        raise Http404("relationship")
    marks = [
        charts.Mark(item.record, item.is_contested, opens(item.record.record_id)) for item in wanted.shown
    ]
    periods = documents.level_periods_of(one, wanted.every, timezone.localdate(), language())
    levels = [charts.LevelSpan(**asdict(period)) for period in periods]
    parties = {**one.names, BOTH: documents.BOTH_SIDES}
    return charts.relationship_chart(marks, levels, parties, language(), width)


# --- promises --------------------------------------------------------------------------------------


@permitted("view_relationship")
@filled("promises")
def promises(request: AccountRequest) -> HttpResponse:
    """What was promised and what became of it; the commitments of a figure are listed below it."""
    one, actor = partnership_or_404(request), request.user.actor
    document = promises_of(one, actor, timezone.localdate(), language())
    form = PromiseFilter(request.GET, partnership=one)
    rows = [*document.open, *document.decided]
    if form.is_valid():
        asked = form.cleaned_data
        rows = [
            row
            for row in rows
            if asked["actor"] in ("", row.actor)
            and asked["outcome"] in ("", row.outcome)
            and (row.is_firm or not asked["firm"])
        ]
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "document": document,
        "tables": [("", document.every), ("on", document.firm)],
        "due": [row for row in document.open if row.is_due],
        "form": form,
        "rows": page,
        "page": page,
        "query": _query(request),
        "names": documents.side_names(one, language()),
    }
    return render(request, "relationship/promises.html", context, status=200 if form.is_valid() else 400)


# --- safeguards ------------------------------------------------------------------------------------


def _day(form: DayForm, default: date) -> date:
    return (form.cleaned_data["on"] if form.is_valid() else None) or default


@permitted("view_relationship")
@filled("safeguards")
def safeguards(request: AccountRequest) -> HttpResponse:
    """The safeguards in force on a day, and by year what was added and lifted."""
    one, today = partnership_or_404(request), timezone.localdate()
    form = SafeguardFilter(request.GET, partnership=one)
    items = partnership_records(one, request.user.actor, kinds=["hedge"])
    document = documents.safeguards_document(one, items, on=_day(form, today), language=language())
    changes = document.changes
    if form.is_valid():
        asked = form.cleaned_data
        changes = [
            row
            for row in changes
            if asked["actor"] in ("", row.actor)
            and asked["change"] in ("", row.change)
            and asked["year"] in (None, row.year)
        ]
    page = Paginator(changes, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "document": document,
        "form": form,
        "page": page,
        "query": _query(request),
        "names": documents.side_names(one, language()),
    }
    return render(request, "relationship/safeguards.html", context, status=200 if form.is_valid() else 400)


# --- foundations, levels ---------------------------------------------------------------------------


@permitted("view_relationship")
@filled("foundations")
def foundations(request: AccountRequest) -> HttpResponse:
    """Kelman's five concepts, Shaw's nine cells and the differences of culture."""
    one = partnership_or_404(request)
    items = partnership_records(one, request.user.actor)
    document = documents.foundations_document(one, items, language=language())
    context = {"document": document, "names": documents.side_names(one, language())}
    return render(request, "relationship/foundations.html", context)


@permitted("view_relationship")
@filled("levels")
def levels(request: AccountRequest) -> HttpResponse:
    """The level of cooperation on a day and by year."""
    one, today = partnership_or_404(request), timezone.localdate()
    form = DayForm(request.GET)
    items = partnership_records(one, request.user.actor)
    document = documents.levels_document(
        one, items, on=_day(form, one.day(today)), today=today, language=language()
    )
    context = {"document": document, "form": form}
    return render(request, "relationship/levels.html", context, status=200 if form.is_valid() else 400)
