"""Imports: each is one transaction, repeated without effect, and names what it read."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.server.audit.services import record
from confianza.server.evidence.models import ImportRun


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


def archive_folder() -> Path:
    """Where raw files of this workspace are kept."""
    return settings.ARCHIVE_FOLDER


def archived(digest: str) -> Path | None:
    """The kept file of a digest, or None when it is not in the archive."""
    return next(archive_folder().glob(f"{digest}.*"), None) if digest.isalnum() else None
