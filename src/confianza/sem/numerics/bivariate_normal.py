"""The standard bivariate normal distribution, on whole arrays at once."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import ndtr, owens_t

from confianza.sem.numerics.matrices import Array

FAR = 30.0
"""A limit that stands for infinity: Φ(−30) is below 1e-197."""

_LEAST = (
    -700.0
)  # exponents below are raised to this: their exponential is nothing, and slow where it underflows

# Up to each size of correlation, the Gauss–Legendre rule (nodes, weights) that leaves an error below 1e-15.
_RULES = tuple(
    (limit, leggauss(count)) for limit, count in ((0.2, 5), (0.4, 7), (0.6, 10), (0.75, 13), (0.9, 18))
)


def bivariate_normal(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """P(X ≤ h, Y ≤ k) of standard normal X and Y with correlation rho; the three broadcast together.

    Up to |rho| = 0.9 Plackett's integral over the correlation, with rho = sin θ (Drezner and Wesolowsky), by
    Gauss–Legendre quadrature:

        Φ₂(h, k; ρ) = Φ(h) Φ(k) + 1/2π ∫₀^{asin ρ} exp[−(h² + k² − 2 h k sin θ) / (2 cos² θ)] dθ

    Beyond it, where that integrand is peaked, Owen's T function:

        Φ₂(h, k; ρ) = ½ Φ(h) + ½ Φ(k) − T(h, a) − T(k, b) − ½ [h k < 0, or h k = 0 and h + k < 0],
        a = (k − ρ h) / (h √(1 − ρ²)),   b = (h − ρ k) / (k √(1 − ρ²))

    The absolute error is below 1e-14 (|rho| < 1); limits beyond ±30, infinite ones too, count as ±30.

    References
    ----------
    Drezner and Wesolowsky (1990), On the computation of the bivariate normal integral, Journal of Statistical
    Computation and Simulation 35, 101–107. Genz (2004), Numerical computation of rectangular bivariate and
    trivariate normal and t probabilities, Statistics and Computing 14, 251–260. Owen (1956), Tables for computing
    bivariate normal probabilities, Annals of Mathematical Statistics 27, 1075–1090.
    """
    h, k, rho = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (h, k, rho)))
    return probabilities(h.ravel(), k.ravel(), rho.ravel()).reshape(h.shape)


def probabilities(h: Array, k: Array, rho: Array) -> Array:
    """`bivariate_normal` where row r of h and k (which broadcast) has the correlation rho[r]."""
    h, k = np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR)
    rows = (slice(None),) + (None,) * (h.ndim - 1)
    result: Array = ndtr(h) * ndtr(k)
    size = np.abs(rho)
    below = 0.0
    for limit, rule in _RULES:
        chosen = np.flatnonzero((size > below) & (size <= limit))
        below = limit
        if len(chosen):
            result[chosen] += _plackett(h[chosen], k[chosen], np.arcsin(rho[chosen])[rows], rule)
    high = np.flatnonzero(size > below)
    if len(high):
        result[high] = _owen(h[high], k[high], rho[high][rows])
    return result


def _plackett(h: Array, k: Array, angle: Array, rule: tuple[Array, Array]) -> Array:
    product, squares = h * k, (h * h + k * k) / 2
    total, term, other = np.zeros(product.shape), np.empty(product.shape), np.empty(product.shape)
    for node, weight in zip(*rule, strict=True):
        sine = np.sin(angle * ((1 + node) / 2))
        scale = 1 / (1 - sine * sine)
        np.multiply(product, sine * scale, out=term)
        np.multiply(squares, scale, out=other)
        term -= other
        np.maximum(term, _LEAST, out=term)
        np.exp(term, out=term)
        term *= weight
        total += term
    total *= angle / (4 * pi)
    return total


def _owen(h: Array, k: Array, rho: Array) -> Array:
    h, k, rho = np.broadcast_arrays(h, k, rho)
    # A limit of zero is the same, to 1e-300, as the smallest one of its sign; this keeps the slopes finite or infinite.
    h, k = np.where(h == 0, 1e-300, h), np.where(k == 0, 1e-300, k)
    root = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(over="ignore"):
        first = owens_t(h, (k - rho * h) / root / h)
        second = owens_t(k, (h - rho * k) / root / k)
    result: Array = np.clip((ndtr(h) + ndtr(k)) / 2 - first - second - 0.5 * (h * k < 0), 0.0, 1.0)
    return result


def density(h: Array, k: Array, rho: Array) -> Array:
    """φ₂(h, k; ρ) = ∂Φ₂/∂ρ, also ∂²Φ₂/∂h∂k."""
    rest = (1 - rho) * (1 + rho)
    exponent = np.maximum((rho * h * k - (h * h + k * k) / 2) / rest, _LEAST)
    height: Array = np.exp(exponent) / (2 * pi * np.sqrt(rest))
    return height


def density_slope(h: Array, k: Array, rho: Array, at: Array) -> Array:
    """∂φ₂/∂ρ, where `at` is φ₂(h, k; ρ)."""
    rest = (1 - rho) * (1 + rho)
    return at * (rho + h * k - rho * (h * h - 2 * rho * h * k + k * k) / rest) / rest
