"""The sequence of steps of measurement invariance: each level of equal parameters against the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from math import nan
from typing import Any

from confianza.errors import ModelError
from confianza.sem.analyses.compare import LrtResult, difference
from confianza.sem.analyses.invariance.effect_sizes import EFFECT_COLUMNS, item_effects
from confianza.sem.analyses.invariance.item_tests import ITEM_COLUMNS, item_scores
from confianza.sem.analyses.invariance.levels import (
    CONFIGURAL,
    CONTINUOUS,
    INTERCEPTS,
    LOADINGS,
    ORDINAL,
    RESIDUALS,
    THRESHOLDS,
    indicators,
    step_table,
)
from confianza.sem.analyses.invariance.permutations import Permutations
from confianza.sem.analyses.invariance.result import (
    Invariance,
    InvarianceStep,
    cutoffs,
    guidance,
    measure_kind,
    measure_names,
    reached_step,
)
from confianza.sem.data.prepare import Prepared, prepare
from confianza.sem.fits import Fit, fit_table
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.table_options import check_option
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.result_table import Table
from confianza.sem.warnings import warn

RULES = ("chen", "cheung.rensvold", "difference", "permutation")
OWN_OPTIONS = ("group_equal", "group_partial", "std_lv", "effect_coding", "auto_fix_first", "meanstructure")
MEAN_COLUMNS = ("latent", "group", "mean_equal", "se_equal", "mean_partial", "se_partial")


@in_one_thread
def invariance(
    model: Any,
    data: Any = None,
    *,
    group: str | None = None,
    ordered: Sequence[str] | str | bool = (),
    partial: bool = False,
    rule: str = "default",
    alpha: float = 0.05,
    permutations: int = 0,
    seed: int | None = None,
    **options: Any,
) -> Invariance:
    """Test measurement invariance between groups, step by step.

    Continuous items: configural, metric (equal loadings), scalar (and intercepts), strict (and residual variances).
    Ordered items: configural, thresholds, loadings, intercepts, residuals (Wu and Estabrook, 2016).

    Parameters
    ----------
    model : str or table
        A measurement model, with paths between factors if need be; no loading of it is fixed, the steps set scales.
    group : str
        The column of the groups; the first group in the data (or of `group_label`) is the reference.
    ordered : as in `sem`
        The ordered items; True for all.
    partial : bool
        Where a step does not hold, leave the item with the largest significant score test below it, one at a time, while
        every factor keeps at least two invariant items and more than half of them; say what that does to latent means.
    rule : str
        What decides that a step holds: `chen` (the change of CFI, Chen's main criterion, stricter in small samples; her
        supplementary ones of RMSEA and SRMR are shown beside it), `cheung.rensvold` (the change of CFI), `difference`
        (the likelihood-ratio test, scaled where the fit's test is, at `alpha`) or `permutation` (the change of
        chi-square among relabeled groups, at `alpha`). By default `permutation` where there are permutations, else
        `chen`.
    permutations : int
        How many relabelings of the groups give the distribution of the changes of chi-square and CFI when groups do not
        matter (Jorgensen et al., 2018); `seed` makes them repeatable. Both are of the unscaled statistics.
    **options
        Options of a fit, such as `estimator`, `missing`, `parameterization`.

    Returns
    -------
    Invariance
        `table`, `items`, `allowed_comparisons()`, `summary()` and the fits.

    Raises
    ------
    ModelError
        The model fixes loadings or has factors of factors, there is one group, or an option is set by the steps.

    Notes
    -----
    The measures are the robust ones (`cfi.robust`) where the fit has them, else scaled, else plain. The fit itself does
    not depend on how factors are scaled, so the continuous steps equal lavaan's `group.equal`; the ordinal ones equal
    semTools' `measEq.syntax(ID.cat = "Wu.Estabrook.2016", ID.fac = "std.lv")`, but for loadings of items of two
    categories: semTools makes them equal before the intercepts with units fixed in every group, which is a different
    claim in delta than in theta, and not one that the next step is nested in. In the delta parameterization the last
    step is fitted in theta. Items of fits with robust errors are tested by generalized score statistics (Boos, 1992).

    References
    ----------
    Wu and Estabrook (2016), Psychometrika 81, 1014-1045; Chen (2007), Structural Equation Modeling 14, 464-504; Cheung
    and Rensvold (2002), Structural Equation Modeling 9, 233-255; Byrne, Shavelson and Muthén (1989), Psychological
    Bulletin 105, 456-466; Jorgensen, Kite, Chen and Short (2018), Psychological Methods 23, 708-728; Nye and Drasgow
    (2011), Journal of Applied Psychology 96, 966-980; Boos (1992), The American Statistician 46, 327-333.
    """
    for name in OWN_OPTIONS:
        if name in options:
            raise ModelError("sem-invariance-option", name=name)
    decided_by = rule if rule != "default" else "permutation" if permutations else "chen"
    check_option("rule", decided_by, RULES)
    if decided_by == "permutation" and not permutations:
        raise ModelError("sem-invariance-permutations")
    settings = Options.of(
        {**options, "group": group, "ordered": ordered, "std_lv": True, "meanstructure": True}
    )
    ready = prepare(model, data, convention="cfa", options=settings)
    return _InvarianceSequence(model, data, settings, ready, decided_by, alpha, permutations, seed).run(
        partial=partial
    )


class _InvarianceSequence:
    """The steps of one call of `invariance`, one after the other."""

    def __init__(
        self,
        model: Any,
        data: Any,
        options: Options,
        ready: Prepared,
        rule: str,
        alpha: float,
        permutations: int,
        seed: int | None,
    ) -> None:
        self.model, self.data, self.options, self.ready = model, data, options, ready
        self.rule, self.alpha = rule, alpha
        self.factors = indicators(ready.table)
        self.items = tuple(dict.fromkeys(item for items in self.factors.values() for item in items))
        self._check()
        self.moments = ready.moments()
        self.permuted = Permutations(ready, permutations, seed) if permutations else None
        self.steps: list[InvarianceStep] = []
        self.item_rows: list[dict[str, Any]] = []
        self.freed_rows: list[dict[str, Any]] = []
        self.below: dict[str, int] = {}  # the level of the items that partial invariance left behind

    def _check(self) -> None:
        table = self.ready.table
        if table.n_groups < 2:
            raise ModelError("sem-invariance-one-group", group=self.options.group or "–")
        if not self.factors:
            raise ModelError("sem-invariance-no-factor")
        for name in self.items:
            if name in table.latent:
                raise ModelError("sem-invariance-higher-order", name=name)
        for row in table.rows:
            if row.op == "=~" and row.user == 1 and not row.free and row.value:
                raise ModelError("sem-invariance-fixed", text=f"{row.lhs} =~ {row.value:g}*{row.rhs}")

    @cached_property
    def theta(self) -> ParameterTable:
        """The configural table in which residual variances of ordered items are parameters."""
        options = replace(self.options, parameterization="theta")
        return prepare(self.model, self.data, convention="cfa", options=options).table

    def table_of(self, levels: Mapping[str, int]) -> ParameterTable:
        """The parameter table with the items on their levels."""
        is_last = max(levels.values()) == RESIDUALS and bool(self.ready.table.ordered)
        return step_table(self.theta if is_last else self.ready.table, levels)

    def fit_of(self, levels: Mapping[str, int]) -> Fit:
        """The fit with the items on their levels."""
        fit = fit_table(
            self.table_of(levels),
            self.moments,
            group_labels=self.ready.labels,
            model=self.model,
            convention="cfa",
        )
        fit.require_convergence()
        _ = fit.vcov  # refuses a model that is not identified, and names the parameters
        return fit

    def categories(self, is_wanted: Callable[[int], bool]) -> tuple[str, ...]:
        """The ordered items whose number of categories is wanted."""
        ordered = self.ready.table.ordered
        return tuple(item for item in self.items if item in ordered and is_wanted(ordered[item]))

    def level_of(self, item: str, level: int) -> int:
        """The level on which an item stands at a step: two categories cannot tell a loading from a unit."""
        is_binary = self.ready.table.ordered.get(item) == 2
        return THRESHOLDS if is_binary and level == LOADINGS else level

    @cached_property
    def untestable(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Codes of what cannot be tested, with the items."""
        binary, three = self.categories(lambda count: count == 2), self.categories(lambda count: count == 3)
        codes = []
        if binary and len(binary) == len(self.items):
            codes.append(("all-binary", binary))
        elif binary:
            codes += [("thresholds-binary", binary), ("loadings-binary", binary)]
        if three:
            codes.append(("thresholds-three", three))
        if self.ready.table.parameterization == "delta":
            codes.append(("residuals-theta", ()))
        return tuple(codes)

    def run(self, *, partial: bool) -> Invariance:
        """Step after step, as far as they hold."""
        self.steps.append(self.configural())
        for name, level in self.remaining_levels():
            if not self.add_level(name, level, partial=partial):
                break
        return self.result()

    def remaining_levels(self) -> list[tuple[str, int]]:
        """The steps after the configural one, with their levels."""
        levels = dict(ORDINAL if self.ready.table.ordered else CONTINUOUS)
        if any(code == "all-binary" for code, _ in self.untestable):
            del levels["thresholds"], levels["loadings"]
        return list(levels.items())[1:]

    def add_level(self, name: str, level: int, *, partial: bool) -> bool:
        """Add the step of a level, and a partial one where it does not hold; whether to go on."""
        before = self.steps[-1]
        tested = [
            item for item in self.items if item not in self.below and self.level_of(item, level) == level
        ]
        try:
            step = self.step(name, level, before)
        except ModelError as refusal:
            if refusal.code not in {"sem-not-converged", "sem-not-identified"}:
                raise
            warn("sem-invariance-stopped", step=name, reason=refusal)
            return False
        self.steps.append(step)
        scores = item_scores(step.fit, level, tested)
        self.item_rows += [
            {"step": name, **row, "differs": row["pvalue_holm"] < self.alpha} for row in scores
        ]
        if step.holds or not partial:
            return True
        while not step.holds and (worst := self.candidate(scores)):
            self.below[worst["item"]] = before.level
            tested.remove(worst["item"])
            step = self.step(f"{name}.partial", level, before)
            self.freed_rows.append({"step": name, **{key: worst[key] for key in ITEM_COLUMNS[1:6]}})
            scores = item_scores(step.fit, level, tested)
        if step is not self.steps[-1]:
            self.steps.append(step)
        return step.holds

    def result(self) -> Invariance:
        """What the steps found."""
        effects: list[dict[str, Any]] = []
        means: list[dict[str, Any]] = []
        last = reached_step(self.steps)
        if last and last.freed and last.level >= INTERCEPTS:
            partial = next(step for step in reversed(self.steps) if step.holds and step.level == INTERCEPTS)
            effects, means = item_effects(partial.fit, partial.freed), self.latent_means(partial.fit)
        return Invariance(
            steps=tuple(self.steps),
            items=Table.of_rows(self.item_rows, ITEM_COLUMNS),
            freed=Table.of_rows(self.freed_rows, ITEM_COLUMNS[:6]),
            effects=Table.of_rows(effects, EFFECT_COLUMNS),
            means=Table.of_rows(means, MEAN_COLUMNS),
            rule=self.rule,
            kind=self.kind,
            alpha=self.alpha,
            group_labels=self.ready.labels,
            permutations_used=self.permuted.used if self.permuted else 0,
            codes=self.untestable,
        )

    def candidate(self, scores: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The item to free next: the largest significant test that leaves every factor its anchors."""
        for row in sorted(scores, key=lambda row: row["pvalue"]):
            if row["pvalue_holm"] >= self.alpha:
                return None
            free = {*self.below, row["item"]}
            if all(
                len(anchors := [item for item in items if item not in free])
                >= guidance()["partial"]["anchors"]
                and 2 * len(anchors) > len(items)
                for items in self.factors.values()
                if row["item"] in items
            ):
                return row
        return None

    def configural(self) -> InvarianceStep:
        """The first step, which must fit by itself."""
        levels = dict.fromkeys(self.items, CONFIGURAL)
        fit = self.fit_of(levels)
        measures, limits = fit.measures, guidance()["configural"]
        cfi = measures[f"cfi{measure_kind(fit)}"]
        holds = bool(cfi >= limits["cfi"] and measures["srmr"] <= limits["srmr"])
        nothing = LrtResult(nan, nan, nan, nan)
        return InvarianceStep("configural", CONFIGURAL, fit, levels, (), nothing, {}, {}, {}, True, holds)

    @property
    def kind(self) -> str:
        """Which measures decide."""
        return measure_kind(self.steps[0].fit)

    def step(self, name: str, level: int, before: InvarianceStep) -> InvarianceStep:
        """A step against the one before, with the items left below."""
        levels = {item: self.level_of(item, min(level, self.below.get(item, level))) for item in self.items}
        fit = self.fit_of(levels)
        fit.baseline = before.fit.baseline  # of the same moments
        tested = difference(fit, before.fit)
        is_testable = tested.df > 0
        changes = {
            measure: fit.measures[measure + kind] - before.fit.measures[measure + kind]
            for measure, kind in measure_names(self.kind)
        }
        permutation = {}
        if self.permuted and is_testable:
            permutation = self.permuted.p_values(fit, levels, before)
        cut = cutoffs(fit)
        within = {
            "chen": bool(-changes["cfi"] < cut["cfi"]),
            "rmsea": bool(changes["rmsea"] < cut["rmsea"]),
            "srmr": bool(changes["srmr"] < cut["srmr"]["loadings" if level <= LOADINGS else "other"]),
            "cheung.rensvold": bool(-changes["cfi"] <= guidance()["cheung_rensvold"]["cfi"]),
            "difference": bool(tested.pvalue >= self.alpha),
            "permutation": bool(permutation.get("chisq", nan) >= self.alpha),
        }
        return InvarianceStep(
            name,
            level,
            fit,
            levels,
            tuple(self.below),
            tested,
            changes,
            permutation,
            within,
            is_testable,
            within[self.rule] or not is_testable,
        )

    def latent_means(self, partial: Fit) -> list[dict[str, Any]]:
        """Latent means with every item equal, and with the freed ones free."""
        equal = self.fit_of(dict.fromkeys(self.items, INTERCEPTS))
        columns = {}
        for name, fit in (("equal", equal), ("partial", partial)):
            table = fit.estimates
            columns[name] = {
                (row["lhs"], row["group"]): (row["est"], row["se"])
                for row in table.rows()
                if row["op"] == "~1" and row["lhs"] in self.factors and row["group"] > 1
            }
        return [
            {
                "latent": latent,
                "group": self.ready.labels[group - 1],
                "mean_equal": mean,
                "se_equal": se,
                "mean_partial": columns["partial"][latent, group][0],
                "se_partial": columns["partial"][latent, group][1],
            }
            for (latent, group), (mean, se) in columns["equal"].items()
        ]
