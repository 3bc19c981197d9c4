"""Minimize a smooth function by Fisher scoring that ends in Newton steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf

from confianza.sem.numerics.matrices import Array

TOLERANCE = 1e-20  # of g' H^-1 g: the step left, in standard errors squared over the sample size
CLOSE = 1e-2  # below it the exact Hessian is used
LAST = 1e-12  # below it a Newton step leaves less than the tolerance
SHORT = 1 / 8  # of a step; what is still too long then is damped
FIRST_DAMPING, LAST_DAMPING = 1e-3, 1e12
ROUGH = 1e-13  # a search that finds nothing better below it has reached the accuracy of the numbers
CURVED = 1e-6  # of a Hessian with entries up to one: an eigenvalue further below zero is no rounding
DEFINITE = 1e-6  # of a pivot of a matrix with a diagonal of ones
ESCAPES = 20  # so often a search leaves a saddle point


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
    size: Array = np.where(diagonal > 0, diagonal, 1.0) ** -0.5
    return size


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
    direction: Array = axis * np.sign(axis[np.abs(axis / size).argmax()])
    return direction


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


def minimize(objective: Smooth, start: Array, *, max_iterations: int = 500) -> Optimum:
    """Minimize from `start` (coordinates,).

    Fisher scoring with step halving; close to the minimum the exact Hessian takes the place of the expected
    information, so that the last steps converge quadratically. Where the third half of a step is still too long,
    its direction is not to be trusted and turns toward the gradient (Levenberg and Marquardt). Where the slope is
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
        point = objective.derivatives(candidate, exact=will_be_exact)
        if point[0] <= value - 1e-4 * length * expected or (
            decrement < 1e-9 and point[0] <= value + 1e-14 * (1 + abs(value))
        ):
            return candidate, will_be_exact, point
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
