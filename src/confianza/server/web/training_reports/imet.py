"""The page of IMET beside the table of the thesis."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import value_names
from confianza.cooperation.training.normalize import packaged_rules
from confianza.evidence.imet import IMET, ImetComparison, compare_with_thesis, table_explanations
from confianza.reports import charts
from confianza.reports.assessment import training_totals
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.training_reports.selectors import (
    TrainingQuery,
    set_aside,
    training_figures,
    training_summary,
)
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.training_reports.summaries import name_in, names_of


@permitted("view_training")
@filled("training-reports-imet")
def imet(request: AccountRequest) -> HttpResponse:
    partner = partnership_or_404(request).partner.iso_code
    comparisons = compare_with_thesis(training_figures(partner))
    is_printed = any(row.thesis for row in comparisons)
    rows, by = TrainingQuery(partner), ("fiscal_year", "program_family", "school_code", "category")
    names = {name: names_of(name) for name in by}
    context = {
        "comparisons": [(row, _opened(partner, row.reports.fiscal_year)) for row in comparisons],
        "explanations": table_explanations() if is_printed else (),
        "totals": training_totals(comparisons) if is_printed else None,
        "figures": [
            (
                [name_in(names[name], row.values[name]) for name in by],
                row,
                urlencode(rows.narrowed(row.values).parameters()),
            )
            for row in training_summary(rows, by)
        ],
        "set_aside": set_aside(TrainingQuery(partner, program_family=IMET)),
        "rules": packaged_rules(),
        "categories": value_names("category"),
        "levels": value_names("level"),
    }
    return render(request, "training_reports/imet.html", context)


def _opened(partner: str, fiscal_year: int) -> dict[str, str]:
    """The parameters of the IMET rows of a year, and of those of PME."""
    every = TrainingQuery(partner, fiscal_year, fiscal_year, program_family=IMET)
    return {
        "every": urlencode(every.parameters()),
        "pme": urlencode(every.narrowed({"category": Category.PME.value}).parameters()),
    }


def _comparisons(partner: str) -> list[ImetComparison]:
    return compare_with_thesis(training_figures(partner))


def share_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    partner = partnership_or_404(request).partner.iso_code

    def opened(year: int) -> str:
        return opens(_opened(partner, year)["every"])

    return charts.share_chart(_comparisons(partner), language(), width, opens=opened)


def students_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    partner = partnership_or_404(request).partner.iso_code

    def opened(year: int, is_pme: bool) -> str:
        return opens(_opened(partner, year)["pme" if is_pme else "every"])

    return charts.students_chart(_comparisons(partner), language(), width, opens=opened)
