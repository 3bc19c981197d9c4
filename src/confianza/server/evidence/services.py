"""Imports: each is one transaction, repeated without effect, and names what it read."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import bilingual_json
from confianza.evidence.history import HistoryEvent
from confianza.server.audit.services import record
from confianza.server.evidence.models import HistoryRecord, ImportRun


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
    """Store historical acts; False when these very bytes were stored before."""
    digest = hashlib.sha256(content).hexdigest()
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    source = events[0].reference.source
    run = start_run(source=source, file_name=file_name, digest=digest, count=len(events), actor=actor)
    HistoryRecord.objects.bulk_create(
        HistoryRecord(
            run=run,
            event_id=event.event_id,
            date=event.date,
            actor_id=event.actor_code,
            target_id=event.target_code,
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


def archive_folder() -> Path:
    """Where raw files of this workspace are kept."""
    return settings.ARCHIVE_FOLDER


def archived(digest: str) -> Path | None:
    """The kept file of a digest, or None when it is not in the archive."""
    return next(archive_folder().glob(f"{digest}.*"), None) if digest.isalnum() else None
