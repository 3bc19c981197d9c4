"""Writes on the records of a relationship: each is one transaction of rows, events and an audit event."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import bilingual_json
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import to_json
from confianza.cooperation.relationship import records as library
from confianza.cooperation.relationship.entries import (
    Entry,
    proposed_id,
    read_coding,
    read_record,
    read_version,
    record_values,
)
from confianza.cooperation.relationship.standing import Sight, Step, TrackedRecord, check_step
from confianza.cooperation.sources import Reference
from confianza.errors import ImportRefusal, Problem, RuleRefusal
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.history import HistoryEvent
from confianza.evidence.sources.relationship_file import (
    CitedSource,
    read_relationship_file,
    read_sources_file,
)
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import record
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder, start_run
from confianza.server.relationship import models, selectors

AT_ONCE = 500


@dataclass(frozen=True)
class Imported:
    """What an import brought: how many records are new, and how many were there as they are."""

    new_count: int
    same_count: int

    @property
    def is_new(self) -> bool:
        return self.new_count > 0


def _subject(partnership: Partnership, record_id: str) -> str:
    return f"record:{partnership.code}:{record_id}"[:80]


def _references(references: Iterable[Reference]) -> list[list[str]]:
    return [[reference.source, reference.place] for reference in references]


def _row(
    partnership: Partnership, item: library.Record, parties: Mapping[str, str], run: ImportRun | None = None
) -> models.Record:
    """A record as it is stored; `parties` are the keys of the parties by ISO code."""
    return models.Record(
        partnership_id=partnership.code,
        record_id=item.record_id,
        kind=item.kind,
        date_from=item.date_from.text,
        date_to=item.date_to.text if item.date_to else "",
        known_since=item.known_since.text if item.known_since else "",
        actor_id=parties.get(item.actor_code),
        target_id=parties.get(item.target_code),
        institution_actor=item.institution_actor,
        institution_target=item.institution_target,
        summary=bilingual_json(item.summary),
        sign=item.sign,
        domain=item.domain,
        references=_references(item.references),
        happening=item.happening,
        verification=item.verification,
        note=item.note,
        details=to_json(item.details),
        run=run,
    )


def _coding_row(
    row: models.Record, coding: library.Coding, event: models.Event | None = None
) -> models.Coding:
    names = ("coder", "method", "version", "coded_on", "severity", "confidence")
    return models.Coding(record=row, event=event, **{name: getattr(coding, name) for name in names})


def _parties(partnership: Partnership) -> dict[str, str]:
    return {party.iso_code: party.manual_code for party in partnership.parties}


def _side_or_refuse(actor: Actor, partnership: Partnership) -> str:
    side = selectors.side_of(actor, partnership)
    if not side:
        raise RuleRefusal("record-not-of-side", account=actor.account, partnership=partnership.code)
    return side


def _told(item: library.Record) -> dict[str, Any]:
    """What the audit log keeps of a record; of a deposit, that it is there."""
    if item.is_deposited:
        return {"kind": item.kind, "is_deposited": True}
    values = {name: value for name, value in record_values(item).items() if value}
    return {"kind": item.kind, "values": values}


@transaction.atomic
def propose_record(
    *,
    partnership: Partnership,
    kind: str,
    values: Mapping[str, str],
    record_id: str = "",
    actor: Actor,
    on: date,
) -> models.Record:
    """Enter a record; a second person confirms it.

    Raises
    ------
    EntryRefusal
        Every problem of the entry together.
    RuleRefusal
        `record-not-of-side`; `record-id-taken`.
    PermissionRefusal
    """
    permission_table().require(actor, "enter_record")
    side = _side_or_refuse(actor, partnership)
    entry = selectors.entry_for(partnership, on)
    is_sealed = values.get("is_deposited") == "yes"  # its identifier tells nothing of it
    named_for = {"kind": "deposit"} if is_sealed else {**values, "kind": kind}
    name = record_id.strip() or proposed_id(named_for, entry.known)
    item = read_record(values, kind=kind, record_id=name, entry=entry)
    if name in entry.known:
        raise RuleRefusal("record-id-taken", record=name, field="record_id")
    row = _row(partnership, item, _parties(partnership))
    row.save()
    payload = {"partnership": partnership.code, "side": side, **_told(item)}
    told = record(actor=actor, action="record.propose", subject=_subject(partnership, name), payload=payload)
    _append(row, 1, Step.PROPOSED, told, actor=actor, side=side)
    return row


def _append(
    row: models.Record,
    number: int,
    step: Step,
    told: AuditEvent,
    *,
    actor: Actor,
    side: str,
    reason: str = "",
) -> models.Event:
    return models.Event.objects.create(
        record=row,
        number=number,
        step=step.value,
        at=told.at,
        account=actor.account,
        side=side,
        reason=reason,
        audit=told,
    )


def _take(
    partnership: Partnership,
    record_id: str,
    step: Step,
    *,
    actor: Actor,
    reason: str = "",
    payload: Mapping[str, Any] | None = None,
) -> tuple[models.Record, TrackedRecord, models.Event]:
    """Append a step to a record that the account sees, when it may be taken."""
    row, item = selectors.record_row(partnership, record_id, lock=True)
    sight = item.sight(selectors.viewer_of(actor, partnership))
    if sight is Sight.NONE or (sight is Sight.OUTSIDE and step is not Step.PUBLISHED):
        raise RuleRefusal("record-unknown", record=record_id, partnership=partnership.code)
    side = _side_or_refuse(actor, partnership)
    check_step(item, step, account=actor.account, side=side, reason=reason)
    more = {"reason": reason} if reason else {}
    told = record(
        actor=actor,
        action=f"record.{step.value}",
        subject=_subject(partnership, record_id),
        payload={"side": side, **more, **(payload or {})},
    )
    event = _append(row, len(item.standing.events) + 1, step, told, actor=actor, side=side, reason=reason)
    return row, item, event


@transaction.atomic
def confirm_records(*, partnership: Partnership, record_ids: Sequence[str], actor: Actor) -> int:
    """Confirm records that somebody else entered; all of them or, where one is refused, none. How many."""
    permission_table().require(actor, "confirm_record")
    for record_id in dict.fromkeys(record_ids):
        _take(partnership, record_id, Step.CONFIRMED, actor=actor)
    return len(set(record_ids))


@transaction.atomic
def contest_record(
    *, partnership: Partnership, record_id: str, values: Mapping[str, str], actor: Actor, on: date
) -> None:
    """Set the version of the account's side beside a record; the last one that a side gives is its version.

    Raises
    ------
    EntryRefusal
        Every problem of the version together.
    RuleRefusal
        `record-unknown`, `record-not-of-side`, `record-not-confirmed`, `record-withdrawn`.
    PermissionRefusal
    """
    permission_table().require(actor, "contest_record")
    item, _sight = selectors.visible_record(partnership, record_id, actor)
    told = read_version(values, record=item.record, entry=Entry(partnership.pair, on, {}))
    is_sealed = item.record.is_deposited
    payload = {} if is_sealed else {"values": {name: text for name, text in values.items() if text}}
    *_, event = _take(partnership, record_id, Step.CONTESTED, actor=actor, payload=payload)
    models.Version.objects.create(
        event=event,
        summary=bilingual_json(told.summary),
        references=_references(told.references),
        sign=told.sign,
        severity=told.severity,
        outcome=told.outcome,
        note=told.note,
    )


@transaction.atomic
def withdraw_record(*, partnership: Partnership, record_id: str, reason: str, actor: Actor) -> None:
    """Withdraw a record for a reason; it stays to be read, and no figure is made from it.

    What the side entered, the side withdraws; what came with the workspace, the staff.
    """
    permission_table().require(actor, "withdraw_record")
    item, _sight = selectors.visible_record(partnership, record_id, actor)
    if not item.standing.side and not actor.may("view_every_partnership"):
        raise RuleRefusal("record-of-other-side", record=record_id, side=partnership.host.iso_code)
    _take(partnership, record_id, Step.WITHDRAWN, actor=actor, reason=reason.strip())


@transaction.atomic
def publish_records(*, partnership: Partnership, record_ids: Sequence[str], actor: Actor) -> int:
    """Publish records for the account's side; one that both sides published is public. How many.

    A deposit with the third party is released so: it is read by the other side once both released it.
    """
    permission_table().require(actor, "publish_record")
    side = _side_or_refuse(actor, partnership)
    if not selectors.publishes(actor, partnership):
        raise RuleRefusal("record-publisher", account=actor.account, side=side)
    for record_id in dict.fromkeys(record_ids):
        _take(partnership, record_id, Step.PUBLISHED, actor=actor)
    return len(set(record_ids))


@transaction.atomic
def code_record(
    *, partnership: Partnership, record_id: str, values: Mapping[str, str], actor: Actor, on: date
) -> None:
    """Add how severe the account finds a record, by the anchors: a coding by a reader."""
    permission_table().require(actor, "enter_record")
    coding = read_coding(values, coder=actor.account, entry=Entry(partnership.pair, on, {}))
    row, _item, event = _take(
        partnership,
        record_id,
        Step.CODED,
        actor=actor,
        payload={"severity": coding.severity, "confidence": coding.confidence},
    )
    _coding_row(row, coding, event).save()


# --- files -----------------------------------------------------------------------------------------


def _differing(stored: library.Record, new: library.Record) -> list[str]:
    """The fields in which a record says something else than the one that is stored."""
    before, after = record_values(stored), record_values(new)
    found = [name for name in after if before.get(name) != after[name]]
    found += [
        name for name in ("kind", "verification", "codings") if getattr(stored, name) != getattr(new, name)
    ]
    return found


def _new_ones(
    partnership: Partnership, items: Sequence[library.Record], file_name: str
) -> list[library.Record]:
    """The records that are not stored yet; ImportRefusal for each that is and says something else."""
    rows = selectors.record_rows(partnership)
    codings = selectors.codings_of(rows)
    stored = {row.record_id: row.record(tuple(codings[row.pk][None])) for row in rows}
    problems = []
    for number, item in enumerate(items, start=2):
        if item.record_id in stored and (found := _differing(stored[item.record_id], item)):
            params = {"record": item.record_id, "fields": ", ".join(found)}
            problems.append(Problem("record-differs", file_name, row=number, field="id", params=params))
    if problems:
        raise ImportRefusal(problems)
    return [item for item in items if item.record_id not in stored]


def _store(
    partnership: Partnership,
    items: Sequence[library.Record],
    *,
    run: ImportRun,
    actor: Actor,
    side: str,
    steps: Sequence[tuple[Step, str]],
    index: Mapping[str, HistoryEvent] | None = None,
) -> None:
    """Store new records, each with these steps, all told by the audit event of the import."""
    parties = _parties(partnership)
    told = AuditEvent.objects.order_by("-sequence").first()
    rows = [_row(partnership, item, parties, run) for item in items]
    for row, item in zip(rows, items, strict=True):
        if act := (index or {}).get(item.record_id):
            row.index_id, row.index_kind = act.event_id, act.kind
            row.index_note = bilingual_json(act.date_note) if act.date_note else None
    models.Record.objects.bulk_create(rows, batch_size=AT_ONCE)
    models.Coding.objects.bulk_create(
        (_coding_row(row, coding) for row, item in zip(rows, items, strict=True) for coding in item.codings),
        batch_size=AT_ONCE,
    )
    models.Event.objects.bulk_create(
        (
            models.Event(
                record=row,
                number=number,
                step=step.value,
                at=run.at,
                account=actor.account,
                side=of or side,
                audit=told,
            )
            for row in rows
            for number, (step, of) in enumerate(steps, start=1)
        ),
        batch_size=AT_ONCE,
    )


def _store_sources(cited: Iterable[CitedSource]) -> None:
    there = selectors.source_keys()
    names = ("key", "title", "publisher", "date", "address", "rights")
    models.Source.objects.bulk_create(
        models.Source(**{name: getattr(one, name) for name in names}) for one in cited if one.key not in there
    )


def import_records(
    path: Path,
    *,
    partnership: Partnership,
    sources: Path | None = None,
    actor: Actor,
    on: date,
    address: str = "",
) -> Imported:
    """Propose the records of a file, whole or not at all; a second person confirms them.

    Records that are stored as they are in the file stay; importing a file twice changes nothing. With a file of
    sources, every source that a record cites stands in it, in the workspace or in the package.

    Raises
    ------
    ImportRefusal
        Every problem of the file together; `record-differs` for a record that is stored and says something else.
    RuleRefusal
        `record-not-of-side`.
    PermissionRefusal
    """
    permission_table().require(actor, "import_records")
    side = _side_or_refuse(actor, partnership)
    cited = read_sources_file(sources) if sources else ()
    keys = [*(one.key for one in cited), *selectors.source_keys()] if sources else None
    with transaction.atomic():
        known = selectors.entry_for(partnership, on).known
        items = read_relationship_file(path, pair=partnership.pair, on=on, known=known, cited=keys)
        new = _new_ones(partnership, items, path.name)
        if new:
            run = _run(path.name, digest_of(path), partnership, len(new), actor, address)
            _store_sources(cited)
            _store(partnership, new, run=run, actor=actor, side=side, steps=[(Step.PROPOSED, "")])
            archive(path, archive_folder())
    return Imported(len(new), len(items) - len(new))


def _run(
    file_name: str, digest: str, partnership: Partnership, count: int, actor: Actor, address: str = ""
) -> ImportRun:
    """The record of an import; the same bytes for another partnership, or after one of a part, are another run."""
    if ImportRun.objects.filter(digest=digest).exists():
        digest = hashlib.sha256(f"{digest} {partnership.code} {timezone.now()}".encode()).hexdigest()
    return start_run(
        source="relationship",
        file_name=file_name,
        digest=digest,
        count=count,
        actor=actor,
        address=address,
        partnership=partnership.code,
    )


@transaction.atomic
def load_packaged_record(
    items: Sequence[library.Record],
    cited: Iterable[CitedSource],
    *,
    partnership: Partnership,
    file_name: str,
    actor: Actor,
) -> bool:
    """Store the public record that comes with the package: confirmed by the import, published by both sides.

    False when all of it is there by its identifiers.
    """
    rows = models.Record.objects.filter(partnership=partnership.code)
    stored = set(rows.values_list("record_id", flat=True))
    new = [item for item in items if item.record_id not in stored]
    if not new:
        return False
    told = json.dumps([[item.record_id, record_values(item)] for item in items])
    digest = hashlib.sha256(told.encode()).hexdigest()
    run = _run(file_name, digest, partnership, len(new), actor)
    _store_sources(cited)
    _store(partnership, new, run=run, actor=actor, side="", steps=_published(partnership))
    return True


def _published(partnership: Partnership) -> list[tuple[Step, str]]:
    """The steps of what is public from the beginning."""
    published = [(Step.PUBLISHED, code) for code in partnership.pair]
    return [(Step.PROPOSED, ""), (Step.CONFIRMED, ""), *published]


# --- acts that the trust index of the package reads ----------------------------------------------------


def act_id(source: str, event_id: str) -> str:
    """The identifier of an act of the index as a record: named for its source, since another may tell the same act."""
    return re.sub("[^a-z0-9]+", "-", f"{source} {event_id}".lower()).strip("-")


def act_record(act: HistoryEvent, verification: str) -> library.Record:
    """An act of the index as a record."""
    first, _, last = act.date.partition("/")
    return library.Record(
        record_id=act_id(act.reference.source, act.event_id),
        kind="act",
        date_from=library.PartialDate(first),
        date_to=library.PartialDate(last) if last else None,
        actor_code=act.actor_code,
        target_code=act.target_code,
        summary=act.summary,
        sign=act.sign,
        domain="unstated",
        references=(act.reference,),
        happening=act_id("", act.event_id),
        verification=verification,
    )


@transaction.atomic
def load_history(
    events: tuple[HistoryEvent, ...],
    *,
    partnership: Partnership,
    file_name: str,
    content: bytes,
    actor: Actor,
    verification: str = "thesis",
) -> bool:
    """Store the acts for the index that are not there yet by their id; False when all are."""
    digest = hashlib.sha256(content).hexdigest()
    stored = set(models.Record.objects.exclude(index_id="").values_list("index_id", flat=True))
    events = tuple(event for event in events if event.event_id not in stored)
    if not events or ImportRun.objects.filter(digest=digest).exists():
        return False
    source = events[0].reference.source
    run = start_run(source=source, file_name=file_name, digest=digest, count=len(events), actor=actor)
    items = [act_record(event, verification) for event in events]
    index = {item.record_id: event for item, event in zip(items, events, strict=True)}
    _store(partnership, items, run=run, actor=actor, side="", steps=_published(partnership), index=index)
    return True


def import_history(
    events: tuple[HistoryEvent, ...],
    *,
    partnership: Partnership,
    file_name: str,
    content: bytes,
    actor: Actor,
) -> bool:
    """Store the acts of a file that an account imports; False when all are there."""
    permission_table().require(actor, "import_training")
    return load_history(
        events,
        partnership=partnership,
        file_name=file_name,
        content=content,
        actor=actor,
        verification="entered",
    )
