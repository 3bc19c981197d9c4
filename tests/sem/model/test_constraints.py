"""Expressions and constraints: R's values and symbolic derivatives are the referee."""

import json
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.model.build_table import parameter_table
from confianza.sem.model.constraints import constraints_of
from confianza.sem.model.table_options import TableOptions
from tests.sem.referee import read_data

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "syntax" / "expressions.json").read_text(encoding="utf-8")
)
NAMES = tuple(REFERENCE["at"])
AT = np.array(list(REFERENCE["at"].values()))
MODEL = "y ~ a*x1 + b*x2 + c*x3 + d*x4"


def constraints(*formulas, **options):
    return constraints_of(parameter_table("\n".join((MODEL, *formulas)), options=TableOptions(**options)))


def theta(made, *start):
    values = np.full(made.equality_matrix.shape[1], 9.0)
    values[: len(start)] = start
    return values


@pytest.mark.parametrize("expected", REFERENCE["expressions"], ids=lambda expected: expected["text"])
def test_value_and_gradient_are_those_of_r(expected):
    made = constraints(f"new := {expected['text']}")
    value, gradient = made.definitions["new"].value_and_gradient(theta(made, *AT))
    by_name = dict(zip(expected["names"], expected["gradient"], strict=True))
    assert value == pytest.approx(expected["value"], rel=1e-13)
    assert gradient[:4] == pytest.approx([by_name.get(name, 0.0) for name in NAMES], rel=1e-12, abs=1e-15)
    assert not gradient[4:].any()


@pytest.mark.parametrize("text", ["abs(b)", "qnorm(a)", "atanh(a)", "abs(a*b)^1.5", "qnorm(pnorm(b)/2)"])
def test_functions_that_r_cannot_derive_agree_with_finite_differences(text):
    made = constraints(f"new := {text}")
    expression, at = made.definitions["new"], theta(made, *AT)
    _, gradient = expression.value_and_gradient(at)
    for place in range(4):
        step = np.zeros_like(at)
        step[place] = 1e-6
        assert gradient[place] == pytest.approx(
            (expression.value(at + step) - expression.value(at - step)) / 2e-6, rel=1e-7, abs=1e-9
        )


@pytest.mark.parametrize(
    ("text", "coefficients", "constant"),
    [
        ("a == b", [1, -1, 0, 0], 0),
        ("a == 2*(b - c)/4 + 3", [1, -0.5, 0.5, 0], 3),
        ("-a + b*exp(0) == c^1", [-1, 1, -1, 0], 0),
        ("(a + b)*2 == 1 - -d", [2, 2, 0, -1], 1),
        ("a - a == d", [0, 0, 0, -1], 0),
    ],
)
def test_linear_equalities_become_rows_of_a_matrix(text, coefficients, constant):
    made = constraints(text)
    assert made.nonlinear == ()
    assert made.equality_matrix[0, :4] == pytest.approx(coefficients)
    assert made.equality_target == pytest.approx([constant])


@pytest.mark.parametrize(
    "text", ["a == b*c", "a == b/c", "a^2 == 1", "exp(a) == 2", "2^a == 1", "a == 1/b", "a == b/0"]
)
def test_nonlinear_equalities_stay_functions(text):
    made = constraints(text)
    assert made.equality_matrix.shape[0] == 0
    assert len(made.nonlinear) == 1


def test_an_inequality_holds_where_its_function_is_not_negative():
    made = constraints("a > b", "c < 2", "0 < a*d")
    at = theta(made, *AT)
    assert [expression.value(at) for expression in made.inequalities] == pytest.approx([2.0, -0.25, 0.035])


def test_definitions_use_one_another_in_any_order():
    made = constraints("total := direct + ind", "ind := a*b", "direct := c", "total == 2*ind")
    value, gradient = made.definitions["total"].value_and_gradient(theta(made, *AT))
    assert value == pytest.approx(2.25 - 0.91)
    assert gradient[:4] == pytest.approx([-1.3, 0.7, 1, 0])
    assert list(made.definitions) == ["total", "ind", "direct"]
    assert len(made.nonlinear) == 1


def test_labels_of_fixed_parameters_are_numbers():
    made = constraints_of(parameter_table("f =~ k*x1 + 2*x2 + l*x2 + m*x3\nm == k + l^2"))
    assert made.equality_matrix[0, 0] == 1
    assert made.equality_target == pytest.approx([5.0])


def test_equal_labels_and_group_equality_are_linear():
    made = constraints_of(
        parameter_table(
            "f =~ x1 + a*x2 + a*x3", n_groups=2, options=TableOptions(group_equal=["loadings", "intercepts"])
        )
    )
    assert made.equality_matrix.shape[0] == 3 + 3
    assert set(np.unique(made.equality_matrix)) == {-1.0, 0.0, 1.0}
    assert not made.equality_matrix.sum(axis=1).any()
    assert not made.equality_target.any()


def test_many_draws_are_evaluated_at_once():
    made = constraints("new := a*b + exp(c)")
    draws = np.random.default_rng(3).normal(size=(50, made.equality_matrix.shape[1]))
    expected = [made.definitions["new"].value_and_gradient(draw)[0] for draw in draws]
    assert made.definitions["new"].value(draws) == pytest.approx(expected)


def test_outside_a_function_the_value_is_no_number():
    made = constraints("new := log(b) + a/(d - 0.05)")
    assert np.isnan(made.definitions["new"].value(theta(made, *AT)))


@pytest.mark.parametrize(
    ("formulas", "code", "params"),
    [
        (["new := a*e"], "sem-label-unknown", {"label": "e", "known": "a, b, c, d, new"}),
        (["a == z"], "sem-label-unknown", {"label": "z", "text": "a==z"}),
        (["p := q", "q := p + a"], "sem-definitions-circular", {"label": "p", "chain": "p → q → p"}),
    ],
)
def test_unknown_labels_and_circles_are_refused(formulas, code, params):
    with pytest.raises(ModelError) as refused:
        constraints(*formulas)
    assert refused.value.code == code
    assert {name: refused.value.params[name] for name in params} == params
    assert all(refused.value.in_language(language) for language in LANGUAGES)


def test_a_latent_variable_without_indicators():
    """lavaan 0.6-14 gives b = 0.5401809 and a chi-square of 11.798 with 2 degrees of freedom."""
    model = "v =~ x1 + x2 + x3\nphantom =~ 0\nphantom ~ a*v\nx4 ~ b*phantom\nphantom ~~ 0*phantom\na == 1"
    fit = sem.sem(model, read_data("hs"))
    assert fit.estimates.where(label="b")["est"] == pytest.approx([0.5401809], rel=1e-6)
    assert fit.measures["chisq"] == pytest.approx(11.798, abs=6e-4)
    assert fit.measures["df"] == 2
