"""Standard errors and tests: information matrices, sandwich covariances, scaled and adjusted chi-squares.

Notation: Delta are the derivatives of the moments, V their weight, Gamma the asymptotic covariance of the sample's
moments, U = V - V Delta (Delta' V Delta)^-1 Delta' V. Groups count with their share of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from confianza.errors import ModelError
from confianza.sem.data.moments import gamma_of_rows
from confianza.sem.estimation.constrained_optimise import Bound, open_directions
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array, vech, vech_indices
from confianza.sem.numerics.minimise import scales
from confianza.sem.warnings import warn

if TYPE_CHECKING:
    from confianza.sem.fits import Fit

CHUNK = 4_000_000  # numbers in one array of casewise scores


@dataclass(frozen=True)
class Test:
    """A chi-square test of the model: statistic, degrees of freedom and p; how it was scaled, if it was."""

    __test__ = False

    name: str
    statistic: float
    df: float
    pvalue: float
    scaling_factor: float = 1.0
    shift: float = 0.0
    trace: float = nan
    mean_df: float = nan  # the degrees of freedom that the trace is compared with
    factor_h1: float = nan  # scaling factors of the log-likelihoods, without and with the model
    factor_h0: float = nan


def chi_square_tail(statistic: float, df: float) -> float:
    """P(X > statistic) for a chi-square of df degrees; NaN without degrees of freedom."""
    return float(chdtrc(df, max(statistic, 0.0))) if df > 0 else nan


# --- information -----------------------------------------------------------------------------------------


def tangent(fit: Fit) -> Array:
    """The directions (parameters, d) in which the estimates may move under the constraints that hold."""
    return fit.objective.linear.basis @ free_directions(fit)


def free_directions(fit: Fit) -> Array:
    """The directions of the coordinates that the constraints that hold leave open (coordinates, d)."""
    n = fit.objective.linear.n_coordinates
    if not fit.held:
        return np.eye(n)
    z = fit.optimum.z
    size = scales(fit.objective.derivatives(z, exact=False)[2])
    return open_directions(Bound(fit.held, fit.objective.linear), z, size)


def unit_information(fit: Fit, kind: str) -> Array:
    """The information of one row on the coordinates: `expected`, `observed` or `first.order`."""
    if kind == "first.order":
        return meat(fit, around_model=True)
    if kind == "observed":
        return fit.objective.derivatives(fit.optimum.z, exact=True)[2]
    found = fit.objective.discrepancy.derivatives(fit.structure, fit.matrix_elements, exact=False).information
    if fit.options.discrepancy != "ML":  # its discrepancy counts a row less in every group
        found = found * (fit.moments.n / fit.moments.counts)[:, None, None]
    return fit.objective.gather_matrix(found)


def invert_information(information: Array, fit: Fit) -> Array:
    """The inverse; when there is none, an error that names the parameters without information."""
    if names := names_without_information(fit, information):
        raise ModelError("sem-not-identified", parameters=", ".join(names))
    inverse: Array = np.linalg.inv(information)
    return inverse


def names_without_information(fit: Fit, information: Array) -> list[str]:
    """The parameters in the null space of an information matrix."""
    size = np.sqrt(np.abs(np.diag(information)))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    is_null = values < 1e-11
    if not is_null.any():
        return []
    involved = (np.abs(vectors[:, is_null]) > 0.1).any(axis=1)
    basis = np.abs(tangent(fit)[:, involved]).sum(axis=1) > 1e-8
    return [
        f"{row.lhs} {row.op} {row.rhs}".strip() + (f" (group {row.group})" if fit.table.n_groups > 1 else "")
        for row in fit.table.rows
        if row.free and basis[row.free - 1]
    ]


def parameter_covariance(fit: Fit) -> Array:
    """The covariance matrix of the free parameters (parameters, parameters), by the standard errors asked for."""
    if fit.options.se == "none":
        return np.full((fit.structure.n_parameters,) * 2, np.nan)
    if fit.options.se == "bootstrap":
        return fit.bootstrapped.vcov
    directions = free_directions(fit)
    bread = invert_information(
        directions.T @ unit_information(fit, fit.options.information) @ directions, fit
    )
    if fit.options.se.startswith("robust"):
        if fit.options.se == "robust.sem" and has_observed_weights(fit):
            middle = observed_meat(fit)
        else:
            middle = meat(fit, around_model=fit.options.se == "robust.huber.white")
        bread = bread @ (directions.T @ middle @ directions) @ bread
    along = fit.objective.linear.basis @ directions
    covariance: Array = along @ bread @ along.T / fit.moments.divisor
    return (covariance + covariance.T) / 2  # symmetric to the last bit


# --- rows ------------------------------------------------------------------------------------------------


def row_scores(
    fit: Fit,
    group: int,
    *,
    around_model: bool,
    structure: Structure | None = None,
    elements: Array | None = None,
) -> Iterator[Array]:
    """Blocks (rows, elements) of what each row of a group says of every linear element.

    Around the model: derivatives of the row's log-likelihood. Around the sample: Delta' V (z - mean z), with z the
    row and its products, the pieces of Gamma.
    """
    structure = structure or fit.structure
    elements = fit.matrix_elements if elements is None else elements
    implied = structure.implied(elements)
    discrepancy = fit.objective.discrepancy
    columns = structure.columns_of(implied)[group]
    factors = structure.mean_factors(implied)[group] if structure.has_means else np.zeros(structure.n_linear)
    mean, covariance = implied.mean[group], implied.covariance[group]
    data = fit.moments.data(group)
    u, v = structure.first, structure.second

    def scores(rows: Array, solved: Array, centre: Array, spread: Array) -> Iterator[Array]:
        size = max(1, CHUNK // structure.n_linear)
        for start in range(0, len(rows), size):
            along = (rows[start : start + size] - centre) @ solved
            yield structure.weight * (along[:, u] * along[:, v] - spread[u, v]) + factors * along[:, u]

    if isinstance(discrepancy, FullInformation):
        jacobian = structure.jacobian(implied, with_means=True)[group]
        for block in discrepancy.patterns[group].row_scores(data, covariance, mean):
            yield block @ jacobian
        return
    solved = weight_inverse(fit, covariance, group) @ columns
    if around_model:
        centre = mean if structure.has_means else data.mean(axis=0)
        yield from scores(data, solved, centre, columns.T @ solved)
        return
    centred, given, rest = given_covariates(fit, group)
    spread = solved.T @ rest @ solved
    size = max(1, CHUNK // structure.n_linear)
    for start in range(0, len(centred), size):
        along, fixed = centred[start : start + size] @ solved, given[start : start + size] @ solved
        products = along[:, u] * along[:, v] - fixed[:, u] * fixed[:, v] - spread[u, v]
        yield structure.weight * products + factors * (along[:, u] - fixed[:, u])


def given_covariates(fit: Fit, group: int) -> tuple[Array, Array, Array]:
    """Rows less their mean, what the fixed covariates say of them (n, p), and the covariance of the rest."""
    data = fit.moments.data(group)
    centred: Array = data - data.mean(axis=0)
    exogenous = [fit.structure.observed.index(name) for name in fit.table.exogenous]
    given = np.zeros_like(centred)
    if exogenous:
        covariates = centred[:, exogenous]
        given = covariates @ np.linalg.lstsq(covariates, centred, rcond=None)[0]
    rest = centred - given
    return centred, given, rest.T @ rest / len(data)


def modelled_moments(fit: Fit) -> NDArray[np.intp]:
    """Places of the moments (means first, then triangles) that are not those of fixed covariates alone."""
    exogenous = np.array([name in fit.table.exogenous for name in fit.structure.observed])
    row, column = vech_indices(len(exogenous))
    parts = [~(exogenous[row] & exogenous[column])]
    if fit.structure.has_means:
        parts.insert(0, ~exogenous)
    return np.flatnonzero(np.concatenate(parts))


def weight_inverse(fit: Fit, covariance: Array, group: int) -> Array:
    """The matrix W of a normal-theory weight: Sigma^-1 (ML) or S^-1 (GLS)."""
    if fit.options.discrepancy == "GLS":
        return np.linalg.inv(fit.moments.covariance[group])
    return np.linalg.inv(covariance)


def meat(fit: Fit, *, around_model: bool) -> Array:
    """Delta' V Gamma V Delta on the coordinates, or the products of casewise derivatives."""
    if fit.options.discrepancy in {"ML", "GLS"}:
        n = fit.structure.n_linear
        by_elements = np.zeros((fit.table.n_groups, n, n))
        for group in range(fit.table.n_groups):
            for block in row_scores(fit, group, around_model=around_model):
                by_elements[group] += block.T @ block
        return fit.objective.gather_matrix(by_elements / fit.moments.total)
    weighted = weighted_jacobian(fit)
    by_elements = np.stack(
        [
            share * part.T @ gamma_of(fit, group) @ part
            for group, (share, part) in enumerate(zip(fit.moments.row_share, weighted, strict=True))
        ]
    )
    return fit.objective.gather_matrix(by_elements)


# --- weights and moments as matrices ------------------------------------------------------------------------


def gamma_of(fit: Fit, group: int) -> Array:
    """Gamma of a group in the order of the moments, given fixed covariates."""
    if fit.table.exogenous and not fit.ordinal:
        centred, given, _ = given_covariates(fit, group)
        return gamma_of_rows(centred, given, with_means=fit.structure.has_means)
    return fit.moments.gamma(group, with_means=fit.structure.has_means)


def weight_matrices(fit: Fit) -> Array:
    """V of every group (G, m, m): of the normal distribution at the model, or the weights of least squares."""
    if fit.options.discrepancy not in {"ML", "GLS"}:
        weights = fit.objective.discrepancy.weights  # type: ignore[attr-defined]
        return weights if weights.ndim == 3 else weights[:, :, None] * np.eye(weights.shape[-1])
    return np.stack(
        [
            normal_weight(weight_inverse(fit, one, group), with_means=fit.structure.has_means)
            for group, one in enumerate(fit.implied.covariance)
        ]
    )


def normal_weight(inverse: Array, *, with_means: bool) -> Array:
    """D' (W x W) D / 2 with D the duplication matrix, and W itself for the means."""
    p = len(inverse)
    row, column = vech_indices(p)
    weight = inverse[np.ix_(row, row)] * inverse[np.ix_(column, column)]
    weight += inverse[np.ix_(row, column)] * inverse[np.ix_(column, row)]
    twice = np.where(row == column, 1.0, 2.0)
    weight *= 0.25 * twice[:, None] * twice
    if not with_means:
        return weight
    out = np.zeros((p + len(weight),) * 2)
    out[:p, :p], out[p:, p:] = inverse, weight
    return out


def jacobians(fit: Fit) -> Array:
    """Delta of every group by element (G, m, elements)."""
    if fit.ordinal:
        return fit.ordinal.jacobian(fit.structure, fit.matrix_elements)
    return fit.structure.jacobian(fit.implied, with_means=fit.structure.has_means)


def weighted_jacobian(fit: Fit) -> Array:
    """V Delta of every group by element (G, m, elements)."""
    weighted: Array = weight_matrices(fit) @ jacobians(fit)
    return weighted


# --- tests ----------------------------------------------------------------------------------------------------


def degrees_of_freedom(fit: Fit) -> int:
    """Moments less free parameters; moments of fixed exogenous variables do not count."""
    if fit.ordinal:
        return int(fit.moments.stacked(with_means=True).size) - fit.n_free
    p, x = fit.structure.n_observed, len(fit.table.exogenous)
    means = fit.structure.has_means
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + (p - x if means else 0)
    return moments * fit.table.n_groups - fit.n_free


def tests_of(fit: Fit) -> Mapping[str, Test]:
    """The tests asked for, by name."""
    if "none" in fit.options.test:
        return {}
    found = {"standard": standard_test(fit)}
    for name in fit.options.test:
        if name != "standard":
            found[name] = _other_test(fit, name, found["standard"])
    return found


def standard_test(fit: Fit) -> Test:
    """The test without a correction."""
    df = degrees_of_freedom(fit)
    statistic = float(
        fit.moments.statistic(fit.structure, fit.matrix_elements, np.asarray(fit.optimum.value))
    )
    if df == 0 and statistic < 1e-8:
        statistic = 0.0
    # unweighted least squares has no chi-square distribution without a correction
    tail = nan if fit.options.discrepancy == "ULS" else chi_square_tail(statistic, df)
    return Test("standard", statistic, df, tail)


def group_statistics(fit: Fit) -> Array:
    """What each group adds to the standard test statistic (G,)."""
    moments, discrepancy = fit.moments, fit.objective.discrepancy
    if isinstance(discrepancy, FullInformation):
        fitted = zip(fit.implied.covariance, fit.implied.mean, strict=True)
        pairs = zip(discrepancy.patterns, fitted, moments.saturated, strict=True)
        return np.array(
            [
                2 * (group.minus_log_likelihood(*model) - group.minus_log_likelihood(free[1], free[0]))
                for group, model, free in pairs
            ]
        )
    found = np.zeros(len(moments.n))
    for group in range(len(found)):
        alone = copy(discrepancy)
        alone.share = np.where(np.arange(len(found)) == group, discrepancy.share, 0.0)  # type: ignore[attr-defined]
        found[group] = 2 * moments.total * float(alone.value(fit.structure, fit.matrix_elements))
    return found * moments.counts / moments.n if moments.options.likelihood == "wishart" else found


def _other_test(fit: Fit, name: str, standard: Test) -> Test:
    df = standard.df
    if name == "bollen.stine":
        from confianza.sem.results.bootstrap import bollen_stine

        return Test(name, standard.statistic, df, bollen_stine(fit))
    if name.startswith("browne"):
        statistic = residual_statistic(fit, is_normal=name.endswith("nt"))
        return Test(name, statistic, df, chi_square_tail(statistic, df))
    if df == 0:
        return Test(name, standard.statistic, 0, nan, nan)
    if name.startswith("yuan.bentler"):
        is_mplus = name.endswith("mplus")
        without, with_model = _yuan_bentler_traces(fit)
        unseen = np.isnan(vech(fit.moments.seen_covariance)).sum()
        if is_mplus:
            trace = without - with_model
        elif isinstance(fit.objective.discrepancy, FullInformation):
            from confianza.sem.results.robust_measures import full_information_trace

            trace = full_information_trace(fit)
        else:
            trace, _ = _traces(fit, with_square=False)
        return replace(
            _scaled(name, standard, trace / df, trace),
            factor_h1=without / (fit.n_free + df - unseen),
            factor_h0=with_model / fit.structure.n_parameters if fit.structure.n_parameters else nan,
        )
    if name == "satorra.bentler":
        trace, _ = _traces(fit, with_square=False)
        return _scaled(name, standard, trace / df, trace)
    trace, square = _traces(fit, with_square=True)
    if name == "mean.var.adjusted":
        adjusted = trace**2 / square
        factor = trace / adjusted
        statistic = standard.statistic / factor
        tail = chi_square_tail(statistic, adjusted)
        return Test(name, statistic, adjusted, tail, factor, 0.0, trace, df)
    slope = (df / square) ** 0.5
    shift = df - slope * trace
    statistic = standard.statistic * slope + shift
    return Test(name, statistic, df, chi_square_tail(statistic, df), 1 / slope, shift, trace, df)


def _scaled(name: str, standard: Test, factor: float, trace: float) -> Test:
    if not factor > 0:
        warn("sem-scaling-negative", test=name, value=f"{factor:.4g}")
        return Test(name, nan, standard.df, nan, factor, 0.0, trace, standard.df)
    statistic = standard.statistic / factor
    tail = chi_square_tail(statistic, standard.df)
    return Test(name, statistic, standard.df, tail, factor, 0.0, trace, standard.df)


def _traces(fit: Fit, *, with_square: bool) -> tuple[float, float]:
    """tr(U Gamma) and tr(U Gamma U Gamma); V is the observed weight of the moments where information is observed."""
    directions = free_directions(fit)
    is_observed = has_observed_weights(fit)
    if not is_observed and not with_square and fit.options.discrepancy in {"ML", "GLS"}:
        expected = directions.T @ unit_information(fit, "expected") @ directions
        trace = sum(_weighted_trace(fit, group) for group in range(fit.table.n_groups))
        around = directions.T @ meat(fit, around_model=False) @ directions
        return trace - float(np.trace(np.linalg.solve(expected, around))), np.nan
    jacobian = jacobians(fit)
    weights = observed_weights(fit) if is_observed else weight_matrices(fit)
    total = square = 0.0
    flat, single, double = [], [], []
    for group, share in enumerate(fit.moments.row_share):
        gamma = gamma_of(fit, group)
        product = weights[group] @ gamma
        total += float(np.trace(product))
        square += float((product * product.T).sum())
        part = weights[group] @ jacobian[group]
        flat.append(share * jacobian[group].T @ part)
        single.append(share * part.T @ gamma @ part)
        double.append(share * part.T @ gamma @ product @ part)
    information, around, crossed = (
        fit.objective.gather_matrix(np.stack(parts)) for parts in (flat, single, double)
    )
    if not is_observed:
        information, around = unit_information(fit, "expected"), meat(fit, around_model=False)
    inverse = directions @ np.linalg.inv(directions.T @ information @ directions) @ directions.T
    first = inverse @ around
    square += -2 * float((inverse * crossed.T).sum()) + float((first * first.T).sum())
    return total - float(np.trace(first)), square


def has_observed_weights(fit: Fit) -> bool:
    """Whether V is the observed information of the moments rather than the expected one."""
    return fit.options.discrepancy == "ML" and fit.options.information == "observed"


def observed_meat(fit: Fit) -> Array:
    """Delta' V Gamma V Delta on the coordinates with the observed V."""
    jacobian, weights = jacobians(fit), observed_weights(fit)
    by_elements = []
    for group, share in enumerate(fit.moments.row_share):
        part = weights[group] @ jacobian[group]
        by_elements.append(share * part.T @ gamma_of(fit, group) @ part)
    return fit.objective.gather_matrix(np.stack(by_elements))


def observed_weights(fit: Fit) -> Array:
    """The observed information of the moments at those that the model implies (G, m, m)."""
    from confianza.sem.results.saturated import moment_information

    kept = np.ix_(*(modelled_moments(fit),) * 2)
    p = fit.structure.n_observed
    size = p * (p + 1) // 2 + p * fit.structure.has_means
    weights = np.zeros((fit.table.n_groups, size, size))
    for group, weight in enumerate(weights):
        weight[kept] = moment_information(fit, group, is_structured=True, kind="observed")
    return weights


def _weighted_trace(fit: Fit, group: int) -> float:
    """tr(V Gamma) of a group for a normal-theory V, without forming either."""
    inverse = weight_inverse(fit, fit.implied.covariance[group], group)
    centred, given, rest = given_covariates(fit, group)
    around = inverse @ rest @ inverse

    def form(left: Array, matrix: Array, right: Array) -> Array:
        found: Array = ((left @ matrix) * right).sum(axis=1)
        return found

    squares = form(centred, inverse, centred) ** 2 + form(given, inverse, given) ** 2
    squares -= 2 * form(centred, inverse, given) ** 2
    squares += 2 * (form(given, around, given) - form(centred, around, centred))
    trace = 0.5 * (squares.mean() + float((rest * around).sum()))
    if fit.structure.has_means:
        trace += form(centred - given, inverse, centred - given).mean()
    return float(trace)


def _yuan_bentler_traces(fit: Fit) -> tuple[float, float]:
    """tr(B1 A1^-1) and tr(B0 A0^-1): casewise products and information without and with the model."""
    from confianza.sem.results.saturated import inverse_information, saturated_information

    directions = free_directions(fit)
    information = directions.T @ unit_information(fit, fit.options.information) @ directions
    products = directions.T @ meat(fit, around_model=True) @ directions
    with_model = float(np.trace(np.linalg.solve(information, products)))
    without = 0.0
    for group in range(fit.table.n_groups):
        expected, casewise = saturated_information(fit, group, is_structured=False)
        without += float((inverse_information(fit, group, expected) * casewise).sum())
    return without, with_model


def residual_statistic(fit: Fit, *, is_normal: bool) -> float:
    """Browne's (1984) residual-based statistic: n e' [W - W Delta (Delta' W Delta)^-1 Delta' W] e."""
    with_means = fit.structure.has_means
    difference = []
    weights = []
    for group in range(fit.table.n_groups):
        sample, implied = fit.moments, fit.implied
        row, column = vech_indices(fit.structure.n_observed)
        parts = [(sample.covariance[group] - implied.covariance[group])[row, column]]
        if with_means:
            parts.insert(0, sample.mean[group] - implied.mean[group])
        difference.append(np.concatenate(parts))
        if is_normal:
            weights.append(normal_weight(np.linalg.inv(sample.covariance[group]), with_means=with_means))
        else:
            weights.append(np.linalg.inv(gamma_of(fit, group)))
    jacobian = jacobians(fit)
    share = fit.moments.share
    directions = free_directions(fit)
    inner = np.stack([s * j.T @ w @ j for s, j, w in zip(share, jacobian, weights, strict=True)])
    slope = np.stack(
        [s * j.T @ w @ d for s, j, w, d in zip(share, jacobian, weights, difference, strict=True)]
    )
    information = directions.T @ fit.objective.gather_matrix(inner) @ directions
    along = directions.T @ fit.objective.gather(slope)
    whole = sum(s * d @ w @ d for s, w, d in zip(share, weights, difference, strict=True))
    return float(fit.moments.total * (whole - along @ np.linalg.solve(information, along)))
