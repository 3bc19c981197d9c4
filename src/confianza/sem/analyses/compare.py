"""Likelihood-ratio tests between nested fits, with the corrections for statistics that are not chi-squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np

from confianza.errors import ModelError
from confianza.sem.fits import Fit
from confianza.sem.model.parameter_table import Row
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.results.chi_square import chi_square_tail
from confianza.sem.results.estimates import table_values
from confianza.sem.results.information import jacobians, meat, moment_directions, unit_information
from confianza.sem.results.measures import likelihood, scaled_test
from confianza.sem.results.residuals import moment_names
from confianza.sem.results.result_table import Table
from confianza.sem.results.tests import residual_statistic
from confianza.sem.warnings import warn

METHODS = ("standard", "satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")
TYPES = ("chisq", "browne.residual.adf", "browne.residual.nt")
COLUMNS = ("model", "df", "aic", "bic", "chisq", "chisq_diff", "df_diff", "rmsea", "pvalue")


@dataclass(frozen=True)
class LrtResult:
    """The test of what a model asks beyond another one that it is nested in."""

    statistic: float
    df: float
    pvalue: float
    rmsea: float


@in_one_thread
def compare(
    *fits: Fit,
    method: str = "default",
    type: str = "chisq",  # noqa: A002 (lavaan's name)
    A_method: str = "delta",  # noqa: N803 (lavaan's name)
    scaled_shifted: bool = True,
    names: Sequence[str] = (),
) -> Table:
    """Test nested fits against one another, each against the next less restricted one (lavaan's `lavTestLRT`).

    With T, d the statistics and degrees of freedom of the restricted model (0) and the other one (1), m = d0 - d1 and
    c the mean scaling factor tr(U Gamma) / d of a model's statistic:

        standard               T0 - T1
        satorra.bentler.2001   (T0 - T1) / [(d0 c0 - d1 c1) / m]
        satorra.bentler.2010   the same, with c1 taken where model 1 has the estimates of model 0; never negative
        satorra.2000           a (T0 - T1) + b, with a, b from the traces of U Gamma and (U Gamma)^2 of the m
                               restrictions themselves

    Parameters
    ----------
    *fits : Fit
        Two or more, of the same data and estimator, in any order.
    method : str
        `default` is the plain difference, `satorra.bentler.2001` where a test is scaled, and `satorra.2000` where one is
        adjusted in mean and variance (MLMV, MLMVS, WLSMV, ULSMV).
    type : str
        `chisq`, or Browne's residual-based statistics `browne.residual.adf` and `browne.residual.nt` in the place of T.
    A_method : str
        Of `satorra.2000`: `delta` reads the restrictions off the moments that the models can reach, `exact` off their
        parameters, which then must be nested by name.
    scaled_shifted : bool
        Of `satorra.2000`: False scales the statistic to the mean of its distribution and, where the fits' test is
        adjusted in mean and variance, the degrees of freedom to its variance, instead of shifting the statistic.
    names : sequence of str
        What to call the models; else their places in the call.

    Returns
    -------
    Table
        A row a model, from the least restricted on: `df`, `aic`, `bic` (NaN without a likelihood), `chisq` (never a
        scaled one), and of the step from the row before `chisq_diff`, `df_diff`, `rmsea` and `pvalue`.

    Raises
    ------
    ModelError
        The fits are of different data, groups, estimators or tests, or one did not converge.

    Notes
    -----
    lavaan 0.6-14 gives no RMSEA of a scaled difference; here it is that of the corrected statistic. For tests adjusted
    in mean and variance lavaan's `satorra.bentler.` methods take the slope of the adjustment as if it were c; here c is
    tr(U Gamma) / d whatever the test, so that MLM and MLMV agree. Where the less restricted model has equality
    constraints itself, lavaan's `exact` is far from its `delta`, to which it is asymptotically equal; here the
    constraints that both models share are no restrictions. lavaan's `type = "Cf"` is not offered.

    References
    ----------
    Satorra (2000), in Heijmans, Pollock and Satorra (eds.), 233-247; Satorra and Bentler (2001), Psychometrika 66,
    507-514, and (2010), Psychometrika 75, 243-248; Steiger, Shapiro and Browne (1985), Psychometrika 50, 253-263.
    """
    if len(fits) < 2:
        raise ModelError("sem-compare-two")
    labels = list(names) or [str(index + 1) for index in range(len(fits))]
    if len(labels) != len(fits):
        raise ModelError("sem-compare-names", names=len(labels), fits=len(fits))
    check_comparable(fits)
    check_option("type", type, TYPES)
    if method != "default":
        check_option("method", method, METHODS)
    check_option("A_method", A_method, ("delta", "exact"))
    order = sorted(range(len(fits)), key=lambda index: fits[index].tests["standard"].df)
    rows: list[dict[str, Any]] = []
    for rank, index in enumerate(order):
        fit = fits[index]
        measures = likelihood(fit)
        row = {
            "model": labels[index],
            "df": fit.tests["standard"].df,
            "aic": measures.get("aic", nan),
            "bic": measures.get("bic", nan),
            "chisq": statistic_of(fit, type),
            "chisq_diff": nan,
            "df_diff": nan,
            "rmsea": nan,
            "pvalue": nan,
        }
        if rank:
            step = difference(
                fit,
                fits[order[rank - 1]],
                method=method,
                type=type,
                A_method=A_method,
                scaled_shifted=scaled_shifted,
            )
            row |= {
                "chisq_diff": step.statistic,
                "df_diff": step.df,
                "rmsea": step.rmsea,
                "pvalue": step.pvalue,
            }
        rows.append(row)
    return Table.of_rows(rows, COLUMNS)


def check_comparable(fits: Sequence[Fit]) -> None:
    """Refuse fits that no likelihood ratio can compare, and say what differs."""
    first = fits[0]
    for fit in fits:
        fit.require_convergence()
        if not fit.tests:
            raise ModelError("sem-compare-no-test")
    for index, fit in enumerate(fits[1:], 2):
        for what, one, other in (
            ("estimator", first.options.discrepancy, fit.options.discrepancy),
            ("test", _correction(first), _correction(fit)),
            ("missing", first.options.missing, fit.options.missing),
            ("likelihood", first.options.likelihood, fit.options.likelihood),
            ("groups", first.table.n_groups, fit.table.n_groups),
            (
                "observed variables",
                ", ".join(sorted(first.table.observed)),
                ", ".join(sorted(fit.table.observed)),
            ),
            (
                "exogenous variables",
                ", ".join(sorted(first.table.exogenous)),
                ", ".join(sorted(fit.table.exogenous)),
            ),
            ("meanstructure", first.table.has_means, fit.table.has_means),
            (
                "rows",
                " + ".join(f"{n:.0f}" for n in first.moments.n),
                " + ".join(f"{n:.0f}" for n in fit.moments.n),
            ),
        ):
            if one != other and not (what == "meanstructure" and _saturates_means(first, fit)):
                raise ModelError("sem-compare-differs", what=what, first=one, place=index, other=other)
        if not _same_moments(first, fit):
            raise ModelError("sem-compare-data", place=index)


def _saturates_means(first: Fit, second: Fit) -> bool:
    """Whether the one that has means says nothing of them, so that it may be compared with one without."""
    with_means = first if first.table.has_means else second
    return bool(np.allclose(with_means.implied.mean, with_means.moments.mean, rtol=1e-8, atol=1e-8))


def _correction(fit: Fit) -> str:
    test = scaled_test(fit.tests)
    return test.name if test else "standard"


def _same_moments(first: Fit, second: Fit) -> bool:
    order = [second.table.observed.index(name) for name in first.table.observed]
    ours, theirs = first.moments, second.moments
    covariance = theirs.covariance[:, order][:, :, order]
    return bool(
        np.allclose(ours.covariance, covariance, rtol=1e-6, atol=1e-10)
        and np.allclose(ours.mean, theirs.mean[:, order], rtol=1e-6, atol=1e-8)
    )


def statistic_of(fit: Fit, type: str = "chisq") -> float:  # noqa: A002 (lavaan's name)
    """The plain statistic of a fit, or Browne's."""
    if type == "chisq":
        return fit.tests["standard"].statistic
    if fit.ordinal:
        raise ModelError("sem-browne-ordered", type=type)
    return residual_statistic(fit, is_normal=type.endswith("nt"))


def difference(
    restricted: Fit,
    free: Fit,
    *,
    method: str = "default",
    type: str = "chisq",  # noqa: A002 (lavaan's name)
    A_method: str = "delta",  # noqa: N803 (lavaan's name)
    scaled_shifted: bool = True,
) -> LrtResult:
    """The test of a model against one that it is nested in."""
    gap = statistic_of(restricted, type) - statistic_of(free, type)
    df = restricted.tests["standard"].df - free.tests["standard"].df
    if df == 0:
        return LrtResult(gap, 0.0, nan, nan)
    test = scaled_test(restricted.tests)
    if method == "default":
        method = "standard"
        if test and type == "chisq":
            method = "satorra.2000" if _is_adjusted(restricted) else "satorra.bentler.2001"
    if method != "standard":
        if not test:
            raise ModelError("sem-compare-unscaled", method=method)
        if type != "chisq":
            raise ModelError("sem-compare-scaled-type", method=method, type=type)
    if method == "satorra.2000":
        gap, df = _satorra(restricted, free, gap, df, A_method == "exact", scaled_shifted)
    elif method.startswith("satorra.bentler"):
        other = free
        if method.endswith("2010"):
            other = Fit.at(free.table, free, matched_parameters(free, restricted))
        factor = (_trace(restricted) - _trace(other)) / df
        if factor <= 0:
            warn("sem-difference-negative", value=f"{factor:.4g}")
        gap = gap / factor
    if gap < -1e-6 * max(1.0, abs(statistic_of(restricted, type))):
        warn("sem-difference-below-zero", value=f"{gap:.4g}")
    rows, groups = restricted.moments.total, restricted.table.n_groups
    rmsea = sqrt(max(gap - df, 0.0) / (rows * df) * groups)
    return LrtResult(gap, df, chi_square_tail(gap, df), rmsea)


def _is_adjusted(fit: Fit) -> bool:
    return _correction(fit) in {"scaled.shifted", "mean.var.adjusted"}


def _trace(fit: Fit) -> float:
    """tr(U Gamma) of a fit with a scaled test: the expectation of its statistic."""
    test = scaled_test(fit.tests)
    return test.trace if test and test.df > 0 else 0.0


def _satorra(
    restricted: Fit, free: Fit, gap: float, df: float, is_exact: bool, scaled_shifted: bool
) -> tuple[float, float]:
    """Satorra's (2000) difference: the restrictions are what model 1 can do and model 0 cannot.

    With P the information of model 1, A the restrictions in its parameters, M = P^-1 A' (A P^-1 A')^-1 A P^-1 and
    B = Delta' V Gamma V Delta, the traces of U Gamma and (U Gamma)^2 are those of M B and M B M B.
    """
    if free.options.uses_all_rows:
        raise ModelError("sem-satorra-2000-missing")
    if is_exact:
        wide, narrow = free.tangent, _matched_rows(free, restricted, restricted.tangent)
    else:
        index_of = {name: index for index, name in enumerate(moment_keys(restricted))}
        order = [index_of[name] for name in moment_keys(free)]
        wide = moment_directions(free, jacobians(free))
        narrow = moment_directions(restricted, jacobians(restricted))
        narrow = narrow.reshape(free.table.n_groups, len(order), -1)[:, order].reshape(len(wide), -1)
    inside = np.linalg.lstsq(wide, narrow, rcond=None)[0]
    restrictions = np.linalg.svd(inside)[0][:, wide.shape[1] - round(df) :].T
    along = free.free_directions
    information = along.T @ unit_information(free, free.options.information) @ along
    products = along.T @ meat(free, around_model=False) @ along
    solved = np.linalg.solve(information, restrictions.T)
    middle = solved @ np.linalg.solve(restrictions @ solved, solved.T)
    scaled = middle @ products
    trace, square = float(np.trace(scaled)), float((scaled * scaled.T).sum())
    if not scaled_shifted:
        adjusted = trace**2 / square if _is_adjusted(restricted) else df
        return gap * adjusted / trace, adjusted
    slope = sqrt(df / square)
    return gap * slope + df - slope * trace, df


def moment_keys(fit: Fit) -> list[tuple[str, str, str]]:
    """What each moment of a group is about, whatever the order of the variables."""
    return [_key(*name) for name in moment_names(fit)]


# --- a model at the estimates of another ----------------------------------------------------------


def matched_parameters(free: Fit, restricted: Fit) -> Array:
    """The free parameters of a model at the estimates of one nested in it, element by element."""
    values = table_values(restricted)
    restricted_index = _index_of_element(restricted)
    parameters = np.zeros(free.structure.n_parameters)
    for row in free.table.rows:
        if row.free:
            index = restricted_index.get(_element(row))
            # what a model does not mention is zero in it, but for scales
            parameters[row.free - 1] = values[index] if index is not None else float(row.op == "~*~")
    return parameters


def _matched_rows(free: Fit, restricted: Fit, rows: Array) -> Array:
    """Rows by free element of the restricted model as rows by those of the other; what it fixes has zeros."""
    restricted_index = _index_of_element(restricted)
    out = np.zeros((free.structure.n_parameters, rows.shape[1]))
    for row in free.table.rows:
        index = restricted_index.get(_element(row)) if row.free else None
        if index is not None and (parameter := restricted.table.rows[index].free):
            out[row.free - 1] = rows[parameter - 1]
    return out


def _index_of_element(fit: Fit) -> dict[tuple[str, str, str, int], int]:
    return {_element(row): index for index, row in enumerate(fit.table.rows) if row.group}


def _element(row: Row) -> tuple[str, str, str, int]:
    return *_key(row.lhs, row.op, row.rhs), row.group


def _key(lhs: str, op: str, rhs: str) -> tuple[str, str, str]:
    """What is the same however it is written."""
    return (rhs, op, lhs) if op == "~~" and rhs < lhs else (lhs, op, rhs)
