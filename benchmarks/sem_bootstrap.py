"""1,000 bootstrap refits beside lavaan's own bootstrap, with one process and with two.

Bollen's political democracy as lavaan ships it, and a two-group model of bonding (24 items, four factors, n = 2 × 200,
loadings and intercepts equal). Before anything is timed both sides refit the same ten draws and must agree. Neither
side computes tests or standard errors of a draw. lavaan's time grows with the draws: of the larger model it
refits fewer, and the time is that of 1,000. Without Rscript or lavaan there is nothing to compare with, and no row.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from benchmarks.timing import Row, size
from confianza import sem
from confianza.sem.results.bootstrap import bootstrap

DRAWS = size(1_000, 20)
SAME = 10
DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""
FACTORS = {"structural": "s", "social": "b", "trust": "t", "commitment": "c"}
BONDING = "\n".join(
    f"{factor} =~ " + " + ".join(f"{letter}{item}" for item in range(1, 7))
    for factor, letter in FACTORS.items()
)
BONDING += "\ntrust ~ structural + social\ncommitment ~ trust\n"


def bonding_population() -> str:
    """Two nations that answer alike but build trust in different ways."""
    loadings = (1, 0.8, 0.9, 1.1, 0.7, 1)
    lines = [
        f"{factor} =~ " + " + ".join(f"{value}*{letter}{item}" for item, value in enumerate(loadings, 1))
        for factor, letter in FACTORS.items()
    ]
    lines += [f"{letter}{item} ~~ 0.5*{letter}{item}" for letter in FACTORS.values() for item in range(1, 7)]
    lines += [f"{letter}{item} ~ {4 + item / 10}*1" for letter in FACTORS.values() for item in range(1, 7)]
    lines += [
        "trust ~ c(0.6, 0.2)*structural + c(0.2, 0.6)*social",
        "commitment ~ c(0.5, 0.6)*trust",
        "structural ~~ 0.8*structural + 0.3*social",
        "social ~~ 0.7*social",
        "trust ~~ 0.4*trust",
        "commitment ~~ 0.4*commitment",
        "structural ~ c(0, 0.2)*1",
        "social ~ c(0, 0.4)*1",
    ]
    return "\n".join(lines)


def lavaan(folder: Path, draws: int, processes: int) -> str:
    """What the script beside this file prints."""
    script = Path(__file__).with_suffix(".R")
    command = ["Rscript", str(script), str(folder), str(draws), str(processes)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def fitted(folder: Path) -> sem.Fit:
    """The model of a folder fitted to its data."""
    with (folder / "data.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    group = (folder / "group.txt").read_text()
    columns = {
        name: np.array(values) if name == group else np.array(values, dtype=float)
        for name, values in zip(header, zip(*rows, strict=True), strict=True)
    }
    options = {"group": group, "group_equal": ["loadings", "intercepts"]} if group else {}
    return sem.sem((folder / "model.txt").read_text(), columns, se="none", test="none", **options)


def agree(folder: Path) -> None:
    """Both sides refit the same draws; an error unless every coefficient is the same."""
    fit = fitted(folder)
    random = np.random.default_rng(1)
    rows = [random.integers(0, sample.n, (SAME, sample.n)) for sample in fit.moments.samples]
    whole = np.hstack([sample.rows[taken] for sample, taken in zip(fit.moments.samples, rows, strict=True)])
    np.savetxt(folder / "rows.csv", whole + 1, fmt="%d", delimiter=",")
    lavaan(folder, 0, 0)
    theirs = np.loadtxt(folder / "coef.csv", delimiter=",")
    difference = np.abs(bootstrap(fit, rows=rows).free_parameters - theirs) / (1 + np.abs(theirs))
    if not difference.max() < 1e-3:
        raise AssertionError(f"the two disagree by {difference.max():.1e}")


OURS = """
import sys, time, warnings
from pathlib import Path
from benchmarks.sem_bootstrap import fitted
warnings.simplefilter("ignore")
fit = fitted(Path(sys.argv[1]))
times = []
for seed in range(5):
    start = time.perf_counter()
    used = fit.bootstrap(int(sys.argv[2]), seed, processes=int(sys.argv[3])).used
    times.append(time.perf_counter() - start)
print(min(times))
"""


def ours(folder: Path, processes: int) -> float:
    """Seconds of ours in a Python of its own, whose linear algebra keeps to one thread each."""
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", OURS, str(folder), str(DRAWS), str(processes)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=alone).stdout)


def case(name: str, folder: Path, model: str, group: str, peer_draws: int) -> list[Row]:
    """The two sides with one process and with two."""
    (folder / "model.txt").write_text(model)
    (folder / "group.txt").write_text(group)
    agree(folder)
    rows = []
    for processes in (1, 2):
        mine = ours(folder, processes)
        peer = float(lavaan(folder, peer_draws, processes)) * DRAWS / peer_draws
        mine = min(mine, ours(folder, processes))
        rows.append(
            Row(
                f"{name}, {DRAWS:,} refits, {processes} process{'es' if processes > 1 else ''}",
                mine,
                peer,
                f"{mine:.2f} s",
                f"lavaan {peer:.1f} s" + (f" (from {peer_draws})" if peer_draws < DRAWS else ""),
            )
        )
    return rows


def run() -> list[Row]:
    if shutil.which("Rscript") is None:
        print("sem_bootstrap: there is no Rscript, so no peer.", file=sys.stderr)
        return []
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        democracy, bonding = Path(place, "democracy"), Path(place, "bonding")
        for folder in (democracy, bonding):
            folder.mkdir()
        export = f'write.csv(lavaan::PoliticalDemocracy, "{democracy / "data.csv"}", row.names = FALSE, quote = FALSE)'
        subprocess.run(["Rscript", "-e", export], check=True, stdout=subprocess.PIPE)  # noqa: S607
        columns = sem.simulate(bonding_population(), (200, 200), seed=5, groups=("us", "mx"), group="nation")
        with (bonding / "data.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
        return [
            *case("political democracy", democracy, DEMOCRACY, "", DRAWS),
            *case("bonding, two groups", bonding, BONDING, "nation", size(100, 10)),
        ]
