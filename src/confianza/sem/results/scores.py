"""Factor scores with standard errors: regression, Bartlett, and the mode of the posterior (EBM).

With y the observed variables, eta the latent ones, C their implied covariances and mu the means:

    regression  C_eta,y Sigma^-1 (y - mu) + mean of eta,     variance C_eta - C_eta,y Sigma^-1 C_y,eta
    bartlett    (L' T^-1 L)^-1 L' T^-1 (y - nu),              variance (L' T^-1 L)^-1

with L, T and nu the loadings, residual covariances and intercepts of the indicators. A row with missing values is
scored by what it has; Bartlett's score of a factor of which it has no indicator is NaN. Without means in the model,
latent means are what observed variables at their means make of intercepts of zero. With ordered variables the posterior
is

    log N(eta; given the covariates) + sum_i log [Phi(z_ik) - Phi(z_i,k-1)],    z_ik = (tau_ik - nu_i - L_i eta) / t_i

with t_i the residual standard deviations, and its mode is found by Newton's method for all rows at once; the variance is
the inverse curvature there. Of lavaan's scores of ordered items those of one group in the delta parameterization agree;
under theta, and where scale factors are free, lavaan's are not modes of this posterior.

References
----------
Thurstone (1935); Bartlett (1937), British Journal of Psychology 28, 97-104; Skrondal and Rabe-Hesketh (2004),
Generalized Latent Variable Modeling, ch. 7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from confianza.errors import ModelError
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.matrices import Array, Indices
from confianza.sem.results.result_table import Table
from confianza.sem.results.standardized import Spread

METHODS = ("regression", "ebm", "bartlett")
STEP = 1e-10  # of the last Newton step, in posterior standard deviations
Scored = tuple[Array, Array]  # scores and variances (rows, latent)


def factor_scores(solution: Solution, *, method: str = "regression", se: bool = False) -> Table:
    """Scores of every row that took part: `row` (from 0, of the data), `group`, the latent variables, `se_` of each.

    Raises
    ------
    ModelError
        There are no rows or latent variables; Bartlett's scores do not exist (a latent variable without indicators,
        ordered variables); or an ordered indicator depends on others in ways that have no scores here.
    """
    method = method.lower()
    check_option("method", method, METHODS)
    solution.require_convergence()
    latent = solution.structure.latent
    if not latent:
        raise ModelError("sem-no-latent")
    entries: list[tuple[int, int, Array, Array]] = []
    for group, sample in enumerate(solution.moments.samples):
        data = solution.moments.data(group)
        rows = sample.rows if sample.rows is not None else np.arange(len(data))
        values, variances = _group_scores(solution, group, data, method)
        entries += zip(rows.tolist(), [group] * len(rows), values, variances, strict=True)
    entries.sort(key=lambda entry: entry[0])
    columns: dict[str, list[object]] = {"row": [row for row, *_ in entries]}
    if solution.table.n_groups > 1:
        columns["group"] = [solution.group_labels[group] for _, group, *_ in entries]
    for index, name in enumerate(latent):
        columns[name] = [float(values[index]) for _, _, values, _ in entries]
    if se:
        for index, name in enumerate(latent):
            columns[f"se_{name}"] = [_root(float(spread[index])) for *_, spread in entries]
    return Table(columns)


def _root(variance: float) -> float:
    """A standard error; NaN of a variance below zero, as a Heywood case gives, but for rounding."""
    return max(variance, 0.0) ** 0.5 if variance > -1e-12 else float("nan")


def _group_scores(solution: Solution, group: int, data: Array, method: str) -> Scored:
    if solution.ordinal:
        if method != "ebm":
            raise ModelError("sem-scores-ordered", method=method)
        return _posterior_modes(solution, solution.ordinal, group, data)
    score = _bartlett if method == "bartlett" else _regression
    seen = ~np.isnan(data)
    size = len(solution.structure.latent)
    values, variances = np.empty((len(data), size)), np.empty((len(data), size))
    if method == "bartlett":  # refused if they do not even exist for a complete row
        _bartlett(solution, group, data[:0], np.arange(data.shape[1]))
    masks, of_row = np.unique(seen, axis=0, return_inverse=True)
    for index, mask in enumerate(masks):
        here = np.flatnonzero(of_row.ravel() == index)
        values[here], variances[here] = score(solution, group, data[here][:, mask], np.flatnonzero(mask))
    return values, variances


def _means(solution: Solution, group: int) -> tuple[Array, Array]:
    """Means of the observed variables, implied where the model has some, and of the latent ones."""
    p = solution.structure.n_observed
    if solution.structure.has_means:
        means = solution.implied.means[group]
        return means[:p], means[p:]
    paths = path_matrices(solution)[0][group]
    from_observed = paths[p:, :p] @ solution.moments.mean[group]
    return solution.moments.mean[group], np.linalg.solve(
        np.eye(len(paths) - p) - paths[p:, p:], from_observed
    )


def _regression(solution: Solution, group: int, data: Array, seen: Indices) -> Scored:
    p = solution.structure.n_observed
    mean, latent_mean = _means(solution, group)
    whole = solution.implied.covariances[group]
    across = whole[p:, seen]
    weights = np.linalg.solve(whole[np.ix_(seen, seen)], across.T)
    values = latent_mean + (data - mean[seen]) @ weights
    variances = np.diag(whole)[p:] - (across.T * weights).sum(axis=0)
    return values, np.broadcast_to(variances, values.shape)


def _bartlett(solution: Solution, group: int, data: Array, seen: Indices) -> Scored:
    p = solution.structure.n_observed
    paths, residual = path_matrices(solution)
    mean, latent_mean = _means(solution, group)
    loadings = paths[group][:p, p:]
    among = paths[group][:p, :p]
    related = residual[group][np.ix_(seen, seen)] != 0
    is_used = (loadings[seen] != 0).any(axis=1)
    while (joined := is_used | related[is_used].any(axis=0)).sum() > is_used.sum():
        is_used = joined  # what loads nowhere tells of the residuals that it is correlated with
    items = np.flatnonzero(is_used)
    used = seen[items]
    needed = np.flatnonzero((among[used] != 0).any(axis=0))
    if len(set(needed) - set(seen)):
        raise ModelError(
            "sem-bartlett-missing", names=", ".join(solution.structure.observed[index] for index in needed)
        )
    centered = data - mean[seen]
    outcome = centered[:, items] - centered @ among[np.ix_(used, seen)].T
    theta = residual[group][np.ix_(used, used)]
    is_whole = len(seen) == p
    determined = np.flatnonzero((loadings[used] != 0).any(axis=0) | is_whole)
    values, variances = np.full((2, len(data), loadings.shape[1]), np.nan)
    try:
        weighted = np.linalg.solve(theta, loadings[np.ix_(used, determined)])
        information = loadings[np.ix_(used, determined)].T @ weighted
        spread = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        spread = np.full((len(determined), len(determined)), np.nan)
    if not np.isfinite(spread).all() or np.linalg.cond(information) > 1e12:
        if is_whole:
            raise ModelError("sem-bartlett-none", names=", ".join(solution.structure.latent))
        return values, variances
    values[:, determined] = latent_mean[determined] + outcome @ weighted @ spread
    variances[:, determined] = np.diag(spread)
    return values, variances


def path_matrices(solution: Solution) -> tuple[Array, Array]:
    """Paths A and residual covariances S of all variables (G, v, v), residual variances that follow included."""
    structure, elements = solution.structure, Spread.of(solution).elements
    v = structure.n_variables
    paths, residual = np.zeros((len(elements), v, v)), np.zeros((len(elements), v, v))
    a, s = structure.a, structure.s
    paths[:, structure.rows[a], structure.columns[a]] = elements[:, a]
    residual[:, structure.rows[s], structure.columns[s]] = elements[:, s]
    residual[:, structure.columns[s], structure.rows[s]] = elements[:, s]
    return paths, residual


# --- ordered variables ------------------------------------------------------------------------------------------


def _posterior_modes(solution: Solution, model: OrdinalMoments, group: int, data: Array) -> Scored:
    """Modes of the posterior of every row, and the diagonal of the inverse curvature there."""
    structure = solution.structure
    p = structure.n_observed
    paths, residual = (part[group] for part in path_matrices(solution))
    items = np.array([index for index in model.responses if paths[index, p:].any()], dtype=np.intp)
    _refuse_dependence(model, paths, residual, items)
    implied = solution.implied
    effects, covariance = implied.effects[group], implied.covariances[group]
    own = np.zeros(structure.n_variables)  # intercepts
    elements = solution.matrix_elements[group]
    own[structure.rows[structure.m]] = elements[structure.m]
    own[model.covariates] = 0.0
    covariates = np.where(np.isnan(data[:, model.covariates]), 0.0, data[:, model.covariates])
    prior_mean = (effects @ own)[p:] + covariates @ effects[p:, model.covariates].T
    prior = np.linalg.inv(covariance[p:, p:])
    shift = own[items] + covariates @ paths[np.ix_(items, model.covariates)].T
    root = np.sqrt(residual[items, items])
    loadings = paths[items][:, p:]
    lower, upper, values, is_cut = _limits(model, solution.matrix_elements[group], data, items)
    seen = ~np.isnan(data[:, items])
    eta = prior_mean.copy()

    def posterior(eta: Array) -> tuple[Array, Array, Array]:
        """Minus the log posterior (rows,), its slope and its curvature."""
        center = shift + eta @ loadings.T
        slope, bend, loss = _item_terms(center, root, lower, upper, values, is_cut)
        slope, bend, loss = (np.where(seen, part, 0.0) for part in (slope, bend, loss))
        off = eta - prior_mean
        pull = off @ prior
        total = loss.sum(axis=1) + 0.5 * (off * pull).sum(axis=1)
        curvature = prior + np.einsum("ij,jk,jl->ikl", bend, loadings, loadings, optimize=True)
        return total, slope @ loadings + pull, curvature

    value, slope, curvature = posterior(eta)
    for _ in range(100):
        step = -np.linalg.solve(curvature, slope[..., None])[..., 0]
        decrement = -(slope * step).sum(axis=1)
        if decrement.max(initial=0.0) < STEP**2:
            break
        length = np.ones(len(eta))
        for _ in range(40):
            reached = posterior(eta + length[:, None] * step)[0]
            worse = ~(reached <= value - 1e-4 * length * decrement + 1e-12 * (1 + np.abs(value)))
            if not worse.any():
                break
            length[worse] /= 2
        eta = eta + length[:, None] * step
        value, slope, curvature = posterior(eta)
    spread = np.linalg.inv(curvature)
    return eta, np.diagonal(spread, axis1=-2, axis2=-1)


def _refuse_dependence(model: OrdinalMoments, paths: Array, residual: Array, items: Indices) -> None:
    """Items must be independent given the latent variables and the covariates."""
    between = residual[np.ix_(items, items)] - np.diag(residual[items, items])
    among = paths[np.ix_(items, model.responses)]
    if among.any() or between.any():
        raise ModelError("sem-scores-dependent")


def _limits(
    model: OrdinalMoments, elements: Array, data: Array, items: Indices
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Thresholds below and above each answer (rows, items), values of continuous items, and which items are cut."""
    shape = (len(data), len(items))
    lower, upper = np.full(shape, -np.inf), np.full(shape, np.inf)
    is_cut = np.isin(items, model.ordered)
    for index, item in enumerate(items):
        if not is_cut[index]:
            continue
        cuts = np.concatenate([[-np.inf], elements[model.cut[model.owner == item]], [np.inf]])
        answer = np.where(np.isnan(data[:, item]), 1, data[:, item]).astype(np.intp)
        lower[:, index], upper[:, index] = cuts[answer - 1], cuts[answer]
    return lower, upper, data[:, items], is_cut


def _item_terms(
    center: Array, root: Array, lower: Array, upper: Array, values: Array, is_cut: NDArray[np.bool_]
) -> tuple[Array, Array, Array]:
    """Slope and curvature by the center, and minus the log-likelihood, of every row and item."""
    low, high = (lower - center) / root, (upper - center) / root
    flip = low > 0  # the tail in which both limits are is the one in which differences keep their digits
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    log_b, log_a = log_ndtr(b), log_ndtr(a)
    log_p = log_b + np.log1p(-np.exp(np.minimum(log_a - log_b, -1e-300)))
    with np.errstate(invalid="ignore", over="ignore"):
        dens_low = np.where(np.isinf(low), 0.0, np.exp(-0.5 * low**2 - log_p)) / np.sqrt(2 * np.pi)
        dens_high = np.where(np.isinf(high), 0.0, np.exp(-0.5 * high**2 - log_p)) / np.sqrt(2 * np.pi)
    slope = (dens_high - dens_low) / root
    edge = np.where(np.isinf(high), 0.0, high) * dens_high - np.where(np.isinf(low), 0.0, low) * dens_low
    bend = (dens_high - dens_low) ** 2 / root**2 + edge / root**2
    off = values - center
    plain_loss = 0.5 * (off / root) ** 2
    return (
        np.where(is_cut, slope, -off / root**2),
        np.where(is_cut, bend, np.broadcast_to(1.0 / root**2, off.shape)),
        np.where(is_cut, -log_p, plain_loss),
    )
