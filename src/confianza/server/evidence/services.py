"""Imports: each is one transaction, repeated without effect, and names what it read."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import bilingual_json
from confianza.cooperation.permissions import permission_table
from confianza.evidence.history import HistoryEvent
from confianza.server.audit.services import record
from confianza.server.evidence.models import HistoryRecord, ImportRun
from confianza.server.institutions.models import Party


def start_run(
    *,
    source: str,
    file_name: str,
    digest: str,
    count: int,
    actor: Actor,
    address: str = "",
    **told: object,
) -> ImportRun:
    """The record of a file that is being imported, and its audit event, which tells `told` too."""
    run = ImportRun.objects.create(
        source=source,
        file_name=file_name,
        address=address,
        digest=digest,
        at=timezone.now(),
        account=actor.account,
        record_count=count,
    )
    payload = {"source": source, "digest": digest, "records": count, **told}
    if address:
        payload["address"] = address
    record(actor=actor, action="import", subject=f"file:{file_name}"[:80], payload=payload)
    return run


@transaction.atomic
def load_history(events: tuple[HistoryEvent, ...], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store the historical acts that are not there yet by their id; False when all are."""
    digest = hashlib.sha256(content).hexdigest()
    stored = set(HistoryRecord.objects.values_list("event_id", flat=True))
    events = tuple(event for event in events if event.event_id not in stored)
    if not events or ImportRun.objects.filter(digest=digest).exists():
        return False
    source = events[0].reference.source
    parties = dict(Party.objects.values_list("iso_code", "pk"))
    run = start_run(source=source, file_name=file_name, digest=digest, count=len(events), actor=actor)
    HistoryRecord.objects.bulk_create(
        HistoryRecord(
            run=run,
            event_id=event.event_id,
            date=event.date,
            actor_id=parties[event.actor_code],
            target_id=parties[event.target_code],
            kind=event.kind,
            sign=event.sign,
            summary=bilingual_json(event.summary),
            date_note=bilingual_json(event.date_note) if event.date_note else None,
            source=event.reference.source,
            place=event.reference.place,
        )
        for event in events
    )
    return True


def import_history(events: tuple[HistoryEvent, ...], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store the acts of a file that an account imports; False when all are there."""
    permission_table().require(actor, "import_training")
    return load_history(events, file_name=file_name, content=content, actor=actor)


def archive_folder() -> Path:
    """Where raw files of this workspace are kept."""
    return settings.ARCHIVE_FOLDER


def archived(digest: str) -> Path | None:
    """The kept file of a digest, or None when it is not in the archive."""
    return next(archive_folder().glob(f"{digest}.*"), None) if digest.isalnum() else None
