"""The cases that lavaan has answered (`reference/*.json.gz`, made by `reference/make.R`), ready to be asked again."""

import csv
import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "reference"
FAMILIES = sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))
ABSOLUTE = 1e-8  # what is zero to us: estimates of order one, in doubles, after an iteration

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One model, data set and options, and what lavaan said: `expected` as `reference/README.md` lists it."""

    id: str
    function: str
    model: str
    data: str | None
    options: Mapping[str, Any]
    expected: Mapping[str, Any]

    @property
    def tolerance(self) -> float:
        """The relative difference allowed, never less than ten times what lavaan's own last step would have moved."""
        made = self.expected["resolved"]
        if "ordered" in self.options:
            wanted = 1e-4
        elif made["estimator"] == "ML" and made["missing"] == "listwise":
            wanted = 1e-6
        else:
            wanted = 1e-5
        return float(max(wanted, 10 * self.expected["newton_step"]))

    def columns(self) -> dict[str, Any] | None:
        return None if self.data is None else read_data(self.data)


@cache
def read_family(family: str) -> dict[str, Any]:
    with gzip.open(FOLDER / f"{family}.json.gz", "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def read_cases(*families: str) -> list[Case]:
    """Every fit of the families named (all of them when none is); comparisons of fits are read by `read_family`."""
    own = ("id", "function", "model", "data", "options")
    return [
        Case(**{name: case[name] for name in own}, expected={k: v for k, v in case.items() if k not in own})
        for family in families or FAMILIES
        for case in read_family(family)["cases"]
        if "compared" not in case
    ]


@cache
def read_data(name: str) -> dict[str, Any]:
    """Columns by name: doubles with nan where nothing was observed, or text."""
    with (FOLDER / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return {column: _column(values) for column, values in zip(header, zip(*rows, strict=True), strict=True)}


def _column(values: tuple[str, ...]) -> Any:
    try:
        return np.array([float(value) if value else math.nan for value in values])
    except ValueError:
        return np.array(values)


def rows(table: Mapping[str, list[Any]]) -> Iterator[Row]:
    """The rows of a table that R wrote column by column; one of a single group has no column for it."""
    columns = dict(table)
    if "op" in table:
        columns.setdefault("group", [0 if op == ":=" else 1 for op in table["op"]])
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def by_key(table: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[key] for key in keys): row for row in table}


@dataclass(frozen=True)
class Difference:
    """One number that is not lavaan's; `times` says by how many tolerances."""

    item: str
    ours: Any
    lavaan: Any
    times: float

    def __str__(self) -> str:
        return f"{self.item}: {self.ours!r}, lavaan {self.lavaan!r} ({self.times:.3g} tolerances)"


def difference(
    item: str, ours: Any, lavaan: Any, tolerance: float, floor: float = ABSOLUTE
) -> Difference | None:
    """Nothing, when |ours − lavaan| ≤ tolerance · |lavaan| + floor, or both are missing, or both the same infinity."""
    mine, theirs = (math.nan if x is None else float(x) for x in (ours, lavaan))
    if math.isnan(mine) or math.isnan(theirs):
        return None if math.isnan(mine) and math.isnan(theirs) else Difference(item, ours, lavaan, math.inf)
    if mine == theirs:
        return None
    times = abs(mine - theirs) / (tolerance * abs(theirs) + floor)
    return Difference(item, ours, lavaan, times) if not times <= 1 else None


def report(differences: Iterable[Difference | None]) -> str:
    """The worst ones first; empty when all agree."""
    found = sorted((d for d in differences if d), key=lambda d: -d.times)
    if not found:
        return ""
    return "\n".join([f"{len(found)} numbers differ; the worst:", *(f"  {d}" for d in found[:8])])
