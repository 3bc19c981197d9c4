"""Random models with data from them, the same ones at every call: what lavaan and we are asked alike.

Run as a program it writes them into a folder for `reference/random/make.R`.
"""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

KINDS = (
    *("plain",) * 12,
    *("small sample",) * 5,
    *("poorly scaled",) * 6,
    *("near heywood",) * 4,
    *("high correlation",) * 4,
    *("second order",) * 4,
    *("growth",) * 4,
    *("bifactor",) * 3,
    *("ordered",) * 5,
)
ESTIMATORS = ("ML", "ML", "MLR", "GLS", "ULS", "DWLS", "FIML", "FIML")


@dataclass(frozen=True)
class RandomModel:
    """A model, the options both take (lavaan's names) and data rounded so that a file holds them exactly."""

    id: str
    function: str
    model: str
    options: dict[str, Any]
    columns: dict[str, Any]


class _Draws:
    """Numbers from a seed; normal ones by inversion, so that they do not depend on numpy's own method."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, low: float, high: float) -> float:
        return round(low + (high - low) * float(self._random.random()), 2)

    def normal(self, *shape: int) -> NDArray[np.float64]:
        return ndtri(1e-12 + (1 - 2e-12) * self._random.random(shape))

    def below(self, n: int) -> int:
        return int(self._random.random() * n)

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        return float(self._random.random()) < probability

    def shares(self, *shape: int) -> NDArray[np.float64]:
        return self._random.random(shape)


def random_model(number: int) -> RandomModel:
    """The model of a number, from 0 to len(KINDS) - 1."""
    kind = KINDS[number]
    draw = _Draws(1000 + number)
    n = draw.between(40, 70) if kind == "small sample" else draw.between(150, 600)
    estimator = ESTIMATORS[draw.below(len(ESTIMATORS))]
    if kind == "small sample" and estimator in {"DWLS", "GLS"}:
        estimator = "ML"
    if kind == "poorly scaled" and estimator == "FIML":
        estimator = "MLR"  # lavaan's search takes hours over incomplete rows in such units
    groups = 1 if kind in {"small sample", "bifactor"} else (1, 1, 2, 3)[draw.below(4)]
    nation = np.array([draw.below(groups) for _ in range(n)])
    make = _growth if kind == "growth" else _factors
    text, items, covariates = make(draw, kind, n, nation)
    scale = np.ones(items.shape[1])
    if kind == "poorly scaled":
        scale = 10.0 ** np.array([draw.between(-3, 4) for _ in scale])
    function = "growth" if kind == "growth" else ("sem", "cfa")[draw.below(2)]
    options: dict[str, Any] = {}
    if kind == "ordered":
        cuts = np.sort(draw.shares(items.shape[1], draw.between(1, 3)) * 2.2 - 1.1, axis=1)
        spread = items.std(axis=0)
        items = 1.0 + (items[:, :, None] > (items.mean(axis=0) + spread * cuts.T).T[None]).sum(axis=2)
        options["ordered"] = [f"y{j + 1}" for j in range(items.shape[1])]
        options["estimator"] = ("WLSMV", "WLSMV", "ULSMV", "DWLS")[draw.below(4)]
        options["parameterization"] = ("delta", "theta")[draw.below(2)]
    elif estimator == "FIML":
        items[draw.shares(*items.shape) < draw.uniform(0.03, 0.15)] = np.nan
        options |= {"missing": "fiml", "estimator": ("ML", "MLR")[draw.below(2)]}
    else:
        options["estimator"] = estimator
        if draw.chance(0.3):
            options["meanstructure"] = True
    if draw.chance(0.25) and kind not in {"growth", "second order"}:
        options["std_lv"] = True
    if groups > 1:
        options["group"] = "nation"
        equal = "thresholds" if kind == "ordered" else "intercepts"
        chosen = ([], ["loadings"], ["loadings", equal])[draw.below(3)] if kind != "growth" else []
        if chosen:
            options["group_equal"] = chosen
    columns: dict[str, Any] = {}
    for j, factor in enumerate(scale):
        columns[f"y{j + 1}"] = np.array([float(f"{value:.6g}") for value in items[:, j] * factor])
    for j in range(covariates.shape[1]):
        columns[f"x{j + 1}"] = np.round(covariates[:, j], 4)
    columns["nation"] = np.array([f"g{one + 1}" for one in nation])
    return RandomModel(f"{number:02d}-{kind.replace(' ', '-')}", function, text, options, columns)


def _factors(
    draw: _Draws, kind: str, n: int, nation: NDArray[np.int64]
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    count = 3 if kind == "second order" else draw.between(2, 3)
    if kind in {"plain", "small sample"}:
        count = draw.between(1, 3)
    sizes = [draw.between(3, 4 if kind in {"small sample", "bifactor"} else 6) for _ in range(count)]
    names = ["f", "g", "h"][:count]
    covariates = draw.normal(n, 2)
    has_covariates = kind in {"plain", "poorly scaled", "high correlation"} and draw.chance(0.4)
    correlation = 0.95 if kind == "high correlation" else draw.uniform(0.2, 0.6)
    shared = draw.normal(n, 1)
    latent = correlation**0.5 * shared + (1 - correlation) ** 0.5 * draw.normal(n, count)
    if has_covariates:
        latent[:, 0] += covariates @ [0.4, -0.3]
    latent[:, 0] += 0.3 * nation
    lines, blocks, j = [], [], 0
    places: list[list[int]] = []
    for factor, size in enumerate(sizes):
        loadings = np.array([draw.uniform(0.5, 1.1) for _ in range(size)])
        noise = np.array([draw.uniform(0.4, 0.9) for _ in range(size)])
        if kind == "near heywood" and factor == 0:
            loadings[1], noise[1] = 1.0, 0.05
        block = latent[:, [factor]] * loadings + noise * draw.normal(n, size)
        blocks.append(block + np.array([draw.uniform(-2, 2) for _ in range(size)]))
        places.append(list(range(j + 1, j + size + 1)))
        label = f"{names[factor]}l*" if kind == "plain" and draw.chance(0.25) and size > 3 else ""
        terms = [f"y{place}" for place in places[-1]]
        terms = [*terms[:-2], *(label + term for term in terms[-2:])]
        lines.append(f"{names[factor]} =~ " + " + ".join(terms))
        j += size
    items = np.hstack(blocks)
    if kind == "bifactor":
        every = " + ".join(f"y{place}" for block in places for place in block)
        general = [f"all =~ {every}", *(f"all ~~ 0*{name}" for name in names)]
        lines += general + [f"{a} ~~ 0*{b}" for place, a in enumerate(names) for b in names[place + 1 :]]
    elif kind == "second order":
        lines.append("top =~ " + " + ".join(names))
    elif count > 1 and draw.chance(0.6):
        lines.append(f"{names[1]} ~ {names[0]}")
        if count > 2:
            lines.append(f"{names[2]} ~ {names[0]} + {names[1]}" if draw.chance(0.5) else f"h ~ {names[1]}")
    if has_covariates:
        lines.append("f ~ x1 + x2")
    if count > 1 and kind in {"plain", "poorly scaled", "near heywood"} and draw.chance(0.5):
        first, second = places[0][0], places[1][0]
        both = 0.3 * draw.normal(n, 1)
        items[:, [first - 1, second - 1]] += both
        lines.append(f"y{first} ~~ y{second}")
    if count > 1 and kind in {"plain", "high correlation"} and draw.chance(0.4):
        items[:, places[1][-1] - 1] += 0.3 * latent[:, 0]
        lines.append(f"{names[0]} =~ y{places[1][-1]}")
    return "\n".join(lines), items, covariates if has_covariates else covariates[:, :0]


def _growth(
    draw: _Draws, kind: str, n: int, nation: NDArray[np.int64]
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    waves = draw.between(4, 6)
    covariates = draw.normal(n, 2)
    start = 2.0 + covariates @ [0.5, 0.2] + draw.normal(n) + 0.5 * nation
    change = 0.5 + covariates @ [-0.2, 0.3] + 0.4 * draw.normal(n)
    items = start[:, None] + change[:, None] * np.arange(waves) + 0.7 * draw.normal(n, waves)
    lines = [
        "i =~ " + " + ".join(f"1*y{t + 1}" for t in range(waves)),
        "s =~ " + " + ".join(f"{t}*y{t + 1}" for t in range(waves)),
        "i ~ x1 + x2",
        "s ~ x1 + x2",
    ]
    if draw.chance(0.5):
        lines.append("y1 ~~ r*y1\n" + "\n".join(f"y{t + 1} ~~ r*y{t + 1}" for t in range(1, waves)))
    return "\n".join(lines), items, covariates


def write(folder: Path) -> None:
    """Models as `models.json` and data as one file each."""
    listed = []
    for number in range(len(KINDS)):
        one = random_model(number)
        with (folder / f"{one.id}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(one.columns)
            for row in zip(*one.columns.values(), strict=True):
                writer.writerow(["" if value != value else value for value in row])
        options = {name.replace("_", "."): value for name, value in one.options.items()}
        listed.append({"id": one.id, "function": one.function, "model": one.model, "options": options})
    (folder / "models.json").write_text(json.dumps(listed, indent=1), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
