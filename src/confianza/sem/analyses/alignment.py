"""Alignment: comparable factor means and variances of many groups without exact invariance.

The configural model gives every group g the loadings l_gj and intercepts n_gj of a factor with mean 0 and variance 1.
A factor with mean a_g and standard deviation s_g fits as well with

    loading  L_gj = l_gj / s_g,    intercept  N_gj = n_gj - a_g l_gj / s_g

and alignment takes the a and s that make these as equal as can be, most of them nearly so and a few not at all:

    F = sum_j sum_{g<h} sqrt(n_g n_h) [f(L_gj - L_hj) + f(N_gj - N_hj)],    f(x) = (x^2 + e)^(1/4),    prod_g s_g = 1

Thresholds of ordered items take the place of minus the intercepts. FIXED sets the mean of the reference group to 0, FREE
estimates it. In the end the reference group's variance is 1.

References
----------
Asparouhov and Muthén (2014), Structural Equation Modeling 21, 495-508; Muthén and Asparouhov (2014), Frontiers in
Psychology 5, 978, on ordered items and on the rule that at most a quarter of the parameters is not invariant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import Any

import numpy as np
from scipy.linalg import block_diag, null_space
from scipy.optimize import minimize
from scipy.special import ndtr

from confianza.errors import ModelError
from confianza.sem.analyses.invariance.levels import indicators
from confianza.sem.analyses.invariance.sequence import OWN_OPTIONS
from confianza.sem.data.prepare import prepare
from confianza.sem.fits import Fit, fit_table
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.estimates import table_values
from confianza.sem.results.result_table import Table
from confianza.sem.warnings import warn

METHODS = ("fixed", "free")
INTO, OUT_OF = 0.001, 0.01  # p to stay with the invariant groups; p of pairs that start them
TRUSTED = 0.25  # share of parameters that are not invariant above which alignment is doubtful
GROUP_COLUMNS = ("latent", "group", "mean", "se", "z", "pvalue", "variance")
PARAMETER_COLUMNS = ("latent", "item", "parameter", "average", "r2", "n_invariant", "not_invariant")
VALUE_COLUMNS = ("latent", "item", "parameter", "group", "est", "se", "invariant")


@dataclass(frozen=True)
class Alignment:
    """Aligned groups: `groups` (means and variances), `parameters` (which are invariant), `values` (one a group).

    `r2` of a parameter is the share of its variation among groups in the configural model that the groups' means and
    variances explain, below zero where they make it worse and NaN where nothing varies.
    """

    groups: Table
    parameters: Table
    values: Table
    configural: Fit
    method: str
    reference: str
    losses: dict[str, float]  # F at the minimum over the sum of its weights, by factor
    starts_at_minimum: dict[str, int]  # how many of the starts ended there

    @property
    def noninvariant_share(self) -> float:
        """The share of the aligned parameters, group by group, that are not invariant."""
        return float(np.mean([not one for one in self.values["invariant"]]))


@in_one_thread
def alignment(
    model: Any,
    data: Any = None,
    *,
    group: str | None = None,
    ordered: Sequence[str] | str | bool = (),
    method: str = "fixed",
    reference: str | None = None,
    epsilon: float = 0.01,
    starts: int = 30,
    seed: int = 0,
    **options: Any,
) -> Alignment:
    """Align the factors of many groups.

    Parameters
    ----------
    model : str or table
        A measurement model in which every item belongs to one factor, and no loading is fixed.
    group : str
        The column of the groups.
    ordered : as in `sem`
        Ordered items; they are fitted in the theta parameterization.
    method : str
        `fixed`: the mean of the reference group is 0. `free`: it is estimated as well, which needs some non-invariance
        and more than two groups to be determined.
    reference : str
        Label of the reference group; the first one if none is given.
    epsilon : float
        e of the loss; 0.01 treats differences well below 0.1 as none.
    starts : int
        How many searches begin at random places besides the plain one; `seed` makes them repeatable.
    **options
        Options of a fit, such as `estimator` or `missing`.

    Raises
    ------
    ModelError
        Items with several factors, fixed loadings, fewer than two groups, or an unknown reference group.

    Notes
    -----
    Standard errors follow from those of the configural model, the alignment being a function of its estimates. A
    parameter's invariant groups are found as Asparouhov and Muthén propose: the largest set of groups that do not differ
    pairwise (p > .01) begins, and groups join or leave it as their difference from its average has p above or below
    .001. `losses` are F divided by the sum of its weights.
    """
    for name in (*OWN_OPTIONS, "parameterization"):
        if name in options:
            raise ModelError("sem-alignment-option", name=name)
    check_option("method", method, METHODS)
    if not epsilon > 0:
        raise ModelError("sem-option-value", name="epsilon", value=str(epsilon), known="> 0")
    settings = Options.of(
        {**options, "group": group, "ordered": ordered, "std_lv": True, "meanstructure": True}
    )
    ready = prepare(model, data, convention="cfa", options=replace(settings, parameterization="theta"))
    factors = _checked_factors(ready.table, group)
    labels = ready.labels
    if reference is None:
        reference = labels[0]
    if str(reference) not in labels:
        raise ModelError("sem-alignment-reference", label=reference, known=", ".join(labels))
    configural = fit_table(ready.table, ready.moments(), group_labels=labels, model=model, convention="cfa")
    configural.require_convergence()
    generator = np.random.default_rng(seed)
    groups: list[dict[str, Any]] = []
    parameters: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    losses, reached = {}, {}
    for latent, items in factors.items():
        estimates = _configural_values(configural, latent, items)
        problem = AlignmentProblem(
            estimates.loadings,
            estimates.intercepts,
            estimates.owner,
            configural.moments.n,
            epsilon,
            labels.index(str(reference)),
            is_free=method == "free",
        )
        unknowns, losses[latent], reached[latent] = problem.solved(starts, generator)
        result = problem.result(unknowns, estimates.covariance)
        groups += _group_rows(latent, labels, result)
        for index, (item, parameter, sign) in enumerate(estimates.names):
            keys = {"latent": latent, "item": item, "parameter": parameter}
            aligned, covariance = sign * result.values[:, index], result.covariance(index)
            invariant = invariant_groups(aligned, covariance, problem.n)
            values += _value_rows(keys, labels, aligned, covariance, invariant)
            parameters.append(
                keys
                | {
                    "average": float(np.average(aligned[invariant], weights=problem.n[invariant])),
                    "r2": problem.explained(result, index),
                    "n_invariant": int(invariant.sum()),
                    "not_invariant": ", ".join(label for g, label in enumerate(labels) if not invariant[g]),
                }
            )
    aligned_groups = Alignment(
        Table.of_rows(groups, GROUP_COLUMNS),
        Table.of_rows(parameters, PARAMETER_COLUMNS),
        Table.of_rows(values, VALUE_COLUMNS),
        configural,
        method,
        str(reference),
        losses,
        reached,
    )
    if aligned_groups.noninvariant_share > TRUSTED:
        warn(
            "sem-alignment-doubtful",
            share=f"{100 * aligned_groups.noninvariant_share:.0f}",
            limit=f"{100 * TRUSTED:.0f}",
        )
    return aligned_groups


def _value_rows(
    keys: Mapping[str, str], labels: Sequence[str], aligned: Array, covariance: Array, invariant: Array
) -> list[dict[str, Any]]:
    return [
        {
            **keys,
            "group": label,
            "est": float(aligned[g]),
            "se": sqrt(covariance[g, g]),
            "invariant": bool(invariant[g]),
        }
        for g, label in enumerate(labels)
    ]


def _checked_factors(table: ParameterTable, group: str | None) -> dict[str, tuple[str, ...]]:
    if table.n_groups < 2:
        raise ModelError("sem-invariance-one-group", group=group or "–")
    factors = indicators(table)
    if not factors:
        raise ModelError("sem-invariance-no-factor")
    seen: set[str] = set()
    for latent, items in factors.items():
        for item in items:
            if item in table.latent:
                raise ModelError("sem-invariance-higher-order", name=item)
            if item in seen:
                raise ModelError("sem-alignment-cross", item=item, latent=latent)
            seen.add(item)
    for row in table.rows:
        if row.op == "=~" and not row.free:
            raise ModelError("sem-invariance-fixed", text=f"{row.lhs} =~ {row.value:g}*{row.rhs}")
        if row.op == "~" and row.lhs in factors:
            raise ModelError("sem-alignment-path", text=f"{row.lhs} ~ {row.rhs}")
    return factors


@dataclass(frozen=True)
class _Estimates:
    """Configural estimates of one factor: loadings (G, J), intercepts or minus thresholds (G, K), whose item (K,) is.

    `covariance` of the loadings, then the intercepts, group after group.
    """

    loadings: Array
    intercepts: Array
    owner: Any
    covariance: Array
    names: list[tuple[str, str, int]]  # item, parameter, sign of every column of both


def _configural_values(fit: Fit, latent: str, items: Sequence[str]) -> _Estimates:
    ordered = fit.table.ordered
    origins = [
        (item, op, rhs)
        for item in items
        for op, rhs in (
            [("|", f"t{k}") for k in range(1, ordered[item])] if item in ordered else [("~1", "")]
        )
    ]
    index_of = {(row.lhs, row.op, row.rhs, row.group): index for index, row in enumerate(fit.table.rows)}
    values = table_values(fit)
    keys = [(latent, "=~", item) for item in items] + origins
    signs = np.array([-1 if op == "|" else 1 for _, op, _ in keys])
    at = np.array([[index_of[*key, g] for key in keys] for g in range(1, fit.table.n_groups + 1)])
    estimates = values[at] * signs
    parameters = np.array([[fit.table.rows[index].free - 1 for index in row] for row in at]).ravel()
    flips = np.tile(signs, fit.table.n_groups)
    covariance = fit.vcov[np.ix_(parameters, parameters)] * np.outer(flips, flips)
    names = [(item, "loading", 1) for item in items]
    names += [(item, "intercept" if op == "~1" else rhs, -1 if op == "|" else 1) for item, op, rhs in origins]
    turned = np.sign(estimates[:, : len(items)].sum(axis=1))  # a factor may be the other way round in a group
    estimates[:, : len(items)] *= turned[:, None]
    turn = np.ones_like(estimates)
    turn[:, : len(items)] = turned[:, None]
    covariance = covariance * np.outer(turn.ravel(), turn.ravel())
    owner = np.array([list(items).index(item) for item, _, _ in origins])
    return _Estimates(estimates[:, : len(items)], estimates[:, len(items) :], owner, covariance, names)


@dataclass(frozen=True)
class _Result:
    means: Array  # (G,) in standard deviations of the reference group
    deviations: Array  # (G,)
    values: Array  # (G, J + K) aligned loadings and intercepts
    gradient: Array  # of (means, values by group) by the configural estimates
    estimates: Array  # covariance of the configural estimates

    def covariance(self, index: int) -> Array:
        """The covariance (G, G) of an aligned parameter's values."""
        groups, width = self.values.shape
        rows = self.gradient[groups + index + width * np.arange(groups)]
        covariance: Array = rows @ self.estimates @ rows.T
        return covariance

    def mean_errors(self) -> Array:
        """Standard errors of the means (G,)."""
        rows = self.gradient[: len(self.means)]
        errors: Array = np.sqrt(np.maximum(np.einsum("gi,ij,gj->g", rows, self.estimates, rows), 0.0))
        return errors


class AlignmentProblem:
    """The alignment of one factor. Unknown are u: the means a (G, or all but the reference's) and t = log s, sum 0."""

    def __init__(
        self,
        loadings: Array,
        intercepts: Array,
        owner: Any,
        n: Array,
        epsilon: float,
        reference: int,
        *,
        is_free: bool,
    ) -> None:
        self.loadings, self.intercepts, self.owner = loadings, intercepts, owner
        self.n, self.epsilon, self.reference = n, epsilon, reference
        groups = len(n)
        weights = np.sqrt(np.outer(n, n))
        np.fill_diagonal(weights, 0.0)
        self.weights = (
            weights / weights.sum()
        )  # of all pairs, both ways round; F is the weighted mean of the losses
        means = np.eye(groups) if is_free else np.delete(np.eye(groups), reference, axis=1)
        self.basis = block_diag(means, null_space(np.ones((1, groups))))  # (2 G, unknowns)

    def aligned(self, full: Array) -> Array:
        """Aligned loadings and intercepts (G, J + K) at means and log standard deviations (2 G,)."""
        groups = len(self.n)
        mean, scaled = full[:groups, None], self.loadings * np.exp(-full[groups:, None])
        return np.hstack([scaled, self.intercepts - mean * scaled[:, self.owner]])

    def slopes(self, full: Array) -> tuple[Array, Array]:
        """Derivatives (G, J + K) of a group's aligned values by its mean and by its log standard deviation."""
        groups = len(self.n)
        mean, scaled = full[:groups, None], self.loadings * np.exp(-full[groups:, None])
        own = scaled[:, self.owner]
        return np.hstack([np.zeros_like(scaled), -own]), np.hstack([-scaled, mean * own])

    def loss(self, unknown: Array) -> tuple[float, Array]:
        """F and its gradient."""
        full = self.basis @ unknown
        values = self.aligned(full)
        gap = values[:, None] - values[None]
        squares = gap**2 + self.epsilon
        by_value = (self.weights[:, :, None] * gap * squares**-0.75).sum(axis=1)
        by_mean, by_scale = self.slopes(full)
        gradient = np.concatenate([(by_value * by_mean).sum(axis=1), (by_value * by_scale).sum(axis=1)])
        return float((self.weights[:, :, None] * squares**0.25).sum()), self.basis.T @ gradient

    def hessian_by_values(self, values: Array) -> tuple[Array, Array]:
        """Gradient (G, C) and second derivatives (G, G, C) of F by the aligned values of every column."""
        gap = values[:, None] - values[None]
        squares = gap**2 + self.epsilon
        second = self.weights[:, :, None] * (squares**-0.75 - 1.5 * gap**2 * squares**-1.75)
        out = -second
        groups = np.arange(len(values))
        out[groups, groups] = second.sum(axis=1) - second[groups, groups]
        return (self.weights[:, :, None] * gap * squares**-0.75).sum(axis=1), out

    def solved(self, starts: int, generator: np.random.Generator) -> tuple[Array, float, int]:
        """The best minimum of several searches: the unknowns, F, and how many searches ended there."""
        groups = len(self.n)
        size = np.log(np.abs(self.loadings).mean(axis=1))
        first = np.concatenate([np.zeros(groups), size - size.mean()])
        ends = []
        for index in range(starts + 1):
            full = first.copy()
            if index:
                full[:groups] += generator.normal(0.0, 0.5, groups)
                full[groups:] += generator.normal(0.0, 0.25, groups)
            start = np.linalg.lstsq(self.basis, full, rcond=None)[0]
            end = minimize(self.loss, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})
            ends.append((float(end.fun), end.x))
        best = min(ends, key=lambda end: end[0])
        unknown = self._polished(best[1])
        value = self.loss(unknown)[0]
        return unknown, value, sum(loss < value + 1e-7 for loss, _ in ends)

    def _polished(self, unknown: Array) -> Array:
        """Newton steps to the accuracy of the numbers."""
        for _ in range(20):
            _, gradient = self.loss(unknown)
            hessian, _ = self._second(unknown)
            if np.linalg.eigvalsh(hessian)[0] <= 1e-12 * np.abs(hessian).max():
                break
            step = np.linalg.solve(hessian, gradient)
            if self.loss(unknown - step)[0] > self.loss(unknown)[0] + 1e-15:
                break
            unknown = unknown - step
            if np.abs(step).max() < 1e-13:
                break
        return unknown

    def _second(self, unknown: Array) -> tuple[Array, Array]:
        """Second derivatives of F by the unknowns, and by the unknowns and the configural estimates."""
        full = self.basis @ unknown
        groups = len(self.n)
        values = self.aligned(full)
        gradient, second = self.hessian_by_values(values)
        by_mean, by_scale = self.slopes(full)
        through = np.zeros((2 * groups, values.size))  # derivatives of the values by the unknowns
        for g in range(groups):
            columns = slice(g * values.shape[1], (g + 1) * values.shape[1])
            through[g, columns], through[groups + g, columns] = by_mean[g], by_scale[g]
        middle = np.zeros((values.size, values.size))
        places = np.arange(values.shape[1])
        for g in range(groups):
            for h in range(groups):
                middle[g * values.shape[1] + places, h * values.shape[1] + places] = second[g, h]
        own = through @ middle @ through.T
        count = self.loadings.shape[1]
        scaled = self.loadings * np.exp(-full[groups:, None])
        intercept = gradient[:, count:]
        by_both = (intercept * scaled[:, self.owner]).sum(axis=1)  # d2 N / da dt = scaled loading
        twice = (gradient[:, :count] * scaled).sum(axis=1) - full[:groups] * by_both
        index = np.arange(groups)
        own[index, groups + index] += by_both
        own[groups + index, index] += by_both
        own[groups + index, groups + index] += twice
        direct = self._by_estimates(full)
        mixed = through @ middle @ direct
        shrink = np.exp(-full[groups:])
        for g in range(groups):
            for j in range(count):
                at = g * values.shape[1] + j
                own_cuts = intercept[g, self.owner == j].sum()
                mixed[g, at] -= own_cuts * shrink[g]
                mixed[groups + g, at] += (-gradient[g, j] + full[g] * own_cuts) * shrink[g]
        return self.basis.T @ own @ self.basis, self.basis.T @ mixed

    def _by_estimates(self, full: Array) -> Array:
        """Derivatives of the aligned values by the configural estimates, the unknowns held."""
        groups, count = self.loadings.shape
        width = count + self.intercepts.shape[1]
        out = np.zeros((groups * width, groups * width))
        shrink = np.exp(-full[groups:])
        for g in range(groups):
            block = np.eye(width)
            block[:count] *= shrink[g]
            block[count + np.arange(width - count), self.owner] = -full[g] * shrink[g]
            out[g * width : (g + 1) * width, g * width : (g + 1) * width] = block
        return out

    def result(self, unknown: Array, covariance: Array) -> _Result:
        """The aligned groups in units of the reference group, with what they owe to the configural estimates."""
        groups = len(self.n)
        full = self.basis @ unknown
        hessian, mixed = self._second(unknown)
        moved = -self.basis @ np.linalg.lstsq(hessian, mixed, rcond=None)[0]  # d full / d estimates
        values = self.aligned(full)
        by_mean, by_scale = self.slopes(full)
        width = values.shape[1]
        gradient = self._by_estimates(full)
        for g in range(groups):
            rows = slice(g * width, (g + 1) * width)
            gradient[rows] += np.outer(by_mean[g], moved[g]) + np.outer(by_scale[g], moved[groups + g])
        unit, along = np.exp(full[groups + self.reference]), moved[groups + self.reference]
        count = self.loadings.shape[1]
        means = full[:groups] / unit
        mean_gradient = moved[:groups] / unit - np.outer(means, along)
        is_loading = np.arange(width) < count
        scaled = np.where(is_loading, values * unit, values)
        rows_of_loadings = np.tile(is_loading, groups)
        gradient[rows_of_loadings] *= unit
        gradient[rows_of_loadings] += np.outer(scaled[:, :count].ravel(), along)
        deviations = np.exp(full[groups:]) / unit
        return _Result(means, deviations, scaled, np.vstack([mean_gradient, gradient]), covariance)

    def explained(self, result: _Result, index: int) -> float:
        """The share of a parameter's configural variation that means and variances of the groups explain."""
        count = self.loadings.shape[1]
        loading = result.values[:, index if index < count else self.owner[index - count]].mean()
        if index < count:
            configural, expected = self.loadings[:, index], result.deviations * loading
        else:
            configural = self.intercepts[:, index - count]
            expected = result.values[:, index].mean() + result.means * loading
        total = float(np.var(configural))
        return 1.0 - float(np.var(configural - expected)) / total if total > 1e-12 else nan


def _group_rows(latent: str, labels: Sequence[str], result: _Result) -> list[dict[str, Any]]:
    rows = []
    for g, (label, se) in enumerate(zip(labels, result.mean_errors(), strict=True)):
        mean = float(result.means[g])
        z = mean / se if se > 1e-10 else nan
        rows.append(
            {
                "latent": latent,
                "group": label,
                "mean": mean,
                "se": float(se) if se > 1e-10 else 0.0,
                "z": float(z),
                "pvalue": float(2 * ndtr(-abs(z))),
                "variance": float(result.deviations[g] ** 2),
            }
        )
    return rows


def invariant_groups(values: Array, covariance: Array, n: Array) -> Any:
    """Which groups share a parameter (G,): none of them differs from their average."""
    groups = len(values)
    pair = values[:, None] - values[None]
    spread = np.diag(covariance)[:, None] + np.diag(covariance)[None] - 2 * covariance
    alike = _tail(pair, spread) > OUT_OF
    inside = _largest_alike(alike, values)
    for _ in range(100):
        if not inside.any():
            break
        # differences from the average of the set, with a group's own part in it
        weights = np.where(inside, n, 0.0) / n[inside].sum()
        contrast = np.eye(groups) - weights
        difference = contrast @ values
        variance = np.einsum("gi,ij,gj->g", contrast, covariance, contrast)
        now = _tail(difference, variance) > INTO
        if (now == inside).all():
            break
        inside = now
    return inside


def _largest_alike(alike: Any, values: Array) -> Any:
    """The longest run of neighboring values of which no two differ."""
    order = np.argsort(values)
    best: Any = order[:1]
    start = 0
    for end in range(1, len(order) + 1):
        while not alike[np.ix_(order[start:end], order[start:end])].all():
            start += 1
        if end - start > len(best):
            best = order[start:end]
    inside = np.zeros(len(values), dtype=bool)
    inside[best] = True
    return inside


def _tail(difference: Array, variance: Array) -> Array:
    """Two-sided p of differences; 1 where they have no variance."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(difference) / np.sqrt(variance)
    pvalues: Array = np.where(variance > 1e-14, 2 * ndtr(-np.nan_to_num(z)), 1.0)
    return pvalues
