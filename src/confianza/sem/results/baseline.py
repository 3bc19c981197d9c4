"""The baseline model, in which nothing is related to anything (but covariates among themselves)."""

from __future__ import annotations

from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import ParameterTable, Row, exogenous_names


def baseline_table(solution: Solution) -> ParameterTable:
    """The table of the baseline model: variances, means and thresholds; covariates related among themselves."""
    table = solution.table
    covariates = exogenous_names(table)
    exogenous = set(covariates)
    is_fixed = bool(table.exogenous)
    is_conditional = bool(table.ordered) and is_fixed
    rows: list[Row] = []

    def add(
        lhs: str, op: str, rhs: str, group: int, is_free: bool, value: float = float("nan"), exo: bool = False
    ) -> None:
        free = sum(row.free > 0 for row in rows) + 1 if is_free else 0
        rows.append(Row(lhs, op, rhs, group, 0, free, value, "", f".p{len(rows) + 1}.", exo))

    for group in range(1, table.n_groups + 1):
        for name in table.observed:
            if name in exogenous:
                continue
            if name in table.ordered:
                for cut in range(1, table.ordered[name]):
                    add(name, "|", f"t{cut}", group, True)
                add(name, "~~", name, group, False, 1.0)
                add(name, "~*~", name, group, False, 1.0)
                add(name, "~1", "", group, False, 0.0)
                continue
            add(name, "~~", name, group, True)
            if table.has_means:
                add(name, "~1", "", group, True)
        for i, first in enumerate(covariates):
            for second in covariates[i:]:
                add(first, "~~", second, group, not is_fixed, exo=is_fixed)
            if table.has_means:
                add(first, "~1", "", group, not is_fixed, exo=is_fixed)
        if is_conditional:
            for name in table.observed:
                for covariate in covariates if name not in exogenous else []:
                    add(name, "~", covariate, group, True)
    return ParameterTable(
        tuple(rows),
        table.observed,
        (),
        table.exogenous,
        table.ordered,
        table.n_groups,
        table.has_means,
        "delta",
    )
