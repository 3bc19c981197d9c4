"""The gates of training plans by the name their rulebooks use, one file a rulebook."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.process.standard_gates import STANDARD_GATES
from confianza.cooperation.training_plans.gates.lines import LINE_GATES
from confianza.cooperation.training_plans.gates.plans import PLAN_GATES
from confianza.cooperation.training_plans.gates.request import Gate, TrainingRequest
from confianza.cooperation.training_plans.gates.students import STUDENT_GATES

__all__ = ["GATES", "TrainingRequest"]

GATES: Mapping[str, Gate] = {**STANDARD_GATES, **PLAN_GATES, **LINE_GATES, **STUDENT_GATES}
