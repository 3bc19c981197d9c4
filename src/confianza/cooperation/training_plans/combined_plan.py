"""The combined education and training program plan: its sections in the manual's order, with the lines each tells of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from confianza.cooperation.bilingual import Text
from confianza.cooperation.training import Category, Level
from confianza.cooperation.training_plans.plan import PlannedLine, TrainingProgram
from confianza.cooperation.training_plans.process import options_of
from confianza.cooperation.training_plans.records import Kind

INVITATIONAL = (Level.STAFF, Level.WAR_COLLEGE, Level.SENIOR)
LINES: Mapping[str, Callable[[PlannedLine], bool]] = {
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
    name: Text
    text: str
    lines: tuple[PlannedLine, ...] | None


def combined_plan(program: TrainingProgram) -> list[Section]:
    """The sections of the plan of a year in the order of SAMM figure C10.F1, as far as they are written."""
    standing = [line for line in program.lines if line.is_standing]
    return [
        Section(
            key,
            name,
            program.sections.get(key, ""),
            tuple(line for line in standing if LINES[key](line)) if key in LINES else None,
        )
        for key, name in options_of(Kind.PROGRAM, "section").items()
    ]
