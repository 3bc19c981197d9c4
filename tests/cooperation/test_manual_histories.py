"""Thousands of random histories, legal and not, under the manual's editions."""

import contextlib
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from confianza.cooperation.cases import process
from confianza.cooperation.cases.case import FundState
from confianza.cooperation.cases.process import next_actions, take_step
from confianza.cooperation.cases.timing import clock_states, deadline_states
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.errors import RuleRefusal
from tests.cooperation.manual_case import (
    AVAILABLE,
    CURRENT,
    LEGACY,
    PEOPLE,
    TODAY,
    UNIT,
    WALK,
    funds_of,
    new_case,
    walked,
)
from tests.searches import search

VALUES = {
    "text": st.just("x"),
    "count": st.integers(1, 6).map(str),
    "money": st.integers(1, 1_500_000).map(lambda cents: f"{cents // 100}.{cents % 100:02}"),
    "line": st.sampled_from(["001", "002"]),
    "line-number": st.sampled_from(["001", "002"]),
    "country": st.just("BN"),
    "digest": st.sampled_from(["a" * 64, "b" * 64]),
    "numbers": st.integers(1, 60).map(str),
    "document-kind": st.sampled_from(["memorandum-of-request", "case-package", "quarterly-bill"]),
}
KEYS = {"unit": [UNIT, "another"], "delivery": ["D1", "D2"], "factor": ["3"], "funds": ["BN-FY2020", "other"]}


def value(data, field, on):
    if field.options:
        return data.draw(st.sampled_from(list(field.options)))
    if field.name in KEYS:
        return data.draw(st.sampled_from(KEYS[field.name]))
    if field.type == "instant":
        return f"{on}T10:00"
    if field.type == "month":
        return f"{on.year}-{on.month:02}"
    if field.type == "date":
        return (on + timedelta(days=30)).isoformat()
    if field.type in {"key", "entry"}:
        return ""
    return data.draw(VALUES[field.type])


class AnyHistory(RuleBasedStateMachine):
    """Entries balance, nothing passes its limit, no gate is got around, replaying gives the same case."""

    edition = LEGACY
    funds = None

    def __init__(self):
        super().__init__()
        self.case = new_case(self.edition, self.funds)

    @property
    def last(self):
        return (
            self.case.records[-1].on if self.case.records else self.case.funds.availability[0].available_from
        )

    def act(self, step_id, on, given):
        step = self.edition.steps[step_id]
        before = self.case
        try:
            self.case, _ = take_step(
                before,
                step_id,
                on=on,
                today=TODAY,
                actor=PEOPLE[step.actors[0]],
                submitted=given,
                available=AVAILABLE,
            )
        except RuleRefusal:
            assert self.case is before
            return False
        return True

    @rule(data=st.data(), days=st.one_of(st.integers(-2, 40), st.integers(300, 900)))
    def attempt_anything(self, data, days):
        step = data.draw(st.sampled_from(list(self.edition.steps.values())))
        on = self.last + timedelta(days=days)
        self.act(step.id, on, {field.name: value(data, field, on) for field in step.fields})

    @rule(data=st.data(), days=st.integers(0, 12))
    def attempt_what_is_offered(self, data, days):
        on = self.last + timedelta(days=days)
        actions = [
            action
            for action in next_actions(self.case, on=on, available=AVAILABLE)
            if not action.refusals and not self.case.standing.keys() & action.step.resets
        ]
        if actions:
            step = data.draw(st.sampled_from(actions)).step
            self.act(step.id, on, {field.name: value(data, field, on) for field in step.fields})

    @precondition(lambda self: not self.case.records)
    @rule(until=st.sampled_from([step for step, _, _ in WALK]))
    def begin_in_the_middle(self, until):
        if until in self.edition.steps:
            self.case = walked(until, self.edition, self.funds)

    @invariant()
    def entries_balance(self):
        assert sum(amount.minor for amount in self.case.balances.values()) == 0

    @invariant()
    def quantities_and_money_stay_in_step(self):
        for line in self.case.lines.values():
            assert 0 <= line.transferred <= line.inventoried <= line.delivered <= line.quantity
            assert Money(0) <= line.paid <= line.obligated <= line.cost
        drawn = -self.case.balances[Account.AVAILABLE].minor
        assert 0 <= drawn <= AVAILABLE.minor

    @invariant()
    def no_gate_is_got_around(self):
        order = [record.step for record in self.case.records]
        for step in set(order):
            for earlier in self.edition.steps[step].after:
                assert earlier in order[: order.index(step)]
        for record in self.case.records:
            state = self.case.funds.state_on(record.on)
            if record.step == "confirm-funds":
                assert state is FundState.AVAILABLE
            if record.step == "obligate":
                assert state is FundState.AVAILABLE or self.funds
            if record.step == "pay":
                assert state is not FundState.CANCELED
            if record.step in {"add-line"}:
                assert record.details["unit"] in self.case.register("units")
        if self.case.record_of("close-case"):
            held = self.case.balances
            assert held[Account.OBLIGATED].minor == held[Account.COMMITTED].minor == 0
            assert all(line.transferred == line.quantity for line in self.case.lines.values())

    @invariant()
    def what_was_taken_back_is_done_again(self):
        standing, held = set(), False
        for record in self.case.records:
            step = self.edition.steps[record.step]
            assert set(step.after) <= standing
            assert not held or record.step not in {"approve-ia", "sign-ia", "propose", "countersign"}
            held = record.step == "approve-hold" or (held and record.step != "remove-hold")
            standing = (standing - set(step.resets)) | {record.step}
            if record.step == "accept-offer":
                assert standing >= {"approve-ia", "sign-ia", "propose", "approve-state", "countersign"}

    @invariant()
    def after_availability_only_what_was_released_is_obligated(self):
        room = 0
        for record in self.case.records:
            if self.case.funds.state_on(record.on) is FundState.REOBLIGATION:
                room += {"deobligate": 1, "obligate": -1}.get(record.step, 0) * getattr(
                    record.details.get("amount"), "minor", 0
                )
                assert room >= 0

    @invariant()
    def clocks_and_deadlines_can_be_told(self):
        for clock in clock_states(self.case, on=self.last):
            assert clock.elapsed_days >= 0
            assert clock.excluded_days >= 0
        deadline_states(self.case, on=self.last)

    @invariant()
    def the_records_rebuild_the_case(self):
        assert process.replay(new_case(self.edition, self.funds), self.case.records) == self.case


class AnyCurrentHistory(AnyHistory):
    edition = CURRENT


class AnyHistoryInTheWindow(AnyHistory):
    funds = funds_of(2020, regime="title-22", years=2, reobligate_until=date(2025, 9, 30))

    @precondition(lambda self: self.case.record_of("obligate"))
    @rule(data=st.data(), step=st.sampled_from(["deobligate", "obligate", "record-expiry", "pay"]))
    def move_money_in_the_window(self, data, step):
        on = max(self.last, date(2021, 10, 1) + timedelta(days=data.draw(st.integers(0, 1500))))
        fields = self.edition.steps[step].fields
        self.act(step, on, {field.name: value(data, field, on) for field in fields})


class AnyClosing(AnyHistory):
    """What is delivered and reconciled, with money coming and going until the case is closed."""

    def __init__(self):
        super().__init__()
        self.case = walked("return-residual")

    @rule(
        step=st.sampled_from(["confirm-funds", "return-residual", "certify-closure", "close-case"]),
        cents=st.integers(1, 50_000),
    )
    def confirm_or_close(self, step, cents):
        self.act(step, self.last, {"amount": f"{cents / 100:.2f}"} if step == "confirm-funds" else {})

    @rule(step=st.sampled_from(["obligate", "pay", "deobligate"]), cents=st.integers(1, 50_000))
    def move_money(self, step, cents):
        self.act(step, self.last, {"line": "001", "amount": f"{cents / 100:.2f}"})


TestLegacy = AnyHistory.TestCase
TestWindow = AnyHistoryInTheWindow.TestCase
TestWindow.settings = search(full=100, quick=15, stateful_step_count=30)
TestClosing = AnyClosing.TestCase
TestClosing.settings = search(full=100, quick=15, stateful_step_count=30)
TestCurrent = AnyCurrentHistory.TestCase
TestLegacy.settings = search(full=150, quick=15, stateful_step_count=30)
TestCurrent.settings = search(full=150, quick=15, stateful_step_count=30)


def test_refusals_change_nothing_and_say_why():
    case = walked("obligate")
    with contextlib.suppress(RuleRefusal):
        take_step(
            case,
            "obligate",
            on=date(2030, 1, 1),
            today=TODAY,
            actor=PEOPLE["implementing_agency"],
            submitted={"line": "001", "amount": "1"},
            available=AVAILABLE,
        )
    assert case == walked("obligate")
