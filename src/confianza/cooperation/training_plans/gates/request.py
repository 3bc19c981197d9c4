"""A step requested of a training plan, a line or a student, and what the gates read of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from confianza.cooperation.process.steps import StepRequest
from confianza.cooperation.training_plans.plan import TrainingListLine, TrainingPlan
from confianza.cooperation.training_plans.records import TrainingRecord, line_of


@dataclass(frozen=True, kw_only=True)
class TrainingRequest(StepRequest[TrainingRecord]):
    """A step requested of a plan, a line or a student; `plan` is the plan it belongs to, as it stands."""

    plan: TrainingPlan

    @property
    def known_line(self) -> TrainingListLine | None:
        """The line as it stands in the plan; None where it is not yet there."""
        return self.plan.line(self.subject.code.wcn)

    @property
    def line(self) -> TrainingListLine | None:
        """The line as the step would leave it; None while nothing is known of it."""
        if not self.subject.records and self.details is None:
            return None
        changed = replace(self.subject, details={**self.subject.details, **(self.details or {})})
        known = self.known_line
        return line_of(changed, known.taken_count if known else 0)

    @property
    def sequence(self) -> list[TrainingListLine]:
        """The courses of a student, or those a line is one of, as they stand in the plan."""
        return self.plan.sequence(self.subject.code.wcn_base)
