"""Minimize under constraints: linear equalities by a map, the others by an augmented Lagrangian.

With c the functions that nonlinear equalities hold at 0 and inequalities at 0 or above, the search minimizes

    f(z) + sum_i (max(0, m_i - w_i c_i)^2 - m_i^2) / (2 w_i)        (an equality without the max)

for multipliers m that follow the solution, m_i <- max(0, m_i - w_i c_i), and ends with Newton steps on the equalities
and the inequalities whose multipliers are positive. A point counts as a minimum when it meets every constraint, the
slope of f is a sum of gradients of those that bind, with multipliers of the right sign (Karush, Kuhn and Tucker), and f
curves upwards in every direction that they leave open.

Every constraint is measured in what it changes when the parameters change by their errors (`scales`), so that neither
the units of variables nor how a constraint is written matter; ranks and tolerances are in these units.

References
----------
Nocedal and Wright (2006), Numerical Optimization, 2nd ed., chapters 12 and 17; Lawson and Hanson (1974), Solving Least
Squares Problems, chapter 23, for the multipliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import linprog, nnls

from confianza.errors import ModelError
from confianza.sem.estimation.objective import LinearMap, Objective
from confianza.sem.model.constraints import Constraints
from confianza.sem.model.expressions import Expression
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.minimize import Ending, Optimum, downhill, is_definite, minimize, scales

MET = 1e-8  # of a constraint's own scale: how far off it may be and still hold
EXACT = 1e-11  # the same at the end of the Newton steps
STEP = 1e-20  # of the squared step left, in units of the information
ROUGH = 1e-13  # the same where rounding lets it fall no further
DEPENDENT = 1e-7  # a singular value of gradients of length one: below it they say the same
FLAT = 1e-12  # a share of the largest curvature that is rounding
NOTHING = 1e-10  # a share of a gradient that is rounding
FIRST_WEIGHT, LAST_WEIGHT = 10.0, 1e7
ROUNDS = 60  # of the multipliers
NEWTON_STEPS = 60
NEAR = 1e-2  # what a step as long as a coordinate's scale adds


def linear_map(constraints: Constraints, n_parameters: int) -> LinearMap:
    """The parameters as a function of fewer coordinates that meet the linear equalities."""
    parent = list(range(n_parameters))

    def root(parameter: int) -> int:
        while parent[parameter] != parameter:
            parent[parameter] = parameter = parent[parent[parameter]]
        return parameter

    for first, second in constraints.equal_pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    merged = np.unique([root(parameter) for parameter in range(n_parameters)], return_inverse=True)[1].ravel()
    if not len(constraints.linear_matrix):
        return LinearMap(merged)
    matrix = np.zeros((len(constraints.linear_matrix), int(merged.max()) + 1))
    np.add.at(matrix.T, merged, constraints.linear_matrix.T)
    target = constraints.linear_target
    offset = np.linalg.lstsq(matrix, target, rcond=None)[0]
    if not np.allclose(matrix @ offset, target, rtol=1e-8, atol=1e-10 * (1 + np.abs(target).max())):
        raise ModelError("sem-constraints-contradict")
    return LinearMap(merged, null_space(matrix), offset)


@dataclass(frozen=True)
class Bound:
    """Expressions of the parameters as functions of the coordinates."""

    expressions: tuple[Expression, ...]
    linear: LinearMap

    def at(self, z: Array) -> tuple[Array, Array]:
        """Values (m,) and Jacobian (m, coordinates)."""
        values, rows = self._by_parameters(z)
        with np.errstate(invalid="ignore"):  # outside of a function's domain
            return values, rows @ self.linear.basis

    def _by_parameters(self, z: Array) -> tuple[Array, Array]:
        parameters = self.linear.parameters(z)
        pairs = [one.value_and_gradient(parameters) for one in self.expressions]
        values = np.array([value for value, _ in pairs])
        return values, np.array([gradient for _, gradient in pairs]).reshape(len(pairs), len(parameters))

    def measured(self, z: Array, size: Array) -> Measured:
        """The constraints in units of what they change when the coordinates change by `size`."""
        with np.errstate(invalid="ignore"):  # outside of a function's domain
            return self._measured(z, size)

    def _measured(self, z: Array, size: Array) -> Measured:
        values, by_parameters = self._by_parameters(z)
        rows = by_parameters @ self.linear.basis * size
        length = np.linalg.norm(rows, axis=1)
        # what a gradient would be if the linear equalities did not let its parts cancel
        whole = np.abs(by_parameters) @ np.linalg.norm(self.linear.basis * size, axis=1)
        is_implied = ~(length > NOTHING * whole)  # by the linear equalities
        length = np.where(is_implied, whole, length)
        length[~(length > 0)] = 1.0
        rows[is_implied] = 0.0
        return Measured(values / length, rows / length[:, None], length)

    @cached_property
    def is_curved(self) -> NDArray[np.bool_]:
        """Which of the expressions are not linear."""
        return np.array([one.linear() is None for one in self.expressions], dtype=bool)

    def curvature(self, z: Array, weights: Array, size: Array) -> Array:
        """Second derivatives of weights @ values, by differences of the exact gradients."""
        n = len(z)
        curved = np.flatnonzero(self.is_curved & (weights != 0))
        out = np.zeros((n, n))
        if not len(curved):
            return out
        some = Bound(tuple(self.expressions[index] for index in curved), self.linear)
        step = 1e-5 * np.maximum(np.minimum(size, np.abs(z)), 1e-3 * size)
        for index in range(n):
            off = np.zeros(n)
            off[index] = step[index]
            change = some.at(z + off)[1] - some.at(z - off)[1]
            out[index] = weights[curved] @ change / (2 * step[index])
        return (out + out.T) / 2


@dataclass(frozen=True)
class Measured:
    """Constraints at a point: values (m,) and gradients (m, coordinates) in units of `scale` (m,), of length one."""

    values: Array
    rows: Array
    scale: Array


def rank(rows: Array) -> int:
    """How many independent things gradients of length one (or zero) say."""
    return int((np.linalg.svd(rows, compute_uv=False) > DEPENDENT).sum()) if rows.size else 0


def open_directions(bound: Bound, z: Array, size: Array) -> Array:
    """The directions (coordinates, d) in which the expressions do not change, in coordinates of their own units."""
    return size[:, None] * split(bound.measured(z, size).rows)[1]


def unit_rows(rows: Array) -> Array:
    """Gradients at a length of one; those of nothing stay zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0)


def split(rows: Array) -> tuple[Array, Array]:
    """The generalized inverse of gradients of length one, and the directions that they leave open."""
    n = rows.shape[1]
    if not len(rows):
        return np.zeros((n, 0)), np.eye(n)
    left, values, right = np.linalg.svd(rows)
    count = int((values > DEPENDENT).sum())
    inverse: Array = (right[:count].T / values[:count]) @ left[:, :count].T
    return inverse, right[count:].T


@dataclass(frozen=True)
class Constrained:
    """Where the search ended, the constraints that hold as equalities there, and those that are not met."""

    optimum: Optimum
    active_constraints: tuple[Expression, ...]
    unmet: tuple[Expression, ...] = ()


def minimize_constrained(
    objective: Objective, start: Array, constraints: Constraints, *, max_iterations: int
) -> Constrained:
    """The minimum, and the nonlinear equalities and active inequalities that hold there.

    Raises
    ------
    ModelError
        Linear constraints contradict one another; names those that do.
    """
    equalities, inequalities = constraints.nonlinear, constraints.inequalities
    search = _search(objective, start, equalities, (), max_iterations)
    if equalities and not search.optimum.converged:
        free = minimize(objective, start, max_iterations=max_iterations)
        if free.converged:
            search = _search(objective, free.z, equalities, (), max_iterations)
    if not inequalities:
        return search
    z = search.optimum.z
    if search.optimum.converged:
        values = Bound(inequalities, objective.linear).at(z)[0]
        if (np.isfinite(values) & (values >= 0)).all():
            return search
    starts = [z, start] if search.optimum.converged else [start]
    for index in starts:
        search = _search(objective, index, equalities, inequalities, max_iterations)
        if search.optimum.converged:
            return search
    if search.unmet:
        _check_possible(inequalities, objective.linear)
    return search


def _check_possible(inequalities: Sequence[Expression], linear: LinearMap) -> None:
    """Refuse linear inequalities that no values of the coordinates meet."""
    bound = Bound(tuple(one for one in inequalities if one.linear() is not None), linear)
    values, rows = bound.at(np.zeros(linear.n_coordinates))
    length = np.linalg.norm(rows, axis=1)
    length[length == 0] = 1.0
    rows, values = rows / length[:, None], values / length
    n = rows.shape[1]
    # the least t for which rows @ z + values + t >= 0
    program = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=-np.column_stack([rows, np.ones(len(rows))]),
        b_ub=values,
        bounds=[*[(None, None)] * n, (0, None)],
    )
    if program.success and program.fun > MET:
        texts = [
            one.text
            for one, share in zip(bound.expressions, program.ineqlin.marginals, strict=True)
            if share < -1e-9
        ]
        raise ModelError("sem-inequalities-contradict", constraints="; ".join(texts))


def _search(
    objective: Objective,
    start: Array,
    equalities: Sequence[Expression],
    inequalities: Sequence[Expression],
    max_iterations: int,
) -> Constrained:
    if not (equalities or inequalities):
        return Constrained(minimize(objective, start, max_iterations=max_iterations), ())
    return _Search(objective, equalities, inequalities, max_iterations).run(start.astype(float))


class _Search:
    """One search under constraints."""

    def __init__(
        self,
        objective: Objective,
        equalities: Sequence[Expression],
        inequalities: Sequence[Expression],
        max_iterations: int,
    ) -> None:
        self.objective, self.max_iterations = objective, max_iterations
        self.bound = Bound((*equalities, *inequalities), objective.linear)
        self.is_equality = np.arange(len(self.bound.expressions)) < len(equalities)
        self.steps = 0

    def run(self, z: Array) -> Constrained:
        """Minimize for better and better multipliers, until Newton steps on what binds end in a minimum."""
        multipliers, weight, last = np.zeros(len(self.is_equality)), FIRST_WEIGHT, np.inf
        for _ in range(ROUNDS):
            size = self.size(z)
            weights = weight / self.bound.measured(z, size).scale ** 2
            near = NEAR / size**2
            problem = _Augmented(self.objective, self.bound, self.is_equality, multipliers, weights, z, near)
            inner = minimize(problem, z, max_iterations=max(self.max_iterations - self.steps, 1))
            self.steps += inner.iterations
            z = inner.z
            if inner.ending == "start" or self.steps >= self.max_iterations:
                return self.failed(z, inner.ending if inner.ending == "start" else "steps")
            multipliers = problem.pull(self.bound.at(z)[0])
            if end := self.finished(z, self.is_equality | (multipliers != 0)):
                return end
            violation = self.violations(z).max()
            if weight >= LAST_WEIGHT and violation > max(MET, last / 4):
                return self.failed(z, "constraints")
            if violation <= MET and not inner.converged:
                return self.failed(z, inner.ending)
            if not violation < last / 4:
                weight = min(weight * 10, LAST_WEIGHT)
            last = violation
        return self.failed(z, "stalled")

    def size(self, z: Array) -> Array:
        """The scales of the coordinates."""
        return scales(self.objective.derivatives(z, exact=False)[2])

    def violations(self, z: Array) -> Array:
        """How far each constraint is from being met, in its own scale (m,); infinite where it has no value.

        Where a gradient grows without end, as that of a root at 0, its length at a step to either side counts.
        """
        size = self.size(z)
        here = self.bound.measured(z, size)
        scale = here.scale.copy()
        for index, row in enumerate(here.rows):
            one = Bound(self.bound.expressions[index : index + 1], self.bound.linear)
            for side in (1.0, -1.0):
                scale[index] = np.fmin(scale[index], one.measured(z + side * size * row, size).scale[0])
        values = here.values * here.scale / scale
        off = np.where(self.is_equality, np.abs(values), np.maximum(-values, 0.0))
        return np.where(np.isfinite(values), off, np.inf)

    def failed(self, z: Array, ending: Ending) -> Constrained:
        """The end of a search that did not bring it to a minimum."""
        off = self.violations(z)
        unmet = tuple(one for one, far in zip(self.bound.expressions, off, strict=True) if not far <= MET)
        if unmet and (ending != "start" or np.isinf(off).any()):
            ending = "constraints"
        return Constrained(
            Optimum(z, float(self.objective.value(z)), False, self.steps, np.inf, None, ending), (), unmet
        )

    def finished(self, z: Array, is_active: NDArray[np.bool_]) -> Constrained | None:
        """The minimum near z with some constraints held as equalities, if it is one of the whole problem."""
        size = self.size(z)
        active = self.some(is_active)
        if (optimum := self.newton(z, active, size)) is None or (self.violations(optimum.z) > MET).any():
            return None
        z = optimum.z
        measured = self.bound.measured(z, size)
        binds = self.is_equality | (measured.values <= MET)
        slope = self.objective.slope(z)[1] * size
        sides = np.vstack([measured.rows[binds], -measured.rows[self.is_equality]])
        # nnls ends the whole program where there is nothing to choose from
        multipliers, left = nnls(sides.T, slope) if len(sides) else (np.zeros(0), np.linalg.norm(slope))
        nothing = MET * max(1.0, float(np.linalg.norm(slope)))
        if left > nothing:
            return None  # a multiplier has the wrong sign: its inequality does not bind
        weights = np.zeros(len(binds))
        weights[binds] = multipliers[: binds.sum()]
        weights[self.is_equality] -= multipliers[binds.sum() :]
        curvature = self.bound.curvature(z, weights / measured.scale, size)
        open_ = open_directions(active, z, size)
        hessian = self.objective.derivatives(z, exact=True)[2]
        if not (self.objective.has_hessian or is_definite(open_.T @ hessian @ open_)):
            hessian = self.objective.hessian(z)
        if downhill(open_.T @ (hessian - curvature) @ open_) is not None:
            return None
        # one on its bound by chance, without a multiplier, holds nothing
        return Constrained(optimum, self.some(self.is_equality | (weights > nothing)).expressions)

    def some(self, places: NDArray[np.bool_]) -> Bound:
        """Some of the constraints."""
        chosen = (one for one, is_one in zip(self.bound.expressions, places, strict=True) if is_one)
        return Bound(tuple(chosen), self.bound.linear)

    def newton(self, z: Array, active: Bound, size: Array) -> Optimum | None:
        """Newton steps from z for the minimum where constraints hold as equalities; None where they do not end."""
        last = np.inf
        for _ in range(NEWTON_STEPS):
            value, gradient, hessian = self.objective.derivatives(z, exact=True)
            measured = active.measured(z, size)
            inverse, open_ = split(measured.rows)
            slope = gradient * size
            hessian = hessian - active.curvature(z, inverse.T @ slope / measured.scale, size)
            hessian = hessian * np.outer(size, size)
            if not np.isfinite(hessian).all():
                return None
            back = -inverse @ measured.values
            right = open_.T @ (slope + hessian @ back)
            along = -_solved_where_curved(open_.T @ hessian @ open_, right)
            decrement, far = abs(float(along @ right)), float(np.abs(measured.values).max(initial=0.0))
            self.steps += 1
            reached = Optimum(z, float(value), True, self.steps, decrement)
            if decrement < STEP and far < EXACT:
                return replace(reached, z=z + size * (back + open_ @ along))
            if not decrement + far**2 < last:
                return reached if decrement < ROUGH and far < MET else None
            last = decrement + far**2
            z = z + size * (back + open_ @ along)
        return None


def _solved_where_curved(matrix: Array, vector: Array) -> Array:
    """matrix^-1 vector in the directions in which the matrix curves; nothing in those that are flat."""
    values, vectors = np.linalg.eigh(matrix)
    is_flat = np.abs(values) < FLAT * np.abs(values).max(initial=0.0)
    along = (vectors.T @ vector) / np.where(is_flat, np.inf, values)
    solved: Array = vectors @ along
    return solved


@dataclass(frozen=True)
class _Augmented:
    """The augmented Lagrangian of constraints with `multipliers` and `weights` (m,).

    A little is added for the distance from `anchor`, by `near` (coordinates,), so that the search does not run off where
    the discrepancy is flat.
    """

    objective: Objective
    bound: Bound
    is_equality: NDArray[np.bool_]
    multipliers: Array
    weights: Array
    anchor: Array
    near: Array

    @property
    def has_hessian(self) -> bool:
        """Whether `derivatives` gives the exact Hessian."""
        return self.objective.has_hessian

    def pull(self, values: Array) -> Array:
        """The multipliers (m,) that constraints of these values ask for."""
        pull = self.multipliers - self.weights * values
        return np.where(self.is_equality, pull, np.maximum(pull, 0.0))

    def derivatives(self, z: Array, *, exact: bool) -> tuple[Array, Array, Array]:
        """Value, gradient and the expected information, or the exact Hessian."""
        value, gradient, information = self.objective.derivatives(z, exact=exact)
        return self._with_constraints(z, value, gradient, information, exact=exact)

    def hessian(self, z: Array) -> Array:
        """The exact Hessian."""
        none = np.zeros(len(z))
        return self._with_constraints(z, np.zeros(()), none, self.objective.hessian(z), exact=True)[2]

    def _with_constraints(
        self, z: Array, value: Array, gradient: Array, information: Array, *, exact: bool
    ) -> tuple[Array, Array, Array]:
        values, rows = self.bound.at(z)
        if not (np.isfinite(values).all() and np.isfinite(rows).all()):
            return np.array(np.inf), gradient, information
        pull = self.pull(values)
        on = self.is_equality | (pull > 0)
        off = z - self.anchor
        value = value + ((pull**2 - self.multipliers**2) / (2 * self.weights)).sum()
        value = value + 0.5 * (self.near * off**2).sum()
        weighted = rows[on] * self.weights[on, None]
        information = information + rows[on].T @ weighted + np.diag(self.near)
        if exact:
            information = information - self.bound.curvature(z, pull, scales(information))
        return value, gradient - pull @ rows + self.near * off, information
