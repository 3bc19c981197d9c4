"""Derivatives of the standardized solution (its numbers are compared in `test_against_lavaan`)."""

import copy

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.results.standardized import TYPES, standardized
from tests.sem.referee import read_data

ORDERED = [*(f"q{j}" for j in range(1, 5)), "l1", "l2"]
MODELS = {
    "defined": (
        "political",
        "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + y3\ny1 ~~ y3\ndem60 ~ b*ind60\nab := a*b",
        {},
    ),
    "feedback": ("feedback", "y1 ~ x1 + y2\ny2 ~ x2 + y1\ny1 ~~ y2", {"meanstructure": True}),
    "second order": ("hs", "v =~ x1+x2+x3\nt =~ x4+x5+x6\ns =~ x7+x8+x9\ng =~ v+t+s", {}),
    "delta": (
        "ordinal",
        "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + c1 + c2\ng ~ f + z",
        {"ordered": ORDERED, "group": "language", "group_equal": ["loadings", "thresholds"]},
    ),
    "theta": (
        "ordinal",
        "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + c1 + c2\ng ~ f + z",
        {"ordered": ORDERED, "parameterization": "theta"},
    ),
}


def moved(fit, parameters):
    """The fit as if its estimates were others."""
    other = copy.copy(fit)
    for name in ("matrix_elements", "implied"):
        other.__dict__.pop(name, None)
    other.__dict__["free_parameters"] = parameters
    return other


@pytest.mark.parametrize("name", MODELS)
def test_derivatives_agree_with_finite_differences(name):
    data, model, options = MODELS[name]
    fit = sem.sem(model, read_data(data), **options)
    for kind in TYPES:
        _, gradient = standardized(fit, kind)
        for parameter in range(fit.structure.n_parameters):
            step = np.zeros(fit.structure.n_parameters)
            step[parameter] = 1e-5
            ahead, behind = (
                standardized(moved(fit, fit.free_parameters + sign * step), kind)[0] for sign in (1, -1)
            )
            wanted = (ahead - behind) / 2e-5
            seen = ~np.isnan(wanted)
            assert gradient[seen, parameter] == pytest.approx(wanted[seen], rel=1e-6, abs=1e-7)


def test_units_of_the_data_do_not_matter():
    data = read_data("hs")
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ visual + ageyr"
    plain = sem.sem(model, data).standardized()
    scaled = sem.sem(
        model,
        {name: 7.5 * column if name in {"x2", "x5", "ageyr"} else column for name, column in data.items()},
    )
    for column in ("est", "se"):
        assert scaled.standardized()[column] == pytest.approx(plain[column], rel=1e-8, abs=1e-12)


def test_an_unknown_type_is_refused():
    fit = sem.cfa("f =~ x1 + x2 + x3", read_data("hs"))
    with pytest.raises(ModelError) as caught:
        fit.standardized(type="std")
    assert caught.value.code == "sem-option-value"
