"""Simulated rows have the moments, shapes, categories and gaps that were asked for."""

import numpy as np
import pytest
from scipy.stats import kurtosis as excess_kurtosis
from scipy.stats import norm, skew

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.data.simulate import fleishman, intermediate_correlations

ONE = "f =~ 1*a + 0.8*b + 0.7*c\nf ~~ 1.2*f\na ~~ 0.5*a\nb ~~ 0.6*b\nc ~~ 0.4*c"
LOADINGS = np.array([1.0, 0.8, 0.7])
COVARIANCE = 1.2 * np.outer(LOADINGS, LOADINGS) + np.diag([0.5, 0.6, 0.4])
NORMAL_ERROR = 4.5  # standard errors: far beyond chance, near enough to see a mistake


def matrix(columns):
    return np.column_stack([columns[name] for name in "abc"])


def test_moments_are_those_of_the_model():
    n = 40_000
    data = matrix(sem.simulate(ONE, n, seed=1))
    error = np.sqrt((np.outer(np.diag(COVARIANCE), np.diag(COVARIANCE)) + COVARIANCE**2) / n)
    assert (np.abs(np.cov(data.T) - COVARIANCE) < NORMAL_ERROR * error).all()
    assert (np.abs(data.mean(axis=0)) < NORMAL_ERROR * np.sqrt(np.diag(COVARIANCE) / n)).all()


def test_groups_have_their_own_values_and_labels():
    model = ONE + "\nf ~ c(0, 0.5)*1\na ~ c(2, 2)*1"
    data = sem.simulate(model, (20_000, 30_000), seed=2, groups=("mx", "us"), group="nation")
    assert list(dict.fromkeys(data["nation"])) == ["mx", "us"]
    assert (data["nation"] == "us").sum() == 30_000
    means = [data["a"][data["nation"] == label].mean() for label in ("mx", "us")]
    assert means == pytest.approx([2.0, 2.5], abs=0.05)


def test_the_same_seed_gives_the_same_rows():
    assert np.array_equal(matrix(sem.simulate(ONE, 50, seed=3)), matrix(sem.simulate(ONE, 50, seed=3)))


def test_skewness_and_kurtosis_come_out_and_covariances_stay():
    n = 400_000
    data = matrix(sem.simulate(ONE, n, seed=4, skewness={"a": 1.0, "b": -0.5}, kurtosis={"a": 2.0, "b": 1.0}))
    assert np.cov(data.T) == pytest.approx(COVARIANCE, rel=0.03)
    assert skew(data) == pytest.approx([1.0, -0.5, 0.0], abs=0.05)
    assert excess_kurtosis(data) == pytest.approx([2.0, 1.0, 0.0], abs=0.25)


def test_polynomials_are_those_that_fleishman_printed():
    # Fleishman (1978), table 1, skewness 1 and kurtosis 2
    assert fleishman("x", 0.75, 0.8) == pytest.approx((0.978350485, 0.124833577, 0.001976943), abs=1e-4)


def test_intermediate_correlations_give_back_the_correlations():
    shapes = np.array([fleishman("x", 1.0, 2.0), fleishman("y", 0.5, 1.0)])
    wanted = np.array([[1.0, 0.4], [0.4, 1.0]])
    r = intermediate_correlations(wanted, shapes)[0, 1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    z, w = np.meshgrid(nodes, nodes)
    x = np.polynomial.polynomial.polyval(z, [-shapes[0, 1], *shapes[0]])
    y = np.polynomial.polynomial.polyval(r * z + np.sqrt(1 - r * r) * w, [-shapes[1, 1], *shapes[1]])
    expected = (np.outer(weights, weights) * x * y).sum() / weights.sum() ** 2
    assert expected == pytest.approx(0.4, abs=1e-7)


def test_thresholds_cut_the_latent_responses():
    model = "f =~ 0.8*u + 0.7*v + 0.6*w\nf ~~ 1*f\nu | -0.5*t1 + 1*t2\nv | 0.3*t1\nw | 0*t1"
    data = sem.simulate(model, 50_000, seed=5)
    shares = [(data["u"] == category).mean() for category in (1, 2, 3)]
    assert shares == pytest.approx(np.diff([0.0, norm.cdf(-0.5), norm.cdf(1.0), 1.0]), abs=0.01)
    assert (data["v"] == 2).mean() == pytest.approx(norm.sf(0.3), abs=0.01)
    found = sem.cfa("f =~ u + v + w", data, ordered=["u", "v", "w"], std_lv=True).estimates
    assert [row["est"] for row in found.rows() if row["op"] == "=~"] == pytest.approx(
        [0.8, 0.7, 0.6], abs=0.03
    )


def test_cut_points_make_categories_of_a_variable_in_its_own_units():
    whole, cut = (sem.simulate(ONE, 500, seed=6, cuts=cuts) for cuts in ({}, {"a": [-1, 0, 2]}))
    assert np.array_equal(cut["a"], 1 + np.searchsorted([-1, 0, 2], whole["a"]))
    assert np.array_equal(cut["b"], whole["b"])


def test_values_are_missing_completely_at_random_or_given_another_variable():
    data = sem.simulate(ONE, 60_000, seed=7, missing={"a": 0.1, "b": (0.25, "c")})
    gone = {name: np.isnan(data[name]) for name in "abc"}
    assert [gone[name].mean() for name in "abc"] == pytest.approx([0.1, 0.25, 0.0], abs=0.01)
    standard = (data["c"] - data["c"].mean()) / data["c"].std()
    high, low = (gone["b"][np.abs(standard - at) < 0.1].mean() for at in (1.0, -1.0))
    assert np.log(high / (1 - high)) - np.log(low / (1 - low)) == pytest.approx(2.0, abs=0.3)
    assert gone["a"][standard > 1].mean() == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("code", "model", "options"),
    [
        ("sem-population-unset", "f =~ 1*a + 0.8*b + c\nf ~~ 1*f\na ~~ 1*a\nb ~~ 1*b\nc ~~ 1*c", {}),
        ("sem-population-not-positive", ONE.replace("0.5*a", "-2*a"), {}),
        ("sem-cuts-order", ONE, {"cuts": {"a": [1, 0]}}),
        ("sem-unknown-variable", ONE, {"cuts": {"z": [0]}}),
        ("sem-unknown-variable", ONE, {"skewness": {"z": 1}}),
        ("sem-shape-impossible", ONE, {"skewness": 3.0}),
        ("sem-missing-share", ONE, {"missing": 1.5}),
        ("sem-missing-share", ONE, {"missing": {"a": (0.1, "b"), "b": 0.1}}),
        ("sem-simulate-sizes", ONE, {"groups": 3, "n": (10, 10)}),
    ],
)
def test_what_cannot_be_drawn_is_refused(code, model, options):
    with pytest.raises(ModelError) as caught:
        sem.simulate(model, options.pop("n", 20), seed=1, **options)
    assert caught.value.code == code


def test_the_parameters_without_a_value_are_all_named():
    with pytest.raises(ModelError, match="f =~ c; a ~~ a; b ~~ b; c ~~ c; f ~~ f"):
        sem.population("f =~ 1*a + 0.8*b + c")
