"""Monte Carlo: how often a test finds what a population holds, and how estimates and intervals do."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, chndtr, ndtri

from confianza.errors import ModelError
from confianza.sem.data.simulate import Population, population, simulate
from confianza.sem.estimation.discrepancies import discrepancy_of
from confianza.sem.fits import Fit, sem
from confianza.sem.model.parameter_table import Row
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.parallel import spread
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.bootstrap import DrawShare, draw_shares, is_batchable, refit_moments
from confianza.sem.results.chi_square import degrees_of_freedom
from confianza.sem.results.estimates import gradients, table_values
from confianza.sem.results.result_table import Table

BATCH = 50  # samples drawn and fitted together
KEYS = ("lhs", "op", "rhs", "group", "label")
MISMADE = ("missing", "skewness", "kurtosis", "cuts")  # what `simulate` makes of rows, not of moments


@dataclass(frozen=True)
class Replications:
    """Fits of a model to samples of a population: estimates and standard errors of every row of the table.

    `truth` is what the model estimates from the population's own moments; where those cannot be given (ordered
    variables, cut points), the population's value of the same parameter.
    """

    rows: tuple[Row, ...]
    truth: Array  # (rows,)
    estimates: Array  # (replications, rows)
    se: Array  # (replications, rows)
    statistics: Array  # (replications,)
    df: float
    requested: int

    @property
    def used(self) -> int:
        """Replications that found a solution."""
        return len(self.estimates)

    def summary(self, *, level: float = 0.95) -> Table:
        """Truth, mean, bias, spread, mean standard error, coverage of intervals and share of significant results."""
        crossing = ndtri(0.5 + level / 2)
        rows = []
        for index, row in enumerate(self.rows):
            estimate, se = self.estimates[:, index], self.se[:, index]
            if not (se > 0).any():
                continue
            rows.append(
                {
                    **{name: getattr(row, name) for name in KEYS},
                    "truth": float(self.truth[index]),
                    "mean": float(estimate.mean()),
                    "bias": float(estimate.mean() - self.truth[index]),
                    "sd": float(estimate.std(ddof=1)),
                    "se": float(se.mean()),
                    "coverage": float((np.abs(estimate - self.truth[index]) <= crossing * se).mean()),
                    "significant": float((np.abs(estimate) > crossing * se).mean()),
                }
            )
        numbers = ("truth", "mean", "bias", "sd", "se", "coverage", "significant")
        return Table.of_rows(rows, (*KEYS, *numbers))

    def rejected(self, alpha: float = 0.05) -> float:
        """The share of replications in which the chi-square test rejects the model."""
        return float((self.statistics > chdtri(self.df, alpha)).mean())


@dataclass(frozen=True)
class Power:
    """The share of samples in which a test is significant, and what theory says of it.

    `standard_error` is that of the Monte Carlo; `analytical` the approximation of Satorra and Saris with
    noncentrality `ncp` (NaN where the population has no moments). Bias and coverage are those of the parameter (NaN for
    a constraint or step).
    """

    power: float
    standard_error: float
    analytical: float
    ncp: float
    df: int
    alpha: float
    replications: int
    used: int
    truth: float = nan
    bias: float = nan
    coverage: float = nan
    coverage_standard_error: float = nan


@in_one_thread
def monte_carlo(
    people: Any,
    model: Any,
    n: int | Sequence[int],
    *,
    replications: int = 1000,
    seed: int | None = None,
    groups: int | Sequence[str] | None = None,
    simulation: Mapping[str, Any] | None = None,
    processes: int | None = None,
    **options: Any,
) -> Replications:
    """Fit a model to many samples of a population.

    Parameters
    ----------
    people : str, table or Population
        The population's model; see `population`.
    model : str or table
        The model that is fitted, with `options` as in `sem.sem`.
    n : int or one a group
        Rows of each group.
    groups : int or labels
        Of the population, where it has several.
    simulation : mapping
        What `simulate` is to do to the rows: `missing`, `skewness`, `kurtosis`, `cuts`. Without it (and without ordered
        variables) samples are drawn as moments and fitted together.

    Raises
    ------
    ModelError
        The population or the model cannot be used, or fewer than two replications found a solution.
    """
    study = _study(people, n, groups, simulation)
    return _replicated(study, model, options, replications, seed, processes)


@in_one_thread
def power(
    people: Any,
    model: Any,
    n: int | Sequence[int],
    *,
    parameter: str | None = None,
    constraint: str | None = None,
    step: str | Sequence[str] | None = None,
    alpha: float = 0.05,
    replications: int = 1000,
    seed: int | None = None,
    groups: int | Sequence[str] | None = None,
    simulation: Mapping[str, Any] | None = None,
    processes: int | None = None,
    **options: Any,
) -> Power:
    """The power to find that a parameter is not zero, or that a constraint or a step of invariance does not hold.

    Parameters
    ----------
    parameter : str
        A parameter as written (`"trust ~ social"`, of the first group unless it ends in ` (group 2)`), by its label, or
        by the name of its definition: tested by z.
    constraint : str
        More text in the model's syntax, such as `"a == b"`: tested by the likelihood ratio.
    step : words of `group_equal`
        What is tested to be equal in all groups, given what `group_equal` already holds equal: by the likelihood ratio.
    alpha : float
        Level of the test.

    Other parameters as in `monte_carlo`.

    References
    ----------
    Muthén and Muthén (2002), Structural Equation Modeling 9, 599-620; Satorra and Saris (1985), Psychometrika 50,
    83-90.
    """
    if sum(one is not None for one in (parameter, constraint, step)) != 1:
        raise ModelError("sem-power-target")
    study = _study(people, n, groups, simulation)
    if parameter is not None:
        fits = _replicated(study, model, options, replications, seed, processes)
        index = _row_index(fits.rows, parameter)
        row, estimate, se = fits.rows[index], fits.estimates[:, index], fits.se[:, index]
        is_significant = np.abs(estimate) > ndtri(1 - alpha / 2) * se
        covers = np.abs(estimate - fits.truth[index]) <= ndtri(1 - alpha / 2) * se
        text = f"{row.lhs if row.op == ':=' else row.plabel} == 0"
        ncp, df = _noncentrality(study, model, options, _restricted(options, text, ()))
        return Power(
            *_share(is_significant),
            _power_of(ncp, df, alpha),
            ncp,
            df,
            alpha,
            fits.requested,
            fits.used,
            float(fits.truth[index]),
            float(estimate.mean() - fits.truth[index]),
            *_share(covers),
        )
    closer = _restricted(options, constraint or "", (step,) if isinstance(step, str) else tuple(step or ()))
    is_fast = all(_start(study, model, one, study.sizes) is not None for one in (options, closer))
    pair = [
        _replicated(study, model, one, replications, seed, processes, is_fast=is_fast, keep_failed=True)
        for one in (options, closer)
    ]
    both = np.isfinite(pair[0].statistics) & np.isfinite(pair[1].statistics)
    if both.sum() < 2:
        raise ModelError("sem-power-failed", replications=replications, used=int(both.sum()))
    df = int(pair[1].df - pair[0].df)
    is_significant = (pair[1].statistics - pair[0].statistics)[both] > chdtri(df, alpha)
    ncp, _ = _noncentrality(study, model, options, closer)
    return Power(
        *_share(is_significant), _power_of(ncp, df, alpha), ncp, df, alpha, replications, int(both.sum())
    )


def _share(is_so: NDArray[np.bool_]) -> tuple[float, float]:
    """A share and its standard error."""
    share = float(is_so.mean())
    return share, (share * (1 - share) / len(is_so)) ** 0.5


def _power_of(ncp: float, df: int, alpha: float) -> float:
    return nan if np.isnan(ncp) else float(1 - chndtr(chdtri(df, alpha), df, max(ncp, 0.0)))


def _restricted(options: Mapping[str, Any], text: str, equal: Sequence[str]) -> dict[str, Any]:
    """The options with a constraint or more parameters held equal."""
    before = options.get("group_equal", ())
    return {
        **options,
        "constraints": "\n".join([options.get("constraints", ""), text]).strip(),
        "group_equal": (*((before,) if isinstance(before, str) else before), *equal),
    }


def _row_index(rows: Sequence[Row], name: str) -> int:
    """The row of the table that a parameter's text, label or definition names."""
    text_wanted = "".join(name.split())
    texts = []
    for index, row in enumerate(rows):
        if not row.free and row.op != ":=":
            continue
        text = row.lhs if row.op == ":=" else f"{row.lhs} {row.op} {row.rhs}".replace("~1 ", "~ 1")
        whole = text + (f" (group {row.group})" if row.group > 1 else "")
        if text_wanted in {"".join(whole.split()), row.label}:
            return index
        texts.append(whole)
    raise ModelError("sem-power-parameter", name=name, known="; ".join(texts))


# --- samples -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Study:
    people: Population
    sizes: tuple[int, ...]
    simulation: Mapping[str, Any]

    @property
    def has_moments(self) -> bool:
        """Whether samples may be drawn as moments: normal variables, complete and not cut."""
        return not self.people.thresholds and not any(self.simulation.get(name) for name in MISMADE)


def _study(
    people: Any,
    n: int | Sequence[int],
    groups: int | Sequence[str] | None,
    simulation: Mapping[str, Any] | None,
) -> _Study:
    sizes = (int(n),) if isinstance(n, int | np.integer) else tuple(n)
    if not isinstance(people, Population):
        people = population(people, groups=len(sizes) if groups is None else groups)
    if len(sizes) == 1:
        sizes *= len(people.labels)
    if len(sizes) != len(people.labels):
        raise ModelError("sem-simulate-sizes", groups=len(people.labels), sizes=", ".join(map(str, sizes)))
    return _Study(people, sizes, simulation or {})


def _at_population(study: _Study, model: Any, options: Mapping[str, Any], sizes: Sequence[int]) -> Fit | None:
    """The model fitted to the population's own moments; None where they are not those of the data."""
    people = study.people
    if people.thresholds or study.simulation.get("cuts"):
        return None
    names = people.observed
    covariances = [
        {row: dict(zip(names, line, strict=True)) for row, line in zip(names, matrix.tolist(), strict=True)}
        for matrix in people.covariance
    ]
    means = [dict(zip(names, mean.tolist(), strict=True)) for mean in people.mean]
    is_one = len(people.labels) == 1
    moments: dict[str, Any] = {
        "sample_cov": covariances[0] if is_one else covariances,
        "sample_nobs": sizes[0] if is_one else list(sizes),
        "sample_cov_rescale": False,
    }
    if not is_one:
        moments |= {"group": "group", "group_label": people.labels}
    plain = {
        name: value for name, value in options.items() if name not in {"missing", "se", "test", "estimator"}
    }
    estimator = str(options.get("estimator", "ML")).upper()
    plain["estimator"] = {"MLR": "ML", "MLM": "ML", "MLMV": "ML", "MLF": "ML"}.get(estimator, estimator)
    if Options.of(options).resolved().uses_all_rows:
        plain.setdefault("meanstructure", True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sem(model, **moments, **plain)
        if fit.structure.has_means:
            fit = sem(model, **moments, **plain, sample_mean=means[0] if is_one else means)
    fit.require_convergence()
    return fit


def _start(study: _Study, model: Any, options: Mapping[str, Any], sizes: Sequence[int]) -> Fit | None:
    """The fit from which all samples can be fitted together, if they can."""
    resolved = Options.of(options).resolved()
    is_plain = resolved.discrepancy == "ML" and resolved.likelihood == "normal" and resolved.se == "standard"
    if not (study.has_moments and is_plain and resolved.test == ("standard",) and not resolved.uses_all_rows):
        return None
    fit = _at_population(study, model, options, sizes)
    return fit if fit is not None and is_batchable(fit) else None


def _replicated(
    study: _Study,
    model: Any,
    options: Mapping[str, Any],
    replications: int,
    seed: int | None,
    processes: int | None,
    *,
    is_fast: bool = True,
    keep_failed: bool = False,
) -> Replications:
    start = _start(study, model, options, study.sizes) if is_fast else None
    if start is not None:
        replicated = _together(start, replications, seed, processes)
    else:
        replicated = _one_by_one(study, model, options, replications, seed, processes)
    if keep_failed:
        return replicated
    good = np.isfinite(replicated.statistics)
    if good.sum() < 2:
        raise ModelError("sem-power-failed", replications=replications, used=int(good.sum()))
    return replace(
        replicated,
        estimates=replicated.estimates[good],
        se=replicated.se[good],
        statistics=replicated.statistics[good],
    )


def _together(start: Fit, replications: int, seed: int | None, processes: int | None) -> Replications:
    """Moments of normal samples (means, and Wishart matrices by Bartlett's decomposition), fitted at once."""
    roots = np.linalg.cholesky(start.moments.covariance)
    p = start.structure.n_observed
    low = np.tril_indices(p, -1)

    def refit(share: DrawShare) -> tuple[Array, Array, Array]:
        some, stream = share
        random, draws = np.random.default_rng(stream), some.stop - some.start
        means, covariances = [], []
        for root, mean, n in zip(roots, start.moments.mean, start.moments.n.astype(int), strict=True):
            half = np.zeros((draws, p, p))
            half[:, range(p), range(p)] = np.sqrt(random.chisquare(n - 1 - np.arange(p), (draws, p)))
            half[:, low[0], low[1]] = random.standard_normal((draws, len(low[0])))
            half = root @ half
            covariances.append(half @ np.swapaxes(half, -1, -2) / n)
            means.append(mean + random.standard_normal((draws, p)) @ root.T / n**0.5)
        moments = start.moments.over(np.stack(means, axis=1), np.stack(covariances, axis=1))
        refits = refit_moments(start, moments, draws)
        statistics = np.where(refits.converged, refits.statistics, np.nan)
        return (
            table_values(start, refits.free_parameters),
            _standard_errors(start, moments, refits.free_parameters),
            statistics,
        )

    parts = spread(refit, draw_shares(replications, BATCH, np.random.SeedSequence(seed)), processes)
    estimates, se, statistics = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Replications(
        start.table.rows,
        table_values(start),
        estimates,
        se,
        statistics,
        degrees_of_freedom(start),
        replications,
    )


def _standard_errors(start: Fit, moments: Any, parameters: Array) -> Array:
    """Standard errors of the rows of the table (draws, rows) at each draw's estimates."""
    structure, linear = start.structure, start.objective.linear
    objective = start.objective.over(discrepancy_of(moments, structure))
    exact = start.options.information == "observed"
    information = objective.derivatives(linear.coordinates(parameters), exact=exact)[2]
    with np.errstate(all="ignore"):
        try:
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            inverse = np.linalg.pinv(information)
        covariance = linear.basis @ inverse @ linear.basis.T / moments.divisor
        variance = np.zeros((len(parameters), len(start.table.rows)))
        diagonal = np.diagonal(covariance, axis1=-2, axis2=-1)
        for index, row in enumerate(start.table.rows):
            if row.free:
                variance[:, index] = diagonal[:, row.free - 1]
            elif row.op == ":=":
                definition = start.constraints.definitions[row.lhs]
                slopes = np.stack([definition.value_and_gradient(one)[1] for one in parameters])
                variance[:, index] = ((slopes[:, None, :] @ covariance)[:, 0] * slopes).sum(axis=-1)
        return np.sqrt(np.where(variance > 0, variance, 0.0))


def _one_by_one(
    study: _Study,
    model: Any,
    options: Mapping[str, Any],
    replications: int,
    seed: int | None,
    processes: int | None,
) -> Replications:
    """Rows simulated and fitted, sample by sample."""
    people = study.people
    at = _at_population(study, model, options, study.sizes)
    settings = dict(options)
    if len(people.labels) > 1:
        settings |= {"group": "group", "group_label": people.labels}
    ordered = [*people.thresholds, *study.simulation.get("cuts", ())]
    if ordered and "ordered" not in settings and "estimator" not in settings:
        settings["ordered"] = ordered

    def refit(stream: np.random.SeedSequence) -> tuple[tuple[Row, ...], float, Array, Array, float] | None:
        data = simulate(people, study.sizes, seed=np.random.default_rng(stream), **study.simulation)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fit = sem(model, data, **settings)
                values, slope = table_values(fit), gradients(fit)
                se = np.sqrt(np.maximum(((slope @ fit.vcov) * slope).sum(axis=1), 0.0))
                test = list(fit.tests.values())[-1]
            except (ModelError, np.linalg.LinAlgError):
                return None
        return fit.table.rows, test.df, values, se, test.statistic

    parts = spread(refit, np.random.SeedSequence(seed).spawn(replications), processes)
    rows, df = next(((one[0], one[1]) for one in reversed(parts) if one), ((), nan))
    width = len(rows)
    empty = (np.full(width, nan), np.full(width, nan), nan)
    estimates, se_of, statistics = zip(*(one[2:] if one else empty for one in parts), strict=True)
    truth = table_values(at) if at is not None else _written_values(people, rows)
    return Replications(
        rows, truth, np.array(estimates), np.array(se_of), np.array(statistics), df, replications
    )


def _written_values(people: Population, rows: Sequence[Row]) -> Array:
    """The population's values of the same parameters; NaN where it has none."""
    values = {(row.lhs, row.op, row.rhs, row.group): row.value for row in people.table.rows}
    return np.array([values.get((row.lhs, row.op, row.rhs, row.group), nan) for row in rows])


def _noncentrality(
    study: _Study, model: Any, options: Mapping[str, Any], closer: Mapping[str, Any]
) -> tuple[float, int]:
    """How much the closer model misfits the population's moments more, and its degrees of freedom more."""
    fits = [_at_population(study, model, one, study.sizes) for one in (options, closer)]
    if fits[0] is None or fits[1] is None:
        return nan, 1
    statistics = [fit.tests["standard"].statistic for fit in fits if fit]
    df = [degrees_of_freedom(fit) for fit in fits if fit]
    return statistics[1] - statistics[0], df[1] - df[0]
