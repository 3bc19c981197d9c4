"""The page of the partnership: trust, training, cases, money and level at a glance."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.programs import Appropriation, AppropriationKind, account_names, reconcile
from confianza.cooperation.relationship.safeguards import in_force
from confianza.cooperation.relationship.standing import counted
from confianza.evidence.imet import compare_with_thesis
from confianza.reports import charts
from confianza.server.assessment import current_index
from confianza.server.cases.selectors import count_cases, visible_cases
from confianza.server.funds.selectors import appropriations_of
from confianza.server.language import language
from confianza.server.relationship.overviews import recorded_levels_of, side_promises
from confianza.server.relationship.selectors import partnership_records
from confianza.server.requests import AccountRequest
from confianza.server.training_reports.selectors import training_figures
from confianza.server.web.access import permitted
from confianza.server.web.empty import filled, has_acts
from confianza.server.web.partnership_address import partnership_or_404
from confianza.server.web.trust.views import directions_of
from confianza.trust.spectrum import cooperation_level, ladder


@permitted("view_partnership")
@filled("partnership")
def partnership(request: AccountRequest) -> HttpResponse:
    one, today = partnership_or_404(request), timezone.localdate()
    comparisons = compare_with_thesis(training_figures(one.partner.iso_code))
    items = partnership_records(one, request.user.actor)
    records = counted(items)
    context: dict[str, Any] = {
        "latest": comparisons[-1].reports if comparisons else None,
        "level": cooperation_level(one.day(today), recorded_levels_of(one, items)),
        "ladder": ladder(),
        "money": _money_by_measure(appropriations_of(one)),
        "case_count": count_cases(visible_cases(request.user.actor).filter(partner=one.partner.manual_code)),
        "simulated_count": count_cases(visible_cases(request.user.actor)).simulated,
        "is_published": bool(one.data_set),
    }
    if records:
        context["promises"] = [side for side in side_promises(one, records, language()) if side.count]
        context["safeguard_count"] = len(in_force(records, today))
    if request.user.may("view_trust") and has_acts(one):
        context["directions"] = directions_of(one, current_index(one, today))
    return render(request, "partnership/partnership.html", context)


def _money_by_measure(records: list[Appropriation]) -> dict[str, Any] | None:
    """A row a measure with its accounts side by side, and every total beside the printed one; None without records."""
    if not records:
        return None
    checks = {check.name: check for check in reconcile(records)}
    rows: dict[str, dict[str, Any]] = {}
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
    names = account_names()
    accounts = [code for code in names if code in checks]
    accounts += sorted({record.account for record in records} - set(names))
    for row in rows.values():
        row["amounts"] = [row["by_account"].get(account) for account in accounts]
    return {
        "rows": rows.values(),
        "names": {code: names.get(code, BilingualText(code, code)) for code in accounts},
        "accounts": [checks[account] for account in accounts if account in checks],
        "all": checks["all"],
        "reference": records[0].reference,
        "notes": [record for record in records if record.note],
    }


def money_chart(request: AccountRequest, width: int, opens: charts.Opens) -> Any:
    one = partnership_or_404(request)
    return charts.money_chart(appropriations_of(one), one.money_name, language(), width, opens=opens)
