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

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.numerics.matrices import Array, Indices, vech_indices
from confianza.sem.results.inference import (
    gamma_of,
    jacobians,
    modelled_moments,
    normal_weight,
    tangent,
    weight_matrices,
)
from confianza.sem.results.result_table import Table
from confianza.sem.results.robust_measures import sandwich
from confianza.sem.results.saturated import inverse_information, moment_information, saturated_information
from confianza.sem.results.standardised import Spread

if TYPE_CHECKING:
    from confianza.sem.fits import Fit

TYPES = ("raw", "cor", "cor.bollen", "cor.bentler", "normalized", "standardized")
Name = tuple[str, str, str]


def residual_table(fit: Fit, kind: str) -> Table:
    """Residuals of the moments of every group: `lhs, op, rhs, group, value` with `~~`, `~1`, `|` and `~`.

    An error of zero (what the model reproduces in every sample) makes a standardised residual zero too, as in lavaan.
    """
    if kind not in TYPES:
        raise ModelError("sem-option-value", name="type", value=kind, known=", ".join(TYPES))
    fit.require_convergence()
    names = moment_names(fit)
    observed, implied = _moments(fit)
    if kind in {"normalized", "standardized"}:
        spread = np.stack([np.diag(moment_covariance(fit, group)) for group in range(fit.table.n_groups)])
        variances = spread if kind == "normalized" else residual_variances(fit)
    rows = []
    for group in range(fit.table.n_groups):
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


def moment_names(fit: Fit) -> list[Name]:
    """What each moment is, in the order of `Moments.stacked`."""
    names = fit.structure.observed
    if not fit.ordinal:
        row, column = vech_indices(len(names))
        found = [(names[c], "~~", names[r]) for r, c in zip(row, column, strict=True)]
        return [(name, "~1", "") for name in names] + found if fit.structure.has_means else found
    model, found, number = fit.ordinal, [], 0
    for place, (owner, cut) in enumerate(zip(model.owner, model.cut, strict=True)):
        number = number + 1 if place and model.owner[place - 1] == owner else 1
        found.append((names[owner], "|", f"t{number}") if cut >= 0 else (names[owner], "~1", ""))
    found += [(names[y], "~", names[x]) for x in model.given for y in model.kept]
    found += [(names[y], "~~", names[y]) for y in model.continuous]
    found += [
        (names[second], "~~", names[first]) for first, second in zip(model.low, model.high, strict=True)
    ]
    return found


def _moments(fit: Fit) -> tuple[Array, Array]:
    """Observed and implied moments (G, m); means with their own sign."""
    with_means = fit.structure.has_means
    observed = fit.moments.stacked(with_means=with_means)
    if fit.ordinal:
        implied = fit.ordinal.stacked(fit.structure, fit.matrix_elements)
        sign = np.where([name[1] == "~1" for name in moment_names(fit)], -1.0, 1.0)
        return observed * sign, implied * sign
    row, column = vech_indices(fit.structure.n_observed)
    implied = fit.implied.covariance[:, row, column]
    if with_means:
        implied = np.concatenate([fit.implied.mean, implied], axis=-1)
    if fit.options.uses_all_rows:
        unseen = [fit.moments.unseen_moments(group) for group in range(fit.table.n_groups)]
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


def moment_covariance(fit: Fit, group: int) -> Array:
    """The covariance matrix of the observed moments of a group; zero for those of fixed covariates.

    Normal theory at the sample's moments where standard errors are of normal theory, otherwise free of a distribution.
    """
    keep = _modelled(fit)
    is_robust = fit.options.discrepancy not in {"ML", "GLS"} or fit.options.se.startswith("robust")
    found: NDArray[np.floating[Any]]
    if is_robust and not fit.options.uses_all_rows:
        found = gamma_of(fit, group)[np.ix_(keep, keep)]
    elif is_robust:
        found = sandwich(fit, group, *saturated_information(fit, group, is_structured=False))
    elif fit.options.uses_all_rows:
        found = inverse_information(fit, group, moment_information(fit, group, is_structured=False))
    else:
        weight = normal_weight(
            np.asarray(np.linalg.inv(fit.moments.covariance[group]), float),
            with_means=fit.structure.has_means,
        )
        found = np.linalg.inv(weight[np.ix_(keep, keep)])
    out = np.zeros((len(moment_names(fit)),) * 2)
    out[np.ix_(keep, keep)] = found / fit.moments.n[group]
    return out


def _modelled(fit: Fit) -> Indices:
    return np.arange(len(moment_names(fit))) if fit.ordinal else modelled_moments(fit)


def residual_variances(fit: Fit) -> Array:
    """Variances of the residuals (G, m): the diagonal of Q A Q', groups joined by equal parameters."""
    keep = _modelled(fit)
    directions = tangent(fit)
    slopes, weights, spreads = [], [], []
    for group, jacobian in enumerate(jacobians(fit)):
        parameters = fit.structure.parameter_index[group, : jacobian.shape[1]]
        free = parameters >= 0
        by_parameter = np.zeros((len(jacobian), fit.structure.n_parameters))
        by_parameter[:, parameters[free]] = jacobian[:, free]
        slopes.append(by_parameter[keep] @ directions)
        if fit.options.discrepancy == "ML":
            weights.append(moment_information(fit, group, is_structured=True))
        else:
            weights.append(weight_matrices(fit)[group][np.ix_(keep, keep)])
        spreads.append(moment_covariance(fit, group)[np.ix_(keep, keep)])
    share = fit.moments.row_share
    weighted = [part * weight @ slope for part, weight, slope in zip(share, weights, slopes, strict=True)]
    inverse = np.linalg.inv(sum(slope.T @ each for slope, each in zip(slopes, weighted, strict=True)))
    middle = (
        inverse
        @ sum(each.T @ spread @ each for each, spread in zip(weighted, spreads, strict=True))
        @ inverse
    )
    out = np.zeros((len(slopes), len(moment_names(fit))))
    for group, (slope, each, spread) in enumerate(zip(slopes, weighted, spreads, strict=True)):
        crossed = (slope @ inverse * (spread @ each)).sum(axis=1)
        out[group, keep] = np.diag(spread) - 2 * crossed + (slope @ middle * slope).sum(axis=1)
    return out


def r_squared(fit: Fit) -> Table:
    """The share of the variance of each explained variable that the model explains: `variable, group, r2`.

    Observed variables first. Where variables act on one another it is one less the residual share, as in lavaan.
    """
    fit.require_convergence()
    explained = {row.rhs for row in fit.table.rows if row.op == "=~"}
    explained |= {row.lhs for row in fit.table.rows if row.op in {"~", "<~"}}
    state = Spread.of(fit)
    total, residual = state.variances()[0], state.residual_variances()[0]
    names = (*fit.structure.observed, *fit.structure.latent)
    rows = [
        {"variable": name, "group": group + 1, "r2": float(1 - residual[group, place] / total[group, place])}
        for group in range(fit.table.n_groups)
        for place, name in enumerate(names)
        if name in explained
    ]
    return Table.of_rows(rows, ("variable", "group", "r2"))
