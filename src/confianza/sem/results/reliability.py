"""Reliability of the sum of each factor's items, variance extracted, and discriminant validity.

With L the loadings of a factor's items, psi its variance, T their residual covariances, S and Sigma their observed and
implied covariances, and 1'X1 the sum of a matrix:

    alpha   k / (k - 1) (1 - tr S / 1'S1)                 of the observed covariances
    omega   (1'L)^2 psi / ((1'L)^2 psi + 1'T1)            Raykov: other factors of the items do not count
    omega2  (1'L)^2 psi / 1'Sigma1                        Bentler
    omega3  (1'L)^2 psi / 1'S1                            McDonald; semTools' compRelSEM
    ave     psi L'L / tr S                                average variance extracted; semTools' AVE
    avevar  psi L'L / (psi L'L + tr T)                    Fornell and Larcker; semTools' reliability

For ordered items these are of the sum of the answers 1, 2, ... (Green and Yang): covariances of answers follow from the
thresholds and the correlations of the latent responses, those that the factor gives above, all below. `alpha_ordinal`,
`ave` and `avevar` are of the standardized latent responses, so that both parameterizations agree (semTools takes them as
they are scaled, so that its `ave` changes with the parameterization); and thresholds are taken less the means of the
responses, which semTools leaves out where latent means are not zero.

References
----------
Raykov (2001), British Journal of Mathematical and Statistical Psychology 54, 315-323; Bentler (2009), Psychometrika 74,
137-143; McDonald (1999), Test Theory; Green and Yang (2009), Psychometrika 74, 155-167; Fornell and Larcker (1981),
Journal of Marketing Research 18, 39-50; Henseler, Ringle and Sarstedt (2015), Journal of the Academy of Marketing
Science 43, 115-135; Roemer, Schuberth and Henseler (2021), Industrial Management and Data Systems 121, 2637-2650.
"""

from __future__ import annotations

from itertools import combinations
from math import nan

import numpy as np
from scipy.special import ndtr

from confianza.errors import ModelError
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.numerics.bivariate_normal import bivariate_normal
from confianza.sem.numerics.matrices import Array, Indices
from confianza.sem.results.result_table import Table
from confianza.sem.results.scores import path_matrices


def reliability(solution: Solution) -> Table:
    """Reliability by factor and group: `factor, group, alpha, omega, omega2, omega3, ave, avevar` (and `alpha_ordinal`).

    Factors without observed items are left out. A factor with ordered and with continuous items has no coefficient on
    the scale of their sum: NaN, but for `ave` and `avevar`.

    Raises
    ------
    ModelError
        No latent variable has items, or ordered items depend on covariates, which leaves no common distribution.
    """
    items_of = _items(solution)
    if solution.ordinal and solution.table.exogenous:
        raise ModelError("sem-reliability-covariates", names=", ".join(solution.table.exogenous))
    paths, residual = path_matrices(solution)
    rows = []
    for group in range(solution.table.n_groups):
        for name, items in items_of.items():
            factor = solution.structure.n_observed + solution.structure.latent.index(name)
            loadings = paths[group][items, factor]
            variance = float(solution.implied.covariances[group][factor, factor])
            theta = residual[group][np.ix_(items, items)]
            row: dict[str, object] = {"factor": name, "group": group + 1}
            if solution.ordinal:
                row |= _ordered(solution, solution.ordinal, group, items, loadings * variance**0.5, theta)
            else:
                row |= _continuous(solution, group, items, loadings * variance**0.5, theta)
            rows.append(row)
    ordinal = ("alpha_ordinal",) if solution.ordinal else ()
    return Table.of_rows(
        rows, ("factor", "group", "alpha", *ordinal, "omega", "omega2", "omega3", "ave", "avevar")
    )


def _items(solution: Solution) -> dict[str, Indices]:
    """Places of the observed items of each factor that has some."""
    solution.require_convergence()
    index_of = {name: index for index, name in enumerate(solution.structure.observed)}
    items_of: dict[str, list[int]] = {}
    for row in solution.table.rows:
        if row.op == "=~" and row.rhs in index_of:
            items = items_of.setdefault(row.lhs, [])
            if index_of[row.rhs] not in items:
                items.append(index_of[row.rhs])
    if not items_of:
        raise ModelError("sem-no-latent")
    return {name: np.array(items, dtype=np.intp) for name, items in items_of.items()}


def alpha(covariance: Array) -> float:
    """Cronbach's alpha of a covariance matrix; NaN for one item."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) if k > 1 else nan


def _continuous(
    solution: Solution, group: int, items: Indices, loadings: Array, theta: Array
) -> dict[str, float]:
    """`loadings` are those on the factor in units of its standard deviation."""
    pick = np.ix_(items, items)
    observed, implied = (
        solution.moments.seen_covariance[group][pick],
        solution.implied.covariance[group][pick],
    )
    true = float(loadings.sum()) ** 2
    squares = float(loadings @ loadings)
    return {
        "alpha": alpha(observed),
        "omega": true / (true + float(theta.sum())),
        "omega2": true / float(implied.sum()),
        "omega3": true / float(observed.sum()),
        "ave": squares / float(np.trace(observed)),
        "avevar": squares / (squares + float(np.trace(theta))),
    }


def _ordered(
    solution: Solution, model: OrdinalMoments, group: int, items: Indices, loadings: Array, theta: Array
) -> dict[str, float]:
    pick = np.ix_(items, items)
    state = model.state(solution.structure, solution.matrix_elements)
    scale = state.scales[group][items]
    observed = solution.moments.covariance[group][pick]
    implied = state.implied.covariance[group][pick] * np.outer(scale, scale)
    standard = loadings * scale
    squares = float(standard @ standard)
    extracted = squares / (squares + float(np.diag(theta) @ scale**2))
    coefficients = {"ave": squares / float(np.trace(observed)), "avevar": extracted}
    if not np.isin(items, model.ordered).all():
        return coefficients | dict.fromkeys(("alpha", "alpha_ordinal", "omega", "omega2", "omega3"), nan)
    thresholds = model.stacked(solution.structure, solution.matrix_elements)[group]
    cuts = [thresholds[: len(model.owner)][model.owner == item] for item in items]
    true = float(answer_covariances(cuts, np.outer(standard, standard), is_same=False).sum())
    own = np.outer(standard, standard) + theta * np.outer(scale, scale)
    return coefficients | {
        "alpha": alpha(_answers(solution, group, items)),
        "alpha_ordinal": alpha(observed),
        "omega": true / float(answer_covariances(cuts, own).sum()),
        "omega2": true / float(answer_covariances(cuts, implied).sum()),
        "omega3": true / float(answer_covariances(cuts, observed).sum()),
    }


def _answers(solution: Solution, group: int, items: Indices) -> Array:
    """Covariances of the answers as numbers, of the rows that have all of them."""
    data = solution.moments.data(group)[:, items]
    return np.atleast_2d(np.cov(data[~np.isnan(data).any(axis=1)], rowvar=False))


def answer_covariances(cuts: list[Array], correlations: Array, *, is_same: bool = True) -> Array:
    """Covariances of answers 1, 2, ... whose latent responses have some correlations: sums of P(both) - P P over cuts.

    With `is_same` the diagonal is each answer's variance; otherwise that of two answers to parallel items.
    """
    k = len(cuts)
    out = np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1):
            low, high = cuts[i][:, None], cuts[j][None, :]
            is_variance = is_same and i == j
            both = (
                ndtr(np.minimum(low, high))
                if is_variance
                else bivariate_normal(low, high, correlations[i, j])
            )
            out[i, j] = out[j, i] = float((both - ndtr(low) * ndtr(high)).sum())
    return out


def htmt(solution: Solution) -> Table:
    """Heterotrait-monotrait ratios of the observed correlations: `factor, other, group, htmt, htmt2`.

    The mean absolute correlation between the items of two factors over the root of the product of the means within
    each; arithmetic (`htmt`) and geometric (`htmt2`) means. NaN for a factor of one item.
    """
    items_of = _items(solution)
    rows = []
    for group in range(solution.table.n_groups):
        spread = solution.moments.seen_covariance[group]
        deviation = np.sqrt(np.diag(spread))
        sizes = np.abs(spread / np.outer(deviation, deviation))

        def within(items: Indices, sizes: Array = sizes) -> Array:
            return sizes[np.ix_(items, items)][np.tril_indices(len(items), -1)]

        for (name, items), (other, others) in combinations(items_of.items(), 2):
            parts = [sizes[np.ix_(items, others)].ravel(), within(items), within(others)]
            row = {"factor": name, "other": other, "group": group + 1, "htmt": nan, "htmt2": nan}
            if all(len(part) for part in parts):
                across, first, second = (float(part.mean()) for part in parts)
                row["htmt"] = across / (first * second) ** 0.5
                across, first, second = (float(np.exp(np.log(part).mean())) for part in parts)
                row["htmt2"] = across / (first * second) ** 0.5
            rows.append(row)
    return Table.of_rows(rows, ("factor", "other", "group", "htmt", "htmt2"))
