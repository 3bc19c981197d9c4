"""The referee of the trust model: statsmodels' state-space classes."""

import pytest

from benchmarks.kalman_smoother import statsmodels_space


@pytest.fixture(scope="session")
def statsmodels_smoother():
    """A function of a `StateSpace` and its observations: statsmodels' smoother results."""
    return lambda model, observations: statsmodels_space(model, observations).smooth()
