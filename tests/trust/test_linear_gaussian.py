"""The Kalman filter and smoother against statsmodels, and against the joint Gaussian law written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.trust.linear_gaussian import StateSpace, kalman_smoother
from tests.searches import search


def random_model(seed: int, n: int, k: int, p: int, missing_share: float):
    """A stable model with k states, p observables and some cells missing."""
    rng = np.random.default_rng(seed)

    def covariance(size):
        root = rng.normal(size=(size, size))
        return root @ root.T + 0.1 * np.eye(size)

    transition = rng.normal(size=(k, k))
    transition *= rng.uniform(0.2, 0.98) / np.abs(np.linalg.eigvals(transition)).max()
    model = StateSpace(
        transition=transition,
        intercepts=rng.normal(size=(n, k)),
        noise=covariance(k),
        design=rng.normal(size=(p, k)),
        offset=rng.normal(size=p),
        observation_variances=rng.uniform(0.05, 2.0, size=(n, p)),
        mean_0=rng.normal(size=k),
        covariance_0=covariance(k),
    )
    observations = 2 * rng.normal(size=(n, p))
    observations[rng.uniform(size=(n, p)) < missing_share] = np.nan
    return model, observations


def assert_equals_referee(ours, referee):
    assert ours.log_likelihood == pytest.approx(referee.llf, abs=1e-8)
    for mine, theirs in (
        (ours.filtered_mean, referee.filtered_state.T),
        (ours.filtered_covariance, referee.filtered_state_cov.transpose(2, 0, 1)),
        (ours.mean, referee.smoothed_state.T),
        (ours.covariance, referee.smoothed_state_cov.transpose(2, 0, 1)),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-8)


@search(full=40, quick=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 25),
    k=st.integers(1, 3),
    p=st.integers(1, 3),
    missing_share=st.sampled_from([0.0, 0.3, 0.8, 1.0]),
)
def test_filter_and_smoother_equal_statsmodels(statsmodels_smoother, seed, n, k, p, missing_share):
    model, observations = random_model(seed, n, k, p, missing_share)
    assert_equals_referee(kalman_smoother(model, observations), statsmodels_smoother(model, observations))


@pytest.mark.parametrize("seed", range(5))
def test_the_smoother_equals_the_posterior_of_all_states_at_once(seed):
    n, k, p = 6, 2, 2
    model, observations = random_model(seed, n, k, p, missing_share=0.3)
    # information form: every line of the model is a residual r = J x − b with a precision; x stacks states 0 to n
    precision, right = np.zeros(((n + 1) * k,) * 2), np.zeros((n + 1) * k)

    def add(jacobian, value, weight):
        nonlocal precision, right
        precision += jacobian.T @ weight @ jacobian
        right += jacobian.T @ weight @ value

    pick = np.eye((n + 1) * k).reshape(n + 1, k, -1)
    add(pick[0], model.mean_0, np.linalg.inv(model.covariance_0))
    for t in range(n):
        add(pick[t + 1] - model.transition @ pick[t], model.intercepts[t], np.linalg.inv(model.noise))
        for row in range(p):
            if not np.isnan(observations[t, row]):
                add(
                    (model.design[row] @ pick[t + 1])[None],
                    observations[t, [row]] - model.offset[row],
                    np.eye(1) / model.observation_variances[t, row],
                )
    covariance = np.linalg.inv(precision)
    mean = (covariance @ right).reshape(n + 1, k)
    smoothed = kalman_smoother(model, observations)
    np.testing.assert_allclose(smoothed.mean, mean[1:], atol=1e-9)
    for t in range(n):
        block = slice((t + 1) * k, (t + 2) * k)
        np.testing.assert_allclose(smoothed.covariance[t], covariance[block, block], atol=1e-9)


def test_without_observations_the_smoother_returns_the_prior():
    model, observations = random_model(7, n=4, k=2, p=1, missing_share=1.0)
    smoothed = kalman_smoother(model, observations)
    mean = model.mean_0
    for t in range(4):
        mean = model.transition @ mean + model.intercepts[t]
        np.testing.assert_allclose(smoothed.mean[t], mean, atol=1e-12)
    assert smoothed.log_likelihood == 0


def test_the_variance_of_a_missing_cell_does_not_matter():
    model, observations = random_model(3, n=8, k=2, p=2, missing_share=0.5)
    missing = np.isnan(observations)
    assert missing.any()
    model.observation_variances[missing] = 1e6
    wild = kalman_smoother(model, observations)
    model.observation_variances[missing] = np.nan
    np.testing.assert_array_equal(kalman_smoother(model, observations).mean, wild.mean)
