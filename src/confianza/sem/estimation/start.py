"""Where the search begins: rough values from the moments, and the user's own where given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from confianza.sem.data.moments import Moments
from confianza.sem.data.ordinal.statistics import OrdinalStatistics
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array


def start_values(structure: Structure, moments: Moments) -> Array:
    """A start for every parameter (parameters,): one factor at a time for loadings, half of a variance for residuals."""
    table = structure.table
    covariance, mean = moments.covariance, moments.mean
    cuts = [_cuts(statistics) for statistics in moments.ordinal]
    index_of = {name: index for index, name in enumerate((*structure.observed, *structure.latent))}
    out = np.zeros(structure.n_parameters)
    for group in range(structure.n_groups):
        rows = [row for row in table.rows if row.group == group + 1]
        fixed = {(row.lhs, row.op, row.rhs): row.value for row in rows if row.free == 0}
        loadings, variances = _factors(rows, fixed, covariance[group], structure)
        predicted = {row.lhs for row in rows if row.op == "~"}
        measured = {row.rhs for row in rows if row.op == "=~"}
        for row in rows:
            if row.free == 0:
                continue
            value = 0.0
            if row.op == "=~":
                value = loadings.get((row.lhs, row.rhs), 1.0)
            elif row.is_variance:
                value = variances[row.lhs]
                if (
                    row.lhs in predicted
                    or (row.lhs in measured and row.lhs not in structure.observed)
                    or row.lhs in measured
                ):
                    value *= 0.5
            elif row.op == "~~":
                is_free = row.lhs in structure.observed and row.rhs in structure.observed
                if is_free and not {row.lhs, row.rhs} & (predicted | measured):
                    value = float(covariance[group][index_of[row.lhs], index_of[row.rhs]])
            elif row.op == "~1" and row.lhs in structure.observed:
                value = float(mean[group][index_of[row.lhs]])
            elif row.op == "~*~":
                value = 1.0
            elif row.op == "|":
                value = cuts[group][row.lhs, row.rhs]
            out[row.free - 1] = value
    for row in table.rows:
        if row.free and not np.isnan(row.value):
            out[row.free - 1] = row.value
    return out


def other_start(structure: Structure, moments: Moments) -> Array:
    """Where a search begins again that found no minimum (parameters,).

    Where items hardly hang together, the discrepancy may fall without end as a factor's variance goes to zero and its
    loadings grow, and have its minimum beyond, at a variance below zero. So factors begin there, a little.
    """
    out = start_values(structure, moments)
    index_of = {name: index for index, name in enumerate(structure.observed)}
    for group, covariance in enumerate(moments.covariance):
        rows = [row for row in structure.table.rows if row.group == group + 1]
        markers = {
            row.lhs: (index_of[row.rhs], row.value)
            for row in reversed(rows)
            if row.op == "=~" and not row.free and row.value and row.rhs in index_of
        }
        for row in rows:
            if not row.free or row.lhs not in markers or not np.isnan(row.value):
                continue
            marker, fixed = markers[row.lhs]
            size = float(covariance[marker, marker]) ** 0.5 / fixed
            if row.op == "=~" and row.rhs in index_of:
                item = index_of[row.rhs]
                sign = -1.0 if covariance[marker, item] * fixed > 0 else 1.0
                out[row.free - 1] = 0.5 * sign * float(covariance[item, item]) ** 0.5 / abs(size)
            elif row.is_variance:
                out[row.free - 1] = -0.05 * size**2
    return out


def _cuts(statistics: OrdinalStatistics) -> dict[tuple[str, str], float]:
    """The sample's thresholds by variable and name."""
    cuts: dict[tuple[str, str], float] = {}
    for index, value in zip(statistics.threshold_variable, statistics.thresholds, strict=True):
        name = statistics.names[index]
        cuts[name, f"t{sum(one == name for one, _ in cuts) + 1}"] = float(value)
    return cuts


def _factors(
    rows: list[Row], fixed: dict[tuple[str, str, str], float], covariance: Array, structure: Structure
) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Loadings by (factor, indicator) and variances of all variables, lower factors first."""
    index_of = {name: index for index, name in enumerate(structure.observed)}
    variances = {name: float(covariance[index, index]) for name, index in index_of.items()}
    indicators: dict[str, list[str]] = {}
    for row in rows:
        if row.op == "=~":
            indicators.setdefault(row.lhs, []).append(row.rhs)
    loadings: dict[tuple[str, str], float] = {}
    waiting = list(structure.latent)
    while waiting:
        ready = [name for name in waiting if all(one in variances for one in indicators.get(name, []))]
        for name in ready or waiting[:1]:
            waiting.remove(name)
            items = indicators.get(name, [])
            present = [item for item in items if item in index_of]
            common = _one_factor(covariance, [index_of[item] for item in present])
            values = dict(zip(present, common, strict=True))
            for item in items:
                values.setdefault(item, 0.7 * variances.get(item, 1.0) ** 0.5)
            scale, least = 1.0, 0.0
            marker = next((item for item in items if fixed.get((name, "=~", item), 0.0) not in {0.0}), None)
            variance = fixed.get((name, "~~", name), np.nan)
            if marker is not None and abs(values[marker]) > 1e-3 * variances.get(marker, 1.0) ** 0.5:
                scale = values[marker] / fixed[name, "=~", marker]
            elif marker is None and not np.isnan(variance) and variance > 0:
                scale = variance**-0.5
            elif marker is not None:
                scale = 0.5 * variances.get(marker, 1.0) ** 0.5
            elif items and np.isnan(variance):  # constraints settle the scale, mostly of loadings about one
                scale = float(np.mean(np.abs(list(values.values())))) or 1.0
            for item, value in values.items():
                loadings[name, item] = value / scale
            if marker is not None:
                least = 0.05 * variances.get(marker, 1.0) / fixed[name, "=~", marker] ** 2
            variances[name] = max(scale**2, least) if items else 1.0
    return loadings, variances


def _one_factor(covariance: Array, items: list[int]) -> list[float]:
    """Loadings of a single factor with variance one: the first principal axis of the correlations, shrunk."""
    if not items:
        return []
    part = covariance[np.ix_(items, items)]
    scale = np.sqrt(np.diag(part))
    if len(items) == 1:
        return [float(0.95 * scale[0])]
    values, vectors = np.linalg.eigh(part / np.outer(scale, scale))
    axis = vectors[:, -1] * np.sign(vectors[0, -1] or 1.0)
    size = max(float(values[-1]) - (1 - float(values[-1] - 1) / (len(items) - 1)) * 0.5, 0.3)
    return [float(one) for one in np.clip(axis * size**0.5, -0.9, 0.9) * scale]


def with_sample_values(table: ParameterTable, moments: Moments) -> ParameterTable:
    """The table with the sample's values for the moments of fixed exogenous variables."""
    if not any(row.exo for row in table.rows):
        return table
    index_of = {name: index for index, name in enumerate(table.observed)}
    rows = []
    for row in table.rows:
        if row.exo and row.free == 0 and row.op == "~~":
            value = float(moments.covariance[row.group - 1][index_of[row.lhs], index_of[row.rhs]])
            rows.append(replace(row, value=value))
        elif row.exo and row.free == 0 and row.op == "~1":
            rows.append(replace(row, value=float(moments.mean[row.group - 1][index_of[row.lhs]])))
        else:
            rows.append(row)
    return replace(table, rows=tuple(rows))
