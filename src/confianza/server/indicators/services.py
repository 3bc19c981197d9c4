"""Imports of indicators: each file whole or not at all, and once."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.indicators import IndicatorFile, read_records
from confianza.evidence.sources.sipri import read_sipri
from confianza.evidence.sources.world_bank import read_world_bank
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder, start_run
from confianza.server.indicators.models import Edition, Figure, PublishedName
from confianza.server.institutions.services import both

READERS = {
    "worldbank": lambda path: [read_world_bank(path)],
    "sipri": lambda path: [read_sipri(path)],
    "records": read_records,
}
AT_ONCE = 2_000


@transaction.atomic
def _store(
    files: Iterable[IndicatorFile], *, file_name: str, digest: str, address: str, actor: Actor
) -> bool:
    """Store the editions of one file; False when these very bytes were stored before."""
    files = list(files)
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    run = start_run(
        source=files[0].source if len(files) == 1 else "records",
        file_name=file_name,
        digest=digest,
        count=sum(len(file.observations) for file in files),
        actor=actor,
        address=address,
        editions=[f"{file.source} {file.edition}" for file in files],
    )
    for file in files:
        edition = Edition.objects.create(
            run=run,
            source=file.source,
            edition=file.edition,
            skipped=list(file.skipped),
        )
        Figure.objects.bulk_create(
            (
                Figure(
                    edition=edition,
                    indicator_code=point.indicator_code,
                    country_code=point.country_code,
                    part=point.part,
                    year=point.year,
                    period=both(point.period) if point.period else None,
                    value=point.value,
                    status=point.status.value,
                    qualifier=point.qualifier,
                    place=point.reference.place,
                    note=both(point.note) if point.note else None,
                )
                for point in file.observations
            ),
            batch_size=AT_ONCE,
        )
        for code, name in file.names.items():
            PublishedName.objects.get_or_create(code=code, defaults={"name": name})
    return True


def import_indicators(
    path: Path, *, kind: str, actor: Actor, address: str = ""
) -> tuple[list[IndicatorFile], bool]:
    """Read a publisher's file (`READERS`), keep it and store its editions; nothing when anything is wrong.

    Returns the editions, and False when the same file was imported before.
    """
    permission_table().require(actor, "import_indicators")
    files = READERS[kind](path)
    digest = digest_of(path)
    with transaction.atomic():
        is_new = _store(files, file_name=path.name, digest=digest, address=address, actor=actor)
        if is_new:
            archive(path, archive_folder())
    return files, is_new


def load_records(files: Iterable[IndicatorFile], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store the records that ship with the package; False when they were there."""
    digest = hashlib.sha256(content).hexdigest()
    return _store(files, file_name=file_name, digest=digest, address="", actor=actor)
