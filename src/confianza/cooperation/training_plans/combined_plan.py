"""The combined education and training program plan: its sections in the manual's order, each with its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.training import Category, PmeLevel
from confianza.cooperation.training_plans.plan import TrainingListLine, TrainingPlan
from confianza.cooperation.training_plans.process import options_of
from confianza.cooperation.training_plans.records import RecordKind

INVITATIONAL = (PmeLevel.STAFF, PmeLevel.WAR_COLLEGE, PmeLevel.SENIOR)
LINES: Mapping[str, Callable[[TrainingListLine], bool]] = {
    "english": lambda line: line.category == Category.ENGLISH,
    "invitational-pme": lambda line: (
        line.direction == "to-us" and line.category == Category.PME and line.level in INVITATIONAL
    ),
    "tours": lambda line: line.kind == "orientation-tour",
    "teams": lambda line: line.kind == "mobile-team",
    "human-rights": lambda line: line.category == Category.E_IMET,
    "terrorism": lambda line: line.program == "ctfp",
    "others": lambda line: line.program not in ("imet", "ctfp"),
}


@dataclass(frozen=True)
class Section:
    """A section of the plan; `lines` is None where the section is words only."""

    id: str
    name: BilingualText
    text: str
    lines: tuple[TrainingListLine, ...] | None


def combined_plan(plan: TrainingPlan) -> list[Section]:
    """The sections of the plan of a year in the order of SAMM figure C10.F1, as far as they are written."""
    standing = [line for line in plan.lines if line.is_standing]
    return [
        Section(
            key,
            name,
            plan.sections.get(key, ""),
            tuple(line for line in standing if LINES[key](line)) if key in LINES else None,
        )
        for key, name in options_of(RecordKind.PLAN, "section").items()
    ]
