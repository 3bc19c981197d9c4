"""The case process: how a case is opened, what a step does, what may be done next. Pure functions of a case."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import CASE_IDENTIFIER, Case, Funds
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.cases.effects import EFFECTS, USED_UP
from confianza.cooperation.cases.gates import GATES
from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Field
from confianza.cooperation.process.records import StepRecord, apply_record
from confianza.cooperation.process.rulebook import Phase, Step
from confianza.cooperation.process.steps import NextAction, is_offered, passes, refusals, take
from confianza.cooperation.programs.authorities import authority_named
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
        `case-category`: not the category of the edition (D for every BPC case);
        `authority-not-on-cases`: money of this authority is not spent by cases (IMET).
    RulebookError
        `edition-unknown`.
    """
    if re.fullmatch(CASE_IDENTIFIER, identifier) is None:
        raise RuleRefusal("case-identifier-form", identifier=identifier)
    if not 1 <= len(title.strip()) <= LONGEST_TITLE or "\x00" in title:
        raise RuleRefusal("case-title", case=identifier, most=LONGEST_TITLE)
    authority = authority_named(funds.authority)
    if authority is not None and authority.runs_on_cases is False:
        raise RuleRefusal(
            "authority-not-on-cases", funds=funds.name, authority=authority.name, section=authority.citation
        )
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


def _request(case: Case, step: str, **fields: Any) -> CaseRequest:
    edition = edition_of(case.edition)
    return CaseRequest(subject=case, edition=edition, step=edition.known_step(step), **fields)


def take_step(
    case: Case,
    step: str,
    *,
    on: date,
    today: date,
    actor: Actor,
    submitted: Mapping[str, str],
    available: Money,
) -> tuple[Case, StepRecord]:
    """The case after a step of `on`, recorded `today`, and the record to keep of it.

    Parameters
    ----------
    submitted : mapping
        The step's fields as text, by name.
    available : Money
        What the funds of the case have left before this step.

    Raises
    ------
    StepRefused
        With every rule that refuses, its reason and remedy.
    RuleRefusal
        `step-unknown`, `line-unknown`, `entry-unknown`, `field-unknown` or `field-not-understood`.
    """
    request = _request(case, step, on=on, today=today, available=available, actor=actor)
    record = take(request, GATES, submitted, subject=case.identifier)
    return apply(case, record), record


ENTRY_GATES = {"entry-has", "entry-has-not"}


def entry_choices(case: Case, step: Step, field: Field, *, on: date, available: Money) -> list[str]:
    """The entries of a field's register that no rule about the entry itself refuses."""
    requests = {
        key: _request(case, step.id, on=on, available=available, details={field.name: key})
        for key in case.register(field.register)
    }
    return [key for key, request in requests.items() if passes(request, GATES, ENTRY_GATES)]


def is_ready(case: Case, step: Step, *, on: date, available: Money) -> bool:
    """Whether the case has something for every field of a step that must name a line or an entry."""
    return all(
        case.lines if field.type == "line" else entry_choices(case, step, field, on=on, available=available)
        for field in step.fields
        if field.is_required and field.type in {"line", "entry"}
    )


def apply(case: Case, record: StepRecord) -> Case:
    """The case with one more record and its effect; no rule is applied again.

    A record without the number of an event is numbered by its place among the records of the case.
    """
    step = edition_of(case.edition).steps[record.step]
    record = replace(record, number=record.number or len(case.records) + 1)
    return EFFECTS[step.effect](apply_record(case, step, record), record)


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
    edition, phase = edition_of(case.edition), current_phase(case)
    passed = {earlier.id for earlier in edition.path if phase is None or earlier.number < phase.number}
    requests = [_request(case, step, on=on, available=available, actor=actor) for step in edition.steps]
    return [
        NextAction(request.step, refusals(request, GATES))
        for request in requests
        if is_offered(request, GATES, not_offered=NOT_OFFERED) and not _is_used_up(request, passed)
    ]


def _is_used_up(request: CaseRequest, passed: Collection[str]) -> bool:
    """Whether a step has nothing left to do: by its effect, or as an optional one of a phase that has passed."""
    step = request.step
    if step.effect in USED_UP:
        return USED_UP[step.effect](request.case, request.on)
    return step.is_optional and step.phase in passed
