"""The table of estimates: every parameter with its standard error, z, p and interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import CONSTRAINTS, ParameterTable
from confianza.sem.numerics.matrices import Array
from confianza.sem.results.result_table import Table

COLUMNS = ("lhs", "op", "rhs", "group", "label", "est", "se", "z", "pvalue", "ci_lower", "ci_upper")


def table_values(solution: Solution, parameters: Array | None = None) -> Array:
    """Values of the rows of the parameter table (..., rows): free, fixed and defined; NaN for constraints."""
    parameters = solution.free_parameters if parameters is None else parameters
    rows = solution.table.rows
    fixed = np.array([row.value if row.free == 0 else 0.0 for row in rows])
    free = np.array([row.free - 1 for row in rows], dtype=np.intp)
    padded = np.concatenate([parameters, np.zeros((*parameters.shape[:-1], 1))], axis=-1)
    values = np.where(free >= 0, padded[..., free], fixed)
    for index, row in enumerate(rows):
        if row.op == ":=":
            values[..., index] = solution.constraints.definitions[row.lhs].value(parameters)
        elif row.group == 0:
            values[..., index] = np.nan
    if solution.ordinal:
        dependent = solution.ordinal.dependent_elements(
            solution.structure, solution.structure.elements(parameters)
        )
        for element, of_group in dependent.items():
            for group, index in enumerate(solution.structure.table_rows[:, element]):
                values[..., index] = of_group[..., group]
    return values


def gradients(solution: Solution) -> Array:
    """Derivatives of the rows of the parameter table by the parameters (rows, parameters)."""
    out = np.zeros((len(solution.table.rows), solution.structure.n_parameters))
    for index, row in enumerate(solution.table.rows):
        if row.op == ":=":
            out[index] = solution.constraints.definitions[row.lhs].value_and_gradient(
                solution.free_parameters
            )[1]
        elif row.free:
            out[index, row.free - 1] = 1.0
    return out


def estimates_table(solution: Solution, vcov: Array, *, level: float = 0.95) -> Table:
    """Every parameter with standard error, z, p and interval of a level, and the defined parameters."""
    return inference_table(solution, vcov, table_values(solution), gradients(solution), level=level)


def inference_table(
    solution: Solution,
    vcov: Array,
    values: Array,
    gradient: Array,
    *,
    level: float = 0.95,
) -> Table:
    """Values of the table's rows with errors by the delta method from `gradient` (rows, parameters)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = ((gradient @ vcov) * gradient).sum(axis=1)
        se = np.sqrt(np.where(variance > 0, variance, 0.0))
        se[np.isnan(variance)] = np.nan
        se[se < 1e-12 * (1 + np.abs(values))] = 0.0  # held in its place by a constraint
        is_estimate = se > 0
        z = np.where(is_estimate, values / se, np.nan)
    pvalue = 2 * ndtr(-np.abs(z))
    half = float(ndtri(0.5 + level / 2)) * se
    return table_of_parameters(solution.table, (values, se, z, pvalue, values - half, values + half))


def table_of_parameters(table: ParameterTable, columns: Sequence[Array]) -> Table:
    """Every parameter, and defined one, with `est` and the other columns (rows,) of numbers."""
    chosen = [index for index, row in enumerate(table.rows) if row.op not in CONSTRAINTS]
    rows = [table.rows[index] for index in chosen]
    names: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in COLUMNS[:5]}
    numbers = zip(COLUMNS[5:], columns, strict=True)
    return Table(names | {name: column[chosen].tolist() for name, column in numbers})
