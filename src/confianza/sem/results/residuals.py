"""What the model leaves unexplained: residual moments, their standard errors, and explained variance.

    raw           observed less implied
    cor           observed less implied correlations (`cor.bollen`); means as in `cor.bentler`
    cor.bentler   raw residuals in standard deviations of the observed variables
    normalized    raw / standard error of the observed moment
    standardized  raw / standard error of the residual, from Q A Q' with A the covariance of the observed moments,
                  Q = I - Delta (Delta' V Delta)^-1 Delta' V

References
----------
Bollen (1989), Structural Equations with Latent Variables, 256-258; Bentler (1995), EQS manual; Ogasawara (2001),
Structural Equation Modeling 8, 36-53, for the standard errors of residuals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from confianza.sem.estimation.solution import Solution
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.matrices import Array, Indices, vech_indices
from confianza.sem.results.information import (
    gamma_of,
    jacobians,
    modeled_moments,
    normal_weight,
    weight_matrices,
)
from confianza.sem.results.result_table import Table
from confianza.sem.results.robust_measures import sandwich
from confianza.sem.results.saturated import inverse_information, moment_information, saturated_information
from confianza.sem.results.standardized import Spread

TYPES = ("raw", "cor", "cor.bollen", "cor.bentler", "normalized", "standardized")
Name = tuple[str, str, str]


def residual_table(solution: Solution, kind: str) -> Table:
    """Residuals of the moments of every group: `lhs, op, rhs, group, value` with `~~`, `~1`, `|` and `~`.

    An error of zero (what the model reproduces in every sample) makes a standardized residual zero too, as in lavaan.
    """
    check_option("type", kind, TYPES)
    solution.require_convergence()
    names = moment_names(solution)
    observed, implied = _moments(solution)
    if kind in {"normalized", "standardized"}:
        spread = np.stack(
            [np.diag(moment_covariance(solution, group)) for group in range(solution.table.n_groups)]
        )
        variances = spread if kind == "normalized" else residual_variances(solution)
    rows = []
    for group in range(solution.table.n_groups):
        values = observed[group] - implied[group]
        if kind == "cor.bentler":
            values = values / _units(observed[group], names)
        elif kind.startswith("cor"):
            units = _units(observed[group], names)
            correlations = observed[group] / units - implied[group] / _units(implied[group], names)
            values = np.where([name[1] == "~~" for name in names], correlations, values / units)
        elif kind != "raw":
            values = _ratio(values, variances[group], spread[group])
        rows += [
            {"lhs": lhs, "op": op, "rhs": rhs, "group": group + 1, "value": float(value)}
            for (lhs, op, rhs), value in zip(names, values, strict=True)
        ]
    return Table.of_rows(rows, ("lhs", "op", "rhs", "group", "value"))


def _ratio(values: Array, variance: Array, spread: Array) -> Array:
    is_nothing = variance <= 1e-12 * np.maximum(spread, 1e-300)
    return np.where(
        is_nothing & ~np.isnan(values), 0.0, values / np.sqrt(np.where(is_nothing, 1.0, variance))
    )


def moment_names(solution: Solution) -> list[Name]:
    """What each moment is, in the order of `Moments.stacked`."""
    names = solution.structure.observed
    if not solution.ordinal:
        row, column = vech_indices(len(names))
        pairs = [(names[c], "~~", names[r]) for r, c in zip(row, column, strict=True)]
        return [(name, "~1", "") for name in names] + pairs if solution.structure.has_means else pairs
    model, out, number = solution.ordinal, [], 0
    for index, (owner, cut) in enumerate(zip(model.owner, model.cut, strict=True)):
        number = number + 1 if index and model.owner[index - 1] == owner else 1
        out.append((names[owner], "|", f"t{number}") if cut >= 0 else (names[owner], "~1", ""))
    out += [(names[y], "~", names[x]) for x in model.covariates for y in model.responses]
    out += [(names[y], "~~", names[y]) for y in model.continuous]
    out += [(names[second], "~~", names[first]) for first, second in zip(model.low, model.high, strict=True)]
    return out


def _moments(solution: Solution) -> tuple[Array, Array]:
    """Observed and implied moments (G, m); means with their own sign."""
    with_means = solution.structure.has_means
    observed = solution.moments.stacked(with_means=with_means)
    if solution.ordinal:
        implied = solution.ordinal.stacked(solution.structure, solution.matrix_elements)
        sign = np.where([name[1] == "~1" for name in moment_names(solution)], -1.0, 1.0)
        return observed * sign, implied * sign
    row, column = vech_indices(solution.structure.n_observed)
    implied = solution.implied.covariance[:, row, column]
    if with_means:
        implied = np.concatenate([solution.implied.mean, implied], axis=-1)
    if solution.options.uses_all_rows:
        unseen = [solution.moments.unseen_moments(group) for group in range(solution.table.n_groups)]
        observed = np.where(unseen, np.nan, observed)
    return observed, implied


def _units(moments: Array, names: list[Name]) -> Array:
    """The standard deviations by which moments become correlations; latent responses have one."""
    spread = {
        lhs: float(value) ** 0.5
        for (lhs, op, rhs), value in zip(names, moments, strict=True)
        if op == "~~" and lhs == rhs
    }
    return np.array(
        [spread.get(lhs, 1.0) * (spread.get(rhs, 1.0) if op == "~~" else 1.0) for lhs, op, rhs in names]
    )


def moment_covariance(solution: Solution, group: int) -> Array:
    """The covariance matrix of the observed moments of a group; zero for those of fixed covariates.

    Normal theory at the sample's moments where standard errors are of normal theory, otherwise free of a distribution.
    """
    keep = _modeled(solution)
    is_robust = solution.options.discrepancy not in {"ML", "GLS"} or solution.options.se.startswith("robust")
    covariance: NDArray[np.floating[Any]]
    if is_robust and not solution.options.uses_all_rows:
        covariance = gamma_of(solution, group)[np.ix_(keep, keep)]
    elif is_robust:
        covariance = sandwich(solution, group, *saturated_information(solution, group, is_structured=False))
    elif solution.options.uses_all_rows:
        covariance = inverse_information(
            solution, group, moment_information(solution, group, is_structured=False)
        )
    else:
        weight = normal_weight(
            np.asarray(np.linalg.inv(solution.moments.covariance[group]), float),
            with_means=solution.structure.has_means,
        )
        covariance = np.linalg.inv(weight[np.ix_(keep, keep)])
    out = np.zeros((len(moment_names(solution)),) * 2)
    out[np.ix_(keep, keep)] = covariance / solution.moments.n[group]
    return out


def _modeled(solution: Solution) -> Indices:
    return np.arange(len(moment_names(solution))) if solution.ordinal else modeled_moments(solution)


def residual_variances(solution: Solution) -> Array:
    """Variances of the residuals (G, m): the diagonal of Q A Q', groups joined by equal parameters."""
    keep = _modeled(solution)
    directions = solution.tangent
    slopes, weights, spreads = [], [], []
    for group, jacobian in enumerate(jacobians(solution)):
        parameters = solution.structure.parameter_index[group, : jacobian.shape[1]]
        free = parameters >= 0
        by_parameter = np.zeros((len(jacobian), solution.structure.n_parameters))
        by_parameter[:, parameters[free]] = jacobian[:, free]
        slopes.append(by_parameter[keep] @ directions)
        if solution.options.discrepancy == "ML":
            weights.append(moment_information(solution, group, is_structured=True))
        else:
            weights.append(weight_matrices(solution)[group][np.ix_(keep, keep)])
        spreads.append(moment_covariance(solution, group)[np.ix_(keep, keep)])
    share = solution.moments.row_share
    weighted = [part * weight @ slope for part, weight, slope in zip(share, weights, slopes, strict=True)]
    inverse = np.linalg.inv(sum(slope.T @ each for slope, each in zip(slopes, weighted, strict=True)))
    middle = (
        inverse
        @ sum(each.T @ spread @ each for each, spread in zip(weighted, spreads, strict=True))
        @ inverse
    )
    out = np.zeros((len(slopes), len(moment_names(solution))))
    for group, (slope, each, spread) in enumerate(zip(slopes, weighted, spreads, strict=True)):
        crossed = (slope @ inverse * (spread @ each)).sum(axis=1)
        out[group, keep] = np.diag(spread) - 2 * crossed + (slope @ middle * slope).sum(axis=1)
    return out


def r_squared(solution: Solution) -> Table:
    """The share of the variance of each explained variable that the model explains: `variable, group, r2`.

    Observed variables first. Where variables act on one another it is one less the residual share, as in lavaan.
    """
    solution.require_convergence()
    explained = {row.rhs for row in solution.table.rows if row.op == "=~"}
    explained |= {row.lhs for row in solution.table.rows if row.op in {"~", "<~"}}
    state = Spread.of(solution)
    total, residual = state.variances()[0], state.residual_variances()[0]
    names = (*solution.structure.observed, *solution.structure.latent)
    rows = [
        {"variable": name, "group": group + 1, "r2": float(1 - residual[group, index] / total[group, index])}
        for group in range(solution.table.n_groups)
        for index, name in enumerate(names)
        if name in explained
    ]
    return Table.of_rows(rows, ("variable", "group", "r2"))
