"""Labels of fixed parameters: refused in definitions, told in constraints; one label for several groups is told.

The figures are lavaan 0.6-14's for HolzingerSwineford1939, as is what it refuses ("non-free parameter(s) in variable
definition(s)") and warns of ("non-free parameter(s) in inequality constraint(s)", "using a single label per parameter").
"""

import warnings

import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

MARKER = "visual =~ a*x1 + b*x2 + x3\n"
GROUPS = {"group": "school"}


def warned(model, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sem.cfa(model, read_data("hs"), **options)
    return fit, {one.message.code: one.message.params for one in caught}


@pytest.mark.parametrize(
    ("model", "options", "labels"),
    [
        (MARKER + "d := a*b", {}, "a"),
        (MARKER + "e := a\nd := e*b", {}, "a"),
        (MARKER + "e := a\nb == e", {}, "a"),
        ("visual =~ x1 + b*x2 + x3\nx1 ~~ 1*x1 + v*x1\nd := 2*v", {}, "v"),
        ("visual =~ a*x1 + a*x2 + x3\nd := a", {}, "a"),
        ("visual =~ c(a1, a2)*x1 + c(b1, b2)*x2 + x3\nd := a1 - a2", GROUPS, "a1, a2"),
        ("visual =~ x1 + c(b1, b2)*x2 + x3\nx2 ~~ c(1, NA)*x2 + c(v1, v2)*x2\nd := v1 - v2", GROUPS, "v1"),
        ("visual =~ x1 + b*x2 + x3\nd := .p1.*b", {}, ".p1."),
    ],
)
def test_a_definition_with_a_fixed_parameter_is_refused(model, options, labels):
    with pytest.raises(ModelError) as caught:
        sem.cfa(model, read_data("hs"), **options)
    assert caught.value.code == "sem-definition-fixed"
    assert caught.value.params == {"labels": labels}
    assert caught.value.in_language("es") != str(caught.value)


def test_a_definition_with_the_parameter_freed_is_estimated():
    fit, said = warned(MARKER + "d := a*b", std_lv=True)
    assert fit.estimates.where(op=":=")["se"][0] > 0
    assert not said


@pytest.mark.parametrize(
    ("constraint", "chisq", "loading"),
    [
        ("b == a", 2.042, 1.000),
        ("b == 0.5*a", 4.701, 0.500),
        ("b > a", 2.042, 1.000),
        ("b < 2*a", 0.0, 0.778),
    ],
)
def test_a_constraint_takes_the_fixed_value_and_tells(constraint, chisq, loading):
    fit, said = warned(MARKER + constraint)
    assert fit.measures["chisq"] == pytest.approx(chisq, abs=6e-4)
    assert fit.estimates["est"][1] == pytest.approx(loading, abs=6e-4)
    assert said["sem-constraint-fixed"] == {"labels": "a"}


def test_a_table_of_a_fit_is_refused_like_its_text():
    table = sem.cfa(MARKER, read_data("hs")).table.columns()
    for name, values in table.items():
        values.append({"lhs": "d", "op": ":=", "rhs": "a*b"}.get(name, 0))
    with pytest.raises(ModelError) as caught:
        sem.cfa(table, read_data("hs"))
    assert caught.value.code == "sem-definition-fixed"


def test_one_label_for_several_groups_is_told():
    fit, said = warned("visual =~ x1 + b*x2 + x3", **GROUPS)
    assert fit.measures["chisq"] == pytest.approx(0.208, abs=6e-4)
    assert said == {"sem-one-label": {"labels": "b"}}
    for model in ("visual =~ x1 + c(b, b)*x2 + x3", "visual =~ x1 + c(b1, b2)*x2 + x3"):
        assert not warned(model, **GROUPS)[1]
    assert not warned("visual =~ x1 + b*x2 + x3")[1]
