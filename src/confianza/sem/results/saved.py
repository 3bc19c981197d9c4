"""A fit as JSON and back: model, options, moments and results, never the rows of the data.

The document names its `format` and `version`. Arrays are nested lists, symmetric matrices their lower triangles by
columns, a number that does not exist is null. What is read back gives the same tables; what needs the rows of the
data (refitting with missing values, casewise results, another bootstrap) is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.metadata import version
from math import nan
from typing import Any, NoReturn

import numpy as np

from confianza.errors import ModelError
from confianza.sem.data.moments import Moments
from confianza.sem.data.ordinal.statistics import OrdinalStatistics
from confianza.sem.data.sample import GroupSample
from confianza.sem.estimation.constrained import linear_map
from confianza.sem.estimation.discrepancies import discrepancy_of
from confianza.sem.estimation.estimators import ContinuousMoments, Discrepancy, LeastSquares
from confianza.sem.estimation.objective import Objective
from confianza.sem.estimation.solution import Solution
from confianza.sem.model.constraints import constraints_of
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array, symmetric, vech
from confianza.sem.numerics.minimize import Optimum
from confianza.sem.options import Options
from confianza.sem.results.chi_square import Test
from confianza.sem.results.result_table import Table

FORMAT, VERSION = "confianza.sem.fit", 1
GIVEN_MOMENTS = (
    "sample_cov",
    "sample_mean",
    "sample_nobs",
    "sample_names",
)  # options that the moments of the document replace


class WithoutRows:
    """The discrepancy of a fit whose rows are not here: refused."""

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        raise ModelError("sem-needs-rows")

    value = slope = some = derivatives = _refuse


# --- out -----------------------------------------------------------------------------------------------------


def write_document(
    solution: Solution,
    *,
    vcov: Array,
    estimates: Table,
    measures: Mapping[str, float],
    tests: Mapping[str, Test],
    group_statistics: Array | None,
) -> str:
    """The document of a solution that converged and of its results."""
    active = [
        index
        for index, one in enumerate(solution.constraints.inequalities)
        if one in solution.active_constraints
    ]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "confianza": version("confianza"),
        "convention": solution.convention,
        "model": solution.model if isinstance(solution.model, str) else None,
        "options": asdict(solution.options) | dict.fromkeys(GIVEN_MOMENTS),
        "groups": list(solution.group_labels),
        "table": _table_out(solution.table),
        "moments": [_sample_out(solution, group) for group in range(solution.table.n_groups)],
        "weights": _weights_out(solution),
        "solution": asdict(solution.optimum) | {"held": active},
        "vcov": vech(vcov),
        "estimates": dict(estimates),
        "measures": dict(measures),
        "tests": [asdict(test) for test in tests.values()],
        "group_statistics": group_statistics,
        "missing_patterns": solution.missing_patterns,
    }
    return json.dumps(_plain(document), ensure_ascii=False, indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    """The same of what JSON knows: lists and numbers for arrays, null for what does not exist."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        if value != value:
            return None
        return value if abs(value) != float("inf") else ("inf" if value > 0 else "-inf")
    return value


def _table_out(table: ParameterTable) -> dict[str, Any]:
    names = [field.name for field in fields(Row)]
    rows = {name: [getattr(row, name) for row in table.rows] for name in names}
    return {field.name: getattr(table, field.name) for field in fields(ParameterTable)} | {"rows": rows}


def _sample_out(solution: Solution, group: int) -> dict[str, Any]:
    sample = solution.moments.samples[group]
    document = {
        "label": sample.label,
        "n": sample.n,
        "given": sample.n_total,
        "mean": solution.moments.mean[group],
        "covariance": vech(solution.moments.seen_covariance[group]),
    }
    if solution.moments.ordinal:
        ordinal = solution.moments.ordinal[group]
        document["ordinal"] = {field.name: getattr(ordinal, field.name) for field in fields(ordinal)} | {
            "covariance": vech(ordinal.covariance),
            "nacov": vech(ordinal.nacov),
        }
    return document


def _weights_out(solution: Solution) -> Any:
    """The weights of least squares: their diagonals, or their lower triangles."""
    discrepancy = solution.objective.discrepancy
    if not isinstance(discrepancy, LeastSquares):
        return None
    return discrepancy.weights if discrepancy.is_diagonal else vech(discrepancy.weights)


# --- in ------------------------------------------------------------------------------------------------------


def read_document(text: str) -> tuple[Solution, dict[str, Any]]:
    """The solution of a document that `write_document` wrote, and its results by the names of a fit's attributes.

    Raises
    ------
    ModelError
        The text is not such a document, lacks a part, or is of a version that this one does not know.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelError("sem-json-not", detail=str(error)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ModelError("sem-json-not", detail=f'"format" is not "{FORMAT}"')
    if document.get("version") != VERSION:
        raise ModelError("sem-json-version", found=document.get("version"), known=VERSION)
    try:
        return _restored(document)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError("sem-json-part", detail=f"{type(error).__name__}: {error}") from None


def _restored(document: Mapping[str, Any]) -> tuple[Solution, dict[str, Any]]:
    options = Options(**{name: _tuple(value) for name, value in document["options"].items()})
    table = _table_in(document["table"])
    structure, constraints = Structure(table), constraints_of(table)
    p = len(table.observed)
    samples = [
        GroupSample(
            one["label"],
            one["n"],
            None,
            _numbers(one["mean"]),
            symmetric(_numbers(one["covariance"]), p),
            n_total=one["given"],
        )
        for one in document["moments"]
    ]
    ordinal = [_ordinal_in(one["ordinal"]) for one in document["moments"] if "ordinal" in one]
    moments = Moments(samples, options, ordinal)
    discrepancy = _discrepancy_in(document["weights"], moments, structure)
    optimum = dict(document["solution"])
    active = tuple(constraints.inequalities[index] for index in optimum.pop("held"))
    solution = Solution(
        options=options,
        table=table,
        structure=structure,
        moments=moments,
        constraints=constraints,
        objective=Objective(structure, discrepancy, linear_map(constraints, structure.n_parameters)),
        optimum=Optimum(**(optimum | {"z": _numbers(optimum["z"])})),
        active_constraints=(*constraints.nonlinear, *active),
        group_labels=tuple(document["groups"]),
        model=document["model"],
        convention=document["convention"],
    )
    estimates = {
        name: values if name in {"lhs", "op", "rhs", "group", "label"} else _numbers(values).tolist()
        for name, values in document["estimates"].items()
    }
    tests = [
        Test(**{name: value if name == "name" else _number(value) for name, value in one.items()})
        for one in document["tests"]
    ]
    results: dict[str, Any] = {
        "vcov": symmetric(_numbers(document["vcov"]), structure.n_parameters),
        "estimates": Table(estimates),
        "measures": {name: _number(value) for name, value in document["measures"].items()},
        "tests": {test.name: test for test in tests},
        "missing_patterns": tuple(document["missing_patterns"]),
    }
    if document["group_statistics"] is not None:
        results["group_statistics"] = _numbers(document["group_statistics"])
    return solution, results


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _number(value: Any) -> Any:
    return nan if value is None else float(value) if isinstance(value, str) else value


def _numbers(values: Any) -> Array:
    """An array of numbers; null is NaN."""
    plain = [_numbers(one) if isinstance(one, list) else _number(one) for one in values]
    return np.array(plain, dtype=float)


def _table_in(document: Mapping[str, Any]) -> ParameterTable:
    columns = document["rows"] | {"value": [_number(value) for value in document["rows"]["value"]]}
    rows = tuple(
        Row(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)
    )
    return ParameterTable(**({name: _tuple(value) for name, value in document.items()} | {"rows": rows}))


def _ordinal_in(document: Mapping[str, Any]) -> OrdinalStatistics:
    moments = _numbers(document["moments"])
    p = len(document["names"])
    numbers = {name: _numbers(document[name]) for name in ("thresholds", "slopes")}
    return OrdinalStatistics(
        **(
            {name: _tuple(value) for name, value in document.items()}
            | numbers
            | {
                "threshold_variable": np.array(document["threshold_variable"], dtype=np.intp),
                "slopes": numbers["slopes"].reshape(p, -1),
                "moments": moments,
                "covariance": symmetric(_numbers(document["covariance"]), p),
                "nacov": symmetric(_numbers(document["nacov"]), len(moments)),
            }
        )
    )


def _discrepancy_in(weights: Any, moments: Moments, structure: Structure) -> Discrepancy:
    if moments.options.uses_all_rows:
        return WithoutRows()
    if weights is None:
        return discrepancy_of(moments, structure)
    model = OrdinalMoments(structure) if moments.ordinal else ContinuousMoments(structure.has_means)
    stacked = moments.stacked(with_means=structure.has_means)
    numbers = _numbers(weights)
    if numbers.shape != stacked.shape:
        numbers = symmetric(numbers, stacked.shape[-1])
    return LeastSquares(model, stacked, numbers, moments.share)
