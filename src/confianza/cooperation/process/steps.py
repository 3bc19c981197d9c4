"""Steps of a process: what is requested, which rules refuse it and why, what may be done next.

A gate is a named predicate over a requested step. It returns None to let the step pass, or the parameters of the reason
it refuses with; the words, and what the gate is set to (its params), stand in the rulebook. A gate that needs details
passes while none are submitted. The gate `case-is-open` of a rulebook is the function `case_is_open`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from inspect import isfunction
from types import ModuleType
from typing import Any, Generic, Self, TypeVar

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.fields import Value, read_details
from confianza.cooperation.process.records import StepRecord, Subject
from confianza.cooperation.process.rulebook import UNVERIFIED, Edition, Rule, Step
from confianza.errors import RuleRefusal, Writer, rewritten_params

S = TypeVar("S", bound=Subject)
GateResult = Mapping[str, object] | None
GateParams = Mapping[str, Any]
Gates = Mapping[str, Callable[[Any, GateParams], GateResult]]


@dataclass(frozen=True, kw_only=True)
class StepRequest(Generic[S]):
    """A step somebody wants to take on a day, and `today`, on which it is recorded.

    `today`, `actor` and `details` are None when only looking for what is next.
    """

    subject: S
    edition: Edition
    step: Step
    on: date
    today: date | None = None
    actor: Actor | None = None
    details: Mapping[str, Value] | None = None

    @cached_property
    def rules(self) -> Sequence[Rule]:
        """The rules that stand before the step on its day."""
        return self.edition.rules_before(self.step.id, self.on, self.subject.regime)

    def detail(self, name: str) -> str:
        """A field as text; empty while it is not submitted."""
        return str((self.details or {}).get(name, ""))

    def read(self, submitted: Mapping[str, str]) -> dict[str, Value]:
        """The typed values of the step's fields, as `read_details` reads them."""
        return read_details(self.step.fields, submitted)


@dataclass(frozen=True)
class Refusal:
    """One rule that stands in the way, with what its reason and remedy name of this subject."""

    rule: Rule
    params: Mapping[str, object]

    @property
    def reason(self) -> BilingualText:
        """Why, of this subject."""
        return self.rule.reason.format(**self.params)

    @property
    def remedy(self) -> BilingualText:
        """What would satisfy the rule."""
        return self.rule.remedy.format(**self.params)

    def rewritten(self, write: Writer) -> Refusal:
        """The same refusal, its parameters as `write` writes them."""
        return Refusal(self.rule, rewritten_params(self.params, write))

    def in_language(self, language: str) -> str:
        """Reason, remedy, rule and reference as one line, and whether the rule is unverified."""
        reason, remedy = self.reason.in_language(language), self.remedy.in_language(language)
        mark = "" if self.rule.is_verified else f", {UNVERIFIED.in_language(language)}"
        return f"{reason} {remedy} [{self.rule.id}, {self.rule.reference}{mark}]"


class StepRefused(RuleRefusal):
    """A step was not taken; `refusals` are all the rules that stand in its way."""

    def __init__(
        self, subject: str, step: Step, refusals: tuple[Refusal, ...], *, code: str = "step-refused"
    ) -> None:
        super().__init__(code, case=subject, step=step.name)
        self.refusals = refusals

    def rewritten(self, write: Writer) -> Self:
        """The same refusal with its reasons, their parameters as `write` writes them."""
        other = super().rewritten(write)
        other.refusals = tuple(refusal.rewritten(write) for refusal in self.refusals)
        return other

    def heading(self, language: str) -> str:
        """The refusal without its reasons."""
        return super().in_language(language)

    def in_language(self, language: str) -> str:
        """The refusal with its reasons."""
        reasons = " ".join(refusal.in_language(language) for refusal in self.refusals)
        return f"{self.heading(language)} {reasons}"


@dataclass(frozen=True)
class NextAction:
    """A step the process offers now; it is blocked while `refusals` is not empty."""

    step: Step
    refusals: tuple[Refusal, ...]


def gates_in(*modules: ModuleType) -> Gates:
    """The gates that modules define: each public function of theirs, by its name in the rulebooks."""
    return {
        name.replace("_", "-"): function
        for module in modules
        for name, function in vars(module).items()
        if isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }


def refusals(request: StepRequest[Any], gates: Gates) -> tuple[Refusal, ...]:
    """The rules that refuse a step, each with its reason and remedy filled in."""
    return tuple(
        Refusal(rule, params)
        for rule in request.rules
        if (params := gates[rule.gate](request, rule.params)) is not None
    )


def passes(request: StepRequest[Any], gates: Gates, among: Collection[str] | None = None) -> bool:
    """Whether no rule refuses a step; with `among`, none of those whose gate is named there."""
    return all(
        gates[rule.gate](request, rule.params) is None
        for rule in request.rules
        if among is None or rule.gate in among
    )


def is_offered(request: StepRequest[Any], gates: Gates, *, not_offered: Collection[str]) -> bool:
    """Whether a step is on offer, blocked or not: no gate of `not_offered` refuses it, and its actor may take it."""
    among = {*not_offered} if request.actor is None else {*not_offered, "actor-is-responsible"}
    return passes(request, gates, among)


def take(
    request: StepRequest[Any],
    gates: Gates,
    submitted: Mapping[str, str],
    *,
    subject: str,
    code: str = "step-refused",
) -> StepRecord:
    """The record of a step that no rule refuses, before its fields are read or after.

    Parameters
    ----------
    submitted : mapping
        The step's fields as text, by name.
    subject, code : str
        What the subject is called, and the code of the error, when the step is refused.

    Raises
    ------
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `field-unknown`, `field-not-understood`, or what else `request.read` refuses.
    """
    if request.actor is None:
        raise TypeError("a step is taken by an actor")
    refused = refusals(request, gates)
    details: Mapping[str, Value] = {}
    if not refused:
        details = request.read(submitted)
        refused = refusals(replace(request, details=details), gates)
    if refused:
        raise StepRefused(subject, request.step, refused, code=code)
    return StepRecord(request.step.id, request.on, request.actor, details)
