"""Thousands of samples a design: no bias, intervals that cover, tests that keep their level, and power."""

import numpy as np
import pytest
from scipy.stats import ncx2

from confianza import sem
from confianza.errors import ModelError

PATHS = """
f =~ 1*a + 0.8*b + 0.7*c
g =~ 1*d + 0.9*e + 0.8*h
g ~ 0.25*f
f ~~ 0.6*f
g ~~ 0.5*g
a ~~ 0.5*a
b ~~ 0.5*b
c ~~ 0.5*c
d ~~ 0.5*d
e ~~ 0.5*e
h ~~ 0.5*h
"""
MODEL = "f =~ a + b + c\ng =~ d + e + h\ng ~ path*f"
MEDIATION = """
m ~ 0.4*x
y ~ 0.5*m
x ~~ 1*x
m ~~ 0.8*m
y ~~ 0.7*y
"""
GROUPS = PATHS.replace("0.25*f", "c(0.25, 0.5)*f") + "\nf ~ c(0, 0.4)*1\ng ~ c(0, -0.2)*1"
GROWTH = """
i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4
s =~ 0*t1 + 1*t2 + 2*t3 + 3*t4
i ~ 2*1
s ~ 0.5*1
i ~~ 1*i + 0.2*s
s ~~ 0.3*s
t1 ~~ 0.6*t1
t2 ~~ 0.6*t2
t3 ~~ 0.6*t3
t4 ~~ 0.6*t4
"""
DESIGNS = {
    "paths": (PATHS, MODEL, 800, {}),
    "mediation": (MEDIATION, "m ~ a*x\ny ~ b*m\nthrough := a*b", 1000, {"fixed_x": False}),
    "groups": (GROUPS, MODEL.replace("path*", ""), (700, 900), {"group_equal": ["loadings", "intercepts"]}),
    "growth": (GROWTH, "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni ~ 1\ns ~ 1\n"
               "t1 ~ 0*1\nt2 ~ 0*1\nt3 ~ 0*1\nt4 ~ 0*1", 800, {"meanstructure": True}),
}  # fmt: skip


@pytest.mark.parametrize("design", DESIGNS)
def test_parameters_come_back_intervals_cover_and_the_chi_square_keeps_its_level(design):
    people, model, n, options = DESIGNS[design]
    found = sem.monte_carlo(people, model, n, replications=4000, seed=20261125, **options)
    assert found.used == 4000
    for row in found.summary().rows():
        assert abs(row["bias"]) < 0.05 * row["sd"] + 4 * row["sd"] / 4000**0.5, row
        assert row["se"] == pytest.approx(row["sd"], rel=0.05), row
        assert 0.93 <= row["coverage"] <= 0.97, row
    assert 0.04 <= found.rejected() <= 0.06
    assert found.statistics.mean() == pytest.approx(found.df, rel=0.03)


def test_incomplete_rows_give_the_parameters_back():
    people = sem.population(PATHS)
    found = sem.monte_carlo(
        people,
        MODEL,
        500,
        replications=150,
        seed=2,
        simulation={"missing": {"b": (0.25, "a"), "e": 0.2}},
        missing="fiml",
    )
    path = found.summary().where(label="path").rows()[0]
    assert path["truth"] == pytest.approx(0.25)
    assert abs(path["bias"]) < 4 * path["sd"] / found.used**0.5
    assert path["se"] == pytest.approx(path["sd"], rel=0.2)


def test_moments_drawn_at_once_are_distributed_as_those_of_rows():
    fast, slow = (
        sem.monte_carlo(PATHS, MODEL, 200, replications=400, seed=3, simulation=simulation)
        for simulation in ({}, {"cuts": {}, "missing": 1e-12})
    )
    moves = fast.estimates.std(axis=0) > 0
    for name in ("estimates", "se"):
        one, two = getattr(fast, name), getattr(slow, name)
        error = np.sqrt(one[:, moves].var(axis=0) / 400 + two[:, moves].var(axis=0) / 400)
        assert (np.abs(one.mean(axis=0) - two.mean(axis=0))[moves] < 4.5 * error).all()
    spread = slow.estimates.std(axis=0)[moves]
    assert fast.estimates.std(axis=0)[moves] == pytest.approx(spread, rel=0.15)


def test_power_is_near_that_of_satorra_and_saris():
    for options in ({"parameter": "g ~ f"}, {"parameter": "path"}, {"constraint": "path == 0"}):
        found = sem.power(PATHS, MODEL, 150, seed=4, **options)
        assert found.analytical == pytest.approx(ncx2.sf(3.841459, 1, found.ncp), abs=1e-6)
        assert found.power == pytest.approx(found.analytical, abs=3 * found.standard_error + 0.02)
        assert 0.5 < found.power < 0.8
        assert found.standard_error == pytest.approx((found.power * (1 - found.power) / 1000) ** 0.5)


def test_noncentrality_is_the_misfit_of_the_population_by_hand():
    # one regression: 2 N f of leaving out a slope is n log(1 + b² var(x) / var(e))
    found = sem.power("y ~ 0.2*x\nx ~~ 1*x\ny ~~ 1*y", "y ~ x", 200, parameter="y ~ x", seed=5, fixed_x=False)
    assert found.ncp == pytest.approx(200 * np.log(1.04), rel=1e-6)
    assert found.truth == pytest.approx(0.2)
    assert found.coverage == pytest.approx(0.95, abs=4 * found.coverage_standard_error)


def test_a_test_of_what_is_so_is_significant_at_its_level():
    found = sem.power(PATHS, MODEL, (600, 600), step="loadings", seed=6, alpha=0.1, replications=2000)
    assert (found.df, found.ncp) == (4, pytest.approx(0.0, abs=1e-8))
    assert found.power == pytest.approx(0.1, abs=4 * found.standard_error)


def test_power_of_a_step_of_invariance():
    people = PATHS.replace("0.8*b", "c(0.8, 0.5)*b")
    found = sem.power(people, MODEL.replace("path*", ""), (250, 250), step="loadings", seed=7)
    assert found.df == 4
    assert found.power == pytest.approx(found.analytical, abs=4 * found.standard_error + 0.02)


def test_ordered_variables_are_fitted_sample_by_sample():
    people = "f =~ 0.8*u + 0.7*v + 0.6*w + 0.7*x\nf ~~ 1*f\nu | 0*t1\nv | 0.3*t1\nw | -0.2*t1\nx | -0.5*t1 + 0.5*t2"
    found = sem.power(
        people, "f =~ u + v + w + x", 400, parameter="f =~ w", replications=60, seed=8, std_lv=True
    )
    assert found.truth == 0.6
    assert abs(found.bias) < 0.05
    assert found.coverage > 0.8
    assert found.power == 1.0
    assert np.isnan(found.analytical)


def test_power_asks_for_one_thing_that_the_model_has():
    for options in ({}, {"parameter": "g ~ f", "step": "loadings"}):
        with pytest.raises(ModelError) as caught:
            sem.power(PATHS, MODEL, 100, **options)
        assert caught.value.code == "sem-power-target"
    with pytest.raises(ModelError, match="g ~ f") as caught:
        sem.power(PATHS, MODEL, 100, parameter="g ~ z", replications=10)
    assert caught.value.code == "sem-power-parameter"
