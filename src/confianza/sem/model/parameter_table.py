"""The parameter table: every parameter of a model, written or added by convention, fixed or free, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import nan
from typing import Any

CONSTRAINTS = frozenset({"==", "<", ">"})


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

    @property
    def is_variance(self) -> bool:
        """Whether it is the variance of a variable, or what is left of it."""
        return self.op == "~~" and self.lhs == self.rhs

    @classmethod
    def relation(cls, lhs: str, op: str, rhs: str, *, user: int = 1) -> Row:
        """A constraint or definition."""
        return cls(lhs, op, rhs, 0, user, 0, nan, lhs if op == ":=" else "", "", False)


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

    @property
    def parameters(self) -> list[Row]:
        """The rows but constraints: parameters, and definitions."""
        return [row for row in self.rows if row.op not in CONSTRAINTS]

    def columns(self) -> dict[str, list[Any]]:
        """The rows by column, which can be fitted as a model."""
        return {field.name: [getattr(row, field.name) for row in self.rows] for field in fields(Row)}

    def name_of(self, row: Row) -> str:
        """A parameter as text, with its group where there are several."""
        name = f"{row.lhs} {row.op} {row.rhs}".strip()
        return name + (f" (group {row.group})" if self.n_groups > 1 else "")


def exogenous_names(table: ParameterTable) -> list[str]:
    """Observed variables that explain others and are explained by nothing, fixed or not, if no moment is written."""
    explained = {row.lhs for row in table.rows if row.op == "~"} | {
        row.rhs for row in table.rows if row.op == "=~"
    }
    written = {
        name for row in table.rows if row.user == 1 and row.op in {"~~", "~1"} for name in (row.lhs, row.rhs)
    }
    explaining = {row.rhs for row in table.rows if row.op in {"~", "<~"}}
    return [name for name in table.observed if name in explaining - explained - written]
