"""Single fits beside lavaan and semopy, quiet and on a busy machine, and how the time of a fit grows.

Both sides fit the same models to the same data and must find the same chi-square. A fit `alone` has estimates, standard
errors and the test of the model; `with measures` adds lavaan's fit measures, with the baseline model's fit. semopy has
no constraint across groups and stops at about three digits: it is compared where it runs. Without Rscript there is no
lavaan, without semopy no semopy, and no row.

On a quiet machine the fastest run counts. Then the same fits run beside as many busy processes as there are processors,
and the median counts: there a library whose threads wait for one another takes many times as long.
"""

import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotrf, dpotrs

from benchmarks.sem_bootstrap import BONDING, DEMOCRACY, bonding_population
from benchmarks.timing import Row, busy_neighbors, size
from confianza import sem
from confianza.sem.estimation.start import start_values
from confianza.sem.numerics.minimize import minimize
from confianza.sem.numerics.parallel import available

REFERENCE = Path(__file__).parents[1] / "tests" / "sem" / "reference" / "data"
ABILITIES = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
SCALAR = ["loadings", "intercepts"]
Columns = dict[str, Any]
Summary = Callable[[list[float]], float]  # min or median


@dataclass(frozen=True)
class Case:
    """A model with data and options under our names; how often each side runs it."""

    name: str
    model: str
    data: Columns
    options: dict[str, Any] = field(default_factory=dict)
    runs: int = 10
    has_semopy: bool = False

    def fitted(self) -> sem.Fit:
        """Our fit with estimates, standard errors and test."""
        fit = sem.sem(self.model, self.data, **self.options)
        _ = fit.estimates, fit.tests
        return fit


def read(name: str) -> Columns:
    """The columns of a data set that lavaan ships, from the references of the tests."""
    with (REFERENCE / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    columns: Columns = {}
    for column, values in zip(header, zip(*rows, strict=True), strict=True):
        try:
            columns[column] = np.array([float(value) if value else np.nan for value in values])
        except ValueError:
            columns[column] = np.array(values)
    return columns


def with_gaps(data: Columns, names: list[str], share: float) -> Columns:
    """The data with a share of the values of some columns left out at random."""
    random = np.random.default_rng(7)
    return data | {
        name: np.where(random.random(len(data[name])) < share, np.nan, data[name]) for name in names
    }


def cases() -> list[Case]:
    """The cases that lavaan's times are known for."""
    abilities, democracy = read("hs"), read("political")
    abilities = {name: abilities[name] for name in (*(f"x{j}" for j in range(1, 10)), "school")}
    bonding = sem.simulate(bonding_population(), (200, 200), seed=5, groups=("us", "mx"), group="nation")
    items = [name for name in bonding if name != "nation"]
    answered = bonding | {
        name: 1.0 + np.digitize(bonding[name], np.quantile(bonding[name], [0.1, 0.35, 0.65, 0.9]))
        for name in items
    }
    schools = {"group": "school", "group_equal": SCALAR}
    nations = {"group": "nation", "group_equal": SCALAR}
    return [
        Case("abilities", ABILITIES, abilities, has_semopy=True),
        Case("abilities, two schools, scalar", ABILITIES, abilities, schools),
        Case("political democracy", DEMOCRACY, democracy, has_semopy=True),
        Case("bonding, two nations, scalar", BONDING, bonding, nations),
        Case(
            "abilities with gaps, two schools, scalar",
            ABILITIES,
            with_gaps(abilities, [f"x{j}" for j in range(1, 10)], 0.1),
            schools | {"missing": "fiml"},
            runs=3,
        ),
        Case(
            "bonding with gaps, two nations, scalar",
            BONDING,
            with_gaps(bonding, items, 0.08),
            nations | {"missing": "fiml"},
            runs=2,
        ),
        Case(
            "bonding, ordered items, two nations",
            BONDING,
            answered,
            {"group": "nation", "group_equal": ["loadings", "thresholds"], "ordered": items},
            runs=2,
        ),
    ]


def write(data: Columns, path: Path) -> None:
    """The data as a file for R, empty where missing."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(data)
        for row in zip(*(column.tolist() for column in data.values()), strict=True):
            writer.writerow(["" if value != value else value for value in row])


def lavaan(folder: Path, asked: list[Case], summary: Summary) -> dict[str, tuple[float, float, float]]:
    """Seconds alone and with measures, and the chi-square, by case."""
    listed = []
    for place, case in enumerate(asked):
        write(case.data, folder / f"{place}.csv")
        options = {name.replace("_", "."): value for name, value in case.options.items()}
        listed.append(
            {
                "id": case.name,
                "model": case.model,
                "data": f"{place}.csv",
                "options": options,
                "runs": case.runs,
            }
        )
    (folder / "cases.json").write_text(json.dumps(listed), encoding="utf-8")
    command = ["Rscript", str(Path(__file__).with_suffix(".R")), str(folder), summary.__name__]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in said.splitlines():
        name, *numbers = line.strip().split("\t")
        alone, with_measures, chisq = map(float, numbers)
        found[name] = (alone, with_measures, chisq)
    return found


def fastest(function: Callable[[], object], runs: int, summary: Summary = min) -> float:
    """Seconds of the fastest of some runs (or another summary), after one that does not count."""
    function()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        found.append(time.perf_counter() - start)
    return summary(found)


def semopy_fit(case: Case, summary: Summary) -> tuple[float, float]:
    """Seconds of semopy's fit with standard errors, and with its measures."""
    import pandas as pd
    import semopy

    frame = pd.DataFrame({name: column for name, column in case.data.items() if column.dtype.kind == "f"})

    def alone() -> Any:
        model = semopy.Model(case.model)
        model.fit(frame)
        model.inspect()
        return model

    return (
        fastest(alone, case.runs, summary),
        fastest(lambda: semopy.calc_stats(alone()), case.runs, summary),
    )


def floors(fit: sem.Fit) -> tuple[float, float]:
    """Seconds of the factorizations and solves that the evaluations of a search cannot do without.

    Called as LAPACK's own routines, and as `scipy.linalg` offers them.
    """
    covariance = fit.implied.covariance
    identity = np.eye(covariance.shape[-1])
    information = fit.objective.derivatives(fit.optimum.z, exact=False)[2]
    pairs = [*((matrix, identity) for matrix in covariance), (information, fit.optimum.z)]

    def by_lapack() -> None:
        for matrix, right in pairs:
            dpotrs(dpotrf(matrix, lower=1)[0], right, lower=1)

    def by_scipy() -> None:
        for matrix, right in pairs:
            cho_solve(cho_factor(matrix), right)

    evaluations = fit.iterations + 1
    return fastest(by_lapack, 50) * evaluations, fastest(by_scipy, 50) * evaluations


def milliseconds(seconds: float) -> str:
    """Seconds said in milliseconds."""
    return f"{1000 * seconds:.1f} ms"


def single_fits(*, neighbors: int = 0) -> list[Row]:
    """Every case beside lavaan, and beside semopy where that runs; with that many busy processes meanwhile."""
    with busy_neighbors(neighbors):
        return compared(
            cases()[: size(None, 2)],
            median if neighbors else min,
            f", {neighbors} busy neighbors" * bool(neighbors),
        )


def compared(asked: list[Case], summary: Summary, where: str) -> list[Row]:
    """The rows of cases; the search is compared with its floor on a quiet machine only."""
    with tempfile.TemporaryDirectory() as place:
        theirs = lavaan(Path(place), asked, summary)
    rows = []
    for case in asked:
        fit = case.fitted()
        alone, measured, chisq = theirs[case.name]
        if not abs(fit.measures["chisq"] - chisq) < 1e-4 * chisq:
            raise AssertionError(f"{case.name}: chi-square {fit.measures['chisq']}, lavaan {chisq}")
        mine = fastest(case.fitted, case.runs, summary)
        mine_measured = fastest(lambda case=case: case.fitted().measures, case.runs, summary)
        peers = [("lavaan", alone, measured)]
        if case.has_semopy:
            try:
                peers.append(("semopy", *semopy_fit(case, summary)))
            except ImportError:
                print("sem_fits: semopy is not installed.", file=sys.stderr)
        for peer, its, its_measured in peers:
            rows += [
                Row(
                    f"{case.name}, alone{where}", mine, its, milliseconds(mine), f"{peer} {milliseconds(its)}"
                ),
                Row(
                    f"{case.name}, with measures{where}",
                    mine_measured,
                    its_measured,
                    milliseconds(mine_measured),
                    f"{peer} {milliseconds(its_measured)}",
                ),
            ]
        if not (where or fit.ordinal or fit.options.uses_all_rows):
            search = fastest(lambda fit=fit: searched(fit), case.runs)
            for calls, least in zip(("LAPACK", "scipy"), floors(fit), strict=True):
                rows.append(
                    Row(
                        f"{case.name}, search",
                        search,
                        least,
                        milliseconds(search),
                        f"floor in {calls} {milliseconds(least)}",
                    )
                )
    return rows


def searched(fit: sem.Fit) -> None:
    """The search of a fit alone, from its own start."""
    start = fit.objective.linear.coordinates(start_values(fit.structure, fit.moments))
    minimize(fit.objective, start)


def grown(items: int, groups: int, rows: int) -> Callable[[], object]:
    """A fit of five-item factors, loadings and intercepts equal, to rows made for it."""
    random = np.random.default_rng(items + groups)
    per = rows // groups
    factors = items // 5
    latent = random.normal(size=(per * groups, factors)) + 0.5 * random.normal(size=(per * groups, 1))
    data: Columns = {
        f"y{j + 1}": latent[:, j // 5] * (0.6 + 0.1 * (j % 5)) + 0.7 * random.normal(size=per * groups)
        for j in range(items)
    }
    data["group"] = np.arange(per * groups) % groups
    model = "\n".join(
        f"f{k + 1} =~ " + " + ".join(f"y{5 * k + j + 1}" for j in range(5)) for k in range(factors)
    )
    return lambda: sem.cfa(model, data, group="group", group_equal=SCALAR).tests


GROWTH = {
    "items": [(items, 2, 2_000) for items in (10, 20, 50, 100)],
    "groups": [(10, groups, 10_000) for groups in (2, 5, 10, 20, 50)],
    "rows": [(10, 2, rows) for rows in (200, 2_000, 20_000, 200_000, 1_000_000)],
}


def growth() -> list[Row]:
    """Times as one of three grows, with the exponent between its ends; the peer is the smallest size."""
    rows = []
    for axis, whole in GROWTH.items():
        sizes = whole[: size(None, 2)]
        times = [fastest(grown(*one), 2) for one in sizes]
        place = list(GROWTH).index(axis)
        span = np.log(sizes[-1][place] / sizes[0][place])
        exponent = np.log(times[-1] / times[0]) / span
        curve = ", ".join(
            f"{one[place]:,}: {milliseconds(took)}" for one, took in zip(sizes, times, strict=True)
        )
        rows.append(
            Row(f"growth with {axis}: exponent {exponent:.2f}", times[-1], times[0], curve, "its smallest")
        )
    return rows


def run() -> list[Row]:
    warnings.simplefilter("ignore")
    if shutil.which("Rscript") is None:
        print("sem_fits: there is no Rscript, so no peer.", file=sys.stderr)
        return growth()
    return single_fits() + single_fits(neighbors=available()) + growth()
