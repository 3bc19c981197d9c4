"""The constraints and definitions of a parameter table: `:=`, `==`, `<`, `>`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from confianza.errors import ModelError
from confianza.sem.model.expressions import Expression, Tree, _inlined, names_of, tree_of
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.numerics.matrices import Array


@dataclass(frozen=True)
class Constraints:
    """What a table asks of its free parameters theta (n_free,).

    The two of `equal_pairs` are equal, and linear_matrix @ theta = linear_target (m, n_free). `nonlinear` hold where
    they are 0, `inequalities` where they are at least 0. `definitions` are the `:=` in their order.
    """

    equal_pairs: tuple[tuple[int, int], ...]
    linear_matrix: Array
    linear_target: Array
    nonlinear: tuple[Expression, ...]
    inequalities: tuple[Expression, ...]
    definitions: Mapping[str, Expression]

    @property
    def equality_matrix(self) -> Array:
        """All linear equalities as rows (m, n_free): pairs first."""
        pairs = np.zeros((len(self.equal_pairs), self.linear_matrix.shape[1]))
        for row, (first, second) in zip(pairs, self.equal_pairs, strict=True):
            row[first], row[second] = 1.0, -1.0
        return np.vstack([pairs, self.linear_matrix])

    @property
    def equality_target(self) -> Array:
        """What `equality_matrix` times the parameters is (m,)."""
        return np.concatenate([np.zeros(len(self.equal_pairs)), self.linear_target])


def constraints_of(table: ParameterTable) -> Constraints:
    """The constraints and definitions of a table, read once.

    Raises
    ------
    ModelError
        A constraint names a label that the model does not have, a definition one of a fixed parameter, or definitions
        need one another; names it.
    """
    free: dict[str, int] = {}
    fixed: dict[str, Tree] = {}
    n_free = 0
    relations = []
    for row in table.rows:
        if not row.group:
            relations.append(row)
            continue
        n_free = max(n_free, row.free)
        for name in (row.label, row.plabel):
            if name and name not in free and name not in fixed:
                if row.free:
                    free[name] = row.free - 1
                else:
                    fixed[name] = ("number", row.value)
    written = {row.lhs: tree_of(row.rhs) for row in relations if row.op == ":="}
    if fixed_names := fixed_labels(table, ":="):
        raise ModelError("sem-definition-fixed", labels=", ".join(fixed_names))
    known = (*(label for label in (*free, *fixed) if not re.fullmatch(r"\.p\d+\.", label)), *written)
    whole = dict(fixed)
    for name in _in_order(written):
        whole[name] = _inlined(written[name], whole)

    def expression(text: str, tree: Tree) -> Expression:
        tree = _inlined(tree, whole)
        names = names_of(tree)
        for name in names:
            if name not in free:
                raise ModelError(
                    "sem-label-unknown", label=name, text=text, known=", ".join(dict.fromkeys(known)) or "–"
                )
        return Expression(text, tree, names, np.array([free[name] for name in names], dtype=np.intp), n_free)

    definitions = {
        name: expression(f"{name}:={row_text}", whole[name]) for name, row_text in _texts(relations)
    }
    pairs: list[tuple[int, int]] = []
    rows: list[Array] = []
    target: list[float] = []
    nonlinear = []
    inequalities = []
    for row in relations:
        if row.op == ":=":
            continue
        if row.op == "==" and row.lhs in free and row.rhs in free:
            if free[row.lhs] != free[row.rhs]:
                pairs.append((free[row.lhs], free[row.rhs]))
            continue
        left, right = tree_of(row.lhs), tree_of(row.rhs)
        if row.op == "<":
            left, right = right, left
        difference = left if right == ("number", 0.0) else ("-", left, right)
        constraint = expression(f"{row.lhs}{row.op}{row.rhs}", difference)
        if row.op != "==":
            inequalities.append(constraint)
        elif (linear := constraint.linear()) is not None:
            rows.append(linear[0])
            target.append(-linear[1])
        else:
            nonlinear.append(constraint)
    return Constraints(
        tuple(pairs),
        np.array(rows, dtype=float).reshape(len(rows), n_free),
        np.array(target, dtype=float),
        tuple(nonlinear),
        tuple(inequalities),
        definitions,
    )


def fixed_labels(table: ParameterTable, *operators: str) -> tuple[str, ...]:
    """The labels of fixed parameters in the relations with these operators: there they can only be numbers."""
    relations = [row for row in table.rows if row.op in operators and row.user != 2]
    if not relations:
        return ()
    elements = [row for row in table.rows if row.group]
    names = [(name, row.free) for row in elements for name in (row.label, row.plabel)]
    fixed = {name for name, free in names if not free} - {name for name, free in names if free}
    used = [name for row in relations for side in (row.lhs, row.rhs) for name in names_of(tree_of(side))]
    return tuple(dict.fromkeys(name for name in used if name in fixed))


def _texts(relations: Iterable[Any]) -> list[tuple[str, str]]:
    return [(row.lhs, row.rhs) for row in relations if row.op == ":="]


def _in_order(written: Mapping[str, Tree]) -> list[str]:
    """The defined names, each after those it needs."""
    ordered: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ModelError("sem-definitions-circular", label=name, chain=" → ".join((*above, name)))
        if name not in ordered:
            for needed in names_of(written[name]):
                if needed in written:
                    visit(needed, (*above, name))
            ordered[name] = None

    for name in written:
        visit(name, ())
    return list(ordered)
