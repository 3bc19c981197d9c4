"""What makes a solution doubtful."""

from __future__ import annotations

import numpy as np

from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.minimize import is_definite
from confianza.sem.results.estimates import table_values
from confianza.sem.results.information import names_without_information
from confianza.sem.warnings import warn


def unidentified_parameters(solution: Solution) -> list[str]:
    """The parameters on which the data have no information, where there are some."""
    last = solution.optimum.information
    if not solution.active_constraints and last is not None and is_definite(last):
        return []
    open_ = solution.free_directions
    information = open_.T @ solution.objective.derivatives(solution.optimum.z, exact=False)[2] @ open_
    return [] if is_definite(information) else names_without_information(solution, information)


def check_solution(solution: Solution) -> None:
    """Warn of what makes a solution doubtful: no convergence, negative variances, too few rows."""
    if not solution.converged:
        warn("sem-did-not-converge", reason=solution.ending)
        return
    if unidentified := unidentified_parameters(solution):
        warn("sem-unidentified", parameters=", ".join(unidentified))
    for sample in solution.moments.samples:
        if sample.n < solution.structure.n_parameters / solution.table.n_groups:
            warn(
                "sem-few-rows",
                count=sample.n,
                parameters=solution.structure.n_parameters,
                group=sample.label or "1",
            )
    values = table_values(solution)
    negative = [
        row.lhs + (f" (group {row.group})" if solution.table.n_groups > 1 else "")
        for row, value in zip(solution.table.rows, values, strict=True)
        if row.is_variance and value < -1e-8
    ]
    if negative:
        warn("sem-negative-variance", names=", ".join(negative))
        return
    p = solution.structure.n_observed
    latent = solution.implied.covariances[:, p:, p:]
    for group, matrix in enumerate(latent):
        if len(matrix) and np.linalg.eigvalsh(matrix)[0] < -1e-8:
            names = ", ".join(solution.structure.latent)
            warn("sem-latent-not-positive", names=names, group=solution.group_labels[group] or "1")
