"""What robust CFI and RMSEA rest on where the fit is not complete-data normal: ordered variables, missing values.

The normal-theory statistic of the same estimates, for the correlations of the latent responses or for the moments
of the saturated model, is compared with its expectation under the model:

    X = N F_ML(S, Sigma(theta)),    E X = tr(H' V H Gamma),    H = I - Delta (Delta' W Delta)^-1 Delta' W

with W the weight that gave the estimates, V the normal weight and Gamma the covariance of the sample's moments.

References
----------
Savalei (2021), Psychological Methods 26, 456-471 (ordered variables); Zhang and Savalei (2023), Psychological
Methods 28, 263-283 (missing values).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array, block_diagonal, inverse_and_logdet, vech_indices
from confianza.sem.results.chi_square import Test
from confianza.sem.results.information import (
    jacobians,
    modeled_moments,
    moment_directions,
    normal_weight,
    weight_matrices,
)
from confianza.sem.results.saturated import inverse_information, saturated_information


@dataclass(frozen=True)
class Corrected:
    """The statistic and its expectation under the model."""

    statistic: float
    trace: float


def corrected_statistic(solution: Solution, tests: Mapping[str, Test]) -> Corrected | None:
    """The statistic that robust measures use; None where the tests' own one will do or none is defined."""
    if solution.options.uses_all_rows:
        return _full_information(solution, is_robust=len(tests) > 1)
    model = solution.ordinal
    if model and not len(model.continuous) and not len(model.covariates):
        return _ordinal(solution, cuts=len(model.owner))
    return None


def _expectation(jacobian: Array, weight: Array, normal: Array, gamma: Array) -> float:
    """tr(H' V H Gamma) with H = I - J M, M = (J' W J)^-1 J' W; J is narrow, so that H is not formed."""
    weighted = jacobian.T @ weight
    solved = np.linalg.solve(weighted @ jacobian, weighted)
    along, spread = normal @ jacobian, gamma @ solved.T
    whole = (normal * gamma).sum() - 2 * (along * spread).sum()
    return float(whole + ((jacobian.T @ along) * (solved @ spread).T).sum())


def _discrepancy(sample: Array, implied: Array) -> float:
    """The normal discrepancy of two matrices; NaN where one is not positive definite, as pairwise ones may be."""
    inverse, logdet = inverse_and_logdet(implied)
    of_sample = inverse_and_logdet(sample)[1]
    if not (np.isfinite(logdet) and np.isfinite(of_sample)):
        return nan
    return float(logdet - of_sample + (inverse * sample).sum() - len(sample))


def _ordinal(solution: Solution, *, cuts: int) -> Corrected:
    observed, _ = solution.observed_moments
    implied, _ = solution.fitted_moments
    share = solution.moments.row_share
    row, column = vech_indices(observed.shape[-1])
    is_off = row != column
    statistic, normal, gamma = 0.0, [], []
    for group, weight in enumerate(share):
        statistic += solution.moments.n[group] * _discrepancy(observed[group], implied[group])
        inverse = np.linalg.inv(implied[group])
        part = normal_weight(inverse, with_means=False)[np.ix_(is_off, is_off)]
        normal.append(weight * block_diagonal([np.zeros((cuts, cuts)), part]))
        gamma.append(solution.moments.gamma(group, with_means=True) / weight)
    weights = block_diagonal([s * w for s, w in zip(share, weight_matrices(solution), strict=True)])
    trace = _expectation(
        moment_directions(solution, jacobians(solution)),
        weights,
        block_diagonal(normal),
        block_diagonal(gamma),
    )
    return Corrected(statistic, trace)


def sandwich(solution: Solution, group: int, information: Array, casewise: Array) -> Array:
    """The covariance of a row's estimates of the moments, free of a distribution."""
    inverse = inverse_information(solution, group, information)
    covariance: Array = inverse @ casewise @ inverse
    return covariance


def full_information_trace(solution: Solution) -> float:
    """tr(U Gamma) with missing values: U at the model's moments, Gamma a sandwich at the saturated ones."""
    share = solution.moments.row_share
    weights, gamma = [], []
    for group, weight in enumerate(share):
        weights.append(weight * saturated_information(solution, group, is_structured=True)[0])
        gamma.append(
            sandwich(solution, group, *saturated_information(solution, group, is_structured=False)) / weight
        )
    weight_matrix = block_diagonal(weights)
    jacobian = moment_directions(solution, jacobians(solution)[:, modeled_moments(solution)])
    return _expectation(jacobian, weight_matrix, weight_matrix, block_diagonal(gamma))


def _full_information(solution: Solution, *, is_robust: bool) -> Corrected:
    """At the saturated moments; `Gamma` is a sandwich where the test is corrected for its distribution.

    NaN where two variables are never seen together: the data do not have the matrix that the model is compared with.
    """
    if np.isnan(solution.moments.seen_covariance).any():
        return Corrected(np.nan, np.nan)
    share = solution.moments.row_share
    modeled = np.ix_(modeled_moments(solution), modeled_moments(solution))
    statistic, weights, normal, gamma = 0.0, [], [], []
    for group, weight in enumerate(share):
        covariance, implied = solution.moments.covariance[group], solution.implied.covariance[group]
        off = solution.moments.mean[group] - solution.implied.mean[group]
        statistic += solution.moments.n[group] * (
            _discrepancy(covariance, implied) + off @ np.linalg.solve(implied, off)
        )
        observed, casewise = saturated_information(solution, group, is_structured=False, kind="observed")
        own = {"observed": observed, "first.order": casewise}.get(solution.options.information)
        if own is None:
            own, _ = saturated_information(solution, group, is_structured=False)
        weights.append(weight * own)
        normal.append(weight * normal_weight(np.linalg.inv(covariance), with_means=True)[modeled])
        own_gamma = (
            sandwich(solution, group, observed, casewise)
            if is_robust
            else inverse_information(solution, group, observed)
        )
        gamma.append(own_gamma / weight)
    jacobian = moment_directions(solution, jacobians(solution)[:, modeled_moments(solution)])
    weight_matrix, normal_matrix = block_diagonal(weights), block_diagonal(normal)
    if is_robust:
        return Corrected(
            statistic, _expectation(jacobian, weight_matrix, normal_matrix, block_diagonal(gamma))
        )
    inner = [jacobian.T @ matrix @ jacobian for matrix in (weight_matrix, normal_matrix)]
    trace = float((normal_matrix * block_diagonal(gamma)).sum() - np.trace(np.linalg.solve(*inner)))
    return Corrected(statistic, trace)
