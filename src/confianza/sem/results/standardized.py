"""The standardized solution, with errors by the delta method from analytic derivatives.

A standardized value is the value times powers of standard deviations: with C the covariances that the model implies
for all variables and S the residual ones,

    path r <- c        value * (C_cc / C_rr)^(1/2)
    variance           value / C_rr
    covariance         value / |S_rr S_cc|^(1/2), a correlation of what is left unexplained
    intercept, cut     value / C_rr^(1/2)

where only the variables that are standardized take part: the latent ones (`std.lv`), all (`std.all`), or all but
the exogenous observed ones (`std.nox`). Scales of latent responses are one where those are standardized. Definitions
are computed from standardized values. With conditional covariates, C includes what they explain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import exogenous_names
from confianza.sem.model.structure import Implied, Structure
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.estimates import inference_table
from confianza.sem.results.result_table import Table

TYPES = ("std.all", "std.lv", "std.nox")
ROUNDING = 1e-12  # a derivative this much smaller than its terms is zero


def standardized_table(solution: Solution, vcov: Array, kind: str, *, level: float = 0.95) -> Table:
    """Every parameter standardized, with error, z, p and interval, in the layout of `estimates`."""
    check_option("type", kind, TYPES)
    values, gradient = standardized(solution, kind)
    return inference_table(solution, vcov, values, gradient, level=level)


def standardized(solution: Solution, kind: str) -> tuple[Array, Array]:
    """Standardized values of the rows of the table, and their derivatives by the free parameters (rows, parameters)."""
    structure, rows = solution.structure, solution.table.rows
    state = Spread.of(solution)
    scale = Scaling.of(solution, structure, kind)
    by_element, slopes = scale.values_and_slopes(state)
    values = np.full(len(rows), np.nan)
    gradient = np.zeros((len(rows), structure.n_parameters))
    for group, places in enumerate(structure.table_rows):
        here = np.flatnonzero(places >= 0)
        values[places[here]] = by_element[group, here]
        free = structure.parameter_index[group] >= 0
        block = np.zeros((len(here), structure.n_parameters))
        np.add.at(block.T, structure.parameter_index[group, free], slopes[group][np.ix_(here, free)].T)
        gradient[places[here]] = block
    rows_of_parameters = {row.free - 1: index for index, row in reversed(list(enumerate(rows))) if row.free}
    order = [rows_of_parameters[parameter] for parameter in range(structure.n_parameters)]
    for index, row in enumerate(rows):
        if row.op == ":=":
            value, slope = solution.constraints.definitions[row.lhs].value_and_gradient(values[order])
            values[index], gradient[index] = value, slope @ gradient[order]
    return values, gradient


@dataclass(frozen=True)
class Spread:
    """Elements with those that follow from others, and the variances that they imply, covariates included.

    `steps` (G, elements, elements) are the derivatives of the completed elements by the elements.
    """

    elements: Array
    steps: Array
    implied: Implied
    structure: Structure

    @classmethod
    def of(cls, solution: Solution) -> Spread:
        """At the estimates."""
        structure, elements = solution.structure, solution.matrix_elements.copy()
        steps = np.tile(np.eye(elements.shape[-1]), (solution.table.n_groups, 1, 1))
        if solution.ordinal:
            for element, values in solution.ordinal.dependent_elements(
                structure, solution.matrix_elements
            ).items():
                elements[:, element] = values
            for element, slopes in solution.ordinal.dependent_slopes(
                structure, solution.matrix_elements
            ).items():
                steps[:, element] = slopes
        return cls(elements, steps, structure.implied(elements), structure)

    def variances(self) -> tuple[Array, Array]:
        """Total variances (G, v) and their derivatives by the completed elements (G, v, elements)."""
        structure, effects, spread = self.structure, self.implied.effects, self.implied.covariances
        slopes = np.zeros((*effects.shape[:2], self.elements.shape[-1]))
        r, c = structure.rows, structure.columns
        a, s = structure.a, structure.s
        slopes[..., a] = 2.0 * effects[..., r[a]] * spread[..., c[a]]
        slopes[..., s] = np.where(r[s] == c[s], 1.0, 2.0) * effects[..., r[s]] * effects[..., c[s]]
        return np.diagonal(spread, axis1=-2, axis2=-1), slopes

    def residual_variances(self) -> tuple[Array, Array]:
        """Residual variances (G, v) and their derivatives by the completed elements (G, v, elements)."""
        structure = self.structure
        values = np.zeros((len(self.elements), structure.n_variables))
        slopes = np.zeros((*values.shape, self.elements.shape[-1]))
        own = structure.s[structure.rows[structure.s] == structure.columns[structure.s]]
        values[:, structure.rows[own]] = self.elements[:, own]
        slopes[:, structure.rows[own], own] = 1.0
        return values, slopes


@dataclass(frozen=True)
class Scaling:
    """Powers of total and of residual variances by which each element is multiplied (elements, v)."""

    total: Array
    residual: Array
    is_one: NDArray[np.bool_]  # scales of latent responses

    @classmethod
    def of(cls, solution: Solution, structure: Structure, kind: str) -> Scaling:
        """For the elements of a structure (that of the fit, or one with more elements)."""
        names = (*structure.observed, *structure.latent)
        left_out = {
            "std.all": set(),
            "std.lv": set(structure.observed),
            "std.nox": set(exogenous_names(solution.table)) | set(solution.table.exogenous),
        }[kind]
        takes_part = np.array([name not in left_out for name in names])
        kinds = np.array(structure.kinds)
        r, c = structure.rows, np.where(kinds == "T", 0, structure.columns)
        total = np.zeros((len(kinds), len(names)))
        residual = np.zeros_like(total)
        element = np.arange(len(kinds))
        is_path, is_own, is_pair = kinds == "A", (kinds == "S") & (r == c), (kinds == "S") & (r != c)
        is_level = (kinds == "M") | (kinds == "T")
        total[element[is_path], c[is_path]] += 0.5
        total[element[is_path], r[is_path]] -= 0.5
        total[element[is_own], r[is_own]] = -1.0
        total[element[is_level], r[is_level]] = -0.5
        residual[element[is_pair], r[is_pair]] = residual[element[is_pair], c[is_pair]] = -0.5
        return cls(total * takes_part, residual * takes_part, (kinds == "D") & (kind != "std.lv"))

    def factors(self, state: Spread) -> Array:
        """What each element is multiplied by (G, elements)."""
        total, residual = state.variances()[0], state.residual_variances()[0]
        return _power(total, self.total) * _power(np.abs(residual), self.residual)

    def values_and_slopes(self, state: Spread) -> tuple[Array, Array]:
        """Standardized elements (G, elements) and their derivatives by the elements (G, elements, elements)."""
        total, total_slopes = state.variances()
        residual, residual_slopes = state.residual_variances()
        factor = self.factors(state)
        with np.errstate(invalid="ignore"):  # nothing, in units of what does not vary, is no number
            values = np.where(self.is_one, 1.0, state.elements * factor)
        relative = np.zeros_like(state.steps)
        for power, spread, slopes in (
            (self.total, total, total_slopes),
            (self.residual, residual, residual_slopes),
        ):
            divisor = np.where(spread == 0.0, 1.0, spread)  # of what does not vary nothing is standardized
            relative = relative + power @ (slopes / divisor[..., None])
        with np.errstate(invalid="ignore"):
            own = factor[..., None] * state.steps
            through = values[..., None] * (relative @ state.steps)
            slopes = own + through
        slopes[np.abs(slopes) <= ROUNDING * (np.abs(own) + np.abs(through))] = 0.0
        slopes[:, self.is_one] = 0.0
        return values, slopes


def _power(spread: Array, power: Array) -> Array:
    """The product over variables of spread^power: (G, elements); NaN where a variance that counts is negative."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(spread)[:, None, :]
        product: Array = np.exp(np.where(power == 0.0, 0.0, power * logs).sum(axis=-1))
    return product
