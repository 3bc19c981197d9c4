"""What a sequence of invariance steps found: the steps, what may be compared, and the summary in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from math import isfinite, nan
from typing import Any

from confianza.sem.analyses.compare import LrtResult
from confianza.sem.analyses.invariance.levels import INTERCEPTS, LEVELS, RESIDUALS
from confianza.sem.fits import Fit
from confianza.sem.results.measures import scaled_test
from confianza.sem.results.result_table import Table

CUTS = ("chen", "rmsea", "srmr", "cheung.rensvold")


@cache
def guidance() -> Mapping[str, Any]:
    """Cut-offs, and sentences on what each level allows, from `guidance.toml`."""
    return tomllib.loads(resources.files(__package__).joinpath("guidance.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class InvarianceStep:
    """One step: the model, its test against the step before, and whether it holds."""

    name: str
    level: int
    fit: Fit = field(repr=False)
    levels: Mapping[str, int]  # of every item
    freed: tuple[str, ...]  # items left below this level
    difference: LrtResult
    changes: Mapping[str, float]  # of cfi, rmsea, srmr since the step before
    permutation: Mapping[
        str, float
    ]  # p of the changes of chisq and cfi if groups did not matter; may be empty
    within: Mapping[str, bool]  # by cut-off
    is_testable: bool
    holds: bool


def reached_step(steps: Sequence[InvarianceStep]) -> InvarianceStep | None:
    """The last step that holds with all before it; None when the first one does not."""
    last = None
    for step in steps:
        if step.holds:
            last = step
        elif not any(other.holds and other.level == step.level for other in steps):
            break
    return last


@dataclass(frozen=True)
class Invariance:
    """The steps of measurement invariance, as far as they went.

    `steps` in order, a partial one after the full one that did not hold; `items` the score tests of every step;
    `freed` what partial invariance freed; `effects` what that means in the items' own units (dMACS); `means` the latent
    means with and without it; `untestable` what the items' categories leave untested.
    """

    steps: tuple[InvarianceStep, ...]
    items: Table
    freed: Table
    effects: Table
    means: Table
    rule: str
    kind: str  # of the measures: "", ".scaled" or ".robust"
    alpha: float
    group_labels: tuple[str, ...]
    permutations_used: int
    codes: tuple[tuple[str, tuple[str, ...]], ...] = ()  # what is untestable, with its items

    @cached_property
    def reached(self) -> InvarianceStep | None:
        """The last step that holds with all before it; None when the configural model does not fit."""
        return reached_step(self.steps)

    @property
    def level(self) -> str:
        """`none`, or one of `LEVELS`."""
        return LEVELS[self.reached.level] if self.reached else "none"

    @property
    def fits(self) -> Mapping[str, Fit]:
        """The fit of every step, by the step's name."""
        return {step.name: step.fit for step in self.steps}

    @property
    def table(self) -> Table:
        """The steps, a row each."""
        rows = []
        for step in self.steps:
            test = scaled_test(step.fit.tests) or step.fit.tests["standard"]
            measures = step.fit.measures
            rows.append(
                {
                    "step": step.name,
                    "freed": ", ".join(step.freed),
                    "df": test.df,
                    "chisq": test.statistic,
                    "pvalue": test.pvalue,
                    **{name: measures[name + suffix] for name, suffix in measure_names(self.kind)},
                    "chisq_diff": step.difference.statistic,
                    "df_diff": step.difference.df,
                    "pvalue_diff": step.difference.pvalue,
                    **{f"delta_{name}": step.changes.get(name, nan) for name in ("cfi", "rmsea", "srmr")},
                    **(
                        {f"permuted_{name}": step.permutation.get(name, nan) for name in ("chisq", "cfi")}
                        if self.permutations_used
                        else {}
                    ),
                    **{
                        f"within_{name.replace('.', '_')}": step.within.get(name, step.holds) for name in CUTS
                    },
                    "testable": step.is_testable,
                    "holds": step.holds,
                }
            )
        return Table.of_rows(rows, list(rows[0]))

    def allowed_comparisons(self, language: str = "en") -> str:
        """What may be compared between the groups, in words."""
        is_partial = bool(self.reached and self.reached.freed)
        level = LEVELS[INTERCEPTS] if is_partial and self.level == LEVELS[RESIDUALS] else self.level
        sentences = guidance()["allowed"]
        text: str = sentences[level][language]
        if self.reached and is_partial:
            text += " " + sentences["partial"][language].format(items=", ".join(self.reached.freed))
        return text

    licence = allowed_comparisons  # its name in 0.1.0

    def untestable(self, language: str = "en") -> list[str]:
        """What the numbers of categories leave untested, in words."""
        return [
            guidance()["untestable"][code][language].format(items=", ".join(items))
            for code, items in self.codes
        ]

    def summary(self, language: str = "en") -> str:
        """The steps, their cut-offs, the items that differ, and what may be compared, as text."""
        heading = {name: text[language] for name, text in guidance()["heading"].items()}
        cut, second = cutoffs(self.steps[0].fit), guidance()["cheung_rensvold"]
        kind = self.kind.removeprefix(".") or "standard"
        parts = [
            heading["ladder"].format(groups=", ".join(self.group_labels), kind=kind),
            self.table.text(),
            heading["cutoffs"].format(
                source=guidance()["chen"]["source"],
                cfi=cut["cfi"],
                rmsea=cut["rmsea"],
                loadings=cut["srmr"]["loadings"],
                other=cut["srmr"]["other"],
                second=second["source"],
                second_cfi=second["cfi"],
                rule=self.rule,
            ),
            *self.untestable(language),
        ]
        for name, table in (
            ("items", self.items.where(differs=True)),
            ("freed", self.freed),
            ("means", self.means),
        ):
            if table.height:
                parts += [heading[name].format(alpha=self.alpha), table.text()]
        return "\n\n".join([*parts, self.allowed_comparisons(language)])


def cutoffs(fit: Fit) -> Mapping[str, Any]:
    """Chen's cut-offs for the number of rows of a fit."""
    chen: Mapping[str, Any] = guidance()["chen"]
    small: Mapping[str, Any] = chen["small"]
    return small if fit.moments.total <= chen["small_rows"] else chen


def measure_kind(fit: Fit) -> str:
    """Which of its measures decide: the robust ones where a fit has them, else scaled, else plain."""
    kinds = (".robust", ".scaled")
    return next((kind for kind in kinds if isfinite(fit.measures.get(f"cfi{kind}", nan))), "")


def measure_names(kind: str) -> list[tuple[str, str]]:
    """The measures that decide on a step, each with the ending of its kind."""
    return [("cfi", kind), ("rmsea", kind), ("srmr", "")]
