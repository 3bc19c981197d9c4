"""The assessment of a partnership, from what the workspace holds."""

from datetime import date
from typing import Any

from confianza.cooperation.actors import OPERATOR, Actor
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.relationship.deliveries import Delivery, deliveries
from confianza.cooperation.training import TrainingFigure
from confianza.evidence.history import HistoryEvent
from confianza.evidence.imet import compare_with_thesis
from confianza.evidence.training_table import coverage_text
from confianza.planning.seats import default_request, plan_seats, school_uses, seat_options
from confianza.reports import assessment as parts
from confianza.server.cases.selectors import case_row, case_state, visible_cases
from confianza.server.funds.selectors import appropriations_of
from confianza.server.relationship import overviews
from confianza.server.relationship.selectors import history_events, partnership_records
from confianza.server.training_reports.selectors import training_figures, training_table
from confianza.trust.index import IndexParams, TrustIndex, entering_acts, trust_index
from confianza.trust.spectrum import CooperationLevel, cooperation_level


def index_acts(partnership: Partnership, today: date) -> tuple[list[HistoryEvent], tuple[int, int]]:
    """The recorded acts of a partnership, and the first and last year that trust is measured for."""
    events = history_events(partnership.pair)
    return events, partnership.years([event.year for event in events if event.year], today)


def has_index(partnership: Partnership, today: date) -> bool:
    """Whether trust can be measured by acts on record."""
    events, years = index_acts(partnership, today)
    return bool(entering_acts(events, years=years, pair=partnership.pair))


def current_index(partnership: Partnership, today: date) -> TrustIndex:
    """The behavioral index of the recorded acts, with the shipped parameters."""
    events, years = index_acts(partnership, today)
    return trust_index(events, IndexParams.default(), years=years, pair=partnership.pair)


def current_level(partnership: Partnership, today: date, actor: Actor = OPERATOR) -> CooperationLevel:
    """The level of cooperation on the day the partnership is assessed on, by the evidence that an account may read."""
    items = partnership_records(partnership, actor, kinds=["level"])
    return cooperation_level(partnership.day(today), overviews.recorded_levels_of(partnership, items))


def planned_deliveries(partnership: Partnership, actor: Actor) -> tuple[list[Delivery], list[Delivery]]:
    """The planned deliveries of the partner's cases that an account may see, and those of the simulated cases."""
    own = partnership.partner.manual_code
    found: tuple[list[Delivery], list[Delivery]] = ([], [])
    for row in visible_cases(actor).prefetch_related("appropriation__availability", "project"):
        if row.is_simulated or row.partner_id == own:
            found[row.is_simulated].extend(deliveries(case_state(row)))
    return found


def promises_of(
    partnership: Partnership, actor: Actor, on: date, language: str
) -> overviews.PromisesDocument:
    """What was promised and what became of it, deliveries of cases among it, as an account may see it."""
    of_cases, of_simulated = planned_deliveries(partnership, actor)
    return overviews.promises_document(
        partnership,
        partnership_records(partnership, actor),
        of_cases=of_cases,
        of_simulated_cases=of_simulated,
        on=on,
        language=language,
    )


def planning_figures(partnership: Partnership) -> list[TrainingFigure]:
    """The training of a partner that seats are planned from."""
    return _planned_from(training_figures(partnership.partner.iso_code), partnership)


def _planned_from(figures: list[TrainingFigure], partnership: Partnership) -> list[TrainingFigure]:
    return [figure for figure in figures if partnership.plans_from(figure.fiscal_year)]


def assess(partnership: Partnership, *, case: str, today: date) -> dict[str, Any]:
    """The whole assessment of a partnership with a full record as one document, with one case shown."""
    figures = training_figures(partnership.partner.iso_code)
    comparisons = compare_with_thesis(figures)
    appropriations, planned_from = appropriations_of(partnership), _planned_from(figures, partnership)
    table = training_table()
    plan = plan_seats(seat_options(planned_from, uses=school_uses(table)), default_request(planned_from))
    coverage = coverage_text(table, years={figure.fiscal_year for figure in planned_from})
    index = current_index(partnership, today)
    row = case_row(case)
    return {
        "partnership": parts.partnership_part(partnership),
        "training": parts.training_part(comparisons),
        "training_totals": parts.training_totals(comparisons),
        "appropriations": parts.appropriations_part(appropriations),
        "appropriations_total": parts.appropriations_total(appropriations),
        "trust": parts.trust_part(index),
        "trust_basis": parts.trust_basis_part(index),
        "cooperation_level": parts.level_part(current_level(partnership, today)),
        "case": parts.case_part(case_state(row), is_simulated=row.is_simulated),
        "plan": parts.plan_part(plan, coverage),
    }
