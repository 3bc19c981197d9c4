"""Stage 1: each variable alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from confianza.errors import ModelError
from confianza.sem.data.ordinal.sample import OrdinalSample
from confianza.sem.numerics.bivariate_normal import FAR
from confianza.sem.numerics.matrices import Array

FLAT = 1e-6  # an information that no finite maximum has: even one case in a million gives more


@dataclass(frozen=True)
class Margins:
    """Stage 1: what each variable is alone."""

    cuts: Array  # (p, Kmax + 1): −∞, thresholds, ∞, ∞, ...
    center: Array  # (p,) mean or intercept of a continuous variable, 0 of an ordered one
    scale: Array  # (p,) (residual) standard deviation, 1 of an ordered one
    slopes: Array  # (p, k)

    @classmethod
    def of(cls, sample: OrdinalSample) -> Margins:
        """Each variable fitted alone: thresholds by ordered probit, means and deviations by least squares."""
        p, k = len(sample.names), sample.exogenous.shape[1]
        cuts = np.full((p, max(1, *sample.categories) + 1), np.inf)
        cuts[:, 0] = -np.inf
        center, scale, slopes = np.zeros(p), np.ones(p), np.zeros((p, k))
        for j in range(p):
            rows = sample.present[:, j]
            x, weights = sample.exogenous[rows], sample.weights[rows]
            if _collinear(x):
                listed = ", ".join(sample.exogenous_names)
                raise ModelError("exogenous-collinear", exogenous=listed, group=sample.group or "1")
            if sample.ordered[j]:
                count = sample.categories[j]
                cuts[j, 1:count], slopes[j] = _ordered_probit(sample, j, sample.codes[rows, j], x, weights)
                continue
            y, design = sample.numbers[rows, j], np.column_stack([np.ones(len(x)), x])
            solution = np.linalg.lstsq(design, y, rcond=None)[0]
            center[j], slopes[j] = solution[0], solution[1:]
            scale[j] = sqrt(np.mean((y - design @ solution) ** 2))
            if not scale[j] > 1e-10 * np.abs(y).max(initial=0.0):
                raise ModelError("constant-variable", variable=sample.names[j], group=sample.group or "1")
        return cls(cuts, center, scale, slopes)


def _collinear(x: Array) -> bool:
    """Whether some combination of the columns is constant."""
    if not x.shape[1]:
        return False
    middle = x.mean(axis=0)
    spread = np.sqrt(np.mean((x - middle) ** 2, axis=0))
    if not (spread > 1e-12 * np.abs(middle)).all():
        return True
    return bool(np.linalg.cond((x - middle) / spread) > 1e10)


def _ordered_probit(
    sample: OrdinalSample, j: int, codes: NDArray[np.int16], x: Array, weights: Array
) -> tuple[Array, Array]:
    """Thresholds and slopes of one ordered variable, by Newton's method on the (concave) log-likelihood."""
    count = int(sample.categories[j])
    shares = np.bincount(codes, weights, minlength=count + 1)[1:].cumsum() / weights.sum()
    thresholds, slopes = ndtri(shares[:-1]), np.zeros(x.shape[1])
    if not x.shape[1]:
        return thresholds, slopes
    middle, size = x.mean(axis=0), np.concatenate([np.ones(count - 1), x.std(axis=0)])
    x = x - middle
    upper, lower = ordered_design(codes, x, count)

    def evaluated(parameters: Array) -> tuple[float, Array, Array]:
        cuts = np.concatenate([[-np.inf], parameters[: count - 1], [np.inf]])
        location = x @ parameters[count - 1 :]
        h, low = (np.clip(cuts[side] - location, -FAR, FAR) for side in (codes, codes - 1))
        chance = probability_between(low, h)
        up, down = normal_density(h) / chance, -normal_density(low) / chance
        gradient = upper.T @ up + lower.T @ down
        cross = (upper * (up * down)[:, None]).T @ lower
        curvature = (upper * (h * up + up * up)[:, None]).T @ upper
        curvature += (lower * (low * down + down * down)[:, None]).T @ lower
        return float(np.log(chance).sum()), gradient, curvature + cross + cross.T

    parameters = np.concatenate([thresholds, slopes])
    level, gradient, information = evaluated(parameters)
    for _ in range(100):
        flat = np.linalg.eigvalsh(information / np.outer(size, size))[0] < FLAT
        if flat or not np.abs(parameters * size).max() < FAR:
            break  # the categories are separated, the slopes on their way to infinity
        step = np.linalg.solve(information, gradient)
        for _ in range(40):
            proposal = parameters + step
            if (np.diff(proposal[: count - 1]) > 0).all():
                reached = evaluated(proposal)
                if reached[0] >= level - 1e-12 * abs(level):
                    break
            step = step / 2
        else:
            break
        parameters, (level, gradient, information) = proposal, reached
        if np.abs(step * size).max() < 1e-11:
            thresholds, slopes = parameters[: count - 1], parameters[count - 1 :]
            return thresholds + middle @ slopes, slopes
    raise ModelError(
        "probit-without-maximum",
        variable=sample.names[j],
        group=sample.group or "1",
        exogenous=", ".join(sample.exogenous_names),
    )


def ordered_design(codes: NDArray[np.int16], x: Array, count: int) -> tuple[Array, Array]:
    """Derivatives of each case's upper and lower limit with respect to the thresholds and slopes, (n, K − 1 + k)."""
    steps = np.arange(1, count)
    upper = np.column_stack([codes[:, None] == steps, -x]).astype(float)
    lower = np.column_stack([codes[:, None] == steps + 1, -x]).astype(float)
    return upper, lower


def normal_density(value: Array) -> Array:
    """φ(value), the density of the standard normal distribution."""
    height: Array = np.exp(-value * value / 2) / sqrt(2 * pi)
    return height


def probability_between(low: Array, high: Array) -> Array:
    """Φ(high) − Φ(low), taken in the tail where nothing cancels, and never quite 0."""
    swap = low > 0
    chance: Array = ndtr(np.where(swap, -low, high)) - ndtr(np.where(swap, -high, low))
    return np.maximum(chance, 1e-300)
