"""Fit a structural equation model: from a model's text and data to estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError, Spoken
from confianza.sem.data.columns import Columns, groups_of, is_alphabetical, likely_codes, number_of
from confianza.sem.data.moments import Moments
from confianza.sem.data.ordinal import ordinal_statistics
from confianza.sem.data.sample import (
    GroupSample,
    check_covariance,
    check_given_covariance,
    group_sample,
    in_units,
)
from confianza.sem.data.summary_statistics import by_group, covariance_and_means, labels_of_moments, row_count
from confianza.sem.estimation.constrained_optimise import (
    Bound,
    Constrained,
    linear_map,
    minimise_constrained,
    rank,
)
from confianza.sem.estimation.estimators import LeastSquares
from confianza.sem.estimation.objective import Objective
from confianza.sem.estimation.start import other_start, start_values
from confianza.sem.model.build_table import parameter_table, shared_labels
from confianza.sem.model.constraints import Constraints, constraints_of, fixed_labels
from confianza.sem.model.expressions import Expression
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.structure import Implied, Structure
from confianza.sem.model.syntax import parse
from confianza.sem.model.table_options import Convention
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.minimise import Ending, Optimum, is_definite, scales
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.estimates import estimates_table, table_values
from confianza.sem.results.result_table import Table
from confianza.sem.warnings import warn

if TYPE_CHECKING:
    from confianza.sem.results.bootstrap import Bootstrap
    from confianza.sem.results.diagram import Svg
    from confianza.sem.results.inference import Test
    from confianza.sem.results.modification import ScoreTest, WaldTest
    from confianza.sem.results.summary import Summary


# The sentence for each way in which a search ends.
ENDINGS: Mapping[Ending, str] = {
    "minimum": "sem-ended-minimum",
    "steps": "sem-ended-steps",
    "start": "sem-ended-start",
    "stalled": "sem-ended-stalled",
    "saddle": "sem-ended-saddle",
    "constraints": "sem-ended-constraints",
}


class Fit:
    """A fitted model. Tables and measures are computed when asked for."""

    def __init__(
        self,
        *,
        options: Options,
        table: ParameterTable,
        structure: Structure,
        moments: Moments,
        constraints: Constraints,
        objective: Objective,
        optimum: Optimum,
        held: tuple[Expression, ...],
        unmet: tuple[Expression, ...] = (),
        group_labels: tuple[str, ...],
        model: object,
        convention: str,
    ) -> None:
        self.options, self.table, self.structure, self.moments = options, table, structure, moments
        self.constraints, self.objective, self.optimum, self.held = constraints, objective, optimum, held
        self.unmet = unmet
        self.group_labels, self.model, self.convention = group_labels, model, convention

    # --- the solution ---------------------------------------------------------------------------------

    @property
    def converged(self) -> bool:
        """Whether the search ended in a minimum."""
        return self.optimum.converged

    @property
    def iterations(self) -> int:
        """Steps of the search."""
        return self.optimum.iterations

    @property
    def ending(self) -> Spoken:
        """Why the search ended, in words."""
        names = "; ".join(one.text for one in self.unmet)
        return ModelError(ENDINGS[self.optimum.ending], iterations=self.iterations, constraints=names)

    def require_convergence(self) -> None:
        """Refuse to give numbers from a fit that did not converge."""
        if not self.converged:
            raise ModelError("sem-not-converged", reason=self.ending)

    @cached_property
    def free_parameters(self) -> Array:
        """Estimates of the free parameters, in the order of the table (lavaan's `coef`)."""
        self.require_convergence()
        return self.objective.linear.parameters(self.optimum.z)

    @cached_property
    def matrix_elements(self) -> Array:
        """Values of all elements of the structure (G, elements)."""
        return self.structure.elements(self.free_parameters)

    @cached_property
    def ordinal(self) -> OrdinalMoments | None:
        """The model of thresholds and correlations, where there are ordered variables."""
        discrepancy = self.objective.discrepancy
        model = discrepancy.model if isinstance(discrepancy, LeastSquares) else None
        return model if isinstance(model, OrdinalMoments) else None

    @cached_property
    @in_one_thread
    def implied(self) -> Implied:
        """Means and covariances that the estimates imply (of the latent responses, given the covariates)."""
        if self.ordinal:
            return self.ordinal.state(self.structure, self.matrix_elements).implied
        return self.structure.implied(self.matrix_elements)

    @cached_property
    @in_one_thread
    def fitted_moments(self) -> tuple[Array, Array]:
        """Covariances (G, k, k) and means (G, k) of the variables that the model explains, on the observed scale.

        With ordered variables those of the latent responses in their units, given the covariates.
        """
        implied = self.implied
        if not self.ordinal:
            return implied.covariance, implied.mean
        state = self.ordinal.state(self.structure, self.matrix_elements)
        kept = self.ordinal.kept
        scales = state.scales[:, kept]
        covariance = implied.covariance[:, kept[:, None], kept] * scales[:, :, None] * scales[:, None, :]
        return covariance, implied.mean[:, kept] * scales

    @cached_property
    def observed_moments(self) -> tuple[Array, Array]:
        """What `fitted_moments` are compared with; NaN for the covariance of variables that no row has together."""
        if not self.ordinal:
            return self.moments.seen_covariance, self.moments.mean
        kept = self.ordinal.kept
        return self.moments.covariance[:, kept[:, None], kept], self.moments.mean[:, kept]

    @cached_property
    @in_one_thread
    def vcov(self) -> Array:
        """Covariance matrix of the estimates of the free parameters (parameters, parameters)."""
        from confianza.sem.results.inference import parameter_covariance

        self.require_convergence()
        return parameter_covariance(self)

    @cached_property
    def bootstrapped(self) -> Bootstrap:
        """The bootstrap that the options ask for."""
        return self.bootstrap()

    def bootstrap(self, draws: int | None = None, seed: int | None = None, **options: Any) -> Bootstrap:
        """Fit the model again to samples of the rows; see `confianza.sem.results.bootstrap.bootstrap`."""
        from confianza.sem.results.bootstrap import bootstrap

        return bootstrap(self, draws, seed, **options)

    @cached_property
    @in_one_thread
    def tests(self) -> Mapping[str, Test]:
        """The tests of the model by name, `standard` first."""
        from confianza.sem.results.inference import tests_of

        self.require_convergence()
        return tests_of(self)

    @cached_property
    @in_one_thread
    def group_statistics(self) -> Array:
        """What each group adds to the standard test statistic (G,)."""
        from confianza.sem.results.inference import group_statistics

        self.require_convergence()
        return group_statistics(self)

    @cached_property
    def missing_patterns(self) -> tuple[int, ...]:
        """Patterns of missing values of each group; empty without full information."""
        if not self.options.uses_all_rows:
            return ()
        return tuple(len(one.patterns.counts) for one in self.moments.samples if one.patterns)

    @cached_property
    def n_free(self) -> int:
        """Free parameters, less what the equality constraints among them say that is independent."""
        linear = self.objective.linear
        if not self.constraints.nonlinear:
            return linear.n_coordinates
        z = self.optimum.z
        size = scales(self.objective.derivatives(z, exact=False)[2])
        return linear.n_coordinates - rank(Bound(self.constraints.nonlinear, linear).measured(z, size).rows)

    # --- results --------------------------------------------------------------------------------------

    @cached_property
    @in_one_thread
    def baseline(self) -> Fit:
        """The baseline model, in which nothing is related to anything (but covariates among themselves)."""
        from confianza.sem.results.baseline import baseline_table

        return fit_table(baseline_table(self), self.moments, group_labels=self.group_labels, is_checked=False)

    @cached_property
    @in_one_thread
    def estimates(self) -> Table:
        """Every parameter with standard error, z, p and interval, and the defined parameters."""
        return self.parameter_estimates()

    @in_one_thread
    def parameter_estimates(self, *, level: float = 0.95) -> Table:
        """`estimates` with intervals of another level."""
        if self.options.se == "bootstrap":
            return self.bootstrapped.estimates(level=level)
        return estimates_table(self, level=level)

    @cached_property
    @in_one_thread
    def measures(self) -> Mapping[str, float]:
        """Fit measures under lavaan's names."""
        from confianza.sem.results.measures import fit_measures

        self.require_convergence()
        return fit_measures(self)

    @in_one_thread
    def standardized(self, *, type: str = "std.all", level: float = 0.95) -> Table:  # noqa: A002 (lavaan's name)
        """Standardised parameters with errors; `type` is `std.all`, `std.lv` or `std.nox` (see `standardised`)."""
        from confianza.sem.results.standardised import standardised_table

        self.require_convergence()
        return standardised_table(self, type, level=level)

    @in_one_thread
    def modification_indices(self, **options: Any) -> Table:
        """What freeing each fixed parameter would gain; see `modification.modification_indices` for the options."""
        from confianza.sem.results.modification import modification_indices

        return modification_indices(self, **options)

    @in_one_thread
    def score_test(self, *, add: str = "", release: Sequence[int] = ()) -> ScoreTest:
        """Test whether equality constraints hold (all, or those numbered), or whether parameters to `add` are zero."""
        from confianza.sem.results.modification import score_test

        return score_test(self, add=add, release=release)

    @in_one_thread
    def wald_test(self, constraints: str) -> WaldTest:
        """Test constraints such as "a == b; c == 0" that the fit did not have."""
        from confianza.sem.results.modification import wald_test

        self.require_convergence()
        return wald_test(self, constraints)

    @in_one_thread
    def residuals(self, *, type: str = "cor") -> Table:  # noqa: A002 (lavaan's name)
        """Residual moments; `type` is one of `residuals.TYPES`."""
        from confianza.sem.results.residuals import residual_table

        return residual_table(self, type)

    @cached_property
    @in_one_thread
    def r2(self) -> Table:
        """Explained shares of variance: `variable, group, r2`."""
        from confianza.sem.results.residuals import r_squared

        return r_squared(self)

    @in_one_thread
    def predict(self, *, method: str = "regression", se: bool = False) -> Table:
        """Factor scores of the rows by `regression`, `bartlett` or `ebm`, with standard errors if asked for."""
        from confianza.sem.results.scores import factor_scores

        return factor_scores(self, method=method, se=se)

    @in_one_thread
    def reliability(self) -> Table:
        """Alpha, omega and average variance extracted of every factor and group."""
        from confianza.sem.results.reliability import reliability

        return reliability(self)

    @in_one_thread
    def htmt(self) -> Table:
        """Heterotrait-monotrait ratios of every pair of factors."""
        from confianza.sem.results.reliability import htmt

        return htmt(self)

    # --- to read and to keep --------------------------------------------------------------------------

    def __repr__(self) -> str:
        try:
            return str(self.summary())
        except ModelError as error:  # what a notebook shows of a fit without numbers
            return f"<Fit: {error}>"

    @in_one_thread
    def summary(
        self,
        *,
        standardized: bool = False,
        fit_measures: bool = False,
        rsquare: bool = False,
        ci: bool = False,
        modindices: bool = False,
    ) -> Summary:
        """The printed summary, laid out as users of lavaan know it; see `summary.summary`."""
        from confianza.sem.results.summary import summary

        return summary(
            self,
            standardized=standardized,
            fit_measures=fit_measures,
            rsquare=rsquare,
            ci=ci,
            modindices=modindices,
        )

    @in_one_thread
    def diagram(self, *, standardized: bool = False, group: str | int | None = None) -> Svg:
        """The path diagram as SVG text, which a notebook shows; of all groups or of one."""
        from confianza.sem.results.diagram import diagram

        return diagram(self, standardized=standardized, group=group)

    @in_one_thread
    def to_json(self) -> str:
        """Model, options, moments and results as JSON, without the rows of the data; `from_json` reads it."""
        from confianza.sem.results.saved import to_json

        return to_json(self)


Data = Any


def lavaan(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a model as it is written, without adding anything to it (lavaan's `lavaan`)."""
    return fitted(model, data, convention="lavaan", options=Options.of(options))


def sem(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a structural equation model.

    Parameters
    ----------
    model : str or table
        lavaan's syntax, or a table of parameters with the columns `lhs`, `op`, `rhs`, or a fit or its `table`.
    data : any dataframe, or a mapping of columns
        One row a case; or leave it out and give `sample_cov` (and `sample_mean`) with `sample_nobs`. These are matched
        by name; of arrays `sample_names` are the names of rows, columns and means.
    **options
        lavaan's options with dots as underscores; see `Options`.

    Raises
    ------
    ModelError
        The model, the data or an option cannot be used, or the model is not identified; it names what and why.

    References
    ----------
    Rosseel (2012), Journal of Statistical Software 48(2), for the language and the conventions.
    """
    return fitted(model, data, convention="sem", options=Options.of(options))


def cfa(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a confirmatory factor analysis; see `sem`."""
    return fitted(model, data, convention="cfa", options=Options.of(options))


def growth(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a growth curve model: latent means are free, intercepts of indicators zero; see `sem`."""
    return fitted(model, data, convention="growth", options=Options.of(options))


fit = sem


@in_one_thread
def from_json(text: str) -> Fit:
    """The fit that `Fit.to_json` wrote; it gives the same tables."""
    from confianza.sem.results.saved import from_json

    return from_json(text)


@in_one_thread
def fitted(model: Any, data: Data, *, convention: Convention, options: Options) -> Fit:
    """A fit under options that are not settled yet."""
    ready = prepared(model, data, convention=convention, options=options)
    return fit_table(
        ready.table, ready.moments(), group_labels=ready.labels, model=model, convention=convention
    )


@dataclass(frozen=True)
class Prepared:
    """A model and its data before they are fitted: options settled, groups told apart, ordered variables coded."""

    options: Options
    labels: tuple[str, ...]
    table: ParameterTable
    columns: Columns | None
    codes: Mapping[str, tuple[Array, tuple[Any, ...]]]
    of_row: NDArray[np.intp] | None

    @in_one_thread
    def moments(self, of_row: NDArray[np.intp] | None = None) -> Moments:
        """The groups' moments, with the rows in their groups or as `of_row` has them."""
        if self.columns is None:
            return given_moments(self.table, self.options, self.labels)
        of_row = self.of_row if of_row is None else of_row
        return _moments(self.table, self.options, self.columns, self.codes, self.labels, of_row)


@in_one_thread
def prepared(model: Any, data: Data, *, convention: Convention, options: Options) -> Prepared:
    """A model and its data under options that are not settled yet."""
    if isinstance(model, Fit):
        model = model.table
    if isinstance(model, ParameterTable):
        model = model.columns()
    columns = Columns(data, options.missing_codes) if data is not None else None
    labels: tuple[str, ...] = ("",)
    of_row = None
    if columns is None:
        labels = labels_of_moments(options)
    elif options.group:
        labels, of_row = groups_of(columns.raw(options.group), options.group_label)
    codes = _codes(model, columns, options)
    categories = {name: len(values) for name, (_, values) in codes.items()}
    settled = options.resolved(tuple(codes))
    table = _table(model, settled, convention, labels, columns, categories)
    if codes and not table.ordered:  # all of them are covariates
        settled = options.resolved()
        table = _table(model, settled, convention, labels, columns, {})
    if fixed := fixed_labels(table, "==", "<", ">"):
        warn("sem-constraint-fixed", labels=", ".join(fixed))
    if shared := shared_labels(model, len(labels)):
        warn("sem-one-label", labels=", ".join(shared))
    return Prepared(settled, labels, table, columns, codes, of_row)


def _table(
    model: Any,
    options: Options,
    convention: Convention,
    labels: tuple[str, ...],
    columns: Columns | None,
    categories: Mapping[str, int],
) -> ParameterTable:
    has_means = (
        options.uses_all_rows
        or {"intercepts", "means", "thresholds"} & set(options.group_equal)
        or options.sample_mean is not None
        or options.group
    )
    if options.meanstructure is None and has_means:
        options = replace(options, meanstructure=True)
    table = parameter_table(
        model,
        convention=convention,
        n_groups=len(labels),
        group_labels=labels if labels != ("",) else (),
        data_names=columns.names if columns is not None else None,
        categories=categories,
        options=options,
    )
    if table.n_groups != len(labels):  # the model is a table that tells its groups
        raise ModelError("sem-table-groups", table=table.n_groups, data=len(labels))
    return table


def _codes(model: Any, columns: Columns | None, options: Options) -> dict[str, tuple[Array, tuple[Any, ...]]]:
    """Columns of the variables that may be ordered as 1, 2, ..., with their values.

    Those named in `ordered` (all of the model where it is True), those with thresholds in the model and, unless
    `ordered` is False, those that the model explains and whose type says that they are ordered.
    """
    declared = columns.ordered if columns is not None and options.ordered is not False else frozenset()
    if isinstance(model, str):
        if not (options.ordered or declared or "|" in model):
            return {}
        places = [(formula.lhs, formula.op, formula.rhs) for formula in parse(model)]
    else:
        table = Columns(model)
        places = list(zip(table.raw("lhs"), table.raw("op"), table.raw("rhs"), strict=True))
    wanted = [lhs for lhs, op, _ in places if op == "|"]
    if options.ordered is True:
        wanted += [name for lhs, _, rhs in places for name in (lhs, rhs)]
    elif options.ordered is not False:
        wanted += [options.ordered] if isinstance(options.ordered, str) else list(options.ordered)
    explained = [name for lhs, op, rhs in places for name in (lhs, "" if op in {"~", "<~"} else rhs)]
    wanted += [name for name in explained if name in declared]
    if wanted and columns is None:
        raise ModelError("sem-ordered-needs-rows")
    if columns is None:
        return {}
    known = set(columns.names)
    if options.ordered is True:
        wanted = [name for name in wanted if name in known]
    return {name: columns.categories(name) for name in dict.fromkeys(wanted)}


def _numbers(columns: Columns, name: str) -> Array:
    """A column as numbers; refused where it is an ordered category of texts."""
    values = columns.declared(name) if name in columns.ordered else ()
    if any(number_of(value) is None for value in values):
        raise ModelError("sem-ordered-texts", name=name, values=", ".join(map(str, values)))
    return columns.numbers(name)


def _warn_of_values(
    table: ParameterTable,
    options: Options,
    columns: Columns,
    codes: Mapping[str, tuple[Array, tuple[Any, ...]]],
    matrix: Array,
) -> None:
    """Warn of orders that nobody declared, ordered covariates, and numbers that look like codes of missing answers."""
    for name in table.ordered:
        if name not in columns.ordered and is_alphabetical(codes[name][1]):
            warn("sem-ordered-alphabet", name=name, values=", ".join(map(str, codes[name][1])))
    as_numbers = [name for name in table.observed if name in columns.ordered and name not in table.ordered]
    if as_numbers and options.ordered is not False:
        warn("sem-ordered-numbers", names=", ".join(as_numbers))
    doubted = []
    for place, name in enumerate(table.observed):
        answers = matrix[:, place]
        if name in table.ordered:
            numbers = [number_of(value) for value in codes[name][1]]
            if None in numbers or not numbers:
                continue
            answers = np.array(numbers, dtype=float)[answers[~np.isnan(answers)].astype(int) - 1]
        doubted += likely_codes(name, answers)
    if doubted:
        warn(
            "sem-missing-codes",
            values=", ".join(f"{name}: {value:g} (×{count})" for name, value, count in doubted),
            codes=",".join(f"{value:g}" for value in sorted({value for _, value, _ in doubted})),
        )


def _moments(
    table: ParameterTable,
    options: Options,
    columns: Columns,
    codes: Mapping[str, tuple[Array, tuple[Any, ...]]],
    labels: tuple[str, ...],
    of_row: NDArray[np.intp] | None,
) -> Moments:
    matrix = np.column_stack(
        [codes[name][0] if name in table.ordered else _numbers(columns, name) for name in table.observed]
    )
    _warn_of_values(table, options, columns, codes, matrix)
    exogenous = [table.observed.index(name) for name in table.exogenous]
    if table.ordered:
        return ordinal_moments(table, options, matrix, labels, of_row)
    samples = []
    for group, label in enumerate(labels):
        rows = np.arange(len(matrix)) if of_row is None else np.flatnonzero(of_row == group)
        samples.append(
            group_sample(
                label,
                matrix[rows],
                names=table.observed,
                rows=rows,
                exogenous=exogenous,
                missing=options.missing,
                divisor=options.divisor,
                standardised=standardised_places(table, options),
                must_invert=options.discrepancy in {"ML", "GLS"},
            )
        )
    return Moments(samples, options)


def standardised_places(table: ParameterTable, options: Options) -> list[int]:
    """Which observed variables `std_ov` standardises: not ordered ones, nor fixed covariates of continuous ones."""
    kept = set(table.ordered or table.exogenous)
    return [place for place, name in enumerate(table.observed) if options.std_ov and name not in kept]


def ordinal_moments(
    table: ParameterTable,
    options: Options,
    matrix: Array,
    labels: tuple[str, ...],
    of_row: NDArray[np.intp] | None,
) -> Moments:
    """Moments of ordered (and continuous) variables, given the exogenous ones."""
    given = [place for place, name in enumerate(table.observed) if name in table.exogenous]
    kept = [place for place, name in enumerate(table.observed) if name not in table.exogenous]
    samples, statistics = [], []
    for group, label in enumerate(labels):
        rows = np.arange(len(matrix)) if of_row is None else np.flatnonzero(of_row == group)
        data = matrix[rows]
        seen = ~np.isnan(data)
        is_kept = seen.all(axis=1) if options.missing != "pairwise" else seen.any(axis=1)
        rows, data = rows[is_kept], in_units(data[is_kept], standardised_places(table, options))
        found = ordinal_statistics(
            data[:, kept],
            [table.ordered.get(table.observed[place], 0) for place in kept],
            data[:, given] if given else None,
            missing=options.missing,
            names=[table.observed[place] for place in kept],
            exogenous_names=[table.observed[place] for place in given],
            group=label,
        )
        covariance, mean = np.eye(len(table.observed)), np.zeros(len(table.observed))
        covariance[np.ix_(kept, kept)] = found.covariance
        if given:
            covariance[np.ix_(given, given)] = np.cov(data[:, given], rowvar=False)
            mean[given] = data[:, given].mean(axis=0)
        for place, value in zip(found.threshold_variable, found.thresholds, strict=True):
            if not found.ordered[place]:
                mean[kept[place]] = -value
        samples.append(GroupSample(label, found.n, data, mean, covariance, rows, given=len(seen)))
        statistics.append(found)
    return Moments(samples, options, statistics)


def given_moments(table: ParameterTable, options: Options, labels: tuple[str, ...]) -> Moments:
    """Moments from `sample_cov`, `sample_mean` and `sample_nobs` (one each, or a list with one a group)."""
    if options.sample_cov is None or options.sample_nobs is None:
        raise ModelError("sem-needs-data")
    samples = []
    for label, matrix, mean, n in zip(
        labels,
        by_group("sample_cov", options.sample_cov, labels),
        by_group("sample_mean", options.sample_mean, labels),
        by_group("sample_nobs", options.sample_nobs, labels),
        strict=True,
    ):
        covariance, centre = covariance_and_means(
            matrix, mean, observed=table.observed, names=options.sample_names, group=label
        )
        is_rescaled = options.sample_cov_rescale
        if is_rescaled == "default":
            is_rescaled = options.divisor == 0
        check_given_covariance(covariance, names=table.observed, group=label)
        count = row_count(n, label)
        if count < 2:
            raise ModelError("sem-too-few-rows", group=label or "1", count=count)
        if is_rescaled:
            covariance = covariance * (count - 1) / count
        check_covariance(
            covariance,
            names=table.observed,
            group=label,
            n=count,
            must_invert=options.discrepancy in {"ML", "GLS"},
        )
        samples.append(GroupSample(label, count, None, centre, covariance))
    return Moments(samples, options)


@in_one_thread
def fit_table(
    table: ParameterTable,
    moments: Moments,
    *,
    group_labels: tuple[str, ...] = ("",),
    model: object = None,
    convention: str = "lavaan",
    start: Array | None = None,
    is_checked: bool = True,
) -> Fit:
    """Fit a parameter table to moments; warn of a doubtful solution if it `is_checked`."""
    table = with_sample_values(table, moments)
    structure = Structure(table)
    constraints = constraints_of(table)
    objective = Objective(
        structure, moments.discrepancy(structure), linear_map(constraints, structure.n_parameters)
    )

    def searched(values: Array) -> Constrained:
        z = objective.linear.coordinates(values)
        return minimise_constrained(objective, z, constraints, max_iterations=moments.options.max_iterations)

    search = searched(start_values(structure, moments) if start is None else start)
    if start is None and not search.optimum.converged:
        again = searched(other_start(structure, moments))
        is_lower = bool(search.unmet) or not again.optimum.value > search.optimum.value
        if again.optimum.converged and is_lower:
            search = again
    found = Fit(
        options=moments.options,
        table=table,
        structure=structure,
        moments=moments,
        constraints=constraints,
        objective=objective,
        optimum=search.optimum,
        held=search.held,
        unmet=search.unmet,
        group_labels=group_labels,
        model=model,
        convention=convention,
    )
    if is_checked:
        check_solution(found)
    return found


def with_sample_values(table: ParameterTable, moments: Moments) -> ParameterTable:
    """The table with the sample's values for the moments of fixed exogenous variables."""
    if not any(row.exo for row in table.rows):
        return table
    place = {name: index for index, name in enumerate(table.observed)}
    rows = []
    for row in table.rows:
        if row.exo and row.free == 0 and row.op == "~~":
            value = float(moments.covariance[row.group - 1][place[row.lhs], place[row.rhs]])
            rows.append(replace(row, value=value))
        elif row.exo and row.free == 0 and row.op == "~1":
            rows.append(replace(row, value=float(moments.mean[row.group - 1][place[row.lhs]])))
        else:
            rows.append(row)
    return replace(table, rows=tuple(rows))


def unidentified_parameters(found: Fit) -> list[str]:
    """The parameters on which the data have no information, where there are some."""
    last = found.optimum.information
    if not found.held and last is not None and is_definite(last):
        return []
    from confianza.sem.results.inference import free_directions, names_without_information

    open_ = free_directions(found)
    information = open_.T @ found.objective.derivatives(found.optimum.z, exact=False)[2] @ open_
    return [] if is_definite(information) else names_without_information(found, information)


def check_solution(found: Fit) -> None:
    """Warn of what makes a solution doubtful: no convergence, negative variances, too few rows."""
    if not found.converged:
        warn("sem-did-not-converge", reason=found.ending)
        return
    if unidentified := unidentified_parameters(found):
        warn("sem-unidentified", parameters=", ".join(unidentified))
    for sample in found.moments.samples:
        if sample.n < found.structure.n_parameters / found.table.n_groups:
            warn(
                "sem-few-rows",
                count=sample.n,
                parameters=found.structure.n_parameters,
                group=sample.label or "1",
            )
    values = table_values(found)
    negative = [
        row.lhs + (f" (group {row.group})" if found.table.n_groups > 1 else "")
        for row, value in zip(found.table.rows, values, strict=True)
        if row.op == "~~" and row.lhs == row.rhs and value < -1e-8
    ]
    if negative:
        warn("sem-negative-variance", names=", ".join(negative))
        return
    p = found.structure.n_observed
    latent = found.implied.covariances[:, p:, p:]
    for group, matrix in enumerate(latent):
        if len(matrix) and np.linalg.eigvalsh(matrix)[0] < -1e-8:
            names = ", ".join(found.structure.latent)
            warn("sem-latent-not-positive", names=names, group=found.group_labels[group] or "1")
