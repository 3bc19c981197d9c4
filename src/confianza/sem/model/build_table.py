"""From a model to its parameter table: what is written, what convention adds, what is equal between groups."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from math import nan
from typing import Any

from confianza.errors import ModelError
from confianza.sem.model.drafts import DraftRow, finished_rows, unique
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.read_table import Model, complete_table, formulas_of_table, table_columns
from confianza.sem.model.syntax import RELATIONS, Formula, parse
from confianza.sem.model.table_options import (
    DEFAULTS,
    Convention,
    Settings,
    TableOptions,
    check_option,
    settings_of,
)
from confianza.sem.model.variables import Variables, variables_of


def parameter_table(
    model: Model,
    *,
    convention: Convention = "sem",
    n_groups: int = 1,
    group_labels: Sequence[str] = (),
    data_names: Iterable[str] | None = None,
    categories: Mapping[str, int] | None = None,
    options: TableOptions | None = None,
) -> ParameterTable:
    """The parameter table of a model, by the conventions of lavaan's `lavaan`, `sem`, `cfa` or `growth`.

    Parameters
    ----------
    model : str or table
        lavaan's syntax; or a table with the columns `lhs`, `op`, `rhs` (columns by name, rows as mappings, or any
        dataframe). A table with a column `free` is complete and taken as it is; without, its rows are formulas, with
        `fixed` or `ustart`, `start` and `label` as modifiers.
    data_names : names of the data's columns; None checks nothing.
    categories : number of categories of each ordered variable. An exogenous one is not ordered, as in lavaan, but
        its presence turns on the conventions for ordered data.

    Raises
    ------
    ModelError
        The model contradicts itself, the data or the number of groups; names the element, with line and column where
        it was written.

    References
    ----------
    Rosseel (2012), Journal of Statistical Software 48(2), section 4 on the conventions; Little, Slegers and Card
    (2006), Structural Equation Modeling 13(1), on effect coding; Muthén and Asparouhov (2002), Mplus web note 4, on
    the delta and theta parameterizations.
    """
    options = options or TableOptions()
    check_option("convention", convention, sorted(DEFAULTS))
    if not isinstance(model, str):
        columns = table_columns(model)
        if "free" in columns:
            return complete_table(columns, options, categories or {})
        formulas = formulas_of_table(columns)
    else:
        formulas = parse(model)
    relations = [formula for formula in formulas if formula.op in RELATIONS]
    elements = [formula for formula in formulas if formula.op not in RELATIONS]
    if options.constraints:
        added = parse(options.constraints)
        relations += [formula for formula in added if formula.op in RELATIONS]
        elements += [formula for formula in added if formula.op not in RELATIONS]
    blocks = _blocks(elements, n_groups, group_labels)
    names = [variables_of(block) for _, block in blocks]
    latent = unique(name for each in names for name in each.latent)
    observed = unique(name for each in names for name in each.observed)
    if data_names is not None:
        _check_data(elements, latent, observed, frozenset(data_names))
    exogenous = unique(name for each in names for name in each.exogenous)
    counts = categories or {}
    ordered = {name: counts[name] for name in observed if name in counts and name not in exogenous}
    _check_thresholds(elements, ordered)
    settings = settings_of(options, convention, elements, n_groups, bool(categories))
    drafts: list[DraftRow] = []
    for (groups, block), each in zip(blocks, names, strict=True):
        drafts += _drafts(block, each, groups, n_groups, ordered, settings)
    for number, draft in enumerate(drafts, 1):
        draft.number = number
    if n_groups > 1:
        _free_later_groups(drafts, frozenset(latent), ordered, settings)
    equalities = _equalities(drafts, frozenset(latent), frozenset(exogenous), settings, elements)
    if settings.effects:
        equalities += _effect_coding(drafts, observed, settings.effects)
    return ParameterTable(
        finished_rows(drafts, relations, equalities),
        observed,
        latent,
        exogenous if settings.fixed_x else (),
        ordered,
        n_groups,
        settings.means,
        options.parameterization if ordered else "",
    )


def shared_labels(model: Model, n_groups: int) -> tuple[str, ...]:
    """Labels that a text writes once for a parameter of several groups, which they make equal in all of them."""
    if n_groups == 1 or not isinstance(model, str):
        return ()
    return unique(
        formula.label[0]
        for formula in parse(model)
        if len(formula.label) == 1 and not formula.block and formula.op not in RELATIONS
    )


def _blocks(
    elements: Sequence[Formula], n_groups: int, group_labels: Sequence[str]
) -> list[tuple[tuple[int, ...], Sequence[Formula]]]:
    """The formulas with the groups they hold for: all of them, or a group a `group:` block."""
    if not any(formula.block for formula in elements):
        return [(tuple(range(1, n_groups + 1)), elements)]
    labels = [str(label) for label in group_labels]
    blocks: dict[int, list[Formula]] = {}
    for formula in elements:
        if formula.block in labels:
            group = labels.index(formula.block) + 1
        elif formula.block.isdecimal() and 1 <= int(formula.block) <= n_groups:
            group = int(formula.block)
        else:
            known = ", ".join(labels or [str(number + 1) for number in range(n_groups)])
            raise ModelError(
                "sem-block-unknown",
                line=formula.line,
                column=formula.column,
                text=formula.block or "–",
                known=known,
            )
        blocks.setdefault(group, []).append(formula)
    if len(blocks) < n_groups:
        absent = next(group for group in range(1, n_groups + 1) if group not in blocks)
        raise ModelError("sem-block-missing", text=labels[absent - 1] if labels else absent)
    return [((group,), block) for group, block in blocks.items()]


def _check_data(
    elements: Sequence[Formula], latent: Sequence[str], observed: Sequence[str], data_names: frozenset[str]
) -> None:
    """Latent variables have no column, observed ones have one."""
    for name in latent:
        if name in data_names:
            formula = next(formula for formula in elements if formula.lhs == name)
            raise ModelError("sem-latent-in-data", line=formula.line, column=formula.column, name=name)
    for name in observed:
        if name not in data_names:
            formula = next(formula for formula in elements if name in (formula.lhs, formula.rhs))
            near = difflib.get_close_matches(name, sorted(data_names), 3, 0.5)
            raise ModelError(
                "sem-variable-missing",
                line=formula.line,
                column=formula.column,
                name=name,
                near=", ".join(near) or "–",
            )


def _check_thresholds(elements: Iterable[Formula], ordered: Mapping[str, int]) -> None:
    """Thresholds and scale factors belong to ordered variables, and no more of them than there are steps."""
    for formula in elements:
        if formula.op not in ("|", "~*~"):
            continue
        at = {"line": formula.line, "column": formula.column, "name": formula.lhs}
        count = ordered.get(formula.lhs)
        if count is None:
            raise ModelError("sem-threshold-unordered", **at)
        if formula.op == "|" and int(formula.rhs[1:]) >= count:
            raise ModelError("sem-threshold-too-many", **at, count=count, text=formula.rhs, last=count - 1)


# --- rows ----------------------------------------------------------------------------------------------


def _drafts(
    formulas: Sequence[Formula],
    names: Variables,
    groups: Sequence[int],
    n_groups: int,
    ordered: Mapping[str, int],
    settings: Settings,
) -> list[DraftRow]:
    """The rows of a block for each of its groups."""
    written, loadings = _written(formulas, names)
    added = _added(written, loadings, names, ordered, settings)
    defaults = _defaults(loadings, names, ordered, settings)
    slopes = frozenset(names.exogenous) if settings.conditional_x else frozenset()
    drafts = []
    for group in groups:
        for formula, (lhs, op, rhs) in zip(formulas, written, strict=True):
            free, value = defaults.get((lhs, op, rhs), (True, nan))
            draft = DraftRow(lhs, op, rhs, group, 1, free, value, op in "<~" and rhs in slopes)
            if formula.fixed:
                value = _value_of_group(formula, formula.fixed, group, groups, n_groups)
                draft.free, draft.value = value != value, value
            if formula.start:
                start = _value_of_group(formula, formula.start, group, groups, n_groups)
                if start == start:
                    draft.value = start
            if formula.label:
                draft.label = _value_of_group(formula, formula.label, group, groups, n_groups)
            if formula.equal:
                draft.equal = draft.label = _value_of_group(formula, formula.equal, group, groups, n_groups)
            drafts.append(draft)
        drafts += [
            DraftRow(lhs, op, rhs, group, 0, free, value, exo) for lhs, op, rhs, free, value, exo in added
        ]
    return drafts


def _written(
    formulas: Sequence[Formula], names: Variables
) -> tuple[dict[tuple[str, str, str], Formula], dict[str, list[str]]]:
    """The written elements, covariances in the order of their variables; and the indicators of each latent variable."""
    written: dict[tuple[str, str, str], Formula] = {}
    loadings: dict[str, list[str]] = {}
    for formula in formulas:
        key = lhs, op, rhs = formula[:3]
        if op == "=~":
            loadings.setdefault(lhs, []).append(rhs)
        elif op == "~~" and lhs != rhs and names.order[lhs] > names.order[rhs]:
            key = rhs, op, lhs
        if key in written:
            raise ModelError(
                "sem-element-twice",
                line=formula.line,
                column=formula.column,
                text=" ".join((lhs, *(("~", "1") if op == "~1" else (op, rhs)))),
                first=written[key].line,
            )
        written[key] = formula
    return written, loadings


def _defaults(
    loadings: Mapping[str, Sequence[str]], names: Variables, ordered: Mapping[str, int], settings: Settings
) -> dict[tuple[str, str, str], tuple[bool, float]]:
    """What gives a latent variable its unit where nobody wrote another."""
    options = settings.options
    if options.std_lv:
        return {(name, "~~", name): (False, 1.0) for name in names.latent}
    if options.auto_fix_first and "loadings" not in settings.effects:
        return {(name, "=~", indicators[0]): (False, 1.0) for name, indicators in loadings.items()}
    return {}


def _added(
    written: Mapping[tuple[str, str, str], Formula],
    loadings: Mapping[str, Sequence[str]],
    names: Variables,
    ordered: Mapping[str, int],
    settings: Settings,
) -> list[tuple[str, str, str, bool, float, bool]]:
    """The elements that nobody wrote: lhs, op, rhs, is free, value, is exo."""
    options = settings.options
    latent, observed, exogenous = names.latent, names.observed, names.exogenous
    added: list[tuple[str, str, str, bool, float, bool]] = []

    def add(lhs: str, op: str, rhs: str, free: bool, value: float = nan, exo: bool = False) -> None:
        if (lhs, op, rhs) not in written and (op != "~~" or (rhs, op, lhs) not in written):
            added.append((lhs, op, rhs, free, value, exo))

    own = [name for name in observed if name in ordered]
    for name in own:
        for number in range(1, ordered[name]):
            add(name, "|", f"t{number}", bool(options.auto_th))
    single = {
        indicators[0] for indicators in loadings.values() if options.auto_fix_single and len(indicators) == 1
    }
    outside = frozenset(exogenous)
    for name in (*(name for name in observed if name not in outside), *latent):
        if name in ordered or (name in latent and options.std_lv):
            add(name, "~~", name, False, 1.0)
        elif options.auto_var and name not in single and name not in names.composite:
            add(name, "~~", name, True)
        else:
            add(name, "~~", name, False, 0.0)
    if options.auto_cov_lv_x:
        apart = options.orthogonal or options.orthogonal_x
        for left, right in _pairs(names.latent_x):
            add(left, "~~", right, not apart, 0.0 if apart else nan)
    if options.auto_cov_y:
        among = frozenset(names.latent_y) if options.orthogonal or options.orthogonal_y else frozenset()
        for left, right in _pairs(names.latent_y + names.observed_y):
            apart = left in among and right in among
            add(left, "~~", right, not apart, 0.0 if apart else nan)
    fixed_x = settings.fixed_x
    for first, left in enumerate(exogenous):
        for right in exogenous[first:]:
            add(left, "~~", right, not fixed_x, nan, fixed_x)
    for name in own:
        add(name, "~*~", name, False, 1.0)
    if settings.means:
        for name in observed:
            if name in ordered:
                add(name, "~1", "", False, 0.0)
            elif name in outside and fixed_x:
                add(name, "~1", "", False, nan, True)
            else:
                add(name, "~1", "", bool(options.int_ov_free), nan if options.int_ov_free else 0.0)
        for name in latent:
            add(name, "~1", "", bool(options.int_lv_free), nan if options.int_lv_free else 0.0)
    return added


def _pairs(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((left, right) for first, left in enumerate(names) for right in names[first + 1 :])


def _value_of_group(
    formula: Formula, values: Sequence[Any], group: int, groups: Sequence[int], n_groups: int
) -> Any:
    """The modifier of one group: one for all, or one a group."""
    if len(values) == 1:
        return values[0]
    if len(values) != n_groups:
        raise ModelError(
            "sem-modifier-count",
            line=formula.line,
            column=formula.column,
            text=f"{formula.lhs} {formula.op} {formula.rhs}".strip(),
            count=len(values),
            groups=n_groups,
        )
    return values[group - 1]


# --- groups and equalities -----------------------------------------------------------------------------


def _free_later_groups(
    drafts: Iterable[DraftRow], latent: frozenset[str], ordered: Mapping[str, int], settings: Settings
) -> None:
    """Free in later groups what equality with the first identifies: latent means and variances, response scales."""
    equal, options = settings.equal, settings.options
    origin = "intercepts" in equal or "thresholds" in equal
    means = origin and "means" not in equal
    variances = options.std_lv and "loadings" in equal and "lv.variances" not in equal
    delta = origin and options.parameterization == "delta" and options.auto_delta
    theta = origin and options.parameterization == "theta" and "residuals" not in equal
    for draft in drafts:
        if draft.group == 1 or draft.user:
            continue
        name, op = draft.lhs, draft.op
        if op == "~1":
            freed = means and name in latent
        elif op == "~~" and name == draft.rhs:
            freed = variances if name in latent else theta and name in ordered
        else:
            freed = op == "~*~" and bool(delta)
        if freed:
            draft.free, draft.value = True, nan


def _kind(draft: DraftRow, latent: frozenset[str]) -> str:
    """The word of `group_equal` that an element falls under."""
    op, left = draft.op, draft.lhs in latent
    if op == "~~":
        if draft.lhs == draft.rhs:
            return "lv.variances" if left else "residuals"
        return "lv.covariances" if left or draft.rhs in latent else "residual.covariances"
    if op == "~1":
        return "means" if left else "intercepts"
    return {"=~": "loadings", "~": "regressions", "|": "thresholds", "<~": "composite.loadings"}.get(op, "")


def _equalities(
    drafts: Sequence[DraftRow],
    latent: frozenset[str],
    exogenous: frozenset[str],
    settings: Settings,
    elements: Sequence[Formula],
) -> list[tuple[str, str]]:
    """Label what `group_equal` makes equal; the pairs of parameters that one label makes equal, first with later."""
    if settings.equal:
        _label_equal(drafts, latent, exogenous, settings)
    sets: dict[str, list[DraftRow]] = {}
    alike: dict[str, DraftRow] = {}
    for draft in drafts:
        if draft.equal:
            alike.setdefault(draft.equal, _named(draft.equal, drafts, elements))
    targets = {id(draft): text for text, draft in alike.items()}
    for draft in drafts:
        name = draft.label
        if name in alike and (draft.equal or not alike[name].label):
            name = alike[name].label or name
        elif not name:
            name = targets.get(id(draft), "")
        if name:
            sets.setdefault(name, []).append(draft)
    pairs = []
    # lavaan lists a set of equal parameters where its second one stands
    for same in sorted((same for same in sets.values() if len(same) > 1), key=lambda same: same[1].number):
        first = same[0]
        for draft in same:
            if not draft.label:
                draft.label = first.plabel
        if not _pinned(same):
            pairs += [(first.plabel, draft.plabel) for draft in same[1:]]
    return pairs


def _label_equal(
    drafts: Sequence[DraftRow], latent: frozenset[str], exogenous: frozenset[str], settings: Settings
) -> None:
    """Give each parameter of the first group that `group_equal` names one label with its fellows in the others."""
    partial = settings.options.group_partial
    spared: set[tuple[str, str, str]] = set()
    for text in (partial,) if isinstance(partial, str) else partial:
        for formula in parse(text):
            lhs, op, rhs = formula[:3]
            spared |= {(lhs, op, rhs), (rhs, op, lhs)} if op == "~~" else {(lhs, op, rhs)}
            if not any(
                (draft.lhs, draft.op, draft.rhs) in ((lhs, op, rhs), (rhs, op, lhs)) for draft in drafts
            ):
                raise ModelError("sem-partial-unknown", text=text)
    first = drafts[0].group
    fellows: dict[tuple[str, str, str], list[DraftRow]] = {}
    for draft in drafts:
        if draft.lhs in exogenous:
            continue
        key = draft.lhs, draft.op, draft.rhs
        if draft.group == first:
            if not draft.label and key not in spared and _kind(draft, latent) in settings.equal:
                fellows[key] = [draft]
        elif key in fellows and not draft.label:
            fellows[key].append(draft)
    for same in fellows.values():
        if len(same) > 1 and not _pinned(same):
            label = same[0].plabel
            for draft in same:
                draft.label = label


def _pinned(same: Sequence[DraftRow]) -> bool:
    """Fix a whole set of equal parameters at the value that one of them is fixed at; False when all are free."""
    fixed = next((draft for draft in same if not draft.free), None)
    if fixed is None:
        return False
    for draft in same:
        draft.free, draft.value = False, fixed.value
    return True


def _named(text: str, drafts: Sequence[DraftRow], elements: Sequence[Formula]) -> DraftRow:
    """The parameter that `equal("f=~item1")` names, in its first group."""
    for draft in drafts:
        if draft.lhs + (f"~1{draft.rhs}" if draft.op == "~1" else draft.op + draft.rhs) == text:
            return draft
    formula = next(formula for formula in elements if text in formula.equal)
    raise ModelError("sem-equal-unknown", line=formula.line, column=formula.column, text=text)


def _effect_coding(
    drafts: Sequence[DraftRow], observed: Sequence[str], effects: Sequence[str]
) -> list[tuple[str, str]]:
    """Loadings of each latent variable that average 1, intercepts of its indicators that sum to 0, group by group."""
    at = {(draft.lhs, draft.op, draft.rhs, draft.group): draft for draft in drafts}
    indicators: dict[tuple[int, str], list[DraftRow]] = {}
    for draft in drafts:
        if draft.op == "=~":
            indicators.setdefault((draft.group, draft.lhs), []).append(draft)
    pairs = []
    for (group, name), loadings in indicators.items():
        if "loadings" in effects and all(draft.free for draft in loadings):
            pairs.append(_sum_of(loadings, len(loadings)))
        intercepts = [at.get((draft.rhs, "~1", "", group)) for draft in loadings]
        present = [draft for draft in intercepts if draft is not None and draft.free]
        if "intercepts" in effects and len(present) == len(intercepts):
            pairs.append(_sum_of(sorted(present, key=lambda draft: draft.number), 0))
            mean = at[(name, "~1", "", group)]
            if not mean.user and not mean.free:
                mean.free = True
    return pairs


def _sum_of(drafts: Sequence[DraftRow], total: int) -> tuple[str, str]:
    return drafts[0].plabel, "-".join([str(total), *(draft.plabel for draft in drafts[1:])])
