"""A model and its data made ready to fit: options settled, groups told apart, ordered variables coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from confianza.errors import ModelError
from confianza.sem.data.columns import Columns, groups_of, is_alphabetical, likely_codes, number_of
from confianza.sem.data.moments import Moments
from confianza.sem.data.ordinal.statistics import ordinal_statistics
from confianza.sem.data.sample import (
    GroupSample,
    check_covariance,
    check_given_covariance,
    group_sample,
    in_units,
)
from confianza.sem.data.summary_statistics import by_group, covariance_and_means, labels_of_moments, row_count
from confianza.sem.model.build_table import parameter_table, shared_labels
from confianza.sem.model.constraints import fixed_labels
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.syntax import parse
from confianza.sem.model.table_options import Convention
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.warnings import warn


@dataclass(frozen=True)
class Prepared:
    """A model and its data before they are fitted: options settled, groups told apart, ordered variables coded."""

    options: Options
    labels: tuple[str, ...]
    table: ParameterTable
    columns: Columns | None
    codes: Mapping[str, tuple[Array, tuple[Any, ...]]]
    group_of_row: NDArray[np.intp] | None

    @in_one_thread
    def moments(self, group_of_row: NDArray[np.intp] | None = None) -> Moments:
        """The groups' moments, with the rows in their groups or as `group_of_row` has them."""
        table, options = self.table, self.options
        if self.columns is None:
            return given_moments(table, options, self.labels)
        matrix = np.column_stack([self._values(self.columns, name) for name in table.observed])
        self._warn_of_values(self.columns, matrix)
        if group_of_row is None:
            group_of_row = self.group_of_row
        if table.ordered:
            return ordinal_moments(table, options, matrix, self.labels, group_of_row)
        samples = []
        for group, label in enumerate(self.labels):
            rows = np.arange(len(matrix)) if group_of_row is None else np.flatnonzero(group_of_row == group)
            samples.append(
                group_sample(
                    label,
                    matrix[rows],
                    names=table.observed,
                    rows=rows,
                    exogenous=[table.observed.index(name) for name in table.exogenous],
                    missing=options.missing,
                    divisor=options.divisor,
                    standardized=standardized_indices(table, options),
                    must_invert=options.discrepancy in {"ML", "GLS"},
                )
            )
        return Moments(samples, options)

    def _values(self, columns: Columns, name: str) -> Array:
        """A variable as numbers; refused where it is an ordered category of texts and not to be ordered."""
        if name in self.table.ordered:
            return self.codes[name][0]
        values = columns.declared(name) if name in columns.ordered else ()
        if any(number_of(value) is None for value in values):
            raise ModelError("sem-ordered-texts", name=name, values=", ".join(map(str, values)))
        return columns.numbers(name)

    def _warn_of_values(self, columns: Columns, matrix: Array) -> None:
        """Warn of orders that nobody declared, ordered covariates, and likely codes of missing answers."""
        ordered, observed = self.table.ordered, self.table.observed
        for name in ordered:
            if name not in columns.ordered and is_alphabetical(self.codes[name][1]):
                warn("sem-ordered-alphabet", name=name, values=", ".join(map(str, self.codes[name][1])))
        as_numbers = [name for name in observed if name in columns.ordered and name not in ordered]
        if as_numbers and self.options.ordered is not False:
            warn("sem-ordered-numbers", names=", ".join(as_numbers))
        doubted = []
        for index, name in enumerate(observed):
            answers = matrix[:, index]
            if name in ordered:
                numbers = [number_of(value) for value in self.codes[name][1]]
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


@in_one_thread
def prepare(model: Any, data: Any, *, convention: Convention, options: Options) -> Prepared:
    """A model and its data under options that are not settled yet; the model may be a fit or its table."""
    table = getattr(model, "table", model)
    if isinstance(table, ParameterTable):
        model = table.columns()
    columns = Columns(data, options.missing_codes) if data is not None else None
    labels: tuple[str, ...] = ("",)
    group_of_row = None
    if columns is None:
        labels = labels_of_moments(options)
    elif options.group:
        labels, group_of_row = groups_of(columns.raw(options.group), options.group_label)
    codes = _codes(model, columns, options)
    categories = {name: len(values) for name, (_, values) in codes.items()}
    resolved = options.resolved(tuple(codes))
    table = _table(model, resolved, convention, labels, columns, categories)
    if codes and not table.ordered:  # all of them are covariates
        resolved = options.resolved()
        table = _table(model, resolved, convention, labels, columns, {})
    if fixed := fixed_labels(table, "==", "<", ">"):
        warn("sem-constraint-fixed", labels=", ".join(fixed))
    if shared := shared_labels(model, len(labels)):
        warn("sem-one-label", labels=", ".join(shared))
    return Prepared(resolved, labels, table, columns, codes, group_of_row)


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
    ordered = [lhs for lhs, op, _ in places if op == "|"]
    if options.ordered is True:
        ordered += [name for lhs, _, rhs in places for name in (lhs, rhs)]
    elif options.ordered is not False:
        ordered += [options.ordered] if isinstance(options.ordered, str) else list(options.ordered)
    explained = [name for lhs, op, rhs in places for name in (lhs, "" if op in {"~", "<~"} else rhs)]
    ordered += [name for name in explained if name in declared]
    if ordered and columns is None:
        raise ModelError("sem-ordered-needs-rows")
    if columns is None:
        return {}
    known = set(columns.names)
    if options.ordered is True:
        ordered = [name for name in ordered if name in known]
    return {name: columns.categories(name) for name in dict.fromkeys(ordered)}


def standardized_indices(table: ParameterTable, options: Options) -> list[int]:
    """Which observed variables `std_ov` standardizes: not ordered ones, nor fixed covariates of continuous ones."""
    spared = set(table.ordered or table.exogenous)
    return [index for index, name in enumerate(table.observed) if options.std_ov and name not in spared]


def ordinal_moments(
    table: ParameterTable,
    options: Options,
    matrix: Array,
    labels: tuple[str, ...],
    group_of_row: NDArray[np.intp] | None,
) -> Moments:
    """Moments of ordered (and continuous) variables, given the exogenous ones."""
    covariates = [index for index, name in enumerate(table.observed) if name in table.exogenous]
    responses = [index for index, name in enumerate(table.observed) if name not in table.exogenous]
    samples, statistics = [], []
    for group, label in enumerate(labels):
        rows = np.arange(len(matrix)) if group_of_row is None else np.flatnonzero(group_of_row == group)
        data = matrix[rows]
        seen = ~np.isnan(data)
        is_kept = seen.all(axis=1) if options.missing != "pairwise" else seen.any(axis=1)
        rows, data = rows[is_kept], in_units(data[is_kept], standardized_indices(table, options))
        ordinal = ordinal_statistics(
            data[:, responses],
            [table.ordered.get(table.observed[index], 0) for index in responses],
            data[:, covariates] if covariates else None,
            missing=options.missing,
            names=[table.observed[index] for index in responses],
            exogenous_names=[table.observed[index] for index in covariates],
            group=label,
        )
        covariance, mean = np.eye(len(table.observed)), np.zeros(len(table.observed))
        covariance[np.ix_(responses, responses)] = ordinal.covariance
        if covariates:
            covariance[np.ix_(covariates, covariates)] = np.cov(data[:, covariates], rowvar=False)
            mean[covariates] = data[:, covariates].mean(axis=0)
        for index, value in zip(ordinal.threshold_variable, ordinal.thresholds, strict=True):
            if not ordinal.ordered[index]:
                mean[responses[index]] = -value
        samples.append(GroupSample(label, ordinal.n, data, mean, covariance, rows, n_total=len(seen)))
        statistics.append(ordinal)
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
        covariance, center = covariance_and_means(
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
        samples.append(GroupSample(label, count, None, center, covariance))
    return Moments(samples, options)
