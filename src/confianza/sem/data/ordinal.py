"""What a sample with ordered variables says: thresholds, slopes, variances and correlations, with their covariance.

Every ordered variable u is a continuous, standard normal response y* cut at thresholds:

    u = k  when  τ[k−1] < y* − β'x ≤ τ[k];      y* given x is N(β'x, 1),

a continuous one is N(μ + β'x, σ²), and each pair is bivariate normal. Three stages (Muthén 1984):

1. each variable alone, by maximum likelihood: thresholds Φ⁻¹ of the cumulative shares (with exogenous x an ordered
   probit regression), or mean, slopes and variance;
2. each pair's correlation by maximum likelihood with stage 1 held fixed: polychoric (Olsson 1979), polyserial (Olsson,
   Drasgow and Dorans 1982) or Pearson;
3. with s₁, s₂ the casewise scores of both stages and θ₁, θ₂ their parameters, the covariance of √n (θ̂ − θ) is

       n A⁻¹ (Σ s s') A⁻ᵀ,   A = [[A₁₁, 0], [A₂₁, A₂₂]],

   A₁₁ = Σ s₁ s₁' within each variable, A₂₂ = diag(Σ s₂²), and A₂₁ = Σ s₂ (∂ log L₂ / ∂θ₁)', all sums over cases.

References
----------
Muthén (1984), A general structural equation model with dichotomous, ordered categorical, and continuous latent variable
indicators, Psychometrika 49, 115–132. Olsson (1979), Maximum likelihood estimation of the polychoric correlation
coefficient, Psychometrika 44, 443–460. Olsson, Drasgow and Dorans (1982), The polyserial correlation coefficient,
Psychometrika 47, 337–347.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from confianza.errors import ModelError
from confianza.sem.numerics.bivariate_normal import FAR, density, density_slope, probabilities
from confianza.sem.numerics.matrices import Array
from confianza.sem.warnings import SemWarning

Integers = NDArray[np.int64]

Sides = tuple[tuple[Array, ...], tuple[Array, ...]]

BLOCK = 4096  # rows whose casewise scores stand in memory at once
BLOCK_CELLS = 1 << 12  # pairs × rows computed at once: what stays in a processor's cache
TINY = float(np.finfo(float).eps)  # a probability computed as smaller than this is rounding error
LIMIT = 1 - 1e-7  # a correlation whose likelihood still rises here has no maximum inside (−1, 1)
HIGH = 0.99
FLAT = 1e-6  # an information that no finite maximum has: even one case in a million gives more
SINGULAR = 1e12  # condition number of a matrix that has no inverse to speak of


@dataclass(frozen=True)
class OrdinalStatistics:
    """Sample statistics of one group with their asymptotic covariance, in lavaan's order.

    `moments` stacks: for each variable its thresholds, or minus its mean (intercept) if continuous; the slopes, all
    variables on the first exogenous one, then on the next; the variances of the continuous variables; the covariances
    (1,2), (1,3), ..., (2,3), ... `nacov` is the covariance of √n × `moments`.
    """

    n: int
    names: tuple[str, ...]
    ordered: tuple[bool, ...]
    exogenous: tuple[str, ...]
    thresholds: Array  # thresholds and minus means, as at the head of `moments`
    threshold_variable: Integers  # the variable that each of `thresholds` belongs to
    slopes: Array  # (p, k); (p, 0) without exogenous variables
    covariance: Array  # (p, p), of the latent responses; given the exogenous variables if there are any
    moments: Array
    nacov: Array


def ordinal_statistics(
    data: Array,
    categories: Sequence[int],
    exogenous: Array | None = None,
    *,
    missing: str = "listwise",
    zero_add: tuple[float, float] = (0.5, 0.0),
    zero_keep_margins: bool = True,
    names: Sequence[str] = (),
    exogenous_names: Sequence[str] = (),
    group: str = "",
) -> OrdinalStatistics:
    """Thresholds, correlations and their asymptotic covariance of one group of cases.

    Parameters
    ----------
    data : array, shape (n, p)
        Ordered variables as 1, 2, ..., K; NaN where missing.
    categories : sequence of int
        K of each ordered variable, 0 for a continuous one.
    exogenous : array, shape (n, k), optional
        Covariates that everything is conditional on. Cases that miss one are left out.
    missing : "listwise" or "pairwise"
        Pairwise: each variable and each pair uses every case that has it.
    zero_add : pair of float
        What is added to an empty cell of a 2 × 2 table, and of a larger one, before its correlation is estimated
        (without covariates only); the margins of a 2 × 2 table stay if `zero_keep_margins`.
    names, exogenous_names, group
        For messages; numbers stand in for what is not given.

    Raises
    ------
    ModelError
        An ordered variable has a value that is no category, an empty category or only one; a variable is constant;
        two variables are perfectly correlated, or share no case.
    """
    sample = _sample(data, categories, exogenous, missing, names, exogenous_names, group)
    margins = _Margins.of(sample)
    correlations = _Correlations.of(sample, margins, zero_add, zero_keep_margins)
    return _assembled(sample, margins, correlations)


@dataclass(frozen=True)
class _Sample:
    """Cases ready to be counted: one row a case, or a pattern of answers with its number of cases."""

    numbers: Array  # (n, p) continuous values; 0 where missing and for ordered variables
    codes: NDArray[np.int16]  # (n, p) categories; 0 where missing and for continuous variables
    present: NDArray[np.bool_]  # (n, p)
    exogenous: Array  # (n, k)
    weights: Array  # (n,) cases
    cases: int
    categories: Integers
    names: tuple[str, ...]
    exogenous_names: tuple[str, ...]
    group: str

    @property
    def ordered(self) -> NDArray[np.bool_]:
        return self.categories > 0

    def blocks(self) -> Iterator[slice]:
        return (slice(begin, begin + BLOCK) for begin in range(0, len(self.codes), BLOCK))


def _sample(
    data: Array,
    categories: Sequence[int],
    exogenous: Array | None,
    missing: str,
    names: Sequence[str],
    exogenous_names: Sequence[str],
    group: str,
) -> _Sample:
    data = np.asarray(data, dtype=float)
    x = np.empty((len(data), 0)) if exogenous is None else np.asarray(exogenous, dtype=float)
    counts = np.asarray(categories, dtype=np.int64)
    names = tuple(names) or tuple(str(j + 1) for j in range(data.shape[1]))
    exogenous_names = tuple(exogenous_names) or tuple(f"x{j + 1}" for j in range(x.shape[1]))
    present = ~np.isnan(data)
    kept = (present.all(axis=1) if missing == "listwise" else present.any(axis=1)) & ~np.isnan(x).any(axis=1)
    if not kept.all():
        data, present, x = data[kept], present[kept], x[kept]
    ordered = counts > 0
    codes = np.zeros(data.shape, dtype=np.int16)
    for j in np.flatnonzero(ordered):
        column = data[present[:, j], j]
        whole = (column == np.floor(column)) & (column >= 1) & (column <= counts[j])
        if not whole.all():
            wrong = float(column[~whole][0])
            raise ModelError("not-a-category", variable=names[j], value=f"{wrong:g}", count=int(counts[j]))
        answers = column.astype(np.int16)
        codes[present[:, j], j] = answers
        filled = np.bincount(answers, minlength=counts[j] + 1)[1:]
        if (filled > 0).sum() < 2:
            raise ModelError("one-category", variable=names[j], group=group or "1")
        if not filled.all():
            empty = ", ".join(str(k + 1) for k in np.flatnonzero(filled == 0))
            raise ModelError("empty-category", variable=names[j], group=group or "1", categories=empty)
    weights = np.ones(len(codes))
    cases = len(codes)
    if ordered.all() and not x.shape[1] and np.prod(counts + 1.0) < cases:
        # Fewer possible patterns than cases: count each once.
        key = codes.astype(np.int64) @ np.cumprod(np.append(1, counts[:-1] + 1))
        _, first, times = np.unique(key, return_index=True, return_counts=True)
        codes, present, x, data, weights = (
            codes[first],
            present[first],
            x[first],
            data[first],
            times.astype(float),
        )
    numbers = np.broadcast_to(0.0, codes.shape) if ordered.all() else np.where(present & ~ordered, data, 0.0)
    return _Sample(numbers, codes, present, x, weights, cases, counts, names, exogenous_names, group)


@dataclass(frozen=True)
class _Margins:
    """Stage 1: what each variable is alone."""

    cuts: Array  # (p, Kmax + 1): −∞, thresholds, ∞, ∞, ...
    centre: Array  # (p,) mean or intercept of a continuous variable, 0 of an ordered one
    scale: Array  # (p,) (residual) standard deviation, 1 of an ordered one
    slopes: Array  # (p, k)

    @classmethod
    def of(cls, sample: _Sample) -> _Margins:
        p, k = len(sample.names), sample.exogenous.shape[1]
        cuts = np.full((p, max(1, *sample.categories) + 1), np.inf)
        cuts[:, 0] = -np.inf
        centre, scale, slopes = np.zeros(p), np.ones(p), np.zeros((p, k))
        for j in range(p):
            rows = sample.present[:, j]
            x, weights = sample.exogenous[rows], sample.weights[rows]
            if _collinear(x):
                listed = ", ".join(sample.exogenous_names)
                raise ModelError("exogenous-collinear", exogenous=listed, group=sample.group or "1")
            if sample.ordered[j]:
                count = sample.categories[j]
                cuts[j, 1:count], slopes[j] = _ordered_probit(sample, j, sample.codes[rows, j], x, weights)
                continue
            y, design = sample.numbers[rows, j], np.column_stack([np.ones(len(x)), x])
            solution = np.linalg.lstsq(design, y, rcond=None)[0]
            centre[j], slopes[j] = solution[0], solution[1:]
            scale[j] = sqrt(np.mean((y - design @ solution) ** 2))
            if not scale[j] > 1e-10 * np.abs(y).max(initial=0.0):
                raise ModelError("constant-variable", variable=sample.names[j], group=sample.group or "1")
        return cls(cuts, centre, scale, slopes)


def _collinear(x: Array) -> bool:
    """Whether some combination of the columns is constant."""
    if not x.shape[1]:
        return False
    middle = x.mean(axis=0)
    spread = np.sqrt(np.mean((x - middle) ** 2, axis=0))
    if not (spread > 1e-12 * np.abs(middle)).all():
        return True
    return bool(np.linalg.cond((x - middle) / spread) > 1e10)


def _ordered_probit(
    sample: _Sample, j: int, codes: NDArray[np.int16], x: Array, weights: Array
) -> tuple[Array, Array]:
    """Thresholds and slopes of one ordered variable, by Newton's method on the (concave) log-likelihood."""
    count = int(sample.categories[j])
    shares = np.bincount(codes, weights, minlength=count + 1)[1:].cumsum() / weights.sum()
    thresholds, slopes = ndtri(shares[:-1]), np.zeros(x.shape[1])
    if not x.shape[1]:
        return thresholds, slopes
    middle, size = x.mean(axis=0), np.concatenate([np.ones(count - 1), x.std(axis=0)])
    x = x - middle
    upper, lower = _ordered_design(codes, x, count)

    def evaluated(parameters: Array) -> tuple[float, Array, Array]:
        cuts = np.concatenate([[-np.inf], parameters[: count - 1], [np.inf]])
        location = x @ parameters[count - 1 :]
        h, low = (np.clip(cuts[side] - location, -FAR, FAR) for side in (codes, codes - 1))
        chance = _between(low, h)
        up, down = _phi(h) / chance, -_phi(low) / chance
        gradient = upper.T @ up + lower.T @ down
        cross = (upper * (up * down)[:, None]).T @ lower
        curvature = (upper * (h * up + up * up)[:, None]).T @ upper
        curvature += (lower * (low * down + down * down)[:, None]).T @ lower
        return float(np.log(chance).sum()), gradient, curvature + cross + cross.T

    parameters = np.concatenate([thresholds, slopes])
    level, gradient, information = evaluated(parameters)
    for _ in range(100):
        flat = np.linalg.eigvalsh(information / np.outer(size, size))[0] < FLAT
        if flat or not np.abs(parameters * size).max() < FAR:
            break  # the categories are separated, the slopes on their way to infinity
        step = np.linalg.solve(information, gradient)
        for _ in range(40):
            proposal = parameters + step
            if (np.diff(proposal[: count - 1]) > 0).all():
                reached = evaluated(proposal)
                if reached[0] >= level - 1e-12 * abs(level):
                    break
            step = step / 2
        else:
            break
        parameters, (level, gradient, information) = proposal, reached
        if np.abs(step * size).max() < 1e-11:
            thresholds, slopes = parameters[: count - 1], parameters[count - 1 :]
            return thresholds + middle @ slopes, slopes
    raise ModelError(
        "probit-without-maximum",
        variable=sample.names[j],
        group=sample.group or "1",
        exogenous=", ".join(sample.exogenous_names),
    )


def _ordered_design(codes: NDArray[np.int16], x: Array, count: int) -> tuple[Array, Array]:
    """Derivatives of each case's upper and lower limit with respect to the thresholds and slopes, (n, K − 1 + k)."""
    steps = np.arange(1, count)
    upper = np.column_stack([codes[:, None] == steps, -x]).astype(float)
    lower = np.column_stack([codes[:, None] == steps + 1, -x]).astype(float)
    return upper, lower


def _phi(value: Array) -> Array:
    height: Array = np.exp(-value * value / 2) / sqrt(2 * pi)
    return height


def _between(low: Array, high: Array) -> Array:
    """Φ(high) − Φ(low), taken in the tail where nothing cancels, and never quite 0."""
    swap = low > 0
    chance: Array = ndtr(np.where(swap, -low, high)) - ndtr(np.where(swap, -high, low))
    return np.maximum(chance, 1e-300)


# --- cases: the likelihood of a pair, row by row -------------------------------------------------


class _Block:
    """Some cases, standardised.

    The likelihood of a case depends on the parameters of variable j through its limits (lower and upper, of an ordered
    variable) or its standardised value (of a continuous one). `designs(j)` are the derivatives of those with respect
    to the parameters of j: one matrix (rows, parameters) each, in the order of `_Layout.columns`.
    """

    def __init__(self, sample: _Sample, margins: _Margins, rows: slice) -> None:
        self.codes = sample.codes[rows]
        self.weights = sample.weights[rows]
        self.present = sample.present[rows].T.astype(float)
        self.x = sample.exogenous[rows]
        location = margins.slopes @ self.x.T
        variables = np.arange(len(location))[:, None]
        upper = np.maximum(self.codes.T, 1)
        self.limits = np.stack([margins.cuts[variables, upper - 1], margins.cuts[variables, upper]], axis=-1)
        self.limits = np.clip(self.limits - location[:, :, None], -FAR, FAR)
        self.values = (sample.numbers[rows].T - margins.centre[:, None] - location) / margins.scale[:, None]
        self._sample, self._margins = sample, margins

    def designs(self, j: int) -> tuple[Array, ...]:
        if self._sample.ordered[j]:
            upper, lower = _ordered_design(self.codes[:, j], self.x, int(self._sample.categories[j]))
            return lower, upper
        scale, z = self._margins.scale[j], self.values[j]
        return (np.column_stack([np.ones(len(z)), -self.x, -z / (2 * scale)]) / scale,)

    def alone(self, j: int) -> tuple[Array, ...]:
        """Derivatives of the log-likelihood of variable j alone with respect to its limits or value."""
        if self._sample.ordered[j]:
            low, high = self.limits[j].T
            chance = _between(low, high)
            return -_phi(low) / chance, _phi(high) / chance
        return (-self.values[j],)


def _blocks(sample: _Sample, margins: _Margins) -> Iterator[_Block]:
    return (_Block(sample, margins, slice(at, at + BLOCK)) for at in range(0, len(sample.codes), BLOCK))


class _Polychoric:
    """Two ordered variables: the likelihood of a case is the probability of a rectangle (Olsson 1979)."""

    @staticmethod
    def score(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        """First and second derivative of each case's log-likelihood with respect to the correlation, (pairs, rows)."""
        h, k = block.limits[a], block.limits[b]
        chance, first, second = _rectangles(h, k, rho, _corners(h, k, rho))
        score = first / chance
        return score[..., 0, 0], (second / chance - score * score)[..., 0, 0]

    @staticmethod
    def influence(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        """That first derivative, and those with respect to the limits or the value of each of the two variables."""
        h, k = block.limits[a], block.limits[b]
        chance, first, _ = _rectangles(h, k, rho, _corners(h, k, rho))
        one, two = _edges(h, k, rho)[..., 0] / chance[..., 0], _edges(k, h, rho)[..., 0] / chance[..., 0]
        return (first / chance)[..., 0, 0], ((-one[..., 0], one[..., 1]), (-two[..., 0], two[..., 1]))


class _Polyserial:
    """An ordered variable a and a continuous one b, standardised to z: the likelihood of a case is φ(z) [Φ(t) − Φ(t₋)]
    with t = (τ − ρ z) / √(1 − ρ²) (Olsson, Drasgow and Dorans 1982)."""

    @staticmethod
    def score(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        limits, z, r = block.limits[a], block.values[b][..., None], rho[:, None, None]
        rest = (1 - r) * (1 + r)
        root = np.sqrt(rest)
        at = (limits - r * z) / root
        slope = (r * limits - z) / (rest * root)
        bend = limits / (rest * root) + 3 * r * slope / rest
        chance = _between(at[..., 0], at[..., 1])
        height = _phi(at)
        first = np.diff(height * slope)[..., 0] / chance
        second = np.diff(height * (bend - at * slope * slope))[..., 0] / chance
        return first, second - first * first

    @staticmethod
    def influence(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        limits, z, r = block.limits[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        at = (limits - (r * z)[..., None]) / np.sqrt(rest)[..., None]
        height = _phi(at) / (_between(at[..., 0], at[..., 1]) * np.sqrt(rest))[..., None]
        low, high = -height[..., 0], height[..., 1]
        score = (high * (r * limits[..., 1] - z) + low * (r * limits[..., 0] - z)) / rest
        return score, ((low, high), (-z - r * (low + high),))


class _Pearson:
    """Two continuous variables."""

    @staticmethod
    def score(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        y, z, r = block.values[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        score = (r * rest + y * z * (1 + r * r) - r * (y * y + z * z)) / rest**2
        slope = (1 - 3 * r * r + 2 * r * y * z - y * y - z * z) / rest**2 + 4 * r * score / rest
        return score, slope

    @staticmethod
    def influence(block: _Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        y, z, r = block.values[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        return _Pearson.score(block, a, b, rho)[0], (((r * z - y) / rest,), ((r * y - z) / rest,))


@dataclass(frozen=True)
class _Kind:
    """The pairs of one kind: variables a and b, and their places among all pairs."""

    likelihood: type[_Polychoric] | type[_Polyserial] | type[_Pearson]
    a: Integers
    b: Integers
    places: Integers

    def parts(self, count: int, rows: int) -> Iterator[slice]:
        """`count` pairs, so many at a time as have `BLOCK_CELLS` cases together."""
        size = max(1, BLOCK_CELLS // max(rows, 1))
        return (slice(at, at + size) for at in range(0, count, size))

    def terms(self, sample: _Sample, margins: _Margins, rho: Array, chosen: Integers) -> tuple[Array, Array]:
        gradient, curvature = np.zeros(len(chosen)), np.zeros(len(chosen))
        for block in _blocks(sample, margins):
            for part in self.parts(len(chosen), len(block.weights)):
                a, b = self.a[chosen[part]], self.b[chosen[part]]
                weights = block.present[a] * block.present[b] * block.weights
                score, slope = self.likelihood.score(block, a, b, rho[part])
                gradient[part] += (weights * score).sum(axis=1)
                curvature[part] += (weights * slope).sum(axis=1)
        return gradient, curvature


# --- tables: the same for ordered variables without covariates -----------------------------------


@dataclass(frozen=True)
class _Tables:
    """Pairs of ordered variables without covariates: `counts` (pairs, K, K), limits h and k (pairs, K + 1)."""

    counts: Array
    h: Array
    k: Array

    @classmethod
    def of(cls, sample: _Sample, margins: _Margins, a: Integers, b: Integers) -> _Tables:
        size, p = margins.cuts.shape[1], len(sample.names)
        together = np.zeros((p * size, p * size))
        for rows in sample.blocks():
            answers = (sample.codes[rows].T[:, None, :] == np.arange(size)[:, None]).reshape(p * size, -1)
            one = answers.astype(np.float64)
            together += (one * sample.weights[rows]) @ one.T
        counts = together.reshape(p, size, p, size)[a, 1:, b, 1:]
        cuts = np.clip(margins.cuts, -FAR, FAR)
        return cls(counts, cuts[a], cuts[b])

    def without_empty(self, sizes: Integers, zero_add: tuple[float, float], keep_margins: bool) -> _Tables:
        """The same with something added to empty cells; `sizes` (pairs, 2) are the numbers of categories."""
        counts = self.counts.copy()
        inside = np.arange(counts.shape[1]) < sizes[:, :, None]
        empty = (counts == 0) & inside[:, 0, :, None] & inside[:, 1, None, :]
        small = (sizes == 2).all(axis=1)
        counts[~small] += zero_add[1] * empty[~small]
        # A 2 × 2 table with two empty cells is left alone: its variables are perfectly correlated.
        single = np.flatnonzero(small & (empty.sum(axis=(1, 2)) == 1))
        if len(single):
            hole = empty[single][:, :2, :2]
            counts[single, :2, :2] += zero_add[0] * hole
            if keep_margins:
                counts[single, :2, :2] += zero_add[0] * hole[:, ::-1, ::-1]
                counts[single, :2, :2] -= zero_add[0] * (hole[:, ::-1] | hole[:, :, ::-1])
        return _Tables(counts, self.h, self.k)

    def cells(self, rho: Array, chosen: Integers) -> tuple[Array, Array, Array]:
        """`_rectangles` of the chosen tables; Φ₂ at the outer limits is known."""
        h, k = self.h[chosen], self.k[chosen]
        corners = np.zeros((len(chosen), h.shape[1], k.shape[1]))
        corners[:, 1:-1, 1:-1] = _corners(h[:, 1:-1], k[:, 1:-1], rho)
        corners[:, -1], corners[:, :, -1] = ndtr(k), ndtr(h)
        return _rectangles(h, k, rho, corners)

    def terms(self, rho: Array, chosen: Integers) -> tuple[Array, Array]:
        chance, first, second = self.cells(rho, chosen)
        score, counts = first / chance, self.counts[chosen]
        curvature = (counts * (second / chance - score * score)).sum(axis=(1, 2))
        return (counts * score).sum(axis=(1, 2)), curvature

    def start(self) -> Array:
        """Correlations to begin with, from the mean responses of the categories: see `_start`."""
        one, two = (-np.diff(_phi(cuts)) / _between(cuts[:, :-1], cuts[:, 1:]) for cuts in (self.h, self.k))
        return _start(
            np.einsum("pab,pa,pb->p", self.counts, one, two),
            np.einsum("pab,pa->p", self.counts, one * one),
            np.einsum("pab,pb->p", self.counts, two * two),
            self.counts.sum(axis=(1, 2)),
        )

    def scores(self, rho: Array) -> tuple[Array, Array, Array]:
        """Score of each cell with respect to the correlation, (pairs, K, K), and its sum over cases with the scores of
        the thresholds of the first variable, and of the second, (pairs, K − 1)."""
        chance, first, _ = self.cells(rho, np.arange(len(rho)))
        score = first / chance
        share = self.counts * score / chance
        upper = _edges(self.h, self.k, rho)[:, 1:-1]
        left = _edges(self.k, self.h, rho)[:, 1:-1]
        by_first = -(np.diff(share, axis=1) * upper).sum(axis=2)
        by_second = -(np.diff(share, axis=2).transpose(0, 2, 1) * left).sum(axis=2)
        return score, by_first, by_second


def _corners(h: Array, k: Array, rho: Array) -> Array:
    """Φ₂ of each limit h (r, ..., a) with each limit k (r, ..., b)."""
    return probabilities(h[..., :, None], k[..., None, :], rho)


def _rectangles(h: Array, k: Array, rho: Array, corners: Array) -> tuple[Array, Array, Array]:
    """Probability of each rectangle between successive limits h (r, ..., a) and k (r, ..., b), and its first and second
    derivative with respect to the correlation rho (r,): by ∂Φ₂/∂ρ = φ₂ at the corners."""
    h, k = h[..., :, None], k[..., None, :]
    r = rho[(slice(None),) + (None,) * (h.ndim - 1)]
    first = density(h, k, r)
    second = density_slope(h, k, r, first)
    chance, first, second = (np.diff(np.diff(part, axis=-1), axis=-2) for part in (corners, first, second))
    return np.maximum(chance, TINY), first, second


def _edges(h: Array, k: Array, rho: Array) -> Array:
    """∂/∂h of P(X ≤ h, k[b] < Y ≤ k[b + 1]) for each limit h (r, ..., a): φ(h) [Φ((k − ρ h)/√(1 − ρ²))] in between."""
    r = rho[(slice(None),) + (None,) * h.ndim]
    h, k = h[..., :, None], k[..., None, :]
    at = (k - r * h) / np.sqrt((1 - r) * (1 + r))
    return _phi(h) * _between(at[..., :-1], at[..., 1:])


# --- stage 2: the correlation of each pair -------------------------------------------------------


def _start(product: Array, first: Array, second: Array, cases: Array) -> Array:
    """A correlation near the highest likelihood: with e the mean response of a category (or the value), Cov(e, e') is
    about ρ Var(e) Var(e')."""
    return product * cases / (first * second)


def _maximised(
    start: Array, terms: Callable[[Array, Integers], tuple[Array, Array]], flat: float
) -> tuple[Array, NDArray[np.bool_]]:
    """Correlations at which each pair's log-likelihood is highest, and whether it has such a maximum inside (−1, 1).

    Newton's method on all pairs at once, each within its bracket: a step that leaves it becomes a bisection. A second
    derivative smaller than `flat` is none.
    """
    rho = np.clip(start, -0.95, 0.95)
    low, high = np.full_like(rho, -LIMIT), np.full_like(rho, LIMIT)
    peak = np.zeros(len(rho), dtype=bool)
    active = np.arange(len(rho))
    while len(active):
        at = rho[active]
        gradient, curvature = terms(at, active)
        low[active] = np.where(gradient > 0, at, low[active])
        high[active] = np.where(gradient < 0, at, high[active])
        peak[active] = curved = curvature < -flat
        proposal = at - gradient / np.where(curved, curvature, -1)
        inside = curved & (proposal > low[active]) & (proposal < high[active])
        near = curved & (
            np.abs(proposal - at) < 1e-7
        )  # the error after this step is of the order of its square
        proposal = np.where(inside | near, proposal, (low[active] + high[active]) / 2)
        rho[active] = proposal
        active = active[~near & (np.abs(proposal - at) > 1e-12)]
    return rho, peak & (np.abs(rho) < LIMIT - 1e-6)


@dataclass(frozen=True)
class _Correlations:
    """Stage 2 of all pairs (1,2), (1,3), ..., (2,3), ...: `tables` are of those at `tabled`, `kinds` of the rest."""

    rho: Array
    first: Integers
    second: Integers
    tables: _Tables
    tabled: Integers
    kinds: tuple[_Kind, ...]

    @classmethod
    def of(
        cls, sample: _Sample, margins: _Margins, zero_add: tuple[float, float], keep_margins: bool
    ) -> _Correlations:
        first, second = np.triu_indices(len(sample.names), 1)
        ordered = sample.ordered
        both, none = ordered[first] & ordered[second], ~ordered[first] & ~ordered[second]
        _refuse_strangers(sample, first, second)
        rho, peak = np.zeros(len(first)), np.ones(len(first), dtype=bool)
        flat = 1e-7 * sample.cases

        tabled = np.flatnonzero(both if not sample.exogenous.shape[1] else both & False)
        a, b = first[tabled], second[tabled]
        tables = _Tables.of(sample, margins, a, b)
        sizes = np.stack([sample.categories[a], sample.categories[b]], axis=1)
        filled = tables.without_empty(sizes, zero_add, keep_margins)
        rho[tabled], peak[tabled] = _maximised(filled.start(), filled.terms, flat)

        turned = ordered[first]
        a, b = np.where(turned, first, second), np.where(turned, second, first)
        rest = np.ones(len(first), dtype=bool)
        rest[tabled] = False
        start = _start_by_cases(sample, margins, first, second) if rest.any() else rho
        kinds = []
        for likelihood, members in ((_Polychoric, both), (_Polyserial, ~both & ~none), (_Pearson, none)):
            places = np.flatnonzero(members & rest)
            if not len(places):
                continue
            kind = _Kind(likelihood, a[places], b[places], places)
            terms = partial(kind.terms, sample, margins)
            rho[places], peak[places] = _maximised(start[places], terms, flat)
            kinds.append(kind)
        _judge(sample, first, second, rho, peak)
        return cls(rho, first, second, tables, tabled, tuple(kinds))


def _start_by_cases(sample: _Sample, margins: _Margins, first: Integers, second: Integers) -> Array:
    p = len(sample.names)
    product, squares, cases = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    for block in _blocks(sample, margins):
        response = -np.stack([np.sum(block.alone(j), axis=0) for j in range(p)]) * block.present
        weighted, here = response * block.weights, block.present * block.weights
        product += weighted @ response.T
        squares += (weighted * response) @ block.present.T  # of the row's variable, where both are present
        cases += here @ block.present.T
    return _start(product, squares, squares.T, cases)[first, second]


def _pair_names(sample: _Sample, first: Integers, second: Integers, chosen: Integers) -> str:
    return ", ".join(f"{sample.names[first[c]]} – {sample.names[second[c]]}" for c in chosen)


def _refuse_strangers(sample: _Sample, first: Integers, second: Integers) -> None:
    if sample.present.all():
        return
    together = sample.present.T.astype(float) @ (sample.present * sample.weights[:, None])
    strangers = np.flatnonzero(together[first, second] == 0)
    if len(strangers):
        pairs = _pair_names(sample, first, second, strangers)
        raise ModelError("pair-without-cases", pairs=pairs, group=sample.group or "1")


def _judge(sample: _Sample, first: Integers, second: Integers, rho: Array, peak: NDArray[np.bool_]) -> None:
    lost = np.flatnonzero(~peak)
    if len(lost):
        pairs = _pair_names(sample, first, second, lost)
        raise ModelError("perfectly-collinear", pairs=pairs, group=sample.group or "1")
    near = np.flatnonzero(np.abs(rho) > HIGH)
    if len(near):
        pairs = _pair_names(sample, first, second, near)
        doubt = SemWarning("nearly-collinear", pairs=pairs, group=sample.group or "1", limit=HIGH)
        warnings.warn(doubt, stacklevel=4)


# --- stage 3: the covariance of everything -------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """Where each parameter of stage 1 stands: thresholds and minus means, slopes, variances."""

    variable: Integers  # of each threshold or minus mean
    head: tuple[Integers, ...]  # thresholds or minus mean of each variable
    columns: tuple[Integers, ...]  # those, slopes, and variance if continuous, of each variable
    variance: Integers  # place of each variable's variance; −1 of an ordered one
    size: int

    @classmethod
    def of(cls, sample: _Sample) -> _Layout:
        p, k = len(sample.names), sample.exogenous.shape[1]
        heads = np.where(sample.ordered, sample.categories - 1, 1)
        ends = np.cumsum(heads)
        total = int(heads.sum())
        variance = np.where(sample.ordered, -1, total + p * k + np.cumsum(~sample.ordered) - 1)
        head = tuple(np.arange(end - count, end) for end, count in zip(ends, heads, strict=True))
        columns = tuple(
            np.concatenate(
                [head[j], total + j + p * np.arange(k), variance[j : j + 1][variance[j : j + 1] >= 0]]
            )
            for j in range(p)
        )
        return cls(
            np.repeat(np.arange(p), heads),
            head,
            columns,
            variance,
            total + p * k + int((~sample.ordered).sum()),
        )


def _assembled(sample: _Sample, margins: _Margins, correlations: _Correlations) -> OrdinalStatistics:
    layout = _Layout.of(sample)
    q = layout.size
    first, second, rho = correlations.first, correlations.second, correlations.rho
    inner, cross = _score_products(sample, margins, correlations, layout)

    # Influence of the cases on (θ₁, ρ) is A⁻¹ s; on covariances σ_ij = ρ d_i d_j the delta method.
    own = np.zeros((q, q))
    for j, columns in enumerate(layout.columns):
        block = np.ix_(columns, columns)
        unit = np.sqrt(np.diag(inner[block]))
        correlation = inner[block] / np.outer(unit, unit)
        if np.linalg.cond(correlation) > SINGULAR:
            raise ModelError("scores-dependent", variable=sample.names[j], group=sample.group or "1")
        own[block] = np.linalg.inv(correlation) / np.outer(unit, unit)
    d = margins.scale
    product = d[first] * d[second]
    scores = product / np.diag(inner)[q:]
    through = -scores[:, None] * cross
    for side, other in ((first, second), (second, first)):
        numeric = np.flatnonzero(layout.variance[side] >= 0)
        places = layout.variance[side[numeric]]
        through[numeric, places] += rho[numeric] * d[other[numeric]] / (2 * d[side[numeric]])
    through = through @ own
    both = inner[:q, :q] @ own
    nacov = np.empty_like(inner)
    nacov[:q, :q] = own @ both
    nacov[q:, :q] = through @ both + scores[:, None] * (inner[q:, :q] @ own)
    nacov[:q, q:] = nacov[q:, :q].T
    mixed = (through @ inner[:q, q:]) * scores
    nacov[q:, q:] = (
        through @ inner[:q, :q] @ through.T + mixed + mixed.T + scores[:, None] * inner[q:, q:] * scores
    )
    nacov *= sample.cases

    thresholds = np.empty(len(layout.variable))
    for j, head in enumerate(layout.head):
        thresholds[head] = margins.cuts[j, 1 : len(head) + 1] if sample.ordered[j] else -margins.centre[j]
    covariance = np.diag(d * d)
    covariance[first, second] = covariance[second, first] = rho * product
    moments = np.concatenate(
        [thresholds, margins.slopes.T.ravel(), (d * d)[~sample.ordered], covariance[first, second]]
    )
    return OrdinalStatistics(
        n=sample.cases,
        names=sample.names,
        ordered=tuple(bool(value) for value in sample.ordered),
        exogenous=sample.exogenous_names,
        thresholds=thresholds,
        threshold_variable=layout.variable,
        slopes=margins.slopes,
        covariance=covariance,
        moments=moments,
        nacov=(nacov + nacov.T) / 2,
    )


def _score_products(
    sample: _Sample, margins: _Margins, correlations: _Correlations, layout: _Layout
) -> tuple[Array, Array]:
    """Σ s s' of all casewise scores, and A₂₁, both summed over blocks of cases."""
    q, pairs = layout.size, len(correlations.rho)
    inner, cross = np.zeros((q + pairs, q + pairs)), np.zeros((pairs, q))
    tables, tabled = correlations.tables, correlations.tabled
    a, b = correlations.first[tabled], correlations.second[tabled]
    cells, by_first, by_second = tables.scores(correlations.rho[tabled])
    for place, i, j, left, right in zip(tabled, a, b, by_first, by_second, strict=True):
        cross[place, layout.head[i]] = left[: len(layout.head[i])]
        cross[place, layout.head[j]] = right[: len(layout.head[j])]
    size = margins.cuts.shape[1]
    padded = np.zeros((len(tabled), size, size))  # category 0, missing, scores nothing
    padded[:, 1:, 1:] = cells
    lookup = padded.reshape(len(tabled), size * size)

    for block in _blocks(sample, margins):
        scores = np.empty((q + pairs, len(block.weights)))
        designs = [block.designs(j) for j in range(len(sample.names))]
        for j, columns in enumerate(layout.columns):
            total = np.zeros((len(columns), len(block.weights)))
            for slope, design in zip(block.alone(j), designs[j], strict=True):
                total += slope * design.T
            if layout.variance[j] >= 0:
                total[-1] -= 1 / (2 * margins.scale[j] ** 2)
            scores[columns] = total * block.present[j]
        codes = np.ascontiguousarray(block.codes.T).astype(np.intp)
        for row, i, j, place in zip(lookup, a, b, q + tabled, strict=True):
            np.take(row, codes[i] * size + codes[j], out=scores[place], mode="clip")
        for kind in correlations.kinds:
            for part in kind.parts(len(kind.places), len(block.weights)):
                places, sides = kind.places[part], (kind.a[part], kind.b[part])
                rho = correlations.rho[places]
                here = block.present[sides[0]] * block.present[sides[1]]
                score, derivatives = kind.likelihood.influence(block, *sides, rho)
                scores[q + places] = score * here
                weighted = score * (here * block.weights)
                for side, slopes in zip(sides, derivatives, strict=True):
                    for j in np.unique(side):
                        chosen = side == j
                        into = np.ix_(places[chosen], layout.columns[j])
                        for slope, design in zip(slopes, designs[j], strict=True):
                            cross[into] += (weighted * slope)[chosen] @ design
                        if layout.variance[j] >= 0:
                            cross[places[chosen], layout.variance[j]] -= weighted[chosen].sum(axis=1) / (
                                2 * margins.scale[j] ** 2
                            )
        scores *= np.sqrt(block.weights)
        inner += scores @ scores.T
    return inner, cross
