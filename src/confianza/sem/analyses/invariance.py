"""Measurement invariance: the ladder of equal parameters between groups, what holds, which items do not, what follows.

Every item stands on a level: 0 configural, 1 thresholds, 2 loadings, 3 intercepts, 4 residuals equal in all groups. A
step of the ladder lifts all items to its level; partial invariance leaves an item where it stood before. Factors have
mean 0 and variance 1 in the first group; in the others their variance is free once loadings are equal, their mean once
intercepts are. Of an ordered item thresholds and loading make sense only together with origin and unit of its latent
response, which are 0 and 1 in the first group and, in the others (Wu and Estabrook, 2016),

    level            origin      unit (3 or more categories)   unit (2 categories)
    configural       0           1                             1
    thresholds       free        free                          1
    loadings         free        free                          -
    intercepts       0           free                          free
    residuals        0           1                             1

where the unit is the scale factor (delta) or the residual variance (theta). An item of two categories says nothing of
its loading while its unit is unknown: it goes from the level of thresholds to that of intercepts.
"""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from confianza.errors import ModelError
from confianza.sem.analyses.compare import Difference, difference
from confianza.sem.data.moments import Moments
from confianza.sem.data.prepare import Prepared, prepare
from confianza.sem.fits import Fit, fit_table
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.numerics.matrices import Array
from confianza.sem.numerics.threads import in_one_thread
from confianza.sem.options import Options
from confianza.sem.results.chi_square import chi_square_tail, degrees_of_freedom
from confianza.sem.results.estimates import table_values
from confianza.sem.results.information import meat, unit_information
from confianza.sem.results.measures import comparative, scaled_test
from confianza.sem.results.result_table import Table
from confianza.sem.warnings import SemWarning, warn

CONFIGURAL, THRESHOLDS, LOADINGS, INTERCEPTS, RESIDUALS = range(5)
LEVELS = ("configural", "thresholds", "loadings", "intercepts", "residuals")
CONTINUOUS = {"configural": CONFIGURAL, "metric": LOADINGS, "scalar": INTERCEPTS, "strict": RESIDUALS}
ORDINAL = dict(zip(LEVELS, range(5), strict=True))
CUTS = ("chen", "rmsea", "srmr", "cheung.rensvold")
RULES = ("chen", "cheung.rensvold", "difference", "permutation")
OWN_OPTIONS = ("group_equal", "group_partial", "std_lv", "effect_coding", "auto_fix_first", "meanstructure")
ITEM_COLUMNS = ("step", "item", "statistic", "df", "pvalue", "pvalue_holm", "differs")


@cache
def words() -> Mapping[str, Any]:
    """Cut-offs and sentences of the ladder, from `invariance.toml`."""
    return tomllib.loads(resources.files(__package__).joinpath("invariance.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Step:
    """One step of the ladder: the model, its test against the step before, and whether it holds."""

    name: str
    level: int
    fit: Fit = field(repr=False)
    levels: Mapping[str, int]  # of every item
    freed: tuple[str, ...]  # items left below this level
    difference: Difference
    changes: Mapping[str, float]  # of cfi, rmsea, srmr since the step before
    permutation: Mapping[
        str, float
    ]  # p of the changes of chisq and cfi if groups did not matter; may be empty
    within: Mapping[str, bool]  # by cut-off
    is_testable: bool
    holds: bool


@dataclass(frozen=True)
class Invariance:
    """The ladder of measurement invariance as far as it was climbed.

    `steps` in order, a partial one after the full one that did not hold; `items` the score tests of every step;
    `freed` what partial invariance freed; `effects` what that means in the items' own units (dMACS); `means` the latent
    means with and without it; `untestable` what the items' categories leave untested.
    """

    steps: tuple[Step, ...]
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
    def reached(self) -> Step | None:
        """The last step that holds with all before it; None when the configural model does not fit."""
        last = None
        for step in self.steps:
            if step.holds:
                last = step
            elif not any(other.holds and other.level == step.level for other in self.steps):
                break
        return last

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
        """The ladder, a row a step."""
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
                    **{name: measures[name + suffix] for name, suffix in _measures(self.kind)},
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

    def licence(self, language: str = "en") -> str:
        """What may be compared between the groups, in words."""
        is_partial = bool(self.reached and self.reached.freed)
        level = LEVELS[INTERCEPTS] if is_partial and self.level == LEVELS[RESIDUALS] else self.level
        said: str = words()["licence"][level][language]
        if self.reached and is_partial:
            said += " " + words()["licence"]["partial"][language].format(items=", ".join(self.reached.freed))
        return said

    def untestable(self, language: str = "en") -> list[str]:
        """What the numbers of categories leave untested, in words."""
        return [
            words()["untestable"][code][language].format(items=", ".join(items)) for code, items in self.codes
        ]

    def summary(self, language: str = "en") -> str:
        """The ladder, its cut-offs, the items that differ, and the licence, as text."""
        heading = {name: text[language] for name, text in words()["heading"].items()}
        cut, second = cutoffs(self.steps[0].fit), words()["cheung_rensvold"]
        kind = self.kind.removeprefix(".") or "standard"
        parts = [
            heading["ladder"].format(groups=", ".join(self.group_labels), kind=kind),
            self.table.text(),
            heading["cutoffs"].format(
                source=words()["chen"]["source"],
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
        return "\n\n".join([*parts, self.licence(language)])


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
    """Climb the ladder of measurement invariance between groups.

    Continuous items: configural, metric (equal loadings), scalar (and intercepts), strict (and residual variances).
    Ordered items: configural, thresholds, loadings, intercepts, residuals (Wu and Estabrook, 2016).

    Parameters
    ----------
    model : str or table
        A measurement model, with paths between factors if need be; no loading of it is fixed, the ladder sets scales.
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
        chi-square among relabelled groups, at `alpha`). By default `permutation` where there are permutations, else
        `chen`.
    permutations : int
        How many relabellings of the groups give the distribution of the changes of chi-square and CFI when groups do not
        matter (Jorgensen et al., 2018); `seed` makes them repeatable. Both are of the unscaled statistics.
    **options
        Options of a fit, such as `estimator`, `missing`, `parameterization`.

    Returns
    -------
    Invariance
        `table`, `items`, `licence()`, `summary()` and the fits.

    Raises
    ------
    ModelError
        The model fixes loadings or has factors of factors, there is one group, or an option belongs to the ladder.

    Notes
    -----
    The measures are the robust ones (`cfi.robust`) where the fit has them, else scaled, else plain. The fit itself does
    not depend on how factors are scaled, so the continuous ladder equals lavaan's `group.equal`; the ordinal one equals
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
    settled = rule if rule != "default" else "permutation" if permutations else "chen"
    if settled not in RULES:
        raise ModelError("sem-option-value", name="rule", value=rule, known=", ".join(RULES))
    if settled == "permutation" and not permutations:
        raise ModelError("sem-invariance-permutations")
    given = Options.of({**options, "group": group, "ordered": ordered, "std_lv": True, "meanstructure": True})
    ready = prepare(model, data, convention="cfa", options=given)
    return _Ladder(model, data, given, ready, settled, alpha, permutations, seed).climbed(partial=partial)


# --- models of the steps --------------------------------------------------------------------------


def indicators(table: ParameterTable) -> dict[str, tuple[str, ...]]:
    """The observed indicators of each factor."""
    found: dict[str, dict[str, None]] = {}
    for row in table.rows:
        if row.op == "=~":
            found.setdefault(row.lhs, {})[row.rhs] = None
    return {name: tuple(items) for name, items in found.items()}


def _element(row: Row) -> tuple[str, int]:
    """The item a row is about, and the level at which it is made equal; level 0: none."""
    if row.op == "|":
        return row.lhs, THRESHOLDS
    if row.op == "=~":
        return row.rhs, LOADINGS
    if row.op == "~1":
        return row.lhs, INTERCEPTS
    if row.op == "~~" and row.lhs == row.rhs:
        return row.lhs, RESIDUALS
    return "", 0


def step_table(base: ParameterTable, levels: Mapping[str, int]) -> ParameterTable:
    """The configural table with every item on its level."""
    first: dict[tuple[str, str, str], Row] = {}
    factors = indicators(base)
    highest = {name: max(levels[item] for item in items) for name, items in factors.items()}
    rows, equalities = [], []
    for row in base.rows:
        if not row.group:
            equalities.append(row)
            continue
        reference = first.setdefault((row.lhs, row.op, row.rhs), row)
        item, kind = _element(row)
        if row is reference or (row.user == 1 and not row.free):
            rows.append(row)
            continue
        if _is_freed(row, base, levels, highest):
            row = replace(row, free=1, value=0.0 if row.op == "~1" else 1.0)
        elif kind and row.free and reference.free and levels.get(item, 0) >= kind:
            equalities.append(Row.relation(reference.plabel, "==", row.plabel, user=2))
            row = replace(row, label=row.label or reference.plabel)
        rows.append(row)
    return replace(base, rows=_numbered([*rows, *equalities]))


def _is_freed(row: Row, base: ParameterTable, levels: Mapping[str, int], highest: Mapping[str, int]) -> bool:
    """Whether equality with the first group identifies what is fixed in the configural model."""
    if row.free or row.user == 1:
        return False
    item = row.lhs
    is_variance = row.op == "~~" and row.lhs == row.rhs
    if item in highest:
        return (is_variance and highest[item] >= LOADINGS) or (row.op == "~1" and highest[item] >= INTERCEPTS)
    if item not in base.ordered or item not in levels:
        return False
    level = levels[item]
    if row.op == "~1":
        return THRESHOLDS <= level < INTERCEPTS
    is_unit = row.op == "~*~" if base.parameterization == "delta" else is_variance
    if is_unit:
        return (THRESHOLDS if base.ordered[item] > 2 else INTERCEPTS) <= level < RESIDUALS
    return False


def _numbered(rows: Sequence[Row]) -> tuple[Row, ...]:
    count, out = 0, []
    for row in rows:
        count += row.free > 0
        out.append(replace(row, free=count) if row.free else row)
    return tuple(out)


def _loosened(table: ParameterTable, kind: int, items: Sequence[str]) -> ParameterTable:
    """The table without constraints, and with what a step fixes in later groups free as well."""
    rows = []
    for row in table.rows:
        if not row.group:
            continue
        item, of_kind = _element(row)
        if of_kind == kind and item in items and row.group > 1 and not row.free and not row.user:
            row = replace(row, free=1)
        rows.append(row)
    return replace(table, rows=_numbered(rows))


# --- which items ----------------------------------------------------------------------------------


def item_scores(fit: Fit, level: int, items: Sequence[str]) -> list[dict[str, Any]]:
    """Score tests of what a level makes equal, item by item, with p-values by Holm (1979).

    With g the gradient and I the information of a row without the constraints, K the directions that the constraints
    leave open and R those of the item's parameters in the later groups,

        L = R' - R' I K (K' I K)^-1 K',    T = N g' L' (L B L')^- L g ~ chi-square

    B = I, or the covariance of the casewise scores where the errors of the fit are robust. Directions that other
    parameters make up for (thresholds, with origin and unit free) take no degree of freedom.
    """
    loose = _loosened(fit.table, level, items)
    place = {(row.lhs, row.op, row.rhs, row.group): row.free - 1 for row in loose.rows if row.free}
    values = table_values(fit)
    parameters = np.zeros(max(place.values()) + 1)
    open_directions = fit.tangent
    kept = np.zeros((len(parameters), open_directions.shape[1]))
    for row, value in zip(fit.table.rows, values, strict=True):
        key = row.lhs, row.op, row.rhs, row.group
        if key in place:
            parameters[place[key]] = value
            if row.free:
                kept[place[key]] = open_directions[row.free - 1]
    released = Fit.at(loose, fit, parameters)
    _, gradient, information = released.objective.derivatives(
        parameters, exact=fit.options.information == "observed"
    )
    products = information
    if fit.options.se.startswith("robust"):
        information = unit_information(released, fit.options.information)
        products = meat(released, around_model=fit.options.se == "robust.huber.white")
    projected = np.linalg.solve(kept.T @ information @ kept, kept.T)
    found: list[dict[str, Any]] = []
    for item in items:
        chosen = [
            place[row.lhs, row.op, row.rhs, row.group]
            for row in loose.rows
            if _element(row) == (item, level) and row.group > 1 and row.free
        ]
        if not chosen:
            continue
        unit = np.eye(len(parameters))[chosen]
        along = unit - unit @ information @ kept @ projected
        scale = np.sqrt(np.diag(products)[chosen])
        statistic, df = _quadratic(
            along @ gradient / scale, along @ products @ along.T / np.outer(scale, scale)
        )
        if df:
            statistic *= fit.moments.total
            found.append(
                {"item": item, "statistic": statistic, "df": df, "pvalue": chi_square_tail(statistic, df)}
            )
    for tested, adjusted in zip(found, holm([tested["pvalue"] for tested in found]), strict=True):
        tested["pvalue_holm"] = adjusted
    return found


def _quadratic(vector: Array, matrix: Array) -> tuple[float, int]:
    """v' M^- v and the rank of M, whose diagonal would be 1 if nothing were taken out."""
    values, vectors = np.linalg.eigh(matrix)
    is_there = values > 1e-7
    along = vectors[:, is_there].T @ vector
    return float((along**2 / values[is_there]).sum()), int(is_there.sum())


def holm(pvalues: Sequence[float]) -> list[float]:
    """P-values adjusted for all of them together (Holm, 1979)."""
    order = np.argsort(pvalues)
    factors = len(pvalues) - np.arange(len(pvalues))
    adjusted = np.empty(len(pvalues))
    adjusted[order] = np.minimum(
        np.maximum.accumulate(np.asarray(pvalues, dtype=float)[order] * factors), 1.0
    )
    return adjusted.tolist()


# --- the climb ------------------------------------------------------------------------------------


def cutoffs(fit: Fit) -> Mapping[str, Any]:
    """Chen's cut-offs for the number of rows of a fit."""
    chen: Mapping[str, Any] = words()["chen"]
    small: Mapping[str, Any] = chen["small"]
    return small if fit.moments.total <= chen["small_rows"] else chen


def _measures(kind: str) -> list[tuple[str, str]]:
    return [("cfi", kind), ("rmsea", kind), ("srmr", "")]


class _Ladder:
    """The work of `invariance`."""

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
        self.permuted = _Permuted(ready, permutations, seed) if permutations else None
        self.kind = ""

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
        found = fit_table(
            self.table_of(levels),
            self.moments,
            group_labels=self.ready.labels,
            model=self.model,
            convention="cfa",
        )
        found.require_convergence()
        _ = found.vcov  # refuses a model that is not identified, and names the parameters
        return found

    def categories(self, wanted: Callable[[int], bool]) -> tuple[str, ...]:
        """The ordered items whose number of categories is wanted."""
        ordered = self.ready.table.ordered
        return tuple(item for item in self.items if item in ordered and wanted(ordered[item]))

    def level_of(self, item: str, level: int) -> int:
        """The level on which an item stands at a step: two categories cannot tell a loading from a unit."""
        is_binary = self.ready.table.ordered.get(item) == 2
        return THRESHOLDS if is_binary and level == LOADINGS else level

    def untestable(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Codes of what cannot be tested, with the items."""
        binary, three = self.categories(lambda count: count == 2), self.categories(lambda count: count == 3)
        found = []
        if binary and len(binary) == len(self.items):
            found.append(("all-binary", binary))
        elif binary:
            found += [("thresholds-binary", binary), ("loadings-binary", binary)]
        if three:
            found.append(("thresholds-three", three))
        if self.ready.table.parameterization == "delta":
            found.append(("residuals-theta", ()))
        return tuple(found)

    def climbed(self, *, partial: bool) -> Invariance:
        """The ladder, step after step."""
        ladder = dict(ORDINAL if self.ready.table.ordered else CONTINUOUS)
        untestable = self.untestable()
        if any(code == "all-binary" for code, _ in untestable):
            del ladder["thresholds"], ladder["loadings"]
        steps = [self.configural()]
        rows: list[dict[str, Any]] = []
        freed: list[dict[str, Any]] = []
        below: dict[str, int] = {}
        for name, level in list(ladder.items())[1:]:
            before = steps[-1]
            lifted = [
                item for item in self.items if item not in below and self.level_of(item, level) == level
            ]
            try:
                step = self.step(name, level, before, below)
            except ModelError as refusal:
                if refusal.code not in {"sem-not-converged", "sem-not-identified"}:
                    raise
                warn("sem-invariance-stopped", step=name, reason=refusal)
                break
            steps.append(step)
            scores = item_scores(step.fit, level, lifted)
            rows += [{"step": name, **row, "differs": row["pvalue_holm"] < self.alpha} for row in scores]
            if step.holds or not partial:
                continue
            while not step.holds:
                worst = self.candidate(scores, below)
                if worst is None:
                    break
                below[worst["item"]] = before.level
                lifted.remove(worst["item"])
                step = self.step(f"{name}.partial", level, before, below)
                freed.append({"step": name, **{key: worst[key] for key in ITEM_COLUMNS[1:6]}})
                scores = item_scores(step.fit, level, lifted)
            if step is not steps[-1]:
                steps.append(step)
            if not step.holds:
                break
        found = Invariance(
            tuple(steps),
            Table.of_rows(rows, ITEM_COLUMNS),
            Table.of_rows(freed, ITEM_COLUMNS[:6]),
            Table.of_rows([], EFFECT_COLUMNS),
            Table.of_rows([], MEAN_COLUMNS),
            self.rule,
            self.kind,
            self.alpha,
            self.ready.labels,
            self.permuted.used if self.permuted else 0,
            untestable,
        )
        last = found.reached
        if last and last.freed and last.level >= INTERCEPTS:
            means = next(step for step in reversed(steps) if step.holds and step.level == INTERCEPTS)
            effects = Table.of_rows(item_effects(means.fit, means.freed), EFFECT_COLUMNS)
            found = replace(found, effects=effects, means=self.latent_means(means.fit))
        return found

    def candidate(
        self, scores: Sequence[Mapping[str, Any]], below: Mapping[str, int]
    ) -> Mapping[str, Any] | None:
        """The item to free next: the largest significant test that leaves every factor its anchors."""
        for row in sorted(scores, key=lambda row: row["pvalue"]):
            if row["pvalue_holm"] >= self.alpha:
                return None
            free = {*below, row["item"]}
            if all(
                len(kept := [item for item in items if item not in free]) >= words()["partial"]["anchors"]
                and 2 * len(kept) > len(items)
                for items in self.factors.values()
                if row["item"] in items
            ):
                return row
        return None

    def configural(self) -> Step:
        """The first step, which must fit by itself."""
        levels = dict.fromkeys(self.items, CONFIGURAL)
        fit = self.fit_of(levels)
        measures = fit.measures
        self.kind = next(
            (kind for kind in (".robust", ".scaled") if isfinite(measures.get(f"cfi{kind}", nan))), ""
        )
        limits = words()["configural"]
        holds = bool(measures[f"cfi{self.kind}"] >= limits["cfi"] and measures["srmr"] <= limits["srmr"])
        nothing = Difference(nan, nan, nan, nan)
        return Step("configural", CONFIGURAL, fit, levels, (), nothing, {}, {}, {}, True, holds)

    def step(self, name: str, level: int, before: Step, below: Mapping[str, int]) -> Step:
        """A step against the one before, with some items left below."""
        levels = {item: self.level_of(item, min(level, below.get(item, level))) for item in self.items}
        fit = self.fit_of(levels)
        fit.baseline = before.fit.baseline  # of the same moments
        tested = difference(fit, before.fit)
        is_testable = tested.df > 0
        changes = {
            measure: fit.measures[measure + kind] - before.fit.measures[measure + kind]
            for measure, kind in _measures(self.kind)
        }
        permutation = {}
        if self.permuted and is_testable:
            permutation = self.permuted.tails(self, fit, levels, before)
        cut = cutoffs(fit)
        within = {
            "chen": bool(-changes["cfi"] < cut["cfi"]),
            "rmsea": bool(changes["rmsea"] < cut["rmsea"]),
            "srmr": bool(changes["srmr"] < cut["srmr"]["loadings" if level <= LOADINGS else "other"]),
            "cheung.rensvold": bool(-changes["cfi"] <= words()["cheung_rensvold"]["cfi"]),
            "difference": bool(tested.pvalue >= self.alpha),
            "permutation": bool(permutation.get("chisq", nan) >= self.alpha),
        }
        return Step(
            name,
            level,
            fit,
            levels,
            tuple(below),
            tested,
            changes,
            permutation,
            within,
            is_testable,
            within[self.rule] or not is_testable,
        )

    def latent_means(self, partial: Fit) -> Table:
        """Latent means with every item equal, and with the freed ones free."""
        equal = self.fit_of(dict.fromkeys(self.items, INTERCEPTS))
        columns = {}
        for name, fit in (("equal", equal), ("partial", partial)):
            found = fit.estimates
            columns[name] = {
                (row["lhs"], row["group"]): (row["est"], row["se"])
                for row in found.rows()
                if row["op"] == "~1" and row["lhs"] in self.factors and row["group"] > 1
            }
        rows = [
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
        return Table.of_rows(rows, MEAN_COLUMNS)


MEAN_COLUMNS = ("latent", "group", "mean_equal", "se_equal", "mean_partial", "se_partial")
EFFECT_COLUMNS = ("item", "group", "dmacs")


# --- effect sizes ---------------------------------------------------------------------------------


def item_effects(fit: Fit, items: Sequence[str]) -> list[dict[str, Any]]:
    """dMACS of items between each group and the first (Nye and Drasgow, 2011).

    The root mean square, over the later group's factor, of the difference between the answers that the two groups'
    parameters predict, in pooled standard deviations of the item. NaN for an item of several factors.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()
    found = []
    for item in items:
        factors = [name for name, own in indicators(fit.table).items() if item in own]
        for group in range(1, fit.table.n_groups):
            value = nan
            if len(factors) == 1:
                place = fit.structure.n_observed + fit.structure.latent.index(factors[0])
                spread = fit.implied.covariances[group, place, place]
                factor = fit.implied.means[group, place] + sqrt(spread) * nodes
                gap = predicted(fit, item, factors[0], group, factor)
                gap = gap - predicted(fit, item, factors[0], 0, factor)
                value = sqrt(float(weights @ gap**2)) / _pooled_deviation(fit, item, group)
            found.append({"item": item, "group": fit.group_labels[group], "dmacs": value})
    return found


def predicted(fit: Fit, item: str, factor: str, group: int, values: Array) -> Array:
    """The answer that a group's parameters predict at values of the factor."""
    cells = {
        (row.lhs, row.op, row.rhs): value
        for row, value in zip(fit.table.rows, table_values(fit), strict=True)
        if row.group == group + 1
    }
    response: Array = cells.get((item, "~1", ""), 0.0) + cells[factor, "=~", item] * values
    if item not in fit.table.ordered:
        return response
    residual = sqrt(cells[item, "~~", item])
    cuts = [cells[item, "|", f"t{k}"] for k in range(1, fit.table.ordered[item])]
    answer: Array = 1.0 + sum(ndtr((response - cut) / residual) for cut in cuts)
    return answer


def _pooled_deviation(fit: Fit, item: str, group: int) -> float:
    place = fit.structure.observed.index(item)
    squares = rows = 0.0
    for one in (0, group):
        sample = fit.moments.samples[one]
        variance, n = float(sample.covariance[place, place]), float(sample.n)
        if sample.data is not None:
            column = sample.data[:, place]
            n = float((~np.isnan(column)).sum())
            variance = float(np.nanvar(column, ddof=1))
        squares, rows = squares + (n - 1) * variance, rows + n - 1
    return sqrt(squares / rows)


# --- permutations ---------------------------------------------------------------------------------


class _Permuted:
    """Data with the groups relabelled at random, and what the ladder's models say of them."""

    def __init__(self, ready: Prepared, count: int, seed: int | None) -> None:
        if ready.group_of_row is None:
            raise ModelError("sem-needs-rows")
        self.ready, self.count, self.used = ready, count, count
        generator = np.random.default_rng(seed)
        member = np.flatnonzero(ready.group_of_row >= 0)
        self.orders = []
        for _ in range(count):
            group_of_row = ready.group_of_row.copy()
            group_of_row[member] = generator.permutation(group_of_row[member])
            self.orders.append(group_of_row)
        self.known: dict[tuple[int, ...], Array] = {}

    @cached_property
    def samples(self) -> list[tuple[Moments, tuple[float, float]] | None]:
        """Moments of every relabelling, with the baseline model's chi-square; None where they do not exist."""
        found: list[tuple[Moments, tuple[float, float]] | None] = []
        for group_of_row in self.orders:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SemWarning)
                try:
                    moments = self.ready.moments(group_of_row)
                    base = fit_table(self.ready.table, moments, group_labels=self.ready.labels).baseline
                    found.append((moments, _plain(base)))
                except (ModelError, np.linalg.LinAlgError):
                    found.append(None)
        return found

    def statistics(self, ladder: _Ladder, levels: Mapping[str, int]) -> Array:
        """Chi-square and CFI of a model for every relabelling (count, 2); NaN where it has no fit."""
        key = tuple(levels.values())
        if key in self.known:
            return self.known[key]
        table = ladder.table_of(levels)
        rows = np.full((self.count, 2), nan)
        for place, sample in enumerate(self.samples):
            if sample is None:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SemWarning)
                try:
                    fit = fit_table(table, sample[0], group_labels=self.ready.labels)
                except (ModelError, np.linalg.LinAlgError):
                    continue
            if fit.converged:
                rows[place] = _chisq_and_cfi(fit, sample[1])
        self.known[key] = rows
        return rows

    def tails(self, ladder: _Ladder, fit: Fit, levels: Mapping[str, int], before: Step) -> dict[str, float]:
        """How often relabelled groups change chi-square and CFI as much as the true ones."""
        base = _plain(fit.baseline)
        observed = np.subtract(_chisq_and_cfi(fit, base), _chisq_and_cfi(before.fit, base))
        changes = self.statistics(ladder, levels) - self.statistics(ladder, before.levels)
        changes = changes[~np.isnan(changes).any(axis=1)]
        self.used = min(self.used, len(changes))
        if len(changes) < 0.9 * self.count:
            warn("sem-invariance-relabelled", count=self.count - len(changes), permutations=self.count)
        at_least = [(changes[:, 0] >= observed[0] - 1e-9).sum(), (changes[:, 1] <= observed[1] + 1e-12).sum()]
        return {
            name: (1 + int(count)) / (1 + len(changes))
            for name, count in zip(("chisq", "cfi"), at_least, strict=True)
        }


def _plain(fit: Fit) -> tuple[float, float]:
    return fit.statistic, float(degrees_of_freedom(fit))


def _chisq_and_cfi(fit: Fit, base: tuple[float, float]) -> tuple[float, float]:
    statistic, df = _plain(fit)
    return statistic, comparative(statistic, df, *base)["cfi"]
