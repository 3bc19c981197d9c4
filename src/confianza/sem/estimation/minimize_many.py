"""Minimize the discrepancies of many draws of one model at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confianza.sem.estimation.objective import Objective
from confianza.sem.numerics.matrices import Array

CLOSE_ENOUGH = (
    1e-12  # of g' H^-1 g: a hundred-thousandth of a standard error, and then one more step is taken
)
NOISE = 1e-13  # of a discrepancy in double precision


@dataclass(frozen=True)
class Optima:
    """Where the searches ended: z (draws, coordinates), the discrepancies (draws,), and which are minima."""

    z: Array
    value: Array
    converged: NDArray[np.bool_]


def minimize_many(
    objective_of: Callable[[NDArray[np.intp]], Objective],
    draws: int,
    start: Array,
    metric: Array,
    *,
    max_iterations: int = 60,
) -> Optima:
    """Minimize the objectives of many draws at once, all from `start` (coordinates,).

    Limited-memory BFGS from one `metric` (the inverse information at the start), as every draw is near: an iteration
    costs one gradient of each draw and one matrix product. A draw that has converged leaves the batch, after
    its last step; `objective_of(draws)` gives the objective of those that are left.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, 2nd ed., algorithm 7.4.
    """
    active = np.arange(draws)
    out = np.tile(start, (draws, 1))
    values = np.full(draws, np.inf)
    converged = np.zeros(draws, dtype=bool)
    objective = objective_of(active)
    z = out.copy()
    value, gradient = objective.slope(z)
    memory = LbfgsMemory(metric)
    for _ in range(max_iterations):
        step = -memory.solve(gradient)
        decrement = -_dot(gradient, step)
        is_done = decrement < CLOSE_ENOUGH
        is_lost = ~(np.isfinite(value) & np.isfinite(decrement))
        if is_done.any() or is_lost.any():
            done = is_done & ~is_lost
            ended = active[done]
            out[ended], converged[ended] = z[done] + step[done], True
            values[ended] = value[done] - decrement[done] / 2
            stays = ~(is_done | is_lost)
            active = active[stays]
            if not len(active):
                break
            z, step, value = z[stays], step[stays], value[stays]
            gradient, decrement = gradient[stays], decrement[stays]
            memory.keep(stays)
            objective = objective_of(active)
        candidate = z + step
        reached, slope = objective.slope(candidate)
        length = np.ones(len(active))
        for _halving in range(30):
            is_short = reached <= value - 1e-4 * length * decrement + NOISE
            if is_short.all():
                break
            far = np.flatnonzero(~is_short)
            length[far] /= 2
            candidate[far] = z[far] + length[far, None] * step[far]
            reached[far], slope[far] = objective_of(active[far]).slope(candidate[far])
        memory.add(candidate - z, slope - gradient)
        z, value, gradient = candidate, reached, slope
    return Optima(out, values, converged)


class LbfgsMemory:
    """The last steps of many searches and how their gradients changed: the inverse Hessian of each, never formed."""

    def __init__(self, metric: Array, size: int = 20) -> None:
        self.metric, self.size = metric, size
        self.pairs: list[tuple[Array, Array, Array]] = []

    def add(self, step: Array, change: Array) -> None:
        """One step of every search; one that says nothing of the curvature counts for nothing."""
        curvature = _dot(step, change)
        weight = np.zeros_like(curvature)
        np.divide(1.0, curvature, out=weight, where=curvature > 1e-30)
        self.pairs = [*self.pairs[-self.size + 1 :], (step, change, weight)]

    def keep(self, some: NDArray[np.bool_]) -> None:
        """Go on with some of the searches."""
        self.pairs = [(step[some], change[some], weight[some]) for step, change, weight in self.pairs]

    def solve(self, gradient: Array) -> Array:
        """The inverse Hessian times a gradient (draws, coordinates)."""
        rest = gradient.copy()
        used = []
        for step, change, weight in reversed(self.pairs):
            along = weight * _dot(step, rest)
            rest -= along[:, None] * change
            used.append(along)
        solved: Array = rest @ self.metric
        for (step, change, weight), along in zip(self.pairs, reversed(used), strict=True):
            solved += (along - weight * _dot(change, solved))[:, None] * step
        return solved


def _dot(first: Array, second: Array) -> Array:
    product: Array = np.einsum("bi,bi->b", first, second)
    return product
