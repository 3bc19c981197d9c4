"""Simulated data and models of many kinds, shared by the tests of the numerics."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FACTORS = "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8\n"

MODELS = {
    "two factors": FACTORS,
    "recursive": FACTORS + "g ~ f\ny1 ~~ y5\ny2 ~~ y6",
    "reciprocal": FACTORS + "f ~ g + x1\ng ~ f + x2\nf ~~ g",
    "covariates": FACTORS + "g ~ f + x1 + x2\nf ~ x1",
    "crossed": "f =~ y1 + y2 + y3 + y4 + y5\ng =~ y5 + y6 + y7 + y8 + y1",
    "second order": "a =~ y1 + y2 + y3\nb =~ y4 + y5 + y6\nc =~ y7 + y8 + x1\nh =~ a + b + c",
    "paths": "y1 ~ y2 + y3\ny2 ~ y4 + y5\ny3 ~ y5\ny2 ~~ y3",
    "equal loadings": "f =~ y1 + a*y2 + b*y3 + b*y4\ng =~ y5 + a*y6 + b*y7 + y8\nd := a*b\na + b == 1.6",
}
GROWTH = "i =~ 1*y1 + 1*y2 + 1*y3 + 1*y4\ns =~ 0*y1 + 1*y2 + 2*y3 + t*y4\ni ~ x1\ns ~ x1 + x2"


@dataclass(frozen=True)
class Situation:
    """A model with options, fitted to `people` in one of their forms."""

    model: str
    options: dict[str, Any] = field(default_factory=dict)
    function: str = "sem"
    kind: str = "numbers"

    def __str__(self) -> str:
        said = [f"{name}={value}" for name, value in self.options.items()]
        return "-".join([self.model, self.function, self.kind, *said]).replace(" ", "_")

    @property
    def text(self) -> str:
        return MODELS.get(self.model, GROWTH)


def people(n: int = 240, kind: str = "numbers", seed: int = 11) -> dict[str, Any]:
    """Eight items of two related factors, two covariates, two nations of unequal size.

    `kind`: `numbers`; `gaps` leaves a tenth of the items out at random; `cut` cuts the items into three categories.
    """
    random = np.random.default_rng(seed)
    covariates = random.normal(size=(n, 2)) + 0.3 * random.normal(size=(n, 1))
    f = 0.5 * covariates[:, 0] + random.normal(size=n)
    g = 0.6 * f + 0.4 * covariates[:, 1] + 0.8 * random.normal(size=n)
    loadings = np.array([1.0, 0.8, 0.9, 0.7])
    items = np.hstack([f[:, None] * loadings, g[:, None] * loadings]) + 0.7 * random.normal(size=(n, 8))
    items += np.linspace(0.5, 3.0, 8)
    if kind == "gaps":
        items[random.random(items.shape) < 0.1] = np.nan
    if kind == "cut":
        items = 1.0 + (items > items.mean(axis=0) - 0.6) + (items > items.mean(axis=0) + 0.8)
    columns: dict[str, Any] = {f"y{j + 1}": items[:, j] for j in range(8)}
    columns |= {"x1": covariates[:, 0], "x2": covariates[:, 1]}
    columns["nation"] = np.where(random.random(n) < 0.4, "north", "south")
    return columns
