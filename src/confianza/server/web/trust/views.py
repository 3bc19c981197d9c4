"""The page of trust: both directions by year, and what moved one of them in a year."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.partnership import Partnership
from confianza.evidence.history import event_kinds
from confianza.reports import charts
from confianza.server.assessment import current_index
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled, has_acts
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.trust.forms import MovementForm
from confianza.trust.index import TrustIndex, default_parameters, index_basis

SMALLEST_EFFECT = 0.0005  # standard deviations


def directions_of(one: Partnership, index: TrustIndex) -> list[dict[str, Any]]:
    """Both directions: from, to, and the years."""
    names = one.names
    return [
        {
            "from": names[actor],
            "to": names[target],
            "code": actor,
            "partner_code": target,
            "years": index.direction(actor),
        }
        for actor, target in (index.pair, index.pair[::-1])
    ]


@permitted("view_trust")
@filled("trust")
def trust(request: AccountRequest) -> HttpResponse:
    one = partnership_or_404(request)
    index = current_index(one, timezone.localdate())
    asked = {"direction": index.pair[0], "year": index.years[1], **request.GET.dict()}
    form = MovementForm(asked, index, one.names)
    context = {
        "directions": directions_of(one, index),
        "basis": index_basis(),
        "parameters": default_parameters(),
        "act_count": len(index.events),
        "log_likelihood": index.smoothed.log_likelihood,
        "form": form,
        "kinds": event_kinds(),
    }
    if form.is_valid():
        context |= _explained(one, index, form.cleaned_data["direction"], form.cleaned_data["year"])
    return render(request, "trust/trust.html", context, status=200 if form.is_valid() else 400)


def _explained(one: Partnership, index: TrustIndex, actor: str, year: int) -> dict[str, Any]:
    """What moved the trust of one side in the other in a year: the parts of the change, in points and in deviations."""
    direction = next(found for found in directions_of(one, index) if found["code"] == actor)
    value = next(found for found in direction["years"] if found.year == year)
    movement = next(found for found in index.movements(actor) if found.year == year)
    points, events, names = (
        movement.points_per_sd,
        {event.event_id: event for event in index.events},
        one.names,
    )
    partner = {"partner": localized(direction["to"])}
    parts = [
        (_("Return to the long-run level"), movement.return_to_mean),
        (_("Pull toward the trust of the partner: %(partner)s") % partner, movement.partner_pull),
        (_("News: events by %(partner)s in this year") % partner, movement.news),
        (_("Inferred from other events"), movement.inferred),
    ]
    return {
        "explained": direction,
        "value": value,
        "change": (movement.change * points, movement.change),
        "parts": [(name, effect * points, effect) for name, effect in parts],
        "records": [
            {
                "event": events[record.event_id],
                "actor": names[events[record.event_id].actor_code],
                "target": names[events[record.event_id].target_code],
                "is_news": record.as_news,
                "points": record.effect * points,
                "effect": record.effect,
            }
            for record in movement.records
            if abs(record.effect) >= SMALLEST_EFFECT
        ],
    }


def trust_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    one = partnership_or_404(request)
    if not has_acts(one):
        raise Http404("trust")
    index = current_index(one, timezone.localdate())
    return charts.trust_chart(index, one.names, language(), width, opens=opens)
