"""Stage 2: the correlation of each pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.data.ordinal.margins import Margins
from confianza.sem.data.ordinal.pairs import PairsOfKind, Pearson, Polychoric, Polyserial, blocks_of
from confianza.sem.data.ordinal.sample import Integers, OrdinalSample
from confianza.sem.data.ordinal.tables import Tables, first_correlation
from confianza.sem.numerics.matrices import Array
from confianza.sem.warnings import warn

LIMIT = 1 - 1e-7  # a correlation whose likelihood still rises here has no maximum inside (−1, 1)
HIGH = 0.99


def _maximized(
    start: Array, terms: Callable[[Array, Integers], tuple[Array, Array]], flat: float
) -> tuple[Array, NDArray[np.bool_]]:
    """Correlations at which each pair's log-likelihood is highest, and whether it has such a maximum inside (−1, 1).

    Newton's method on all pairs at once, each within its bracket: a step that leaves it becomes a bisection. A second
    derivative smaller than `flat` is none.
    """
    rho = np.clip(start, -0.95, 0.95)
    low, high = np.full_like(rho, -LIMIT), np.full_like(rho, LIMIT)
    peak = np.zeros(len(rho), dtype=bool)
    active = np.arange(len(rho))
    while len(active):
        at = rho[active]
        gradient, curvature = terms(at, active)
        low[active] = np.where(gradient > 0, at, low[active])
        high[active] = np.where(gradient < 0, at, high[active])
        peak[active] = curved = curvature < -flat
        proposal = at - gradient / np.where(curved, curvature, -1)
        inside = curved & (proposal > low[active]) & (proposal < high[active])
        near = curved & (
            np.abs(proposal - at) < 1e-7
        )  # the error after this step is of the order of its square
        proposal = np.where(inside | near, proposal, (low[active] + high[active]) / 2)
        rho[active] = proposal
        active = active[~near & (np.abs(proposal - at) > 1e-12)]
    return rho, peak & (np.abs(rho) < LIMIT - 1e-6)


@dataclass(frozen=True)
class Correlations:
    """Stage 2 of all pairs (1,2), (1,3), ..., (2,3), ...: `tables` are of those at `tabled`, `kinds` of the rest."""

    rho: Array
    first: Integers
    second: Integers
    tables: Tables
    tabled: Integers
    kinds: tuple[PairsOfKind, ...]

    @classmethod
    def of(
        cls, sample: OrdinalSample, margins: Margins, zero_add: tuple[float, float], keep_margins: bool
    ) -> Correlations:
        """The correlation of every pair by maximum likelihood, its margins held."""
        first, second = np.triu_indices(len(sample.names), 1)
        ordered = sample.ordered
        both, none = ordered[first] & ordered[second], ~ordered[first] & ~ordered[second]
        _refuse_strangers(sample, first, second)
        rho, peak = np.zeros(len(first)), np.ones(len(first), dtype=bool)
        flat = 1e-7 * sample.cases

        tabled = np.flatnonzero(both if not sample.exogenous.shape[1] else both & False)
        a, b = first[tabled], second[tabled]
        tables = Tables.of(sample, margins, a, b)
        sizes = np.stack([sample.categories[a], sample.categories[b]], axis=1)
        filled = tables.without_empty(sizes, zero_add, keep_margins)
        rho[tabled], peak[tabled] = _maximized(filled.start(), filled.terms, flat)

        turned = ordered[first]
        a, b = np.where(turned, first, second), np.where(turned, second, first)
        rest = np.ones(len(first), dtype=bool)
        rest[tabled] = False
        start = _start_by_cases(sample, margins, first, second) if rest.any() else rho
        kinds = []
        for likelihood, members in ((Polychoric, both), (Polyserial, ~both & ~none), (Pearson, none)):
            places = np.flatnonzero(members & rest)
            if not len(places):
                continue
            kind = PairsOfKind(likelihood, a[places], b[places], places)
            terms = partial(kind.terms, sample, margins)
            rho[places], peak[places] = _maximized(start[places], terms, flat)
            kinds.append(kind)
        _judge(sample, first, second, rho, peak)
        return cls(rho, first, second, tables, tabled, tuple(kinds))


def _start_by_cases(sample: OrdinalSample, margins: Margins, first: Integers, second: Integers) -> Array:
    p = len(sample.names)
    product, squares, cases = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    for block in blocks_of(sample, margins):
        response = -np.stack([np.sum(block.alone(j), axis=0) for j in range(p)]) * block.present
        weighted, here = response * block.weights, block.present * block.weights
        product += weighted @ response.T
        squares += (weighted * response) @ block.present.T  # of the row's variable, where both are present
        cases += here @ block.present.T
    return first_correlation(product, squares, squares.T, cases)[first, second]


def _pair_names(sample: OrdinalSample, first: Integers, second: Integers, chosen: Integers) -> str:
    return ", ".join(f"{sample.names[first[c]]} – {sample.names[second[c]]}" for c in chosen)


def _refuse_strangers(sample: OrdinalSample, first: Integers, second: Integers) -> None:
    if sample.present.all():
        return
    together = sample.present.T.astype(float) @ (sample.present * sample.weights[:, None])
    strangers = np.flatnonzero(together[first, second] == 0)
    if len(strangers):
        pairs = _pair_names(sample, first, second, strangers)
        raise ModelError("pair-without-cases", pairs=pairs, group=sample.group or "1")


def _judge(
    sample: OrdinalSample, first: Integers, second: Integers, rho: Array, peak: NDArray[np.bool_]
) -> None:
    lost = np.flatnonzero(~peak)
    if len(lost):
        pairs = _pair_names(sample, first, second, lost)
        raise ModelError("perfectly-collinear", pairs=pairs, group=sample.group or "1")
    near = np.flatnonzero(np.abs(rho) > HIGH)
    if len(near):
        pairs = _pair_names(sample, first, second, near)
        warn("nearly-collinear", pairs=pairs, group=sample.group or "1", limit=HIGH)
