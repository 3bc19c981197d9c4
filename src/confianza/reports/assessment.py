"""The assessment of a partnership as one document: cooperation, training, trust, plan, each with its source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Case
from confianza.cooperation.cases.process import phases
from confianza.cooperation.money import Money
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.programs import Appropriation, AppropriationKind, reconcile
from confianza.evidence.imet import ImetComparison, thesis_table_2
from confianza.planning.seats import SeatPlan
from confianza.trust.index import TrustIndex, default_parameters, index_basis
from confianza.trust.spectrum import CooperationLevel


def _dollars(amount: Money | None) -> float | None:
    return None if amount is None else amount.minor / 100


def partnership_part(partnership: Partnership) -> dict[str, Any]:
    """Which partnership is assessed."""
    return {"code": partnership.code, "name": partnership.name.en, "program": partnership.program}


def training_part(comparisons: Sequence[ImetComparison]) -> dict[str, Any]:
    """IMET of the fiscal years the thesis covers: the reports, the thesis's table beside them, every difference."""
    return {
        str(row.reports.fiscal_year): {
            "students": row.reports.student_count,
            "dollars": _dollars(row.reports.cost),
            "pme_students": row.reports.pme_student_count,
            "pme_share_students": round(row.reports.pme_share, 4),
            "pme_share_dollars": round(row.reports.pme_cost_share or 0, 4),
            "source": row.reports.source,
            "thesis": {
                "students": row.thesis.student_count,
                "dollars": _dollars(row.thesis.cost),
                "pme_students": row.thesis.pme_student_count,
                "source": row.thesis.source,
            },
            "difference": {
                "students": row.student_difference,
                "dollars": _dollars(row.cost_difference),
                "pme_students": row.pme_difference,
            },
        }
        for row in comparisons
        if row.thesis is not None
    }


def training_totals(comparisons: Sequence[ImetComparison]) -> dict[str, Any]:
    """Students of the years the thesis covers, and its PME share beside what its text says."""
    years = [row for row in comparisons if row.thesis is not None]
    students = sum(row.reports.student_count for row in years)
    table, text = thesis_table_2()["years"], thesis_table_2()["text"]
    printed_pme = sum(row["pme_students"] for row in table)
    printed_students = sum(row["students"] for row in table)
    share = printed_pme / printed_students
    return {
        "fiscal_years": [row.reports.fiscal_year for row in years],
        "students": students,
        "pme_students": sum(row.reports.pme_student_count for row in years),
        "thesis_students": printed_students,
        "thesis_pme_students": printed_pme,
        "thesis_pme_share": round(share, 4),
        "thesis_text_percent": text["pme_share_below_percent"],
        "thesis_text_place": f"{thesis_table_2()['source']}, {text['place']}",
        "thesis_text_agrees": share < text["pme_share_below_percent"] / 100,
    }


def appropriations_part(records: Sequence[Appropriation]) -> dict[str, Any]:
    """Money of a program by account, and whether it adds up to what the table prints."""
    checks = {check.name: check for check in reconcile(records)}
    enacted = [record for record in records if record.kind is AppropriationKind.APPROPRIATION]
    return {
        account: {
            "dollars": _dollars(checks[account].computed),
            "printed_dollars": _dollars(checks[account].printed),
            "reconciles": checks[account].reconciles,
            "measures": {
                f"FY{record.fiscal_year} {record.public_law}": _dollars(record.amount)
                for record in enacted
                if record.account == account
            },
        }
        for account in sorted({record.account for record in enacted})
    }


def appropriations_total(records: Sequence[Appropriation]) -> dict[str, Any]:
    """The sum of the enacted money, and whether every total that table 1 prints reconciles."""
    checks = reconcile(records)
    return {
        "dollars": _dollars(next(check.computed for check in checks if check.name == "all")),
        "reconciles": all(check.reconciles for check in checks),
        "source": str(records[0].reference),
    }


def trust_part(index: TrustIndex) -> dict[str, Any]:
    """Both directions by year: mean and 95 % interval in standard deviations, and on the scale of 0–100."""
    part: dict[str, Any] = {}
    for actor, target in (index.pair, index.pair[::-1]):
        part[f"{actor}->{target}"] = [
            {
                "year": year.year,
                "mean": round(year.mean, 6),
                "lower": round(year.lower, 6),
                "upper": round(year.upper, 6),
                "score": round(year.score, 2),
                "score_lower": round(year.score_lower, 2),
                "score_upper": round(year.score_upper, 2),
                "acts": year.act_count,
                "news": year.news_count,
            }
            for year in index.direction(actor)
        ]
    return part


def trust_basis_part(index: TrustIndex) -> dict[str, Any]:
    """What the index rests on: label, acts, parameters (all defaults), log-likelihood."""
    return {
        "label": "behavioral only",
        "statement": index_basis().en,
        "acts": len(index.events),
        "parameters": {
            entry.symbol: {"value": entry.value, "status": "default", "basis": entry.basis.en}
            for entry in default_parameters()
        },
        "log_likelihood": round(index.smoothed.log_likelihood, 8),
    }


def case_part(case: Case, *, is_simulated: bool) -> dict[str, Any]:
    """A case: its phases with dates, and what its ledger adds up to."""
    balances = case.balances
    return {
        "identifier": case.identifier,
        "title": case.title,
        "simulated": is_simulated,
        "edition": case.edition,
        "phases": [
            {
                "number": state.phase.number,
                "phase": state.phase.name.en,
                "started": state.started_on.isoformat() if state.started_on else None,
                "completed": state.completed_on.isoformat() if state.completed_on else None,
            }
            for state in phases(case)
        ],
        "ledger": {account.value: _dollars(amount) for account, amount in balances.items() if amount.minor},
        "ledger_balances": sum(amount.minor for amount in balances.values()) == 0,
    }


def level_part(level: CooperationLevel) -> dict[str, Any]:
    """The level on the spectrum of cooperation, the level desired, and what is missing for the next."""
    return {
        "on": level.on.isoformat(),
        "level": level.current.number,
        "name": level.current.name.en,
        "desired": level.desired.number if level.desired else None,
        "desired_name": level.desired.name.en if level.desired else None,
        "missing_for_next": [item.name.en for item in level.missing],
    }


def plan_part(plan: SeatPlan, coverage: BilingualText) -> dict[str, Any]:
    """The cheapest seat mix that reaches the target PME share, and what its prices of PME rest on."""
    seats: dict[str, int] = {}
    pme_seats: dict[str, int] = {}
    for option, count in plan.seats:
        seats[option.school_code] = seats.get(option.school_code, 0) + count
        if option.is_pme and count:
            pme_seats[option.school_code] = count
    return {
        "status": plan.status,
        "seats": seats,
        "pme_seats": pme_seats,
        "cost": _dollars(plan.cost),
        "students": plan.request.student_count,
        "pme_share_requested": plan.request.pme_share,
        "pme_share_students": round(plan.pme_share_students, 4),
        "pme_share_dollars": round(plan.pme_share_cost, 4),
        "prices_from": coverage.en,
        "budget": _dollars(plan.request.budget),
    }


def assessment_text(document: Mapping[str, Any], *, shown_years: Collection[int] = ()) -> str:
    """The assessment as plain text; of trust the first, the last and the `shown_years`."""
    partnership = document["partnership"]
    lines = ["", f"{partnership['name']}: assessment", "", "IMET students (public reports | thesis, table 2)"]
    for year, row in document["training"].items():
        thesis = row["thesis"]
        lines.append(
            f"  FY{year}  {row['students']:>4} students, {row['pme_students']:>3} PME, ${row['dollars']:>10,.0f}  "
            f"| {thesis['students']:>4} students, {thesis['pme_students']:>3} PME, ${thesis['dollars']:>12,.0f}"
        )
    totals = document["training_totals"]
    verdict = "agrees" if totals["thesis_text_agrees"] else "does not agree"
    lines += [
        f"  {totals['students']} students in FY{totals['fiscal_years'][0]}–FY{totals['fiscal_years'][-1]}. PME share of "
        f"the thesis's table: {100 * totals['thesis_pme_share']:.1f} %; its text says "
        f"less than {totals['thesis_text_percent']} percent ({totals['thesis_text_place']}), which {verdict}.",
        "",
        f"{partnership['program']} by account (thesis, table 1)",
    ]
    for account, row in document["appropriations"].items():
        verdict = "reconciles" if row["reconciles"] else "DOES NOT RECONCILE"
        lines.append(f"  {account:<6} ${row['dollars']:>15,.0f}  {verdict} with the printed total")
    lines.append(f"  total  ${document['appropriations_total']['dollars']:>15,.0f}")
    lines += ["", "Trust, 0–100 with 95 % interval (behavioral only, default parameters; no survey yet)"]
    for direction, years in document["trust"].items():
        shown = [years[0], *(row for row in years[1:-1] if row["year"] in shown_years), years[-1]]
        lines.append(
            f"  {direction}  "
            + "   ".join(
                f"{row['year']}: {row['score']:.0f} ({row['score_lower']:.0f}–{row['score_upper']:.0f})"
                for row in shown
            )
        )
    level = document["cooperation_level"]
    lines += [
        "",
        f"Level of cooperation on {level['on']}: {level['level']} ({level['name']}); desired: {level['desired']} "
        f"({level['desired_name']}). Missing for the next: {'; '.join(level['missing_for_next'])}.",
        "",
        f"Case {document['case']['identifier']}{' (simulated)' if document['case']['simulated'] else ''}",
    ]
    lines += [
        f"  {row['number']}. {row['phase']:<36} {row['started']} – {row['completed']}"
        for row in document["case"]["phases"]
    ]
    verdict = "balances" if document["case"]["ledger_balances"] else "DOES NOT BALANCE"
    lines.append(
        f"  ledger {verdict}: "
        + ", ".join(
            f"{name} {'-' if dollars < 0 else ''}${abs(dollars):,.2f}"
            for name, dollars in document["case"]["ledger"].items()
        )
    )
    plan = document["plan"]
    lines += [
        "",
        f"Seat plan for {plan['students']} students, at least {100 * plan['pme_share_requested']:.0f} % PME "
        f"({plan['status']}): ${plan['cost']:,.2f} of ${plan['budget']:,.2f}",
        "  "
        + ", ".join(
            f"{school}: {seats} ({plan['pme_seats'].get(school, 0)} PME)"
            for school, seats in plan["seats"].items()
            if seats
        ),
        f"  {plan['prices_from']}",
    ]
    return "\n".join(lines)
