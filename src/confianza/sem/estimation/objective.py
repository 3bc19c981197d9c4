"""A discrepancy as a function of the coordinates that linear equalities leave."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from confianza.sem.estimation.estimators import ContinuousMoments, Discrepancy, LeastSquares
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array, Indices
from confianza.sem.numerics.minimize import scales

DIFFERENCE = 1e-4  # of a coordinate's scale: how far apart gradients are whose difference gives the Hessian


@dataclass(frozen=True)
class LinearMap:
    """Parameters as a linear function of the free coordinates z (equality constraints).

    Parameters of one place among the `merged` values are equal; the merged values are `offset + directions @ z`, or z
    itself where there are no directions.
    """

    merged: Indices  # (parameters,)
    directions: Array | None = None  # (merged values, coordinates)
    offset: Array | None = None  # (merged values,)

    @cached_property
    def n_merged(self) -> int:
        """Number of merged values."""
        return int(self.merged.max(initial=-1)) + 1

    @property
    def n_coordinates(self) -> int:
        """Number of free coordinates."""
        return self.n_merged if self.directions is None else int(self.directions.shape[1])

    @cached_property
    def basis(self) -> Array:
        """Derivatives of the parameters by the coordinates (parameters, coordinates)."""
        if self.directions is None:
            return np.eye(self.n_merged)[self.merged]
        return self.directions[self.merged]

    def parameters(self, z: Array) -> Array:
        """Values of the parameters (..., parameters)."""
        if self.directions is not None:
            z = self.offset + z @ self.directions.T
        return z[..., self.merged]

    def coordinates(self, parameters: Array) -> Array:
        """The coordinates of given parameters (..., parameters): equal ones at their mean, the rest by least squares."""
        counts = np.bincount(self.merged, minlength=self.n_merged)
        means = np.zeros((*parameters.shape[:-1], self.n_merged))
        np.add.at(means.T, self.merged, parameters.T)
        means /= counts
        if self.directions is None or self.offset is None:
            return means
        solved: Array = np.linalg.lstsq(self.directions, (means - self.offset).T, rcond=None)[0].T
        return solved


class Objective:
    """A discrepancy as a function of the free coordinates.

    `fixed` (..., G, elements) takes the place of the structure's fixed values, where draws have their own.
    """

    def __init__(self, structure: Structure, discrepancy: Discrepancy, linear: LinearMap) -> None:
        self.structure, self.discrepancy, self.linear = structure, discrepancy, linear
        self.fixed: Array | None = None
        padded = np.append(linear.merged, -1)
        self._merged = padded[
            structure.parameter_index
        ]  # (G, elements): place among the merged values, -1 where fixed
        self._plans: dict[int, list[_Plan]] = {}

    def over(self, discrepancy: Discrepancy, fixed: Array | None = None) -> Objective:
        """The same coordinates under another discrepancy."""
        other = copy(self)
        other.discrepancy, other.fixed = discrepancy, fixed
        return other

    def elements(self, z: Array) -> Array:
        """Values of the elements (..., G, elements)."""
        return self.structure.elements(self.linear.parameters(z), self.fixed)

    def value(self, z: Array) -> Array:
        """The discrepancy (...)."""
        with np.errstate(all="ignore"):
            return self.discrepancy.value(self.structure, self.elements(z))

    def slope(self, z: Array) -> tuple[Array, Array]:
        """Value and gradient (..., coordinates)."""
        with np.errstate(all="ignore"):
            value, gradient = self.discrepancy.slope(self.structure, self.elements(z))
        return value, self.gather(gradient)

    def derivatives(self, z: Array, *, exact: bool) -> tuple[Array, Array, Array]:
        """Value, gradient (..., coordinates) and information or Hessian."""
        with np.errstate(all="ignore"):
            by_element = self.discrepancy.derivatives(self.structure, self.elements(z), exact=exact)
        return by_element.value, self.gather(by_element.gradient), self.gather_matrix(by_element.information)

    @cached_property
    def has_hessian(self) -> bool:
        """Whether `derivatives` gives the exact Hessian; not for the moments of ordered variables."""
        one = self.discrepancy
        return not isinstance(one, LeastSquares) or isinstance(one.model, ContinuousMoments)

    def hessian(self, z: Array) -> Array:
        """The exact Hessian (coordinates, coordinates), by differences of gradients where there is no formula."""
        if self.has_hessian:
            return self.derivatives(z, exact=True)[2]
        step = DIFFERENCE * scales(self.derivatives(z, exact=False)[2])
        rows = [(self.slope(z + one)[1] - self.slope(z - one)[1]) / (2 * one.max()) for one in np.diag(step)]
        hessian = np.array(rows)
        return (hessian + hessian.T) / 2

    def gather(self, by_element: Array) -> Array:
        """A gradient by element as one by coordinate."""
        if by_element.ndim == 2:
            merged = self._merged[:, : by_element.shape[-1]]
            free = merged >= 0
            out = np.bincount(merged[free], weights=by_element[free], minlength=self.linear.n_merged)
            return out if self.linear.directions is None else out @ self.linear.directions
        onto = np.concatenate(self._onto[:, : by_element.shape[-1]])
        return by_element.reshape(*by_element.shape[:-2], -1) @ onto

    @cached_property
    def _onto(self) -> Array:
        """Derivatives of the elements by the coordinates (G, elements, coordinates)."""
        padded = np.vstack([self.linear.basis, np.zeros(self.linear.basis.shape[1])])
        return padded[self.structure.parameter_index]

    def gather_matrix(self, by_elements: Array) -> Array:
        """An information matrix by element as one by coordinate."""
        lead, n, elements = by_elements.shape[:-3], self.linear.n_merged, by_elements.shape[-1]
        if elements not in self._plans:
            self._plans[elements] = [_Plan.of(places, n) for places in self._merged[:, :elements]]
        out = np.zeros((*lead, n * n))
        for group, plan in enumerate(self._plans[elements]):
            out[..., plan.into] += plan.picked(by_elements[..., group, :, :])
        out = out.reshape(*lead, n, n)
        directions = self.linear.directions
        return out if directions is None else directions.T @ out @ directions


@dataclass(frozen=True)
class _Plan:
    """Which entries of a group's matrix by element go where in the flat matrix by merged value."""

    from_: Indices
    into: Indices
    merge: Array | None  # where elements of one group share a value

    @classmethod
    def of(cls, places: Indices, n: int) -> _Plan:
        """The plan of elements at `places` among n merged values, -1 for a fixed element."""
        free = np.flatnonzero(places >= 0)
        unique, inverse = np.unique(places[free], return_inverse=True)
        merge = None
        if len(unique) < len(free):
            merge = np.zeros((len(free), len(unique)))
            merge[np.arange(len(free)), inverse] = 1.0
        else:
            unique = places[free]
        flat = (free[:, None] * len(places) + free).ravel()
        return cls(flat, (unique[:, None] * n + unique).ravel(), merge)

    def picked(self, by_elements: Array) -> Array:
        """The entries (..., places) of a matrix by element."""
        lead = by_elements.shape[:-2]
        flat = by_elements.reshape(*lead, -1)[..., self.from_]
        if self.merge is None:
            return flat
        size = len(self.merge)
        block = self.merge.T @ flat.reshape(*lead, size, size) @ self.merge
        return block.reshape(*lead, -1)
