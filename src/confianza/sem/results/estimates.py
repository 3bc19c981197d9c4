"""The table of estimates: every parameter with its standard error, z, p and interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from confianza.sem.numerics.matrices import Array
from confianza.sem.results.result_table import Table

if TYPE_CHECKING:
    from confianza.sem.fits import Fit

COLUMNS = ("lhs", "op", "rhs", "group", "label", "est", "se", "z", "pvalue", "ci_lower", "ci_upper")


def table_values(fit: Fit, parameters: Array | None = None) -> Array:
    """Values of the rows of the parameter table (..., rows): free, fixed and defined; NaN for constraints."""
    parameters = fit.free_parameters if parameters is None else parameters
    rows = fit.table.rows
    fixed = np.array([row.value if row.free == 0 else 0.0 for row in rows])
    free = np.array([row.free - 1 for row in rows], dtype=np.intp)
    padded = np.concatenate([parameters, np.zeros((*parameters.shape[:-1], 1))], axis=-1)
    values = np.where(free >= 0, padded[..., free], fixed)
    for place, row in enumerate(rows):
        if row.op == ":=":
            values[..., place] = fit.constraints.definitions[row.lhs].value(parameters)
        elif row.group == 0:
            values[..., place] = np.nan
    if fit.ordinal:
        dependent = fit.ordinal.dependent_elements(fit.structure, fit.structure.elements(parameters))
        for element, of_group in dependent.items():
            for group, place in enumerate(fit.structure.table_rows[:, element]):
                values[..., place] = of_group[..., group]
    return values


def gradients(fit: Fit) -> Array:
    """Derivatives of the rows of the parameter table by the parameters (rows, parameters)."""
    out = np.zeros((len(fit.table.rows), fit.structure.n_parameters))
    for place, row in enumerate(fit.table.rows):
        if row.op == ":=":
            out[place] = fit.constraints.definitions[row.lhs].value_and_gradient(fit.free_parameters)[1]
        elif row.free:
            out[place, row.free - 1] = 1.0
    return out


def estimates_table(fit: Fit, *, level: float = 0.95) -> Table:
    """Every parameter with standard error, z, p and interval of a level, and the defined parameters."""
    return inference_table(fit, table_values(fit), gradients(fit), level=level)


def inference_table(
    fit: Fit,
    values: Array,
    gradient: Array,
    *,
    level: float = 0.95,
    keep: Callable[[str], bool] = lambda op: op not in {"==", "<", ">"},
) -> Table:
    """Values of the table's rows with errors by the delta method from `gradient` (rows, parameters)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = ((gradient @ fit.vcov) * gradient).sum(axis=1)
        se = np.sqrt(np.where(variance > 0, variance, 0.0))
        se[np.isnan(variance)] = np.nan
        se[se < 1e-12 * (1 + np.abs(values))] = 0.0  # held in its place by a constraint
        is_estimate = se > 0
        z = np.where(is_estimate, values / se, np.nan)
    pvalue = 2 * ndtr(-np.abs(z))
    half = float(ndtri(0.5 + level / 2)) * se
    rows = []
    for place, row in enumerate(fit.table.rows):
        if not keep(row.op):
            continue
        rows.append(
            {
                "lhs": row.lhs,
                "op": row.op,
                "rhs": row.rhs,
                "group": row.group,
                "label": row.label,
                "est": float(values[place]),
                "se": float(se[place]),
                "z": float(z[place]),
                "pvalue": float(pvalue[place]),
                "ci_lower": float(values[place] - half[place]),
                "ci_upper": float(values[place] + half[place]),
            }
        )
    return Table.of_rows(rows, COLUMNS)
