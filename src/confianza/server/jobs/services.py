"""Long work: queued by a page, done by a process beside it, canceled, taken up again after a restart.

Jobs are done one at a time, by whoever holds the workspace's job lock. A process that dies drops its lock; the next
one finds the job still marked as running and starts it again, which is safe because an import is one transaction.
"""

import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from filelock import FileLock, Timeout

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText, bilingual_json
from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError, RuleRefusal
from confianza.evidence.sources.fmtr import Progress
from confianza.server.jobs.kinds import KINDS
from confianza.server.jobs.models import OPEN_STATES, Job, State
from confianza.server.people.models import User

logger = logging.getLogger(__name__)
ADVISORY_LOCK = 18_46_20_14  # on PostgreSQL
MOST_STARTS = 3  # of one job, whose process died each time
TELL_EVERY = 0.5  # seconds between two reports of progress
MOST_BYTES = 200 * 1024 * 1024

GAVE_UP = BilingualText(
    "It was started {count} times and its process ended each time. See the log of the server.",
    "Se inició {count} veces y su proceso terminó cada vez. Vea la bitácora del servidor.",
)
FAULT = BilingualText(
    "A fault of the program ended it; nothing was stored. The log of the server has the details.",
    "Una falla del programa lo terminó; no se guardó nada. La bitácora del servidor tiene los detalles.",
)


class Canceled(Exception):
    """The account asked to cancel the job."""


def _folder(job: Job) -> Path:
    """Where the file of a job waits for it."""
    return settings.ARCHIVE_FOLDER / "jobs" / str(job.pk)


def queue_job(
    *, kind: str, file_name: str, chunks: Iterable[bytes], options: dict[str, str], actor: Actor
) -> Job:
    """Keep a file and queue the work on it.

    Raises
    ------
    RuleRefusal
        `job-file-type`, naming what the kind of job reads, or `upload-too-large`.
    PermissionRefusal
        The role may not do this work.
    """
    what = KINDS[kind]
    permission_table().require(actor, what.action)
    name = Path(file_name).name
    if Path(name).suffix.lower() not in what.suffixes:
        raise RuleRefusal("job-file-type", file=name, allowed=", ".join(what.suffixes))
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            account=actor.account,
            file_name=name[-200:],
            options=options,
            queued_at=timezone.now(),
        )
        folder = _folder(job)
        try:
            _keep(folder, job.file_name, chunks)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        transaction.on_commit(start_worker)
    return job


def _keep(folder: Path, name: str, chunks: Iterable[bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # of a transaction that never was
    folder.mkdir(parents=True, mode=0o700)
    size = 0
    with (folder / name).open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise RuleRefusal("upload-too-large", file=name, most=MOST_BYTES // 2**20)
            file.write(chunk)


def cancel_job(number: int, *, actor: Actor) -> None:
    """Cancel a job that waits, and ask one that runs to stop; one that is over stays as it is."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=number)
        if job.account != actor.account:
            permission_table().require(actor, "manage_people")
        if job.state == State.WAITING:
            _finish(job, State.CANCELED)
        elif job.state == State.RUNNING:
            Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)


def start_worker() -> None:
    """Start a process that does the open jobs, beside the pages; it ends at once when one is at it already."""
    if not settings.START_JOB_WORKER:
        return
    subprocess.Popen(
        [sys.executable, "-m", "confianza", "jobs", "work"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def _job_lock() -> Iterator[bool]:
    """Whether this process is the one that does the jobs of the workspace."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
            is_ours = cursor.fetchone()[0]
        try:
            yield is_ours
        finally:
            if is_ours:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        return
    settings.ARCHIVE_FOLDER.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.ARCHIVE_FOLDER / "jobs.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def work() -> int:
    """Do the open jobs, the oldest first, until there are none; how many it did."""
    count = 0
    while Job.objects.filter(state__in=OPEN_STATES).exists():
        with _job_lock() as is_ours:
            if not is_ours:
                break
            Job.objects.filter(state=State.RUNNING).update(state=State.WAITING)  # its process died
            while job := Job.objects.filter(state=State.WAITING).first():
                _do(job)
                count += 1
    return count


def _do(job: Job) -> None:
    is_started = Job.objects.filter(pk=job.pk, state=State.WAITING).update(
        state=State.RUNNING, start_count=F("start_count") + 1, done_count=0, total_count=None
    )
    if not is_started:
        return  # canceled since
    job.refresh_from_db()
    if job.start_count > MOST_STARTS:
        _finish(job, State.FAILED, GAVE_UP.format(count=MOST_STARTS))
        return
    user = User.objects.filter(username=job.account, is_active=True).first()
    if user is None:
        _finish(job, State.CANCELED)
        return
    path = _folder(job) / job.file_name
    try:
        text = KINDS[job.kind].run(path, job.options, user.actor, _progress_of(job))
    except Canceled:
        _finish(job, State.CANCELED)
    except ConfianzaError as error:
        _finish(job, State.REFUSED, BilingualText(error.in_language("en"), error.in_language("es")))
    except Exception:
        logger.exception("job %s (%s)", job.pk, job.kind)
        _finish(job, State.FAILED, FAULT)
    else:
        _finish(job, State.DONE, text)


def _progress_of(job: Job) -> Progress:
    """Keeps how far the job has come, and ends it when its cancellation was asked for."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < TELL_EVERY and done != total:
            return
        last = time.monotonic()
        Job.objects.filter(pk=job.pk).update(done_count=done, total_count=total)
        if Job.objects.filter(pk=job.pk, is_cancel_requested=True).exists():
            raise Canceled

    return tell


def _finish(job: Job, state: State, outcome: BilingualText | None = None) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, outcome=bilingual_json(outcome) if outcome else None, finished_at=timezone.now()
    )
    with suppress(OSError):
        shutil.rmtree(_folder(job))
