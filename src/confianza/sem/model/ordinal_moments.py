"""What a model implies for ordered variables: thresholds, slopes on covariates and correlations.

An ordered variable is a latent response y* cut at its thresholds. With D the scale factors (delta), mu, Sigma and Pi
the means, covariances and total effects given the covariates:

    thresholds D (tau - mu), slopes D Pi, covariances D Sigma D

Delta parameterization: D are parameters, and residual variances follow from D Sigma D having a diagonal of one.
Theta parameterization: residual variances are parameters, and D = diag(Sigma)^(-1/2).

References
----------
Muthén (1984), Psychometrika 49, 115-132; Muthén and Asparouhov (2002), Mplus web note 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from confianza.sem.model.structure import Implied, Structure
from confianza.sem.numerics.matrices import Array, Indices


@dataclass(frozen=True)
class _State:
    """Elements with what follows from them, what they imply, and the scale factors (..., G, p)."""

    elements: Array
    implied: Implied
    scales: Array


class OrdinalMoments:
    """Thresholds (or minus means), slopes, variances of the continuous variables, and covariances."""

    def __init__(self, structure: Structure) -> None:
        table = structure.table
        exogenous = set(table.exogenous) if self.is_conditional(structure) else set()
        names = structure.observed
        self.responses = np.array(
            [index for index, name in enumerate(names) if name not in exogenous], dtype=np.intp
        )
        self.covariates = np.array(
            [index for index, name in enumerate(names) if name in exogenous], dtype=np.intp
        )
        self.is_theta = table.parameterization == "theta"
        self.ordered = np.array(
            [index for index in self.responses if names[index] in table.ordered], dtype=np.intp
        )
        self.continuous = np.array(
            [index for index in self.responses if index not in set(self.ordered)], dtype=np.intp
        )
        kinds = np.array(structure.kinds)
        elements = {
            (kind, int(row), int(column)): element
            for element, (kind, row, column) in enumerate(
                zip(structure.kinds, structure.rows, structure.columns, strict=True)
            )
        }
        owner, cut = [], []
        for index in self.responses:
            count = table.ordered.get(names[index], 0)
            owner += [index] * max(count - 1, 1)
            cut += [elements["T", int(index), k] for k in range(count - 1)] if count else [-1]
        self.owner, self.cut = np.array(owner, dtype=np.intp), np.array(cut, dtype=np.intp)
        self.own_variance = np.array([elements["S", int(j), int(j)] for j in self.ordered], dtype=np.intp)
        self.own_scale = np.array([elements.get(("D", int(j), 0), -1) for j in self.ordered], dtype=np.intp)
        p = len(self.responses)
        column, row = np.triu_indices(p, 1)
        self.low, self.high = self.responses[row], self.responses[column]
        self.n_elements = len(kinds)

    @staticmethod
    def is_conditional(structure: Structure) -> bool:
        """Whether everything is given the exogenous variables."""
        return bool(structure.table.exogenous) and bool(structure.table.ordered)

    def state(self, structure: Structure, elements: Array) -> _State:
        """The elements completed by what follows from them."""
        elements = elements.copy()
        inside = self._given_out(structure, elements)
        if not self.is_theta and len(self.ordered):
            inside[..., self.own_variance] = 0.0
        implied = structure.implied(inside)
        scales = np.ones((*elements.shape[:-1], structure.n_observed))
        if self.is_theta:
            spread = np.diagonal(implied.covariance, axis1=-2, axis2=-1)[..., self.ordered]
            with np.errstate(invalid="ignore"):
                scales[..., self.ordered] = spread**-0.5
            return _State(inside, implied, scales)
        has = self.own_scale >= 0
        scales[..., self.ordered[has]] = elements[..., self.own_scale[has]]
        if len(self.ordered):
            effects = implied.effects[..., self.ordered[:, None], self.ordered] ** 2
            missing = scales[..., self.ordered] ** -2.0
            missing = missing - np.diagonal(implied.covariance, axis1=-2, axis2=-1)[..., self.ordered]
            inside[..., self.own_variance] = np.linalg.solve(effects, missing[..., None])[..., 0]
            implied = structure.implied(inside)
        return _State(inside, implied, scales)

    def _given_out(self, structure: Structure, elements: Array) -> Array:
        """The elements without the moments of covariates, which everything is given."""
        if len(self.covariates):
            kinds = np.array(structure.kinds)
            is_given = np.isin(structure.rows, self.covariates) & np.isin(kinds, ["S", "M"])
            elements[..., is_given] = 0.0
        return elements

    def stacked(self, structure: Structure, elements: Array) -> Array:
        """Moments (..., G, m)."""
        state = self.state(structure, elements)
        implied, scales = state.implied, state.scales
        cut = np.where(self.cut >= 0, elements[..., self.cut], 0.0)
        thresholds = scales[..., self.owner] * (cut - implied.mean[..., self.owner])
        slopes = (
            scales[..., self.responses, None]
            * implied.loadings[..., self.responses[:, None], self.covariates]
        )
        slopes = np.swapaxes(slopes, -1, -2).reshape(*elements.shape[:-1], -1)
        variances = implied.covariance[..., self.continuous, self.continuous]
        covariances = (
            scales[..., self.low] * scales[..., self.high] * implied.covariance[..., self.low, self.high]
        )
        return np.concatenate([thresholds, slopes, variances, covariances], axis=-1)

    def jacobian(self, structure: Structure, elements: Array) -> Array:
        """Derivatives (..., G, m, elements)."""
        state = self.state(structure, elements)
        implied, scales = state.implied, state.scales
        columns = structure.columns_of(implied)
        lead = elements.shape[:-1]
        n, linear = self.n_elements, structure.n_linear
        u = columns[..., structure.first]

        def spread(low: Indices, high: Indices) -> Array:
            return self._covariance_slopes(structure, columns, low, high)

        mean = np.zeros((*lead, structure.n_observed, n))
        mean[..., :linear] = structure.mean_factors(implied)[..., None, :] * u
        scale, follow = self._following(structure, elements, state)
        slopes_of = np.zeros((*lead, len(self.covariates), len(self.responses), n))
        effects_of = implied.loadings[..., self.responses[:, None], self.covariates]
        if len(self.covariates):
            r, c = structure.rows[structure.a], structure.columns[structure.a]
            step = implied.effects[..., c[:, None], self.covariates]  # [element, x]
            along = implied.loadings[..., self.responses[:, None], r]  # [y, element]
            slopes_of[..., structure.a] = np.swapaxes(step, -1, -2)[..., :, None, :] * along[..., None, :, :]
        cut = np.where(self.cut >= 0, elements[..., self.cut], 0.0)
        thresholds = -scales[..., self.owner, None] * mean[..., self.owner, :]
        thresholds += scale[..., self.owner, :] * (cut - implied.mean[..., self.owner])[..., None]
        is_cut = np.flatnonzero(self.cut >= 0)
        thresholds[..., is_cut, self.cut[is_cut]] += scales[..., self.owner[is_cut]]
        slopes = scales[..., None, self.responses, None] * slopes_of
        slopes = slopes + np.swapaxes(effects_of, -1, -2)[..., None] * scale[..., None, self.responses, :]
        slopes = slopes.reshape(*lead, -1, n)
        both = scales[..., self.low] * scales[..., self.high]
        value = implied.covariance[..., self.low, self.high]
        covariances = both[..., None] * spread(self.low, self.high)
        covariances += (value * scales[..., self.high])[..., None] * scale[..., self.low, :]
        covariances += (value * scales[..., self.low])[..., None] * scale[..., self.high, :]
        out = np.concatenate(
            [thresholds, slopes, spread(self.continuous, self.continuous), covariances], axis=-2
        )
        if len(self.ordered) and not self.is_theta:
            through = out[..., self.own_variance]
            out = out + through @ follow
            out[..., self.own_variance] = 0.0
        return out

    def _covariance_slopes(self, structure: Structure, columns: Array, low: Indices, high: Indices) -> Array:
        """Derivatives of Sigma[low, high] by all elements (..., G, pairs, elements)."""
        u, v = columns[..., structure.first], columns[..., structure.second]
        out = np.zeros((*columns.shape[:-2], len(low), self.n_elements))
        out[..., : structure.n_linear] = structure.weight * (
            u[..., low, :] * v[..., high, :] + v[..., low, :] * u[..., high, :]
        )
        return out

    def _following(self, structure: Structure, elements: Array, state: _State) -> tuple[Array, Array]:
        """Derivatives by all elements: of the scale factors (..., G, p, elements), of residual variances that follow."""
        lead, n = elements.shape[:-1], self.n_elements
        columns = structure.columns_of(state.implied)
        variance = self._covariance_slopes(structure, columns, self.ordered, self.ordered)
        scale = np.zeros((*lead, structure.n_observed, n))
        follow = np.zeros((*lead, len(self.ordered), n))
        if self.is_theta:
            factor = -0.5 * state.scales[..., self.ordered] ** 3
            scale[..., self.ordered, :] = factor[..., None] * variance
        elif len(self.ordered):
            has = np.flatnonzero(self.own_scale >= 0)
            scale[..., self.ordered[has], self.own_scale[has]] = 1.0
            effects = state.implied.effects[..., self.ordered[:, None], self.ordered] ** 2
            change = -variance
            change[..., has, self.own_scale[has]] -= 2.0 * state.scales[..., self.ordered[has]] ** -3.0
            change[..., self.own_variance] = 0.0
            follow = np.linalg.solve(effects, change)
        return scale, follow

    def dependent_slopes(self, structure: Structure, elements: Array) -> dict[int, Array]:
        """Derivatives (G, elements) of `dependent_elements` by all elements."""
        scale, follow = self._following(structure, elements, self.state(structure, elements))
        if self.is_theta:
            return {
                int(element): scale[..., index, :]
                for index, element in zip(self.ordered, self.own_scale, strict=True)
                if element >= 0
            }
        return {int(element): follow[..., index, :] for index, element in enumerate(self.own_variance)}

    def dependent_elements(self, structure: Structure, elements: Array) -> dict[int, Array]:
        """Values (G,) of the elements that follow from others: residual variances, or scale factors."""
        state = self.state(structure, elements)
        if self.is_theta:
            return {
                int(element): state.scales[..., index]
                for index, element in zip(self.ordered, self.own_scale, strict=True)
                if element >= 0
            }
        return {int(element): state.elements[..., element] for element in self.own_variance}

    def threshold_residuals(self, observed: Array, structure: Structure, elements: Array) -> Array:
        """Observed less implied thresholds of the ordered variables (G, thresholds)."""
        cuts = np.flatnonzero(self.cut >= 0)
        residuals: Array = observed[..., cuts] - self.stacked(structure, elements)[..., cuts]
        return residuals
