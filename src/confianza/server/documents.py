"""What several areas say alike, as the interface returns it and commands print it: refusals, steps, rules."""

from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import Field

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process import rulebook
from confianza.cooperation.process.fields import to_json
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.process.steps import NextAction
from confianza.cooperation.process.steps import Refusal as RuleRefused
from confianza.cooperation.sources import Reference

Document = TypeVar("Document")
Version = Annotated[int, Field(description="Number of recorded steps; give it back when recording the next.")]
Digest = Annotated[str, Field(description="SHA-256 of the file.")]


def made_of(kind: type[Document], item: object, language: str = "", **given: Any) -> Document:
    """A document of a kind: the fields given, and the others as the item has them under the same names.

    Texts of the item become those of the language, references and choices text, tuples lists.
    """
    names = [field.name for field in fields(kind) if field.name not in given]  # type: ignore[arg-type]  # every document is a dataclass
    return kind(**{name: _plain(getattr(item, name), language) for name in names}, **given)


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, BilingualText):
        return value.in_language(language)
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


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
    rule = item.rule
    reference, is_verified = str(rule.reference), rule.is_verified
    return made_of(Refusal, item, language, rule=rule.id, reference=reference, is_verified=is_verified)


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
    return made_of(
        Action,
        item.step,
        language,
        step=item.step.id,
        offices=list(item.step.actors),
        fields=[field.name for field in item.step.fields],
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
    return made_of(
        Edition,
        item,
        language,
        phases=[phase.id for phase in item.phases],
        steps=list(item.steps),
        rules=[
            made_of(Rule, rule, language, sentence=rule.sentence.in_language(language)) for rule in item.rules
        ],
    )
