"""Where a search ends: at a minimum, never at a saddle point, and if nowhere, it says why."""

import numpy as np
import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.numerics.minimize import minimize
from confianza.sem.warnings import SemWarning
from tests.sem.referee import read_data

FLAT = "f =~ start(0)*x1 + start(0)*x2 + start(0)*x3 + start(0)*x4"
PLAIN = "f =~ x1 + x2 + x3 + x4"


def categories():
    data = dict(read_data("hs"))
    for name in ("x1", "x2", "x3", "x4"):
        data[name] = np.digitize(data[name], np.quantile(data[name], [0.3, 0.7]))
    return data


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("hs", {}),
        ("hs", {"group": "school"}),
        *(("hs", {"estimator": name}) for name in ("GLS", "ULS", "WLS", "DWLS")),
        ("hs_missing", {"missing": "fiml"}),
        ("categories", {"ordered": True}),
        ("categories", {"ordered": True, "parameterization": "theta"}),
    ],
)
def test_loadings_that_begin_at_zero_do_not_end_there(data, options):
    """Without loadings nothing has a slope, though it is no minimum (lavaan 0.6-14 ends there)."""
    rows = categories() if data == "categories" else read_data(data)
    fit, plain = (sem.cfa(model, rows, std_lv=True, **options) for model in (FLAT, PLAIN))
    assert fit.converged
    assert fit.measures["chisq"] == pytest.approx(plain.measures["chisq"], rel=1e-5)


@pytest.mark.parametrize("factor", [1.0, 1e3, 1e-3])
def test_a_saddle_point_is_left_in_any_units(factor):
    data = {name: column * factor for name, column in read_data("hs").items() if name[0] == "x"}
    fit = sem.cfa(FLAT, data, std_lv=True)
    assert fit.measures["chisq"] == pytest.approx(11.798, abs=6e-4)


@pytest.mark.parametrize("constraints", ["a > 0\nb < 0.5", "a*b == 0.2", "a == b"])
def test_a_saddle_point_is_left_under_constraints_too(constraints):
    flat, plain = (
        f"f =~ {start}x1 + {start}a*x2 + {start}b*x3 + {start}x4\n{constraints}"
        for start in ("start(0)*", "")
    )
    fit, other = (sem.cfa(model, read_data("hs"), std_lv=True) for model in (flat, plain))
    assert fit.converged
    assert fit.measures["chisq"] == pytest.approx(other.measures["chisq"], abs=1e-6)


def test_two_factors_that_begin_without_loadings_and_correlation():
    model = "f =~ {0}x1 + {0}x2 + {0}x3\ng =~ {0}x4 + {0}x5 + {0}x6\nf ~~ {0}g"
    fit, plain = (sem.cfa(model.format(at), read_data("hs"), std_lv=True) for at in ("start(0)*", ""))
    assert fit.measures["chisq"] == pytest.approx(plain.measures["chisq"], abs=1e-6)


class Ridge:
    """x^2 - y^2 near the origin, which no search can leave: elsewhere there is no value."""

    has_hessian = True

    def derivatives(self, z, *, exact):
        value = np.array(z[0] ** 2 - z[1] ** 2 if abs(z[1]) < 1e-9 else np.inf)
        return value, np.array([2 * z[0], -2 * z[1]]), np.diag([2.0, -2.0 if exact else 2.0])

    def hessian(self, z):
        return self.derivatives(z, exact=True)[2]


def test_a_saddle_point_that_cannot_be_left_is_not_called_a_minimum():
    found = minimize(Ridge(), np.array([1.0, 0.0]))
    assert found.ending == "saddle"
    assert not found.converged


@pytest.mark.parametrize(
    ("model", "options", "ending", "iterations"),
    [
        (PLAIN + "\nx1 ~~ start(-5)*x1", {}, "start", 1),
        (PLAIN, {"max_iterations": 2}, "steps", 2),
    ],
)
def test_a_search_without_a_solution_says_why_it_ended(model, options, ending, iterations):
    with pytest.warns(SemWarning) as warned:
        fit = sem.cfa(model, read_data("hs"), **options)
    assert (fit.optimum.ending, fit.iterations) == (ending, iterations)
    with pytest.raises(ModelError) as refused:
        _ = fit.estimates
    assert refused.value.code == "sem-not-converged"
    assert refused.value.params["reason"].code == f"sem-ended-{ending}"
    for language in LANGUAGES:
        reason = fit.ending.in_language(language)
        assert reason in refused.value.in_language(language)
        assert reason in warned[0].message.in_language(language)
        assert "500" not in reason


def test_a_minimum_beyond_a_variance_of_zero_is_found():
    """Four items that hardly hang together: lavaan 0.6-14 gives a chi-square of 0.607 and a variance of -0.024."""
    covariance = np.array(
        [
            [0.911, -0.0409, 0.1058, -0.0608],
            [-0.0409, 0.8178, -0.04, -0.1087],
            [0.1058, -0.04, 1.0578, 0.1858],
            [-0.0608, -0.1087, 0.1858, 0.7565],
        ]
    )
    for factor in (1.0, 100.0, 0.01):
        with pytest.warns(SemWarning, match="negative"):
            fit = sem.cfa(
                "f =~ y11 + y12 + y13 + y14",
                sample_cov=covariance * factor**2,
                sample_nobs=50,
                sample_names=["y11", "y12", "y13", "y14"],
            )
        assert fit.measures["chisq"] == pytest.approx(0.607, abs=2e-3)
        assert fit.estimates.where(lhs="f", op="~~")["est"] == pytest.approx([-0.024 * factor**2], rel=0.03)
