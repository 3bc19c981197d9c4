"""The case process: what may be done next, what a step does, why it is refused. Pure functions of a case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import CASE_IDENTIFIER, Case, Funds, StepRecord
from confianza.cooperation.cases.effects import EFFECTS, USED_UP
from confianza.cooperation.cases.fields import read_details
from confianza.cooperation.cases.gates import GATES, Attempt
from confianza.cooperation.cases.rulebook import Phase, Rule, Step, edition_of
from confianza.cooperation.money import Money
from confianza.cooperation.texts import Text
from confianza.errors import RuleRefusal

# A step refused by one of these gates is not blocked for now: it is not, or no longer, on offer.
NOT_OFFERED = {"earlier-steps-done", "not-done-before", "case-is-open", "letter-not-prepared"}


@dataclass(frozen=True)
class Refusal:
    """One rule that stands in the way: the reason in this case, and what would satisfy it."""

    rule: Rule
    reason: Text
    remedy: Text

    def in_language(self, language: str) -> str:
        """Reason, remedy, rule and reference as one line."""
        reason, remedy = self.reason.in_language(language), self.remedy.in_language(language)
        return f"{reason} {remedy} [{self.rule.id}, {self.rule.reference}]"


class StepRefused(RuleRefusal):
    """A step was not taken; `refusals` are all the rules that stand in its way."""

    def __init__(self, case: str, step: Step, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("step-refused", case=case, step=step.name)
        self.refusals = refusals

    def heading(self, language: str) -> str:
        """The refusal without its reasons."""
        return super().in_language(language)

    def in_language(self, language: str) -> str:
        reasons = " ".join(refusal.in_language(language) for refusal in self.refusals)
        return f"{self.heading(language)} {reasons}"


@dataclass(frozen=True)
class NextAction:
    """A step the process offers now; it is blocked while `refusals` is not empty."""

    step: Step
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class PhaseState:
    """How far a phase has come: its first record and the record that completed it."""

    phase: Phase
    started_on: date | None
    completed_on: date | None


def open_case(*, identifier: str, edition_id: str, title: str, partner_code: str, funds: Funds) -> Case:
    """A new case.

    Raises
    ------
    RuleRefusal
        `case-identifier-form`: not two characters, a letter, three letters (`E7-B-UAC`).
    RulebookError
        `edition-unknown`.
    """
    if re.fullmatch(CASE_IDENTIFIER, identifier) is None:
        raise RuleRefusal("case-identifier-form", identifier=identifier)
    return Case(identifier, edition_of(edition_id).id, title, partner_code, funds)


def _refusals(attempt: Attempt) -> tuple[Refusal, ...]:
    found = []
    for rule in attempt.edition.rules:
        if rule.applies(attempt.step.id, attempt.on):
            params = GATES[rule.gate](attempt)
            if params is not None:
                found.append(Refusal(rule, rule.reason.format(**params), rule.remedy.format(**params)))
    return tuple(found)


def take_step(
    case: Case,
    step_id: str,
    *,
    on: date,
    actor: Actor,
    given: Mapping[str, str],
    available: Money,
) -> tuple[Case, StepRecord]:
    """The case after a step, and the record to keep of it.

    Parameters
    ----------
    given : mapping
        The step's fields as text, by name.
    available : Money
        What the funds of the case have left before this step.

    Raises
    ------
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `step-unknown`, `line-unknown`, `field-unknown` or `field-not-understood`.
    """
    edition = edition_of(case.edition)
    if step_id not in edition.steps:
        raise RuleRefusal("step-unknown", step=step_id, edition=edition.id, known=", ".join(edition.steps))
    step = edition.steps[step_id]
    attempt = Attempt(case, edition, step, on, available, actor)
    refusals = _refusals(attempt)
    if not refusals:
        details = read_details(step.fields, given)
        if any(field.type == "line" for field in step.fields) and details["line"] not in case.lines:
            raise RuleRefusal(
                "line-unknown",
                line=details["line"],
                case=case.identifier,
                known=", ".join(case.lines) or "-",
            )
        attempt = replace(attempt, details=details)
        refusals = _refusals(attempt)
    if refusals:
        raise StepRefused(case.identifier, step, refusals)
    record = StepRecord(step.id, on, actor, attempt.details or {})
    return apply(case, record), record


def apply(case: Case, record: StepRecord) -> Case:
    """The case with one more record; the rules are not asked again."""
    effect = EFFECTS[edition_of(case.edition).steps[record.step].effect]
    changed = effect(case, record)
    return replace(changed, records=(*case.records, record))


def replay(opened: Case, records: Iterable[StepRecord]) -> Case:
    """The case its records add up to."""
    for record in records:
        opened = apply(opened, record)
    return opened


def phases(case: Case) -> list[PhaseState]:
    """The state of every phase of the case's edition."""
    edition = edition_of(case.edition)
    states = []
    for phase in edition.phases:
        steps = {step.id for step in edition.steps_of(phase.id)}
        first = next((record.on for record in case.records if record.step in steps), None)
        last = case.record_of(phase.completed_by)
        states.append(PhaseState(phase, first, last.on if last else None))
    return states


def current_phase(case: Case) -> Phase | None:
    """The first phase that is not completed; None when the case is closed."""
    return next((state.phase for state in phases(case) if state.completed_on is None), None)


def next_actions(case: Case, *, on: date, available: Money, actor: Actor | None = None) -> list[NextAction]:
    """The steps whose earlier steps are done and that are not used up, each with what blocks it now.

    With an actor, only the steps that actor's offices are responsible for.
    """
    edition = edition_of(case.edition)
    phase = current_phase(case)
    if phase is None:
        return []
    passed = {earlier.id for earlier in edition.phases if earlier.number < phase.number}
    actions = []
    for step in edition.steps.values():
        refusals = _refusals(Attempt(case, edition, step, on, available, actor))
        gates = {refusal.rule.gate for refusal in refusals}
        if gates & NOT_OFFERED or (actor is not None and "actor-is-responsible" in gates):
            continue
        if (
            USED_UP[step.effect](case)
            if step.effect in USED_UP
            else step.is_optional and step.phase in passed
        ):
            continue
        actions.append(NextAction(step, refusals))
    return actions
