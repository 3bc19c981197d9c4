"""What several areas say alike, as the interface returns it and commands print it: refusals, steps, rules."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import Field

from confianza.cooperation.cases.case import StepRecord
from confianza.cooperation.cases.process import NextAction
from confianza.cooperation.cases.process import Refusal as RuleRefused
from confianza.cooperation.process import rulebook
from confianza.cooperation.process.fields import to_json

Document = TypeVar("Document")
Version = Annotated[int, Field(description="Number of recorded steps; give it back when recording the next.")]
Digest = Annotated[str, Field(description="SHA-256 of the file.")]


def made_of(kind: type[Document], item: object, **given: Any) -> Document:
    """A document of a kind: the fields given, and the others as the item has them under the same names."""
    names = [field.name for field in fields(kind) if field.name not in given]  # type: ignore[arg-type]
    return kind(**{name: getattr(item, name) for name in names}, **given)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One rule that stands in the way."""

    rule: str
    reason: str
    remedy: str
    reference: str
    is_verified: bool


def refusal(item: RuleRefused, language: str) -> Refusal:
    """A refusal in a language."""
    return Refusal(
        rule=item.rule.id,
        reason=item.reason.in_language(language),
        remedy=item.remedy.in_language(language),
        reference=str(item.rule.reference),
        is_verified=item.rule.is_verified,
    )


@dataclass(frozen=True, kw_only=True)
class Action:
    """A step that can be taken, with what blocks it today."""

    step: str
    name: str
    offices: list[str]
    fields: list[str]
    is_optional: bool
    is_verified: bool
    refusals: list[Refusal]


def action(item: NextAction, language: str) -> Action:
    """A step on offer, in a language."""
    return Action(
        step=item.step.id,
        name=item.step.name.in_language(language),
        offices=list(item.step.actors),
        fields=[field.name for field in item.step.fields],
        is_optional=item.step.is_optional,
        is_verified=item.step.is_verified,
        refusals=[refusal(part, language) for part in item.refusals],
    )


@dataclass(frozen=True, kw_only=True)
class Record:
    """A recorded step; amounts as `{"minor": …, "currency": …}`."""

    step: str
    on: date
    account: str
    role: str
    details: dict[str, Any]


def record(item: StepRecord) -> Record:
    """A recorded step."""
    return made_of(
        Record, item, account=item.actor.account, role=item.actor.role, details=to_json(item.details)
    )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of an edition."""

    id: str
    steps: list[str]
    sentence: str
    reference: str
    is_verified: bool


@dataclass(frozen=True, kw_only=True)
class Edition:
    """An edition of the process."""

    id: str
    title: str
    note: str
    phases: list[str]
    steps: list[str]
    rules: list[Rule]


def edition(item: rulebook.Edition, language: str) -> Edition:
    """An edition in a language."""
    return Edition(
        id=item.id,
        title=item.title.in_language(language),
        note=item.note.in_language(language),
        phases=[phase.id for phase in item.phases],
        steps=list(item.steps),
        rules=[
            made_of(
                Rule,
                rule,
                steps=list(rule.steps),
                sentence=rule.sentence.in_language(language),
                reference=str(rule.reference),
            )
            for rule in item.rules
        ],
    )
