"""Models given as tables: read into formulas, or taken as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, Protocol

from confianza.errors import ModelError
from confianza.sem.model.drafts import DraftRow, finished_rows, unique
from confianza.sem.model.expressions import tree_of
from confianza.sem.model.parameter_table import ParameterTable, Row
from confianza.sem.model.syntax import RELATIONS, Formula
from confianza.sem.model.table_options import TableOptions
from confianza.sem.model.variables import variables_of


class Frame(Protocol):
    """What is asked of a dataframe, whatever library made it."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""

    def __getitem__(self, name: Any, /) -> Any: ...


Model = str | Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | Frame


def table_columns(model: Any) -> dict[str, list[Any]]:
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
    for number, op in enumerate(columns["op"], 1):
        if op not in operators:
            raise ModelError("sem-table-cell", row=number, column="op", value=op, known=" ".join(operators))
    return columns


def _number(columns: Mapping[str, Sequence[Any]], name: str, index: int) -> float:
    """A number of a table's row; nan where there is none."""
    value = columns[name][index] if name in columns else None
    if value is None or value == "":
        return nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ModelError(
            "sem-table-cell", row=index + 1, column=name, value=value, known="0.5, 1, …"
        ) from None


def _text(columns: Mapping[str, Sequence[Any]], name: str, index: int) -> str:
    value = columns[name][index] if name in columns else None
    return "" if value is None or value != value else str(value)


def formulas_of_table(columns: Mapping[str, Sequence[Any]]) -> tuple[Formula, ...]:
    """The rows of a table without a column `free` as formulas; a row is a line."""
    formulas = []
    for index in range(len(columns["lhs"])):
        lhs, op, rhs = (_text(columns, name, index) for name in ("lhs", "op", "rhs"))
        if op in RELATIONS:
            tree_of(lhs), tree_of(rhs)
        fixed = [_number(columns, name, index) for name in ("fixed", "ustart")]
        fixed = [value for value in fixed if value == value]
        start, label = _number(columns, "start", index), _text(columns, "label", index)
        formulas.append(
            Formula(
                lhs,
                op,
                rhs,
                fixed=tuple(fixed[:1]),
                start=(start,) if start == start else (),
                label=(label,) if label and op not in RELATIONS else (),
                line=index + 1,
                column=1,
            )
        )
    return tuple(formulas)


def complete_table(
    columns: Mapping[str, Sequence[Any]], options: TableOptions, categories: Mapping[str, int]
) -> ParameterTable:
    """A table that says of every parameter whether it is free, taken as it is."""
    drafts: list[DraftRow] = []
    relations: list[Row] = []
    numbers: dict[float, int] = {}
    for index in range(len(columns["lhs"])):
        lhs, op, rhs = (_text(columns, name, index) for name in ("lhs", "op", "rhs"))
        if op in RELATIONS:
            tree_of(lhs), tree_of(rhs)
            user = _number(columns, "user", index)
            relations.append(Row.relation(lhs, op, rhs, user=2 if user == 2 else 1))
            continue
        number, group, user, exo = (
            _number(columns, name, index) for name in ("free", "group", "user", "exo")
        )
        if number and number == number:
            if number in numbers:
                raise ModelError(
                    "sem-table-free-twice", row=index + 1, first=numbers[number], value=int(number)
                )
            numbers[number] = index + 1
        values = [_number(columns, name, index) for name in ("value", "ustart", "fixed", "start")]
        value = next((value for value in values if value == value), nan)
        drafts.append(
            DraftRow(
                lhs,
                op,
                rhs,
                group=int(group) if group == group else 1,
                user=0 if user == 0 else 1,
                free=bool(number and number == number),
                value=value,
                exo=exo == 1,
                label=_text(columns, "label", index),
                number=len(drafts) + 1,
            )
        )
    elements = [Formula(draft.lhs, draft.op, draft.rhs) for draft in drafts]
    names = variables_of(elements)
    exogenous = unique(draft.lhs for draft in drafts if draft.exo and draft.op == "~~")
    thresholds = {
        name: 1 + sum(draft.op == "|" and draft.lhs == name and draft.group == 1 for draft in drafts)
        for name in unique(draft.lhs for draft in drafts if draft.op == "|")
    }
    sets: dict[str, list[DraftRow]] = {}
    for draft in drafts:
        if draft.label:
            sets.setdefault(draft.label, []).append(draft)
    written = {(row.lhs, row.rhs) for row in relations if row.op == "=="}
    pairs = [
        (same[0].plabel, draft.plabel)
        for same in sets.values()
        for draft in same[1:]
        if draft.free and (same[0].plabel, draft.plabel) not in written
    ]
    rows = finished_rows(drafts, (), pairs)
    return ParameterTable(
        (*rows[: len(drafts)], *relations, *rows[len(drafts) :]),
        names.observed,
        names.latent,
        exogenous,
        {name: categories.get(name, count) for name, count in thresholds.items()},
        max(draft.group for draft in drafts),
        any(draft.op == "~1" for draft in drafts),
        options.parameterization if thresholds else "",
    )
