"""Imports of series: each file whole or not at all, and once."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.series import SHIPPED, SeriesFile, shipped_bytes
from confianza.evidence.sources.series import read_series
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder, start_run
from confianza.server.series.models import SeriesRelease, StoredSeries, stored_point

AT_ONCE = 500
MOST_SKIPPED = 500  # names that are kept of what was left out


def _digest(paths: Sequence[Path]) -> str:
    """Of one file its own; of files that belong together, of theirs in any order."""
    digests = sorted(map(digest_of, paths))
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


@transaction.atomic
def _store(files: Iterable[SeriesFile], *, file_name: str, digest: str, address: str, actor: Actor) -> bool:
    """Store the releases of files; False when these very bytes were stored before."""
    files = list(files)
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    run = start_run(
        source=files[0].source if len(files) == 1 else "series",
        file_name=file_name[:200],
        digest=digest,
        count=sum(file.count for file in files),
        actor=actor,
        address=address,
        editions=[f"{file.source} {file.release}" for file in files],
    )
    for file in files:
        release = SeriesRelease.objects.create(
            run=run,
            source=file.source,
            name=file.release[:80],
            windows=dict(file.windows),
            is_whole=file.is_whole,
            skipped=list(file.skipped[:MOST_SKIPPED]),
        )
        StoredSeries.objects.bulk_create(
            (
                StoredSeries(
                    release=release,
                    measure=key.measure,
                    from_code=key.from_code,
                    to_code=key.to_code,
                    part=key.part,
                    points=[stored_point(point) for point in points],
                )
                for key, points in file.series.items()
            ),
            batch_size=AT_ONCE,
        )
    return True


def import_series(*paths: Path, actor: Actor, address: str = "") -> tuple[list[SeriesFile], bool]:
    """Read publishers' files that belong together, keep them and store their series; nothing when anything is wrong.

    Returns the releases, and False when the same files were imported before.

    Raises
    ------
    ImportRefusal
        What `read_series` refuses.
    """
    permission_table().require(actor, "import_indicators")
    files = read_series(*paths)
    names = ", ".join(path.name for path in paths)
    with transaction.atomic():
        is_new = _store(files, file_name=names, digest=_digest(paths), address=address, actor=actor)
        if is_new:
            for path in paths:
                archive(path, archive_folder())
    return files, is_new


def load_shipped(*, actor: Actor) -> bool:
    """Store the series that come with the package; False when they were there."""
    content, name = shipped_bytes(), SHIPPED.rpartition("/")[2]
    digest = hashlib.sha256(content).hexdigest()
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        files = read_series(path)
    return _store(files, file_name=name, digest=digest, address="", actor=actor)
