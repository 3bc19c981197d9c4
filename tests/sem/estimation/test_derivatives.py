"""Every analytic derivative of the estimators beside finite differences of what it is the derivative of."""

import warnings
from functools import cache
from itertools import product

import numpy as np
import pytest

from confianza import sem
from confianza.sem.estimation.estimators import ContinuousMoments
from confianza.sem.numerics.matrices import vech_indices
from confianza.sem.results.information import row_scores
from tests.sem.samples import MODELS, Situation, people

ORDERED = [f"y{j}" for j in range(1, 9)]
GROUPS = {"group": "nation", "group_equal": ["loadings"]}
SCALAR = {"group": "nation", "group_equal": ["loadings", "intercepts"]}
CUTS = {"group": "nation", "group_equal": ["loadings", "thresholds"]}


def situations():
    for model, estimator in product(MODELS, ("ML", "GLS", "ULS", "WLS", "DWLS")):
        yield Situation(model, {"estimator": estimator})
    for model, estimator in product(("recursive", "reciprocal", "second order"), ("ML", "GLS", "ULS")):
        yield Situation(model, {"estimator": estimator, "meanstructure": True})
        yield Situation(model, {"estimator": estimator, **SCALAR})
    for model in MODELS:
        yield Situation(model, {"missing": "fiml"}, kind="gaps")
    yield Situation("reciprocal", {"missing": "fiml", "fixed_x": False, **SCALAR}, kind="gaps")
    yield Situation("recursive", {"likelihood": "wishart", **GROUPS})
    yield Situation("growth", function="growth")
    yield Situation("growth", {"group": "nation"}, function="growth")
    yield Situation("growth", {"missing": "fiml"}, function="growth", kind="gaps")
    for model, parameterization in product(("recursive", "covariates", "reciprocal"), ("delta", "theta")):
        given = {"ordered": ORDERED, "parameterization": parameterization}
        yield Situation(model, given, kind="cut")
        yield Situation(model, given | CUTS, kind="cut")
        yield Situation(model, given | {"ordered": ORDERED[::2], "estimator": "WLS"}, kind="cut")
    yield Situation("second order", {"ordered": ORDERED, "std_lv": True}, kind="cut")


ALL = list(situations())


@cache
def prepared(index):
    """A fit, and a point some way off its solution (or where its search ended)."""
    one = ALL[index]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = getattr(sem, one.function)(one.text, people(kind=one.kind), **one.options)
    z = fit.optimum.z
    return fit, z + 0.03 * np.random.default_rng(index).normal(size=len(z)) * (0.3 + np.abs(z))


def slope(function, z, step=2e-4):
    """Derivatives by the coordinates, last axis: central differences of the fourth order."""
    columns = []
    for place in range(len(z)):
        move = np.zeros_like(z)
        move[place] = step
        near = function(z + move) - function(z - move)
        far = function(z + 2 * move) - function(z - 2 * move)
        columns.append((8 * near - far) / (12 * step))
    return np.stack(columns, axis=-1)


def close(found, expected, tolerance=1e-7):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * (1e-3 + np.abs(expected).max()))


def each(condition=lambda one: True):
    return pytest.mark.parametrize(
        "index", [pytest.param(i, id=str(one)) for i, one in enumerate(ALL) if condition(one)]
    )


def moment_model(fit):
    return fit.ordinal or ContinuousMoments(fit.structure.has_means)


def by_coordinates(fit, by_element):
    """Derivatives by element (G, m, elements) as derivatives by coordinate, every parameter where its element is."""
    parameters = fit.structure.parameter_index[:, : by_element.shape[-1]]
    pick = (parameters[..., None] == np.arange(fit.structure.n_parameters)).astype(float)
    return by_element @ pick @ fit.objective.linear.basis


@each()
def test_gradient(index):
    fit, z = prepared(index)
    value, gradient, _ = fit.objective.derivatives(z, exact=False)
    assert value == pytest.approx(float(fit.objective.value(z)), rel=1e-12)
    close(gradient, slope(fit.objective.value, z))


@each(lambda one: "ordered" not in one.options)
def test_hessian(index):
    fit, z = prepared(index)
    value, gradient, hessian = fit.objective.derivatives(z, exact=True)
    assert value == pytest.approx(float(fit.objective.value(z)), rel=1e-12)
    close(gradient, fit.objective.derivatives(z, exact=False)[1], 1e-12)
    close(hessian, slope(lambda at: fit.objective.derivatives(at, exact=False)[1], z))


@each()
def test_jacobian_of_the_moments(index):
    fit, z = prepared(index)
    model, elements = moment_model(fit), fit.objective.elements
    jacobian = by_coordinates(fit, model.jacobian(fit.structure, elements(z)))
    close(jacobian, slope(lambda at: model.stacked(fit.structure, elements(at)), z))


def normal_weight(covariance, mask, *, with_means):
    """The information of a normal distribution on the moments it shows, by its definition: tr(W A W B) / 2."""
    p = len(covariance)
    seen = np.flatnonzero(mask)
    inverse = np.zeros((p, p))
    inverse[np.ix_(seen, seen)] = np.linalg.inv(covariance[np.ix_(seen, seen)])
    units = np.zeros((p * (p + 1) // 2, p, p))
    for place, (row, column) in enumerate(zip(*vech_indices(p), strict=True)):
        units[place, row, column] = units[place, column, row] = 1.0
    weighted = inverse @ units
    weight = 0.5 * np.einsum("iab,jba->ij", weighted, weighted)
    if not with_means:
        return weight
    return np.block([[inverse, np.zeros((p, len(weight)))], [np.zeros((len(weight), p)), weight]])


@each()
def test_expected_information(index):
    """J' V J with J by finite differences and V the estimator's weight, built another way."""
    fit, z = prepared(index)
    model, elements = moment_model(fit), fit.objective.elements
    jacobian = slope(lambda at: model.stacked(fit.structure, elements(at)), z)
    means = fit.structure.has_means
    implied = fit.structure.implied(elements(z)).covariance
    expected = np.zeros((len(z), len(z)))
    for group, sample in enumerate(fit.moments.samples):
        if fit.options.discrepancy == "ML":
            seen = ~np.isnan(sample.data)
            weight = np.mean(
                [
                    count * normal_weight(implied[group], mask, with_means=means)
                    for mask, count in zip(*np.unique(seen, axis=0, return_counts=True), strict=True)
                ],
                axis=0,
            ) * (len(np.unique(seen, axis=0)) / len(seen))
        elif fit.options.discrepancy == "GLS":
            everything = np.ones(len(implied[group]), dtype=bool)
            weight = normal_weight(sample.covariance, everything, with_means=means)
        else:
            weight = fit.objective.discrepancy.weights[group]
            weight = np.diag(weight) if weight.ndim == 1 else weight
        expected += fit.moments.share[group] * jacobian[group].T @ weight @ jacobian[group]
    close(fit.objective.derivatives(z, exact=False)[2], expected)


def has_row_likelihoods(one):
    return (
        one.kind != "cut" and one.options.get("estimator", "ML") == "ML" and "likelihood" not in one.options
    )


@each(has_row_likelihoods)
def test_scores_of_rows_add_up_to_the_gradient(index):
    fit, z = prepared(index)
    elements = fit.objective.elements(z)
    totals = [
        sum(block.sum(axis=0) for block in row_scores(fit, group, around_model=True, elements=elements))
        for group in range(fit.table.n_groups)
    ]
    close(fit.objective.gather(-np.stack(totals) / fit.moments.total), slope(fit.objective.value, z))


def test_constraints_bind_the_coordinates():
    """The map of linear constraints: whatever the coordinates, the parameters meet them."""
    fit = sem.sem(MODELS["equal loadings"], people())
    for seed in range(5):
        parameters = fit.objective.linear.parameters(
            np.random.default_rng(seed).normal(size=len(fit.optimum.z))
        )
        values = {row.label: parameters[row.free - 1] for row in fit.table.rows if row.free and row.label}
        assert values["a"] + values["b"] == pytest.approx(1.6, abs=1e-12)
        for row in fit.table.rows:
            if row.label in values and row.free:
                assert parameters[row.free - 1] == pytest.approx(values[row.label], abs=1e-12)
