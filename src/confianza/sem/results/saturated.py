"""The saturated model (all means and covariances free) as a structure of its own."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from confianza.errors import ModelError
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.information import modeled_moments, row_scores


@lru_cache(maxsize=16)
def saturated_structure(names: tuple[str, ...], n_groups: int, has_means: bool) -> Structure:
    """A structure whose elements are the moments: means first where asked for, then the lower triangles."""
    rows: list[Row] = []
    for group in range(1, n_groups + 1):
        places = [("~~", b, a) for i, a in enumerate(names) for b in names[i:]]
        if has_means:
            places += [("~1", name, "") for name in names]
        for op, lhs, rhs in places:
            number = len(rows) + 1
            rows.append(Row(lhs, op, rhs, group, 0, number, float("nan"), "", f".p{number}.", False))
    table = ParameterTable(tuple(rows), names, (), (), {}, n_groups, has_means, "")
    return Structure(table)


def saturated_elements(structure: Structure, covariance: Array, mean: Array) -> Array:
    """Values of the elements (G, elements) for covariances (G, p, p) and means (G, p)."""
    elements = np.zeros((len(covariance), len(structure.kinds)))
    s, m = structure.s, structure.m
    elements[:, s] = covariance[:, structure.rows[s], structure.columns[s]]
    elements[:, m] = mean[:, structure.rows[m]]
    return elements


def saturated_information(
    solution: Solution, group: int, *, is_structured: bool, kind: str | None = None
) -> tuple[Array, Array]:
    """Information and casewise products of one row on the moments of a group, means first.

    At the moments that the model implies (`is_structured`) or at the sample's; without those of fixed covariates.
    `kind` is `expected` or `observed`, as the fit's own where left out.
    """
    structure, elements, picked = _saturated_point(solution, is_structured=is_structured)
    casewise = np.zeros((structure.n_linear, structure.n_linear))
    for block in row_scores(solution, group, around_model=True, structure=structure, elements=elements):
        casewise += block.T @ block
    casewise /= solution.moments.n[group]
    return moment_information(solution, group, is_structured=is_structured, kind=kind), casewise[picked]


def moment_information(
    solution: Solution, group: int, *, is_structured: bool, kind: str | None = None
) -> Array:
    """The information part of `saturated_information`, for which no rows are needed."""
    is_exact = (kind or solution.options.information) == "observed"
    discrepancy = solution.objective.discrepancy
    if isinstance(discrepancy, FullInformation):
        modeled = np.ix_(*(modeled_moments(solution),) * 2)
        if is_structured:
            at = (solution.implied.covariance[group], solution.implied.mean[group])
            return discrepancy.patterns[group].row_information(*at, exact=is_exact)[modeled]
        return solution.moments.saturated_information(group, exact=is_exact)[modeled]
    structure, elements, picked = _saturated_point(solution, is_structured=is_structured)
    by_element = discrepancy.derivatives(structure, elements, exact=is_exact).information[group]
    information: Array = (by_element / solution.moments.share[group])[picked]
    return information


def inverse_information(solution: Solution, group: int, information: Array) -> Array:
    """The inverse of an information on the modeled moments; zeros for moments that no row says anything of."""
    modeled = modeled_moments(solution)
    unseen = (
        solution.moments.unseen_moments(group)[modeled]
        if solution.options.uses_all_rows
        else np.zeros(len(modeled), bool)
    )
    some = np.ix_(~unseen, ~unseen)
    inverse = np.zeros_like(information)
    try:
        inverse[some] = np.linalg.inv(information[some])
    except np.linalg.LinAlgError:
        raise ModelError("sem-saturated-singular", group=solution.group_labels[group] or "1") from None
    return inverse


def _saturated_point(
    solution: Solution, *, is_structured: bool
) -> tuple[Structure, Array, tuple[Array, ...]]:
    """The saturated structure, its elements, and which of them in which order are modeled moments."""
    structure = saturated_structure(
        solution.structure.observed, solution.table.n_groups, solution.structure.has_means
    )
    if is_structured:
        covariance, mean = solution.implied.covariance, solution.implied.mean
    else:
        covariance, mean = solution.moments.covariance, solution.moments.mean
    if not solution.structure.has_means:
        mean = solution.moments.mean
    order = np.concatenate([structure.m, structure.s])[modeled_moments(solution)]
    return structure, saturated_elements(structure, covariance, mean), np.ix_(order, order)
