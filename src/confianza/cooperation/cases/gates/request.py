"""A step requested of a case, and what the gates read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from confianza.cooperation.cases.case import Case, CaseLine
from confianza.cooperation.cases.effects import delivery_of
from confianza.cooperation.money import Money
from confianza.cooperation.names import same_spelling
from confianza.cooperation.process.fields import Value
from confianza.cooperation.process.steps import StepRequest
from confianza.errors import RuleRefusal


@dataclass(frozen=True, kw_only=True)
class CaseRequest(StepRequest[Case]):
    """A step requested of a case; `available` is what its funds have left, before this case takes more."""

    available: Money

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.subject

    @property
    def amount(self) -> Money | None:
        """The field `amount`; None while it is not submitted."""
        value = (self.details or {}).get("amount")
        return value if isinstance(value, Money) else None

    @property
    def delivery(self) -> Mapping[str, Value]:
        """Line and quantity of the step: its own, or those of the planned delivery it names."""
        details = self.details or {}
        is_planned = details.get("delivery") in self.case.register("deliveries")
        return delivery_of(self.case, details) if is_planned else details

    @property
    def quantity(self) -> int:
        """The quantity of the step or of its delivery; 0 while there is none."""
        value = self.delivery.get("quantity")
        return value if isinstance(value, int) else 0

    @property
    def line(self) -> CaseLine | None:
        """The line of the step or of its delivery."""
        return self.case.lines.get(str(self.delivery.get("line")))

    def detail_or_of_line(self, field: str) -> str:
        """A field as text; where it is not submitted, that of the step's line."""
        line = self.line
        return self.detail(field) or str(line.details.get(field, "") if line else "")

    def read(self, submitted: Mapping[str, str]) -> dict[str, Value]:
        """The typed values of the step's fields, names of entries as the case spells them already.

        Raises
        ------
        RuleRefusal
            `line-unknown`, `entry-unknown`, `field-unknown` or `field-not-understood`.
        """
        details = super().read(submitted)
        for field in self.step.fields:
            if field.name not in details:
                continue
            if field.type in {"key", "entry"}:
                details[field.name] = same_spelling(str(details[field.name]), self._entries(field.name))
            if field.type in {"line", "entry"}:
                known = self.case.lines if field.type == "line" else self.case.register(field.register)
                if details[field.name] not in known:
                    raise RuleRefusal(
                        "line-unknown" if field.type == "line" else "entry-unknown",
                        line=details[field.name],
                        field=field.label,
                        case=self.case.identifier,
                        known=", ".join(known) or "-",
                    )
        return details

    def _entries(self, name: str) -> list[str]:
        """The keys of every register that a field of the step, or a rule about it, names."""
        registers = {field.register for field in self.step.fields if field.name == name}
        registers |= {self.step.register} if self.step.key == name else set()
        registers |= {
            str(rule.params.get("register", ""))
            for rule in self.edition.rules
            if rule.params.get("field") == name
        }
        return [key for register in sorted(registers - {""}) for key in self.case.register(register)]
