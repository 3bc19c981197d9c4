"""Full information maximum likelihood: every row counts with the variables it has (missing at random)."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from confianza.sem.data.patterns import Patterns
from confianza.sem.estimation.estimators import Derivatives, Draws
from confianza.sem.model.structure import Implied, Structure
from confianza.sem.numerics.matrices import Array


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

    def value(self, structure: Structure, elements: Array) -> Array:
        """The discrepancy (...)."""
        implied = structure.implied(elements)
        values = [
            group.minus_log_likelihood(implied.covariance[..., g, :, :], implied.mean[..., g, :])
            for g, group in enumerate(self.patterns)
        ]
        return (np.sum(values, axis=0) - self.floor) / self.n

    def slope(self, structure: Structure, elements: Array) -> tuple[Array, Array]:
        """Value (...) and gradient (..., G, elements)."""
        implied = structure.implied(elements)
        parts = [
            _first_order(structure, _of_group(implied, g), group) for g, group in enumerate(self.patterns)
        ]
        value = np.sum([part.value for part in parts], axis=0) - self.floor
        return value / self.n, np.stack([part.gradient for part in parts], axis=-2) / self.n

    def derivatives(self, structure: Structure, elements: Array, *, exact: bool) -> Derivatives:
        """Value, gradient and the information expected given the patterns, or the exact Hessian."""
        implied = structure.implied(elements)
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
        by_moments = group.information(first.inverse, first.middle if exact else None, first.direction)
        jacobian = structure.jacobian(implied, with_means=True)
        information = np.swapaxes(jacobian, -1, -2) @ by_moments @ jacobian
        if exact:
            columns = structure.columns_of(implied)
            information += structure.curvature(implied, columns, first.rest, -first.slope)
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
    value = group.value_at(inverse, logdet, difference, direction)
    middle = group.middles(inverse, direction)
    columns = structure.columns_of(implied)
    rest = group.summed(inverse - middle)
    slope = (group.counts[..., None] * direction).sum(axis=-2)
    gradient = structure.covariance_gradient(columns, rest)
    gradient -= structure.mean_gradient(implied, columns, slope)
    return _FirstOrder(value, gradient, inverse, middle, direction, rest, slope)


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
