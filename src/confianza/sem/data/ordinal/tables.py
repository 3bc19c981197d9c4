"""Pairs of ordered variables without covariates: the likelihood of a table of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from confianza.sem.data.ordinal.margins import Margins, normal_density, probability_between
from confianza.sem.data.ordinal.sample import Integers, OrdinalSample
from confianza.sem.numerics.bivariate_normal import FAR, density, density_slope, probabilities
from confianza.sem.numerics.matrices import Array

TINY = float(np.finfo(float).eps)  # a probability computed as smaller than this is rounding error


@dataclass(frozen=True)
class Tables:
    """Pairs of ordered variables without covariates: `counts` (pairs, K, K), limits h and k (pairs, K + 1)."""

    counts: Array
    h: Array
    k: Array

    @classmethod
    def of(cls, sample: OrdinalSample, margins: Margins, a: Integers, b: Integers) -> Tables:
        """The tables of the pairs a, b: how many cases stand in each pair of categories."""
        size, p = margins.cuts.shape[1], len(sample.names)
        together = np.zeros((p * size, p * size))
        for rows in sample.blocks():
            answers = (sample.codes[rows].T[:, None, :] == np.arange(size)[:, None]).reshape(p * size, -1)
            one = answers.astype(np.float64)
            together += (one * sample.weights[rows]) @ one.T
        counts = together.reshape(p, size, p, size)[a, 1:, b, 1:]
        cuts = np.clip(margins.cuts, -FAR, FAR)
        return cls(counts, cuts[a], cuts[b])

    def without_empty(self, sizes: Integers, zero_add: tuple[float, float], keep_margins: bool) -> Tables:
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
        return Tables(counts, self.h, self.k)

    def cells(self, rho: Array, chosen: Integers) -> tuple[Array, Array, Array]:
        """`rectangles` of the chosen tables; Φ₂ at the outer limits is known."""
        h, k = self.h[chosen], self.k[chosen]
        corners = np.zeros((len(chosen), h.shape[1], k.shape[1]))
        corners[:, 1:-1, 1:-1] = corners_of(h[:, 1:-1], k[:, 1:-1], rho)
        corners[:, -1], corners[:, :, -1] = ndtr(k), ndtr(h)
        return rectangles(h, k, rho, corners)

    def terms(self, rho: Array, chosen: Integers) -> tuple[Array, Array]:
        """First and second derivative of the log-likelihood of the chosen tables with respect to their correlations."""
        chance, first, second = self.cells(rho, chosen)
        score, counts = first / chance, self.counts[chosen]
        curvature = (counts * (second / chance - score * score)).sum(axis=(1, 2))
        return (counts * score).sum(axis=(1, 2)), curvature

    def start(self) -> Array:
        """Correlations to begin with, from the mean responses of the categories: see `first_correlation`."""
        one, two = (
            -np.diff(normal_density(cuts)) / probability_between(cuts[:, :-1], cuts[:, 1:])
            for cuts in (self.h, self.k)
        )
        return first_correlation(
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
        upper = edges(self.h, self.k, rho)[:, 1:-1]
        left = edges(self.k, self.h, rho)[:, 1:-1]
        by_first = -(np.diff(share, axis=1) * upper).sum(axis=2)
        by_second = -(np.diff(share, axis=2).transpose(0, 2, 1) * left).sum(axis=2)
        return score, by_first, by_second


def corners_of(h: Array, k: Array, rho: Array) -> Array:
    """Φ₂ of each limit h (r, ..., a) with each limit k (r, ..., b)."""
    return probabilities(h[..., :, None], k[..., None, :], rho)


def rectangles(h: Array, k: Array, rho: Array, corners: Array) -> tuple[Array, Array, Array]:
    """Probability of each rectangle between successive limits h (r, ..., a) and k (r, ..., b), and its first and second
    derivative with respect to the correlation rho (r,): by ∂Φ₂/∂ρ = φ₂ at the corners."""
    h, k = h[..., :, None], k[..., None, :]
    r = rho[(slice(None),) + (None,) * (h.ndim - 1)]
    first = density(h, k, r)
    second = density_slope(h, k, r, first)
    chance, first, second = (np.diff(np.diff(part, axis=-1), axis=-2) for part in (corners, first, second))
    return np.maximum(chance, TINY), first, second


def edges(h: Array, k: Array, rho: Array) -> Array:
    """∂/∂h of P(X ≤ h, k[b] < Y ≤ k[b + 1]) for each limit h (r, ..., a): φ(h) [Φ((k − ρ h)/√(1 − ρ²))] in between."""
    r = rho[(slice(None),) + (None,) * h.ndim]
    h, k = h[..., :, None], k[..., None, :]
    at = (k - r * h) / np.sqrt((1 - r) * (1 + r))
    return normal_density(h) * probability_between(at[..., :-1], at[..., 1:])


def first_correlation(product: Array, first: Array, second: Array, cases: Array) -> Array:
    """A correlation near the highest likelihood: with e the mean response of a category (or the value), Cov(e, e') is
    about ρ Var(e) Var(e')."""
    return product * cases / (first * second)
