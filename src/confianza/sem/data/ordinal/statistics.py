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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from confianza.errors import ModelError
from confianza.sem.data.ordinal.correlations import Correlations
from confianza.sem.data.ordinal.margins import Margins
from confianza.sem.data.ordinal.pairs import blocks_of
from confianza.sem.data.ordinal.sample import Integers, OrdinalSample, ordinal_sample
from confianza.sem.numerics.matrices import Array

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
    sample = ordinal_sample(data, categories, exogenous, missing, names, exogenous_names, group)
    margins = Margins.of(sample)
    correlations = Correlations.of(sample, margins, zero_add, zero_keep_margins)
    return _assembled(sample, margins, correlations)


@dataclass(frozen=True)
class _Layout:
    """Where each parameter of stage 1 stands: thresholds and minus means, slopes, variances."""

    variable: Integers  # of each threshold or minus mean
    head: tuple[Integers, ...]  # thresholds or minus mean of each variable
    columns: tuple[Integers, ...]  # those, slopes, and variance if continuous, of each variable
    variance: Integers  # place of each variable's variance; −1 of an ordered one
    size: int

    @classmethod
    def of(cls, sample: OrdinalSample) -> _Layout:
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


def _assembled(sample: OrdinalSample, margins: Margins, correlations: Correlations) -> OrdinalStatistics:
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
        thresholds[head] = margins.cuts[j, 1 : len(head) + 1] if sample.ordered[j] else -margins.center[j]
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
    sample: OrdinalSample, margins: Margins, correlations: Correlations, layout: _Layout
) -> tuple[Array, Array]:
    """Σ s s' of all casewise scores, and A₂₁, both summed over blocks of cases."""
    q, pairs = layout.size, len(correlations.rho)
    inner, cross = np.zeros((q + pairs, q + pairs)), np.zeros((pairs, q))
    tables, tabled = correlations.tables, correlations.tabled
    a, b = correlations.first[tabled], correlations.second[tabled]
    cells, by_first, by_second = tables.scores(correlations.rho[tabled])
    for index, i, j, left, right in zip(tabled, a, b, by_first, by_second, strict=True):
        cross[index, layout.head[i]] = left[: len(layout.head[i])]
        cross[index, layout.head[j]] = right[: len(layout.head[j])]
    size = margins.cuts.shape[1]
    padded = np.zeros((len(tabled), size, size))  # category 0, missing, scores nothing
    padded[:, 1:, 1:] = cells
    lookup = padded.reshape(len(tabled), size * size)

    for block in blocks_of(sample, margins):
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
        for row, i, j, index in zip(lookup, a, b, q + tabled, strict=True):
            np.take(row, codes[i] * size + codes[j], out=scores[index], mode="clip")
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
