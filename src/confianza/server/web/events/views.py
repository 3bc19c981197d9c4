"""The page of event data: the events of a pair by year and month, and the files they come from."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import RuleRefusal
from confianza.evidence.countries import country_code, country_names
from confianza.evidence.sources import events as library
from confianza.reports import charts
from confianza.server.events import documents, selectors
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.events.forms import PairForm


@dataclass(frozen=True)
class Direction:
    """Events of one country toward another."""

    name: str
    rows: list[documents.PairPeriod]


def _form(request: AccountRequest) -> PairForm:
    one = request.partnership
    pair = {"a": one.host.iso_code, "b": one.partner.iso_code} if one else {}
    return PairForm({**pair, **request.GET.dict()})


def _name(request: AccountRequest, text: str) -> str:
    own: dict[str, BilingualText] = dict(request.partnership.names) if request.partnership else {}
    code = country_code(text) or text
    return localized(own.get(text) or country_names().get(code) or code)


def _directions(
    request: AccountRequest, form: PairForm, period: library.Period, *, year: int | None = None
) -> tuple[str, list[Direction]]:
    """The publisher shown, and both directions of the pair asked for; RuleRefusal as `pair_of`."""
    given = form.cleaned_data
    found: list[Direction] = []
    counts: dict[tuple[str, str], Any] = {}
    for source, target in ((given["a"], given["b"]), (given["b"], given["a"])):
        pair = selectors.pair_of(request.user.actor, source, target)
        counts[source, target] = selectors.pair_counts(*pair, period, year=year)
    volumes: dict[str, int] = {}
    for frame in counts.values():
        for row in frame.iter_rows(named=True):
            volumes[row["publisher"]] = volumes.get(row["publisher"], 0) + row["events"]
    publisher = given["publisher"] or max(sorted(volumes), key=lambda name: volumes[name], default="")
    for (source, target), frame in counts.items():
        name = f"{_name(request, source)} → {_name(request, target)}"
        found.append(Direction(name, documents.pair_periods(frame.filter(publisher=publisher))))
    return publisher, found


@permitted("view_events")
@filled("events")
def events(request: AccountRequest) -> HttpResponse:
    form = _form(request)
    context: dict[str, Any] = {
        "form": form,
        "files": [documents.file(row, language()) for row in selectors.event_files()],
        "may_import": request.user.may("import_events"),
    }
    status = 200 if form.is_valid() else 400
    try:
        context["coverage"] = selectors.coverage()
        if form.is_valid():
            given = form.cleaned_data
            publisher, years = _directions(request, form, "year")
            asked = {"a": given["a"], "b": given["b"], "publisher": publisher}
            context |= {
                "publisher": library.publishers().get(publisher),
                "years": years,
                "has_rows": any(direction.rows for direction in years),
                "is_simulated": selectors.is_simulated(publisher),
                "query": urlencode(asked),
                "year": given["year"],
            }
            if given["year"]:
                form.cleaned_data["publisher"] = publisher
                context["months"] = _directions(request, form, "month", year=given["year"])[1]
    except RuleRefusal as refusal:
        context["refused"] = refusal.in_language(language())
        status = 409
    return render(request, "events/events.html", context, status=status)


def events_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    """The chart of the pair asked for."""
    form = _form(request)
    if not form.is_valid():
        raise Http404("events")
    try:
        publisher, directions = _directions(request, form, "year")
    except RuleRefusal as refusal:
        raise Http404("events") from refusal
    years = [
        charts.EventYear(
            direction.name,
            row.period.year,
            row.events,
            {name: getattr(row, name) for name in (*library.CLASSES, library.LAW_BORDER)},
        )
        for direction in directions
        for row in direction.rows
    ]
    if not years:
        raise Http404("events")
    asked = {"a": form.cleaned_data["a"], "b": form.cleaned_data["b"], "publisher": publisher}
    return charts.events_chart(years, language(), width, opens=lambda year: opens(asked, year))
