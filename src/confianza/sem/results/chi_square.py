"""The chi-square test of a model without corrections."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from math import nan

import numpy as np
from scipy.special import chdtrc

from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array


@dataclass(frozen=True)
class Test:
    """A chi-square test of the model: statistic, degrees of freedom and p; how it was scaled, if it was."""

    __test__ = False

    name: str
    statistic: float
    df: float
    pvalue: float
    scaling_factor: float = 1.0
    shift: float = 0.0
    trace: float = nan
    mean_df: float = nan  # the degrees of freedom that the trace is compared with
    factor_h1: float = nan  # scaling factors of the log-likelihoods, without and with the model
    factor_h0: float = nan


def chi_square_tail(statistic: float, df: float) -> float:
    """P(X > statistic) for a chi-square of df degrees; NaN without degrees of freedom."""
    return float(chdtrc(df, max(statistic, 0.0))) if df > 0 else nan


def degrees_of_freedom(solution: Solution) -> int:
    """Moments less free parameters; moments of fixed exogenous variables do not count."""
    if solution.ordinal:
        return int(solution.moments.stacked(with_means=True).size) - solution.n_free
    p, x = solution.structure.n_observed, len(solution.table.exogenous)
    means = solution.structure.has_means
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + (p - x if means else 0)
    return moments * solution.table.n_groups - solution.n_free


def standard_test(solution: Solution) -> Test:
    """The test without a correction."""
    df = degrees_of_freedom(solution)
    statistic = solution.statistic
    if df == 0 and statistic < 1e-8:
        statistic = 0.0
    # unweighted least squares has no chi-square distribution without a correction
    tail = nan if solution.options.discrepancy == "ULS" else chi_square_tail(statistic, df)
    return Test("standard", statistic, df, tail)


def group_statistics(solution: Solution) -> Array:
    """What each group adds to the standard test statistic (G,)."""
    moments, discrepancy = solution.moments, solution.objective.discrepancy
    if isinstance(discrepancy, FullInformation):
        implied = zip(solution.implied.covariance, solution.implied.mean, strict=True)
        pairs = zip(discrepancy.patterns, implied, moments.saturated, strict=True)
        return np.array(
            [
                2 * (group.minus_log_likelihood(*model) - group.minus_log_likelihood(free[1], free[0]))
                for group, model, free in pairs
            ]
        )
    statistics = np.zeros(len(moments.n))
    for group in range(len(statistics)):
        alone = copy(discrepancy)
        alone.share = np.where(np.arange(len(statistics)) == group, discrepancy.share, 0.0)  # type: ignore[attr-defined]
        statistics[group] = (
            2 * moments.total * float(alone.value(solution.structure, solution.matrix_elements))
        )
    return statistics * moments.counts / moments.n if moments.options.likelihood == "wishart" else statistics
