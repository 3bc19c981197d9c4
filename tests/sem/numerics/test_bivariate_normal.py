from itertools import pairwise
from math import asin, pi

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal, norm

from confianza.sem.numerics.bivariate_normal import bivariate_normal, density, density_slope

CORRELATIONS = (-0.9999, -0.93, -0.9, -0.6, -0.2, 0.0, 0.1, 0.3, 0.5, 0.74, 0.89, 0.92, 0.99, 0.9999)


def by_conditioning(h, k, rho):
    """∫ φ(x) Φ((k − ρ x) / √(1 − ρ²)) dx up to h, adaptive."""
    root = np.sqrt(1 - rho * rho)
    turn = k / rho if rho else 0.0
    points = sorted({-9.0, h, *(p for p in (turn - 8 * root, turn, turn + 8 * root) if -9 < p < h)})
    integrand = lambda x: norm.pdf(x) * ndtr((k - rho * x) / root)  # noqa: E731
    pieces = pairwise(points)
    return sum(quad(integrand, low, high, epsabs=1e-15, epsrel=1e-13)[0] for low, high in pieces)


@pytest.mark.parametrize("rho", CORRELATIONS)
def test_equals_the_integral_of_the_conditional_distribution(rho):
    for h in (-2.3, -0.5, 0.0, 0.7, 3.1):
        for k in (-1.9, 0.0, 0.4, 0.7):
            assert bivariate_normal(h, k, rho) == pytest.approx(by_conditioning(h, k, rho), abs=2e-14)


def test_equals_scipy_on_random_points():
    generator = np.random.default_rng(7)
    for h, k, rho in zip(
        generator.normal(size=60), generator.normal(size=60), generator.uniform(-0.99, 0.99, 60), strict=True
    ):
        reference = multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]])
        assert bivariate_normal(h, k, rho) == pytest.approx(reference, abs=1e-7)


@pytest.mark.parametrize("rho", CORRELATIONS)
def test_quadrant_is_sheppards(rho):
    assert bivariate_normal(0, 0, rho) == pytest.approx(0.25 + asin(rho) / (2 * pi), abs=1e-15)


def test_infinite_limits_leave_the_other_margin():
    rho = np.array(CORRELATIONS)
    assert bivariate_normal(np.inf, 0.3, rho) == pytest.approx(ndtr(0.3), abs=1e-15)
    assert bivariate_normal(0.3, np.inf, rho) == pytest.approx(ndtr(0.3), abs=1e-15)
    assert bivariate_normal(-np.inf, 0.3, rho) == pytest.approx(0, abs=1e-15)


def test_density_is_the_derivative_and_has_its_own():
    h, k, rho, step = (
        np.array([-1.2, 0.3, 0.0]),
        np.array([0.4, 0.8, -2.0]),
        np.array([-0.8, 0.1, 0.95]),
        1e-5,
    )
    at = density(h, k, rho)
    slope = (bivariate_normal(h, k, rho + step) - bivariate_normal(h, k, rho - step)) / (2 * step)
    assert at == pytest.approx(slope, rel=1e-6, abs=1e-10)
    bend = (density(h, k, rho + step) - density(h, k, rho - step)) / (2 * step)
    assert density_slope(h, k, rho, at) == pytest.approx(bend, rel=1e-6, abs=1e-9)
