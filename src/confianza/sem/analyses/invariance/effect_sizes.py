"""What an item that differs means for its answers: effect sizes in the item's own units."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from confianza.sem.analyses.invariance.levels import indicators
from confianza.sem.fits import Fit
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.estimates import table_values

EFFECT_COLUMNS = ("item", "group", "dmacs")


def item_effects(fit: Fit, items: Sequence[str]) -> list[dict[str, Any]]:
    """dMACS of items between each group and the first (Nye and Drasgow, 2011).

    The root mean square, over the later group's factor, of the difference between the answers that the two groups'
    parameters predict, in pooled standard deviations of the item. NaN for an item of several factors.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()
    rows = []
    for item in items:
        factors = [name for name, own in indicators(fit.table).items() if item in own]
        for group in range(1, fit.table.n_groups):
            value = nan
            if len(factors) == 1:
                index = fit.structure.n_observed + fit.structure.latent.index(factors[0])
                spread = fit.implied.covariances[group, index, index]
                factor = fit.implied.means[group, index] + sqrt(spread) * nodes
                gap = predicted(fit, item, factors[0], group, factor)
                gap = gap - predicted(fit, item, factors[0], 0, factor)
                value = sqrt(float(weights @ gap**2)) / _pooled_deviation(fit, item, group)
            rows.append({"item": item, "group": fit.group_labels[group], "dmacs": value})
    return rows


def predicted(fit: Fit, item: str, factor: str, group: int, values: Array) -> Array:
    """The answer that a group's parameters predict at values of the factor."""
    elements = {
        (row.lhs, row.op, row.rhs): value
        for row, value in zip(fit.table.rows, table_values(fit), strict=True)
        if row.group == group + 1
    }
    response: Array = elements.get((item, "~1", ""), 0.0) + elements[factor, "=~", item] * values
    if item not in fit.table.ordered:
        return response
    residual = sqrt(elements[item, "~~", item])
    cuts = [elements[item, "|", f"t{k}"] for k in range(1, fit.table.ordered[item])]
    answer: Array = 1.0 + sum(ndtr((response - cut) / residual) for cut in cuts)
    return answer


def _pooled_deviation(fit: Fit, item: str, group: int) -> float:
    index = fit.structure.observed.index(item)
    squares = rows = 0.0
    for one in (0, group):
        sample = fit.moments.samples[one]
        variance, n = float(sample.covariance[index, index]), float(sample.n)
        if sample.data is not None:
            column = sample.data[:, index]
            n = float((~np.isnan(column)).sum())
            variance = float(np.nanvar(column, ddof=1))
        squares, rows = squares + (n - 1) * variance, rows + n - 1
    return sqrt(squares / rows)
