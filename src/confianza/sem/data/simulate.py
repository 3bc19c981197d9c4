"""Data from a population model: any number of groups, cut into categories, not normal, with values missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root
from scipy.special import expit

from confianza.errors import ModelError
from confianza.sem.model.build_table import parameter_table
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.structure import Structure
from confianza.sem.model.syntax import parse
from confianza.sem.model.table_options import TableOptions
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread

PerVariable = float | Mapping[str, float]
Missing = float | Mapping[str, float | tuple[float, str]]


@dataclass(frozen=True)
class Population:
    """What a population model says of each group: means (G, p) and covariances (G, p, p) of its variables.

    Of ordered variables they are those of the latent responses, which `thresholds` (a list a variable and group) cut.
    """

    table: ParameterTable
    labels: tuple[str, ...]
    mean: Array
    covariance: Array
    thresholds: Mapping[str, Sequence[Array]]

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the variables."""
        return self.table.observed

    @property
    def is_normal(self) -> bool:
        """Whether no variable is cut into categories."""
        return not self.thresholds


@in_one_thread
def population(
    model: Any, *, groups: int | Sequence[str] = 1, parameterization: str = "delta", **options: Any
) -> Population:
    """The moments that a model with all values given implies.

    Parameters
    ----------
    model : str or table
        The language of `sem.sem`; fixed and start values are the population's. Intercepts that are not written are
        zero, the scale of a latent variable is that of its first indicator unless written otherwise (or
        `std_lv`), and variables with thresholds are ordered.
    groups : int or labels
        How many groups, or their labels; values by group are written `c(0.8, 0.6)*x1`.
    **options
        `std_lv`, `orthogonal` and the other options of `sem.sem` on what a model's text leaves unsaid.

    Raises
    ------
    ModelError
        A parameter has no value (all are named), or the covariances are not those of any variables.
    """
    labels = tuple(str(g + 1) for g in range(groups)) if isinstance(groups, int) else tuple(map(str, groups))
    table = parameter_table(
        model,
        convention="sem",
        n_groups=len(labels),
        group_labels=labels if len(labels) > 1 else (),
        categories=_categories(model),
        options=TableOptions(
            **{
                "fixed_x": False,
                "conditional_x": False,
                "meanstructure": True,
                "int_ov_free": False,
                "parameterization": parameterization,
                **options,
            }
        ),
    )
    table = _completed(table)
    unset = [table.name_of(row) for row in table.rows if row.group and np.isnan(row.value)]
    if unset:
        raise ModelError("sem-population-unset", parameters="; ".join(unset))
    rows = tuple(replace(row, free=0) for row in table.rows)
    structure = Structure(replace(table, rows=rows))
    elements = structure.elements(np.zeros(0))
    implied = structure.implied(elements)
    if table.ordered:
        implied = OrdinalMoments(structure).state(structure, elements).implied
    for label, covariance in zip(labels, implied.covariance, strict=True):
        if not np.linalg.eigvalsh(covariance)[0] > 0 or (np.diagonal(covariance) <= 0).any():
            raise ModelError("sem-population-not-positive", group=label)
    thresholds = {
        name: [
            np.array([row.value for row in rows if row.group == g + 1 and row.op == "|" and row.lhs == name])
            for g in range(len(labels))
        ]
        for name in table.ordered
    }
    for name, cuts in thresholds.items():
        _check_cuts(name, cuts)
    return Population(table, labels, implied.mean, implied.covariance, thresholds)


def _categories(model: Any) -> dict[str, int]:
    """Numbers of categories of the variables whose thresholds a model writes."""
    written: dict[str, set[str]] = {}
    if isinstance(model, str):
        for formula in parse(model):
            if formula.op == "|":
                written.setdefault(formula.lhs, set()).add(formula.rhs)
    return {name: len(cuts) + 1 for name, cuts in written.items()}


def _completed(table: ParameterTable) -> ParameterTable:
    """The table with a value for the residual variances of latent responses that follow from the other parameters."""
    if table.parameterization != "delta":
        return table
    rows = [
        replace(row, value=1.0)
        if row.is_variance and row.lhs in table.ordered and np.isnan(row.value)
        else row
        for row in table.rows
    ]
    return replace(table, rows=tuple(rows))


def _check_cuts(name: str, cuts: Sequence[Array]) -> None:
    for one in cuts:
        if not len(one) or not (np.diff(one) > 0).all():
            raise ModelError("sem-cuts-order", name=name, cuts=", ".join(f"{cut:g}" for cut in one))


@in_one_thread
def simulate(
    model: Any,
    n: int | Sequence[int],
    *,
    seed: int | np.random.Generator | None = None,
    groups: int | Sequence[str] | None = None,
    group: str = "group",
    cuts: Mapping[str, Sequence[float]] | None = None,
    missing: Missing = 0.0,
    skewness: PerVariable = 0.0,
    kurtosis: PerVariable = 0.0,
    **options: Any,
) -> dict[str, NDArray[Any]]:
    """Draw rows from a population model.

    Parameters
    ----------
    model : str, table or Population
        A model with all its values; see `population`.
    n : int or one a group
        Rows of each group.
    seed : int
        Of the random numbers.
    groups, group
        Number or labels of the groups, and the name of the column that tells them.
    cuts : mapping
        Cut points of variables, in their own units: the variable becomes the category, from 1.
    missing : share, or one a variable
        Share of values missing completely at random; `{"y2": (0.2, "y1")}`: a fifth of y2, at random given y1: the log
        odds rise by one a standard deviation of y1, which must be complete.
    skewness, kurtosis : number, or one a variable
        Of the variables (excess kurtosis, 0 for a normal distribution).

    Returns
    -------
    dict of columns
        The observed variables in the order of the model, and the group's label where there are several.

    Raises
    ------
    ModelError
        A value is missing in the model, a variable is unknown, or no distribution has the shape asked for.

    References
    ----------
    Fleishman (1978), Psychometrika 43, 521-532; Vale and Maurelli (1983), Psychometrika 48, 465-471.
    """
    sizes = [n] if isinstance(n, int | np.integer) else list(n)
    if isinstance(model, Population):
        people = model
    else:
        people = population(model, groups=len(sizes) if groups is None else groups, **options)
    if len(sizes) == 1:
        sizes *= len(people.labels)
    if len(sizes) != len(people.labels) or min(sizes) < 1:
        raise ModelError("sem-simulate-sizes", groups=len(people.labels), sizes=", ".join(map(str, sizes)))
    random = np.random.default_rng(seed)
    shapes = _shapes(people.observed, skewness, kurtosis)
    parts = [
        _rows(random, size, mean, covariance, shapes)
        for size, mean, covariance in zip(sizes, people.mean, people.covariance, strict=True)
    ]
    for name, of_group in people.thresholds.items():
        index = people.observed.index(name)
        for part, values in zip(parts, of_group, strict=True):
            part[:, index] = 1.0 + np.searchsorted(values, part[:, index])
    data = np.vstack(parts)
    for name, points in (cuts or {}).items():
        index, values = _index_of(people.observed, name), np.asarray(points, dtype=float)
        _check_cuts(name, [values])
        data[:, index] = 1.0 + np.searchsorted(values, data[:, index])
    whole = _with_gaps(random, data, people.observed, missing)
    columns: dict[str, NDArray[Any]] = dict(zip(people.observed, whole.T, strict=True))
    if len(sizes) > 1:
        columns[group] = np.repeat(np.array(people.labels, dtype=object), sizes)
    return columns


def _index_of(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise ModelError("sem-unknown-variable", name=name, known=", ".join(names))
    return list(names).index(name)


def _rows(random: np.random.Generator, n: int, mean: Array, covariance: Array, shapes: Array | None) -> Array:
    if shapes is None:
        rows: Array = random.standard_normal((n, len(mean))) @ np.linalg.cholesky(covariance).T + mean
        return rows
    scale = np.sqrt(np.diag(covariance))
    between = intermediate_correlations(covariance / np.outer(scale, scale), shapes)
    z = random.standard_normal((n, len(mean))) @ np.linalg.cholesky(between).T
    b, c, d = shapes.T
    out: Array = mean + scale * (-c + z * (b + z * (c + z * d)))
    return out


# --- distributions that are not normal --------------------------------------------------------------------


def _shapes(names: Sequence[str], skewness: PerVariable, kurtosis: PerVariable) -> Array | None:
    """Fleishman's b, c, d of every variable (p, 3); None when all are normal."""
    moments = np.zeros((len(names), 2))
    for column, values in enumerate((skewness, kurtosis)):
        if isinstance(values, Mapping):
            for name, value in values.items():
                moments[_index_of(names, name), column] = value
        else:
            moments[:, column] = values
    if not moments.any():
        return None
    return np.array([fleishman(name, *pair) for name, pair in zip(names, moments.tolist(), strict=True)])


def fleishman(name: str, skewness: float, kurtosis: float) -> tuple[float, float, float]:
    """b, c, d such that -c + b z + c z² + d z³ has variance one and the moments asked for."""

    def off(coefficients: Array) -> Array:
        b, c, d = coefficients
        return np.array(
            [
                b * b + 6 * b * d + 2 * c * c + 15 * d * d - 1,
                2 * c * (b * b + 24 * b * d + 105 * d * d + 2) - skewness,
                24
                * (
                    b * d
                    + c * c * (1 + b * b + 28 * b * d)
                    + d * d * (12 + 48 * b * d + 141 * c * c + 225 * d * d)
                )
                - kurtosis,
            ]
        )

    if skewness == kurtosis == 0:
        return 1.0, 0.0, 0.0
    solution = root(off, np.array([1.0, skewness / 6, kurtosis / 24]), tol=1e-13)
    if not solution.success or np.abs(off(solution.x)).max() > 1e-8:
        raise ModelError("sem-shape-impossible", name=name, skewness=skewness, kurtosis=kurtosis)
    b, c, d = solution.x.tolist()
    return b, c, d


def intermediate_correlations(correlation: Array, shapes: Array) -> Array:
    """Correlations of the normal variables (p, p) whose polynomials have the correlations asked for.

    The correlation of two polynomials is r (b b' + 3 b d' + 3 d b' + 9 d d') + 2 r² c c' + 6 r³ d d'.
    """
    b, c, d = shapes.T
    first = np.outer(b, b) + 3 * np.outer(b, d) + 3 * np.outer(d, b) + 9 * np.outer(d, d)
    second, third = 2 * np.outer(c, c), 6 * np.outer(d, d)
    low, high = -np.ones_like(correlation), np.ones_like(correlation)
    for _ in range(60):  # monotone in r, so bisection
        middle = (low + high) / 2
        is_less = middle * (first + middle * (second + middle * third)) < correlation
        low, high = np.where(is_less, middle, low), np.where(is_less, high, middle)
    between = (low + high) / 2
    np.fill_diagonal(between, 1.0)
    reached = between * (first + between * (second + between * third))
    if np.abs(reached - correlation).max() > 1e-8 or np.linalg.eigvalsh(between)[0] <= 0:
        raise ModelError("sem-shape-correlations")
    return between


# --- missing values ----------------------------------------------------------------------------------------


def _with_gaps(random: np.random.Generator, data: Array, names: Sequence[str], missing: Missing) -> Array:
    shares = dict(missing) if isinstance(missing, Mapping) else dict.fromkeys(names, missing)
    shares = {name: one for name, one in shares.items() if one}
    out = data.copy()
    for name, one in shares.items():
        share, cause_name = one if isinstance(one, tuple) else (one, "")
        index = _index_of(names, name)
        if not 0 <= share < 1 or (cause_name and (cause_name in shares or cause_name == name)):
            raise ModelError("sem-missing-share", name=name, share=share, given=cause_name or "–")
        chance = np.full(len(data), share)
        if cause_name and share:
            cause = data[:, _index_of(names, cause_name)]
            cause = (cause - cause.mean()) / cause.std()
            chance = expit(_level(cause, share) + cause)
        out[random.random(len(data)) < chance, index] = np.nan
    return out


def _level(cause: Array, share: float) -> float:
    """The a at which the chances 1 / (1 + exp(-a - cause)) average a share."""
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(middle + cause).mean() < share else (low, middle)
    return (low + high) / 2
