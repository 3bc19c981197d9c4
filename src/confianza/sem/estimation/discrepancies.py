"""The discrepancy that a model's options ask for, and its chi-square statistic."""

from __future__ import annotations

from confianza.errors import ModelError
from confianza.sem.data.moments import Moments
from confianza.sem.estimation.estimators import (
    ContinuousMoments,
    Discrepancy,
    GeneralizedLeastSquares,
    LeastSquares,
    MaximumLikelihood,
    MomentModel,
)
from confianza.sem.estimation.full_information import FullInformation
from confianza.sem.model.ordinal_moments import OrdinalMoments
from confianza.sem.model.structure import Structure
from confianza.sem.numerics.matrices import Array


def discrepancy_of(moments: Moments, structure: Structure) -> Discrepancy:
    """The discrepancy between moments and what a structure implies for them."""
    options, with_means = moments.options, structure.has_means
    if options.uses_all_rows:
        patterns = [sample.patterns for sample in moments.samples if sample.patterns is not None]
        if not patterns:
            raise ModelError("sem-needs-rows")
        return FullInformation(patterns, moments.saturated)
    if options.discrepancy == "ML":
        return MaximumLikelihood(moments.covariance, moments.mean, moments.share, with_means=with_means)
    if options.discrepancy == "GLS":
        return GeneralizedLeastSquares(moments.covariance, moments.mean, moments.share, with_means=with_means)
    model: MomentModel = OrdinalMoments(structure) if moments.ordinal else ContinuousMoments(with_means)
    stacked, weights = moments.stacked(with_means=with_means), moments.weights(with_means=with_means)
    return LeastSquares(model, stacked, weights, moments.share)


def chi_square(moments: Moments, structure: Structure, elements: Array, value: Array) -> Array:
    """The chi-square statistic (...) of a solution with a discrepancy `value`."""
    if moments.options.likelihood != "wishart":
        return 2 * moments.total * value
    by_rows = MaximumLikelihood(
        moments.covariance, moments.mean, moments.counts, with_means=structure.has_means
    )
    return 2 * by_rows.value(structure, elements)
