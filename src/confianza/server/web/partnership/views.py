"""The page of the partnership: trust, training, cases, money and level at a glance."""

from django.shortcuts import render

from confianza.cooperation.programs import AppropriationKind, account_names, reconcile
from confianza.evidence.imet import compare_with_thesis
from confianza.reports import charts
from confianza.server.assessment import ASSESSED_ON, PARTNER, PROGRAM, current_index
from confianza.server.cases.selectors import count_cases, visible_cases
from confianza.server.funds.selectors import appropriations_of
from confianza.server.institutions.selectors import party_names
from confianza.server.language import language
from confianza.server.training_reports.selectors import training_figures
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled, has_acts
from confianza.server.web.trust.views import directions_of
from confianza.trust.spectrum import cooperation_level, ladder


@permitted("view_partnership")
@filled("partnership")
def partnership(request):
    comparisons = compare_with_thesis(training_figures(PARTNER))
    context = {
        "names": party_names(),
        "latest": comparisons[-1].reports if comparisons else None,
        "level": cooperation_level(ASSESSED_ON),
        "ladder": ladder(),
        "accounts": account_names(),
        "money": _money_by_measure(appropriations_of(PROGRAM)),
        "case_count": count_cases(visible_cases(request.user).filter(partner=PARTNER)),
        "simulated_count": count_cases(visible_cases(request.user)).simulated,
    }
    if request.user.may("view_trust") and has_acts():
        context["directions"] = directions_of(current_index())
    return render(request, "partnership/partnership.html", context)


def _money_by_measure(records):
    """A row a measure with its accounts side by side, and every total beside the printed one; None without records."""
    if not records:
        return None
    checks = {check.name: check for check in reconcile(records)}
    rows = {}
    for record in records:
        row = rows.setdefault(
            record.measure,
            {
                "fiscal_year": record.fiscal_year,
                "law": record.public_law,
                "is_request": record.kind is AppropriationKind.REQUEST,
                "check": checks[record.measure],
                "by_account": {},
            },
        )
        row["by_account"][record.account] = record.amount
    for row in rows.values():
        row["amounts"] = [row["by_account"].get(account) for account in account_names()]
    return {
        "rows": rows.values(),
        "accounts": [checks[account] for account in account_names()],
        "all": checks["all"],
        "reference": records[0].reference,
        "notes": [record for record in records if record.note],
    }


def money_chart(request, width):
    return charts.money_chart(appropriations_of(PROGRAM), language(), width)
