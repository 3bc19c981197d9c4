"""The page of IMET beside the table of the thesis."""

from urllib.parse import urlencode

from django.shortcuts import render

from confianza.cooperation.training import Category
from confianza.cooperation.training.courses import value_names
from confianza.cooperation.training.normalize import packaged_rules
from confianza.evidence.imet import IMET, compare_with_thesis, table_explanations
from confianza.reports import charts
from confianza.reports.assessment import training_totals
from confianza.server.assessment import PARTNER
from confianza.server.language import language
from confianza.server.training_reports.selectors import TrainingQuery, training_figures, training_summary
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled
from confianza.server.web.training_reports.summaries import name_of


@permitted("view_training")
@filled("training-reports-imet")
def imet(request):
    comparisons = compare_with_thesis(training_figures(PARTNER))
    rows, by = TrainingQuery(PARTNER), ("fiscal_year", "program_family", "school_code", "category")
    context = {
        "comparisons": [(row, _opened(row.reports.fiscal_year)) for row in comparisons],
        "explanations": table_explanations(),
        "totals": training_totals(comparisons),
        "figures": [
            (
                [name_of(name, row.values[name]) for name in by],
                row,
                urlencode(rows.narrowed(row.values).parameters()),
            )
            for row in training_summary(rows, by)
        ],
        "rules": packaged_rules(),
        "categories": value_names("category"),
        "levels": value_names("level"),
    }
    return render(request, "training_reports/imet.html", context)


def _opened(fiscal_year: int) -> dict[str, str]:
    """The parameters of the IMET rows of a year, and of those of PME."""
    every = TrainingQuery(PARTNER, fiscal_year, fiscal_year, program_family=IMET)
    return {
        "every": urlencode(every.parameters()),
        "pme": urlencode(every.narrowed({"category": Category.PME.value}).parameters()),
    }


def share_chart(request, width):
    return charts.share_chart(compare_with_thesis(training_figures(PARTNER)), language(), width)


def students_chart(request, width):
    return charts.students_chart(compare_with_thesis(training_figures(PARTNER)), language(), width)
