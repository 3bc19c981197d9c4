"""The thesis edition, walked through and refused at every gate; Bandaria (BN) is a fictional country."""

import contextlib
import re
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases import process
from confianza.cooperation.cases.case import Availability, Funds
from confianza.cooperation.cases.editions import editions, read_case_edition
from confianza.cooperation.cases.process import next_actions, open_case, take_step
from confianza.cooperation.ledger import Account
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import from_json, to_json
from confianza.cooperation.process.steps import StepRefused
from confianza.errors import RulebookError, RuleRefusal
from tests.searches import search

THESIS = editions()["thesis-2013"]
AVAILABLE = Money.parse("50000")
TODAY = date(2050, 1, 1)  # after every day of the tests
FUNDS = Funds(
    "BN-FY2013",
    BilingualText("Bandaria FY2013", "Bandaria AF2013"),
    "USD",
    (Availability(date(2012, 10, 1), date(2012, 10, 1), date(2013, 9, 30), date(2018, 9, 30)),),
)
PEOPLE = {
    office: Actor(role, role) for role, entry in permission_table().roles.items() for office in entry.acts_for
}
WALK = [
    ("define-requirement", "2012-10-15", {"objective": "Coastal rescue"}),
    ("submit-request", "2012-10-20", {"request_reference": "MOR 1"}),
    (
        "add-line",
        "2012-11-02",
        {"line": "001", "description": "Radios", "quantity": "4", "unit_cost": "2500"},
    ),
    ("prepare-loa", "2012-11-05", {}),
    ("review-quality", "2012-11-10", {}),
    ("approve-dsca", "2012-11-12", {}),
    ("approve-state", "2012-11-14", {}),
    ("inform-partner", "2012-11-20", {}),
    ("accept-offer", "2012-12-01", {}),
    ("transfer-funds", "2012-12-05", {"amount": "11000"}),
    ("implement-case", "2012-12-10", {}),
    ("obligate", "2013-01-15", {"line": "001", "amount": "10000"}),
    ("deliver", "2013-03-01", {"line": "001", "quantity": "4"}),
    ("pay", "2013-03-20", {"line": "001", "amount": "9800"}),
    ("inventory", "2013-04-01", {"line": "001", "quantity": "4"}),
    ("transfer-custody", "2013-04-15", {"line": "001", "quantity": "4"}),
    ("begin-closure", "2013-05-01", {}),
    ("deobligate", "2013-05-02", {"line": "001", "amount": "200"}),
    ("return-residual", "2013-05-03", {}),
    ("close-case", "2013-05-10", {}),
]


def new_case():
    return open_case(
        identifier="E7-B-UAC", edition_id="thesis-2013", title="Rescue", partner_code="BN", funds=FUNDS
    )


def take(case, step, on, given=None, office=None, available=AVAILABLE):
    actor = PEOPLE[office or THESIS.steps[step].actors[0]]
    return take_step(
        case,
        step,
        on=date.fromisoformat(on),
        today=TODAY,
        actor=actor,
        submitted=given or {},
        available=available,
    )[0]


def walked(until):
    case = new_case()
    for step, on, given in WALK:
        if step == until:
            return case
        case = take(case, step, on, given)
    return case


def refused_rules(case, *args, **kwargs):
    with pytest.raises(StepRefused) as refused:
        take(case, *args, **kwargs)
    for refusal in refused.value.refusals:
        for language in ("en", "es"):
            assert refusal.reason.in_language(language) in refused.value.in_language(language)
            assert refusal.remedy.in_language(language) in refused.value.in_language(language)
        assert refusal.rule.id in str(refused.value)
        assert "martinez-2014" in str(refused.value)
    return {refusal.rule.id for refusal in refused.value.refusals}


def test_a_case_goes_through_all_five_phases_and_its_ledger_balances():
    case = walked(until=None)
    assert process.current_phase(case) is None
    states = process.phases(case)
    assert [state.phase.number for state in states] == [1, 2, 3, 4, 5]
    assert all(state.completed_on for state in states)
    held = {account: amount for account, amount in case.balances.items() if amount.minor}
    assert held == {
        Account.AVAILABLE: Money(-1_100_000),
        Account.EXPENDED: Money(980_000),
        Account.RETURNED: Money(120_000),
    }
    assert next_actions(case, on=date(2013, 6, 1), available=AVAILABLE) == []


def test_replaying_the_records_through_json_rebuilds_the_same_case():
    case = walked(until=None)
    records = [replace(item, details=from_json(to_json(item.details))) for item in case.records]
    assert process.replay(new_case(), records) == case


@pytest.mark.parametrize(("step", "on", "given"), WALK, ids=[step for step, _, _ in WALK])
def test_each_step_is_refused_to_every_office_that_is_not_responsible(step, on, given):
    case = walked(until=step)
    responsible = set(THESIS.steps[step].actors)
    for role, entry in permission_table().roles.items():
        if entry.acts_for & responsible:
            continue
        with pytest.raises(StepRefused) as refused:
            take_step(
                case,
                step,
                on=date.fromisoformat(on),
                today=TODAY,
                actor=Actor("x", role),
                submitted=given,
                available=AVAILABLE,
            )
        assert "responsible-office" in {refusal.rule.id for refusal in refused.value.refusals}


@pytest.mark.parametrize("step", [step for step in THESIS.steps.values() if step.after], ids=lambda s: s.id)
def test_a_step_waits_for_the_steps_before_it(step):
    assert "steps-in-order" in refused_rules(new_case(), step.id, "2012-10-15")


@pytest.mark.parametrize(
    ("until", "step", "on", "given", "expected"),
    [
        ("submit-request", "define-requirement", "2012-10-16", {"objective": "x"}, "once"),
        (None, "report-final", "2013-06-01", {"objectives_met": "yes", "lessons": "x"}, "open-case"),
        ("submit-request", "submit-request", "2012-10-14", {"request_reference": "x"}, "dates-in-order"),
        (
            "prepare-loa",
            "add-line",
            "2012-11-03",
            {"line": "001", "description": "x", "quantity": "1", "unit_cost": "1"},
            "new-line-number",
        ),
        (
            "review-quality",
            "add-line",
            "2012-11-06",
            {"line": "002", "description": "x", "quantity": "1", "unit_cost": "1"},
            "lines-fixed-in-the-letter",
        ),
        ("transfer-funds", "transfer-funds", "2012-12-05", {"amount": "9999.99"}, "funds-cover-the-letter"),
        (
            "transfer-funds",
            "transfer-funds",
            "2012-12-05",
            {"amount": "50000.01"},
            "funds-within-the-appropriation",
        ),
        ("transfer-funds", "transfer-funds", "2013-10-01", {"amount": "11000"}, "obligate-before-expiry"),
        ("obligate", "obligate", "2013-10-01", {"line": "001", "amount": "1"}, "obligate-before-expiry"),
        (
            "obligate",
            "obligate",
            "2013-01-15",
            {"line": "001", "amount": "10000.01"},
            "obligate-within-the-line",
        ),
        (
            "obligate",
            "obligate",
            "2013-01-15",
            {"line": "001", "amount": "11000.01"},
            "obligate-within-the-commitment",
        ),
        ("pay", "pay", "2018-10-01", {"line": "001", "amount": "1"}, "pay-before-cancellation"),
        ("pay", "pay", "2013-03-20", {"line": "001", "amount": "10000.01"}, "spend-within-the-obligation"),
        ("obligate", "deliver", "2013-01-15", {"line": "001", "quantity": "1"}, "deliver-what-was-obligated"),
        ("deliver", "deliver", "2013-03-01", {"line": "001", "quantity": "5"}, "quantities-in-step"),
        (
            "transfer-custody",
            "inventory",
            "2013-04-02",
            {"line": "001", "quantity": "1"},
            "quantities-in-step",
        ),
        (
            "return-residual",
            "transfer-custody",
            "2013-05-03",
            {"line": "001", "quantity": "1"},
            "quantities-in-step",
        ),
        ("deobligate", "return-residual", "2013-05-02", {}, "settle-before-return"),
    ],
)
def test_a_gate_refuses_with_rule_reason_and_remedy(until, step, on, given, expected):
    assert expected in refused_rules(walked(until), step, on, given)


def test_a_step_on_a_day_to_come_is_refused_and_the_case_stays_open():
    case = walked("submit-request")
    actor, given = PEOPLE["requesting_authority"], {"request_reference": "MOR 1"}
    how = {"actor": actor, "submitted": given, "available": AVAILABLE, "today": date(2012, 10, 20)}
    with pytest.raises(StepRefused) as refused:
        take_step(case, "submit-request", on=date(2012, 10, 21), **how)
    assert [refusal.rule.id for refusal in refused.value.refusals] == ["day-has-come"]
    assert "2012-10-21 is after today, 2012-10-20" in refused.value.in_language("en")
    assert "2012-10-21 es posterior a hoy, 2012-10-20" in refused.value.in_language("es")
    assert take_step(case, "submit-request", on=date(2012, 10, 20), **how)[0].record_of("submit-request")


def test_lines_are_corrected_until_the_offer_is_accepted_and_the_letter_is_written_anew():
    case = walked("accept-offer")
    assert refused_rules(case, "revise-line", "2012-12-01", {"line": "001"}) == {"something-is-corrected"}
    wrong = {"line": "001", "quantity": "40"}
    case = take(case, "revise-line", "2012-12-01", wrong)
    assert (case.lines["001"].quantity, case.lines["001"].unit_cost) == (40, Money.parse("2500"))
    assert case.record_of("prepare-loa") is None
    for step in ("prepare-loa", "review-quality", "approve-dsca", "approve-state", "inform-partner"):
        case = take(case, step, "2012-12-02")
    assert refused_rules(case, "accept-offer", "2012-12-03") == {"offer-within-the-funds"}
    case = take(case, "remove-line", "2012-12-03", {"line": "001", "why": "typed wrong"})
    assert refused_rules(case, "prepare-loa", "2012-12-03") == {"letter-has-lines"}
    right = {"line": "001", "description": "Radios", "quantity": "4", "unit_cost": "2500"}
    case = take(case, "add-line", "2012-12-03", right)
    for step in ("prepare-loa", "review-quality", "approve-dsca", "approve-state", "inform-partner"):
        case = take(case, step, "2012-12-04")
    case = take(case, "accept-offer", "2012-12-04")
    assert refused_rules(case, "revise-line", "2012-12-05", wrong) == {"lines-until-acceptance"}
    assert refused_rules(case, "remove-line", "2012-12-05", {"line": "001", "why": "x"}) == {
        "lines-until-acceptance"
    }


def test_a_case_does_not_close_with_undelivered_lines():
    case = walked("deliver")
    case = take(case, "deliver", "2013-03-01", {"line": "001", "quantity": "3"})
    case = take(case, "inventory", "2013-03-02", {"line": "001", "quantity": "3"})
    case = take(case, "transfer-custody", "2013-03-03", {"line": "001", "quantity": "3"})
    assert refused_rules(case, "begin-closure", "2013-05-01") == {"close-after-delivery"}


def test_every_rule_of_the_edition_has_a_case_that_it_refuses():
    """Each rule id stands in a test above, so that no rule goes untried."""
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [item.id for item in THESIS.rules if f'"{item.id}"' not in tried] == []


@pytest.mark.parametrize(
    ("step", "given", "code"),
    [
        ("define-requirement", {}, "field-not-understood"),
        ("define-requirement", {"objective": "x", "goal": "y"}, "field-unknown"),
        ("defin-requirement", {"objective": "x"}, "step-unknown"),
    ],
)
def test_a_step_with_wrong_fields_is_refused_by_name(step, given, code):
    with pytest.raises(RuleRefusal) as refused:
        take(new_case(), step, "2012-10-15", given, office="requesting_authority")
    assert refused.value.code == code


@pytest.mark.parametrize("amount", ["1500,75", "1.500,75", "US$ 1,500.75", "1 500,75"])
def test_an_amount_is_recorded_as_its_locale_means_it(amount):
    case = take(walked("obligate"), "obligate", "2013-01-15", {"line": "001", "amount": amount})
    assert str(case.lines["001"].obligated) == "$1,500.75"


@pytest.mark.parametrize("amount", ["-5", "0", "1.234", "ten"])
def test_an_amount_that_is_none_is_refused_with_its_value(amount):
    with pytest.raises(RuleRefusal, match=re.escape(f"'{amount}'")):
        take(walked("obligate"), "obligate", "2013-01-15", {"line": "001", "amount": amount})


def test_a_line_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(RuleRefusal, match=r"no line 009\. Its lines are: 001"):
        take(walked("obligate"), "obligate", "2013-01-15", {"line": "009", "amount": "1"})


@pytest.mark.parametrize("identifier", ["E7-B-UA", "e7-B-UAC", "E7-BB-UAC", "E7-B-UAC ", "E7BUAC", ""])
def test_a_case_identifier_has_one_form(identifier):
    with pytest.raises(RuleRefusal, match="such as E7-B-UAC"):
        open_case(identifier=identifier, edition_id="thesis-2013", title="x", partner_code="BN", funds=FUNDS)


def test_a_revision_of_the_availability_dates_counts_from_the_day_it_is_known():
    revised = replace(
        FUNDS,
        availability=(
            Availability(date(2012, 10, 1), date(2012, 10, 1), date(2013, 3, 27), date(2018, 9, 30)),
            Availability(date(2013, 3, 26), date(2012, 10, 1), date(2013, 9, 30), date(2018, 9, 30)),
        ),
    )
    assert revised.availability_on(date(2013, 3, 25)).available_until == date(2013, 3, 27)
    assert revised.availability_on(date(2013, 3, 26)).available_until == date(2013, 9, 30)
    assert revised.availability_on(date(2011, 1, 1)).available_until == date(2013, 3, 27)


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (
            ('phase = "closure"', 'phase = "clousure"'),
            "rulebook-unknown-value",
            "'clousure' is not a known phase",
        ),
        (('gate = "case-is-open"', 'gate = "case-open"'), "rulebook-unknown-value", "rule open-case"),
        (('actors = ["dfas"]', 'actors = ["dfass"]'), "rulebook-unknown-value", "'dfass'"),
        (('of = "prepare-loa"', 'of = "prepare-lao"'), "rulebook-unknown-value", "'prepare-lao'"),
        (('effect = "commit"', 'effect = "comit"'), "rulebook-unknown-value", "step transfer-funds"),
        (("title = {", "titel = {"), "rulebook-incomplete", "title"),
        (("[[phases]]", "[phases"), "rulebook-not-toml", "TOML"),
    ],
)
def test_a_rulebook_that_is_not_well_formed_is_refused_by_name(tmp_path, change, code, says):
    text = resources.files("confianza.cooperation.cases").joinpath("rules/thesis-2013.toml").read_text()
    assert change[0] in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(*change))
    with pytest.raises(RulebookError, match=says) as refused:
        read_case_edition(path)
    assert refused.value.code == code
    assert "mine.toml" in str(refused.value)


@search(full=60, quick=15, stateful_step_count=40)
class AnyHistory(RuleBasedStateMachine):
    """Whatever is tried, legal or not: entries balance, no limit is passed, replaying gives the same case."""

    def __init__(self):
        super().__init__()
        self.case = new_case()

    @rule(
        step=st.sampled_from(list(THESIS.steps)),
        on=st.dates(date(2012, 10, 1), date(2013, 12, 31)),
        line=st.sampled_from(["001", "002"]),
        count=st.integers(1, 6),
        cents=st.integers(1, 2_000_000),
    )
    def attempt(self, step, on, line, count, cents):
        fields = {"line": line, "quantity": str(count), "amount": f"{cents // 100}.{cents % 100:02}"}
        self.act(step, on, {**fields, "unit_cost": "2500.00"})

    @rule(days=st.integers(0, 20))
    def do_the_next_thing(self, days):
        last = self.case.records[-1].on if self.case.records else date(2012, 10, 1)
        on = date.fromordinal(last.toordinal() + days)
        for action in next_actions(self.case, on=on, available=AVAILABLE):
            if not action.refusals and not action.step.is_optional:
                given = {"line": f"{len(self.case.lines) + 1:03}"} if action.step.id == "add-line" else {}
                self.act(
                    action.step.id, on, {"amount": "10000", "quantity": "2", "unit_cost": "2500", **given}
                )
                return

    def act(self, step_id, on, given):
        step = THESIS.steps[step_id]
        wanted = {
            field.name: given.get(field.name, "001" if field.type == "line" else "x") for field in step.fields
        }
        with contextlib.suppress(RuleRefusal):
            self.case, _ = take_step(
                self.case,
                step_id,
                on=on,
                today=TODAY,
                actor=PEOPLE[step.actors[0]],
                submitted=wanted,
                available=AVAILABLE,
            )

    @invariant()
    def entries_balance(self):
        assert sum(amount.minor for amount in self.case.balances.values()) == 0

    @invariant()
    def quantities_and_money_stay_in_step(self):
        for line in self.case.lines.values():
            assert 0 <= line.transferred <= line.inventoried <= line.delivered <= line.quantity
            assert Money(0) <= line.paid <= line.obligated <= line.cost
        if self.case.record_of("close-case"):
            assert (
                self.case.balances[Account.OBLIGATED].minor
                == self.case.balances[Account.COMMITTED].minor
                == 0
            )

    @invariant()
    def the_records_rebuild_the_case(self):
        assert process.replay(new_case(), self.case.records) == self.case


TestAnyHistory = AnyHistory.TestCase
