"""The saturated model (all means and covariances free) as a structure of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from confianza.errors import ModelError
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array

if TYPE_CHECKING:
    from confianza.sem.fits import Fit


@lru_cache(maxsize=16)
def saturated_structure(names: tuple[str, ...], n_groups: int, has_means: bool) -> Structure:
    """A structure whose elements are the moments: means first where asked for, then the lower triangles."""
    rows: list[Row] = []
    for group in range(1, n_groups + 1):
        places = [("~~", b, a) for i, a in enumerate(names) for b in names[i:]]
        if has_means:
            places += [("~1", name, "") for name in names]
        for op, lhs, rhs in places:
            number = len(rows) + 1
            rows.append(Row(lhs, op, rhs, group, 0, number, float("nan"), "", f".p{number}.", False))
    table = ParameterTable(tuple(rows), names, (), (), {}, n_groups, has_means, "")
    return Structure(table)


def saturated_elements(structure: Structure, covariance: Array, mean: Array) -> Array:
    """Values of the elements (G, elements) for covariances (G, p, p) and means (G, p)."""
    elements = np.zeros((len(covariance), len(structure.kinds)))
    s, m = structure.s, structure.m
    elements[:, s] = covariance[:, structure.rows[s], structure.columns[s]]
    elements[:, m] = mean[:, structure.rows[m]]
    return elements


def saturated_information(
    fit: Fit, group: int, *, is_structured: bool, kind: str | None = None
) -> tuple[Array, Array]:
    """Information and casewise products of one row on the moments of a group, means first.

    At the moments that the model implies (`is_structured`) or at the sample's; without those of fixed covariates.
    `kind` is `expected` or `observed`, as the fit's own where left out.
    """
    from confianza.sem.results.inference import row_scores

    structure, elements, picked = _saturated_point(fit, is_structured=is_structured)
    casewise = np.zeros((structure.n_linear, structure.n_linear))
    for block in row_scores(fit, group, around_model=True, structure=structure, elements=elements):
        casewise += block.T @ block
    casewise /= fit.moments.n[group]
    return moment_information(fit, group, is_structured=is_structured, kind=kind), casewise[picked]


def moment_information(fit: Fit, group: int, *, is_structured: bool, kind: str | None = None) -> Array:
    """The information part of `saturated_information`, for which no rows are needed."""
    from confianza.sem.results.inference import modelled_moments

    is_exact = (kind or fit.options.information) == "observed"
    discrepancy = fit.objective.discrepancy
    if isinstance(discrepancy, FullInformation):
        kept = np.ix_(*(modelled_moments(fit),) * 2)
        if is_structured:
            at = (fit.implied.covariance[group], fit.implied.mean[group])
            return discrepancy.patterns[group].row_information(*at, exact=is_exact)[kept]
        return fit.moments.saturated_information(group, exact=is_exact)[kept]
    structure, elements, picked = _saturated_point(fit, is_structured=is_structured)
    found = discrepancy.derivatives(structure, elements, exact=is_exact).information[group]
    information: Array = (found / fit.moments.share[group])[picked]
    return information


def inverse_information(fit: Fit, group: int, information: Array) -> Array:
    """The inverse of an information on the modelled moments; zeros for moments that no row says anything of."""
    from confianza.sem.results.inference import modelled_moments

    kept = modelled_moments(fit)
    unseen = (
        fit.moments.unseen_moments(group)[kept] if fit.options.uses_all_rows else np.zeros(len(kept), bool)
    )
    some = np.ix_(~unseen, ~unseen)
    inverse = np.zeros_like(information)
    try:
        inverse[some] = np.linalg.inv(information[some])
    except np.linalg.LinAlgError:
        raise ModelError("sem-saturated-singular", group=fit.group_labels[group] or "1") from None
    return inverse


def _saturated_point(fit: Fit, *, is_structured: bool) -> tuple[Structure, Array, tuple[Array, ...]]:
    """The saturated structure, its elements, and which of them in which order are modelled moments."""
    from confianza.sem.results.inference import modelled_moments

    structure = saturated_structure(fit.structure.observed, fit.table.n_groups, fit.structure.has_means)
    if is_structured:
        covariance, mean = fit.implied.covariance, fit.implied.mean
    else:
        covariance, mean = fit.moments.covariance, fit.moments.mean
    if not fit.structure.has_means:
        mean = fit.moments.mean
    order = np.concatenate([structure.m, structure.s])[modelled_moments(fit)]
    return structure, saturated_elements(structure, covariance, mean), np.ix_(order, order)
