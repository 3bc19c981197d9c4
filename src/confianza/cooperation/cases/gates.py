"""Gates: named predicates over an attempted step.

A gate returns None to let the step pass, or the parameters of the reason it refuses with; the words stand in
the rulebook. A gate that needs details passes while none are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import Case, Line
from confianza.cooperation.cases.fields import Value
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.texts import Text

if TYPE_CHECKING:
    from confianza.cooperation.cases.rulebook import Edition, Step

Refusing = Mapping[str, object] | None


@dataclass(frozen=True)
class Attempt:
    """A step somebody wants to take on a day. `actor` and `details` are None when only asking what is next.

    `available` is what the funds of the case have left, before this case takes more.
    """

    case: Case
    edition: Edition
    step: Step
    on: date
    available: Money
    actor: Actor | None = None
    details: Mapping[str, Value] | None = None

    @property
    def amount(self) -> Money | None:
        value = (self.details or {}).get("amount")
        return value if isinstance(value, Money) else None

    @property
    def quantity(self) -> int:
        value = (self.details or {}).get("quantity")
        return value if isinstance(value, int) else 0

    @property
    def line(self) -> Line | None:
        return self.case.lines.get(str((self.details or {}).get("line")))


def joined(texts: list[Text]) -> Text:
    """The texts as one list."""
    return Text(*(", ".join(text.in_language(language) for text in texts) for language in ("en", "es")))


def _actor_is_responsible(attempt: Attempt) -> Refusing:
    table = permission_table()
    if attempt.actor is None or table.roles[attempt.actor.role].acts_for & set(attempt.step.actors):
        return None
    return {
        "role": table.roles[attempt.actor.role].name,
        "offices": joined([table.offices[office] for office in attempt.step.actors]),
    }


def _earlier_steps_done(attempt: Attempt) -> Refusing:
    missing = [step for step in attempt.step.after if attempt.case.record_of(step) is None]
    return {"missing": joined([attempt.edition.steps[step].name for step in missing])} if missing else None


def _not_done_before(attempt: Attempt) -> Refusing:
    earlier = attempt.case.record_of(attempt.step.id)
    return {"on": earlier.on} if earlier and not attempt.step.repeats else None


def _case_is_open(attempt: Attempt) -> Refusing:
    last = attempt.case.record_of(attempt.edition.phases[-1].completed_by)
    return {"on": last.on} if last else None


def _not_before_last_step(attempt: Attempt) -> Refusing:
    last = attempt.case.records[-1].on if attempt.case.records else attempt.on
    return {"on": attempt.on, "last": last} if attempt.on < last else None


def _line_is_new(attempt: Attempt) -> Refusing:
    if attempt.line is None:
        return None
    free = f"{max(int(number) for number in attempt.case.lines) + 1:03}"
    return {"line": attempt.line.number, "free": free}


def _letter_not_prepared(attempt: Attempt) -> Refusing:
    letter = attempt.case.record_of("prepare-loa")
    return {"on": letter.on} if letter else None


def _amount_covers_lines(attempt: Attempt) -> Refusing:
    amount, cost = attempt.amount, attempt.case.cost
    return {"amount": amount, "cost": cost} if amount is not None and amount < cost else None


def _amount_is_available(attempt: Attempt) -> Refusing:
    if attempt.amount is None or attempt.amount <= attempt.available:
        return None
    return {"amount": attempt.amount, "available": attempt.available, "funds": attempt.case.funds.name}


def _funds_are_available(attempt: Attempt) -> Refusing:
    dates = attempt.case.funds.availability_on(attempt.on)
    if dates.available_from <= attempt.on <= dates.available_until:
        return None
    return {
        "on": attempt.on,
        "funds": attempt.case.funds.name,
        "available_from": dates.available_from,
        "available_until": dates.available_until,
    }


def _funds_not_cancelled(attempt: Attempt) -> Refusing:
    cancels_on = attempt.case.funds.availability_on(attempt.on).cancels_on
    if attempt.on <= cancels_on:
        return None
    return {"funds": attempt.case.funds.name, "cancels_on": cancels_on}


def _amount_within_line(attempt: Attempt) -> Refusing:
    line, amount = attempt.line, attempt.amount
    if line is None or amount is None or amount <= line.cost - line.obligated:
        return None
    return {
        "line": line.number,
        "cost": line.cost,
        "obligated": line.obligated,
        "amount": amount,
        "room": line.cost - line.obligated,
    }


def _amount_within_committed(attempt: Attempt) -> Refusing:
    committed = attempt.case.balances[Account.COMMITTED]
    if attempt.amount is None or attempt.amount <= committed:
        return None
    return {"amount": attempt.amount, "committed": committed}


def _amount_within_obligated(attempt: Attempt) -> Refusing:
    line, amount = attempt.line, attempt.amount
    if line is None or amount is None or amount <= line.unpaid:
        return None
    return {"line": line.number, "amount": amount, "unpaid": line.unpaid}


def _line_has_obligation(attempt: Attempt) -> Refusing:
    line = attempt.line
    return {"line": line.number} if line is not None and line.obligated.minor == 0 else None


def _quantity_was_there_before(attempt: Attempt) -> Refusing:
    line = attempt.line
    if line is None:
        return None
    room = {
        "deliver": line.quantity - line.delivered,
        "inventory": line.delivered - line.inventoried,
        "transfer": line.inventoried - line.transferred,
    }[attempt.step.effect]
    if attempt.quantity <= room:
        return None
    return {"line": line.number, "quantity": attempt.quantity, "room": room}


def _all_lines_transferred(attempt: Attempt) -> Refusing:
    open_lines = [line.number for line in attempt.case.lines.values() if line.transferred < line.quantity]
    return {"lines": ", ".join(open_lines)} if open_lines else None


def _no_unpaid_obligation(attempt: Attempt) -> Refusing:
    unpaid = attempt.case.balances[Account.OBLIGATED]
    return {"unpaid": unpaid} if unpaid.minor else None


GATES: Mapping[str, Callable[[Attempt], Refusing]] = {
    "actor-is-responsible": _actor_is_responsible,
    "earlier-steps-done": _earlier_steps_done,
    "not-done-before": _not_done_before,
    "case-is-open": _case_is_open,
    "not-before-last-step": _not_before_last_step,
    "line-is-new": _line_is_new,
    "letter-not-prepared": _letter_not_prepared,
    "amount-covers-lines": _amount_covers_lines,
    "amount-is-available": _amount_is_available,
    "funds-are-available": _funds_are_available,
    "funds-not-cancelled": _funds_not_cancelled,
    "amount-within-line": _amount_within_line,
    "amount-within-committed": _amount_within_committed,
    "amount-within-obligated": _amount_within_obligated,
    "line-has-obligation": _line_has_obligation,
    "quantity-was-there-before": _quantity_was_there_before,
    "all-lines-transferred": _all_lines_transferred,
    "no-unpaid-obligation": _no_unpaid_obligation,
}
