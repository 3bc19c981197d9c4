"""How long a search of Hypothesis is: quick in `make test`, full in `make test-all` (HYPOTHESIS_PROFILE=full).

A quick search draws the same examples every time, so that it fails only after a change; a full one draws new ones.
"""

import os

from hypothesis import HealthCheck, Phase, settings

IS_FULL = os.environ.get("HYPOTHESIS_PROFILE") == "full"

settings.register_profile("full", deadline=None, database=None, print_blob=True)
settings.register_profile(
    "quick",
    settings.get_profile("full"),
    max_examples=30,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.load_profile("full" if IS_FULL else "quick")


def search(full: int, quick: int, **more) -> settings:
    """The settings of one search, with its number of examples in each profile."""
    return settings(max_examples=full if IS_FULL else quick, suppress_health_check=list(HealthCheck), **more)
