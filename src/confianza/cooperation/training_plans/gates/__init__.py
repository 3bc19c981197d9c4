"""The gates of training plans by the names their rulebooks use, one file a rulebook."""

from __future__ import annotations

from confianza.cooperation.process import standard_gates
from confianza.cooperation.process.steps import gates_in
from confianza.cooperation.training_plans.gates import lines, plans, students

GATES = gates_in(standard_gates, plans, lines, students)
