"""What an edition of a process consists of: phases, steps, rules, clocks, deadlines, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.fields import Field
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal

UNVERIFIED = BilingualText("unverified", "sin verificar")  # how an entry is marked that no source read states


@dataclass(frozen=True)
class Dated:
    """Something in force under some regimes and between two days (None, or no regime: no bound)."""

    from_date: date | None = None
    to_date: date | None = None
    regimes: tuple[str, ...] = ()

    def in_force(self, on: date, regime: str) -> bool:
        """Whether it binds a subject of a regime on a day."""
        return (
            (self.from_date is None or self.from_date <= on)
            and (self.to_date is None or on <= self.to_date)
            and (not self.regimes or regime in self.regimes)
        )


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase; the record of the step `completed_by` ends it. A phase without one runs beside the others."""

    id: str
    number: int
    name: BilingualText
    reference: Reference
    completed_by: str = ""
    is_verified: bool = True
    remark: BilingualText | None = None


@dataclass(frozen=True, kw_only=True)
class Step(Dated):
    """Something an office does to a subject, where it is dated only on days when it is in force.

    `resets` names the steps whose records no longer stand once this one is recorded. A step with a
    `register` keeps its details there under the value of its field `key`.
    """

    id: str
    phase: str
    actors: tuple[str, ...]
    name: BilingualText
    sentence: BilingualText
    reference: Reference
    after: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    effect: str = "none"
    resets: tuple[str, ...] = ()
    register: str = ""
    key: str = ""
    milestone: str = ""
    status: str = ""
    repeats: bool = False
    is_optional: bool = False
    is_verified: bool = True
    remark: BilingualText | None = None


@dataclass(frozen=True, kw_only=True)
class Rule(Dated):
    """A named gate in front of some steps, with the words it refuses in."""

    id: str
    steps: tuple[str, ...]
    gate: str
    sentence: BilingualText
    reason: BilingualText
    remedy: BilingualText
    reference: Reference
    except_steps: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    is_verified: bool = True
    remark: BilingualText | None = None

    def is_before(self, step: str) -> bool:
        """Whether the rule stands before a step while it is in force."""
        return step in self.steps or ("*" in self.steps and step not in self.except_steps)


@dataclass(frozen=True, kw_only=True)
class Clock(Dated):
    """A standard: from the record of `start` to that of `stop` in at most `days`, for `share` of the cases.

    Only the days between the steps `hold` and `release` are left out.
    """

    id: str
    name: BilingualText
    sentence: BilingualText
    start: str
    stop: str
    days: int
    share: float
    reference: Reference
    category: str = ""
    hold: str = ""
    release: str = ""
    is_verified: bool = True
    remark: BilingualText | None = None


@dataclass(frozen=True, kw_only=True)
class Deadline(Dated):
    """A day by which the step `satisfied_by` is due.

    Counted in days, months or working days from each record of `after`, or set on `month_day` of the year
    in which the funds reach `funds_date`, `years` later. `per` names the field that pairs a record of
    `after` with one of `satisfied_by`; with `kinds`, only deliveries of lines of these kinds count.
    """

    id: str
    name: BilingualText
    sentence: BilingualText
    satisfied_by: str
    reference: Reference
    after: str = ""
    days: int = 0
    working_days: int = 0
    months: int = 0
    per: str = ""
    kinds: tuple[str, ...] = ()
    funds_date: str = ""
    month_day: str = ""
    years: int = 0
    no_year_only: bool = False
    is_verified: bool = True
    remark: BilingualText | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentKind:
    """A kind of paper: required before some steps, or not to be used at all in this process."""

    id: str
    name: BilingualText
    reference: Reference
    required_for: tuple[str, ...] = ()
    is_excluded: bool = False
    note: BilingualText | None = None
    is_verified: bool = True
    remark: BilingualText | None = None


@dataclass(frozen=True, kw_only=True)
class Scope(Dated):
    """The money an edition is for: its regimes, and its fiscal years from `from_fy` to `to_fy`."""

    from_fy: int | None = None
    to_fy: int | None = None
    programs: tuple[str, ...] = ()
    except_programs: tuple[str, ...] = ()

    def covers(self, *, regime: str, fy: int | None, authority: str) -> bool:
        """Whether funds of a regime, fiscal year and authority fall under it."""
        if self.regimes and regime not in self.regimes:
            return False
        if authority in self.except_programs or (self.programs and authority not in self.programs):
            return False
        if self.from_fy is not None and (fy is None or fy < self.from_fy):
            return False
        return self.to_fy is None or (fy is not None and fy <= self.to_fy)


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition of a process. A subject keeps the edition it began under."""

    id: str
    title: BilingualText
    note: BilingualText
    source: str
    phases: tuple[Phase, ...]
    steps: Mapping[str, Step]
    rules: tuple[Rule, ...]
    clocks: tuple[Clock, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    documents: Mapping[str, DocumentKind] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    categories: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    statuses: Mapping[str, BilingualText] = field(default_factory=dict)

    def steps_of(self, phase: str) -> list[Step]:
        """The steps of a phase in the order of the rulebook."""
        return [step for step in self.steps.values() if step.phase == phase]

    def known_step(self, step: str) -> Step:
        """The step of an id; RuleRefusal `step-unknown` names those there are."""
        if step not in self.steps:
            raise RuleRefusal("step-unknown", step=step, edition=self.id, known=", ".join(self.steps))
        return self.steps[step]

    @cached_property
    def _rules_by_step(self) -> Mapping[str, tuple[Rule, ...]]:
        return {step: tuple(rule for rule in self.rules if rule.is_before(step)) for step in self.steps}

    @cached_property
    def _is_dated(self) -> bool:
        return any(rule.from_date or rule.to_date or rule.regimes for rule in self.rules)

    def rules_before(self, step: str, on: date, regime: str) -> Sequence[Rule]:
        """The rules that stand before a step of a subject of a regime on a day."""
        rules = self._rules_by_step[step]
        return [rule for rule in rules if rule.in_force(on, regime)] if self._is_dated else rules

    def before(self, step: Step, on: date, regime: str) -> tuple[str, ...]:
        """The steps that must stand before a step on a day; for one not in force, those before that."""
        names: dict[str, None] = {}
        for name in step.after:
            earlier = self.steps[name]
            in_force = earlier.in_force(on, regime)
            names |= dict.fromkeys((name,) if in_force else self.before(earlier, on, regime))
        return tuple(names)

    @property
    def path(self) -> tuple[Phase, ...]:
        """The phases a subject passes one after the other."""
        return tuple(phase for phase in self.phases if phase.completed_by)

    def step_named(self, name: str) -> Step | None:
        """The step of an id or of a milestone code."""
        return self.steps.get(name) or next(
            (step for step in self.steps.values() if step.milestone == name), None
        )
