"""The parameter table: every parameter of a model, written or added by convention, fixed or free, group by group."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import nan
from typing import Any, Literal, NamedTuple, Protocol

from confianza.errors import ModelError
from confianza.sem.constraints import tree_of
from confianza.sem.syntax import RELATIONS, Formula, parse

Convention = Literal["lavaan", "sem", "cfa", "growth"]


class Frame(Protocol):
    """What is asked of a dataframe, whatever library made it."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""

    def __getitem__(self, name: Any, /) -> Any: ...


Model = str | Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | Frame


GROUP_EQUAL = (
    "loadings",
    "composite.loadings",
    "regressions",
    "intercepts",
    "means",
    "thresholds",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or one constraint or definition (group 0, its two sides as text)."""

    lhs: str
    op: str
    rhs: str
    group: int  # from 1
    user: int  # 1 written, 0 added by convention, 2 constraint added by convention
    free: int  # 0 fixed; else the number of the free parameter, from 1, each matrix element its own
    value: float  # the fixed value, or the start value of a free one; nan: none given, or it comes from the sample
    label: str
    plabel: str  # .p1., .p2., ...; "" on constraints
    exo: (
        bool  # its value is the sample's: moments of fixed exogenous variables, slopes on them if conditional
    )


@dataclass(frozen=True)
class ParameterTable:
    """The rows in lavaan's order, and the variables they are about."""

    rows: tuple[Row, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]  # fixed exogenous variables
    ordered: Mapping[str, int]  # ordered endogenous variables with their numbers of categories
    n_groups: int
    has_means: bool
    parameterization: str  # delta or theta; "" without ordered variables

    def columns(self) -> dict[str, list[Any]]:
        """The rows by column, which can be fitted as a model."""
        return {field.name: [getattr(row, field.name) for row in self.rows] for field in fields(Row)}


@dataclass(frozen=True)
class TableOptions:
    """lavaan's options of the same names; None takes the default of the convention.

    `group_equal` takes the words of `GROUP_EQUAL`; `group_partial` elements free of it, such as "f =~ item2" or
    "item3 ~ 1"; `effect_coding` "loadings", "intercepts" or both; `constraints` more text in the model's syntax.
    """

    meanstructure: bool | None = None
    int_ov_free: bool | None = None
    int_lv_free: bool | None = None
    fixed_x: bool | None = None
    conditional_x: bool | None = None
    orthogonal: bool = False
    orthogonal_x: bool = False
    orthogonal_y: bool = False
    std_lv: bool = False
    effect_coding: bool | str | Sequence[str] = ()
    auto_fix_first: bool | None = None
    auto_fix_single: bool | None = None
    auto_var: bool | None = None
    auto_cov_lv_x: bool | None = None
    auto_cov_y: bool | None = None
    auto_th: bool | None = None
    auto_delta: bool | None = None
    parameterization: str = "delta"  # or theta
    group_equal: str | Sequence[str] = ()
    group_partial: str | Sequence[str] = ()
    constraints: str = ""


_AUTOMATIC = (
    "auto_fix_first",
    "auto_fix_single",
    "auto_var",
    "auto_cov_lv_x",
    "auto_cov_y",
    "auto_th",
    "auto_delta",
)
_DEFAULTS: Mapping[str, Mapping[str, bool]] = {
    "lavaan": {"int_ov_free": False, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, False)},
    "sem": {"int_ov_free": True, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, True)},
    "cfa": {"int_ov_free": True, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, True)},
    "growth": {"int_ov_free": False, "int_lv_free": True, **dict.fromkeys(_AUTOMATIC, True)},
}


class _Cell:
    """A row while the table is made."""

    __slots__ = ("equal", "exo", "free", "group", "label", "lhs", "op", "place", "rhs", "user", "value")

    def __init__(
        self, lhs: str, op: str, rhs: str, group: int, user: int, free: bool, value: float, exo: bool = False
    ) -> None:
        self.lhs, self.op, self.rhs, self.group, self.user = lhs, op, rhs, group, user
        self.free, self.value, self.exo = free, value, exo
        self.label = self.equal = ""
        self.place = 0

    @property
    def plabel(self) -> str:
        return f".p{self.place}."


class _Settings(NamedTuple):
    """The options with every default filled in."""

    means: bool
    fixed_x: bool
    conditional_x: bool
    effects: tuple[str, ...]
    equal: tuple[str, ...]
    options: TableOptions


class _Names(NamedTuple):
    """The variables of one block by their part in it, each in lavaan's order."""

    latent: tuple[str, ...]
    composite: tuple[str, ...]
    observed: tuple[str, ...]
    exogenous: tuple[
        str, ...
    ]  # observed, explained by nothing, without a written variance, covariance or mean
    latent_x: tuple[str, ...]
    latent_y: tuple[str, ...]  # outcomes that explain nothing
    observed_y: tuple[str, ...]
    order: Mapping[str, int]  # that the two sides of a covariance follow


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
    if convention not in _DEFAULTS:
        raise ModelError(
            "sem-option-value", name="convention", value=convention, known=", ".join(sorted(_DEFAULTS))
        )
    if not isinstance(model, str):
        columns = _columns(model)
        if "free" in columns:
            return _complete(columns, options, categories or {})
        formulas = _formulas_of(columns)
    else:
        formulas = parse(model)
    relations = [formula for formula in formulas if formula.op in RELATIONS]
    elements = [formula for formula in formulas if formula.op not in RELATIONS]
    if options.constraints:
        added = parse(options.constraints)
        relations += [formula for formula in added if formula.op in RELATIONS]
        elements += [formula for formula in added if formula.op not in RELATIONS]
    blocks = _blocks(elements, n_groups, group_labels)
    names = [_names(block) for _, block in blocks]
    latent = _unique(name for each in names for name in each.latent)
    observed = _unique(name for each in names for name in each.observed)
    if data_names is not None:
        _check_data(elements, latent, observed, frozenset(data_names))
    exogenous = _unique(name for each in names for name in each.exogenous)
    wanted = categories or {}
    ordered = {name: wanted[name] for name in observed if name in wanted and name not in exogenous}
    _check_thresholds(elements, ordered)
    settings = _settings(options, convention, elements, n_groups, bool(categories))
    cells: list[_Cell] = []
    for (groups, block), each in zip(blocks, names, strict=True):
        cells += _cells(block, each, groups, n_groups, ordered, settings)
    for place, cell in enumerate(cells, 1):
        cell.place = place
    if n_groups > 1:
        _free_later_groups(cells, frozenset(latent), ordered, settings)
    equalities = _equalities(cells, frozenset(latent), frozenset(exogenous), settings, elements)
    if settings.effects:
        equalities += _effect_coding(cells, observed, settings.effects)
    return ParameterTable(
        _rows(cells, relations, equalities),
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
    return _unique(
        formula.label[0]
        for formula in parse(model)
        if len(formula.label) == 1 and not formula.block and formula.op not in RELATIONS
    )


# --- options -------------------------------------------------------------------------------------------


def _words(name: str, given: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    words = (given,) if isinstance(given, str) else tuple(given)
    for word in words:
        if word not in known:
            raise ModelError("sem-option-value", name=name, value=word, known=", ".join(known))
    return words


def _settings(
    options: TableOptions, convention: str, elements: Sequence[Formula], n_groups: int, is_categorical: bool
) -> _Settings:
    """The options with the convention's defaults."""
    defaults = _DEFAULTS[convention]
    filled = replace(
        options,
        **{name: value for name, value in defaults.items() if getattr(options, name) is None},  # type: ignore[arg-type]
    )
    if options.parameterization not in ("delta", "theta"):
        raise ModelError(
            "sem-option-value", name="parameterization", value=options.parameterization, known="delta, theta"
        )
    equal = _words("group_equal", options.group_equal, GROUP_EQUAL)
    if is_categorical and ("intercepts" in equal or "thresholds" in equal):
        equal = (*equal, "intercepts", "thresholds")  # one origin: both or neither
    given = options.effect_coding
    effects = ("loadings", "intercepts") if given is True else () if given is False else given
    effects = _words("effect_coding", effects, ("loadings", "intercepts"))
    means = options.meanstructure
    conditional_x = is_categorical if options.conditional_x is None else options.conditional_x
    if is_categorical or conditional_x or any(formula.op == "~1" for formula in elements):
        means = True
    elif means is None:
        means = convention == "growth" or n_groups > 1 or not {"intercepts", "means"}.isdisjoint(equal)
    fixed_x = (conditional_x or not is_categorical) if options.fixed_x is None else options.fixed_x
    if conditional_x and not fixed_x:
        raise ModelError("sem-options-conflict", first="fixed_x=False", second="conditional_x=True")
    if options.std_lv and "loadings" in effects:
        raise ModelError("sem-options-conflict", first="std_lv=True", second="effect_coding='loadings'")
    return _Settings(means, fixed_x, conditional_x, effects, equal, filled)


# --- names ---------------------------------------------------------------------------------------------


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


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


def _names(formulas: Sequence[Formula]) -> _Names:
    """The variables of a block in lavaan's order: indicators, outcomes, predictors, then the others."""
    loading: dict[str, None] = {}
    composite: dict[str, None] = {}
    indicators: dict[str, None] = {}
    outcomes: dict[str, None] = {}
    predictors: dict[str, None] = {}
    means: dict[str, None] = {}
    rest: dict[str, None] = {}
    pairs = []
    for formula in formulas:
        lhs, op, rhs = formula[:3]
        if op == "=~":
            loading[lhs] = None
            indicators[rhs] = None
        elif op == "~":
            outcomes[lhs] = None
            predictors[rhs] = None
        elif op == "~~":
            pairs.append((lhs, rhs))
        elif op == "<~":
            composite[lhs] = None
            predictors[rhs] = None
        else:
            rest[lhs] = None
            if op == "~1":
                means[lhs] = None
    latent = tuple(loading)
    if composite:
        latent = _unique(formula.lhs for formula in formulas if formula.op in ("=~", "<~"))
    defined = loading | composite
    known = indicators | outcomes | predictors
    # lavaan orders the other variables twice: as written, and after it has turned the covariances around
    order: dict[str, int] = {}
    paired: dict[str, None] = {}
    if pairs:
        order = {name: place for place, name in enumerate(dict.fromkeys(latent) | known | _sides(pairs))}
        pairs = [pair if order[pair[0]] <= order[pair[1]] else pair[::-1] for pair in pairs]
        paired = _sides(pairs)
    explained = defined | indicators | outcomes
    return _Names(
        latent,
        tuple(name for name in composite if name not in loading),
        tuple(name for name in known | paired | rest if name not in defined),
        tuple(
            name for name in predictors if name not in explained and name not in paired and name not in means
        ),
        tuple(name for name in latent if name not in indicators and name not in outcomes),
        tuple(
            name for name in latent if name in outcomes and name not in indicators and name not in predictors
        ),
        tuple(
            name
            for name in outcomes
            if name not in defined and name not in indicators and name not in predictors
        ),
        order,
    )


def _sides(pairs: Sequence[tuple[str, str]]) -> dict[str, None]:
    """The left-hand sides, then the right-hand sides."""
    return dict.fromkeys([*(left for left, _ in pairs), *(right for _, right in pairs)])


def _check_data(
    elements: Sequence[Formula], latent: Sequence[str], observed: Sequence[str], data_names: frozenset[str]
) -> None:
    """Latent variables have no column, observed ones have one."""
    for name in latent:
        if name in data_names:
            place = next(formula for formula in elements if formula.lhs == name)
            raise ModelError("sem-latent-in-data", line=place.line, column=place.column, name=name)
    for name in observed:
        if name not in data_names:
            place = next(formula for formula in elements if name in (formula.lhs, formula.rhs))
            near = difflib.get_close_matches(name, sorted(data_names), 3, 0.5)
            raise ModelError(
                "sem-variable-missing",
                line=place.line,
                column=place.column,
                name=name,
                near=", ".join(near) or "–",
            )


def _check_thresholds(elements: Iterable[Formula], ordered: Mapping[str, int]) -> None:
    """Thresholds and scale factors belong to ordered variables, and no more of them than there are steps."""
    for formula in elements:
        if formula.op not in ("|", "~*~"):
            continue
        place = {"line": formula.line, "column": formula.column, "name": formula.lhs}
        count = ordered.get(formula.lhs)
        if count is None:
            raise ModelError("sem-threshold-unordered", **place)
        if formula.op == "|" and int(formula.rhs[1:]) >= count:
            raise ModelError("sem-threshold-too-many", **place, count=count, text=formula.rhs, last=count - 1)


# --- rows ----------------------------------------------------------------------------------------------


def _cells(
    formulas: Sequence[Formula],
    names: _Names,
    groups: Sequence[int],
    n_groups: int,
    ordered: Mapping[str, int],
    settings: _Settings,
) -> list[_Cell]:
    """The rows of a block for each of its groups."""
    written, loadings = _written(formulas, names)
    added = _added(written, loadings, names, ordered, settings)
    defaults = _defaults(loadings, names, ordered, settings)
    slopes = frozenset(names.exogenous) if settings.conditional_x else frozenset()
    cells = []
    for group in groups:
        for formula, (lhs, op, rhs) in zip(formulas, written, strict=True):
            free, value = defaults.get((lhs, op, rhs), (True, nan))
            cell = _Cell(lhs, op, rhs, group, 1, free, value, op in "<~" and rhs in slopes)
            if formula.fixed:
                value = _of_group(formula, formula.fixed, group, groups, n_groups)
                cell.free, cell.value = value != value, value
            if formula.start:
                start = _of_group(formula, formula.start, group, groups, n_groups)
                if start == start:
                    cell.value = start
            if formula.label:
                cell.label = _of_group(formula, formula.label, group, groups, n_groups)
            if formula.equal:
                cell.equal = cell.label = _of_group(formula, formula.equal, group, groups, n_groups)
            cells.append(cell)
        cells += [_Cell(lhs, op, rhs, group, 0, free, value, exo) for lhs, op, rhs, free, value, exo in added]
    return cells


def _written(
    formulas: Sequence[Formula], names: _Names
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
    loadings: Mapping[str, Sequence[str]], names: _Names, ordered: Mapping[str, int], settings: _Settings
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
    names: _Names,
    ordered: Mapping[str, int],
    settings: _Settings,
) -> list[tuple[str, str, str, bool, float, bool]]:
    """The elements that nobody wrote: lhs, op, rhs, is free, value, is exo."""
    options = settings.options
    latent, composite, observed, exogenous = names[:4]
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
        elif options.auto_var and name not in single and name not in composite:
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
    for place, left in enumerate(exogenous):
        for right in exogenous[place:]:
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
    return ((left, right) for place, left in enumerate(names) for right in names[place + 1 :])


def _of_group(
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
    cells: Iterable[_Cell], latent: frozenset[str], ordered: Mapping[str, int], settings: _Settings
) -> None:
    """Free in later groups what equality with the first identifies: latent means and variances, response scales."""
    equal, options = settings.equal, settings.options
    origin = "intercepts" in equal or "thresholds" in equal
    means = origin and "means" not in equal
    variances = options.std_lv and "loadings" in equal and "lv.variances" not in equal
    delta = origin and options.parameterization == "delta" and options.auto_delta
    theta = origin and options.parameterization == "theta" and "residuals" not in equal
    for cell in cells:
        if cell.group == 1 or cell.user:
            continue
        name, op = cell.lhs, cell.op
        if op == "~1":
            freed = means and name in latent
        elif op == "~~" and name == cell.rhs:
            freed = variances if name in latent else theta and name in ordered
        else:
            freed = op == "~*~" and bool(delta)
        if freed:
            cell.free, cell.value = True, nan


def _kind(cell: _Cell, latent: frozenset[str]) -> str:
    """The word of `group_equal` that an element falls under."""
    op, left = cell.op, cell.lhs in latent
    if op == "~~":
        if cell.lhs == cell.rhs:
            return "lv.variances" if left else "residuals"
        return "lv.covariances" if left or cell.rhs in latent else "residual.covariances"
    if op == "~1":
        return "means" if left else "intercepts"
    return {"=~": "loadings", "~": "regressions", "|": "thresholds", "<~": "composite.loadings"}.get(op, "")


def _equalities(
    cells: Sequence[_Cell],
    latent: frozenset[str],
    exogenous: frozenset[str],
    settings: _Settings,
    elements: Sequence[Formula],
) -> list[tuple[str, str]]:
    """Label what `group_equal` makes equal; the pairs of parameters that one label makes equal, first with later."""
    if settings.equal:
        _label_equal(cells, latent, exogenous, settings)
    sets: dict[str, list[_Cell]] = {}
    alike: dict[str, _Cell] = {}
    for cell in cells:
        if cell.equal:
            alike.setdefault(cell.equal, _named(cell.equal, cells, elements))
    targets = {id(cell): text for text, cell in alike.items()}
    for cell in cells:
        name = cell.label
        if name in alike and (cell.equal or not alike[name].label):
            name = alike[name].label or name
        elif not name:
            name = targets.get(id(cell), "")
        if name:
            sets.setdefault(name, []).append(cell)
    pairs = []
    # lavaan lists a set of equal parameters where its second one stands
    for same in sorted((same for same in sets.values() if len(same) > 1), key=lambda same: same[1].place):
        first = same[0]
        for cell in same:
            if not cell.label:
                cell.label = first.plabel
        if not _pinned(same):
            pairs += [(first.plabel, cell.plabel) for cell in same[1:]]
    return pairs


def _label_equal(
    cells: Sequence[_Cell], latent: frozenset[str], exogenous: frozenset[str], settings: _Settings
) -> None:
    """Give each parameter of the first group that `group_equal` names one label with its fellows in the others."""
    partial = settings.options.group_partial
    spared: set[tuple[str, str, str]] = set()
    for text in (partial,) if isinstance(partial, str) else partial:
        for formula in parse(text):
            lhs, op, rhs = formula[:3]
            spared |= {(lhs, op, rhs), (rhs, op, lhs)} if op == "~~" else {(lhs, op, rhs)}
            if not any((cell.lhs, cell.op, cell.rhs) in ((lhs, op, rhs), (rhs, op, lhs)) for cell in cells):
                raise ModelError("sem-partial-unknown", text=text)
    first = cells[0].group
    fellows: dict[tuple[str, str, str], list[_Cell]] = {}
    for cell in cells:
        if cell.lhs in exogenous:
            continue
        key = cell.lhs, cell.op, cell.rhs
        if cell.group == first:
            if not cell.label and key not in spared and _kind(cell, latent) in settings.equal:
                fellows[key] = [cell]
        elif key in fellows and not cell.label:
            fellows[key].append(cell)
    for same in fellows.values():
        if len(same) > 1 and not _pinned(same):
            label = same[0].plabel
            for cell in same:
                cell.label = label


def _pinned(same: Sequence[_Cell]) -> bool:
    """Fix a whole set of equal parameters at the value that one of them is fixed at; False when all are free."""
    fixed = next((cell for cell in same if not cell.free), None)
    if fixed is None:
        return False
    for cell in same:
        cell.free, cell.value = False, fixed.value
    return True


def _named(text: str, cells: Sequence[_Cell], elements: Sequence[Formula]) -> _Cell:
    """The parameter that `equal("f=~item1")` names, in its first group."""
    for cell in cells:
        if cell.lhs + (f"~1{cell.rhs}" if cell.op == "~1" else cell.op + cell.rhs) == text:
            return cell
    place = next(formula for formula in elements if text in formula.equal)
    raise ModelError("sem-equal-unknown", line=place.line, column=place.column, text=text)


def _effect_coding(
    cells: Sequence[_Cell], observed: Sequence[str], effects: Sequence[str]
) -> list[tuple[str, str]]:
    """Loadings of each latent variable that average 1, intercepts of its indicators that sum to 0, group by group."""
    at = {(cell.lhs, cell.op, cell.rhs, cell.group): cell for cell in cells}
    indicators: dict[tuple[int, str], list[_Cell]] = {}
    for cell in cells:
        if cell.op == "=~":
            indicators.setdefault((cell.group, cell.lhs), []).append(cell)
    pairs = []
    for (group, name), loadings in indicators.items():
        if "loadings" in effects and all(cell.free for cell in loadings):
            pairs.append(_sum_of(loadings, len(loadings)))
        intercepts = [at.get((cell.rhs, "~1", "", group)) for cell in loadings]
        present = [cell for cell in intercepts if cell is not None and cell.free]
        if "intercepts" in effects and len(present) == len(intercepts):
            pairs.append(_sum_of(sorted(present, key=lambda cell: cell.place), 0))
            mean = at[(name, "~1", "", group)]
            if not mean.user and not mean.free:
                mean.free = True
    return pairs


def _sum_of(cells: Sequence[_Cell], total: int) -> tuple[str, str]:
    return cells[0].plabel, "-".join([str(total), *(cell.plabel for cell in cells[1:])])


def _rows(
    cells: Sequence[_Cell], relations: Sequence[Formula], equalities: Sequence[tuple[str, str]]
) -> tuple[Row, ...]:
    rows = []
    free = 0
    for cell in cells:
        if cell.free:
            free += 1
        rows.append(
            Row(
                cell.lhs,
                cell.op,
                cell.rhs,
                cell.group,
                cell.user,
                free if cell.free else 0,
                cell.value,
                cell.label,
                cell.plabel,
                cell.exo,
            )
        )
    rows += [
        Row(lhs, op, rhs, 0, 1, 0, nan, lhs if op == ":=" else "", "", False)
        for lhs, op, rhs, *_ in relations
    ]
    rows += [Row(left, "==", right, 0, 2, 0, nan, "", "", False) for left, right in equalities]
    return tuple(rows)


# --- models given as tables ----------------------------------------------------------------------------


def _columns(model: Any) -> dict[str, list[Any]]:
    """A table by columns, from columns by name, rows as mappings, or a dataframe."""
    if isinstance(model, Mapping) or hasattr(model, "columns"):
        names = model if isinstance(model, Mapping) else model.columns
        columns = {str(name): list(model[name]) for name in names}
    else:
        rows = list(model)
        columns = {str(name): [row.get(name) for row in rows] for name in (rows[0] if rows else ())}
    absent = [name for name in ("lhs", "op", "rhs") if name not in columns]
    if absent or not columns["lhs"]:
        raise ModelError("sem-table-columns", absent=", ".join(absent) or "rows")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ModelError(
            "sem-table-lengths", lengths=", ".join(f"{n} {count}" for n, count in lengths.items())
        )
    operators = (*RELATIONS, "=~", "~", "~~", "~1", "|", "~*~", "<~")
    for place, op in enumerate(columns["op"], 1):
        if op not in operators:
            raise ModelError("sem-table-cell", row=place, column="op", value=op, known=" ".join(operators))
    return columns


def _number(columns: Mapping[str, Sequence[Any]], name: str, place: int) -> float:
    """A number of a table's row; nan where there is none."""
    value = columns[name][place] if name in columns else None
    if value is None or value == "":
        return nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ModelError(
            "sem-table-cell", row=place + 1, column=name, value=value, known="0.5, 1, …"
        ) from None


def _text(columns: Mapping[str, Sequence[Any]], name: str, place: int) -> str:
    value = columns[name][place] if name in columns else None
    return "" if value is None or value != value else str(value)


def _formulas_of(columns: Mapping[str, Sequence[Any]]) -> tuple[Formula, ...]:
    """The rows of a table without a column `free` as formulas; a row is a line."""
    formulas = []
    for place in range(len(columns["lhs"])):
        lhs, op, rhs = (_text(columns, name, place) for name in ("lhs", "op", "rhs"))
        if op in RELATIONS:
            tree_of(lhs), tree_of(rhs)
        fixed = [_number(columns, name, place) for name in ("fixed", "ustart")]
        fixed = [value for value in fixed if value == value]
        start, label = _number(columns, "start", place), _text(columns, "label", place)
        formulas.append(
            Formula(
                lhs,
                op,
                rhs,
                fixed=tuple(fixed[:1]),
                start=(start,) if start == start else (),
                label=(label,) if label and op not in RELATIONS else (),
                line=place + 1,
                column=1,
            )
        )
    return tuple(formulas)


def _complete(
    columns: Mapping[str, Sequence[Any]], options: TableOptions, categories: Mapping[str, int]
) -> ParameterTable:
    """A table that says of every parameter whether it is free, taken as it is."""
    cells: list[_Cell] = []
    relations: list[Row] = []
    numbers: dict[float, int] = {}
    for place in range(len(columns["lhs"])):
        lhs, op, rhs = (_text(columns, name, place) for name in ("lhs", "op", "rhs"))
        if op in RELATIONS:
            tree_of(lhs), tree_of(rhs)
            user = _number(columns, "user", place)
            relations.append(
                Row(lhs, op, rhs, 0, 2 if user == 2 else 1, 0, nan, lhs if op == ":=" else "", "", False)
            )
            continue
        number, group, user, exo = (
            _number(columns, name, place) for name in ("free", "group", "user", "exo")
        )
        if number and number == number:
            if number in numbers:
                raise ModelError(
                    "sem-table-free-twice", row=place + 1, first=numbers[number], value=int(number)
                )
            numbers[number] = place + 1
        values = [_number(columns, name, place) for name in ("value", "ustart", "fixed", "start")]
        value = next((value for value in values if value == value), nan)
        cell = _Cell(
            lhs,
            op,
            rhs,
            int(group) if group == group else 1,
            0 if user == 0 else 1,
            bool(number and number == number),
            value,
            exo == 1,
        )
        cell.label = _text(columns, "label", place)
        cell.place = len(cells) + 1
        cells.append(cell)
    elements = [Formula(cell.lhs, cell.op, cell.rhs) for cell in cells]
    names = _names(elements)
    exogenous = _unique(cell.lhs for cell in cells if cell.exo and cell.op == "~~")
    thresholds = {
        name: 1 + sum(cell.op == "|" and cell.lhs == name and cell.group == 1 for cell in cells)
        for name in _unique(cell.lhs for cell in cells if cell.op == "|")
    }
    sets: dict[str, list[_Cell]] = {}
    for cell in cells:
        if cell.label:
            sets.setdefault(cell.label, []).append(cell)
    said = {(row.lhs, row.rhs) for row in relations if row.op == "=="}
    pairs = [
        (same[0].plabel, cell.plabel)
        for same in sets.values()
        for cell in same[1:]
        if cell.free and (same[0].plabel, cell.plabel) not in said
    ]
    rows = _rows(cells, (), pairs)
    return ParameterTable(
        (*rows[: len(cells)], *relations, *rows[len(cells) :]),
        names.observed,
        names.latent,
        exogenous,
        {name: categories.get(name, count) for name, count in thresholds.items()},
        max(cell.group for cell in cells),
        any(cell.op == "~1" for cell in cells),
        options.parameterization if thresholds else "",
    )
