"""A model at its estimates: what every result is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from confianza.errors import CodedMessage, ModelError
from confianza.sem.data.moments import Moments
from confianza.sem.estimation.constrained import (
    Bound,
    Constrained,
    linear_map,
    minimize_constrained,
    open_directions,
    rank,
)
from confianza.sem.estimation.discrepancies import chi_square, discrepancy_of
from confianza.sem.estimation.estimators import LeastSquares
from confianza.sem.estimation.objective import Objective
from confianza.sem.estimation.start import other_start, start_values, with_sample_values
from confianza.sem.model.constraints import Constraints, constraints_of
from confianza.sem.model.expressions import Expression
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.structure import Implied, Structure
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.minimize import Ending, Optimum, scales
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options

# The sentence for each way in which a search ends.
ENDINGS: Mapping[Ending, str] = {
    "minimum": "sem-ended-minimum",
    "steps": "sem-ended-steps",
    "start": "sem-ended-start",
    "stalled": "sem-ended-stalled",
    "saddle": "sem-ended-saddle",
    "constraints": "sem-ended-constraints",
}


@dataclass(eq=False, kw_only=True, repr=False)
class Solution:
    """A model, what was observed, and where the search for its parameters ended.

    `active_constraints` hold as equalities there, `unmet` ones do not hold.
    """

    options: Options
    table: ParameterTable
    structure: Structure
    moments: Moments
    constraints: Constraints
    objective: Objective
    optimum: Optimum
    active_constraints: tuple[Expression, ...] = ()
    unmet: tuple[Expression, ...] = ()
    group_labels: tuple[str, ...] = ("",)
    model: object = None
    convention: str = "lavaan"

    @classmethod
    @in_one_thread
    def of(
        cls,
        table: ParameterTable,
        moments: Moments,
        *,
        group_labels: tuple[str, ...] = ("",),
        model: object = None,
        convention: str = "lavaan",
        start: Array | None = None,
    ) -> Self:
        """The parameters of a table that fit moments best."""
        table = with_sample_values(table, moments)
        structure, constraints, objective = _problem(table, moments)

        def searched(values: Array) -> Constrained:
            z = objective.linear.coordinates(values)
            return minimize_constrained(
                objective, z, constraints, max_iterations=moments.options.max_iterations
            )

        search = searched(start_values(structure, moments) if start is None else start)
        if start is None and not search.optimum.converged:
            again = searched(other_start(structure, moments))
            is_lower = bool(search.unmet) or not again.optimum.value > search.optimum.value
            if again.optimum.converged and is_lower:
                search = again
        return cls(
            options=moments.options,
            table=table,
            structure=structure,
            moments=moments,
            constraints=constraints,
            objective=objective,
            optimum=search.optimum,
            active_constraints=search.active_constraints,
            unmet=search.unmet,
            group_labels=group_labels,
            model=model,
            convention=convention,
        )

    @classmethod
    def at(cls, table: ParameterTable, like: Solution, parameters: Array) -> Self:
        """A model of the data of a solution, not fitted but taken at given values of its free parameters."""
        structure, constraints, objective = _problem(table, like.moments)
        z = objective.linear.coordinates(parameters)
        return cls(
            options=like.options,
            table=table,
            structure=structure,
            moments=like.moments,
            constraints=constraints,
            objective=objective,
            optimum=Optimum(z, float(objective.value(z)), True, 0, 0.0),
            active_constraints=constraints.nonlinear,
            group_labels=like.group_labels,
            model=like.model,
            convention=like.convention,
        )

    # --- how the search ended --------------------------------------------------------------------------

    @property
    def converged(self) -> bool:
        """Whether the search ended in a minimum."""
        return self.optimum.converged

    @property
    def iterations(self) -> int:
        """Steps of the search."""
        return self.optimum.iterations

    @property
    def ending(self) -> CodedMessage:
        """Why the search ended, in words."""
        names = "; ".join(one.text for one in self.unmet)
        return ModelError(ENDINGS[self.optimum.ending], iterations=self.iterations, constraints=names)

    def require_convergence(self) -> None:
        """Refuse to give numbers of a solution that did not converge."""
        if not self.converged:
            raise ModelError("sem-not-converged", reason=self.ending)

    # --- the estimates ---------------------------------------------------------------------------------

    @cached_property
    def free_parameters(self) -> Array:
        """Estimates of the free parameters, in the order of the table (lavaan's `coef`)."""
        self.require_convergence()
        return self.objective.linear.parameters(self.optimum.z)

    @cached_property
    def matrix_elements(self) -> Array:
        """Values of all elements of the structure (G, elements)."""
        return self.structure.elements(self.free_parameters)

    @cached_property
    def n_free(self) -> int:
        """Free parameters, less what the equality constraints among them say that is independent."""
        linear = self.objective.linear
        if not self.constraints.nonlinear:
            return linear.n_coordinates
        bound = Bound(self.constraints.nonlinear, linear)
        return linear.n_coordinates - rank(bound.measured(self.optimum.z, self._scales).rows)

    @cached_property
    def free_directions(self) -> Array:
        """The directions of the coordinates that the active constraints leave open (coordinates, d)."""
        if not self.active_constraints:
            return np.eye(self.objective.linear.n_coordinates)
        bound = Bound(self.active_constraints, self.objective.linear)
        return open_directions(bound, self.optimum.z, self._scales)

    @cached_property
    def tangent(self) -> Array:
        """The directions (parameters, d) in which the estimates may move under the active constraints."""
        return self.objective.linear.basis @ self.free_directions

    @cached_property
    def _scales(self) -> Array:
        return scales(self.objective.derivatives(self.optimum.z, exact=False)[2])

    # --- the moments -----------------------------------------------------------------------------------

    @cached_property
    def statistic(self) -> float:
        """The chi-square statistic, without a correction."""
        value = np.asarray(self.optimum.value)
        return float(chi_square(self.moments, self.structure, self.matrix_elements, value))

    @cached_property
    def missing_patterns(self) -> tuple[int, ...]:
        """Patterns of missing values of each group; empty without full information."""
        if not self.options.uses_all_rows:
            return ()
        return tuple(len(one.patterns.counts) for one in self.moments.samples if one.patterns)

    @cached_property
    def ordinal(self) -> OrdinalMoments | None:
        """The model of thresholds and correlations, where there are ordered variables."""
        discrepancy = self.objective.discrepancy
        model = discrepancy.model if isinstance(discrepancy, LeastSquares) else None
        return model if isinstance(model, OrdinalMoments) else None

    @cached_property
    @in_one_thread
    def implied(self) -> Implied:
        """Means and covariances that the estimates imply (of the latent responses, given the covariates)."""
        if self.ordinal:
            return self.ordinal.state(self.structure, self.matrix_elements).implied
        return self.structure.implied(self.matrix_elements)

    @cached_property
    @in_one_thread
    def fitted_moments(self) -> tuple[Array, Array]:
        """Covariances (G, k, k) and means (G, k) of the variables that the model explains, on the observed scale.

        With ordered variables those of the latent responses in their units, given the covariates.
        """
        implied = self.implied
        if not self.ordinal:
            return implied.covariance, implied.mean
        state = self.ordinal.state(self.structure, self.matrix_elements)
        responses = self.ordinal.responses
        scales = state.scales[:, responses]
        covariance = (
            implied.covariance[:, responses[:, None], responses] * scales[:, :, None] * scales[:, None, :]
        )
        return covariance, implied.mean[:, responses] * scales

    @cached_property
    def observed_moments(self) -> tuple[Array, Array]:
        """What `fitted_moments` are compared with; NaN for the covariance of variables that no row has together."""
        if not self.ordinal:
            return self.moments.seen_covariance, self.moments.mean
        responses = self.ordinal.responses
        return self.moments.covariance[:, responses[:, None], responses], self.moments.mean[:, responses]


def _problem(table: ParameterTable, moments: Moments) -> tuple[Structure, Constraints, Objective]:
    """What is searched: a table compiled, its constraints, and the discrepancy over what they leave free."""
    structure, constraints = Structure(table), constraints_of(table)
    linear = linear_map(constraints, structure.n_parameters)
    return structure, constraints, Objective(structure, discrepancy_of(moments, structure), linear)
