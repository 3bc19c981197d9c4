"""Rows with gaps by the variables they have: their likelihood, and their moments without a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.numerics.matrices import Array, Indices, inverse_and_logdet, symmetric, vech, vech_indices
from confianza.sem.numerics.minimize import minimize

EM_STEPS = 3  # before Newton steps toward the saturated moments
MANY = 40  # variables whose pairs are not kept in memory
CHUNK = 4_000_000  # numbers in one array of a block of rows


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
        for k, (start, end) in enumerate(pairwise(starts)):
            centered = (filled[start:end] - mean[k]) * seen[first[k]]
            covariance[k] = centered.T @ centered / (end - start)
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

    @cached_property
    def _both(self) -> NDArray[np.bool_]:
        return self.masks[:, :, None] & self.masks[:, None, :]

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """The pairs of variables (p, p) that no row has together: the data say nothing of their covariance."""
        return np.asarray(~self._both.any(axis=0), dtype=bool)

    @cached_property
    def _gaps(self) -> Array:
        return np.eye(self.masks.shape[1]) * ~self.masks[:, None, :]

    @cached_property
    def _constants(self) -> Array:
        return log(2 * pi) * self.masks.sum(axis=1)

    @cached_property
    def _spread(self) -> Indices:
        """The patterns that have any covariance: of those of one row there is nothing to add up."""
        return np.flatnonzero(self.covariance.any(axis=(*range(self.covariance.ndim - 3), -1, -2)))

    def inverses(self, covariance: Array) -> tuple[Array, Array]:
        """Inverse (..., K, p, p; zeros where missing) and log-determinant (..., K) of what is observed."""
        filled = np.where(self._both, covariance[..., None, :, :], self._gaps)
        inverse, logdet = inverse_and_logdet(filled)
        inverse *= self._both
        return inverse, logdet

    def differences(self, mean: Array) -> Array:
        """Observed less given means (..., K, p), zero where missing."""
        return np.where(self.masks, self.mean - mean[..., None, :], 0.0)

    def minus_log_likelihood(self, covariance: Array, mean: Array) -> Array:
        """Less the log-likelihood (...), with its constant; infinite where `covariance` will not do."""
        inverse, logdet = self.inverses(covariance)
        difference = self.differences(mean)
        return self.value_at(inverse, logdet, difference, (inverse @ difference[..., None])[..., 0])

    def value_at(self, inverse: Array, logdet: Array, difference: Array, direction: Array) -> Array:
        """Less the log-likelihood (...) from its pieces by pattern; `direction` is inverse @ difference."""
        fit = logdet + self._constants + (direction * difference).sum(axis=-1)
        some = self._spread
        fit[..., some] += np.einsum(
            "...kij,...kij->...k", inverse[..., some, :, :], self.covariance[..., some, :, :]
        )
        value: Array = 0.5 * (self.counts * fit).sum(axis=-1)
        return np.where(np.isnan(value), np.inf, value)

    def middles(self, inverse: Array, direction: Array) -> Array:
        """Sigma^-1 T Sigma^-1 of every pattern, T its covariance and the square of its difference (..., K, p, p)."""
        middle = direction[..., :, None] * direction[..., None, :]
        some = self._spread
        part = inverse[..., some, :, :]
        middle[..., some, :, :] += part @ self.covariance[..., some, :, :] @ part
        return middle

    def summed(self, matrices: Array) -> Array:
        """Matrices (..., K, i, j) summed over patterns, each as often as it counts."""
        flat = matrices.reshape(*matrices.shape[:-2], -1)
        total: Array = (self.counts[..., None, :] @ flat)[..., 0, :]
        return total.reshape(*total.shape[:-1], *matrices.shape[-2:])

    def information(self, inverse: Array, middle: Array | None, direction: Array) -> Array:
        """Second derivatives (..., m, m) by the moments, means first: expected, or exact given `middle`.

        Of pairs of covariances: sum_k n_k tr(W dS_i Y dS_j) made symmetric, Y = W / 2 or M - W / 2. All W and Y are
        products of one matrix of patterns by pairs of variables with another.
        """
        p = self.masks.shape[1]
        pairs = _Pairs.of(p)
        first = vech(inverse)
        second = 0.5 * first if middle is None else vech(middle) - 0.5 * first
        transposed = np.swapaxes(first, -1, -2)
        total = transposed @ (self.counts[..., None] * second)
        total = (total + np.swapaxes(total, -1, -2)).reshape(*total.shape[:-2], -1)
        block = total[..., pairs.near]
        block += total[..., pairs.far]
        block *= pairs.weight[:, None] * pairs.weight
        m = p + len(pairs.weight)
        out = np.zeros((*total.shape[:-1], m, m))
        out[..., p:, p:] = block
        out[..., :p, :p] = symmetric((transposed @ self.counts[..., None])[..., 0], p)
        if middle is not None:
            along = transposed @ (self.counts[..., None] * direction)
            row, column = vech_indices(p)
            cross = along[..., pairs.place[:, row], column] + along[..., pairs.place[:, column], row]
            cross *= pairs.weight
            out[..., :p, p:] = cross
            out[..., p:, :p] = np.swapaxes(cross, -1, -2)
        return out

    def row_information(self, covariance: Array, mean: Array, *, exact: bool) -> Array:
        """The information of one row on the moments (m, m), means first, at given ones."""
        inverse, _ = self.inverses(covariance)
        direction = (inverse @ self.differences(mean)[..., None])[..., 0]
        middle = self.middles(inverse, direction) if exact else None
        return self.information(inverse, middle, direction) / self.counts.sum()

    def row_scores(self, data: Array, covariance: Array, mean: Array) -> Iterator[Array]:
        """Blocks (rows, m) of the derivatives of the rows' log-likelihoods by the moments, means first."""
        row, column = vech_indices(data.shape[1])
        weight = np.where(row == column, 0.5, 1.0)
        inverse, _ = self.inverses(covariance)
        size = max(1, CHUNK // inverse[0].size)
        order = np.lexsort(np.packbits(~np.isnan(data), axis=1).T[::-1])
        ends = np.cumsum(self.counts).astype(int)
        for start in range(0, len(data), size):
            rows = data[order[start : start + size]]
            pattern = np.searchsorted(ends, np.arange(start, start + len(rows)), side="right")
            off = np.where(np.isnan(rows), 0.0, rows - mean)
            along = (inverse[pattern] @ off[..., None])[..., 0]
            yield np.hstack(
                [along, weight * (along[:, row] * along[:, column] - inverse[pattern][:, row, column])]
            )


@dataclass(frozen=True)
class _Pairs:
    """Places of pairs of variables in a lower triangle, and where two of its entries meet in a product of triangles."""

    place: Indices  # (p, p)
    near: Indices  # (pairs, pairs): (a, c) with (b, d) for the pairs (a, b) and (c, d), in a flat matrix
    far: Indices  # (a, d) with (b, c)
    weight: Array  # a half for a variance

    @classmethod
    def of(cls, p: int) -> _Pairs:
        """Those of p variables; kept when they are few."""
        return _few_pairs(p) if p <= MANY else cls._made(p)

    @classmethod
    def _made(cls, p: int) -> _Pairs:
        row, column = vech_indices(p)
        index = np.zeros((p, p), dtype=np.intp)
        index[row, column] = index[column, row] = np.arange(len(row))
        near = index[row[:, None], row] * len(row) + index[column[:, None], column]
        far = index[row[:, None], column] * len(row) + index[column[:, None], row]
        return cls(index, near, far, np.where(row == column, 0.5, 1.0))


@cache
def _few_pairs(p: int) -> _Pairs:
    return _Pairs._made(p)


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


@dataclass(frozen=True)
class _Unrestricted:
    """Less the log-likelihood of a row as a function of the moments in units of `scale`, means first."""

    patterns: Patterns
    scale: Array
    has_hessian = True

    def hessian(self, z: Array) -> Array:
        return self.derivatives(z, exact=True)[2]

    def derivatives(self, z: Array, *, exact: bool) -> tuple[Array, Array, Array]:
        patterns, p = self.patterns, self.patterns.masks.shape[1]
        mean, covariance = self.moments(z)
        with np.errstate(all="ignore"):
            inverse, logdet = patterns.inverses(covariance)
            difference = patterns.differences(mean)
            direction = (inverse @ difference[..., None])[..., 0]
            middle = patterns.middles(inverse, direction)
            value = patterns.value_at(inverse, logdet, difference, direction)
            row, column = vech_indices(p)
            rest = patterns.summed(inverse - middle)[row, column]
            gradient = np.concatenate(
                [-(patterns.counts @ direction), np.where(row == column, 0.5, 1.0) * rest]
            )
            information = patterns.information(inverse, middle if exact else None, direction)
        unseen = np.flatnonzero(np.concatenate([np.zeros(p), vech(patterns.unseen.astype(float))]))
        information[unseen, unseen] = 1.0  # no row says anything of them, and they stay where they are
        n = patterns.counts.sum()
        units = np.concatenate([self.scale, self.scale[row] * self.scale[column]])
        return value / n, gradient * units / n, information * (units[:, None] * units / n)

    def moments(self, z: Array) -> tuple[Array, Array]:
        p = len(self.scale)
        return z[:p] * self.scale, symmetric(z[p:], p) * np.outer(self.scale, self.scale)


def saturated_moments(patterns: Patterns, *, group: str = "1") -> tuple[Array, Array]:
    """Means and covariances of maximum likelihood without a model: a few steps of EM, then Newton's.

    Raises
    ------
    ModelError
        There is no such maximum: too few rows for so many variables with gaps.
    """
    masks, counts = patterns.masks, patterns.counts
    seen = np.maximum(counts @ masks, 1.0)
    mean = counts @ patterns.mean / seen
    off = patterns.differences(mean)
    spread = np.einsum("k,kii->i", counts, patterns.covariance) + counts @ off**2
    covariance = np.diag(spread / seen)
    if masks.all():
        total = patterns.covariance + off[:, :, None] * off[:, None, :]
        return mean, np.einsum("k,kij->ij", counts / counts.sum(), total)
    for _ in range(EM_STEPS):
        mean, covariance = _em_step(patterns, mean, covariance)
    scale = np.sqrt(np.diag(covariance))
    search = _Unrestricted(patterns, scale)
    start = np.concatenate([mean / scale, vech(covariance / np.outer(scale, scale))])
    optimum = minimize(search, start)
    if not optimum.converged:
        raise ModelError("sem-saturated-missing", group=group, count=int(counts.sum()))
    return search.moments(optimum.z)
