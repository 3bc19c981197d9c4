"""The assessment of the United States–Mexico partnership, from what the workspace holds."""

from datetime import date
from typing import Any

from confianza.evidence.imet import compare_with_thesis
from confianza.planning.seats import default_request, plan_seats, seat_options
from confianza.reports import assessment as parts
from confianza.server.cases.selectors import case_row, case_state
from confianza.server.evidence.selectors import history_events
from confianza.server.funds.selectors import appropriations_of
from confianza.server.training_reports.selectors import training_figures
from confianza.server.workspace import DEMO_CASE
from confianza.trust.index import IndexParams, TrustIndex, trust_index
from confianza.trust.spectrum import cooperation_level

PROGRAM = "Mérida Initiative"
PARTNER = "MX"
ASSESSED_ON = date(2013, 12, 31)  # the last day of the thesis's history


def current_index() -> TrustIndex:
    """The behavioural index of the recorded acts, with the shipped parameters."""
    return trust_index(history_events(), IndexParams.default())


def assess() -> dict[str, Any]:
    """The whole assessment as one document."""
    figures = training_figures(PARTNER)
    comparisons = compare_with_thesis(figures)
    appropriations = appropriations_of(PROGRAM)
    index = current_index()
    row = case_row(DEMO_CASE)
    return {
        "training": parts.training_part(comparisons),
        "training_totals": parts.training_totals(comparisons),
        "appropriations": parts.appropriations_part(appropriations),
        "appropriations_total": parts.appropriations_total(appropriations),
        "trust": parts.trust_part(index),
        "trust_basis": parts.trust_basis_part(index),
        "cooperation_level": parts.level_part(cooperation_level(ASSESSED_ON)),
        "case": parts.case_part(case_state(row), is_simulated=row.is_simulated),
        "plan": parts.plan_part(plan_seats(seat_options(figures), default_request(figures))),
    }
