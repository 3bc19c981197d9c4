"""What is checked of a country's training plan, and what stands before a travel order."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from confianza.cooperation.money import Money, total
from confianza.cooperation.sources import Reference
from confianza.cooperation.texts import Text
from confianza.cooperation.training import Category
from confianza.errors import RuleRefusal


@dataclass(frozen=True)
class PlannedLine:
    """A line of a training plan: priority A (firm), B or D, category, seats and their cost together."""

    priority: str
    category: Category
    student_count: int
    cost: Money


@dataclass(frozen=True)
class Check:
    """One question of the working group: the figure found, the limit, whether it is met."""

    id: str
    name: Text
    found: float
    limit: float
    is_met: bool
    reference: Reference


@cache
def _rules() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("rules/working-group.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def pme_share_by_students(lines: Iterable[PlannedLine]) -> float | None:
    """The share (0-1) of the seats that are PME; None without seats. The rule counts dollars, the thesis this."""
    listed = list(lines)
    seats = sum(line.student_count for line in listed)
    pme = sum(line.student_count for line in listed if line.category is Category.PME)
    return pme / seats if seats else None


def working_group_checks(lines: Iterable[PlannedLine], ceiling: Money) -> list[Check]:
    """The working group's questions, answered for a plan under a ceiling (SAMM figure C10.F2).

    Shares are compared in whole minor units: 49.99 percent of the ceiling is not 50.

    Raises
    ------
    RuleRefusal
        `ceiling-not-positive`.
    """
    if ceiling.minor <= 0:
        raise RuleRefusal("ceiling-not-positive", ceiling=ceiling)
    rules, listed = _rules(), list(lines)

    def cost(wanted: Iterable[PlannedLine]) -> int:
        return total([line.cost for line in wanted], ceiling.currency).minor

    pme = cost(line for line in listed if line.category is Category.PME)
    firm = cost(line for line in listed if line.priority == "A")
    left = sum(line.priority == "D" for line in listed)
    least, most = rules["pme"]["least_share"], rules["priority-a"]["most_share"]
    answers = [
        ("pme", pme / ceiling.minor, least, pme >= least * ceiling.minor),
        ("priority-a", firm / ceiling.minor, most, firm <= most * ceiling.minor),
        ("priority-d", float(left), 0.0, left == 0),
    ]
    return [
        Check(
            key,
            Text.of(rules[key]["name"]),
            found,
            limit,
            is_met,
            Reference(rules["source"], rules[key]["place"]),
        )
        for key, found, limit, is_met in answers
    ]


def check_travel_order(screened: Mapping[str, date], *, on: date) -> None:
    """Return quietly when every screening was passed in the country by `on` (SAMM C10.11).

    Raises
    ------
    RuleRefusal
        `screening-missing`, naming those that are missing.
    """
    wanted = {key: Text.of(name) for key, name in _rules()["screenings"].items() if key != "place"}
    missing = [name for key, name in wanted.items() if key not in screened or screened[key] > on]
    if missing:
        listed = Text(
            *(", ".join(name.in_language(language) for name in missing) for language in ("en", "es"))
        )
        raise RuleRefusal("screening-missing", missing=listed)
