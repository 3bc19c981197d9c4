"""However the lines and the total case value were mistyped, a case gets on to its implementation."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confianza.cooperation.cases.case import Case
from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.cases.process import open_case, take_step
from confianza.cooperation.money import Money
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import RuleRefusal
from tests.cooperation import manual_case, test_case_process
from tests.cooperation.manual_case import CURRENT_FUNDS, LEGACY_FUNDS, PEOPLE, TODAY, UNIT

AVAILABLE = Money.parse("50000")
# edition: its funds, a day when they are available, the steps of a case in order
CASES = {
    "thesis-2013": (test_case_process.FUNDS, date(2013, 1, 7), test_case_process.WALK),
    "samm-2012-legacy": (LEGACY_FUNDS, date(2020, 3, 3), manual_case.WALK),
    "samm-2026": (CURRENT_FUNDS, date(2026, 3, 3), manual_case.WALK),
}
LINE = {
    "description": "Radios",
    "kind": "article",
    "country": "BN",
    "unit": UNIT,
    "start_month": "2026-03",
    "end_month": "2026-04",
}


def test_every_edition_is_tried_here():
    assert CASES.keys() == editions().keys()


class Desk:
    """A case and who works on it, all on one day."""

    def __init__(self, edition: str):
        funds, self.day, walk = CASES[edition]
        self.edition = edition_of(edition)
        self.case: Case = open_case(
            identifier="BN-B-SAA", edition_id=edition, title="x", partner_code="BN", funds=funds
        )
        steps = [row[0] for row in walk]
        self.given = {}  # what each step is given, the registers' steps one after the other
        for row in walk[: steps.index("implement-case") + 1]:
            fields = row[2] if isinstance(row[1], str) else row[1]
            self.given.setdefault(row[0], []).append(fields)

    def do(self, step: str, fields=None):
        known = {field.name for field in self.edition.steps[step].fields}
        fields = {name: value for name, value in (fields or {}).items() if name in known}
        self.case, _ = take_step(
            self.case,
            step,
            on=self.day,
            today=TODAY,
            actor=PEOPLE[self.edition.steps[step].actors[0]],
            submitted=fields,
            available=AVAILABLE,
        )

    def may(self, step: str, fields=None) -> bool:
        try:
            self.do(step, fields)
        except RuleRefusal:
            return False
        return True

    def add_line(self, quantity: int, unit_cost: int):
        number = f"{max([0, *map(int, self.case.lines)]) + 1:03}"
        year = {"start_month": f"{self.day.year}-03", "end_month": f"{self.day.year}-04"}
        cost = {"line": number, "quantity": str(quantity), "unit_cost": str(unit_cost)}
        self.do("add-line", LINE | year | cost)

    def plain_step(self, step: str):
        """A step as the history of the tests has it, but what depends on the lines and the day."""
        for fields in self.given[step]:
            filled = {name: value.format(day=self.day, year=0, later="") for name, value in fields.items()}
            self.do(
                step, filled | ({"amount": f"{self.case.cost.minor / 100:.2f}"} if "amount" in fields else {})
            )

    def work(self, until: str, lines, ceiling: int):
        """Step after step up to `until`, with the lines and the total case value as they were typed."""
        for step in self.given:
            if step == until:
                return
            if step == "add-line":
                for quantity, cost in lines:
                    self.add_line(quantity, cost)
            elif step == "receive-request":
                self.do(step, {"ceiling": str(ceiling)})
            elif not self.may(step, {"at": f"{self.day}T09:00"}):
                try:
                    self.plain_step(step)
                except StepRefused:
                    return  # the mistakes have come to light

    def get_on(self):
        """What the offices do about whatever refuses the next step, until the case is implemented."""
        for _ in range(200):
            step = next((step for step in self.given if self.case.record_of(step) is None), None)
            if step is None:
                return
            try:
                if step == "add-line":
                    self.add_line(1, 100)
                elif step == "receive-request":
                    self.do(step, {"ceiling": "1"})
                else:
                    self.plain_step(step)
            except StepRefused as refused:
                for refusal in refused.refusals:
                    self.put_right(refusal.rule.id)
        raise AssertionError(f"stuck before {step}")

    def put_right(self, rule: str):
        if rule == "lines-within-ceiling":
            self.do("revise-ceiling", {"ceiling": f"{self.case.cost.minor / 100:.2f}", "why": "typed wrong"})
        elif rule == "offer-within-the-funds":
            if "return-document" in self.edition.steps:
                self.do("return-document", {"why": "too dear"})
            dearest = max(self.case.lines.values(), key=lambda line: line.cost.minor).number
            if len(self.case.lines) > 1:
                self.do("remove-line", {"line": dearest, "why": "typed twice"})
            else:
                self.do("revise-line", {"line": dearest, "quantity": "1", "unit_cost": "100"})
        elif rule == "letter-has-lines":
            self.add_line(1, 100)
        else:
            raise AssertionError(rule)


typed_lines = st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 900_000)), min_size=1, max_size=3)
later = st.lists(
    st.one_of(
        st.tuples(st.just("revise-line"), st.integers(1, 3), st.integers(1, 9999)),
        st.tuples(st.just("remove-line"), st.integers(1, 3), st.just(0)),
        st.tuples(st.just("revise-ceiling"), st.integers(1, 10**6), st.just(0)),
        st.tuples(st.just("return-document"), st.just(0), st.just(0)),
    ),
    max_size=4,
)


@pytest.mark.parametrize("edition", CASES)
@settings(max_examples=40, deadline=None)
@given(lines=typed_lines, ceiling=st.integers(1, 10**7), place=st.integers(0, 40), later=later)
def test_a_case_with_mistyped_lines_and_value_gets_on(edition, lines, ceiling, place, later):
    desk = Desk(edition)
    desk.work(list(desk.given)[min(place, len(desk.given) - 1)], lines, ceiling)
    for step, first, second in later:
        fields = {"line": f"{first:03}", "quantity": str(second), "ceiling": str(first), "why": "x"}
        if step in desk.edition.steps:
            desk.may(step, fields)
    desk.get_on()
    assert desk.case.record_of("implement-case")
