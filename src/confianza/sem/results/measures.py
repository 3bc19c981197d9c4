"""Fit measures under lavaan's names, plain, scaled and robust."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log, nan, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, chndtr

from confianza.sem.data.patterns import Patterns
from confianza.sem.estimation.estimators import ContinuousMoments
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.numerics.matrices import Array, vech
from confianza.sem.results.chi_square import Test
from confianza.sem.results.information import modeled_moments, weight_inverse, weight_matrices
from confianza.sem.results.robust_measures import corrected_statistic
from confianza.sem.results.saturated import saturated_information

LEVEL, CLOSE, NOT_CLOSE = 0.90, 0.05, 0.08


def plain_measures(solution: Solution) -> dict[str, float]:
    """The measures that need no test: numbers of parameters, likelihood and residuals, by lavaan's name."""
    measures: dict[str, float] = {"npar": solution.n_free, "fmin": float(solution.optimum.value)}
    return measures | likelihood(solution) | residual_measures(solution)


def measures_of_tests(
    solution: Solution, tests: Mapping[str, Test], baseline: Solution, baseline_tests: Mapping[str, Test]
) -> dict[str, float]:
    """The measures that the tests of a solution and of its baseline model allow, by lavaan's name."""
    standard, scaled = tests["standard"], scaled_test(tests)
    measures = {"chisq": standard.statistic, "df": standard.df, "pvalue": standard.pvalue}
    if scaled:
        measures |= {
            "chisq.scaled": scaled.statistic,
            "df.scaled": scaled.df,
            "pvalue.scaled": scaled.pvalue,
            "chisq.scaling.factor": scaled.scaling_factor,
        }
    if scaled and scaled.name.startswith("yuan.bentler"):
        measures |= {"scaling.factor.h1": scaled.factor_h1, "scaling.factor.h0": scaled.factor_h0}
    measures |= _incremental(standard, scaled, baseline_tests)
    measures |= _rmsea_measures(solution, standard, scaled)
    measures |= _robust(solution, tests, baseline, baseline_tests)
    return measures | _other(solution, standard)


def scaled_test(tests: Mapping[str, Test]) -> Test | None:
    """The test that corrects the standard one for its distribution, if one does."""
    return next(
        (
            test
            for name, test in tests.items()
            if name not in {"standard", "bollen.stine"} and "browne" not in name
        ),
        None,
    )


def _ratio(over: float, under: float) -> float:
    return over / under if under else nan


def comparative(chisq: float, df: float, base: float, base_df: float) -> dict[str, float]:
    """CFI, TLI and their kin of a model beside the baseline model (Bentler, 1990; Bollen, 1989)."""
    gap, base_gap = chisq - df, base - base_df
    top = max(gap, 0.0)
    bottom = max(gap, base_gap, 0.0)
    tli = _tli(gap, df, base_gap, base_df)
    return {
        "cfi": 1 - top / bottom if bottom else 1.0,
        "tli": tli,
        "nnfi": tli,
        "rfi": _ratio(base / base_df - chisq / df, base / base_df) if 0 < df <= base_df else _nested(df),
        "nfi": _ratio(base - chisq, base) if 0 < df <= base_df else _nested(df),
        "pnfi": _ratio((base - chisq) * df, base * base_df),
        "ifi": _ratio(base - chisq, base - df),
        "rni": 1 - _ratio(gap, base_gap) if df else 1.0,
    }


def _nested(df: float) -> float:
    """One for a saturated model; NaN for one that is not nested in the baseline model's place."""
    return nan if df else 1.0


def _tli(gap: float, df: float, base_gap: float, base_df: float) -> float:
    return 1 - _ratio(gap * base_df, base_gap * df) if df else 1.0


def _incremental(standard: Test, scaled: Test | None, of_baseline: Mapping[str, Test]) -> dict[str, float]:
    base = of_baseline["standard"]
    measures = {"baseline.chisq": base.statistic, "baseline.df": base.df, "baseline.pvalue": base.pvalue}
    measures |= comparative(standard.statistic, standard.df, base.statistic, base.df)
    if not scaled:
        return measures
    base_scaled = of_baseline[scaled.name]
    measures |= {
        "baseline.chisq.scaled": base_scaled.statistic,
        "baseline.df.scaled": base_scaled.df,
        "baseline.pvalue.scaled": base_scaled.pvalue,
        "baseline.chisq.scaling.factor": base_scaled.scaling_factor,
    }
    values = comparative(scaled.statistic, scaled.df, base_scaled.statistic, base_scaled.df)
    measures |= {f"{name}.scaled": value for name, value in values.items()}
    return measures


def likelihood(solution: Solution) -> dict[str, float]:
    """The log-likelihood, AIC and BIC, where the estimator has a likelihood."""
    if solution.options.discrepancy != "ML":
        return {}
    n = solution.moments.total
    unrestricted = saturated_log_likelihood(solution)
    logl = unrestricted - float(solution.optimum.value) * n
    npar = solution.n_free
    return {
        "logl": logl,
        "unrestricted.logl": unrestricted,
        "aic": -2 * logl + 2 * npar,
        "bic": -2 * logl + npar * log(n),
        "ntotal": n,
        "bic2": -2 * logl + npar * log((n + 2) / 24),
    }


def saturated_log_likelihood(solution: Solution) -> float:
    """The log-likelihood of the saturated model; of fixed exogenous variables nothing counts."""
    total = 0.0
    exogenous = [solution.structure.observed.index(name) for name in solution.table.exogenous]
    for group, sample in enumerate(solution.moments.samples):
        covariance = solution.moments.covariance[group]
        if isinstance(solution.objective.discrepancy, FullInformation):
            mean = solution.moments.mean[group]
            total -= float(
                solution.objective.discrepancy.patterns[group].minus_log_likelihood(covariance, mean)
            )
            if exogenous:
                data = solution.moments.data(group)[:, exogenous]
                patterns = Patterns.of(data[~np.isnan(data).all(axis=1)])
                part = covariance[np.ix_(exogenous, exogenous)]
                total += float(patterns.minus_log_likelihood(part, mean[exogenous]))
            continue
        total += _normal_likelihood(covariance, sample.n)
        if exogenous:
            total -= _normal_likelihood(covariance[np.ix_(exogenous, exogenous)], sample.n)
    return total


def _normal_likelihood(covariance: Array, n: float) -> float:
    return float(-0.5 * n * (len(covariance) * (log(2 * pi) + 1) + np.linalg.slogdet(covariance)[1]))


def noncentrality_interval(statistic: float, df: float, level: float = LEVEL) -> tuple[float, float]:
    """The interval of the noncentrality of a chi-square (Steiger, 1990)."""
    tail = (1 - level) / 2

    def bound(probability: float) -> float:
        if statistic <= 0 or df < 1 or chndtr(statistic, df, 0.0) < probability:
            return 0.0
        top = max(statistic, df) * 4 + 20
        while chndtr(statistic, df, top) > probability:
            top *= 2
        return float(
            brentq(lambda nc: chndtr(statistic, df, nc) - probability, 0.0, top, xtol=1e-12, rtol=1e-14)
        )

    return bound(1 - tail), bound(tail)


def _rmsea_measures(solution: Solution, standard: Test, scaled: Test | None) -> dict[str, float]:
    n, groups = float(solution.moments.counts.sum()), solution.table.n_groups
    measures = rmsea(standard.statistic, standard.df, n, groups)
    measures |= {"rmsea.ci.level": LEVEL, "rmsea.close.h0": CLOSE, "rmsea.notclose.h0": NOT_CLOSE}
    if not scaled:
        return measures
    of_scaled = (scaled.statistic, scaled.df)
    if scaled.name != "scaled.shifted":  # lavaan compares the plain statistic with the trace
        of_scaled = (standard.statistic, scaled.trace)
    measures |= {f"{name}.scaled": value for name, value in rmsea(*of_scaled, n, groups).items()}
    return measures


def _robust(
    solution: Solution, tests: Mapping[str, Test], baseline: Solution, baseline_tests: Mapping[str, Test]
) -> dict[str, float]:
    """CFI, TLI and RMSEA of the population that the statistic is about, whatever its distribution.

    The statistic is compared with its own expectation under the model in the place of its degrees of freedom
    (Brosseau-Liard, Savalei and Li, 2012; Savalei, 2021; Zhang and Savalei, 2023).
    """
    standard, scaled, base_standard = tests["standard"], scaled_test(tests), baseline_tests["standard"]
    is_corrected = scaled or solution.options.uses_all_rows
    corrected = corrected_statistic(solution, tests) if is_corrected else None
    of_baseline = corrected_statistic(baseline, baseline_tests) if corrected else None
    if corrected and of_baseline:
        statistic, trace = corrected.statistic, corrected.trace
        base, base_trace = of_baseline.statistic, of_baseline.trace
    elif scaled and not solution.ordinal:
        statistic, trace = standard.statistic, scaled.trace
        base, base_trace = base_standard.statistic, baseline_tests[scaled.name].trace
    else:
        statistic = trace = base = base_trace = nan
    n, groups, df = float(solution.moments.counts.sum()), solution.table.n_groups, standard.df
    base_df = base_standard.df
    names = ("cfi", "tli", "nnfi", "rni")
    if not scaled and not corrected:
        return {}
    if not df or statistic != statistic:
        measures = dict.fromkeys(
            [f"{name}.robust" for name in (*names, *RMSEA)], nan if df or scaled else 1.0
        ) | (dict.fromkeys([f"{name}.robust" for name in RMSEA], nan))
        return measures | ({f"{name}.robust": 0.0 for name in RMSEA[:3]} if not df else {})
    gap, base_gap = statistic - trace, base - base_trace
    bottom = max(gap, base_gap, 0.0)
    tli = _tli(gap, df, base_gap, base_df)
    measures = dict(
        zip(
            names,
            (1 - max(gap, 0.0) / bottom if bottom else 1.0, tli, tli, 1 - _ratio(gap, base_gap)),
            strict=True,
        )
    )
    factor = trace / df
    interval = rmsea(statistic / factor, df, n, groups, factor)
    if scaled and scaled.name == "scaled.shifted" and not corrected:
        shifted = rmsea(scaled.statistic, scaled.df, n, groups, scaled.scaling_factor)
        interval = shifted | {"rmsea": interval["rmsea"]}
    return {f"{name}.robust": value for name, value in (measures | interval).items()}


RMSEA = ("rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "rmsea.notclose.pvalue")


def rmsea(statistic: float, df: float, n: float, groups: int, factor: float = 1.0) -> dict[str, float]:
    """RMSEA with its interval and the tests of close and of not close fit (Steiger; Browne and Cudeck, 1993).

    With a scaling `factor`, of the statistic divided by it (Brosseau-Liard, Savalei and Li, 2012).
    """
    if df <= 0:
        return dict(zip(RMSEA, (0.0, 0.0, 0.0, nan, nan), strict=True))
    if statistic != statistic:
        return dict.fromkeys(RMSEA, nan)
    per = factor * groups / (n * df)
    lower, upper = noncentrality_interval(statistic, df)
    close, not_close = (chndtr(statistic, df, limit**2 / per) for limit in (CLOSE, NOT_CLOSE))
    return {
        "rmsea": sqrt(max((statistic - df) * per, 0.0)),
        "rmsea.ci.lower": sqrt(lower * per),
        "rmsea.ci.upper": sqrt(upper * per),
        "rmsea.pvalue": 1 - float(close),
        "rmsea.notclose.pvalue": float(not_close),
    }


def residual_measures(solution: Solution) -> dict[str, float]:
    """Root mean square residuals, raw and standardized in the manners of Bentler, Bollen and Mplus.

    Of ordered variables the thresholds stand in the place of the means; as in lavaan, `srmr` then leaves them out,
    and no variance counts.
    """
    share = solution.moments.row_share
    kinds: dict[str, float] = dict.fromkeys(("rmr", "srmr_bentler", "crmr", "srmr_mplus"), 0.0)
    plain = dict(kinds)
    observed_covariance, observed_mean = solution.observed_moments
    fitted_covariance, fitted_mean = solution.fitted_moments
    cuts, n_covariates = None, 0
    if solution.ordinal:
        n_covariates = len(solution.ordinal.covariates)  # lavaan counts the covariates too
        stacked = solution.moments.stacked(with_means=True)
        cuts = solution.ordinal.threshold_residuals(stacked, solution.structure, solution.matrix_elements)
    for group, weight in enumerate(share):
        observed, implied = observed_covariance[group], fitted_covariance[group]
        s, t = np.sqrt(np.diag(observed)), np.sqrt(np.diag(implied))
        p = len(observed)
        raw = observed - implied
        if cuts is not None:
            np.fill_diagonal(raw, 0.0)
        correlation = observed / np.outer(s, s) - implied / np.outer(t, t)
        matrices = {
            "rmr": raw,
            "srmr_bentler": raw / np.outer(s, s),
            "crmr": correlation,
            "srmr_mplus": correlation + np.diag(np.diag(raw) / s**2),
        }
        means: dict[str, Array] = {}
        if cuts is not None:
            means = dict.fromkeys(kinds, cuts[group])
        elif solution.structure.has_means:
            mean, expected = observed_mean[group], fitted_mean[group]
            bentler, mplus = (mean - expected) / s, mean / s - expected / t
            means = {"rmr": mean - expected, "srmr_bentler": bentler, "crmr": bentler, "srmr_mplus": mplus}
        for name, matrix in matrices.items():
            squares = float((vech(matrix) ** 2).sum())
            count = p * (p - 1) / 2 if name == "crmr" else p * (p + 1) / 2 + n_covariates
            plain[name] += weight * sqrt(squares / count) if count else 0.0
            if means:
                squares, count = squares + float((means[name] ** 2).sum()), count + len(means[name])
            kinds[name] += weight * sqrt(squares / count) if count else 0.0
    is_ordinal = cuts is not None
    return {
        "rmr": kinds["rmr"],
        "rmr_nomean": plain["rmr"],
        "srmr": plain["srmr_bentler"] if is_ordinal else kinds["srmr_bentler"],
        "srmr_bentler": kinds["srmr_bentler"],
        "srmr_bentler_nomean": plain["srmr_bentler"],
        "crmr": kinds["crmr"],
        "crmr_nomean": plain["crmr"],
        "srmr_mplus": nan if is_ordinal else kinds["srmr_mplus"],
        "srmr_mplus_nomean": nan if is_ordinal else plain["srmr_mplus"],
    }


def weighted_squares(solution: Solution) -> list[tuple[float, float]]:
    """e' V e and s' V s of every group: of residuals and of moments, without those of fixed covariates alone."""
    if solution.options.discrepancy in {"ML", "GLS"} and not solution.options.uses_all_rows:
        return [_normal_squares(solution, group) for group in range(solution.table.n_groups)]
    if solution.options.uses_all_rows:
        groups = range(solution.table.n_groups)
        weights = np.stack(
            [saturated_information(solution, group, is_structured=True)[0] for group in groups]
        )
    else:
        weights = weight_matrices(solution)
    model = solution.ordinal or ContinuousMoments(solution.structure.has_means)
    samples = solution.moments.stacked(with_means=solution.structure.has_means)
    residuals = samples - model.stacked(solution.structure, solution.matrix_elements)
    if not solution.ordinal:
        modeled = modeled_moments(solution)
        samples, residuals = samples[:, modeled], residuals[:, modeled]
        if not solution.options.uses_all_rows:
            weights = weights[:, modeled[:, None], modeled]
    return [
        (float(residual @ weight @ residual), float(sample @ weight @ sample))
        for residual, sample, weight in zip(residuals, samples, weights, strict=True)
    ]


def _normal_squares(solution: Solution, group: int) -> tuple[float, float]:
    """The same for a normal weight, which is not formed: tr((W E)^2) / 2 + d' W d."""
    covariance, mean = solution.moments.covariance[group].copy(), solution.moments.mean[group].copy()
    inverse = weight_inverse(solution, solution.implied.covariance[group], group)
    off, off_mean = covariance - solution.implied.covariance[group], mean - solution.implied.mean[group]
    exogenous = [solution.structure.observed.index(name) for name in solution.table.exogenous]
    covariance[np.ix_(exogenous, exogenous)] = 0.0
    mean[exogenous] = 0.0

    def square(matrix: Array, vector: Array) -> float:
        scaled = inverse @ matrix
        along = vector @ inverse @ vector if solution.structure.has_means else 0.0
        return float(0.5 * (scaled * scaled.T).sum() + along)

    return square(off, off_mean), square(covariance, mean)


def _other(solution: Solution, standard: Test) -> dict[str, float]:
    n, chisq, df = float(solution.moments.counts.sum()), standard.statistic, standard.df
    measures = {}
    for name, tail in (("cn_05", 0.05), ("cn_01", 0.01)):
        measures[name] = float(chdtri(df, tail)) / (chisq / n) + 1 if df and chisq else nan
    unexplained = np.array([residual / total for residual, total in weighted_squares(solution)])
    gfi = float(solution.moments.row_share @ (1 - unexplained))
    count = solution.moments.stacked(with_means=solution.structure.has_means).size
    if solution.ordinal:
        measures["wrmr"] = sqrt(chisq / (count / solution.table.n_groups))
    return measures | {
        "gfi": gfi,
        "agfi": 1 - (count / df) * (1 - gfi) if df else 1.0,
        "pgfi": (df / count) * gfi if count else nan,
        "mfi": exp(-0.5 * (chisq - df) / n),
        "ecvi": chisq / n + 2 * solution.n_free / n,
    }
