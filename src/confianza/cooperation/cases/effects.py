"""What a recorded step does to a case: its lines and its ledger. Pure functions, named in the rulebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from confianza.cooperation.cases.case import Case, Line, StepRecord
from confianza.cooperation.ledger import Account, move
from confianza.cooperation.money import Money


def _none(case: Case, record: StepRecord) -> Case:
    return case


def _add_line(case: Case, record: StepRecord) -> Case:
    details: Mapping[str, Any] = record.details
    zero = Money(0, case.funds.currency)
    line = Line(
        details["line"], details["description"], details["quantity"], details["unit_cost"], zero, zero
    )
    return replace(case, lines={**case.lines, line.number: line})


def _post(case: Case, record: StepRecord, amount: Money, source: Account, target: Account) -> Case:
    return replace(case, entries=(*case.entries, move(record.on, amount, source, target)))


def _change_line(case: Case, record: StepRecord, field: str, by: int | Money) -> Case:
    line = case.lines[str(record.details["line"])]
    changed = replace(line, **{field: getattr(line, field) + by})
    return replace(case, lines={**case.lines, line.number: changed})


def _amount(record: StepRecord) -> Money:
    amount = record.details["amount"]
    if not isinstance(amount, Money):
        raise TypeError(record)
    return amount


def _commit(case: Case, record: StepRecord) -> Case:
    return _post(case, record, _amount(record), Account.AVAILABLE, Account.COMMITTED)


def _obligate(case: Case, record: StepRecord) -> Case:
    case = _post(case, record, _amount(record), Account.COMMITTED, Account.OBLIGATED)
    return _change_line(case, record, "obligated", _amount(record))


def _deobligate(case: Case, record: StepRecord) -> Case:
    case = _post(case, record, _amount(record), Account.OBLIGATED, Account.COMMITTED)
    return _change_line(case, record, "obligated", -_amount(record))


def _pay(case: Case, record: StepRecord) -> Case:
    case = _post(case, record, _amount(record), Account.OBLIGATED, Account.EXPENDED)
    return _change_line(case, record, "paid", _amount(record))


def _return_residual(case: Case, record: StepRecord) -> Case:
    residual = case.balances[Account.COMMITTED]
    return _post(case, record, residual, Account.COMMITTED, Account.RETURNED) if residual.minor else case


def _counted(field: str) -> Callable[[Case, StepRecord], Case]:
    def effect(case: Case, record: StepRecord) -> Case:
        return _change_line(case, record, field, int(str(record.details["quantity"])))

    return effect


EFFECTS: Mapping[str, Callable[[Case, StepRecord], Case]] = {
    "none": _none,
    "add-line": _add_line,
    "commit": _commit,
    "obligate": _obligate,
    "deobligate": _deobligate,
    "pay": _pay,
    "return-residual": _return_residual,
    "deliver": _counted("delivered"),
    "inventory": _counted("inventoried"),
    "transfer": _counted("transferred"),
}


def _lines(done: Callable[[Line], bool]) -> Callable[[Case], bool]:
    return lambda case: all(done(line) for line in case.lines.values())


def _nothing_unpaid(case: Case) -> bool:
    return case.balances[Account.OBLIGATED].minor == 0


# When nothing is left for a repeating effect to do.
USED_UP: Mapping[str, Callable[[Case], bool]] = {
    "obligate": _lines(lambda line: line.obligated == line.cost),
    "deobligate": _nothing_unpaid,
    "pay": _nothing_unpaid,
    "deliver": _lines(lambda line: line.delivered == line.quantity),
    "inventory": _lines(lambda line: line.inventoried == line.delivered),
    "transfer": _lines(lambda line: line.transferred == line.inventoried),
}
