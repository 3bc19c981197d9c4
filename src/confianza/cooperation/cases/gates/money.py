"""Gates on the money of a case and on the dates of its funds."""

from __future__ import annotations

from confianza.cooperation.cases.case import Case, FundState
from confianza.cooperation.cases.effects import recovered_on
from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import GateParams, GateResult


def funds_match(request: CaseRequest, params: GateParams) -> GateResult:
    """The field `funds` names the funds of the case."""
    funds, own = request.detail("funds"), request.case.funds.code
    return {"given": funds, "own": own} if funds and funds != own else None


def funds_are_available(request: CaseRequest, params: GateParams) -> GateResult:
    """The funds may be obligated; with `reobligation`, what was deobligated may be again in its window."""
    dates = request.case.funds.availability_on(request.on)
    state = dates.state_on(request.on)
    if state is FundState.AVAILABLE:
        return None
    recovered = recovered_on(request.case, request.on)
    may_reobligate = params.get("reobligation") and recovered.minor > 0
    if may_reobligate and (request.amount is None or request.amount <= recovered):
        return None
    return {
        "on": request.on,
        "funds": request.case.funds.name,
        "available_from": dates.available_from,
        "available_until": dates.available_until or "-",
    }


def funds_not_cancelled(request: CaseRequest, params: GateParams) -> GateResult:
    """The funds are not canceled."""
    dates = request.case.funds.availability_on(request.on)
    if dates.state_on(request.on) is not FundState.CANCELED:
        return None
    return {"funds": request.case.funds.name, "cancels_on": dates.cancels_on}


def funds_have_expired(request: CaseRequest, params: GateParams) -> GateResult:
    """The availability of the funds has ended; with `cancelled`, they are canceled."""
    state = request.case.funds.state_on(request.on)
    ended = {FundState.REOBLIGATION, FundState.EXPIRED, FundState.CANCELED}
    if state in ({FundState.CANCELED} if params.get("cancelled") else ended):
        return None
    dates = request.case.funds.availability_on(request.on)
    until = dates.cancels_on if params.get("cancelled") else dates.available_until
    return {"funds": request.case.funds.name, "until": until or "-"}


def cancellation_is_recorded(request: CaseRequest, params: GateParams) -> GateResult:
    """Nothing the case still holds belongs to canceled funds."""
    dates, balances = request.case.funds.availability_on(request.on), request.case.balances
    left = balances[Account.COMMITTED] + balances[Account.OBLIGATED] + balances[Account.EXPIRED]
    if left.minor == 0 or dates.state_on(request.on) is not FundState.CANCELED:
        return None
    return {"left": left, "funds": request.case.funds.name, "cancels_on": dates.cancels_on}


def lines_within_available(request: CaseRequest, params: GateParams) -> GateResult:
    """The lines cost no more than the funds have left."""
    cost = request.case.cost
    if cost <= request.available:
        return None
    return {"cost": cost, "available": request.available, "funds": request.case.funds.name}


def within_ceiling(request: CaseRequest, params: GateParams) -> GateResult:
    """The lines cost no more than the amount `field` that a step of `of` recorded last."""
    limits = [
        record.details[params["field"]] for record in request.case.records if record.step in params["of"]
    ]
    limit = limits[-1] if limits else None
    cost = _pending_cost(request.case)
    if not isinstance(limit, Money) or cost <= limit:
        return None
    return {"cost": cost, "limit": limit, "over": cost - limit}


def funds_cover_lines(request: CaseRequest, params: GateParams) -> GateResult:
    """What was committed, less what was returned or lapsed, covers the cost of the lines."""
    balances = request.case.balances
    taken = balances[Account.COMMITTED] + balances[Account.OBLIGATED] + balances[Account.EXPENDED]
    pending = _pending_cost(request.case)
    return {"taken": taken, "cost": pending, "rest": pending - taken} if taken < pending else None


def _pending_cost(case: Case) -> Money:
    """The cost of all lines once the changes in work are applied."""
    changes = case.register("changes")
    minor = 0
    for number in {**case.lines, **changes}:
        line, change = case.lines.get(number), changes.get(number, {})
        cost = change.get("unit_cost", line and line.unit_cost)
        quantity = change.get("quantity", line and line.quantity)
        if not isinstance(cost, Money) or not isinstance(quantity, int):
            raise TypeError(change)
        minor += cost.minor * quantity
    return Money(minor, case.funds.currency)


def amount_is_available(request: CaseRequest, params: GateParams) -> GateResult:
    """The amount is no more than the funds have left."""
    if request.amount is None or request.amount <= request.available:
        return None
    return {"amount": request.amount, "available": request.available, "funds": request.case.funds.name}


def amount_covers_lines(request: CaseRequest, params: GateParams) -> GateResult:
    """The amount is no less than the lines cost."""
    amount, cost = request.amount, request.case.cost
    return {"amount": amount, "cost": cost} if amount is not None and amount < cost else None


def amount_within_committed(request: CaseRequest, params: GateParams) -> GateResult:
    """The amount is no more than is committed."""
    committed = request.case.balances[Account.COMMITTED]
    if request.amount is None or request.amount <= committed:
        return None
    return {"amount": request.amount, "committed": committed}


def amount_within_line(request: CaseRequest, params: GateParams) -> GateResult:
    """The amount is no more than the line costs beyond what it has obligated."""
    line, amount = request.line, request.amount
    if line is None or amount is None or amount <= line.cost - line.obligated:
        return None
    return {
        "line": line.number,
        "cost": line.cost,
        "obligated": line.obligated,
        "amount": amount,
        "room": line.cost - line.obligated,
    }


def amount_within_obligated(request: CaseRequest, params: GateParams) -> GateResult:
    """The amount is no more than the line has obligated and not paid."""
    line, amount = request.line, request.amount
    if line is None or amount is None or amount <= line.unpaid:
        return None
    return {"line": line.number, "amount": amount, "unpaid": line.unpaid}


def line_has_obligation(request: CaseRequest, params: GateParams) -> GateResult:
    """The line has obligated money."""
    line = request.line
    return {"line": line.number} if line is not None and line.obligated.minor == 0 else None


def no_unpaid_obligation(request: CaseRequest, params: GateParams) -> GateResult:
    """Nothing obligated is left unpaid."""
    unpaid = request.case.balances[Account.OBLIGATED]
    return {"unpaid": unpaid} if unpaid.minor else None
