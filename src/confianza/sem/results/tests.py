"""The tests of a model: scaled and adjusted chi-squares, residual-based ones, the bootstrap's.

With Delta, V and Gamma as in `information`, U = V - V Delta (Delta' V Delta)^-1 Delta' V.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import nan

import numpy as np

from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array, vech, vech_indices
from confianza.sem.results.bootstrap import bollen_stine
from confianza.sem.results.chi_square import Test, chi_square_tail, standard_test
from confianza.sem.results.information import (
    gamma_of,
    given_covariates,
    jacobians,
    meat,
    normal_weight,
    unit_information,
    weight_inverse,
    weight_matrices,
)
from confianza.sem.results.robust_measures import full_information_trace
from confianza.sem.results.saturated import inverse_information, saturated_information
from confianza.sem.results.standard_errors import has_observed_weights, observed_weights
from confianza.sem.warnings import warn


def tests_of(solution: Solution) -> Mapping[str, Test]:
    """The tests asked for, by name."""
    if "none" in solution.options.test:
        return {}
    tests = {"standard": standard_test(solution)}
    for name in solution.options.test:
        if name != "standard":
            tests[name] = _other_test(solution, name, tests["standard"])
    return tests


def _other_test(solution: Solution, name: str, standard: Test) -> Test:
    df = standard.df
    if name == "bollen.stine":
        return Test(name, standard.statistic, df, bollen_stine(solution))
    if name.startswith("browne"):
        statistic = residual_statistic(solution, is_normal=name.endswith("nt"))
        return Test(name, statistic, df, chi_square_tail(statistic, df))
    if df == 0:
        return Test(name, standard.statistic, 0, nan, nan)
    if name.startswith("yuan.bentler"):
        is_mplus = name.endswith("mplus")
        without, with_model = _yuan_bentler_traces(solution)
        unseen = np.isnan(vech(solution.moments.seen_covariance)).sum()
        if is_mplus:
            trace = without - with_model
        elif isinstance(solution.objective.discrepancy, FullInformation):
            trace = full_information_trace(solution)
        else:
            trace, _ = _traces(solution, with_square=False)
        return replace(
            _scaled(name, standard, trace / df, trace),
            factor_h1=without / (solution.n_free + df - unseen),
            factor_h0=with_model / solution.structure.n_parameters
            if solution.structure.n_parameters
            else nan,
        )
    if name == "satorra.bentler":
        trace, _ = _traces(solution, with_square=False)
        return _scaled(name, standard, trace / df, trace)
    trace, square = _traces(solution, with_square=True)
    if name == "mean.var.adjusted":
        adjusted = trace**2 / square
        factor = trace / adjusted
        statistic = standard.statistic / factor
        tail = chi_square_tail(statistic, adjusted)
        return Test(name, statistic, adjusted, tail, factor, 0.0, trace, df)
    slope = (df / square) ** 0.5
    shift = df - slope * trace
    statistic = standard.statistic * slope + shift
    return Test(name, statistic, df, chi_square_tail(statistic, df), 1 / slope, shift, trace, df)


def _scaled(name: str, standard: Test, factor: float, trace: float) -> Test:
    if not factor > 0:
        warn("sem-scaling-negative", test=name, value=f"{factor:.4g}")
        return Test(name, nan, standard.df, nan, factor, 0.0, trace, standard.df)
    statistic = standard.statistic / factor
    tail = chi_square_tail(statistic, standard.df)
    return Test(name, statistic, standard.df, tail, factor, 0.0, trace, standard.df)


def _traces(solution: Solution, *, with_square: bool) -> tuple[float, float]:
    """tr(U Gamma) and tr(U Gamma U Gamma); V is the observed weight of the moments where information is observed."""
    directions = solution.free_directions
    is_observed = has_observed_weights(solution)
    if not is_observed and not with_square and solution.options.discrepancy in {"ML", "GLS"}:
        expected = directions.T @ unit_information(solution, "expected") @ directions
        trace = sum(_weighted_trace(solution, group) for group in range(solution.table.n_groups))
        around = directions.T @ meat(solution, around_model=False) @ directions
        return trace - float(np.trace(np.linalg.solve(expected, around))), np.nan
    jacobian = jacobians(solution)
    weights = observed_weights(solution) if is_observed else weight_matrices(solution)
    total = square = 0.0
    flat, single, double = [], [], []
    for group, share in enumerate(solution.moments.row_share):
        gamma = gamma_of(solution, group)
        product = weights[group] @ gamma
        total += float(np.trace(product))
        square += float((product * product.T).sum())
        part = weights[group] @ jacobian[group]
        flat.append(share * jacobian[group].T @ part)
        single.append(share * part.T @ gamma @ part)
        double.append(share * part.T @ gamma @ product @ part)
    information, around, crossed = (
        solution.objective.gather_matrix(np.stack(parts)) for parts in (flat, single, double)
    )
    if not is_observed:
        information, around = unit_information(solution, "expected"), meat(solution, around_model=False)
    inverse = directions @ np.linalg.inv(directions.T @ information @ directions) @ directions.T
    first = inverse @ around
    square += -2 * float((inverse * crossed.T).sum()) + float((first * first.T).sum())
    return total - float(np.trace(first)), square


def _weighted_trace(solution: Solution, group: int) -> float:
    """tr(V Gamma) of a group for a normal-theory V, without forming either."""
    inverse = weight_inverse(solution, solution.implied.covariance[group], group)
    centered, explained, rest = given_covariates(solution, group)
    around = inverse @ rest @ inverse

    def form(left: Array, matrix: Array, right: Array) -> Array:
        values: Array = ((left @ matrix) * right).sum(axis=1)
        return values

    squares = form(centered, inverse, centered) ** 2 + form(explained, inverse, explained) ** 2
    squares -= 2 * form(centered, inverse, explained) ** 2
    squares += 2 * (form(explained, around, explained) - form(centered, around, centered))
    trace = 0.5 * (squares.mean() + float((rest * around).sum()))
    if solution.structure.has_means:
        trace += form(centered - explained, inverse, centered - explained).mean()
    return float(trace)


def _yuan_bentler_traces(solution: Solution) -> tuple[float, float]:
    """tr(B1 A1^-1) and tr(B0 A0^-1): casewise products and information without and with the model."""
    directions = solution.free_directions
    information = directions.T @ unit_information(solution, solution.options.information) @ directions
    products = directions.T @ meat(solution, around_model=True) @ directions
    with_model = float(np.trace(np.linalg.solve(information, products)))
    without = 0.0
    for group in range(solution.table.n_groups):
        expected, casewise = saturated_information(solution, group, is_structured=False)
        without += float((inverse_information(solution, group, expected) * casewise).sum())
    return without, with_model


def residual_statistic(solution: Solution, *, is_normal: bool) -> float:
    """Browne's (1984) residual-based statistic: n e' [W - W Delta (Delta' W Delta)^-1 Delta' W] e."""
    with_means = solution.structure.has_means
    difference = []
    weights = []
    for group in range(solution.table.n_groups):
        sample, implied = solution.moments, solution.implied
        row, column = vech_indices(solution.structure.n_observed)
        parts = [(sample.covariance[group] - implied.covariance[group])[row, column]]
        if with_means:
            parts.insert(0, sample.mean[group] - implied.mean[group])
        difference.append(np.concatenate(parts))
        if is_normal:
            weights.append(normal_weight(np.linalg.inv(sample.covariance[group]), with_means=with_means))
        else:
            weights.append(np.linalg.inv(gamma_of(solution, group)))
    jacobian = jacobians(solution)
    share = solution.moments.share
    directions = solution.free_directions
    inner = np.stack([s * j.T @ w @ j for s, j, w in zip(share, jacobian, weights, strict=True)])
    slope = np.stack(
        [s * j.T @ w @ d for s, j, w, d in zip(share, jacobian, weights, difference, strict=True)]
    )
    information = directions.T @ solution.objective.gather_matrix(inner) @ directions
    along = directions.T @ solution.objective.gather(slope)
    whole = sum(s * d @ w @ d for s, w, d in zip(share, weights, difference, strict=True))
    return float(solution.moments.total * (whole - along @ np.linalg.solve(information, along)))
