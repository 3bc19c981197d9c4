"""Minimise under constraints: linear equalities by a map, nonlinear ones by sequential quadratic programming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from confianza.errors import ModelError
from confianza.sem.constraints import Constraints, Expression
from confianza.sem.optimise import LinearMap, Objective, Optimum, minimise
from confianza.sem.structure import Array

STEP = 1e-22  # of the squared step left, in units of the information
VIOLATION = 1e-12


def linear_map(constraints: Constraints, n_slots: int) -> LinearMap:
    """The slots as a function of fewer coordinates that meet the linear equalities."""
    parent = list(range(n_slots))

    def root(slot: int) -> int:
        while parent[slot] != slot:
            parent[slot] = slot = parent[parent[slot]]
        return slot

    for first, second in constraints.equal_pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    merged = np.unique([root(slot) for slot in range(n_slots)], return_inverse=True)[1].ravel()
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
    """Expressions of the slots as functions of the coordinates."""

    expressions: Sequence[Expression]
    linear: LinearMap

    def at(self, z: Array) -> tuple[Array, Array]:
        """Values (m,) and Jacobian (m, coordinates)."""
        slots = self.linear.slots(z)
        found = [one.value_and_gradient(slots) for one in self.expressions]
        values = np.array([value for value, _ in found])
        rows = np.array([gradient for _, gradient in found]).reshape(len(found), len(slots))
        return values, rows @ self.linear.basis


def minimise_constrained(
    objective: Objective, start: Array, constraints: Constraints, *, max_iterations: int
) -> tuple[Optimum, tuple[Expression, ...]]:
    """The minimum, and the nonlinear equalities and active inequalities that hold there.

    Inequalities that the minimum without them meets are not active; the others are found by SLSQP and then
    held as equalities.
    """
    equalities, inequalities = constraints.nonlinear, constraints.inequalities
    optimum = _held(objective, start, equalities, max_iterations)
    if not inequalities:
        return optimum, equalities
    bound = Bound(inequalities, objective.linear)
    if optimum.converged and (bound.at(optimum.z)[0] >= -VIOLATION).all():
        return optimum, equalities
    rough = _slsqp(objective, optimum.z if optimum.converged else start, equalities, inequalities)
    values, _ = bound.at(rough)
    active = tuple(
        one
        for one, value in zip(inequalities, values, strict=True)
        if value < 1e-5 * (1 + np.abs(rough).max())
    )
    held = (*equalities, *active)
    return _held(objective, rough, held, max_iterations), held


def _held(objective: Objective, start: Array, held: Sequence[Expression], max_iterations: int) -> Optimum:
    if not held:
        return minimise(objective, start, max_iterations=max_iterations)
    bound = Bound(held, objective.linear)
    z, weight = start.astype(float), 1.0
    step_left = np.inf
    for iteration in range(1, max_iterations + 1):
        value, gradient, information = objective.derivatives(z, exact=False)
        violation, jacobian = bound.at(z)
        n, m = len(z), len(violation)
        system = np.zeros((n + m, n + m))
        system[:n, :n] = information + 1e-12 * np.trace(information) / n * np.eye(n)
        system[:n, n:], system[n:, :n] = jacobian.T, jacobian
        solved = np.linalg.lstsq(system, -np.concatenate([gradient, violation]), rcond=1e-14)[0]
        step, multipliers = solved[:n], solved[n:]
        step_left = float(step @ information @ step)
        if step_left < STEP and np.abs(violation).max() < VIOLATION:
            return Optimum(z, float(value), True, iteration, step_left)
        weight = max(weight, 2 * float(np.abs(multipliers).max()))
        merit = float(value) + weight * np.abs(violation).sum()
        slope = float(gradient @ step) - weight * np.abs(violation).sum()
        length = 1.0
        while length > 1e-10:
            candidate = z + length * step
            reached = float(objective.value(candidate)) + weight * np.abs(bound.at(candidate)[0]).sum()
            if reached <= merit + 1e-4 * length * min(slope, 0.0) + 1e-13 * (1 + abs(merit)):
                break
            length /= 2
        else:
            done = step_left < 1e-12 and np.abs(violation).max() < 1e-8
            return Optimum(z, float(value), bool(done), iteration, step_left)
        z = candidate
    return Optimum(z, float(value), False, max_iterations, step_left)


def _slsqp(
    objective: Objective, start: Array, equalities: Sequence[Expression], inequalities: Sequence[Expression]
) -> Array:
    from scipy.optimize import minimize

    def limits(kind: str, expressions: Sequence[Expression]) -> list[dict[str, object]]:
        bound = Bound(expressions, objective.linear)
        values: Callable[[Array], Array] = lambda z: bound.at(z)[0]  # noqa: E731
        slopes: Callable[[Array], Array] = lambda z: bound.at(z)[1]  # noqa: E731
        return [{"type": kind, "fun": values, "jac": slopes}] if expressions else []

    def value_and_gradient(z: Array) -> tuple[float, Array]:
        value, gradient, _ = objective.derivatives(z, exact=False)
        return (float(value), gradient) if np.isfinite(value) else (1e10, np.zeros_like(z))

    found = minimize(
        value_and_gradient,
        start,
        jac=True,
        method="SLSQP",
        constraints=[*limits("eq", equalities), *limits("ineq", inequalities)],
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    solution: Array = found.x
    return solution
