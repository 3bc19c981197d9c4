"""The likelihood of a pair of variables, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from confianza.sem.data.ordinal.margins import Margins, normal_density, ordered_design, probability_between
from confianza.sem.data.ordinal.sample import BLOCK, Integers, OrdinalSample
from confianza.sem.data.ordinal.tables import corners_of, edges, rectangles
from confianza.sem.numerics.bivariate_normal import FAR
from confianza.sem.numerics.matrices import Array

Sides = tuple[tuple[Array, ...], tuple[Array, ...]]
BLOCK_CELLS = 1 << 12  # pairs × rows computed at once: what stays in a processor's cache


class Block:
    """Some cases, standardized.

    The likelihood of a case depends on the parameters of variable j through its limits (lower and upper, of an ordered
    variable) or its standardized value (of a continuous one). `designs(j)` are the derivatives of those with respect
    to the parameters of j: one matrix (rows, parameters) each, in the order of `_Layout.columns`.
    """

    def __init__(self, sample: OrdinalSample, margins: Margins, rows: slice) -> None:
        self.codes = sample.codes[rows]
        self.weights = sample.weights[rows]
        self.present = sample.present[rows].T.astype(float)
        self.x = sample.exogenous[rows]
        location = margins.slopes @ self.x.T
        variables = np.arange(len(location))[:, None]
        upper = np.maximum(self.codes.T, 1)
        self.limits = np.stack([margins.cuts[variables, upper - 1], margins.cuts[variables, upper]], axis=-1)
        self.limits = np.clip(self.limits - location[:, :, None], -FAR, FAR)
        self.values = (sample.numbers[rows].T - margins.center[:, None] - location) / margins.scale[:, None]
        self._sample, self._margins = sample, margins

    def designs(self, j: int) -> tuple[Array, ...]:
        """Derivatives of the limits, or of the value, of variable j with respect to its parameters."""
        if self._sample.ordered[j]:
            upper, lower = ordered_design(self.codes[:, j], self.x, int(self._sample.categories[j]))
            return lower, upper
        scale, z = self._margins.scale[j], self.values[j]
        return (np.column_stack([np.ones(len(z)), -self.x, -z / (2 * scale)]) / scale,)

    def alone(self, j: int) -> tuple[Array, ...]:
        """Derivatives of the log-likelihood of variable j alone with respect to its limits or value."""
        if self._sample.ordered[j]:
            low, high = self.limits[j].T
            chance = probability_between(low, high)
            return -normal_density(low) / chance, normal_density(high) / chance
        return (-self.values[j],)


def blocks_of(sample: OrdinalSample, margins: Margins) -> Iterator[Block]:
    """The rows of a sample, a block at a time."""
    return (Block(sample, margins, slice(at, at + BLOCK)) for at in range(0, len(sample.codes), BLOCK))


class Polychoric:
    """Two ordered variables: the likelihood of a case is the probability of a rectangle (Olsson 1979)."""

    @staticmethod
    def score(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        """First and second derivative of each case's log-likelihood with respect to the correlation, (pairs, rows)."""
        h, k = block.limits[a], block.limits[b]
        chance, first, second = rectangles(h, k, rho, corners_of(h, k, rho))
        score = first / chance
        return score[..., 0, 0], (second / chance - score * score)[..., 0, 0]

    @staticmethod
    def influence(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        """That first derivative, and those with respect to the limits or the value of each of the two variables."""
        h, k = block.limits[a], block.limits[b]
        chance, first, _ = rectangles(h, k, rho, corners_of(h, k, rho))
        one, two = edges(h, k, rho)[..., 0] / chance[..., 0], edges(k, h, rho)[..., 0] / chance[..., 0]
        return (first / chance)[..., 0, 0], ((-one[..., 0], one[..., 1]), (-two[..., 0], two[..., 1]))


class Polyserial:
    """An ordered variable a and a continuous one b, standardized to z: the likelihood of a case is φ(z) [Φ(t) − Φ(t₋)]
    with t = (τ − ρ z) / √(1 − ρ²) (Olsson, Drasgow and Dorans 1982)."""

    @staticmethod
    def score(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        """As of `Polychoric`."""
        limits, z, r = block.limits[a], block.values[b][..., None], rho[:, None, None]
        rest = (1 - r) * (1 + r)
        root = np.sqrt(rest)
        at = (limits - r * z) / root
        slope = (r * limits - z) / (rest * root)
        bend = limits / (rest * root) + 3 * r * slope / rest
        chance = probability_between(at[..., 0], at[..., 1])
        height = normal_density(at)
        first = np.diff(height * slope)[..., 0] / chance
        second = np.diff(height * (bend - at * slope * slope))[..., 0] / chance
        return first, second - first * first

    @staticmethod
    def influence(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        """As of `Polychoric`."""
        limits, z, r = block.limits[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        at = (limits - (r * z)[..., None]) / np.sqrt(rest)[..., None]
        height = normal_density(at) / (probability_between(at[..., 0], at[..., 1]) * np.sqrt(rest))[..., None]
        low, high = -height[..., 0], height[..., 1]
        score = (high * (r * limits[..., 1] - z) + low * (r * limits[..., 0] - z)) / rest
        return score, ((low, high), (-z - r * (low + high),))


class Pearson:
    """Two continuous variables."""

    @staticmethod
    def score(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Array]:
        """As of `Polychoric`."""
        y, z, r = block.values[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        score = (r * rest + y * z * (1 + r * r) - r * (y * y + z * z)) / rest**2
        slope = (1 - 3 * r * r + 2 * r * y * z - y * y - z * z) / rest**2 + 4 * r * score / rest
        return score, slope

    @staticmethod
    def influence(block: Block, a: Integers, b: Integers, rho: Array) -> tuple[Array, Sides]:
        """As of `Polychoric`."""
        y, z, r = block.values[a], block.values[b], rho[:, None]
        rest = (1 - r) * (1 + r)
        return Pearson.score(block, a, b, rho)[0], (((r * z - y) / rest,), ((r * y - z) / rest,))


@dataclass(frozen=True)
class PairsOfKind:
    """The pairs of one kind: variables a and b, and their places among all pairs."""

    likelihood: type[Polychoric] | type[Polyserial] | type[Pearson]
    a: Integers
    b: Integers
    places: Integers

    def parts(self, count: int, rows: int) -> Iterator[slice]:
        """`count` pairs, so many at a time as have `BLOCK_CELLS` cases together."""
        size = max(1, BLOCK_CELLS // max(rows, 1))
        return (slice(at, at + size) for at in range(0, count, size))

    def terms(
        self, sample: OrdinalSample, margins: Margins, rho: Array, chosen: Integers
    ) -> tuple[Array, Array]:
        """First and second derivative of the log-likelihood of the chosen pairs with respect to their correlations."""
        gradient, curvature = np.zeros(len(chosen)), np.zeros(len(chosen))
        for block in blocks_of(sample, margins):
            for part in self.parts(len(chosen), len(block.weights)):
                a, b = self.a[chosen[part]], self.b[chosen[part]]
                weights = block.present[a] * block.present[b] * block.weights
                score, slope = self.likelihood.score(block, a, b, rho[part])
                gradient[part] += (weights * score).sum(axis=1)
                curvature[part] += (weights * slope).sum(axis=1)
        return gradient, curvature
