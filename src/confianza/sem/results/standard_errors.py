"""The covariance matrix of the estimates: inverse information or sandwich."""

from __future__ import annotations

import numpy as np

from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.information import (
    gamma_of,
    invert_information,
    jacobians,
    meat,
    modeled_moments,
    unit_information,
)
from confianza.sem.results.saturated import moment_information


def parameter_covariance(solution: Solution) -> Array:
    """The covariance matrix of the free parameters (parameters, parameters), by the standard errors asked for."""
    if solution.options.se == "none":
        return np.full((solution.structure.n_parameters,) * 2, np.nan)
    directions = solution.free_directions
    bread = invert_information(
        directions.T @ unit_information(solution, solution.options.information) @ directions, solution
    )
    if solution.options.se.startswith("robust"):
        if solution.options.se == "robust.sem" and has_observed_weights(solution):
            middle = observed_meat(solution)
        else:
            middle = meat(solution, around_model=solution.options.se == "robust.huber.white")
        bread = bread @ (directions.T @ middle @ directions) @ bread
    along = solution.objective.linear.basis @ directions
    covariance: Array = along @ bread @ along.T / solution.moments.divisor
    return (covariance + covariance.T) / 2  # symmetric to the last bit


def has_observed_weights(solution: Solution) -> bool:
    """Whether V is the observed information of the moments rather than the expected one."""
    return solution.options.discrepancy == "ML" and solution.options.information == "observed"


def observed_meat(solution: Solution) -> Array:
    """Delta' V Gamma V Delta on the coordinates with the observed V."""
    jacobian, weights = jacobians(solution), observed_weights(solution)
    by_elements = []
    for group, share in enumerate(solution.moments.row_share):
        part = weights[group] @ jacobian[group]
        by_elements.append(share * part.T @ gamma_of(solution, group) @ part)
    return solution.objective.gather_matrix(np.stack(by_elements))


def observed_weights(solution: Solution) -> Array:
    """The observed information of the moments at those that the model implies (G, m, m)."""
    modeled = np.ix_(*(modeled_moments(solution),) * 2)
    p = solution.structure.n_observed
    size = p * (p + 1) // 2 + p * solution.structure.has_means
    weights = np.zeros((solution.table.n_groups, size, size))
    for group, weight in enumerate(weights):
        weight[modeled] = moment_information(solution, group, is_structured=True, kind="observed")
    return weights
