"""Which items differ between groups: score tests of what a level makes equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from confianza.sem.analyses.invariance.levels import equal_element, loosened
from confianza.sem.fits import Fit
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.chi_square import chi_square_tail
from confianza.sem.results.estimates import table_values
from confianza.sem.results.information import meat, unit_information

ITEM_COLUMNS = ("step", "item", "statistic", "df", "pvalue", "pvalue_holm", "differs")


def item_scores(fit: Fit, level: int, items: Sequence[str]) -> list[dict[str, Any]]:
    """Score tests of what a level makes equal, item by item, with p-values by Holm (1979).

    With g the gradient and I the information of a row without the constraints, K the directions that the constraints
    leave open and R those of the item's parameters in the later groups,

        L = R' - R' I K (K' I K)^-1 K',    T = N g' L' (L B L')^- L g ~ chi-square

    B = I, or the covariance of the casewise scores where the errors of the fit are robust. Directions that other
    parameters make up for (thresholds, with origin and unit free) take no degree of freedom.
    """
    loose = loosened(fit.table, level, items)
    index_of = {(row.lhs, row.op, row.rhs, row.group): row.free - 1 for row in loose.rows if row.free}
    values = table_values(fit)
    parameters = np.zeros(max(index_of.values()) + 1)
    open_directions = fit.tangent
    directions = np.zeros((len(parameters), open_directions.shape[1]))
    for row, value in zip(fit.table.rows, values, strict=True):
        key = row.lhs, row.op, row.rhs, row.group
        if key in index_of:
            parameters[index_of[key]] = value
            if row.free:
                directions[index_of[key]] = open_directions[row.free - 1]
    released = Fit.at(loose, fit, parameters)
    _, gradient, information = released.objective.derivatives(
        parameters, exact=fit.options.information == "observed"
    )
    products = information
    if fit.options.se.startswith("robust"):
        information = unit_information(released, fit.options.information)
        products = meat(released, around_model=fit.options.se == "robust.huber.white")
    projected = np.linalg.solve(directions.T @ information @ directions, directions.T)
    rows: list[dict[str, Any]] = []
    for item in items:
        chosen = [
            index_of[row.lhs, row.op, row.rhs, row.group]
            for row in loose.rows
            if equal_element(row) == (item, level) and row.group > 1 and row.free
        ]
        if not chosen:
            continue
        unit = np.eye(len(parameters))[chosen]
        along = unit - unit @ information @ directions @ projected
        scale = np.sqrt(np.diag(products)[chosen])
        statistic, df = _quadratic(
            along @ gradient / scale, along @ products @ along.T / np.outer(scale, scale)
        )
        if df:
            statistic *= fit.moments.total
            rows.append(
                {"item": item, "statistic": statistic, "df": df, "pvalue": chi_square_tail(statistic, df)}
            )
    for tested, adjusted in zip(rows, holm([tested["pvalue"] for tested in rows]), strict=True):
        tested["pvalue_holm"] = adjusted
    return rows


def _quadratic(vector: Array, matrix: Array) -> tuple[float, int]:
    """v' M^- v and the rank of M, whose diagonal would be 1 if nothing were taken out."""
    values, vectors = np.linalg.eigh(matrix)
    is_there = values > 1e-7
    along = vectors[:, is_there].T @ vector
    return float((along**2 / values[is_there]).sum()), int(is_there.sum())


def holm(pvalues: Sequence[float]) -> list[float]:
    """P-values adjusted for all of them together (Holm, 1979)."""
    order = np.argsort(pvalues)
    factors = len(pvalues) - np.arange(len(pvalues))
    adjusted = np.empty(len(pvalues))
    adjusted[order] = np.minimum(
        np.maximum.accumulate(np.asarray(pvalues, dtype=float)[order] * factors), 1.0
    )
    return adjusted.tolist()
