"""What is on record of a subject of a process (a case, a training plan, a line, a student), and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from confianza.cooperation.actors import Actor
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.rulebook import Step

S = TypeVar("S", bound="Subject")


@dataclass(frozen=True)
class StepRecord:
    """A step that was taken: by whom, on which day, with which details.

    `number` is that of its event in the log, or what the process counts it by.
    """

    step: str
    on: date
    actor: Actor
    details: Mapping[str, Value]
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What goes through a process: its records, those that still stand, its registers and its status."""

    records: tuple[StepRecord, ...] = ()
    standing: Mapping[str, StepRecord] = field(default_factory=dict)
    registers: Mapping[str, Mapping[str, Mapping[str, Value]]] = field(default_factory=dict)
    status: str = ""

    @property
    def regime(self) -> str:
        """Which of the rulebook's regimes binds it; empty where there is only one."""
        return ""

    def record_of(self, step: str) -> StepRecord | None:
        """The first record of a step that still stands (no later step took it back), or None."""
        return self.standing.get(step)

    def records_of(self, step: str) -> list[StepRecord]:
        """Every record of a step, also those taken back."""
        return [record for record in self.records if record.step == step]

    def register(self, name: str) -> Mapping[str, Mapping[str, Value]]:
        """The entries of a register by key, each the details recorded last and the day (`on`)."""
        return self.registers.get(name, {})


def apply_record(subject: S, step: Step, record: StepRecord, **changes: Any) -> S:
    """The subject with one more record, and with `changes` of its own fields; no rule is applied again."""
    registers = subject.registers
    if step.register:
        entries, key = subject.register(step.register), str(record.details[step.key])
        entry = {**entries.get(key, {}), **record.details, "on": record.on.isoformat()}
        registers = {**registers, step.register: {**entries, key: entry}}
    standing = {name: earlier for name, earlier in subject.standing.items() if name not in step.resets}
    standing.setdefault(step.id, record)
    return replace(
        subject,
        records=(*subject.records, record),
        standing=standing,
        registers=registers,
        status=step.status or subject.status,
        **changes,
    )
