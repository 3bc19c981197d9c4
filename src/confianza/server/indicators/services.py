"""Imports of indicators: each file whole or not at all, and once."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import bilingual_json
from confianza.cooperation.permissions import permission_table
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.indicators import IndicatorFile, read_records
from confianza.evidence.sources.capabilities import read_capabilities
from confianza.evidence.sources.sipri import read_sipri
from confianza.evidence.sources.world_bank import read_world_bank
from confianza.server.audit.services import record
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder, start_run
from confianza.server.indicators.models import Figure, PublishedName, Release
from confianza.server.indicators.selectors import PUBLISHERS

READERS = {
    "worldbank": lambda path: [read_world_bank(path)],
    "sipri": lambda path: [read_sipri(path)],
    "capabilities": lambda path: [read_capabilities(path)],
    "records": read_records,
}
AT_ONCE = 2_000
RELEASED = ", released "


@transaction.atomic
def _store(
    files: Iterable[IndicatorFile], *, file_name: str, digest: str, address: str, actor: Actor
) -> bool:
    """Store the releases of one file; False when these very bytes were stored before."""
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
        editions=[f"{file.source} {file.release}" for file in files],
    )
    for file in files:
        release = Release.objects.create(
            run=run,
            source=file.source,
            name=file.release,
            skipped=list(file.skipped),
        )
        Figure.objects.bulk_create(
            (
                Figure(
                    release=release,
                    indicator_code=point.indicator_code,
                    country_code=point.country_code,
                    part=point.part,
                    year=point.year,
                    period=bilingual_json(point.period) if point.period else None,
                    value=point.value,
                    status=point.status.value,
                    qualifier=point.qualifier,
                    place=point.reference.place,
                    note=bilingual_json(point.note) if point.note else None,
                )
                for point in file.observations
            ),
            batch_size=AT_ONCE,
        )
        for code, name in file.names.items():
            PublishedName.objects.get_or_create(code=code, defaults={"name": name})
    return True


def _released(name: str, day: date | None) -> str:
    """The name of a release with the day it was released, which sorts it after those of which none is known."""
    return f"{name.partition(RELEASED)[0]}{RELEASED}{day}" if day else name


def _check_release(file: IndicatorFile, path: Path) -> None:
    """Refuse a publisher's release when another file gave other figures under the same name."""
    if file.source not in PUBLISHERS:
        return
    here = {
        (row.indicator_code, row.country_code, row.part, row.year): row
        for row in Figure.objects.filter(release__source=file.source, release__name=file.release)
        .select_related("release__run")
        .iterator()
    }
    keys = ((point.indicator_code, point.country_code, point.part, point.year) for point in file.observations)
    differing = [
        (key, here[key])
        for key, point in zip(keys, file.observations, strict=True)
        if key in here and here[key].value != point.value
    ]
    if differing:
        (indicator, country, _, year), row = differing[0]
        params = {
            "source": file.source,
            "edition": file.release,
            "other": row.release.run.file_name,
            "count": len(differing),
            "example": f"{indicator} {country} {year}",
        }
        raise ImportRefusal([Problem("indicator-edition-differs", path.name, params=params)])


@transaction.atomic
def _date_release(digest: str, released: date, *, actor: Actor) -> None:
    """Add the day of its publication to the name of the release that a file gave."""
    for release in Release.objects.filter(run__digest=digest, source__in=PUBLISHERS):
        name = _released(release.name, released)
        if name != release.name:
            payload = {"digest": digest, "source": release.source, "from": release.name, "to": name}
            record(actor=actor, action="indicators.edition", subject=f"file:{digest}"[:80], payload=payload)
            release.name = name
            release.save(update_fields=["name"])


def import_indicators(
    path: Path, *, kind: str, actor: Actor, address: str = "", released: date | None = None
) -> tuple[list[IndicatorFile], bool]:
    """Read a publisher's file (`READERS`), keep it and store its releases; nothing when anything is wrong.

    The day it was released tells apart two files of one release; of a file that is here it is added.

    Returns the releases, and False when the same file was imported before.

    Raises
    ------
    ImportRefusal
        What the reader refuses; `indicator-edition-differs` for a file whose release is here with other figures.
    """
    permission_table().require(actor, "import_indicators")
    files = [replace(file, release=_released(file.release, released)) for file in READERS[kind](path)]
    digest = digest_of(path)
    with transaction.atomic():
        if ImportRun.objects.filter(digest=digest).exists():
            if released:
                _date_release(digest, released, actor=actor)
            return files, False
        for file in files:
            _check_release(file, path)
        is_new = _store(files, file_name=path.name, digest=digest, address=address, actor=actor)
        if is_new:
            archive(path, archive_folder())
    return files, is_new


def load_records(files: Iterable[IndicatorFile], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store the records that come with the package; False when they were there."""
    digest = hashlib.sha256(content).hexdigest()
    return _store(files, file_name=file_name, digest=digest, address="", actor=actor)
