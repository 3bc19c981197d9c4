"""Information matrices, and what the rows of the data say of the parameters.

Notation: Delta are the derivatives of the moments, V their weight, Gamma the asymptotic covariance of the sample's
moments. Groups count with their share of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.data.moments import gamma_of_rows
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array, vech_indices

CHUNK = 4_000_000  # numbers in one array of casewise scores


def unit_information(solution: Solution, kind: str) -> Array:
    """The information of one row on the coordinates: `expected`, `observed` or `first.order`."""
    if kind == "first.order":
        return meat(solution, around_model=True)
    if kind == "observed":
        return solution.objective.derivatives(solution.optimum.z, exact=True)[2]
    by_element = solution.objective.discrepancy.derivatives(
        solution.structure, solution.matrix_elements, exact=False
    ).information
    if solution.options.discrepancy != "ML":  # its discrepancy counts a row less in every group
        by_element = by_element * (solution.moments.n / solution.moments.counts)[:, None, None]
    return solution.objective.gather_matrix(by_element)


def invert_information(information: Array, solution: Solution) -> Array:
    """The inverse; when there is none, an error that names the parameters without information."""
    if names := names_without_information(solution, information):
        raise ModelError("sem-not-identified", parameters=", ".join(names))
    inverse: Array = np.linalg.inv(information)
    return inverse


def names_without_information(solution: Solution, information: Array) -> list[str]:
    """The parameters in the null space of an information matrix."""
    size = np.sqrt(np.abs(np.diag(information)))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    is_null = values < 1e-11
    if not is_null.any():
        return []
    involved = (np.abs(vectors[:, is_null]) > 0.1).any(axis=1)
    basis = np.abs(solution.tangent[:, involved]).sum(axis=1) > 1e-8
    table = solution.table
    return [table.name_of(row) for row in table.rows if row.free and basis[row.free - 1]]


# --- rows ------------------------------------------------------------------------------------------------


def row_scores(
    solution: Solution,
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
    structure = structure or solution.structure
    elements = solution.matrix_elements if elements is None else elements
    implied = structure.implied(elements)
    discrepancy = solution.objective.discrepancy
    columns = structure.columns_of(implied)[group]
    factors = structure.mean_factors(implied)[group] if structure.has_means else np.zeros(structure.n_linear)
    mean, covariance = implied.mean[group], implied.covariance[group]
    data = solution.moments.data(group)
    u, v = structure.first, structure.second

    def scores(rows: Array, solved: Array, center: Array, spread: Array) -> Iterator[Array]:
        size = max(1, CHUNK // structure.n_linear)
        for start in range(0, len(rows), size):
            along = (rows[start : start + size] - center) @ solved
            yield structure.weight * (along[:, u] * along[:, v] - spread[u, v]) + factors * along[:, u]

    if isinstance(discrepancy, FullInformation):
        jacobian = structure.jacobian(implied, with_means=True)[group]
        for block in discrepancy.patterns[group].row_scores(data, covariance, mean):
            yield block @ jacobian
        return
    solved = weight_inverse(solution, covariance, group) @ columns
    if around_model:
        center = mean if structure.has_means else data.mean(axis=0)
        yield from scores(data, solved, center, columns.T @ solved)
        return
    centered, explained, rest = given_covariates(solution, group)
    spread = solved.T @ rest @ solved
    size = max(1, CHUNK // structure.n_linear)
    for start in range(0, len(centered), size):
        along, fixed = centered[start : start + size] @ solved, explained[start : start + size] @ solved
        products = along[:, u] * along[:, v] - fixed[:, u] * fixed[:, v] - spread[u, v]
        yield structure.weight * products + factors * (along[:, u] - fixed[:, u])


def given_covariates(solution: Solution, group: int) -> tuple[Array, Array, Array]:
    """Rows less their mean, what the fixed covariates say of them (n, p), and the covariance of the rest."""
    data = solution.moments.data(group)
    centered: Array = data - data.mean(axis=0)
    exogenous = [solution.structure.observed.index(name) for name in solution.table.exogenous]
    explained = np.zeros_like(centered)
    if exogenous:
        covariates = centered[:, exogenous]
        explained = covariates @ np.linalg.lstsq(covariates, centered, rcond=None)[0]
    rest = centered - explained
    return centered, explained, rest.T @ rest / len(data)


def modeled_moments(solution: Solution) -> NDArray[np.intp]:
    """Places of the moments (means first, then triangles) that are not those of fixed covariates alone."""
    exogenous = np.array([name in solution.table.exogenous for name in solution.structure.observed])
    row, column = vech_indices(len(exogenous))
    parts = [~(exogenous[row] & exogenous[column])]
    if solution.structure.has_means:
        parts.insert(0, ~exogenous)
    return np.flatnonzero(np.concatenate(parts))


def weight_inverse(solution: Solution, covariance: Array, group: int) -> Array:
    """The matrix W of a normal-theory weight: Sigma^-1 (ML) or S^-1 (GLS)."""
    if solution.options.discrepancy == "GLS":
        return np.linalg.inv(solution.moments.covariance[group])
    return np.linalg.inv(covariance)


def meat(solution: Solution, *, around_model: bool) -> Array:
    """Delta' V Gamma V Delta on the coordinates, or the products of casewise derivatives."""
    if solution.options.discrepancy in {"ML", "GLS"}:
        n = solution.structure.n_linear
        by_elements = np.zeros((solution.table.n_groups, n, n))
        for group in range(solution.table.n_groups):
            for block in row_scores(solution, group, around_model=around_model):
                by_elements[group] += block.T @ block
        return solution.objective.gather_matrix(by_elements / solution.moments.total)
    weighted = weighted_jacobian(solution)
    by_elements = np.stack(
        [
            share * part.T @ gamma_of(solution, group) @ part
            for group, (share, part) in enumerate(zip(solution.moments.row_share, weighted, strict=True))
        ]
    )
    return solution.objective.gather_matrix(by_elements)


# --- weights and moments as matrices ------------------------------------------------------------------------


def gamma_of(solution: Solution, group: int) -> Array:
    """Gamma of a group in the order of the moments, given fixed covariates."""
    if solution.table.exogenous and not solution.ordinal:
        centered, explained, _ = given_covariates(solution, group)
        return gamma_of_rows(centered, explained, with_means=solution.structure.has_means)
    return solution.moments.gamma(group, with_means=solution.structure.has_means)


def weight_matrices(solution: Solution) -> Array:
    """V of every group (G, m, m): of the normal distribution at the model, or the weights of least squares."""
    if solution.options.discrepancy not in {"ML", "GLS"}:
        weights = solution.objective.discrepancy.weights  # type: ignore[attr-defined]
        return weights if weights.ndim == 3 else weights[:, :, None] * np.eye(weights.shape[-1])
    return np.stack(
        [
            normal_weight(weight_inverse(solution, one, group), with_means=solution.structure.has_means)
            for group, one in enumerate(solution.implied.covariance)
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


def jacobians(solution: Solution) -> Array:
    """Delta of every group by element (G, m, elements)."""
    if solution.ordinal:
        return solution.ordinal.jacobian(solution.structure, solution.matrix_elements)
    return solution.structure.jacobian(solution.implied, with_means=solution.structure.has_means)


def weighted_jacobian(solution: Solution) -> Array:
    """V Delta of every group by element (G, m, elements)."""
    weighted: Array = weight_matrices(solution) @ jacobians(solution)
    return weighted


def moment_directions(solution: Solution, jacobian: Array) -> Array:
    """Derivatives of all groups' moments, one below the other, along the directions that are free."""
    out = np.zeros((*jacobian.shape[:2], solution.structure.n_parameters))
    for group, parameters in enumerate(solution.structure.parameter_index[:, : jacobian.shape[-1]]):
        free = parameters >= 0
        out[group][:, parameters[free]] = jacobian[group][:, free]
    stacked: Array = np.concatenate(out) @ solution.tangent
    return stacked
