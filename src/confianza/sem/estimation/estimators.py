"""Discrepancies between what a model implies and what was observed, with gradients and information matrices.

Each is half the usual fit function, weighted by group, so that 2 N f is the chi-square statistic of the normal
likelihood. Everything comes by *element* of the structure and may carry leading dimensions (bootstrap draws).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from confianza.sem.model.structure import Implied, Structure
from confianza.sem.numerics.matrices import Array, entries, inverse_and_logdet, vech

Draws = NDArray[np.intp] | int  # places in the leading dimension


@dataclass(frozen=True)
class Derivatives:
    """Value (...), gradient (..., G, elements), and information or Hessian (..., G, elements, elements)."""

    value: Array
    gradient: Array
    information: Array


class Discrepancy(Protocol):
    """What an optimizer needs of an estimator."""

    def value(self, structure: Structure, elements: Array) -> Array:
        """The discrepancy (...); infinite where it is not defined."""

    def slope(self, structure: Structure, elements: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, elements)."""

    def some(self, draws: Draws) -> Discrepancy:
        """That of some of the draws, where there is a leading dimension."""

    def derivatives(self, structure: Structure, elements: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and the expected information, or the exact Hessian."""


def quadratic_information(structure: Structure, first: Array, second: Array) -> Array:
    """w_i w_j tr(X dS_i Y dS_j) made symmetric in X and Y, from symmetric C'XC and C'YC of the used columns C."""
    uu, vv, uv = structure.uu, structure.vv, structure.uv
    out = entries(first, uu)
    out *= entries(second, vv)
    other = entries(first, vv)
    other *= entries(second, uu)
    out += other
    crossed = entries(first, uv)
    crossed *= np.swapaxes(entries(second, uv), -1, -2)
    out += crossed
    out += np.swapaxes(crossed, -1, -2)
    out *= structure.pair_weight
    return out


def normal_hessian(
    structure: Structure,
    implied: Implied,
    columns: Array,
    inverse: Array,
    middle: Array,
    direction: Array,
    *,
    with_means: bool,
) -> Array:
    """Second derivatives of (log|Sigma| + tr(Sigma^-1 T)) / 2 without the curvature of the model.

    T = S + d d' with d the difference of means; `middle` is Sigma^-1 T Sigma^-1, `direction` Sigma^-1 d.
    """
    transposed = np.swapaxes(columns, -1, -2)
    expected = transposed @ inverse @ columns
    observed = transposed @ middle @ columns
    out = quadratic_information(structure, expected, observed - 0.5 * expected)
    if with_means:
        factors = structure.mean_factors(implied)
        along = (direction[..., None, :] @ columns)[..., 0, :]
        same = entries(expected, structure.uu)
        cross = same * (structure.weight * along.take(structure.second, axis=-1))[..., None, :]
        cross += (
            entries(expected, structure.uv)
            * (structure.weight * along.take(structure.first, axis=-1))[..., None, :]
        )
        cross *= factors[..., :, None]
        out += cross
        out += np.swapaxes(cross, -1, -2)
        same *= factors[..., :, None]
        same *= factors[..., None, :]
        out += same
    return out


class MaximumLikelihood:
    """Normal theory maximum likelihood on means and covariances of complete data.

    f = sum_g (n_g / N) [log|Sigma| - log|S| + tr(S Sigma^-1) - p + (m - mu)' Sigma^-1 (m - mu)] / 2
    """

    def __init__(self, covariance: Array, mean: Array, share: Array, *, with_means: bool) -> None:
        self.covariance, self.mean, self.share, self.with_means = covariance, mean, share, with_means
        self._logdet = inverse_and_logdet(covariance)[1]

    def some(self, draws: Draws) -> MaximumLikelihood:
        """That of some of the draws."""
        other = copy(self)
        other.covariance, other.mean, other._logdet = (
            self.covariance[draws],
            self.mean[draws],
            self._logdet[draws],
        )
        return other

    def _difference(self, implied: Implied) -> Array:
        return self.mean - implied.mean if self.with_means else np.zeros_like(implied.mean)

    def _value(self, implied: Implied, inverse: Array, logdet: Array, difference: Array) -> Array:
        fit = logdet - self._logdet + (inverse * self.covariance).sum(axis=(-1, -2)) - implied.mean.shape[-1]
        if self.with_means:
            fit = fit + (difference[..., None, :] @ inverse @ difference[..., None])[..., 0, 0]
        value: Array = 0.5 * (self.share * fit).sum(axis=-1)
        return np.where(np.isnan(value), np.inf, value)

    def value(self, structure: Structure, elements: Array) -> Array:
        """The discrepancy (...); infinite where Sigma is not positive definite."""
        implied = structure.implied(elements)
        inverse, logdet = inverse_and_logdet(implied.covariance)
        return self._value(implied, inverse, logdet, self._difference(implied))

    def slope(self, structure: Structure, elements: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, elements)."""
        value, gradient, *_ = self._first_order(structure, elements)
        return value, gradient * self.share[..., None]

    def _first_order(
        self, structure: Structure, elements: Array
    ) -> tuple[Array, Array, Implied, Array, Array, Array, Array]:
        """Value, gradient of each group, and what they were made of."""
        implied = structure.implied(elements)
        inverse, logdet = inverse_and_logdet(implied.covariance)
        difference = self._difference(implied)
        value = self._value(implied, inverse, logdet, difference)
        columns = structure.columns_of(implied)
        total = self.covariance
        if self.with_means:
            total = total + difference[..., :, None] * difference[..., None, :]
        middle = inverse @ total @ inverse
        direction = (inverse @ difference[..., None])[..., 0]
        gradient = structure.covariance_gradient(columns, inverse - middle)
        if self.with_means:
            gradient -= structure.mean_gradient(implied, columns, direction)
        return value, gradient, implied, inverse, columns, middle, direction

    def derivatives(self, structure: Structure, elements: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and the expected information, or the exact Hessian."""
        value, gradient, implied, inverse, columns, middle, direction = self._first_order(structure, elements)
        if exact:
            information = normal_hessian(
                structure, implied, columns, inverse, middle, direction, with_means=self.with_means
            )
            information += structure.curvature(
                implied, columns, inverse - middle, -direction if self.with_means else None
            )
        else:
            factors = structure.mean_factors(implied) if self.with_means else None
            information = structure.information(columns, inverse, factors)
        return _shared(value, gradient, information, self.share)


class GeneralizedLeastSquares:
    """f = sum_g (n_g / N) [tr((W (S - Sigma))^2) / 2 + (m - mu)' W (m - mu)] / 2 with W = S^-1 (GLS)."""

    def __init__(self, covariance: Array, mean: Array, share: Array, *, with_means: bool) -> None:
        self.covariance, self.mean, self.share, self.with_means = covariance, mean, share, with_means
        self.inverse = np.linalg.inv(covariance)

    def some(self, draws: Draws) -> GeneralizedLeastSquares:
        """That of some of the draws."""
        other = copy(self)
        other.covariance, other.mean, other.inverse = (
            self.covariance[draws],
            self.mean[draws],
            self.inverse[draws],
        )
        return other

    def value(self, structure: Structure, elements: Array) -> Array:
        """The discrepancy (...)."""
        implied = structure.implied(elements)
        scaled = self.inverse @ (self.covariance - implied.covariance)
        fit = 0.5 * (scaled * np.swapaxes(scaled, -1, -2)).sum(axis=(-1, -2))
        if self.with_means:
            difference = self.mean - implied.mean
            fit = fit + (difference[..., None, :] @ self.inverse @ difference[..., None])[..., 0, 0]
        value: Array = 0.5 * (self.share * fit).sum(axis=-1)
        return value

    def slope(self, structure: Structure, elements: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, elements)."""
        gradient, *_ = self._first_order(structure, elements)
        return self.value(structure, elements), gradient * self.share[..., None]

    def _first_order(
        self, structure: Structure, elements: Array
    ) -> tuple[Array, Implied, Array, Array, Array | None]:
        implied = structure.implied(elements)
        columns = structure.columns_of(implied)
        middle = self.inverse @ (self.covariance - implied.covariance) @ self.inverse
        gradient = -structure.covariance_gradient(columns, middle)
        direction = None
        if self.with_means:
            direction = (self.inverse @ (self.mean - implied.mean)[..., None])[..., 0]
            gradient -= structure.mean_gradient(implied, columns, direction)
        return gradient, implied, columns, middle, direction

    def derivatives(self, structure: Structure, elements: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and the expected information, or the exact Hessian."""
        gradient, implied, columns, middle, direction = self._first_order(structure, elements)
        weight = np.broadcast_to(self.inverse, implied.covariance.shape)
        factors = structure.mean_factors(implied) if self.with_means else None
        information = structure.information(columns, weight, factors)
        if exact:
            information -= structure.curvature(implied, columns, middle, direction)
        return _shared(self.value(structure, elements), gradient, information, self.share)


def _shared(value: Array, gradient: Array, information: Array, share: Array) -> Derivatives:
    return Derivatives(value, gradient * share[..., None], information * share[..., None, None])


class MomentModel(Protocol):
    """Moments of a structure stacked as a vector, and their derivatives by every element."""

    def stacked(self, structure: Structure, elements: Array) -> Array:
        """Moments (..., G, m)."""

    def jacobian(self, structure: Structure, elements: Array) -> Array:
        """Derivatives (..., G, m, elements)."""


@dataclass(frozen=True)
class ContinuousMoments:
    """Means, where asked for, and the lower triangle of the covariance by columns."""

    with_means: bool

    def stacked(self, structure: Structure, elements: Array) -> Array:
        """Moments (..., G, m)."""
        implied = structure.implied(elements)
        parts = [vech(implied.covariance)]
        if self.with_means:
            parts.insert(0, implied.mean)
        return np.concatenate(parts, axis=-1)

    def jacobian(self, structure: Structure, elements: Array) -> Array:
        """Derivatives (..., G, m, elements)."""
        return structure.jacobian(structure.implied(elements), with_means=self.with_means)


class LeastSquares:
    """f = sum_g (n_g / N) (s - sigma)' W (s - sigma) / 2 over stacked moments; W a matrix or a diagonal a group.

    Unweighted (ULS), diagonally weighted (DWLS) and weighted (WLS, ADF) least squares.
    """

    def __init__(self, model: MomentModel, moments: Array, weights: Array, share: Array) -> None:
        self.model, self.moments, self.weights, self.share = model, moments, weights, share
        self.is_diagonal = weights.ndim == moments.ndim

    def some(self, draws: Draws) -> LeastSquares:
        """That of some of the draws."""
        return LeastSquares(self.model, self.moments[draws], self.weights[draws], self.share)

    def _weighted(self, vectors: Array) -> Array:
        if self.is_diagonal:
            return self.weights * vectors
        weighted: Array = (self.weights @ vectors[..., None])[..., 0]
        return weighted

    def _value(self, difference: Array, weighted: Array) -> Array:
        value: Array = 0.5 * (self.share * (difference * weighted).sum(axis=-1)).sum(axis=-1)
        return value

    def value(self, structure: Structure, elements: Array) -> Array:
        """The discrepancy (...)."""
        difference = self.moments - self.model.stacked(structure, elements)
        value = self._value(difference, self._weighted(difference))
        return np.where(np.isnan(value), np.inf, value)

    def slope(self, structure: Structure, elements: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, elements)."""
        difference = self.moments - self.model.stacked(structure, elements)
        weighted = self._weighted(difference)
        if isinstance(self.model, ContinuousMoments):
            implied = structure.implied(elements)
            columns = structure.columns_of(implied)
            p = structure.n_observed if self.model.with_means else 0
            gradient = -structure.covariance_gradient(
                columns, _as_middle(weighted[..., p:], structure.n_observed)
            )
            if self.model.with_means:
                gradient -= structure.mean_gradient(implied, columns, weighted[..., :p])
        else:
            jacobian = self.model.jacobian(structure, elements)
            gradient = -(np.swapaxes(jacobian, -1, -2) @ weighted[..., None])[..., 0]
        return self._value(difference, weighted), gradient * self.share[..., None]

    def derivatives(self, structure: Structure, elements: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and J'WJ; `exact` adds the curvature of a model of means and covariances."""
        difference = self.moments - self.model.stacked(structure, elements)
        weighted = self._weighted(difference)
        jacobian = self.model.jacobian(structure, elements)
        transposed = np.swapaxes(jacobian, -1, -2)
        gradient = -(transposed @ weighted[..., None])[..., 0]
        if self.is_diagonal:
            information = transposed @ (self.weights[..., None] * jacobian)
        else:
            information = transposed @ self.weights @ jacobian
        if exact and isinstance(self.model, ContinuousMoments):
            p = structure.n_observed
            direction = weighted[..., :p] if self.model.with_means else None
            middle = _as_middle(weighted[..., p:] if self.model.with_means else weighted, p)
            implied = structure.implied(elements)
            information = information - structure.curvature(
                implied, structure.columns_of(implied), middle, direction
            )
        return _shared(self._value(difference, weighted), gradient, information, self.share)


def _as_middle(weights: Array, p: int) -> Array:
    """X with tr(X D) / 2 = sum of weights times the lower triangle of D."""
    row, column = np.triu_indices(p)
    out = np.zeros((*weights.shape[:-1], p, p))
    out[..., row, column] = weights
    return out + np.swapaxes(out, -1, -2)
