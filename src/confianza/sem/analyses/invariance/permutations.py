"""How fit changes when groups are relabeled at random."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cached_property
from math import nan

import numpy as np

from confianza.errors import ModelError
from confianza.sem.analyses.invariance.result import InvarianceStep
from confianza.sem.data.moments import Moments
from confianza.sem.data.prepare import Prepared
from confianza.sem.fits import Fit, fit_table
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.chi_square import degrees_of_freedom
from confianza.sem.results.measures import comparative
from confianza.sem.warnings import SemWarning, warn


class Permutations:
    """Data with the groups relabeled at random, and what the steps' models say of them."""

    def __init__(self, ready: Prepared, count: int, seed: int | None) -> None:
        if ready.group_of_row is None:
            raise ModelError("sem-needs-rows")
        self.ready, self.count, self.used = ready, count, count
        generator = np.random.default_rng(seed)
        member = np.flatnonzero(ready.group_of_row >= 0)
        self.orders = []
        for _ in range(count):
            group_of_row = ready.group_of_row.copy()
            group_of_row[member] = generator.permutation(group_of_row[member])
            self.orders.append(group_of_row)
        self.known: dict[tuple[int, ...], Array] = {}

    @cached_property
    def samples(self) -> list[tuple[Moments, tuple[float, float]] | None]:
        """Moments of every relabeling, with the baseline model's chi-square; None where they do not exist."""
        samples: list[tuple[Moments, tuple[float, float]] | None] = []
        for group_of_row in self.orders:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SemWarning)
                try:
                    moments = self.ready.moments(group_of_row)
                    base = fit_table(self.ready.table, moments, group_labels=self.ready.labels).baseline
                    samples.append((moments, _plain(base)))
                except (ModelError, np.linalg.LinAlgError):
                    samples.append(None)
        return samples

    def statistics(self, fit: Fit, levels: Mapping[str, int]) -> Array:
        """Chi-square and CFI of a step's model for every relabeling (count, 2); NaN where it has no fit."""
        key = tuple(levels.values())
        if key in self.known:
            return self.known[key]
        rows = np.full((self.count, 2), nan)
        for index, sample in enumerate(self.samples):
            if sample is None:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SemWarning)
                try:
                    relabeled = fit_table(fit.table, sample[0], group_labels=self.ready.labels)
                except (ModelError, np.linalg.LinAlgError):
                    continue
            if relabeled.converged:
                rows[index] = _chisq_and_cfi(relabeled, sample[1])
        self.known[key] = rows
        return rows

    def p_values(self, fit: Fit, levels: Mapping[str, int], before: InvarianceStep) -> dict[str, float]:
        """How often relabeled groups change chi-square and CFI as much as the true ones."""
        base = _plain(fit.baseline)
        observed = np.subtract(_chisq_and_cfi(fit, base), _chisq_and_cfi(before.fit, base))
        changes = self.statistics(fit, levels) - self.statistics(before.fit, before.levels)
        changes = changes[~np.isnan(changes).any(axis=1)]
        self.used = min(self.used, len(changes))
        if len(changes) < 0.9 * self.count:
            warn("sem-invariance-relabelled", count=self.count - len(changes), permutations=self.count)
        at_least = [(changes[:, 0] >= observed[0] - 1e-9).sum(), (changes[:, 1] <= observed[1] + 1e-12).sum()]
        return {
            name: (1 + int(count)) / (1 + len(changes))
            for name, count in zip(("chisq", "cfi"), at_least, strict=True)
        }


def _plain(fit: Fit) -> tuple[float, float]:
    return fit.statistic, float(degrees_of_freedom(fit))


def _chisq_and_cfi(fit: Fit, base: tuple[float, float]) -> tuple[float, float]:
    statistic, df = _plain(fit)
    return statistic, comparative(statistic, df, *base)["cfi"]
