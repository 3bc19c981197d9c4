"""The engine of every process: gates are found by their names, and those that processes share stand once."""

from datetime import date

from confianza.cooperation.cases import gates as case_gates
from confianza.cooperation.cases.editions import editions
from confianza.cooperation.process import standard_gates
from confianza.cooperation.process.steps import gates_in
from confianza.cooperation.training_plans import gates as training_gates
from confianza.errors import ImportRefusal, Problem


def test_a_gate_is_a_public_function_of_its_module():
    names = gates_in(standard_gates)
    assert {"day-has-come", "number-at-most"} <= names.keys()
    assert not {"join-texts", "permission-table"} & names.keys()  # imported, not defined there


def test_every_process_has_the_standard_gates_unchanged():
    standard = gates_in(standard_gates)
    for gates in (case_gates.GATES, training_gates.GATES):
        assert standard.items() <= gates.items()


def test_every_gate_of_cases_stands_before_some_step_of_an_edition():
    used = {rule.gate for edition in editions().values() for rule in edition.rules}
    assert used == set(case_gates.GATES)


def test_a_refusal_is_written_again_with_its_days_in_other_words():
    """As a page does: the refusal itself, and what the library says, stay as they are."""
    ends = {"start": date(2026, 3, 4), "end": date(2026, 3, 1)}
    refused = ImportRefusal([Problem("course-dates", "courses.csv", row=2, params=ends)])
    written = refused.rewritten(lambda value: f"day {value.day}" if isinstance(value, date) else value)
    assert "ends on day 1, before it begins on day 4" in written.in_language("en")
    assert "termina el day 1" in written.in_language("es")
    assert type(written) is ImportRefusal
    assert "ends on 2026-03-01, before it begins on 2026-03-04" in str(refused)
