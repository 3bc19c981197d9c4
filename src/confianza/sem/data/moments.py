"""What was observed, group by group, as the discrepancies need it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.data.ordinal.statistics import OrdinalStatistics
from confianza.sem.data.patterns import Patterns, saturated_moments
from confianza.sem.data.sample import GroupSample
from confianza.sem.numerics.matrices import Array, vech, vech_indices
from confianza.sem.options import Options


class Moments:
    """The groups' moments: `n` (G,), `mean` (G, p), `covariance` (G, p, p); those of the latent responses if ordinal.

    With full information they are those of the saturated model.
    """

    def __init__(
        self, samples: Sequence[GroupSample], options: Options, ordinal: Sequence[OrdinalStatistics] = ()
    ) -> None:
        self.samples, self.options, self.ordinal = tuple(samples), options, tuple(ordinal)
        self.n = np.array([sample.n for sample in samples], dtype=float)
        self.total = float(self.n.sum())
        self.mean = np.stack([sample.mean for sample in samples])
        self.covariance = np.stack([sample.covariance for sample in samples])
        self._informations: dict[tuple[int, bool], Array] = {}
        self.saturated: list[tuple[Array, Array]] = []
        if options.uses_all_rows:
            self.saturated = [
                saturated_moments(sample.patterns, group=sample.label or "1")
                for sample in samples
                if sample.patterns is not None
            ]
        if self.saturated:  # else the samples' moments are the saturated ones already
            self.mean = np.stack([mean for mean, _ in self.saturated])
            self.covariance = np.stack([covariance for _, covariance in self.saturated])

    def over(self, mean: Array, covariance: Array) -> Moments:
        """The same groups with other means (..., G, p) and covariances (..., G, p, p)."""
        other = copy(self)
        other.mean, other.covariance = mean, covariance
        return other

    @property
    def counts(self) -> Array:
        """What a group counts in tests and standard errors: its rows, less one unless the likelihood is normal."""
        return self.n - self.options.divisor

    @property
    def share(self) -> Array:
        """What a group counts in the discrepancy, as a part of all rows (least squares: less one row a group)."""
        return (self.n if self.options.discrepancy == "ML" else self.counts) / self.total

    @property
    def row_share(self) -> Array:
        """The rows of each group as a part of all."""
        return self.n / self.total

    @property
    def divisor(self) -> float:
        """The number of rows that turns the information of one into a covariance matrix of estimates."""
        return float(self.counts.sum())

    @cached_property
    def seen_covariance(self) -> Array:
        """The covariances (G, p, p), NaN for pairs of variables that no row has together."""
        unseen = [np.zeros_like(self.covariance[0], dtype=bool) for _ in self.samples]
        if self.options.uses_all_rows:
            unseen = [
                one.patterns.unseen if one.patterns else empty
                for one, empty in zip(self.samples, unseen, strict=True)
            ]
        return np.where(unseen, np.nan, self.covariance)

    def unseen_moments(self, group: int) -> NDArray[np.bool_]:
        """Which moments of a group (m,), means first, no row says anything of."""
        row, column = vech_indices(self.covariance.shape[-1])
        unseen = np.isnan(self.seen_covariance[group])
        return np.concatenate([np.diag(unseen), unseen[row, column]])

    def stacked(self, *, with_means: bool) -> Array:
        """The moments (G, m): means where asked for, then the lower triangles; or those of ordered variables."""
        if self.ordinal:
            return np.stack([statistics.moments for statistics in self.ordinal])
        parts = [vech(self.covariance)]
        return np.concatenate([self.mean, *parts], axis=-1) if with_means else parts[0]

    def weights(self, *, with_means: bool) -> Array:
        """The weights of least squares: ones (ULS), inverse variances (DWLS) or the inverse matrix (WLS)."""
        return self._ordinal_weights if self.ordinal else self._weights(with_means=with_means)

    @cached_property
    def _ordinal_weights(self) -> Array:
        return self._weights(with_means=True)

    def _weights(self, *, with_means: bool) -> Array:
        moments = self.stacked(with_means=with_means)
        if self.options.discrepancy == "ULS":
            return np.ones_like(moments)
        gammas = [self.gamma(group, with_means=with_means) for group in range(len(self.samples))]
        if self.options.discrepancy == "DWLS":
            return np.stack([1.0 / np.diag(gamma) for gamma in gammas])
        for sample, gamma in zip(self.samples, gammas, strict=True):
            if sample.n <= len(gamma) and np.linalg.matrix_rank(gamma) < len(gamma):
                raise ModelError(
                    "sem-wls-too-few-rows", group=sample.label or "1", count=sample.n, moments=len(gamma)
                )
        return np.stack([np.linalg.inv(gamma) for gamma in gammas])

    def saturated_information(self, group: int, *, exact: bool) -> Array:
        """The information of a row with gaps on the means and covariances of the saturated model."""
        if (group, exact) not in self._informations:
            patterns = self.samples[group].patterns or Patterns.of(self.data(group))
            information = patterns.row_information(self.covariance[group], self.mean[group], exact=exact)
            self._informations[group, exact] = information
        return self._informations[group, exact]

    def gamma(self, group: int, *, with_means: bool) -> Array:
        """The asymptotic covariance of the moments of a group, free of a distribution (Browne, 1984)."""
        if self.ordinal:
            return self.ordinal[group].nacov
        data = self.data(group)
        return gamma_of_rows(data - data.mean(axis=0), None, with_means=with_means)

    def data(self, group: int) -> Array:
        """The rows of a group; an error when only moments were given."""
        data = self.samples[group].data
        if data is None:
            raise ModelError("sem-needs-rows")
        return data


def gamma_of_rows(centered: Array, explained: Array | None, *, with_means: bool) -> Array:
    """The covariance of the rows' contributions to the moments, or what of it fixed covariates leave.

    `given` (n, p) is what the covariates say of the rows.
    """
    column, row = np.triu_indices(centered.shape[1])
    products = centered[:, row] * centered[:, column]
    if explained is not None:
        products -= explained[:, row] * explained[:, column]
        centered = centered - explained
    products -= products.mean(axis=0)
    stacked = np.hstack([centered, products]) if with_means else products
    gamma: Array = stacked.T @ stacked / len(centered)
    return gamma
