"""The levels of measurement invariance and the parameter table of each.

Every item stands on a level: 0 configural, 1 thresholds, 2 loadings, 3 intercepts, 4 residuals equal in all groups. A
step brings all items to its level; partial invariance leaves an item where it stood before. Factors have
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

from collections.abc import Mapping, Sequence
from dataclasses import replace

from confianza.sem.model.parameter_table import ParameterTable, Row

CONFIGURAL, THRESHOLDS, LOADINGS, INTERCEPTS, RESIDUALS = range(5)
LEVELS = ("configural", "thresholds", "loadings", "intercepts", "residuals")
CONTINUOUS = {"configural": CONFIGURAL, "metric": LOADINGS, "scalar": INTERCEPTS, "strict": RESIDUALS}
ORDINAL = dict(zip(LEVELS, range(5), strict=True))


def indicators(table: ParameterTable) -> dict[str, tuple[str, ...]]:
    """The observed indicators of each factor."""
    items_of: dict[str, dict[str, None]] = {}
    for row in table.rows:
        if row.op == "=~":
            items_of.setdefault(row.lhs, {})[row.rhs] = None
    return {name: tuple(items) for name, items in items_of.items()}


def equal_element(row: Row) -> tuple[str, int]:
    """The item a row is about, and the level at which it is made equal; level 0: none."""
    if row.op == "|":
        return row.lhs, THRESHOLDS
    if row.op == "=~":
        return row.rhs, LOADINGS
    if row.op == "~1":
        return row.lhs, INTERCEPTS
    if row.is_variance:
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
        item, kind = equal_element(row)
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
    if item in highest:
        return (row.is_variance and highest[item] >= LOADINGS) or (
            row.op == "~1" and highest[item] >= INTERCEPTS
        )
    if item not in base.ordered or item not in levels:
        return False
    level = levels[item]
    if row.op == "~1":
        return THRESHOLDS <= level < INTERCEPTS
    is_unit = row.op == "~*~" if base.parameterization == "delta" else row.is_variance
    if is_unit:
        return (THRESHOLDS if base.ordered[item] > 2 else INTERCEPTS) <= level < RESIDUALS
    return False


def _numbered(rows: Sequence[Row]) -> tuple[Row, ...]:
    count, out = 0, []
    for row in rows:
        count += row.free > 0
        out.append(replace(row, free=count) if row.free else row)
    return tuple(out)


def loosened(table: ParameterTable, kind: int, items: Sequence[str]) -> ParameterTable:
    """The table without constraints, and with what a step fixes in later groups free as well."""
    rows = []
    for row in table.rows:
        if not row.group:
            continue
        item, of_kind = equal_element(row)
        if of_kind == kind and item in items and row.group > 1 and not row.free and not row.user:
            row = replace(row, free=1)
        rows.append(row)
    return replace(table, rows=_numbered(rows))
