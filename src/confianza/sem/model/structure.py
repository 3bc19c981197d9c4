"""What a model implies: means and covariances of the observed variables, and their derivatives.

All variables, observed first, stand in one vector v (reticular action model; McArdle and McDonald, 1984):

    v = m + A v + e,   cov(e) = S,   E = (I - A)^-1;      mean = (E m)[observed],   covariance = (E S E')[observed]

Every derivative of the covariance is w (u v' + v u') with u and v columns of U = E[observed] or of
V = (E S E')[observed], so that gradients and information matrices are gathered from small products and no
derivative matrix is ever formed. All arrays may carry leading dimensions (bootstrap draws); the next one is
the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.numerics.matrices import Array, entries, vech_indices


@dataclass(frozen=True)
class Implied:
    """What parameters imply; shapes (..., G, v, v), (..., G, p, v), (..., G, p, p), (..., G, p)."""

    effects: Array  # E
    covariances: Array  # E S E', all variables
    means: Array  # E m, all variables
    loadings: Array  # U = E[observed]
    crossed: Array  # V = (E S E')[observed]
    covariance: Array
    mean: Array


class Structure:
    """A model compiled: which elements of A, S and m hold which parameters in which group.

    An *element* is an entry of A, S or m (or a threshold or scale) that holds a parameter in some group: its kind, row
    and column. `parameter_index` (G, elements) is the place of each among the free parameters of the table, -1 where it
    is fixed at `fixed`.
    """

    def __init__(self, table: ParameterTable) -> None:
        self.table = table
        self.observed, self.latent = table.observed, table.latent
        self.n_observed = len(self.observed)
        names = (*self.observed, *self.latent)
        self.n_variables = len(names)
        self.n_groups = table.n_groups
        index_of = {name: index for index, name in enumerate(names)}
        kinds: dict[tuple[str, int, int], None] = {}
        entries = []
        for index, row in enumerate(table.rows):
            if row.group == 0:
                continue
            key = self.element_key(row.lhs, row.op, row.rhs, index_of)
            kinds.setdefault(key)
            entries.append((key, row.group - 1, row.free - 1, row.value, index))
        in_order = sorted(kinds, key=lambda key: "ASMTD".index(key[0]))
        order = {key: index for index, key in enumerate(in_order)}
        self.kinds = tuple(key[0] for key in order)
        self.rows = np.array([key[1] for key in order], dtype=np.intp)
        self.columns = np.array([key[2] for key in order], dtype=np.intp)
        n_elements = len(order)
        self.fixed = np.zeros((self.n_groups, n_elements))
        self.parameter_index = np.full((self.n_groups, n_elements), -1, dtype=np.intp)
        self.table_rows = np.full((self.n_groups, n_elements), -1, dtype=np.intp)
        for key, group, parameter, value, index in entries:
            element = order[key]
            self.parameter_index[group, element] = parameter
            self.table_rows[group, element] = index
            if parameter < 0:
                self.fixed[group, element] = value
        for element, kind in enumerate(self.kinds):  # a scale that a group does not mention is one
            if kind == "D":
                self.fixed[self.table_rows[:, element] < 0, element] = 1.0
        self.n_parameters = max((row.free for row in table.rows), default=0)
        self._compile()

    @staticmethod
    def element_key(lhs: str, op: str, rhs: str, index: dict[str, int]) -> tuple[str, int, int]:
        """Kind, row and column of the matrix element that a row of the table stands for."""
        if op == "=~":
            return "A", index[rhs], index[lhs]
        if op in {"~", "<~"}:
            return "A", index[lhs], index[rhs]
        if op == "~~":
            first, second = sorted((index[lhs], index[rhs]))
            return "S", first, second
        if op == "~1":
            return "M", index[lhs], 0
        if op == "|":
            return "T", index[lhs], int(rhs.removeprefix("t")) - 1
        return "D", index[lhs], 0

    def _compile(self) -> None:
        kinds = np.array(self.kinds)
        self.a, self.s, self.m = (np.flatnonzero(kinds == kind) for kind in "ASM")
        self.n_linear = len(self.a) + len(self.s) + len(self.m)
        n = self.n_variables
        pattern = np.zeros((n, n), dtype=bool)
        pattern[self.rows[self.a], self.columns[self.a]] = True
        self.depth = _depth(pattern)
        rows, columns = self.rows[: self.n_linear], self.columns[: self.n_linear]
        is_a, is_s, is_m = (kinds[: self.n_linear] == kind for kind in "ASM")
        first = rows.copy()
        second = np.where(is_a, columns + n, np.where(is_m, rows, columns))
        used = np.unique(np.concatenate([first, second]))
        back = np.zeros(2 * n, dtype=np.intp)
        back[used] = np.arange(len(used))
        self.first, self.second = back[first], back[second]
        self.used_loadings, self.used_crossed = used[used < n], used[used >= n] - n
        self.weight = np.where(is_m, 0.0, np.where(is_s & (rows == columns), 0.5, 1.0))
        self.pair_weight = self.weight[:, None] * self.weight
        u, v = self.first * len(used), self.second * len(used)
        self._flat_pairs = u + self.second
        self.uu, self.vv, self.uv = (
            left[:, None] + right for left, right in ((u, self.first), (v, self.second), (u, self.second))
        )
        self._flat_a = self.rows[self.a] * n + self.columns[self.a]
        self._flat_s = np.concatenate(
            [
                self.rows[self.s] * n + self.columns[self.s],
                self.columns[self.s] * n + self.rows[self.s],
            ]
        )
        ra, ca, rs, cs = self.rows[self.a], self.columns[self.a], self.rows[self.s], self.columns[self.s]
        self._c_to_r, self._c_to_c, self._r_to_c, self._r_to_r = (
            left[:, None] * n + right for left, right in ((ca, ra), (ca, ca), (ra, ca), (ra, ra))
        )
        self._c_to_rs, self._c_to_cs, self._r_to_rs, self._r_to_cs = (
            left[:, None] * n + right for left, right in ((ca, rs), (ca, cs), (ra, rs), (ra, cs))
        )

    @property
    def has_means(self) -> bool:
        """Whether the model says something of the means."""
        return self.table.has_means

    def elements(self, parameters: Array, fixed: Array | None = None) -> Array:
        """Values of all elements, shape (..., G, elements), from those of the parameters, shape (..., parameters)."""
        padded = np.concatenate([parameters, np.zeros((*parameters.shape[:-1], 1))], axis=-1)
        fixed = self.fixed if fixed is None else fixed
        return np.where(self.parameter_index >= 0, padded[..., self.parameter_index], fixed)

    def implied(self, elements: Array) -> Implied:
        """What the values of the elements (..., G, elements) imply."""
        v, p = self.n_variables, self.n_observed
        lead = elements.shape[:-1]
        paths = np.zeros((*lead, v * v))
        paths[..., self._flat_a] = elements[..., self.a]
        paths = paths.reshape(*lead, v, v)
        residual = np.zeros((*lead, v * v))
        spread = elements[..., self.s]
        residual[..., self._flat_s] = np.concatenate([spread, spread], axis=-1)
        residual = residual.reshape(*lead, v, v)
        effects = self._effects(paths)
        covariances = effects @ residual @ np.swapaxes(effects, -1, -2)
        means = np.zeros((*lead, v))
        if len(self.m):
            means[..., self.rows[self.m]] = elements[..., self.m]
            means = (effects @ means[..., None])[..., 0]
        return Implied(
            effects,
            covariances,
            means,
            effects[..., :p, :],
            covariances[..., :p, :],
            covariances[..., :p, :p],
            means[..., :p],
        )

    def _effects(self, paths: Array) -> Array:
        if self.depth is None:
            return np.linalg.inv(np.eye(self.n_variables) - paths)
        effects = paths.copy()
        diagonal = np.arange(self.n_variables)
        effects[..., diagonal, diagonal] += 1.0
        for _ in range(self.depth - 1):  # I + A (I + A (I + A ...))
            effects = paths @ effects
            effects[..., diagonal, diagonal] += 1.0
        return effects

    def columns_of(self, implied: Implied) -> Array:
        """The columns of U and V that derivatives use, shape (..., G, p, used)."""
        return np.concatenate(
            [implied.loadings[..., self.used_loadings], implied.crossed[..., self.used_crossed]], axis=-1
        )

    def mean_factors(self, implied: Implied) -> Array:
        """c of every linear element: the derivative of the mean is c times column u of U."""
        factors = np.zeros((*implied.means.shape[:-1], self.n_linear))
        factors[..., self.a] = implied.means[..., self.columns[self.a]]
        factors[..., self.m] = 1.0
        return factors

    def covariance_gradient(self, columns: Array, middle: Array) -> Array:
        """tr(X dSigma) / 2 of every linear element for symmetric X = `middle` (..., G, p, p): w u' X v."""
        return self.weight * entries(np.swapaxes(columns, -1, -2) @ middle @ columns, self._flat_pairs)

    def mean_gradient(self, implied: Implied, columns: Array, direction: Array) -> Array:
        """x' dmean of every linear element for x = `direction` (..., G, p)."""
        inner = (direction[..., None, :] @ columns)[..., 0, :]
        return self.mean_factors(implied) * inner[..., self.first]

    def information(self, columns: Array, inverse: Array, mean_factors: Array | None) -> Array:
        """tr(W dS_i W dS_j) / 2 + dmean_i' W dmean_j of all linear elements, W = `inverse` (..., G, p, p)."""
        inner = np.swapaxes(columns, -1, -2) @ inverse @ columns
        same, other = entries(inner, self.uu), entries(inner, self.uv)
        out = same * entries(inner, self.vv)
        out += other * np.swapaxes(other, -1, -2)
        out *= self.pair_weight
        if mean_factors is not None:
            out += same * mean_factors[..., :, None] * mean_factors[..., None, :]
        return out

    def jacobian(self, implied: Implied, *, with_means: bool) -> Array:
        """Derivatives of the moments by every linear element, shape (..., G, moments, elements).

        Moments are the means (where asked for) and then the lower triangle of the covariance, by columns.
        """
        columns = self.columns_of(implied)
        row, column = vech_indices(self.n_observed)
        u, v = columns[..., self.first], columns[..., self.second]
        out = self.weight * (u[..., row, :] * v[..., column, :] + v[..., row, :] * u[..., column, :])
        if not with_means:
            return out
        return np.concatenate([self.mean_factors(implied)[..., None, :] * u, out], axis=-2)

    def curvature(self, implied: Implied, columns: Array, middle: Array, direction: Array | None) -> Array:
        """tr(X d2Sigma_ij) / 2 + x' d2mean_ij of all linear elements, X = `middle`, x = `direction`."""
        n, a, s, m = self.n_linear, len(self.a), len(self.s), len(self.m)
        out = np.zeros((*implied.mean.shape[:-1], n, n))
        loadings, effects = implied.loadings, implied.effects
        inner_uu = np.swapaxes(loadings, -1, -2) @ middle @ loadings
        inner_uv = np.swapaxes(loadings, -1, -2) @ middle @ implied.crossed
        # both paths: i = (r, c), j = (r', c'); the three ways in which one moves the other's u and v
        step = entries(effects, self._c_to_r)  # [i, j] = E[c_i, r_j]
        one_way = entries(inner_uv, self._r_to_c)  # [i, j] = u(r_i)' X V[c_j]
        one_way *= step
        if direction is not None:
            r, c = self.rows[self.a], self.columns[self.a]
            slope = (direction[..., None, :] @ loadings)[..., 0, :]
            along = slope.take(r, axis=-1)[..., :, None]
            one_way += along * step * implied.means.take(c, axis=-1)[..., None, :]
            if m:
                onto = effects[..., c[:, None], self.rows[self.m]]
                onto *= along
                out[..., :a, n - m :] = onto
                out[..., n - m :, :a] = np.swapaxes(onto, -1, -2)
        both = entries(implied.covariances, self._c_to_c)
        both *= entries(inner_uu, self._r_to_r)
        both += one_way
        both += np.swapaxes(one_way, -1, -2)
        out[..., :a, :a] = both
        if a and s:
            mixed = entries(effects, self._c_to_cs)
            mixed *= entries(inner_uu, self._r_to_rs)
            other = entries(effects, self._c_to_rs)
            other *= entries(inner_uu, self._r_to_cs)
            mixed += other
            mixed *= self.weight[self.s]
            out[..., :a, a : a + s] = mixed
            out[..., a : a + s, :a] = np.swapaxes(mixed, -1, -2)
        return out


def _depth(pattern: NDArray[np.bool_]) -> int | None:
    """The longest chain of paths; None when a variable acts on itself in the end."""
    chain, depth = pattern.copy(), 0
    while chain.any():
        depth += 1
        if depth > len(pattern):
            return None
        chain = (chain.astype(np.intp) @ pattern.astype(np.intp)) > 0
    return max(depth, 1)
