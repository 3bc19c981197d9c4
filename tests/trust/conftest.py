"""The referee of the trust model: statsmodels' state-space classes."""

import numpy as np
import pytest
from statsmodels.tsa.statespace.mlemodel import MLEModel


@pytest.fixture(scope="session")
def statsmodels_smoother():
    """A function of a `StateSpace` and its observations: statsmodels' smoother results."""

    def smooth(model, observations):
        k = len(model.transition)
        space = MLEModel(observations, k_states=k, k_posdef=k).ssm
        space["design"], space["obs_intercept"] = model.design, model.offset[:, None]
        space["transition"], space["selection"], space["state_cov"] = model.transition, np.eye(k), model.noise
        space["obs_cov"] = np.stack([np.diag(row) for row in model.observation_variances], axis=-1)
        # statsmodels adds intercept t on the way from t to t + 1, and begins with the prediction of the first step
        space["state_intercept"] = np.vstack([model.intercepts[1:], np.zeros((1, k))]).T.copy()
        space.initialize_known(
            model.transition @ model.mean_0 + model.intercepts[0],
            model.transition @ model.covariance_0 @ model.transition.T + model.noise,
        )
        return space.smooth()

    return smooth
