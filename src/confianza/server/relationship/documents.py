"""Records of a relationship as the interface returns them, commands print them and pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.fields import Field
from confianza.cooperation.relationship import records as library
from confianza.cooperation.relationship.entries import VersionOf, with_both_languages
from confianza.cooperation.relationship.record_names import detail_name
from confianza.cooperation.relationship.records import common_fields, record_fields, record_kinds
from confianza.cooperation.relationship.standing import (
    METHOD_NAMES,
    STATE_NAMES,
    STEP_NAMES,
    Sight,
    TrackedRecord,
)
from confianza.cooperation.sources import Reference, place_in
from confianza.evidence.sources.relationship_file import CitedSource
from confianza.server.documents import made_of
from confianza.server.relationship import selectors


@dataclass(frozen=True, kw_only=True)
class RecordSource:
    """A source with the place in it; title and address where the workspace knows them."""

    key: str
    place: str
    title: str
    publisher: str
    date: str
    address: str
    rights: str


@dataclass(frozen=True, kw_only=True)
class RecordCoding:
    """How severe one coder finds a record; `method` says that a program or an unnamed reader did it."""

    coder: str
    method: str
    method_name: str
    version: str
    coded_on: date
    severity: float
    confidence: float | None


@dataclass(frozen=True, kw_only=True)
class RecordVersion:
    """A record as one side tells it; empty where that side says nothing else."""

    side: str
    account: str
    at: datetime
    summary: str
    sign: int | None
    sign_name: str
    severity: float | None
    outcome: str
    outcome_name: str
    note: str
    sources: list[RecordSource]


@dataclass(frozen=True, kw_only=True)
class RecordStep:
    """One step of a record: what, when, by which account, for which side."""

    number: int
    step: str
    name: str
    at: datetime
    account: str
    side: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecordDetail:
    """A field of the kind of a record, in words."""

    field: str
    label: str
    value: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """A record in a list."""

    id: str
    kind: str
    kind_name: str
    date_from: str
    date_to: str
    actor: str
    target: str
    summary: str
    sign: int
    domain: str
    state: str
    state_name: str
    happening: str
    verification: str
    severity: float | None
    is_public: bool
    sources: list[str]


@dataclass(frozen=True, kw_only=True)
class TrackedRecordDocument(RecordRow):
    """A record whole: what it says, how it stands, both sides' versions, codings and steps."""

    institution_actor: str
    institution_target: str
    known_since: str
    sign_name: str
    domain_name: str
    note: str
    details: list[RecordDetail]
    entered_by: str
    side: str
    confirmed_by: str
    published_by: list[str]
    withdrawn_for: str
    imported_from: str
    cited: list[RecordSource]
    codings: list[RecordCoding]
    versions: list[RecordVersion]
    steps: list[RecordStep]


@dataclass(frozen=True, kw_only=True)
class RecordDeposit:
    """A deposit with the third party that this side may not read: that it is there, and who released it."""

    id: str
    side: str
    deposited_on: date
    released_by: list[str]


@dataclass(frozen=True, kw_only=True)
class RecordField:
    """A field of a kind of record: what a program sends under its name."""

    name: str
    type: str
    label: str
    is_required: bool
    options: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RecordKindDocument:
    """A kind of record with its fields, those of every record first."""

    code: str
    name: str
    concept: str
    fields: list[RecordField]


def _option(name: str, value: object, language: str) -> str:
    options = record_fields()[name].options
    return options[str(value)].in_language(language) if str(value) in options else ""


def _row(item: TrackedRecord, language: str) -> dict[str, object]:
    record = item.record
    return {
        "id": record.record_id,
        "kind": record.kind,
        "kind_name": record_kinds()[record.kind].name.in_language(language),
        "date_from": str(record.date_from),
        "date_to": str(record.date_to or ""),
        "actor": record.actor_code,
        "target": record.target_code,
        "summary": with_both_languages(record.summary).in_language(language),
        "sign": record.sign,
        "domain": record.domain,
        "state": item.state.value,
        "state_name": STATE_NAMES[item.state].in_language(language),
        "happening": record.happening,
        "verification": record.verification,
        "severity": record.severity,
        "is_public": item.is_public,
        "sources": [str(reference) for reference in record.references],
    }


def record_row(item: TrackedRecord, language: str) -> RecordRow:
    """A record in a list."""
    return RecordRow(**_row(item, language))  # type: ignore[arg-type]  # the fields by name


def _source(reference: Reference, cited: Mapping[str, CitedSource], language: str) -> RecordSource:
    one = cited.get(reference.source, CitedSource(reference.source, ""))
    return made_of(RecordSource, one, place=place_in(reference.place, language))


def _coding(item: library.Coding, language: str) -> RecordCoding:
    return made_of(RecordCoding, item, method_name=METHOD_NAMES[item.method].in_language(language))


def _version(
    told: VersionOf, *, language: str, cited: Mapping[str, CitedSource], side: str, account: str, at: datetime
) -> RecordVersion:
    return RecordVersion(
        side=side,
        account=account,
        at=at,
        summary=with_both_languages(told.summary).in_language(language),
        sign=told.sign,
        sign_name=_option("sign", told.sign, language),
        severity=told.severity,
        outcome=told.outcome,
        outcome_name=_option("outcome", told.outcome, language),
        note=told.note,
        sources=[_source(reference, cited, language) for reference in told.references],
    )


def _details(record: library.Record, language: str) -> list[RecordDetail]:
    found = []
    for item in record_kinds()[record.kind].fields:
        if item.name in record.details:
            value = record.details[item.name]
            text = _option(item.name, value, language) or detail_name(str(value)).in_language(language)
            label = item.label.in_language(language)
            found.append(RecordDetail(field=item.name, label=label, value=str(value), text=text))
    return found


def record_document(item: TrackedRecord, language: str) -> TrackedRecordDocument:
    """A record whole, in a language."""
    record, standing = item.record, item.standing
    told = [version.told for version in standing.versions]
    cited = selectors.cited_sources(
        [*record.references, *(reference for one in told for reference in one.references)]
    )
    row = _row(item, language)
    return TrackedRecordDocument(
        **row,  # type: ignore[arg-type]  # the fields by name
        institution_actor=record.institution_actor,
        institution_target=record.institution_target,
        known_since=str(record.known_since or ""),
        sign_name=_option("sign", record.sign, language),
        domain_name=_option("domain", record.domain, language),
        note=record.note,
        details=_details(record, language),
        entered_by=standing.entered_by,
        side=standing.side,
        confirmed_by=standing.confirmed_by,
        published_by=sorted(standing.published_by),
        withdrawn_for=standing.withdrawal.reason if standing.withdrawal else "",
        imported_from=item.recorded_in,
        cited=[_source(reference, cited, language) for reference in record.references],
        codings=[_coding(one, language) for one in record.codings],
        versions=[
            _version(one.told, language=language, cited=cited, side=one.side, account=one.account, at=one.at)
            for one in standing.versions
        ],
        steps=[
            RecordStep(
                number=number,
                step=event.step.value,
                name=STEP_NAMES[event.step].in_language(language),
                at=event.at,
                account=event.account,
                side=event.side,
                reason=event.reason,
            )
            for number, event in enumerate(standing.events, start=1)
        ],
    )


def deposit_document(item: selectors.Deposit) -> RecordDeposit:
    """A deposit from outside."""
    return RecordDeposit(
        id=item.record_id,
        side=item.side,
        deposited_on=item.deposited_on,
        released_by=sorted(item.released_by),
    )


def deposit_of(item: TrackedRecord) -> RecordDeposit:
    """What the other side sees of a deposit."""
    events = item.standing.events
    return RecordDeposit(
        id=item.record.record_id,
        side=item.standing.side,
        deposited_on=events[0].at.date(),
        released_by=sorted(item.standing.published_by),
    )


def as_seen(item: TrackedRecord, sight: Sight, language: str) -> TrackedRecordDocument | RecordDeposit:
    """A record as somebody sees it: whole, or from outside."""
    return record_document(item, language) if sight is Sight.WHOLE else deposit_of(item)


def _field(item: Field, language: str) -> RecordField:
    options: Mapping[str, BilingualText] = item.options
    return RecordField(
        name=item.name,
        type=item.type,
        label=item.label.in_language(language),
        is_required=item.is_required,
        options={code: name.in_language(language) for code, name in options.items()},
    )


def kind_documents(language: str) -> list[RecordKindDocument]:
    """Every kind of record with its fields."""
    return [
        RecordKindDocument(
            code=kind.code,
            name=kind.name.in_language(language),
            concept=kind.concept,
            fields=[_field(item, language) for item in (*common_fields(), *kind.fields)],
        )
        for kind in record_kinds().values()
    ]
