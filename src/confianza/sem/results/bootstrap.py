"""The bootstrap: a model fitted again to many samples drawn from the sample, all draws at once.

Every draw weighs the rows by how often it took them; one product of these weights with the rows and their products
gives the moments of all draws, and one search from the estimates fits them together. What cannot be made of
weighted moments (ordered variables, distribution-free weights, nonlinear constraints) is fitted draw by draw.

References
----------
Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 14; Davison and Hinkley (1997),
Bootstrap Methods and their Application, chapter 5; Bollen and Stine (1993), in Testing Structural Equation Models.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from confianza.errors import ModelError
from confianza.sem.data.moments import Moments
from confianza.sem.data.patterns import Patterns
from confianza.sem.data.prepare import ordinal_moments
from confianza.sem.data.sample import group_sample
from confianza.sem.estimation.discrepancies import chi_square, discrepancy_of
from confianza.sem.estimation.minimize_many import minimize_many
from confianza.sem.estimation.objective import Objective
from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.minimize import minimize
from confianza.sem.numerics.parallel import spread
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.results.estimates import table_of_parameters, table_values
from confianza.sem.results.result_table import Table
from confianza.sem.warnings import warn

Interval = Literal["perc", "bca.simple", "norm", "basic"]
DrawShare = tuple[slice, np.random.SeedSequence]  # which draws, and where their random numbers come from
Rows = Sequence[NDArray[np.intp]]  # one array (draws, n) a group: the rows of the group that each draw takes

BATCH = 40_000  # numbers of one array of matrices: what the cache of a core holds
WEIGHTS = 4_000_000  # numbers of one array of weights
PATIENCE = 100  # steps alone for a draw that the common search did not bring to its end
NEGATIVE = -1e-8


@dataclass(frozen=True)
class Bootstrap:
    """Estimates of the draws that were used, and how many were not.

    A draw counts as not admissible when a variance is negative or the covariance matrix of the latent variables is not
    positive definite. Such draws are used unless they were to be left out (lavaan uses them too).
    """

    fit: Solution
    free_parameters: Array  # (draws, parameters)
    statistics: Array  # (draws,): the chi-square of each
    requested: int
    not_converged: int
    not_admissible: int

    @property
    def used(self) -> int:
        """How many draws the results rest on."""
        return len(self.free_parameters)

    @cached_property
    def values(self) -> Array:
        """Every row of the parameter table in every draw (draws, rows), defined parameters too."""
        return table_values(self.fit, self.free_parameters)

    @cached_property
    def vcov(self) -> Array:
        """Covariance matrix of the estimates over the draws (parameters, parameters), divided by their number."""
        off = self.free_parameters - self.free_parameters.mean(axis=0)
        covariance: Array = off.T @ off / len(off)
        return covariance

    @cached_property
    def se(self) -> Array:
        """Standard error of every row of the parameter table (rows,).

        As lavaan takes them: of parameters over the number of draws, of defined ones over one less.
        """
        is_defined = np.array([row.op == ":=" for row in self.fit.table.rows])
        spread: Array = self.values.std(axis=0)
        return spread * np.where(is_defined, (self.used / (self.used - 1)) ** 0.5, 1.0)

    def intervals(self, kind: Interval = "perc", *, level: float = 0.95) -> tuple[Array, Array]:
        """Lower and upper ends (rows,) of intervals of a level.

        `perc`: the quantiles of the draws. `bca.simple`: those corrected for bias, without acceleration. `norm`:
        standard errors around the estimate less its bias (of a defined parameter too, where lavaan takes the definition
        of the mean parameters for the mean of the definition). `basic`: the quantiles reflected in the estimate.
        """
        estimate, values = table_values(self.fit), self.values
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        if kind == "norm":
            center = 2 * estimate - values.mean(axis=0)
            half = ndtri(tails[1]) * self.se
            return center - half, center + half
        ordered = np.sort(values, axis=0)
        if kind == "bca.simple":
            with np.errstate(divide="ignore", invalid="ignore"):
                bias = ndtri((values < estimate).mean(axis=0))
                lower, upper = (quantile(ordered, ndtr(2 * bias + ndtri(tail))) for tail in tails)
            return lower, upper
        lower, upper = (quantile(ordered, np.full(len(estimate), tail)) for tail in tails)
        if kind == "perc":
            return lower, upper
        if kind == "basic":
            return 2 * estimate - upper, 2 * estimate - lower
        raise ModelError(
            "sem-option-value", name="interval", value=str(kind), known="perc, bca.simple, norm, basic"
        )

    def estimates(self, interval: Interval = "perc", *, level: float = 0.95) -> Table:
        """Every parameter with the standard error and interval that the draws give it."""
        estimate = table_values(self.fit)
        se = self.se.copy()
        lower, upper = self.intervals(interval, level=level)
        fixed = se <= 1e-14 * np.abs(estimate)
        se[fixed], lower[fixed], upper[fixed] = 0.0, estimate[fixed], estimate[fixed]
        z = np.divide(estimate, se, out=np.full_like(se, np.nan), where=se > 0)
        pvalue = 2 * ndtr(-np.abs(z))
        return table_of_parameters(self.fit.table, (estimate, se, z, pvalue, lower, upper))


def quantile(ordered: Array, share: Array) -> Array:
    """Quantiles of columns in ascending order (draws, columns), one share a column.

    Between order statistics the interpolation is linear in normal quantiles (Davison and Hinkley, 1997, 5.8).
    """
    count, columns = ordered.shape[0], np.arange(ordered.shape[1])
    index = np.where(np.isnan(share), 1.0, (count + 1) * share)
    below = np.clip(np.floor(index + 1e-9 * np.abs(index)), 0, count).astype(int)
    low = ordered[np.clip(below - 1, 0, count - 1), columns]
    high = ordered[np.clip(below, 0, count - 1), columns]
    with np.errstate(divide="ignore", invalid="ignore"):
        start, end = ndtri(below / (count + 1)), ndtri((below + 1) / (count + 1))
        between = (ndtri(share) - start) / (end - start)
    inside = (below > 0) & (below < count)
    quantiles: Array = low + np.where(inside, between, 0.0) * (high - low)
    return np.where(np.isnan(share), np.nan, quantiles)


@in_one_thread
def bootstrap(
    solution: Solution,
    draws: int | None = None,
    seed: int | None = None,
    *,
    rows: Rows | None = None,
    only_admissible: bool = False,
    processes: int | None = None,
) -> Bootstrap:
    """Fit the model again to samples drawn with replacement within each group.

    Parameters
    ----------
    fit : Fit
        A fit to rows of data.
    draws, seed : int
        How many draws, and the seed of the random numbers; the fit's options `bootstrap` and `iseed` if not given.
    rows : one array (draws, n) a group, optional
        The rows of the group, from 0, that every draw takes, in place of random ones.
    only_admissible : bool
        Leave out draws with negative variances or latent covariances that are not positive definite. Their number is
        told in any case. To leave them out narrows the distribution of estimates near the border.
    processes : int
        How many processes share the work; as many as there are processors if not given.

    Raises
    ------
    ModelError
        The fit rests on moments without rows, or not two draws could be used.
    """
    solution.require_convergence()
    refits = _fitted_again(solution, _data(solution), draws, seed, rows, processes)
    converged = refits.converged
    admissible = np.zeros(len(converged), dtype=bool)
    admissible[converged] = is_admissible(solution, refits.free_parameters[converged])
    is_used = converged & admissible if only_admissible else converged
    result = Bootstrap(
        solution,
        refits.free_parameters[is_used],
        refits.statistics[is_used],
        len(converged),
        int((~converged).sum()),
        int((converged & ~admissible).sum()),
    )
    if result.used < 2:
        raise ModelError("sem-bootstrap-failed", draws=result.requested, used=result.used)
    if result.not_converged or result.not_admissible:
        warn(
            "sem-bootstrap-draws",
            draws=result.requested,
            used=result.used,
            not_converged=result.not_converged,
            not_admissible=result.not_admissible,
        )
    return result


@in_one_thread
def bollen_stine(
    solution: Solution,
    draws: int | None = None,
    seed: int | None = None,
    *,
    rows: Rows | None = None,
    processes: int | None = None,
) -> float:
    """The share of samples, drawn from rows for which the model holds, that fit worse than the sample itself.

    Each group's rows are turned into Z = (Y - m) S^(-1/2) Sigma^(1/2) + mu, which have the moments that the model
    implies, and resampled.

    References
    ----------
    Bollen and Stine (1993), in Bollen and Long (eds.), Testing Structural Equation Models, 111-135.
    """
    solution.require_convergence()
    if solution.ordinal or solution.options.uses_all_rows:
        raise ModelError("sem-bollen-stine-complete")
    implied = solution.implied
    data = [
        (rows_of - rows_of.mean(axis=0)) @ _root(covariance, -0.5) @ _root(model, 0.5) + mean
        for rows_of, covariance, model, mean in zip(
            _data(solution), solution.moments.covariance, implied.covariance, implied.mean, strict=True
        )
    ]
    refits = _fitted_again(solution, data, draws, seed, rows, processes)
    statistics = refits.statistics[refits.converged]
    if not len(statistics):
        raise ModelError("sem-bootstrap-failed", draws=len(refits.statistics), used=0)
    return float((statistics > solution.statistic).mean())


def _root(matrix: Array, power: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    root: Array = (vectors * values**power) @ vectors.T
    return root


def is_admissible(solution: Solution, parameters: Array) -> NDArray[np.bool_]:
    """Of each draw (draws, parameters): no negative variance, and latent covariances that are positive definite."""
    values = table_values(solution, parameters)
    variances = [index for index, row in enumerate(solution.table.rows) if row.is_variance]
    admissible: NDArray[np.bool_] = np.all(values[:, variances] >= NEGATIVE, axis=1)
    p = solution.structure.n_observed
    if solution.structure.n_variables > p:
        for some in _slices(
            len(parameters), max(1, WEIGHTS // (solution.table.n_groups * solution.structure.n_variables**2))
        ):
            elements = solution.structure.elements(parameters[some])
            ordinal = solution.ordinal
            implied = (
                ordinal.state(solution.structure, elements).implied
                if ordinal
                else solution.structure.implied(elements)
            )
            smallest = np.linalg.eigvalsh(implied.covariances[..., p:, p:])[..., 0]
            admissible[some] &= (smallest >= NEGATIVE).all(axis=-1)
    return admissible


# --- the draws ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refits:
    """Parameters (draws, parameters), chi-squares (draws,) and convergence (draws,) of samples.

    With full information there are no chi-squares: each would need a saturated model of its own.
    """

    free_parameters: Array
    statistics: Array
    converged: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Refits]) -> Refits:
        """The refits of all parts, one after the other."""
        return cls(
            np.concatenate([one.free_parameters for one in parts]),
            np.concatenate([one.statistics for one in parts]),
            np.concatenate([one.converged for one in parts]),
        )


def draw_shares(draws: int, size: int, seeds: np.random.SeedSequence) -> list[DrawShare]:
    """Draws in slices of a size, each with random numbers of its own."""
    slices = list(_slices(draws, size))
    return list(zip(slices, seeds.spawn(len(slices)), strict=True))


def _data(solution: Solution) -> list[Array]:
    return [solution.moments.data(group) for group in range(solution.table.n_groups)]


def _slices(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _fitted_again(
    solution: Solution,
    data: Sequence[Array],
    draws: int | None,
    seed: int | None,
    rows: Rows | None,
    processes: int | None,
) -> Refits:
    """The model fitted to draws from rows (n, p) of each group."""
    draws = solution.options.bootstrap if draws is None else draws
    sizes = [len(one) for one in data]
    if rows is not None:
        draws = _checked(rows, sizes)
    generator = np.random.SeedSequence(solution.options.iseed if seed is None else seed)

    def taken(share: DrawShare) -> list[NDArray[np.intp]]:
        some, stream = share
        if rows is not None:
            return [one[some] for one in rows]
        random = np.random.default_rng(stream)
        return [random.integers(0, n, (some.stop - some.start, n)) for n in sizes]

    def alone(share: DrawShare) -> Refits:
        chosen = [one[places[0]] for one, places in zip(data, taken(share), strict=True)]
        parameters, statistic = refit_rows(solution, chosen) or (
            np.full(solution.structure.n_parameters, np.nan),
            np.nan,
        )
        return Refits(parameters[None], np.array([statistic]), np.array([not np.isnan(parameters).any()]))

    if not is_batchable(solution):
        return Refits.joined(spread(alone, draw_shares(draws, 1, generator), processes))
    patterns = [len(sample.patterns.counts) for sample in solution.moments.samples if sample.patterns]
    cost = solution.structure.n_variables**2 * (sum(patterns) or solution.table.n_groups)
    size = int(np.clip(min(BATCH // cost, WEIGHTS // max(sizes)), 1, 500))
    weigh = (_weighted_patterns if solution.options.uses_all_rows else _weighted_moments)(solution, data)

    def together(share: DrawShare) -> Refits:
        counts = [_counts(chosen, n) for chosen, n in zip(taken(share), sizes, strict=True)]
        return refit_moments(solution, weigh(counts), share[0].stop - share[0].start)

    return Refits.joined(spread(together, draw_shares(draws, size, generator), processes))


def _checked(rows: Rows, sizes: Sequence[int]) -> int:
    """How many draws the rows of all groups are for."""
    is_good = len(rows) == len(sizes) and all(
        one.ndim == 2
        and one.shape == (len(rows[0]), n)
        and one.dtype.kind in "iu"
        and one.min(initial=0) >= 0
        and one.max(initial=0) < n
        for one, n in zip(rows, sizes, strict=True)
    )
    if not is_good:
        raise ModelError("sem-bootstrap-rows", groups=len(sizes))
    return len(rows[0])


def _counts(rows: NDArray[np.intp], n: int) -> Array:
    """How often each draw took each of n rows (draws, n)."""
    shifted = rows + n * np.arange(len(rows))[:, None]
    return np.bincount(shifted.ravel(), minlength=len(rows) * n).reshape(len(rows), n).astype(float)


def _weighted_moments(solution: Solution, data: Sequence[Array]) -> Callable[[Sequence[Array]], Moments]:
    """From counts (draws, n) of each group to the moments of the draws."""
    column, row = np.triu_indices(solution.structure.n_observed)
    centers = [one.mean(axis=0) for one in data]
    divisor = solution.options.divisor

    def of(counts: Sequence[Array]) -> Moments:
        means, covariances = [], []
        for one, center, weights in zip(data, centers, counts, strict=True):
            p, n = one.shape[1], len(one)
            total = np.zeros((len(weights), p + len(row)))
            for some in _slices(n, max(1, WEIGHTS // (p + len(row)))):
                off = one[some] - center
                total += weights[:, some] @ np.hstack([off, off[:, row] * off[:, column]])
            shift = total[:, :p] / n
            covariance = np.empty((len(weights), p, p))
            covariance[:, row, column] = covariance[:, column, row] = total[:, p:] / n
            covariance -= shift[:, :, None] * shift[:, None, :]
            means.append(center + shift)
            covariances.append(covariance * n / (n - divisor))
        return solution.moments.over(np.stack(means, axis=1), np.stack(covariances, axis=1))

    return of


def _weighted_patterns(solution: Solution, data: Sequence[Array]) -> Callable[[Sequence[Array]], Moments]:
    """The same for incomplete rows: moments of every pattern of missing values in every draw."""

    def of(counts: Sequence[Array]) -> Moments:
        other = copy(solution.moments)
        other.saturated = []
        other.samples = tuple(
            replace(sample, patterns=Patterns.of_draws(one, weights))
            for sample, one, weights in zip(solution.moments.samples, data, counts, strict=True)
        )
        return other

    return of


# --- the refits --------------------------------------------------------------------------------------------


def is_batchable(solution: Solution) -> bool:
    """Whether draws can be fitted together: moments of continuous variables, weights that follow from them."""
    is_plain = not (solution.constraints.nonlinear or solution.constraints.inequalities)
    return is_plain and not solution.ordinal and solution.options.discrepancy in {"ML", "GLS", "ULS"}


def refit_moments(solution: Solution, moments: Moments, draws: int) -> Refits:
    """Fits of the model to the moments of many draws, all from the estimates of a fit."""
    structure, start = solution.structure, solution.optimum.z
    discrepancy = discrepancy_of(moments, structure)
    fixed = _fixed_values(solution, moments, draws)
    whole = solution.objective.over(discrepancy, fixed)

    def objective_of(places: NDArray[np.intp]) -> Objective:
        if len(places) == draws:
            return whole
        return whole.over(discrepancy.some(places), fixed[places])

    information = solution.objective.derivatives(start, exact=False)[2]
    optimum = minimize_many(objective_of, draws, start, np.linalg.inv(information).astype(float))
    z, value, converged = optimum.z, optimum.value, optimum.converged
    for index in np.flatnonzero(~converged).tolist():
        alone = minimize(whole.over(discrepancy.some(index), fixed[index]), start, max_iterations=PATIENCE)
        z[index], value[index], converged[index] = alone.z, alone.value, alone.converged
    statistics = np.full(len(z), np.nan)
    if not solution.options.uses_all_rows:
        statistics = chi_square(moments, structure, whole.elements(z), value)
    return Refits(solution.objective.linear.parameters(z), statistics, converged)


def _fixed_values(solution: Solution, moments: Moments, draws: int) -> Array:
    """Fixed values of every draw (draws, G, elements): the moments of exogenous variables are the draw's own."""
    structure = solution.structure
    fixed = np.broadcast_to(structure.fixed, (draws, *structure.fixed.shape)).copy()
    for group in range(structure.n_groups):
        for element, index in enumerate(structure.table_rows[group]):
            if index >= 0 and solution.table.rows[index].exo and solution.table.rows[index].free == 0:
                r, c = structure.rows[element], structure.columns[element]
                if structure.kinds[element] == "S":
                    fixed[:, group, element] = moments.covariance[..., group, r, c]
                elif structure.kinds[element] == "M":
                    fixed[:, group, element] = moments.mean[..., group, r]
    return fixed


def refit_rows(solution: Solution, data: Sequence[Array]) -> tuple[Array, float] | None:
    """Parameters and chi-square of a fit to rows (n, p) of each group; None when there is none."""
    labels = tuple(sample.label for sample in solution.moments.samples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if solution.ordinal:
                group_of_row = np.repeat(np.arange(len(data)), [len(one) for one in data])
                moments = ordinal_moments(
                    solution.table, solution.options, np.vstack(data), labels, group_of_row
                )
            else:
                moments = Moments(
                    [
                        group_sample(
                            label,
                            one,
                            names=solution.table.observed,
                            rows=np.arange(len(one)),
                            exogenous=[
                                solution.table.observed.index(name) for name in solution.table.exogenous
                            ],
                            missing=solution.options.missing,
                            divisor=solution.options.divisor,
                        )
                        for label, one in zip(labels, data, strict=True)
                    ],
                    solution.options,
                )
            start = solution.free_parameters
            refit = Solution.of(solution.table, moments, group_labels=labels, start=start)
        except (ModelError, np.linalg.LinAlgError):
            return None
    if not refit.converged:
        return None
    return refit.free_parameters, refit.statistic
