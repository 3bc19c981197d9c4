"""Minimise a discrepancy by Fisher scoring that ends in Newton steps; for one fit or many draws at once."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf

from confianza.sem.estimation.estimators import ContinuousMoments, Discrepancy, LeastSquares
from confianza.sem.model.structure import Array, Indices, Structure

TOLERANCE = 1e-20  # of g' H^-1 g: the step left, in standard errors squared over the sample size
CLOSE = 1e-2  # below it the exact Hessian is used
LAST = 1e-12  # below it a Newton step leaves less than the tolerance
SHORT = 1 / 8  # of a step; what is still too long then is damped
FIRST_DAMPING, LAST_DAMPING = 1e-3, 1e12
ROUGH = 1e-13  # a search that finds nothing better below it has reached the accuracy of the numbers
CURVED = 1e-6  # of a Hessian with entries up to one: an eigenvalue further below zero is no rounding
DEFINITE = 1e-6  # of a pivot of a matrix with a diagonal of ones
DIFFERENCE = 1e-4  # of a coordinate's scale: how far apart gradients are whose difference gives the Hessian
ESCAPES = 20  # so often a search leaves a saddle point


@dataclass(frozen=True)
class LinearMap:
    """Slots as a linear function of the free coordinates z (equality constraints).

    Slots of one place among the `merged` values are equal; the merged values are `offset + directions @ z`, or z
    itself where there are no directions.
    """

    merged: Indices  # (slots,)
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
        """Derivatives of the slots by the coordinates (slots, coordinates)."""
        if self.directions is None:
            return np.eye(self.n_merged)[self.merged]
        return self.directions[self.merged]

    def slots(self, z: Array) -> Array:
        """Values of the slots (..., slots)."""
        if self.directions is not None:
            z = self.offset + z @ self.directions.T
        return z[..., self.merged]

    def coordinates(self, slots: Array) -> Array:
        """The coordinates of given slots (..., slots): equal ones at their mean, the rest by least squares."""
        counts = np.bincount(self.merged, minlength=self.n_merged)
        means = np.zeros((*slots.shape[:-1], self.n_merged))
        np.add.at(means.T, self.merged, slots.T)
        means /= counts
        if self.directions is None or self.offset is None:
            return means
        solved: Array = np.linalg.lstsq(self.directions, (means - self.offset).T, rcond=None)[0].T
        return solved


# Why a search ended: at a minimum, after as many steps as it may take, where it started (no discrepancy there), where
# no step leads lower, at a saddle point, or where constraints are not met.
Ending = Literal["minimum", "steps", "start", "stalled", "saddle", "constraints"]


@dataclass(frozen=True)
class Optimum:
    """Where the search ended and why: z (coordinates,), the discrepancy, if it is a minimum, its last information."""

    z: Array
    value: float
    converged: bool
    iterations: int
    decrement: float
    information: Array | None = None
    ending: Ending = "minimum"


class Objective:
    """A discrepancy as a function of the free coordinates.

    `fixed` (..., G, cells) takes the place of the structure's fixed values, where draws have their own.
    """

    def __init__(self, structure: Structure, discrepancy: Discrepancy, linear: LinearMap) -> None:
        self.structure, self.discrepancy, self.linear = structure, discrepancy, linear
        self.fixed: Array | None = None
        padded = np.append(linear.merged, -1)
        self._merged = padded[structure.slots]  # (G, cells): place among the merged values, -1 where fixed
        self._plans: dict[int, list[_Plan]] = {}

    def over(self, discrepancy: Discrepancy, fixed: Array | None = None) -> Objective:
        """The same coordinates under another discrepancy."""
        other = copy(self)
        other.discrepancy, other.fixed = discrepancy, fixed
        return other

    def cells(self, z: Array) -> Array:
        """Values of the cells (..., G, cells)."""
        return self.structure.cells(self.linear.slots(z), self.fixed)

    def value(self, z: Array) -> Array:
        """The discrepancy (...)."""
        with np.errstate(all="ignore"):
            return self.discrepancy.value(self.structure, self.cells(z))

    def slope(self, z: Array) -> tuple[Array, Array]:
        """Value and gradient (..., coordinates)."""
        with np.errstate(all="ignore"):
            value, gradient = self.discrepancy.slope(self.structure, self.cells(z))
        return value, self.gather(gradient)

    def derivatives(self, z: Array, *, exact: bool) -> tuple[Array, Array, Array]:
        """Value, gradient (..., coordinates) and information or Hessian."""
        with np.errstate(all="ignore"):
            found = self.discrepancy.derivatives(self.structure, self.cells(z), exact=exact)
        return found.value, self.gather(found.gradient), self.gather_matrix(found.information)

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
        found = np.array(rows)
        return (found + found.T) / 2

    def gather(self, by_cell: Array) -> Array:
        """A gradient by cell as one by coordinate."""
        if by_cell.ndim == 2:
            merged = self._merged[:, : by_cell.shape[-1]]
            free = merged >= 0
            out = np.bincount(merged[free], weights=by_cell[free], minlength=self.linear.n_merged)
            return out if self.linear.directions is None else out @ self.linear.directions
        onto = np.concatenate(self._onto[:, : by_cell.shape[-1]])
        return by_cell.reshape(*by_cell.shape[:-2], -1) @ onto

    @cached_property
    def _onto(self) -> Array:
        """Derivatives of the cells by the coordinates (G, cells, coordinates)."""
        padded = np.vstack([self.linear.basis, np.zeros(self.linear.basis.shape[1])])
        return padded[self.structure.slots]

    def gather_matrix(self, by_cells: Array) -> Array:
        """An information matrix by cell as one by coordinate."""
        lead, n, cells = by_cells.shape[:-3], self.linear.n_merged, by_cells.shape[-1]
        if cells not in self._plans:
            self._plans[cells] = [_Plan.of(places, n) for places in self._merged[:, :cells]]
        out = np.zeros((*lead, n * n))
        for group, plan in enumerate(self._plans[cells]):
            out[..., plan.into] += plan.picked(by_cells[..., group, :, :])
        out = out.reshape(*lead, n, n)
        directions = self.linear.directions
        return out if directions is None else directions.T @ out @ directions


@dataclass(frozen=True)
class _Plan:
    """Which entries of a group's matrix by cell go where in the flat matrix by merged value."""

    from_: Indices
    into: Indices
    merge: Array | None  # where cells of one group share a value

    @classmethod
    def of(cls, places: Indices, n: int) -> _Plan:
        """The plan of cells at `places` among n merged values, -1 for a fixed cell."""
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

    def picked(self, by_cells: Array) -> Array:
        """The entries (..., places) of a matrix by cell."""
        lead = by_cells.shape[:-2]
        flat = by_cells.reshape(*lead, -1)[..., self.from_]
        if self.merge is None:
            return flat
        size = len(self.merge)
        block = self.merge.T @ flat.reshape(*lead, size, size) @ self.merge
        return block.reshape(*lead, -1)


def solve_damped(matrix: Array, vector: Array, damping: float = 0.0) -> Array:
    """matrix^-1 vector, with as much of its own diagonal added as makes the matrix positive definite.

    What is added is relative to each coordinate's own scale, so that the units of variables do not matter.
    """
    if not len(vector):  # dposv takes nothing empty
        return vector
    diagonal = np.abs(matrix.diagonal())
    diagonal = np.maximum(diagonal, 1e-32 * diagonal.max(initial=0.0) + 1e-300)
    for _ in range(14):
        damped = matrix + np.diag(damping * diagonal) if damping else matrix
        solved: Array
        _, solved, info = dposv(damped, vector, lower=1)
        if not info and np.isfinite(solved).all():
            return solved
        damping = damping * 10 or 1e-10
    return vector / diagonal


def scales(information: Array) -> Array:
    """What a change of each coordinate by itself is measured in (coordinates,): its error if nothing else were free."""
    diagonal = np.abs(information.diagonal())
    found: Array = np.where(diagonal > 0, diagonal, 1.0) ** -0.5
    return found


def downhill(hessian: Array) -> Array | None:
    """The direction in which a discrepancy without slope falls fastest; None where it falls in none.

    The coordinates are brought to scales in which the largest entry of every row is one, so that their units do not
    matter.
    """
    size = np.ones(len(hessian))
    for _ in range(20):
        largest = np.abs(hessian * np.outer(size, size)).max(axis=1, initial=0.0)
        size /= np.where(largest > 0, largest, 1.0) ** 0.5
    scaled = hessian * np.outer(size, size)
    if not np.isfinite(scaled).all():
        return None
    values, vectors = np.linalg.eigh(scaled)
    if not len(values) or values[0] > -CURVED:
        return None
    axis = vectors[:, 0] * size
    found: Array = axis * np.sign(axis[np.abs(axis / size).argmax()])
    return found


def is_definite(information: Array) -> bool:
    """Whether a matrix is positive definite by far, in units in which its diagonal is one.

    Where the information is, scoring cannot have ended at a saddle point: it only gets caught where a change of the
    parameters changes no moment, as that of loadings that are all zero.
    """
    size = scales(information)
    root, info = dpotrf(information * np.outer(size, size), lower=1)
    return not info and bool(np.square(root.diagonal()).min(initial=1.0) > DEFINITE)


class Smooth(Protocol):
    """A function with value, gradient and information or Hessian at a point."""

    @property
    def has_hessian(self) -> bool:
        """Whether `derivatives` gives the exact Hessian."""

    def derivatives(self, z: Array, *, exact: bool) -> tuple[Array, Array, Array]:
        """Value, gradient and the expected information, or the exact Hessian."""

    def hessian(self, z: Array) -> Array:
        """The exact Hessian."""


def minimise(objective: Smooth, start: Array, *, max_iterations: int = 500) -> Optimum:
    """Minimise from `start` (coordinates,).

    Fisher scoring with step halving; close to the minimum the exact Hessian takes the place of the expected
    information, so that the last steps converge quadratically. Where the third half of a step is still too long,
    its direction is not to be trusted and turns towards the gradient (Levenberg and Marquardt). Where the slope is
    zero but the exact Hessian has a negative eigenvalue, the search goes on along its direction: a saddle point is no
    minimum.
    """
    z = start.astype(float)
    is_exact = False
    value, gradient, information = objective.derivatives(z, exact=False)
    decrement, iteration, escapes = np.inf, 0, 0

    def ended(ending: Ending, at: Array) -> Optimum:
        is_minimum = ending == "minimum"
        return Optimum(at, float(value), is_minimum, iteration, decrement, information, ending)

    for iteration in range(1, max_iterations + 1):
        if is_exact and dpotrf(information, lower=1)[1]:  # not a minimum yet
            is_exact = False
            value, gradient, information = objective.derivatives(z, exact=False)
        step = -solve_damped(information, gradient)
        decrement = float(-gradient @ step)
        if not (np.isfinite(decrement) and np.isfinite(value)):
            return ended("start" if iteration == 1 else "stalled", z)
        if decrement < TOLERANCE or (is_exact and decrement < LAST):
            end, value = z + step, value - 0.5 * decrement
        elif taken := _lower(objective, z, step, decrement, (value, gradient, information)):
            z, is_exact, (value, gradient, information) = taken
            continue
        elif decrement < ROUGH:
            end = z
        else:
            return ended("stalled", z)
        is_minimum = is_exact and (objective.has_hessian or is_definite(information))
        way = None if is_minimum else downhill(objective.hessian(end))
        if way is None:
            return ended("minimum", end)
        below = _below(objective, end, float(value), way) if escapes < ESCAPES else None
        if below is None:
            return ended("saddle", end)
        z, is_exact, escapes = below, False, escapes + 1
        value, gradient, information = objective.derivatives(z, exact=False)
    return ended("steps", z)


Point = tuple[Array, Array, Array]  # value, gradient, information


def _lower(
    objective: Smooth, z: Array, step: Array, decrement: float, here: Point
) -> tuple[Array, bool, Point] | None:
    """A lower point along a step, halved or damped where it is too long; whether its Hessian is exact."""
    value, gradient, information = here
    length, damping, expected = 1.0, 0.0, decrement
    while damping <= LAST_DAMPING:
        candidate = z + length * step
        will_be_exact = decrement < CLOSE and length == 1.0 and not damping
        found = objective.derivatives(candidate, exact=will_be_exact)
        if found[0] <= value - 1e-4 * length * expected or (
            decrement < 1e-9 and found[0] <= value + 1e-14 * (1 + abs(value))
        ):
            return candidate, will_be_exact, found
        if not damping and length > SHORT:
            length /= 2
            continue
        damping = damping * 8 or FIRST_DAMPING
        length, step = 1.0, -solve_damped(information, gradient, damping)
        expected = float(-gradient @ step)
    return None


def _below(objective: Smooth, z: Array, value: float, way: Array) -> Array | None:
    """A point lower than z on either side along a direction; the longest such step."""
    for halvings in range(24):
        for length in (0.5**halvings, -(0.5**halvings)):
            candidate = z + length * way
            if objective.derivatives(candidate, exact=False)[0] < value - 1e-13 * (1 + abs(value)):
                return candidate
    return None
