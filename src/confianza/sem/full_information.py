"""Full information maximum likelihood: every row counts with the variables it has (missing at random)."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from confianza.sem.estimators import Derivatives, Draws, inverse_and_logdet, normal_hessian
from confianza.sem.structure import Array, Implied, Structure

BLOCK = 4_000_000  # numbers in one array of a block of patterns


@dataclass(frozen=True)
class Patterns:
    """The rows of one group by which variables they have: masks (K, p), counts (K,), moments with zeros.

    `mean` (K, p) and `covariance` (K, p, p; divided by the count) are zero where nothing was observed.
    """

    masks: NDArray[np.bool_]
    counts: Array
    mean: Array
    covariance: Array

    @classmethod
    def of(cls, data: Array) -> Patterns:
        """The patterns of a data matrix (n, p) with NaN for what is missing; no row is empty."""
        seen = ~np.isnan(data)
        codes = np.packbits(seen, axis=1)
        _, first, of_row, counts = np.unique(
            codes, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        order = np.argsort(of_row.ravel(), kind="stable")
        filled = np.where(seen, data, 0.0)[order]
        starts = np.concatenate([[0], np.cumsum(counts)])
        mean = np.add.reduceat(filled, starts[:-1], axis=0) / counts[:, None]
        covariance = np.empty((len(counts), data.shape[1], data.shape[1]))
        for k, (start, end) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
            centred = (filled[start:end] - mean[k]) * seen[first[k]]
            covariance[k] = centred.T @ centred / (end - start)
        return cls(seen[first], counts.astype(float), mean, covariance)

    @classmethod
    def of_draws(cls, data: Array, weights: Array) -> Patterns:
        """The patterns of a data matrix (n, p) whose rows count as often as each draw took them (draws, n)."""
        seen = ~np.isnan(data)
        masks, of_row = np.unique(seen, axis=0, return_inverse=True)
        p = data.shape[1]
        counts = np.empty((len(weights), len(masks)))
        mean = np.empty((len(weights), len(masks), p))
        covariance = np.empty((len(weights), len(masks), p, p))
        filled = np.where(seen, data - np.nanmean(data, axis=0), 0.0)
        for k in range(len(masks)):
            rows = np.flatnonzero(of_row.ravel() == k)
            taken, part = weights[:, rows], filled[rows]
            counts[:, k] = taken.sum(axis=1)
            share = taken / np.maximum(counts[:, k, None], 1.0)
            mean[:, k] = share @ part
            products = (part[:, :, None] * part[:, None, :]).reshape(len(rows), -1)
            covariance[:, k] = (share @ products).reshape(-1, p, p)
        covariance -= mean[..., :, None] * mean[..., None, :]
        return cls(masks, counts, np.where(masks, mean + np.nanmean(data, axis=0), 0.0), covariance)

    def inverses(self, covariance: Array) -> tuple[Array, Array]:
        """Inverse (..., K, p, p; zeros where missing) and log-determinant (..., K) of what is observed."""
        both = self.masks[:, :, None] & self.masks[:, None, :]
        p = self.masks.shape[1]
        gaps = np.eye(p) * ~self.masks[:, None, :]
        inverse, logdet = inverse_and_logdet(np.where(both, covariance[..., None, :, :], 0.0) + gaps)
        return inverse * both, logdet

    def differences(self, mean: Array) -> Array:
        """Observed less given means (..., K, p), zero where missing."""
        return np.where(self.masks, self.mean - mean[..., None, :], 0.0)

    def minus_log_likelihood(self, covariance: Array, mean: Array) -> Array:
        """Less the log-likelihood (...), with its constant; infinite where `covariance` will not do."""
        inverse, logdet = self.inverses(covariance)
        difference = self.differences(mean)
        fit = logdet + (inverse * self.covariance).sum(axis=(-1, -2)) + log(2 * pi) * self.masks.sum(axis=1)
        fit = fit + (difference[..., None, :] @ inverse @ difference[..., None])[..., 0, 0]
        value: Array = 0.5 * (self.counts * fit).sum(axis=-1)
        return np.where(np.isnan(value), np.inf, value)


def _em_step(patterns: Patterns, mean: Array, covariance: Array) -> tuple[Array, Array]:
    inverse, _ = patterns.inverses(covariance)
    regression = covariance @ inverse
    difference = patterns.differences(mean)
    completed = mean + (regression @ difference[..., None])[..., 0]
    shares = patterns.counts / patterns.counts.sum()
    new_mean = shares @ completed
    off = completed - new_mean
    spread = regression @ patterns.covariance @ np.swapaxes(regression, -1, -2) - regression @ covariance
    new = np.einsum("k,kij->ij", shares, spread) + covariance + (off * shares[:, None]).T @ off
    return new_mean, (new + new.T) / 2


def saturated_moments(patterns: Patterns, *, tolerance: float = 1e-13) -> tuple[Array, Array]:
    """Means and covariances of maximum likelihood without a model, by accelerated EM.

    References
    ----------
    Varadhan and Roland (2008), Scandinavian Journal of Statistics 35, 335-353 (SQUAREM, scheme S3).
    """
    masks, counts = patterns.masks, patterns.counts
    p = masks.shape[1]
    seen = np.maximum(counts @ masks, 1.0)
    mean = counts @ patterns.mean / seen
    off = patterns.differences(mean)
    spread = np.einsum("k,kii->i", counts, patterns.covariance) + counts @ off**2
    covariance = np.diag(spread / seen)
    if masks.all():
        total = patterns.covariance + off[:, :, None] * off[:, None, :]
        return mean, np.einsum("k,kij->ij", counts / counts.sum(), total)

    def step(point: Array) -> Array:
        new_mean, new = _em_step(patterns, point[:p], point[p:].reshape(p, p))
        return np.concatenate([new_mean, new.ravel()])

    def cost(point: Array) -> float:
        return float(patterns.minus_log_likelihood(point[p:].reshape(p, p), point[:p]))

    point = np.concatenate([mean, covariance.ravel()])
    scale = np.sqrt(np.diag(covariance))
    units = np.concatenate([scale, np.outer(scale, scale).ravel()])
    value = np.inf
    for _ in range(2000):
        first = step(point)
        second = step(first)
        r, v = first - point, second - 2 * first + point
        if np.abs((second - first) / units).max() < tolerance:
            point = second
            break
        length = -max(1.0, float(np.linalg.norm(r / units) / (np.linalg.norm(v / units) + 1e-300)))
        candidate = step(point - 2 * length * r + length**2 * v)
        reached = cost(candidate)
        if not reached <= value + 1e-9 * abs(value):
            candidate = second
            reached = cost(candidate)
        point, value = candidate, reached
    return point[:p], point[p:].reshape(p, p)


class FullInformation:
    """f = -log-likelihood / N of incomplete rows, less its smallest value (that of the saturated model, if given).

    Patterns may have a leading dimension (bootstrap draws) in their counts and moments; every draw has N rows.
    """

    def __init__(self, patterns: list[Patterns], saturated: list[tuple[Array, Array]]) -> None:
        self.patterns = patterns
        self.n = float(sum(group.counts.sum(axis=-1).max() for group in patterns))
        self.floor = 0.0
        if saturated:
            self.floor = sum(
                float(group.minus_log_likelihood(covariance, mean))
                for group, (mean, covariance) in zip(patterns, saturated, strict=True)
            )

    def some(self, draws: Draws) -> FullInformation:
        """That of some of the draws."""
        other = copy(self)
        other.patterns = [
            replace(
                group,
                counts=group.counts[draws],
                mean=group.mean[draws],
                covariance=group.covariance[draws],
            )
            for group in self.patterns
        ]
        return other

    def value(self, structure: Structure, cells: Array) -> Array:
        """The discrepancy (...)."""
        implied = structure.implied(cells)
        values = [
            group.minus_log_likelihood(implied.covariance[..., g, :, :], implied.mean[..., g, :])
            for g, group in enumerate(self.patterns)
        ]
        return (np.sum(values, axis=0) - self.floor) / self.n

    def slope(self, structure: Structure, cells: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, cells)."""
        implied = structure.implied(cells)
        parts = [
            _first_order(structure, _of_group(implied, g), group) for g, group in enumerate(self.patterns)
        ]
        value = np.sum([part.value for part in parts], axis=0) - self.floor
        return value / self.n, np.stack([part.gradient for part in parts], axis=-2) / self.n

    def derivatives(self, structure: Structure, cells: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and the information expected given the patterns, or the exact Hessian."""
        implied = structure.implied(cells)
        parts = [
            self._group(structure, _of_group(implied, g), group, exact=exact)
            for g, group in enumerate(self.patterns)
        ]
        return Derivatives(
            (np.sum([part.value for part in parts], axis=0) - self.floor) / self.n,
            np.stack([part.gradient for part in parts], axis=-2) / self.n,
            np.stack([part.information for part in parts], axis=-3) / self.n,
        )

    @staticmethod
    def _group(structure: Structure, implied: Implied, group: Patterns, *, exact: bool) -> Derivatives:
        first = _first_order(structure, implied, group)
        columns = structure.columns_of(implied)[..., None, :, :]
        information = np.zeros((*first.gradient.shape, structure.n_linear))
        block = max(1, BLOCK // structure.n_linear**2)
        factors = structure.mean_factors(implied)[..., None, :]
        spread = Implied(
            *(
                np.expand_dims(part, -2 if part.ndim < implied.effects.ndim else -3)
                for part in (
                    implied.effects,
                    implied.covariances,
                    implied.means,
                    implied.loadings,
                    implied.crossed,
                    implied.covariance,
                    implied.mean,
                )
            )
        )
        for start in range(0, len(group.masks), block):
            some = slice(start, start + block)
            if exact:
                found = normal_hessian(
                    structure,
                    spread,
                    columns,
                    first.inverse[..., some, :, :],
                    first.middle[..., some, :, :],
                    first.direction[..., some, :],
                    with_means=True,
                )
            else:
                found = structure.information(columns, first.inverse[..., some, :, :], factors)
            information += _summed(group.counts[..., some], found)
        if exact:
            information += structure.curvature(implied, columns[..., 0, :, :], first.rest, -first.slope)
        return Derivatives(first.value, first.gradient, information)


@dataclass(frozen=True)
class _FirstOrder:
    """A group's part of value and gradient, and what they were made of, by pattern or summed over patterns."""

    value: Array
    gradient: Array
    inverse: Array  # (..., K, p, p)
    middle: Array  # (..., K, p, p)
    direction: Array  # (..., K, p)
    rest: Array  # (..., p, p)
    slope: Array  # (..., p)


def _first_order(structure: Structure, implied: Implied, group: Patterns) -> _FirstOrder:
    inverse, logdet = group.inverses(implied.covariance)
    difference = group.differences(implied.mean)
    direction = (inverse @ difference[..., None])[..., 0]
    fit = logdet + (inverse * group.covariance).sum(axis=(-1, -2)) + log(2 * pi) * group.masks.sum(axis=1)
    value = 0.5 * (group.counts * (fit + (direction * difference).sum(axis=-1))).sum(axis=-1)
    total = group.covariance + difference[..., :, None] * difference[..., None, :]
    middle = inverse @ total @ inverse
    columns = structure.columns_of(implied)
    rest = _summed(group.counts, inverse - middle)
    slope = (group.counts[..., None] * direction).sum(axis=-2)
    gradient = structure.covariance_gradient(columns, rest)
    gradient -= structure.mean_gradient(implied, columns, slope)
    return _FirstOrder(value, gradient, inverse, middle, direction, rest, slope)


def _summed(counts: Array, matrices: Array) -> Array:
    """Matrices (..., K, i, j) summed over patterns, each as often as it counts (..., K)."""
    flat = matrices.reshape(*matrices.shape[:-2], -1)
    total: Array = (counts[..., None, :] @ flat)[..., 0, :]
    return total.reshape(*total.shape[:-1], *matrices.shape[-2:])


def _of_group(implied: Implied, group: int) -> Implied:
    return Implied(
        implied.effects[..., group, :, :],
        implied.covariances[..., group, :, :],
        implied.means[..., group, :],
        implied.loadings[..., group, :, :],
        implied.crossed[..., group, :, :],
        implied.covariance[..., group, :, :],
        implied.mean[..., group, :],
    )
