"""The gates of the case process by the names its rulebooks use, one file a subject."""

from __future__ import annotations

from confianza.cooperation.cases.gates import documents, lines, money, order, registers
from confianza.cooperation.process import standard_gates
from confianza.cooperation.process.steps import gates_in

GATES = gates_in(standard_gates, order, registers, documents, lines, money)
