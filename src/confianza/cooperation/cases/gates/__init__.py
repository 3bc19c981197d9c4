"""The gates of the case process by the name its rulebooks use, one file a subject."""

from __future__ import annotations

from collections.abc import Mapping

from confianza.cooperation.cases.gates.documents import DOCUMENT_GATES
from confianza.cooperation.cases.gates.lines import LINE_GATES
from confianza.cooperation.cases.gates.money import MONEY_GATES
from confianza.cooperation.cases.gates.order import ORDER_GATES
from confianza.cooperation.cases.gates.registers import REGISTER_GATES
from confianza.cooperation.cases.gates.request import CaseRequest, Gate
from confianza.cooperation.process.standard_gates import STANDARD_GATES

__all__ = ["GATES", "CaseRequest"]

GATES: Mapping[str, Gate] = {
    **STANDARD_GATES,
    **ORDER_GATES,
    **REGISTER_GATES,
    **DOCUMENT_GATES,
    **LINE_GATES,
    **MONEY_GATES,
}
