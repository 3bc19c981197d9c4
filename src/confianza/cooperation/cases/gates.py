"""Gates: named predicates over an attempted step.

A gate returns None to let the step pass, or the parameters of the reason it refuses with; the words, and what
the gate is set to (`params`), stand in the rulebook. A gate that needs details passes while none are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import DOCUMENT_VERSION, Case, FundState, Line
from confianza.cooperation.cases.effects import delivery_of, next_version, recovered_on
from confianza.cooperation.cases.fields import Value
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.periods import fiscal_year_end, months_later
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.texts import Text

if TYPE_CHECKING:
    from confianza.cooperation.cases.rulebook import Edition, Step

Refusing = Mapping[str, object] | None
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """A step somebody wants to take on a day. `actor` and `details` are None when only asking what is next.

    `available` is what the funds of the case have left, before this case takes more; `today` is the day on which
    somebody takes the step, which `on` cannot follow.
    """

    case: Case
    edition: Edition
    step: Step
    on: date
    available: Money
    today: date
    actor: Actor | None = None
    details: Mapping[str, Value] | None = None

    def detail(self, name: str) -> str:
        """A field as text; empty while it is not given."""
        return str((self.details or {}).get(name, ""))

    @property
    def amount(self) -> Money | None:
        """The amount the step gives, or None."""
        value = (self.details or {}).get("amount")
        return value if isinstance(value, Money) else None

    @property
    def moved(self) -> Mapping[str, Value]:
        """Line and quantity of the step: its own, or those of the planned delivery it names."""
        details = self.details or {}
        is_planned = details.get("delivery") in self.case.register("deliveries")
        return delivery_of(self.case, details) if is_planned else details

    @property
    def quantity(self) -> int:
        """The quantity of the step; 0 when it gives none."""
        value = self.moved.get("quantity")
        return value if isinstance(value, int) else 0

    @property
    def line(self) -> Line | None:
        """The line of the case that the step names, or None."""
        return self.case.lines.get(str(self.moved.get("line")))


def joined(texts: list[Text]) -> Text:
    """The texts as one list."""
    return Text(*(", ".join(text.in_language(language) for text in texts) for language in ("en", "es")))


def acts_for_no_office(actor: Actor | None, step: Step) -> Refusing:
    """The role and the offices of the step, when the actor acts for none of these; None for no actor."""
    table = permission_table()
    if actor is None or table.roles[actor.role].acts_for & set(step.actors):
        return None
    return {
        "role": table.roles[actor.role].name,
        "offices": joined([table.offices[office] for office in step.actors]),
    }


def _actor_is_responsible(attempt: Attempt, params: Params) -> Refusing:
    return acts_for_no_office(attempt.actor, attempt.step)


def _earlier_steps_done(attempt: Attempt, params: Params) -> Refusing:
    before = attempt.edition.before(attempt.step, attempt.on, attempt.case.funds.regime)
    missing = [step for step in before if attempt.case.record_of(step) is None]
    return {"missing": joined([attempt.edition.steps[step].name for step in missing])} if missing else None


def _not_done_before(attempt: Attempt, params: Params) -> Refusing:
    earlier = attempt.case.record_of(attempt.step.id)
    return {"on": earlier.on} if earlier and not attempt.step.repeats else None


def _case_is_open(attempt: Attempt, params: Params) -> Refusing:
    last = attempt.case.record_of(attempt.edition.path[-1].completed_by)
    return {"on": last.on} if last else None


def _not_before_last_step(attempt: Attempt, params: Params) -> Refusing:
    last = attempt.case.records[-1].on if attempt.case.records else attempt.on
    return {"on": attempt.on, "last": last} if attempt.on < last else None


def day_to_come(on: date, today: date) -> Refusing:
    """The day of a step and today, when the day has not come."""
    return {"on": on, "today": today} if on > today else None


def _day_has_come(attempt: Attempt, params: Params) -> Refusing:
    return day_to_come(attempt.on, attempt.today)


def _step_is_in_force(attempt: Attempt, params: Params) -> Refusing:
    step = attempt.step
    if step.in_force(attempt.on, attempt.case.funds.regime):
        return None
    return {"step": step.name, "on": attempt.on, "from": step.from_date or "…", "to": step.to_date or "…"}


def _line_is_new(attempt: Attempt, params: Params) -> Refusing:
    if attempt.line is None:
        return None
    free = f"{max(int(number) for number in attempt.case.lines) + 1:03}"
    return {"line": attempt.line.number, "free": free}


def _not_after(attempt: Attempt, params: Params) -> Refusing:
    """Not once the step `of` stands; but, where they are named, between the records of `start` and `end`."""
    later = attempt.case.record_of(params["of"])
    if later is None or ("start" in params and _only_while(attempt, params) is None):
        return None
    return {"on": later.on}


def _has_lines(attempt: Attempt, params: Params) -> Refusing:
    return None if attempt.case.lines else {"case": attempt.case.identifier}


def _lines_within_available(attempt: Attempt, params: Params) -> Refusing:
    """The lines cost no more than the funds have left."""
    cost = attempt.case.cost
    if cost <= attempt.available:
        return None
    return {"cost": cost, "available": attempt.available, "funds": attempt.case.funds.name}


def _amount_covers_lines(attempt: Attempt, params: Params) -> Refusing:
    amount, cost = attempt.amount, attempt.case.cost
    return {"amount": amount, "cost": cost} if amount is not None and amount < cost else None


def _amount_is_available(attempt: Attempt, params: Params) -> Refusing:
    if attempt.amount is None or attempt.amount <= attempt.available:
        return None
    return {"amount": attempt.amount, "available": attempt.available, "funds": attempt.case.funds.name}


def _funds_are_available(attempt: Attempt, params: Params) -> Refusing:
    dates = attempt.case.funds.availability_on(attempt.on)
    state = dates.state_on(attempt.on)
    if state is FundState.AVAILABLE:
        return None
    recovered = recovered_on(attempt.case, attempt.on)
    may_reobligate = params.get("reobligation") and recovered.minor > 0
    if may_reobligate and (attempt.amount is None or attempt.amount <= recovered):
        return None
    return {
        "on": attempt.on,
        "funds": attempt.case.funds.name,
        "available_from": dates.available_from,
        "available_until": dates.available_until or "-",
    }


def _funds_not_cancelled(attempt: Attempt, params: Params) -> Refusing:
    dates = attempt.case.funds.availability_on(attempt.on)
    if dates.state_on(attempt.on) is not FundState.CANCELLED:
        return None
    return {"funds": attempt.case.funds.name, "cancels_on": dates.cancels_on}


def _amount_within_line(attempt: Attempt, params: Params) -> Refusing:
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


def _amount_within_committed(attempt: Attempt, params: Params) -> Refusing:
    committed = attempt.case.balances[Account.COMMITTED]
    if attempt.amount is None or attempt.amount <= committed:
        return None
    return {"amount": attempt.amount, "committed": committed}


def _amount_within_obligated(attempt: Attempt, params: Params) -> Refusing:
    line, amount = attempt.line, attempt.amount
    if line is None or amount is None or amount <= line.unpaid:
        return None
    return {"line": line.number, "amount": amount, "unpaid": line.unpaid}


def _cancellation_is_recorded(attempt: Attempt, params: Params) -> Refusing:
    """Nothing the case still holds belongs to cancelled funds."""
    dates, held = attempt.case.funds.availability_on(attempt.on), attempt.case.balances
    left = held[Account.COMMITTED] + held[Account.OBLIGATED] + held[Account.EXPIRED]
    if left.minor == 0 or dates.state_on(attempt.on) is not FundState.CANCELLED:
        return None
    return {"left": left, "funds": attempt.case.funds.name, "cancels_on": dates.cancels_on}


def _line_has_obligation(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    return {"line": line.number} if line is not None and line.obligated.minor == 0 else None


def _quantity_was_there_before(attempt: Attempt, params: Params) -> Refusing:
    line = attempt.line
    if line is None:
        return None
    planned = sum(
        int(str(plan["quantity"]))
        for plan in attempt.case.register("deliveries").values()
        if plan["line"] == line.number
    )
    room = {
        "none": line.quantity - planned,
        "deliver": line.quantity - line.delivered,
        "inventory": line.delivered - line.inventoried,
        "transfer": line.inventoried - line.transferred,
    }[attempt.step.effect]
    if attempt.quantity <= room:
        return None
    return {"line": line.number, "quantity": attempt.quantity, "room": room}


def _all_lines_transferred(attempt: Attempt, params: Params) -> Refusing:
    open_lines = [line.number for line in attempt.case.lines.values() if line.transferred < line.quantity]
    return {"lines": ", ".join(open_lines)} if open_lines else None


def _no_unpaid_obligation(attempt: Attempt, params: Params) -> Refusing:
    unpaid = attempt.case.balances[Account.OBLIGATED]
    return {"unpaid": unpaid} if unpaid.minor else None


# --- gates that the rulebook sets with params --------------------------------------------------------


def _entry_exists(attempt: Attempt, params: Params) -> Refusing:
    """The value of `field`, given in the step or else on its line, is a key of the `register`."""
    wanted = _named(attempt, params["field"])
    if not wanted or wanted in attempt.case.register(params["register"]):
        return None
    return {"value": wanted, "known": ", ".join(attempt.case.register(params["register"])) or "-"}


def _named(attempt: Attempt, field: str) -> str:
    line = attempt.line
    return attempt.detail(field) or str(line.details.get(field, "") if line else "")


def _entry_is_new(attempt: Attempt, params: Params) -> Refusing:
    """The value of `field` is not yet a key of the `register`."""
    value = attempt.detail(params["field"])
    return {"value": value} if value in attempt.case.register(params["register"]) else None


def _entry_is_current(attempt: Attempt, params: Params) -> Refusing:
    """The register's entry for `field` says `value` and is at most `months` old."""
    wanted = _named(attempt, params["field"])
    if not wanted or (
        "kinds" in params and attempt.line and attempt.line.details.get("kind") not in params["kinds"]
    ):
        return None
    entry = attempt.case.register(params["register"]).get(wanted)
    if entry is not None and entry[params["says"]] == params["value"]:
        until = months_later(date.fromisoformat(str(entry["on"])), params["months"])
        if attempt.on <= until:
            return None
    return {"value": wanted, "months": params["months"]}


def _entries_complete(attempt: Attempt, params: Params) -> Refusing:
    """Every entry of the `register` has the detail `field`."""
    entries = attempt.case.register(params["register"])
    missing = [key for key, entry in entries.items() if params["field"] not in entry]
    return {"missing": ", ".join(missing)} if missing else None


def _entry_has(attempt: Attempt, params: Params) -> Refusing:
    """The entry named by `field` already has the detail `detail`."""
    key = attempt.detail(params["field"])
    entry = attempt.case.register(params["register"]).get(key)
    return {"value": key} if entry is not None and params["detail"] not in entry else None


def _entry_has_not(attempt: Attempt, params: Params) -> Refusing:
    """The entry named by `field` does not have the detail `detail` yet."""
    key = attempt.detail(params["field"])
    entry = attempt.case.register(params["register"]).get(key)
    return {"value": key} if entry is not None and params["detail"] in entry else None


def _entries_cover(attempt: Attempt, params: Params) -> Refusing:
    """The `register` has an entry for every choice of the field `field` of the step `of`."""
    field = next(item for item in attempt.edition.steps[params["of"]].fields if item.name == params["field"])
    entries = attempt.case.register(params["register"])
    missing = [name for key, name in field.options.items() if key not in entries]
    return {"missing": joined(missing)} if missing else None


def _one_of_fields(attempt: Attempt, params: Params) -> Refusing:
    """At least one of the optional fields `fields` is given."""
    if attempt.details is None or any(name in attempt.details for name in params["fields"]):
        return None
    labels = [item.label for item in attempt.step.fields if item.name in params["fields"]]
    return {"fields": joined(labels)}


def _within_hours(attempt: Attempt, params: Params) -> Refusing:
    """At most `hours` after the record of `of`, by the instants `at` of both."""
    earlier = attempt.case.record_of(params["of"])
    if earlier is None or not attempt.detail("at"):
        return None
    start, end = (
        datetime.fromisoformat(str(details["at"])) for details in (earlier.details, attempt.details or {})
    )
    if (start.tzinfo is None) != (end.tzinfo is None):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if timedelta(0) <= end - start <= timedelta(hours=params["hours"]):
        return None
    return {"start": start.isoformat(" "), "at": end.isoformat(" "), "hours": params["hours"]}


def _instant_is_on_day(attempt: Attempt, params: Params) -> Refusing:
    at = attempt.detail("at")
    if not at or datetime.fromisoformat(at).date() == attempt.on:
        return None
    return {"at": at, "on": attempt.on}


def _second_person(attempt: Attempt, params: Params) -> Refusing:
    """The account is not the one that recorded `of`."""
    earlier = attempt.case.record_of(params["of"])
    if attempt.actor is None or earlier is None or earlier.actor.account != attempt.actor.account:
        return None
    return {"account": attempt.actor.account, "step": attempt.edition.steps[params["of"]].name}


def _funds_match(attempt: Attempt, params: Params) -> Refusing:
    """The field `funds` names the funds of the case."""
    given, own = attempt.detail("funds"), attempt.case.funds.code
    return {"given": given, "own": own} if given and given != own else None


def _funds_cover_lines(attempt: Attempt, params: Params) -> Refusing:
    """What was committed, less what was returned or lapsed, covers the cost of the lines."""
    held = attempt.case.balances
    taken = held[Account.COMMITTED] + held[Account.OBLIGATED] + held[Account.EXPENDED]
    pending = pending_cost(attempt.case)
    return {"taken": taken, "cost": pending, "rest": pending - taken} if taken < pending else None


def pending_cost(case: Case) -> Money:
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


def _within_ceiling(attempt: Attempt, params: Params) -> Refusing:
    """The lines cost no more than the amount `field` that a step of `of` recorded last."""
    limits = [
        record.details[params["field"]] for record in attempt.case.records if record.step in params["of"]
    ]
    limit = limits[-1] if limits else None
    cost = pending_cost(attempt.case)
    if not isinstance(limit, Money) or cost <= limit:
        return None
    return {"cost": cost, "limit": limit, "over": cost - limit}


def _change_above_obligated(attempt: Attempt, params: Params) -> Refusing:
    """A changed line costs no less than it has obligated, and holds no less than was planned or delivered."""
    line, details = attempt.line, attempt.details or {}
    if line is None:
        return None
    cost, quantity = details.get("unit_cost", line.unit_cost), details.get("quantity", line.quantity)
    if not isinstance(cost, Money) or not isinstance(quantity, int):
        raise TypeError(details)
    planned = sum(
        int(str(plan["quantity"]))
        for plan in attempt.case.register("deliveries").values()
        if plan["line"] == line.number
    )
    if line.obligated.minor <= cost.minor * quantity and planned <= quantity:
        return None
    return {"line": line.number, "obligated": line.obligated, "planned": planned}


def _month_end(month: str) -> date:
    return months_later(date.fromisoformat(f"{month}-01"), 1) - timedelta(days=1)


def _months_in_order(attempt: Attempt, params: Params) -> Refusing:
    first, last = _named(attempt, "start_month"), _named(attempt, "end_month")
    return {"first": first, "last": last} if first > last else None


def _range_within_availability(attempt: Attempt, params: Params) -> Refusing:
    """The months of a line begin before the funds end, and end before the funds cancel.

    With `last_year`, they end within so many fiscal years after that of the funds; `from_fy` and `to_fy` say
    for which fiscal years of the funds, `authorities` for which authorities, `kinds` for which kinds of line.
    """
    first, last = _named(attempt, "start_month"), _named(attempt, "end_month")
    if not first or not last:
        return None
    if "kinds" in params and _named(attempt, "kind") not in params["kinds"]:
        return None
    funds = attempt.case.funds
    if funds.authority not in params.get("authorities", [funds.authority]):
        return None
    if "last_year" in params:
        fy = funds.fiscal_year
        if fy is None or not params.get("from_fy", fy) <= fy <= params.get("to_fy", fy):
            return None
        limit: date | None = fiscal_year_end(fy + params["last_year"])
    else:
        limit = funds.availability_on(attempt.on).cancels_on
    if limit is None or _month_end(last) <= limit:
        return None
    return {"line": attempt.detail("line"), "last": last, "limit": limit}


def _documents_present(attempt: Attempt, params: Params) -> Refusing:
    """Every kind of document required for the step is attached."""
    attached = {record.details["kind"] for record in attempt.case.documents}
    missing = [
        kind.name
        for kind in attempt.edition.documents.values()
        if attempt.step.id in kind.required_for and kind.id not in attached
    ]
    return {"missing": joined(missing)} if missing else None


def _document_is_used_here(attempt: Attempt, params: Params) -> Refusing:
    given = attempt.detail("kind")
    used = [kind for kind in attempt.edition.documents.values() if not kind.is_excluded]
    if not given or given in [kind.id for kind in used]:
        return None
    kind = attempt.edition.documents.get(given)
    return {"kind": kind.name if kind else given, "known": ", ".join(kind.id for kind in used)}


def _delay_has_cause(attempt: Attempt, params: Params) -> Refusing:
    """A delivery that arrives after its planned day gives a cause."""
    plan = attempt.case.register("deliveries").get(attempt.detail("delivery"))
    if plan is None or attempt.detail("cause"):
        return None
    planned = date.fromisoformat(str(plan["planned_on"]))
    if attempt.on <= planned:
        return None
    return {"delivery": attempt.detail("delivery"), "planned": planned, "days": (attempt.on - planned).days}


def _evidence_is_recorded(attempt: Attempt, params: Params) -> Refusing:
    """Each number of a field that cites records is that of a record of this case."""
    cited = ",".join(attempt.detail(item.name) for item in attempt.step.fields if item.type == "numbers")
    known = attempt.case.numbers if cited else set()
    wrong = [number.strip() for number in cited.split(",") if number.strip() and int(number) not in known]
    return {"wrong": ", ".join(wrong), "known": in_ranges(known)} if wrong else None


def in_ranges(numbers: set[int]) -> str:
    """Whole numbers in order, those that follow one another as a range.

    >>> in_ranges({3, 4, 5, 9})
    '3–5, 9'
    """
    groups = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    runs = [[number for _, number in group] for _, group in groups]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs) or "-"


def _parent_is_approved(attempt: Attempt, params: Params) -> Refusing:
    return None if attempt.case.is_approved_above else {"case": attempt.case.identifier}


def _not_while(attempt: Attempt, params: Params) -> Refusing:
    """Not between the records of `start` and `end`."""
    start = attempt.case.record_of(params["start"])
    return {"since": start.on} if start and attempt.case.record_of(params["end"]) is None else None


def _only_while(attempt: Attempt, params: Params) -> Refusing:
    """Only between the records of `start` and `end`."""
    start = attempt.case.record_of(params["start"])
    return None if start and attempt.case.record_of(params["end"]) is None else {"step": attempt.step.name}


def _version_is_next(attempt: Attempt, params: Params) -> Refusing:
    """The field `version`, where given, is the next document version of the case."""
    given = attempt.detail("version")
    expected = next_version(attempt.case, attempt.step.effect.removeprefix("open-")[0].upper())
    if not given or (re.fullmatch(DOCUMENT_VERSION, given) and given == expected):
        return None
    return {"given": given, "expected": expected}


def _number_at_most(attempt: Attempt, params: Params) -> Refusing:
    given = (attempt.details or {}).get(params["field"])
    return (
        {"given": given, "most": params["most"]}
        if isinstance(given, int) and given > params["most"]
        else None
    )


def _funds_have_expired(attempt: Attempt, params: Params) -> Refusing:
    state = attempt.case.funds.state_on(attempt.on)
    ended = {FundState.REOBLIGATION, FundState.EXPIRED, FundState.CANCELLED}
    if state in ({FundState.CANCELLED} if params.get("cancelled") else ended):
        return None
    dates = attempt.case.funds.availability_on(attempt.on)
    until = dates.cancels_on if params.get("cancelled") else dates.available_until
    return {"funds": attempt.case.funds.name, "until": until or "-"}


GATES: Mapping[str, Callable[[Attempt, Params], Refusing]] = {
    "actor-is-responsible": _actor_is_responsible,
    "earlier-steps-done": _earlier_steps_done,
    "not-done-before": _not_done_before,
    "case-is-open": _case_is_open,
    "not-before-last-step": _not_before_last_step,
    "day-has-come": _day_has_come,
    "step-is-in-force": _step_is_in_force,
    "line-is-new": _line_is_new,
    "not-after": _not_after,
    "has-lines": _has_lines,
    "lines-within-available": _lines_within_available,
    "amount-covers-lines": _amount_covers_lines,
    "amount-is-available": _amount_is_available,
    "funds-are-available": _funds_are_available,
    "funds-not-cancelled": _funds_not_cancelled,
    "cancellation-is-recorded": _cancellation_is_recorded,
    "amount-within-line": _amount_within_line,
    "amount-within-committed": _amount_within_committed,
    "amount-within-obligated": _amount_within_obligated,
    "line-has-obligation": _line_has_obligation,
    "quantity-was-there-before": _quantity_was_there_before,
    "all-lines-transferred": _all_lines_transferred,
    "no-unpaid-obligation": _no_unpaid_obligation,
    "entry-exists": _entry_exists,
    "entry-is-new": _entry_is_new,
    "entry-is-current": _entry_is_current,
    "entries-complete": _entries_complete,
    "entry-has": _entry_has,
    "entry-has-not": _entry_has_not,
    "entries-cover": _entries_cover,
    "one-of-fields": _one_of_fields,
    "within-hours": _within_hours,
    "instant-is-on-day": _instant_is_on_day,
    "second-person": _second_person,
    "funds-match": _funds_match,
    "funds-cover-lines": _funds_cover_lines,
    "within-ceiling": _within_ceiling,
    "change-above-obligated": _change_above_obligated,
    "months-in-order": _months_in_order,
    "range-within-availability": _range_within_availability,
    "documents-present": _documents_present,
    "document-is-used-here": _document_is_used_here,
    "delay-has-cause": _delay_has_cause,
    "evidence-is-recorded": _evidence_is_recorded,
    "parent-is-approved": _parent_is_approved,
    "not-while": _not_while,
    "only-while": _only_while,
    "version-is-next": _version_is_next,
    "number-at-most": _number_at_most,
    "funds-have-expired": _funds_have_expired,
}
