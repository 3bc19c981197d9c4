"""What would change if the model were freer: modification indices, score tests, and Wald tests of being less free.

With s the slope of the log-likelihood per row (or of the discrepancy) and I the information on the estimates and on
what is freed, T the directions in which the estimates may move,

    mi = N s_j^2 / V_j,    change expected = s_j / V_j,    V_j = I_jj - I_jT (T' I_TT T)^-1 I_Tj

As in lavaan, every row counts in N and I even where the discrepancy counts n - 1 a group (least squares, Wishart).
Differently from lavaan, fixed variances are standardized by what they are variances of (lavaan shows the fixed value
in place of the change), and the scale factors of the theta parameterization, which are no parameters, are not listed.

References
----------
Sörbom (1989), Psychometrika 54, 371-384; Saris, Satorra and Sörbom (1987), Sociological Methodology 17, 105-129;
Saris, Satorra and van der Veld (2009), Structural Equation Modeling 16, 561-582, for the decision by power.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import nan

import numpy as np
from scipy.special import chdtri, chndtr

from confianza.errors import ModelError
from confianza.sem.estimation.constrained import rank, split, unit_rows
from confianza.sem.estimation.discrepancies import discrepancy_of
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.constraints import constraints_of
from confianza.sem.model.expressions import Expression
from confianza.sem.model.parameter_table import Row, exogenous_names
from confianza.sem.model.structure import Structure
from confianza.sem.model.syntax import parse
from confianza.sem.numerics.matrices import Array, Indices, vech_indices
from confianza.sem.numerics.minimize import scales
from confianza.sem.results.chi_square import chi_square_tail
from confianza.sem.results.information import invert_information, normal_weight, weight_inverse
from confianza.sem.results.result_table import Table
from confianza.sem.results.standardized import Scaling, Spread

NOTHING = 1e-8  # a share of its information that is rounding: the parameter cannot be told from the others
KEYS = ("lhs", "op", "rhs", "group")
CHANGE = ("sepc_lv", "sepc_all", "sepc_nox")


def modification_indices(
    solution: Solution,
    *,
    sort: bool = False,
    minimum: float = 0.0,
    op: str | Sequence[str] = (),
    power: bool = False,
    delta: float = 0.1,
    alpha: float = 0.05,
    high_power: float = 0.75,
) -> Table:
    """What freeing each fixed parameter by itself would gain in chi-square, and the change expected of it."""
    rows = [*_fixed(solution), *candidates(solution)]
    operators = {op} if isinstance(op, str) else set(op)
    freed = Freed.of(solution, [row for row in rows if not operators or row.op in operators])
    gain, change = freed.gains(solution)
    known = ~np.isnan(gain) & (gain >= minimum)
    standard = freed.standardized(solution, change)
    entries = []
    limit = float(chdtri(1, alpha))
    for index in np.flatnonzero(known):
        row = freed.rows[index]
        entry = {name: getattr(row, name) for name in KEYS}
        entry |= {"mi": float(gain[index]), "epc": float(change[index])}
        entry |= {name: float(standard[name][index]) for name in CHANGE}
        if power:
            entry |= _power(entry["mi"], entry["epc"], delta, limit, high_power)
        entries.append(entry)
    if sort:
        entries.sort(key=lambda entry: -entry["mi"])
    columns = (*KEYS, "mi", "epc", *CHANGE, *(("delta", "ncp", "power", "decision") if power else ()))
    return Table.of_rows(entries, columns)


def _power(gain: float, change: float, delta: float, limit: float, high: float) -> dict[str, object]:
    """The power to see a misfit of size `delta`, and what it and the index say together.

    `inconclusive` (neither significant nor powerful), `none` (powerful, not significant), `misfit` (significant
    without much power), `epc` (significant and powerful: judge by the size of the change).
    """
    ncp = gain * (delta / change) ** 2 if change else nan
    power = 1.0 - float(chndtr(limit, 1.0, ncp)) if ncp == ncp else nan
    is_significant, is_powerful = gain > limit, power > high
    decision = {
        (False, False): "inconclusive",
        (False, True): "none",
        (True, False): "misfit",
        (True, True): "epc",
    }[is_significant, is_powerful]
    return {"delta": delta, "ncp": ncp, "power": power, "decision": decision}


# --- what could be freed ----------------------------------------------------------------------------------


def _fixed(solution: Solution) -> Iterator[Row]:
    """Fixed parameters of the model that could be free; not scales and variances that follow from others."""
    follows = {"delta": "~~", "theta": "~*~"}[solution.table.parameterization] if solution.ordinal else ""
    conditional = _conditional_covariates(solution)
    for row in solution.table.rows:
        is_following = row.op == follows and row.lhs == row.rhs and row.lhs in solution.table.ordered
        if row.group and not row.free and not is_following and row.lhs not in conditional:
            yield row


def _conditional_covariates(solution: Solution) -> set[str]:
    """Covariates of ordered variables: everything is given them, and nothing explains them."""
    return set(solution.table.exogenous) if solution.ordinal else set()


def candidates(solution: Solution) -> Iterator[Row]:
    """Parameters that the model does not mention and might have had, in the order in which lavaan lists them.

    Loadings of every latent variable on the observed ones that are in no regression; covariances of indicators, and of
    latent variables; and regressions, in a model that has some, among all that take part in them.
    """
    table = solution.table
    equations = [row for row in table.rows if row.group and row.op in {"~", "<~"}]
    explained = [row.lhs for row in equations if row.op == "~"]
    involved = list(dict.fromkeys([*explained, *(row.rhs for row in equations)]))
    indicators = {row.rhs for row in table.rows if row.op == "=~"}
    covariates, conditional = set(exogenous_names(table)), _conditional_covariates(solution)
    items = [name for name in table.observed if name in indicators]
    loaded = [name for name in table.observed if name not in covariates and name not in involved]
    for group in range(1, table.n_groups + 1):
        taken = {_identity(row.lhs, row.op, row.rhs) for row in table.rows if row.group == group}
        possible: list[tuple[str, str, str]] = [(lv, "=~", name) for lv in table.latent for name in loaded]
        possible += [(first, "~~", second) for first, second in combinations(items, 2)]
        possible += [(first, "~~", second) for first, second in combinations(table.latent, 2)]
        possible += [
            (lhs, "~", rhs) for lhs in involved if lhs not in conditional for rhs in involved if lhs != rhs
        ]
        for lhs, op, rhs in possible:
            element = _identity(lhs, op, rhs)
            if element not in taken:
                taken.add(element)
                yield Row(lhs, op, rhs, group, 0, 0, 0.0, "", "", False)


def _identity(lhs: str, op: str, rhs: str) -> tuple[str, object]:
    """What is the same parameter however it is written."""
    if op in {"~", "<~"}:
        return "path", (rhs, lhs)
    if op == "=~":
        return "path", (lhs, rhs)
    return op, frozenset((lhs, rhs)) if op == "~~" else (lhs, rhs)


# --- scores and information --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Freed:
    """Parameters freed beside the estimates: slopes and information of everything, by parameter and by freed row.

    `slope` and `information` are of the parameters first and then of `rows`; the information is the expected one.
    """

    rows: tuple[Row, ...]
    structure: Structure
    elements: Indices  # of each row
    slope: Array
    information: Array

    @classmethod
    def of(cls, solution: Solution, rows: Sequence[Row]) -> Freed:
        """The slopes and the information at the estimates of a fit."""
        solution.require_convergence()
        known = {(row.group, _identity(row.lhs, row.op, row.rhs)) for row in solution.table.rows}
        added = [row for row in rows if (row.group, _identity(row.lhs, row.op, row.rhs)) not in known]
        structure = Structure(replace(solution.table, rows=(*solution.table.rows, *added)))
        index_of = {name: index for index, name in enumerate((*structure.observed, *structure.latent))}
        element_of = {
            key: element
            for element, key in enumerate(
                zip(structure.kinds, structure.rows.tolist(), structure.columns.tolist(), strict=True)
            )
        }
        elements = np.array(
            [element_of[Structure.element_key(row.lhs, row.op, row.rhs, index_of)] for row in rows],
            dtype=np.intp,
        )
        slope, information = _by_element(solution, structure)
        groups = np.array([row.group - 1 for row in rows], dtype=np.intp)
        n, m = structure.n_parameters, len(rows)
        joined_slope, joined = np.zeros(n + m), np.zeros((n + m, n + m))
        for group in range(solution.table.n_groups):
            free = np.flatnonzero(structure.parameter_index[group] >= 0)
            here = np.flatnonzero(groups == group)
            target = np.concatenate([structure.parameter_index[group, free], n + here])
            source = np.concatenate([free, elements[here]])
            joined_slope[target] += slope[group, source]
            joined[np.ix_(target, target)] += information[group][np.ix_(source, source)]
        return cls(tuple(rows), structure, elements, joined_slope, joined)

    def gains(self, solution: Solution) -> tuple[Array, Array]:
        """Index and change expected of each row by itself; NaN where the data cannot tell it from the others."""
        n = self.structure.n_parameters
        directions = solution.tangent
        inside = directions.T @ self.information[:n, :n] @ directions
        between = directions.T @ self.information[:n, n:]
        full = np.diag(self.information)[n:]
        left = full - (between * _solved(inside, between, solution)).sum(axis=0)
        left = np.where(left > NOTHING * full, left, nan)
        slope = self.slope[n:]
        return solution.moments.total * slope**2 / left, slope / left

    def standardized(self, solution: Solution, change: Array) -> dict[str, Array]:
        """Changes in units of standard deviations."""
        state = Spread.of(solution)
        groups = [row.group - 1 for row in self.rows]
        out = {}
        for name, kind in zip(CHANGE, ("std.lv", "std.all", "std.nox"), strict=True):
            scaling = Scaling.of(solution, self.structure, kind)
            factor = np.where(scaling.is_one, 1.0, scaling.factors(state))[groups, self.elements]
            out[name] = np.where(scaling.is_one[self.elements], np.sign(change), change * factor)
        return out


def _solved(inside: Array, between: Array, solution: Solution) -> Array:
    return invert_information(inside, solution) @ between if len(inside) else between


def _by_element(solution: Solution, structure: Structure) -> tuple[Array, Array]:
    """Slopes of the log-likelihood (G, elements) and expected information (G, elements, elements) at the estimates."""
    discrepancy = discrepancy_of(solution.moments, structure)
    elements = structure.elements(solution.free_parameters)
    derivatives = discrepancy.derivatives(structure, elements, exact=False)
    missing = elements.shape[-1] - derivatives.gradient.shape[-1]
    slope = np.pad(-derivatives.gradient, [(0, 0), (0, missing)])
    information = derivatives.information
    if solution.options.discrepancy != "ML":
        information = information * (solution.moments.n / solution.moments.counts)[:, None, None]
    if solution.table.exogenous and solution.options.discrepancy == "ML":
        information = _given_covariates(solution, structure, elements)
    return slope, np.pad(information, [(0, 0), (0, missing), (0, missing)])


def _given_covariates(solution: Solution, structure: Structure, elements: Array) -> Array:
    """The information when the moments of fixed covariates say nothing (G, elements, elements)."""
    implied = structure.implied(elements)
    with_means = structure.has_means
    jacobian = structure.jacobian(implied, with_means=with_means)
    is_given = np.isin(structure.observed, solution.table.exogenous)
    row, column = vech_indices(structure.n_observed)
    says_nothing = is_given[row] & is_given[column]
    if with_means:
        says_nothing = np.concatenate([is_given, says_nothing])
    out = []
    for group, covariance in enumerate(implied.covariance):
        if isinstance(patterns := solution.objective.discrepancy, FullInformation):
            weight = patterns.patterns[group].row_information(covariance, implied.mean[group], exact=False)
        else:
            weight = normal_weight(weight_inverse(solution, covariance, group), with_means=with_means)
        weight[says_nothing] = 0.0
        weight[:, says_nothing] = 0.0
        out.append(solution.moments.share[group] * jacobian[group].T @ weight @ jacobian[group])
    return np.stack(out)


# --- score tests ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreTest:
    """A score (Lagrange multiplier) test: of all that is freed together, and of each by itself."""

    __test__ = False

    statistic: float
    df: int
    pvalue: float
    univariate: Table
    changes: Table  # expected of every free parameter when all is freed together

    def __repr__(self) -> str:
        total = f"score test: chi-square {self.statistic:.3f}, df {self.df}, p {self.pvalue:.3f}"
        return f"{total}\n{self.univariate.text()}"


def score_test(solution: Solution, *, add: str = "", release: Sequence[int] = ()) -> ScoreTest:
    """Test the equality constraints (all, or the ones numbered from 1 in `release`), or parameters to `add`.

    Raises
    ------
    ModelError
        There is no equality constraint, or none of that number, or `add` names what is free already.
    """
    solution.require_convergence()
    if add:
        return _added_test(solution, add)
    rows, equalities = equalities_of(solution)
    if not rows:
        raise ModelError("sem-no-equality")
    for number in release:
        if not 1 <= number <= len(rows):
            raise ModelError("sem-release", number=number, count=len(rows))
    chosen = [number - 1 for number in release] or list(range(len(rows)))
    freed = Freed.of(solution, ())
    active = _active_inequalities(solution)
    parameters = solution.free_parameters
    size = scales(freed.information)
    gradients = [one.value_and_gradient(parameters)[1] for one in equalities]
    jacobian = unit_rows(np.array(gradients).reshape(len(rows), len(parameters)) * size)
    active = unit_rows(active * size)

    def without(places: Iterable[int]) -> tuple[float, int, Array]:
        rest = np.vstack([np.delete(jacobian, list(places), axis=0), active])
        directions = np.linalg.qr(size[:, None] * split(rest)[1])[0]
        statistic, change = _statistic(solution, freed.slope, freed.information, directions)
        return statistic, rank(np.vstack([jacobian, active])) - rank(rest), change

    statistic, df, change = without(chosen)
    univariate = []
    for index in chosen:
        one, one_df, _ = without([index])
        univariate.append(
            {"lhs": rows[index].lhs, "op": "==", "rhs": rows[index].rhs, "statistic": one, "df": one_df}
            | {"pvalue": chi_square_tail(one, one_df)}
        )
    table = Table.of_rows(univariate, ("lhs", "op", "rhs", "statistic", "df", "pvalue"))
    return ScoreTest(statistic, df, chi_square_tail(statistic, df), table, _changes(solution, freed, change))


def _statistic(
    solution: Solution, slope: Array, information: Array, directions: Array
) -> tuple[float, Array]:
    """N s' T (T' I T)^- T' s and the change expected; a generalized inverse where some of it is not identified."""
    along = directions.T @ slope
    inner = directions.T @ information @ directions
    step = np.linalg.pinv(inner, rcond=NOTHING / 100, hermitian=True) @ along
    return float(solution.moments.total * along @ step), directions @ step


def _added_test(solution: Solution, add: str) -> ScoreTest:
    known = {
        (row.group, _identity(row.lhs, row.op, row.rhs)): row for row in solution.table.rows if row.group
    }
    rows: list[Row] = []
    for formula in parse(add):
        if formula.op not in {"=~", "~", "~~", "~1"}:
            raise ModelError("sem-add-kind", op=formula.op)
        for group in range(1, solution.table.n_groups + 1):
            names = {*solution.table.observed, *solution.table.latent}
            for name in (formula.lhs, formula.rhs):
                if name and name not in names:
                    raise ModelError("sem-unknown-variable", name=name, known=", ".join(sorted(names)))
            row = known.get((group, _identity(formula.lhs, formula.op, formula.rhs)))
            if row is not None and row.free:
                raise ModelError(
                    "sem-add-free", parameter=f"{formula.lhs} {formula.op} {formula.rhs}".strip()
                )
            rows.append(row or Row(formula.lhs, formula.op, formula.rhs, group, 0, 0, 0.0, "", "", False))
    freed = Freed.of(solution, rows)
    directions = solution.tangent
    n, d = directions.shape
    m = len(rows)
    wider = np.zeros((n + m, d + m))
    wider[:n, :d], wider[n:, d:] = directions, np.eye(m)
    statistic, change = _statistic(solution, freed.slope, freed.information, wider)
    gains, _ = freed.gains(solution)
    univariate = [
        {name: getattr(row, name) for name in KEYS}
        | {"statistic": float(gain), "df": 1, "pvalue": chi_square_tail(float(gain), 1)}
        for row, gain in zip(rows, gains, strict=True)
    ]
    table = Table.of_rows(univariate, (*KEYS, "statistic", "df", "pvalue"))
    return ScoreTest(statistic, m, chi_square_tail(statistic, m), table, _changes(solution, freed, change))


def _changes(solution: Solution, freed: Freed, change: Array) -> Table:
    """The change expected of every free and freed parameter, and where it leads."""
    n = freed.structure.n_parameters
    free = [row for row in solution.table.rows if row.free]
    whole = replace(freed, rows=(*free, *freed.rows), elements=_elements_of(freed, free))
    values = np.concatenate([change[[row.free - 1 for row in free]], change[n:]])
    before = np.concatenate(
        [solution.free_parameters[[row.free - 1 for row in free]], [row.value for row in freed.rows]]
    )
    standard = whole.standardized(solution, values)
    rows = [
        {name: getattr(row, name) for name in (*KEYS, "label", "plabel")}
        | {"est": float(old), "epc": float(value), "epv": float(old + value)}
        | {name: float(standard[name][index]) for name in CHANGE}
        for index, (row, old, value) in enumerate(zip(whole.rows, before, values, strict=True))
    ]
    return Table.of_rows(rows, (*KEYS, "label", "plabel", "est", "epc", "epv", *CHANGE))


def _elements_of(freed: Freed, free: Sequence[Row]) -> Indices:
    parameters = freed.structure.parameter_index
    first = {
        int(parameter): element
        for group in parameters
        for element, parameter in enumerate(group)
        if parameter >= 0
    }
    return np.concatenate([np.array([first[row.free - 1] for row in free], dtype=np.intp), freed.elements])


def equalities_of(solution: Solution) -> tuple[list[Row], list[Expression]]:
    """The equality constraints of a fit and what each asks to be zero, linear or not."""
    rows = [row for row in solution.table.rows if row.op == "=="]
    return rows, _expressions(solution, rows)


def _expressions(solution: Solution, rows: Iterable[Row]) -> list[Expression]:
    """What equality rows ask to be zero: read as definitions of the difference of their sides."""
    parameters = solution.table.parameters
    differences = [
        Row.relation(f".difference{index}", ":=", f"({row.lhs}) - ({row.rhs})")
        for index, row in enumerate(rows)
    ]
    definitions = constraints_of(replace(solution.table, rows=(*parameters, *differences))).definitions
    return [definitions[row.lhs] for row in differences]


def _active_inequalities(solution: Solution) -> Array:
    """Gradients of the inequalities that hold as equalities (m, parameters)."""
    active = [one for one in solution.active_constraints if one not in solution.constraints.nonlinear]
    rows = [one.value_and_gradient(solution.free_parameters)[1] for one in active]
    return np.array(rows).reshape(len(rows), solution.structure.n_parameters)


# --- Wald tests -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaldTest:
    """A Wald test of constraints that the fit did not have."""

    __test__ = False

    statistic: float
    df: int
    pvalue: float


def wald_test(solution: Solution, vcov: Array, constraints: str) -> WaldTest:
    """Test whether labeled or defined parameters meet constraints such as "a == b; c == 0".

    W = r' (R V R')^-1 r with r the differences of the sides, R their derivatives and V the covariance matrix of the
    estimates (`vcov`), robust where the fit's errors are.

    Raises
    ------
    ModelError
        There is no equality among `constraints`, a label is unknown, or they say the same thing twice.
    """
    rows = [
        Row.relation(formula.lhs, "==", formula.rhs) for formula in parse(constraints) if formula.op == "=="
    ]
    if not rows:
        raise ModelError("sem-wald-nothing", text=constraints)
    pairs = [one.value_and_gradient(solution.free_parameters) for one in _expressions(solution, rows)]
    values = np.array([value for value, _ in pairs])
    jacobian = np.stack([gradient for _, gradient in pairs])
    covariance = jacobian @ vcov @ jacobian.T
    size = np.sqrt(np.diag(covariance))
    if (size == 0).any() or np.linalg.matrix_rank(covariance / np.outer(size, size), tol=1e-10) < len(rows):
        raise ModelError("sem-wald-dependent", text=constraints)
    statistic = float(values @ np.linalg.solve(covariance, values))
    return WaldTest(statistic, len(rows), chi_square_tail(statistic, len(rows)))
