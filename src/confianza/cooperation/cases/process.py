"""The case process: what may be done next, what a step does, why it is refused. Pure functions of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import CASE_IDENTIFIER, Case, Funds, StepRecord
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.cases.effects import EFFECTS, USED_UP
from confianza.cooperation.cases.fields import Field, Value, read_details
from confianza.cooperation.cases.gates import GATES, Attempt
from confianza.cooperation.cases.rulebook import UNVERIFIED, Edition, Phase, Rule, Step
from confianza.cooperation.money import Money
from confianza.cooperation.names import same_spelling
from confianza.cooperation.texts import Text
from confianza.errors import RuleRefusal

LONGEST_TITLE = 120  # characters

# A step refused by one of these gates is not blocked for now: it is not, or no longer, on offer.
NOT_OFFERED = {
    "earlier-steps-done",
    "not-done-before",
    "case-is-open",
    "not-after",
    "only-while",
    "step-is-in-force",
}


@dataclass(frozen=True)
class Refusal:
    """One rule that stands in the way: the reason in this case, and what would satisfy it."""

    rule: Rule
    reason: Text
    remedy: Text

    def in_language(self, language: str) -> str:
        """Reason, remedy, rule and reference as one line, and whether the rule is unverified."""
        reason, remedy = self.reason.in_language(language), self.remedy.in_language(language)
        mark = "" if self.rule.is_verified else f", {UNVERIFIED.in_language(language)}"
        return f"{reason} {remedy} [{self.rule.id}, {self.rule.reference}{mark}]"


class StepRefused(RuleRefusal):
    """A step was not taken; `refusals` are all the rules that stand in its way."""

    def __init__(
        self, case: str, step: Step, refusals: tuple[Refusal, ...], *, code: str = "step-refused"
    ) -> None:
        super().__init__(code, case=case, step=step.name)
        self.refusals = refusals

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


@dataclass(frozen=True)
class PhaseState:
    """How far a phase has come: its first record and the record that completed it."""

    phase: Phase
    started_on: date | None
    completed_on: date | None


def open_case(
    *,
    identifier: str,
    edition_id: str,
    title: str,
    partner_code: str,
    funds: Funds,
    is_approved_above: bool = True,
    category: str = "",
) -> Case:
    """A new case. `is_approved_above` tells whether the project it belongs to, if any, is approved.

    Raises
    ------
    RuleRefusal
        `case-title`: empty, too long or with a NUL character;
        `case-identifier-form`: not two characters, a letter, three letters (`E7-B-UAC`);
        `case-program-code`: the funds have another program code; `edition-not-for-funds`;
        `case-category`: not the category of the edition (D for every BPC case).
    RulebookError
        `edition-unknown`.
    """
    if re.fullmatch(CASE_IDENTIFIER, identifier) is None:
        raise RuleRefusal("case-identifier-form", identifier=identifier)
    if not 1 <= len(title.strip()) <= LONGEST_TITLE or "\x00" in title:
        raise RuleRefusal("case-title", case=identifier, most=LONGEST_TITLE)
    edition = edition_of(edition_id)
    if category and edition.categories and category not in edition.categories:
        raise RuleRefusal(
            "case-category",
            category=category,
            edition=edition.title,
            allowed=", ".join(edition.categories),
        )
    if funds.program_code and not identifier.startswith(f"{funds.program_code}-"):
        raise RuleRefusal(
            "case-program-code", identifier=identifier, funds=funds.name, program=funds.program_code
        )
    if edition.scopes and not any(
        scope.covers(regime=funds.regime, fy=funds.fiscal_year, authority=funds.authority)
        for scope in edition.scopes
    ):
        raise RuleRefusal(
            "edition-not-for-funds",
            edition=edition.title,
            funds=funds.name,
            regime=funds.regime or "-",
            fy=funds.fiscal_year or "-",
        )
    return Case(identifier, edition.id, title, partner_code, funds, is_approved_above=is_approved_above)


def _refuses(rule: Rule, attempt: Attempt) -> Mapping[str, object] | None:
    """The parameters of the reason a rule refuses with; None when it lets the step pass or does not bind it."""
    if rule.applies(attempt.step.id, attempt.on, attempt.case.funds.regime):
        return GATES[rule.gate](attempt, rule.params)
    return None


def refusals(
    rules: Iterable[Rule], refuses: Callable[[Rule], Mapping[str, object] | None]
) -> tuple[Refusal, ...]:
    """The rules that refuse, each with its reason and remedy filled in."""
    found = ((rule, refuses(rule)) for rule in rules)
    return tuple(
        Refusal(rule, rule.reason.format(**params), rule.remedy.format(**params))
        for rule, params in found
        if params is not None
    )


def _refusals(attempt: Attempt) -> tuple[Refusal, ...]:
    return refusals(attempt.edition.rules, lambda rule: _refuses(rule, attempt))


def take_step(
    case: Case,
    step_id: str,
    *,
    on: date,
    today: date,
    actor: Actor,
    given: Mapping[str, str],
    available: Money,
) -> tuple[Case, StepRecord]:
    """The case after a step, and the record to keep of it.

    Parameters
    ----------
    on, today : date
        The day of the step, and the day on which it is recorded.
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
    attempt = Attempt(case, edition, step, on, available, today, actor)
    refusals = _refusals(attempt)
    if not refusals:
        details = _as_recorded(case, edition, step, read_details(step.fields, given))
        for field in step.fields:
            known = case.lines if field.type == "line" else case.register(field.register)
            if field.type in {"line", "entry"} and field.name in details and details[field.name] not in known:
                raise RuleRefusal(
                    "line-unknown" if field.type == "line" else "entry-unknown",
                    line=details[field.name],
                    field=field.label,
                    case=case.identifier,
                    known=", ".join(known) or "-",
                )
        attempt = replace(attempt, details=details)
        refusals = _refusals(attempt)
    if refusals:
        raise StepRefused(case.identifier, step, refusals)
    record = StepRecord(step.id, on, actor, attempt.details or {})
    return apply(case, record), record


def _as_recorded(case: Case, edition: Edition, step: Step, details: dict[str, Value]) -> dict[str, Value]:
    """The details with the names of units, deliveries and other entries as the case spells them already."""
    for field in step.fields:
        if field.type not in {"key", "entry"} or field.name not in details:
            continue
        registers = {field.register, step.register if step.key == field.name else ""} | {
            str(rule.params.get("register", ""))
            for rule in edition.rules
            if rule.params.get("field") == field.name
        }
        known = [key for register in sorted(registers) if register for key in case.register(register)]
        details[field.name] = same_spelling(str(details[field.name]), known)
    return details


ENTRY_GATES = {"entry-has", "entry-has-not"}


def entry_choices(case: Case, step: Step, field: Field, *, on: date, available: Money) -> list[str]:
    """The entries of a field's register that no rule about the entry itself refuses."""
    edition = edition_of(case.edition)
    rules = [
        rule
        for rule in edition.rules
        if rule.gate in ENTRY_GATES and rule.applies(step.id, on, case.funds.regime)
    ]
    attempts = {
        key: Attempt(case, edition, step, on, available, on, details={field.name: key})
        for key in case.register(field.register)
    }
    return [
        key
        for key, attempt in attempts.items()
        if all(GATES[rule.gate](attempt, rule.params) is None for rule in rules)
    ]


def is_ready(case: Case, step: Step, *, on: date, available: Money) -> bool:
    """Whether the case has something for every field of a step that must name a line or an entry."""
    return all(
        case.lines if field.type == "line" else entry_choices(case, step, field, on=on, available=available)
        for field in step.fields
        if field.is_required and field.type in {"line", "entry"}
    )


def apply(case: Case, record: StepRecord) -> Case:
    """The case with one more record; the rules are not asked again."""
    step = edition_of(case.edition).steps[record.step]
    record = replace(record, number=record.number or len(case.records) + 1)
    registers = dict(case.registers)
    if step.register:
        key = str(record.details[step.key])
        entry = {**case.register(step.register).get(key, {}), **record.details, "on": record.on.isoformat()}
        registers[step.register] = {**case.register(step.register), key: entry}
    standing = {name: kept for name, kept in case.standing.items() if name not in step.resets}
    standing.setdefault(step.id, record)
    changed = replace(
        case,
        records=(*case.records, record),
        standing=standing,
        registers=registers,
        status=step.status or case.status,
    )
    return EFFECTS[step.effect](changed, record)


def replay(opened: Case, records: Iterable[StepRecord]) -> Case:
    """The case its records add up to."""
    for record in records:
        opened = apply(opened, record)
    return opened


def phases(case: Case) -> list[PhaseState]:
    """The state of every phase of the case's edition."""
    edition = edition_of(case.edition)
    states = []
    for phase in edition.path:
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
    passed = {earlier.id for earlier in edition.path if phase is None or earlier.number < phase.number}
    actions = []
    skipped = NOT_OFFERED if actor is None else NOT_OFFERED | {"actor-is-responsible"}
    for step in edition.steps.values():
        attempt = Attempt(case, edition, step, on, available, on, actor)
        if any(_refuses(rule, attempt) is not None for rule in edition.rules if rule.gate in skipped):
            continue
        if (
            USED_UP[step.effect](case, on)
            if step.effect in USED_UP
            else step.is_optional and step.phase in passed
        ):
            continue
        actions.append(NextAction(step, _refusals(attempt)))
    return actions
