"""The Kalman smoother of the trust index beside statsmodels' (compiled), same model, same data, same results."""

import numpy as np
from statsmodels.tsa.statespace.mlemodel import MLEModel

from benchmarks.timing import Row, best_of, size
from confianza.evidence.history import history
from confianza.trust.index import IndexParams, trust_index
from confianza.trust.linear_gaussian import StateSpace, kalman_smoother


def statsmodels_space(model: StateSpace, observations: np.ndarray):
    """The same model in statsmodels' conventions; also the referee of the tests.

    statsmodels adds intercept t on the way from t to t + 1, and begins with the prediction of the first step.
    """
    k = len(model.transition)
    space = MLEModel(observations, k_states=k, k_posdef=k).ssm
    space["design"], space["obs_intercept"] = model.design, model.offset[:, None]
    space["transition"], space["selection"], space["state_cov"] = model.transition, np.eye(k), model.noise
    space["obs_cov"] = np.stack([np.diag(row) for row in model.observation_variances], axis=-1)
    space["state_intercept"] = np.vstack([model.intercepts[1:], np.zeros((1, k))]).T.copy()
    space.initialize_known(
        model.transition @ model.mean_0 + model.intercepts[0],
        model.transition @ model.covariance_0 @ model.transition.T + model.noise,
    )
    return space


def run() -> list[Row]:
    rows = []
    for years in size(((1914, 2013), (1014, 2013)), ((1914, 2013),)):
        index = trust_index(history(), IndexParams.default(), years=years, pair=("US", "MX"))
        model, observations = index.model, index.observations
        space = statsmodels_space(model, observations)
        ours, peer = kalman_smoother(model, observations), space.smooth()
        np.testing.assert_allclose(ours.mean, peer.smoothed_state.T, atol=1e-8)
        ours_time, peer_time = best_of(
            15,
            lambda model=model, y=observations: kalman_smoother(model, y),
            lambda space=space: space.smooth(),
        )
        rows.append(
            Row(
                f"{years[1] - years[0] + 1} years, one pair",
                ours_time,
                peer_time,
                f"{1000 * ours_time:.1f} ms",
                f"statsmodels {1000 * peer_time:.1f} ms",
            )
        )
    return rows
