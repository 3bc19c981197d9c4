"""Rows of a parameter table while it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confianza.sem.model.parameter_table import Row
from confianza.sem.model.syntax import Formula


@dataclass(eq=False, slots=True)
class DraftRow:
    """A parameter before it has its number; `equal` is the parameter that a text makes it equal to."""

    lhs: str
    op: str
    rhs: str
    group: int
    user: int
    free: bool
    value: float
    exo: bool = False
    label: str = ""
    equal: str = ""
    number: int = 0

    @property
    def plabel(self) -> str:
        """.p1., .p2., ..."""
        return f".p{self.number}."


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once, in their order."""
    return tuple(dict.fromkeys(names))


def finished_rows(
    drafts: Sequence[DraftRow], relations: Sequence[Formula], equalities: Sequence[tuple[str, str]]
) -> tuple[Row, ...]:
    """The rows of a table: its parameters, what was written of them, and what is equal by convention."""
    rows = []
    free = 0
    for draft in drafts:
        free += draft.free
        number = free if draft.free else 0
        key = (draft.lhs, draft.op, draft.rhs, draft.group, draft.user)
        rows.append(Row(*key, number, draft.value, draft.label, draft.plabel, draft.exo))
    rows += [Row.relation(lhs, op, rhs) for lhs, op, rhs, *_ in relations]
    rows += [Row.relation(left, "==", right, user=2) for left, right in equalities]
    return tuple(rows)
