"""Kalman filter and smoother for a linear-Gaussian state space with missing observations."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StateSpace:
    """x[t] = A x[t-1] + c[t] + w[t],  w ~ N(0, Q);    y[t] = d + H x[t] + v[t],  v ~ N(0, diag R[t]).

    Shapes: A (k, k), c (n, k), Q (k, k), H (p, k), d (p,), R (n, p). The state before the first step has mean
    `mean_0` (k,) and covariance `covariance_0` (k, k).
    """

    transition: Array
    intercepts: Array
    noise: Array
    design: Array
    offset: Array
    observation_variances: Array
    mean_0: Array
    covariance_0: Array


@dataclass(frozen=True)
class Smoothed:
    """Means (n, k) and covariances (n, k, k) of the state given the past, and given everything."""

    filtered_mean: Array
    filtered_covariance: Array
    mean: Array
    covariance: Array
    log_likelihood: float


def kalman_smoother(model: StateSpace, observations: Array) -> Smoothed:
    """Filter forward and smooth backward.

    Parameters
    ----------
    observations : array, shape (n, p)
        NaN where nothing was observed; such a cell takes no part, whatever its variance.

    References
    ----------
    Durbin and Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed., sections 4.3, 4.4 and 6.4
    (observations taken one at a time).
    """
    transition = model.transition
    n, k = len(observations), len(transition)
    predicted_mean, predicted_covariance = np.empty((n, k)), np.empty((n, k, k))
    filtered_mean, filtered_covariance = np.empty((n, k)), np.empty((n, k, k))
    mean, covariance = model.mean_0, model.covariance_0
    log_likelihood = 0.0
    for t in range(n):
        mean = transition @ mean + model.intercepts[t]
        covariance = transition @ covariance @ transition.T + model.noise
        predicted_mean[t], predicted_covariance[t] = mean, covariance
        for row in np.flatnonzero(~np.isnan(observations[t])):
            design = model.design[row]
            gain = covariance @ design
            variance = float(design @ gain) + model.observation_variances[t, row]
            surprise = observations[t, row] - model.offset[row] - float(design @ mean)
            mean = mean + gain * (surprise / variance)
            covariance = covariance - np.outer(gain, gain) / variance
            log_likelihood -= 0.5 * (log(2 * pi * variance) + surprise**2 / variance)
        filtered_mean[t], filtered_covariance[t] = mean, covariance
    smoothed_mean, smoothed_covariance = filtered_mean.copy(), filtered_covariance.copy()
    for t in range(n - 2, -1, -1):
        back = np.linalg.solve(predicted_covariance[t + 1], transition @ filtered_covariance[t]).T
        smoothed_mean[t] += back @ (smoothed_mean[t + 1] - predicted_mean[t + 1])
        smoothed_covariance[t] += back @ (smoothed_covariance[t + 1] - predicted_covariance[t + 1]) @ back.T
    return Smoothed(filtered_mean, filtered_covariance, smoothed_mean, smoothed_covariance, log_likelihood)
