"""What a recorded step does to a case: its lines and its ledger. Pure functions, named in the rulebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from confianza.cooperation.cases.case import BASIC, Case, CaseLine, FundState
from confianza.cooperation.ledger import Account, move
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.records import StepRecord

# what a line calls the details that every edition asks of it
LINE_FIELDS = {"line": "number", **{name: name for name in ("description", "quantity", "unit_cost")}}


def _none(case: Case, record: StepRecord) -> Case:
    return case


def _fields(details: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The details that are fields of a line, and what else the edition asks of a line."""
    own = {LINE_FIELDS[name]: value for name, value in details.items() if name in LINE_FIELDS}
    return own, {name: value for name, value in details.items() if name not in LINE_FIELDS}


def _new_line(case: Case, details: Mapping[str, Any]) -> CaseLine:
    zero = Money(0, case.funds.currency)
    own, more = _fields(details)
    return CaseLine(**own, obligated=zero, paid=zero, details=more)


def _add_line(case: Case, record: StepRecord) -> Case:
    line = _new_line(case, record.details)
    return replace(case, lines={**case.lines, line.number: line})


def _revise_line(case: Case, record: StepRecord) -> Case:
    line = case.lines[str(record.details["line"])]
    own, more = _fields(record.details)
    changed = replace(line, **own, details={**line.details, **more})
    return replace(case, lines={**case.lines, line.number: changed})


def _remove_line(case: Case, record: StepRecord) -> Case:
    removed = record.details["line"]
    return replace(case, lines={number: line for number, line in case.lines.items() if number != removed})


def _post(case: Case, record: StepRecord, amount: Money, source: Account, target: Account) -> Case:
    return replace(case, entries=(*case.entries, move(record.on, amount, source, target)))


def _change_line(case: Case, record: StepRecord, field: str, by: Money) -> Case:
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
    expired = case.funds.state_on(record.on) is FundState.EXPIRED
    target = Account.EXPIRED if expired else Account.COMMITTED
    case = _post(case, record, _amount(record), Account.OBLIGATED, target)
    return _change_line(case, record, "obligated", -_amount(record))


def _pay(case: Case, record: StepRecord) -> Case:
    case = _post(case, record, _amount(record), Account.OBLIGATED, Account.EXPENDED)
    return _change_line(case, record, "paid", _amount(record))


def recovered_on(case: Case, on: date) -> Money:
    """What was deobligated since the funds' availability ended and may be obligated again.

    Zero outside the window for reobligation (DSCA 12-45).
    """
    dates = case.funds.availability_on(on)
    minor = 0
    if dates.state_on(on) is FundState.REOBLIGATION and dates.available_until is not None:
        for entry in case.entries:
            moved = dict(entry.postings)
            if entry.on > dates.available_until and moved.keys() == {Account.OBLIGATED, Account.COMMITTED}:
                minor += moved[Account.COMMITTED].minor
    return Money(minor, case.funds.currency)


def _expire(case: Case, record: StepRecord) -> Case:
    rest = case.balances[Account.COMMITTED] - recovered_on(case, record.on)
    return _post(case, record, rest, Account.COMMITTED, Account.EXPIRED) if rest.minor else case


def _empty(target: Account, *sources: Account) -> Callable[[Case, StepRecord], Case]:
    def effect(case: Case, record: StepRecord) -> Case:
        for source in sources:
            rest = case.balances[source]
            if rest.minor:
                case = _post(case, record, rest, source, target)
        return case

    return effect


def _counted(field: str) -> Callable[[Case, StepRecord], Case]:
    def effect(case: Case, record: StepRecord) -> Case:
        moved = delivery_of(case, record.details)
        line = case.lines[str(moved["line"])]
        count = getattr(line, field) + int(str(moved["quantity"]))
        return replace(case, lines={**case.lines, line.number: replace(line, **{field: count})})

    return effect


def delivery_of(case: Case, details: Mapping[str, Value]) -> Mapping[str, Value]:
    """CaseLine and quantity a record is about: its own, or those of the planned delivery it names."""
    return case.register("deliveries")[str(details["delivery"])] if "delivery" in details else details


def next_version(case: Case, letter: str) -> str:
    """The document version after those there are: `A01`, `M02`."""
    return f"{letter}{1 + sum(version.startswith(letter) for version in case.register('versions')):02}"


def _open_version(letter: str) -> Callable[[Case, StepRecord], Case]:
    def effect(case: Case, record: StepRecord) -> Case:
        version = next_version(case, letter)
        versions = {**case.register("versions"), version: {"on": record.on.isoformat()}}
        registers = {**case.registers, "versions": versions, "changes": {}}
        return replace(case, version=version, registers=registers)

    return effect


def _withdraw_version(case: Case, record: StepRecord) -> Case:
    left = {name: entry for name, entry in case.register("versions").items() if name != case.version}
    registers = {**case.registers, "versions": left, "changes": {}}
    return replace(case, version=next(reversed(left), BASIC), registers=registers)


def _apply_changes(case: Case, record: StepRecord) -> Case:
    lines = dict(case.lines)
    for number, change in case.register("changes").items():
        changed: dict[str, Any] = {name: change[name] for name in ("quantity", "unit_cost") if name in change}
        line = lines.get(number)
        lines[number] = replace(line, **changed) if line else _new_line(case, change)
    return replace(case, lines=lines, registers={**case.registers, "changes": {}})


EFFECTS: Mapping[str, Callable[[Case, StepRecord], Case]] = {
    "none": _none,
    "add-line": _add_line,
    "revise-line": _revise_line,
    "remove-line": _remove_line,
    "commit": _commit,
    "obligate": _obligate,
    "deobligate": _deobligate,
    "pay": _pay,
    "return-residual": _empty(Account.RETURNED, Account.COMMITTED, Account.EXPIRED),
    "expire": _expire,
    "restore": _empty(Account.COMMITTED, Account.EXPIRED),
    "cancel": _empty(Account.CANCELED, Account.COMMITTED, Account.OBLIGATED, Account.EXPIRED),
    "open-amendment": _open_version("A"),
    "open-modification": _open_version("M"),
    "withdraw-version": _withdraw_version,
    "apply-changes": _apply_changes,
    "deliver": _counted("delivered"),
    "inventory": _counted("inventoried"),
    "transfer": _counted("transferred"),
}


def _lines(done: Callable[[CaseLine], bool]) -> Callable[[Case, date], bool]:
    return lambda case, on: all(done(line) for line in case.lines.values())


def _nothing_unpaid(case: Case, on: date) -> bool:
    return case.balances[Account.OBLIGATED].minor == 0


# When nothing is left for a repeating effect to do on a day.
USED_UP: Mapping[str, Callable[[Case, date], bool]] = {
    "expire": lambda case, on: case.balances[Account.COMMITTED] == recovered_on(case, on),
    "restore": lambda case, on: case.balances[Account.EXPIRED].minor == 0,
    "obligate": _lines(lambda line: line.obligated == line.cost),
    "deobligate": _nothing_unpaid,
    "pay": _nothing_unpaid,
    "deliver": _lines(lambda line: line.delivered == line.quantity),
    "inventory": _lines(lambda line: line.inventoried == line.delivered),
    "transfer": _lines(lambda line: line.transferred == line.inventoried),
}
