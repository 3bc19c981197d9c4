"""Gates on the lines of a case: their cost, their months, what is delivered of them."""

from __future__ import annotations

from datetime import date, timedelta

from confianza.cooperation.cases.case import Case, CaseLine
from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.money import Money
from confianza.cooperation.periods import fiscal_year_end, months_later
from confianza.cooperation.process.steps import GateParams, GateResult
from confianza.cooperation.programs.authorities import authority_named


def line_is_new(request: CaseRequest, params: GateParams) -> GateResult:
    """The line has a number that no line of the case has."""
    if request.line is None:
        return None
    free = f"{max(int(number) for number in request.case.lines) + 1:03}"
    return {"line": request.line.number, "free": free}


def has_lines(request: CaseRequest, params: GateParams) -> GateResult:
    """The case has a line."""
    return None if request.case.lines else {"case": request.case.identifier}


def change_above_obligated(request: CaseRequest, params: GateParams) -> GateResult:
    """A changed line costs no less than it has obligated, and holds no less than was planned or delivered."""
    line, details = request.line, request.details or {}
    if line is None:
        return None
    cost, quantity = details.get("unit_cost", line.unit_cost), details.get("quantity", line.quantity)
    if not isinstance(cost, Money) or not isinstance(quantity, int):
        raise TypeError(details)
    planned = _planned_quantity(request.case, line)
    if line.obligated.minor <= cost.minor * quantity and planned <= quantity:
        return None
    return {"line": line.number, "obligated": line.obligated, "planned": planned}


def months_in_order(request: CaseRequest, params: GateParams) -> GateResult:
    """The last month of a line is not before its first."""
    first, last = request.detail_or_of_line("start_month"), request.detail_or_of_line("end_month")
    return {"first": first, "last": last} if first > last else None


def range_within_availability(request: CaseRequest, params: GateParams) -> GateResult:
    """The months of a line begin before the funds end, and end before the funds cancel.

    With `last_year`, they end within so many fiscal years after that of the funds; `from_fy` and `to_fy` say
    for which fiscal years of the funds, `authorities` for which authorities, `kinds` for which kinds of line.
    """
    first, last = request.detail_or_of_line("start_month"), request.detail_or_of_line("end_month")
    if not first or not last:
        return None
    if "kinds" in params and request.detail_or_of_line("kind") not in params["kinds"]:
        return None
    funds = request.case.funds
    if funds.authority not in params.get("authorities", [funds.authority]):
        return None
    if "last_year" in params:
        fy = funds.fiscal_year
        if fy is None or not params.get("from_fy", fy) <= fy <= params.get("to_fy", fy):
            return None
        limit: date | None = fiscal_year_end(fy + params["last_year"])
    else:
        limit = funds.availability_on(request.on).cancels_on
    if limit is None or _month_end(last) <= limit:
        return None
    return {"line": request.detail("line"), "last": last, "limit": limit}


def line_within_authority(request: CaseRequest, params: GateParams) -> GateResult:
    """The authority of the funds may pay for a line of this kind; where none is on record, nothing is refused.

    With `unverified` also what was read in no source binds.
    """
    kind = request.detail_or_of_line("kind")
    authority = authority_named(request.case.funds.authority)
    unverified = bool(params.get("unverified"))
    if not kind or authority is None or authority.pays_line(kind, unverified=unverified):
        return None
    names = next((field.options for field in request.step.fields if field.name == "kind"), {})
    return {
        "line": request.detail("line"),
        "kind": names.get(kind, kind),
        "authority": authority.name,
        "section": authority.citation,
        "paid": authority.paid(unverified=unverified),
    }


def _month_end(month: str) -> date:
    return months_later(date.fromisoformat(f"{month}-01"), 1) - timedelta(days=1)


def _planned_quantity(case: Case, line: CaseLine) -> int:
    plans = case.register("deliveries").values()
    return sum(int(str(plan["quantity"])) for plan in plans if plan["line"] == line.number)


def quantity_was_there_before(request: CaseRequest, params: GateParams) -> GateResult:
    """No more of a line is planned, delivered, inventoried or transferred than the step before left."""
    line = request.line
    if line is None:
        return None
    room = {
        "none": line.quantity - _planned_quantity(request.case, line),  # a step that plans a delivery
        "deliver": line.quantity - line.delivered,
        "inventory": line.delivered - line.inventoried,
        "transfer": line.inventoried - line.transferred,
    }[request.step.effect]
    if request.quantity <= room:
        return None
    return {"line": line.number, "quantity": request.quantity, "room": room}


def delay_has_cause(request: CaseRequest, params: GateParams) -> GateResult:
    """A delivery that arrives after its planned day gives a cause."""
    plan = request.case.register("deliveries").get(request.detail("delivery"))
    if plan is None or request.detail("cause"):
        return None
    planned = date.fromisoformat(str(plan["planned_on"]))
    if request.on <= planned:
        return None
    return {"delivery": request.detail("delivery"), "planned": planned, "days": (request.on - planned).days}


def all_lines_transferred(request: CaseRequest, params: GateParams) -> GateResult:
    """All of every line is transferred."""
    open_lines = [line.number for line in request.case.lines.values() if line.transferred < line.quantity]
    return {"lines": ", ".join(open_lines)} if open_lines else None
