"""Fit a structural equation model: from a model's text and data to a fit that gives every result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any

from confianza.errors import ModelError
from confianza.sem.data.moments import Moments
from confianza.sem.data.prepare import prepare
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.table_options import Convention
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.baseline import baseline_table
from confianza.sem.results.bootstrap import Bootstrap, bootstrap
from confianza.sem.results.checks import check_solution
from confianza.sem.results.chi_square import Test, group_statistics
from confianza.sem.results.diagram import Svg, diagram
from confianza.sem.results.estimates import estimates_table
from confianza.sem.results.measures import measures_of_tests, plain_measures
from confianza.sem.results.modification import (
    ScoreTest,
    WaldTest,
    modification_indices,
    score_test,
    wald_test,
)
from confianza.sem.results.reliability import htmt, reliability
from confianza.sem.results.residuals import r_squared, residual_table
from confianza.sem.results.result_table import Table
from confianza.sem.results.saved import read_document, write_document
from confianza.sem.results.scores import factor_scores
from confianza.sem.results.standard_errors import parameter_covariance
from confianza.sem.results.standardized import standardized_table
from confianza.sem.results.summary import Summary, summary
from confianza.sem.results.tests import tests_of


class Fit(Solution):
    """A fitted model. Tables and measures are computed when asked for."""

    # --- errors and tests ------------------------------------------------------------------------------

    @cached_property
    @in_one_thread
    def vcov(self) -> Array:
        """Covariance matrix of the estimates of the free parameters (parameters, parameters)."""
        self.require_convergence()
        return self.bootstrapped.vcov if self.options.se == "bootstrap" else parameter_covariance(self)

    @cached_property
    def bootstrapped(self) -> Bootstrap:
        """The bootstrap that the options ask for."""
        return self.bootstrap()

    def bootstrap(self, draws: int | None = None, seed: int | None = None, **options: Any) -> Bootstrap:
        """Fit the model again to samples of the rows; see `sem.bootstrap` for the options."""
        return bootstrap(self, draws, seed, **options)

    @cached_property
    @in_one_thread
    def tests(self) -> Mapping[str, Test]:
        """The tests of the model by name, `standard` first."""
        self.require_convergence()
        return tests_of(self)

    @cached_property
    @in_one_thread
    def group_statistics(self) -> Array:
        """What each group adds to the standard test statistic (G,)."""
        self.require_convergence()
        return group_statistics(self)

    @cached_property
    @in_one_thread
    def baseline(self) -> Fit:
        """The baseline model, in which nothing is related to anything (but covariates among themselves)."""
        return Fit.of(baseline_table(self), self.moments, group_labels=self.group_labels)

    @cached_property
    @in_one_thread
    def measures(self) -> Mapping[str, float]:
        """Fit measures under lavaan's names."""
        self.require_convergence()
        measures = plain_measures(self)
        if self.tests:
            measures |= measures_of_tests(self, self.tests, self.baseline, self.baseline.tests)
        return measures

    # --- tables ----------------------------------------------------------------------------------------

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
        return estimates_table(self, self.vcov, level=level)

    @in_one_thread
    def standardized(self, *, type: str = "std.all", level: float = 0.95) -> Table:  # noqa: A002 (lavaan's name)
        """Standardized parameters with errors; `type` is `std.all`, `std.lv` or `std.nox` (see `standardized`)."""
        self.require_convergence()
        return standardized_table(self, self.vcov, type, level=level)

    @in_one_thread
    def modification_indices(self, **options: Any) -> Table:
        """What freeing each fixed parameter would gain; see `modification.modification_indices` for the options."""
        return modification_indices(self, **options)

    @in_one_thread
    def score_test(self, *, add: str = "", release: Sequence[int] = ()) -> ScoreTest:
        """Test whether equality constraints hold (all, or those numbered), or whether parameters to `add` are zero."""
        return score_test(self, add=add, release=release)

    @in_one_thread
    def wald_test(self, constraints: str) -> WaldTest:
        """Test constraints such as "a == b; c == 0" that the fit did not have."""
        self.require_convergence()
        return wald_test(self, self.vcov, constraints)

    @in_one_thread
    def residuals(self, *, type: str = "cor") -> Table:  # noqa: A002 (lavaan's name)
        """Residual moments; `type` is one of `residuals.TYPES`."""
        return residual_table(self, type)

    @cached_property
    @in_one_thread
    def r2(self) -> Table:
        """Explained shares of variance: `variable, group, r2`."""
        return r_squared(self)

    @in_one_thread
    def predict(self, *, method: str = "regression", se: bool = False) -> Table:
        """Factor scores of the rows by `regression`, `bartlett` or `ebm`, with standard errors if asked for."""
        return factor_scores(self, method=method, se=se)

    @in_one_thread
    def reliability(self) -> Table:
        """Alpha, omega and average variance extracted of every factor and group."""
        return reliability(self)

    @in_one_thread
    def htmt(self) -> Table:
        """Heterotrait-monotrait ratios of every pair of factors."""
        return htmt(self)

    # --- to read and to keep ---------------------------------------------------------------------------

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
        """The printed summary, laid out as users of lavaan know it.

        Parameters
        ----------
        standardized : bool
            Add the columns Std.lv and Std.all.
        fit_measures : bool
            Add the baseline model's test, CFI, TLI, likelihoods, RMSEA and SRMR.
        rsquare : bool
            Add the explained shares of variance.
        ci : bool
            Add the 95 % intervals of the estimates.
        modindices : bool
            Add the modification indices.

        Raises
        ------
        ModelError
            The fit did not converge: no number of it is shown.
        """
        self.require_convergence()
        types = {"Std.lv": "std.lv", "Std.all": "std.all"} if standardized else {}
        return summary(
            self,
            self.tests,
            self.group_statistics if self.tests else None,
            self.estimates,
            measures=self.measures if fit_measures and self.tests else None,
            standardized={head: self.standardized(type=kind)["est"] for head, kind in types.items()},
            r2=self.r2 if rsquare else None,
            indices=self.modification_indices() if modindices else None,
            has_intervals=ci,
        )

    @in_one_thread
    def diagram(self, *, standardized: bool = False, group: str | int | None = None) -> Svg:
        """The path diagram as SVG text, which a notebook shows; of all groups or of one."""
        self.require_convergence()
        values = self.standardized() if standardized else self.estimates
        return diagram(self, values["est"], is_standardized=standardized, group=group)

    @in_one_thread
    def to_json(self) -> str:
        """Model, options, moments and results as JSON, without the rows of the data; `from_json` reads it."""
        self.require_convergence()
        return write_document(
            self,
            vcov=self.vcov,
            estimates=self.estimates,
            measures=self.measures,
            tests=self.tests,
            group_statistics=self.group_statistics if self.tests else None,
        )


Data = Any


def lavaan(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a model as it is written, without adding anything to it (lavaan's `lavaan`)."""
    return fit_prepared(model, data, convention="lavaan", options=Options.of(options))


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
    return fit_prepared(model, data, convention="sem", options=Options.of(options))


def cfa(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a confirmatory factor analysis; see `sem`."""
    return fit_prepared(model, data, convention="cfa", options=Options.of(options))


def growth(model: Any, data: Data = None, **options: Any) -> Fit:
    """Fit a growth curve model: latent means are free, intercepts of indicators zero; see `sem`."""
    return fit_prepared(model, data, convention="growth", options=Options.of(options))


fit = sem


@in_one_thread
def from_json(text: str) -> Fit:
    """The fit that `Fit.to_json` wrote; it gives the same tables."""
    solution, results = read_document(text)
    restored = Fit(**{field.name: getattr(solution, field.name) for field in fields(Solution)})
    restored.__dict__.update(results)  # what is computed when asked for is here already
    return restored


@in_one_thread
def fit_prepared(model: Any, data: Data, *, convention: Convention, options: Options) -> Fit:
    """A fit under options that are not settled yet."""
    ready = prepare(model, data, convention=convention, options=options)
    return fit_table(
        ready.table, ready.moments(), group_labels=ready.labels, model=model, convention=convention
    )


@in_one_thread
def fit_table(
    table: ParameterTable,
    moments: Moments,
    *,
    group_labels: tuple[str, ...] = ("",),
    model: object = None,
    convention: str = "lavaan",
) -> Fit:
    """Fit a parameter table to moments, and warn of a doubtful solution."""
    fitted = Fit.of(table, moments, group_labels=group_labels, model=model, convention=convention)
    check_solution(fitted)
    return fitted
